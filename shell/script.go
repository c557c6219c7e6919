package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// script is what is known of lines that were written beforehand: a pipe, the
// file of -f, a file read by :source, the block of a :repeat. They are lines
// as one could have typed them, so they go through the same loop.
type script struct {
	frames  []*frame // innermost last
	onError onError
	vars    map[string]string
	line    int // of the line that runs, in what name says
	name    string
	broken  bool // Ctrl-C came while it ran
}

// frame is one file or block that runs.
type frame struct {
	name   string       // of the file
	file   *os.File     // nil for a block
	reader *term.Reader // over file
	block  []term.Line  // of a :repeat
	at     int          // in block
	rounds int          // still to go, this one included
}

// deepest is how many files may read one another: one that reads itself
// would never end.
const deepest = 16

// files is how many files read one another; the block of a :repeat is none.
func (s *script) files() int {
	n := 0
	for _, f := range s.frames {
		if f.file != nil {
			n++
		}
	}
	return n
}

// onError says what ends a script.
type onError uint8

const (
	// byDefault ends it with a failed expectation; a negative reply is
	// something to look at, and the next line may expect it.
	byDefault onError = iota
	// stop ends it with a negative reply that no :expect follows, too.
	stop
	// carryOn ends it with neither.
	carryOn
)

// errorPolicies are the names of the policies, for :on-error.
var errorPolicies = []string{byDefault: unset, stop: "stop", carryOn: "continue"}

// attended reports whether a person answers for the line that runs: not for
// one of a pipe, nor for one of a script.
func (sh *Shell) attended() bool { return sh.Source.Interactive() && len(sh.script.frames) == 0 }

// echoes reports whether what is sent must be shown as such: at a terminal a
// typed line stands on the screen already, one of a script does not.
func (sh *Shell) echoes() bool { return sh.Source.Interactive() && !sh.attended() }

// next takes the next line of a frame; io.EOF where it ends.
func (f *frame) next(ctx context.Context) (term.Line, error) {
	if f.reader != nil {
		return f.reader.Next(ctx, term.Request{})
	}
	if f.at == len(f.block) {
		f.at = 0
		f.rounds--
	}
	if f.rounds <= 0 || len(f.block) == 0 {
		return term.Line{}, io.EOF
	}
	f.at++
	return f.block[f.at-1], nil
}

func (f *frame) close() {
	if f.file != nil {
		_ = f.file.Close()
	}
}

// scripted takes the next line of the script that runs, if one does.
func (sh *Shell) scripted(ctx context.Context) (line term.Line, ok bool, err error) {
	for len(sh.script.frames) > 0 {
		if sh.interruptedScript() {
			sh.stopScript("stopped by Ctrl-C")
			return term.Line{}, false, nil
		}
		f := sh.script.frames[len(sh.script.frames)-1]
		line, err := f.next(ctx)
		if err == nil {
			sh.script.name, sh.script.line = f.name, line.Number
			return line, true, nil
		}
		if !errors.Is(err, io.EOF) && !sh.Source.Interactive() {
			return term.Line{}, true, err
		}
		if !errors.Is(err, io.EOF) { // a person has better things to lose than this script
			sh.note(view.Bad, f.name+": "+err.Error())
			sh.stopScript("")
			return term.Line{}, false, nil
		}
		sh.popFrame()
		if len(sh.script.frames) == 0 && len(sh.group.commands) > 0 && sh.Source.Interactive() {
			sh.note(view.Caution, "The script ends with a group that is open; an empty line sends it.")
		}
		if s := sh.hub.Session(); len(sh.script.frames) == 0 && (s.Mode() == protocol.ModeContent || s.Mode() == protocol.ModeOctets) && sh.Source.Interactive() {
			sh.note(view.Caution, "The script ends inside the message; go on with it here.")
		}
	}
	return term.Line{}, false, nil
}

func (sh *Shell) popFrame() {
	last := len(sh.script.frames) - 1
	sh.script.frames[last].close()
	sh.script.frames = sh.script.frames[:last]
}

// interruptedScript reports a Ctrl-C while a script runs at a terminal.
func (sh *Shell) interruptedScript() bool {
	select {
	case <-sh.Source.Interrupts():
		return true
	default:
	}
	broken := sh.script.broken
	sh.script.broken = false
	return broken
}

// stopScript ends what runs without a person: the scripts, and without a
// terminal the run. Why says what happened in the line that ran last.
func (sh *Shell) stopScript(why string) {
	if why != "" && len(sh.script.frames) > 0 {
		sh.note(view.Caution, sh.where()+": "+why+"; the rest of the script is not run.")
	}
	for len(sh.script.frames) > 0 {
		sh.popFrame()
	}
	if !sh.Source.Interactive() {
		sh.done = true
	}
}

// stopRest is stopScript for what is no failure that says so itself: in a pipe,
// too, it is told that the rest is not run.
func (sh *Shell) stopRest(why string) {
	if len(sh.script.frames) == 0 {
		sh.note(view.Caution, sh.where()+": "+why+"; the rest is not run.")
	}
	sh.stopScript(why)
}

// stopHeld ends what runs without a person at something that was held.
func (sh *Shell) stopHeld(what string) {
	sh.stopRest(what + " was held")
	sh.fail(StatusHeld)
}

// where names the line that runs: "FILE line 7", or "line 7" of a pipe.
func (sh *Shell) where() string {
	return strings.TrimSpace(sh.script.name + " line " + strconv.Itoa(sh.script.line))
}

// halts ends a script under ":on-error stop" when a reply was negative and
// line does not expect that.
func (sh *Shell) halts(line string) bool {
	if sh.script.onError != stop || sh.attended() || !sh.hub.unexcused() {
		return false
	}
	word, _ := cutWord(strings.TrimSpace(line))
	if word == "" || word[0] == '#' || isExpect(line) || isLocal(word, ":let") {
		return false
	}
	sh.note(view.Bad, "The reply before "+sh.where()+" was negative, and nothing expected that; the rest is not run (:on-error stop).")
	sh.stopScript("")
	return true
}

// prepared puts values for the variables of a script's line, and reports
// whether it may run. The lines of a message are left as they are.
func (sh *Shell) prepared(line *term.Line) bool {
	if sh.attended() {
		return true
	}
	switch sh.hub.Session().Mode() {
	case protocol.ModeContent, protocol.ModeOctets:
		return true
	case protocol.ModeClosed, protocol.ModeGreeting, protocol.ModeCommand, protocol.ModeChallenge, protocol.ModeHandshake:
	}
	if sh.halts(line.Text) {
		return false
	}
	if strings.HasPrefix(line.Text, "#") {
		return true
	}
	text, err := sh.expand(line.Text)
	if err != nil {
		sh.note(view.Bad, "held: "+sh.where()+": "+err.Error())
		sh.fail(StatusHeld)
		sh.stopScript("")
		return false
	}
	line.Text = text
	return true
}

// runSource is :source FILE.
func (sh *Shell) runSource(_ context.Context, words []string) outcome {
	l, _ := findLocal(":source")
	if len(words) != 1 {
		return usage(l)
	}
	if sh.script.files() >= deepest {
		return complainAndStop(fmt.Sprintf("%s: more than %d scripts within one another; does one read itself?", words[0], deepest), "it was not read")
	}
	file, err := openScript(atHome(words[0]))
	if err != nil {
		return complainAndStop(err.Error(), "it was not read")
	}
	sh.script.frames = append(sh.script.frames, &frame{name: words[0], file: file, reader: term.NewReader(file, io.Discard)})
	return done()
}

// openScript opens a file; a directory can be opened too, and has no lines.
func openScript(name string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory, and a script is a file", name)
	}
	return os.Open(name)
}

// runRepeat is :repeat N: it takes the lines up to its :end and has them run
// N times.
func (sh *Shell) runRepeat(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":repeat")
	n := 0
	if len(words) == 1 {
		n, _ = strconv.Atoi(words[0])
	}
	switch {
	case n < 1:
		return usage(l)
	case sh.attended():
		return complain(":repeat belongs into a script: a pipe, -f FILE or :source FILE.")
	}
	block, err := sh.block(ctx)
	if err != nil {
		return complainAndStop(err.Error(), "nothing is repeated")
	}
	sh.script.frames = append(sh.script.frames, &frame{name: sh.script.name, block: block, rounds: n})
	return done()
}

// errNoEnd is when the lines of a :repeat run out before its :end.
var errNoEnd = errors.New(":repeat has no :end")

// block collects lines up to the :end that closes it.
func (sh *Shell) block(ctx context.Context) ([]term.Line, error) {
	var block []term.Line
	depth, message := 1, text{}
	for {
		line, err := sh.upcoming(ctx)
		if err != nil {
			return nil, errNoEnd
		}
		if !message.takes(line.Text) {
			word, _, _ := strings.Cut(strings.TrimSpace(line.Text), " ")
			switch {
			case strings.EqualFold(word, ":repeat"):
				depth++
			case strings.EqualFold(word, ":end"):
				if depth--; depth == 0 {
					return block, nil
				}
			}
		}
		block = append(block, line)
	}
}

// isLocal reports whether a word names a local command, in full or by its
// beginning.
func isLocal(word, name string) bool {
	if !strings.HasPrefix(word, ":") {
		return false
	}
	l, _ := findLocal(word)
	return l != nil && l.Name == name
}

// upcoming is the next line of the innermost script or of the pipe itself.
func (sh *Shell) upcoming(ctx context.Context) (term.Line, error) {
	if n := len(sh.script.frames); n > 0 {
		return sh.script.frames[n-1].next(ctx)
	}
	return sh.Source.Next(ctx, term.Request{})
}

// runEnd is an :end that closes nothing.
func (sh *Shell) runEnd(context.Context, []string) outcome {
	return complain(":end closes a :repeat, and none is open.")
}

// runSleep is :sleep DURATION.
func (sh *Shell) runSleep(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":sleep")
	if len(words) != 1 {
		return usage(l)
	}
	d, err := parseDuration(words[0])
	if err != nil || d < 0 {
		return complain(":sleep takes a time such as 500ms or 2s, not " + words[0] + ".")
	}
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	case <-sh.Source.Interrupts():
		sh.script.broken = len(sh.script.frames) > 0
	}
	return done()
}

// parseDuration reads "500ms" or "2s"; a bare number is seconds.
func parseDuration(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	return time.ParseDuration(text)
}

// runOnError is :on-error POLICY.
func (sh *Shell) runOnError(_ context.Context, words []string) outcome {
	if len(words) == 1 {
		for i, name := range errorPolicies {
			if strings.EqualFold(words[0], name) {
				sh.script.onError = onError(i)
				return done()
			}
		}
	}
	l, _ := findLocal(":on-error")
	return usage(l)
}
