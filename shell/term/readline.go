package term

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/chzyer/readline"
)

// session is the line being edited: the one place that meets readline v1.5.1.
//
// readline runs the loop over its input, keeps the buffer, inserts typed characters and hands the line over at
// Enter. Its three callbacks do the rest: filter sees each rune first, OnChange may replace the line after it, and
// Paint sees each change. What readline would do itself and does badly is never reached:
//   - It writes nothing: its output goes to io.Discard, and Paint draws on our screen. Its own drawing counts cells
//     wrong for wide characters, hangs on a terminal 0 columns wide, and cannot be printed above without a race.
//   - Keys come as private runes, which filter turns into Ctrl-G, a no-op there. Its Ctrl-R and Ctrl-T and its list of
//     completions panic in a goroutine of its own, its Ctrl-Z stops the parent, and its Delete ends the program.
//   - filter never returns false, for that leaves a stale permission to read behind.
//   - Its history, its password prompt, and its Close (which waits for a key) are not used.
type session struct {
	rl     *readline.Instance
	queue  *queue
	screen *screen
	assist Assist
	color  bool
	report func(any) // told of a panic in assist

	// Only readline's goroutine uses these two, between filter and OnChange.
	op   key
	char rune

	mu        sync.Mutex // never held while readline is called: Paint needs it under readline's lock
	editor    editor
	prompt    string
	proposal  bool // the proposal is untouched
	veiled    bool // the text that the line began with is untouched, and may hold a secret
	open      bool // Ctrl-D ends a line that is not empty
	ended     bool // it did
	painting  bool
	starting  bool        // the next Paint is that of the prompt
	list      []Candidate // what Tab has listed, from listed on still to be shown
	listed    int
	faultSeen bool
}

func newSession(q *queue, s *screen, cfg Config, report func(any)) (*session, error) {
	l := &session{queue: q, screen: s, assist: cfg.Assist, color: cfg.Color, report: report}
	l.editor.history = func() []string { return nil }
	l.editor.secret = func(line []rune) bool { return string(l.redact(line)) != string(line) }
	if cfg.History != nil {
		l.editor.history = cfg.History.Lines
	}
	nothing := func() error { return nil }
	rl, err := readline.NewEx(&readline.Config{
		Stdin:                  q,
		Stdout:                 io.Discard,
		Stderr:                 io.Discard,
		HistoryLimit:           -1,
		DisableAutoSaveHistory: true,
		AutoComplete:           noCompleter{},
		Listener:               l,
		Painter:                l,
		InterruptPrompt:        interruptPrompt,
		EOFPrompt:              "\n", // readline's word for none
		FuncGetWidth:           func() int { return 1 << 30 },
		FuncIsTerminal:         func() bool { return true },
		FuncMakeRaw:            nothing,
		FuncExitRaw:            nothing,
		FuncOnWidthChanged:     func(func()) {},
		FuncFilterInputRune:    l.filter,
	})
	if err != nil {
		return nil, fmt.Errorf("start line editor: %w", err)
	}
	l.rl = rl
	return l, nil
}

// interruptPrompt is what readline puts behind a line that Ctrl-C ended.
const interruptPrompt = "^C"

// noCompleter keeps readline's own completion from ever starting.
type noCompleter struct{}

// Do completes nothing.
func (noCompleter) Do([]rune, int) ([][]rune, int) { return nil, 0 }

// read lets the person edit a line, and returns its text in either case. Edited is of use where a proposal was made.
func (l *session) read(r Request) (line Line, err error) {
	l.mu.Lock()
	l.editor.begin(r.Text, r.Plain)
	l.prompt, l.proposal, l.painting = r.Prompt, r.Proposal, true
	l.veiled = r.Veiled && l.editor.secret(l.editor.line)
	l.open, l.ended = r.Open, false
	l.list = nil
	initial := l.editor.line
	l.mu.Unlock()

	// A copy, for readline edits its buffer in place.
	l.rl.Operation.SetBuffer(string(initial))
	runes, err := l.rl.Operation.Runes()

	l.mu.Lock()
	defer l.mu.Unlock()
	l.painting = false
	return Line{Text: fromRunes(runes), Edited: !l.proposal, Partial: l.ended && err == nil}, err
}

// stop ends readline's goroutines. The queue has been closed.
func (l *session) stop() {
	// The loop that waits for permission to read gets it, and meets the end of the input.
	l.rl.Terminal.KickRead()
	_ = l.rl.Config.Stdin.Close()
}

// filter sees a rune before readline does. It runs in readline's goroutine.
func (l *session) filter(r rune) (rune, bool) {
	l.op, l.char = keyNone, 0
	switch {
	case r == 0: // the end of the input; with text in its buffer, readline would wait for somebody to take it
		l.mu.Lock()
		l.painting = false // the text stays on the screen
		l.mu.Unlock()
		l.rl.Operation.SetBuffer("")
		return 0, true
	case r == readline.CharEnter:
		l.leaveSearch(true)
		return r, true
	case r == readline.CharInterrupt:
		l.leaveSearch(false)
		return r, true
	case isKey(r):
		l.op = key(r - keyBase)
		if l.op == keyEOF {
			return l.endOfInput(), true
		}
		return readline.CharBell, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.proposal || l.editor.search != nil {
		l.op, l.char = keyText, r
		return readline.CharBell, true
	}
	l.veiled = false // before the character is painted
	return r, true
}

// endOfInput decides on Ctrl-D: the end on an empty line, that of the line where it may stay open, else the key that
// deletes a character.
func (l *session) endOfInput() rune {
	l.mu.Lock()
	empty := len(l.editor.line) == 0 && l.editor.search == nil
	l.ended = l.open && !empty
	ended := l.ended
	l.mu.Unlock()
	switch {
	case empty:
		return readline.CharDelete
	case ended:
		l.leaveSearch(true)
		return readline.CharEnter
	}
	l.op = keyDelete
	l.queue.arm()
	return readline.CharBell
}

// leaveSearch ends a search before the line is handed over.
func (l *session) leaveSearch(accept bool) {
	l.mu.Lock()
	searching := l.editor.search != nil
	if accept {
		l.editor.acceptSearch()
	} else {
		l.editor.abandonSearch()
	}
	line := string(l.editor.line)
	l.mu.Unlock()
	if searching {
		l.rl.Operation.SetBuffer(line)
	}
}

// OnChange is readline's Listener: it does the key that filter has seen. For the keys that end a line readline calls
// it when the caller of read may be gone already, and when a line begins from there: neither is of interest.
func (l *session) OnChange(line []rune, pos int, r rune) ([]rune, int, bool) {
	switch r {
	case 0:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.starting = true
		return nil, 0, false
	case readline.CharEnter, readline.CharInterrupt, readline.CharDelete:
		return nil, 0, false
	case readline.CharBell:
		return l.do(l.op, l.char)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.editor.inserted(line, pos)
	l.list = nil
	return nil, 0, false
}

// do performs a key on the line. It runs in readline's goroutine.
func (l *session) do(k key, char rune) ([]rune, int, bool) {
	switch k {
	case keyClear:
		l.screen.clear()
		return nil, 0, false
	case keySuspend:
		l.screen.suspend()
		return nil, 0, false
	case keyTab:
		l.tab()
	default:
		l.edit(k, char)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A copy, for readline edits in place what it is given.
	line := append(make([]rune, 0, len(l.editor.line)+32), l.editor.line...)
	return line, l.editor.pos, true
}

func (l *session) edit(k key, char rune) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
	e := &l.editor
	untouched, veiled := l.proposal, l.veiled
	l.proposal, l.veiled = false, false
	switch k {
	case keyText:
		if e.search != nil {
			e.searchText(char)
			return
		}
		e.change([]rune{char}, 1) // the first character takes the place of a proposal
	case keyPaste:
		text := toRunes(l.queue.takePayload())
		e.acceptSearch()
		if untouched {
			e.change(text, len(text))
			return
		}
		e.insert(text)
	case keyEscape, keyCancel, keyNone:
		l.proposal, l.veiled = untouched, veiled
		e.apply(k)
	default:
		e.apply(k)
	}
}

// tab completes, or inserts a tab into a line of a message.
func (l *session) tab() {
	l.mu.Lock()
	e := &l.editor
	e.acceptSearch()
	switch {
	case l.proposal, l.veiled:
		l.proposal, l.veiled = false, false
	case e.plain:
		e.insert([]rune{octetBase + '\t'})
	case l.assist == nil:
	case len(l.list) > 0:
	default:
		l.list, l.listed = e.tab(l.complete), 0
	}
	list := l.list
	l.mu.Unlock()
	if len(list) == 0 {
		return
	}
	columns, rows := l.screen.size()
	text, n := listing(list, l.listed, columns, rows/2)
	l.screen.print(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listed += n; l.listed >= len(list) {
		l.listed = 0 // the next Tab begins anew
	}
}

// Paint is readline's Painter: it draws the line on our screen. It returns nothing, for what readline writes is
// discarded. readline calls it under a lock of its own, from several goroutines.
func (l *session) Paint(line []rune, pos int) []rune {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.starting {
		// Only now may keys be handled: readline's lock, which is held here, is what orders them after the
		// caller's use of the buffer. At Enter readline empties it without that lock.
		l.starting = false
		l.queue.arm()
	}
	if !l.painting {
		return nil
	}
	if n := len(line); n > 0 && line[n-1] == '\n' {
		l.painting = false
		l.leave(line[:n-1])
		return nil
	}
	l.screen.show(l.picture(line, pos, true))
	return nil
}

// leave draws what remains of the line once it has been handed over.
func (l *session) leave(line []rune) {
	if why, _ := l.queue.outcome(); why == wasCancelled {
		l.screen.erase()
		return
	}
	if text, stopped := strings.CutSuffix(string(line), interruptPrompt); stopped { // readline put it there
		line = append(l.redact([]rune(text)), []rune(interruptPrompt)...)
	} else {
		line = l.redact(line)
	}
	l.screen.commit(l.picture(line, len(line), false))
}

// veil takes a secret out of a line that is on the screen, which will stay there.
func (l *session) veil() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.painting {
		line := l.redact(l.editor.line)
		l.screen.show(l.picture(line, len(line), false))
		l.painting = false
	}
}

// redact leaves out of a line what is not to stay on the screen.
func (l *session) redact(line []rune) []rune {
	if l.assist == nil || l.editor.plain {
		return line
	}
	defer l.guard()
	if text := fromRunes(line); text != "" {
		if less := l.assist.Redact(text); less != text {
			return toRunes(less)
		}
	}
	return line
}

// picture says how the line is shown.
func (l *session) picture(line []rune, pos int, live bool) picture {
	columns, _ := l.screen.size()
	prompt := l.prompt
	if s := l.editor.search; s != nil && live {
		prompt = visible(s.label())
	}
	if live && l.veiled {
		line = l.redact(line)
		pos = len(line)
	}
	text := fromRunes(line)
	p := picture{prompt: promptGlyphs(prompt, columns), cursor: pos}
	var spans []Span
	if l.color && !l.editor.plain && l.assist != nil {
		if l.proposal && live {
			spans = []Span{{0, len(text), sgrProposal}}
		} else {
			spans, p.hint = l.ask(text, live && pos == len(line) && l.editor.search == nil)
		}
	}
	p.line = lineGlyphs(make([]glyph, 0, len(line)), line, text, spans)
	return p
}

// ask gets highlighting and the hint.
func (l *session) ask(text string, hint bool) (spans []Span, ghost string) {
	defer l.guard()
	spans = l.assist.Highlight(text)
	if hint {
		ghost = visible(l.assist.Hint(text))
	}
	return spans, ghost
}

func (l *session) complete(line string, pos int) (c Completion) {
	defer l.guard()
	return l.assist.Complete(line, pos)
}

// guard keeps a panic in the shell's assistance from ending the program in readline's goroutine, where nothing would
// restore the terminal. The first one is reported, the line goes on without help.
func (l *session) guard() {
	if fault := recover(); fault != nil && !l.faultSeen {
		l.faultSeen = true
		go l.report(fault)
	}
}
