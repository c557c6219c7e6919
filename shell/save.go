package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// deeds is what was typed and took effect, as lines of a script: :save writes
// them. Nothing secret is among them.
type deeds struct {
	lines []string
	codes []int            // the reply that followed a line; 0 for none
	each  map[int][]string // by the line, where there are several: what :expect says of each
	size  int
	more  int // lines from the first that went past the limit, not kept

	target Target // of the first connection, from which they begin

	message int  // where the command stands that began the message under way
	within  bool // one is under way
	grouped bool // it was begun by the last command of a group
	off     bool // nothing is kept: nobody can ask for it
	partial bool // the line that was added last has no line end: the next goes on with it
}

const (
	// maxDeeds is how many octets of memory the typed lines take that are kept
	// for :save.
	maxDeeds = 4 << 20
	// deedCost is what a line takes beside its octets: its header, what the
	// memory is rounded up to, and its code.
	deedCost = 40
)

func (d *deeds) add(line string) {
	if d.off {
		return
	}
	if d.more > 0 || d.size+len(line)+deedCost > maxDeeds { // a shorter line behind one that is not kept would leave a hole
		d.more++
		return
	}
	d.size += len(line) + deedCost
	if d.partial {
		d.partial = false
		d.lines[len(d.lines)-1] += line
		return
	}
	d.lines = append(d.lines, line)
	d.codes = append(d.codes, 0)
}

// begin notes that the line that was added last began a message.
func (d *deeds) begin() {
	d.message, d.within, d.grouped = max(len(d.lines)-1, 0), d.more == 0 && !d.off, false
}

// leaveOut puts a comment in the place of the message under way: its lines
// without their end would make text of all that follows, in a script.
func (d *deeds) leaveOut(why string) {
	if d.within {
		d.cutBack()
		if d.grouped {
			d.add("") // else the group would be open still
		}
		d.add(leftOutAs + why)
	}
	d.within, d.partial = false, false
}

// lineEnded is what a script has for octets of a BDAT that do not end with a
// line end: one more, and a count that is larger by it. The reply is the same,
// and what follows stays commands.
const lineEnded = "# To the octets of the BDAT below a line end was added, for lines of a script have one."

// addOctets adds a line of the octets of a BDAT; owed is how many are still to
// come behind it. One without a line end can only be the beginning of the next.
func (d *deeds) addOctets(line string, partial bool, owed uint64) {
	d.add(line)
	d.partial = partial && d.more == 0
	if owed > 0 {
		return
	}
	if partial && d.within {
		d.partial = false
		words := strings.Fields(d.lines[d.message])
		for i, word := range words {
			if n, err := strconv.ParseUint(word, 10, 64); err == nil {
				words[i] = strconv.FormatUint(n+uint64(len("\r\n")), 10)
			}
		}
		d.lines[d.message] = strings.Join(words, " ")
		d.comment(lineEnded)
	}
	d.within = false
}

// comment puts a comment before the message under way, once.
func (d *deeds) comment(text string) {
	if d.within && (d.message == 0 || d.lines[d.message-1] != text) {
		d.lines, d.codes = slices.Insert(d.lines, d.message, text), slices.Insert(d.codes, d.message, 0)
		d.message++
	}
}

// dotted is what a script has for a lone dot that is text of the message: two
// of them, for one would end it, and commands would be made of what follows.
const dotted = "# In the message below, a line \"..\" was a lone dot, which a script cannot have as text."

// addText adds a line of the message under way. A message that begins with an
// :expect has no place in a script, for there it would be one.
func (d *deeds) addText(line string) {
	text := func(line string) bool { return !isExpect(line) }
	if d.within && isExpect(line) && !slices.ContainsFunc(d.lines[d.message+1:], text) {
		d.unfit()
	}
	if d.within {
		d.add(line)
	}
}

// addDot adds a lone dot that is text of the message under way.
func (d *deeds) addDot() {
	if d.within {
		d.comment(dotted)
		d.add("..")
	}
}

// addEnd adds the lone dot that ends the message under way, and the code of its
// reply.
func (d *deeds) addEnd(code int) {
	if d.within {
		d.add(".")
		d.answered(code)
	}
	d.within = false
}

// unfit leaves out a message that was sent, and what the server knows of it.
func (d *deeds) unfit() {
	d.leaveOut("a message that is too long to stand in a script, or has a first line or octets that no message of one has.")
	d.add("RSET")
}

// answered notes the reply to the line that was added last; what is left out
// has none.
func (d *deeds) answered(code int) {
	if n := len(d.codes); n > 0 && d.more == 0 && !strings.HasPrefix(d.lines[n-1], leftOutAs) {
		d.codes[n-1] = code
	}
}

// answeredEach notes the replies of LMTP to the end of the message that was
// added last, one for each recipient (RFC 2033 §4.2); the message may not be in
// the script.
func (d *deeds) answeredEach(replies []answer) {
	line := len(d.codes) - 1
	if line < 0 || d.more > 0 || d.codes[line] == 0 {
		return
	}
	latest := map[string]int{} // of one that was named twice: "for" is about that
	for i, a := range replies {
		latest[strings.ToLower(a.unit.Recipient())] = i
	}
	for i, a := range replies {
		to := a.unit.Recipient()
		x := fmt.Sprintf("%d for <%s>", a.reply.Code, to)
		if a.unit.Kind != protocol.UnitContent || to == "" || strings.Contains(to, " for ") || latest[strings.ToLower(to)] != i || d.size+len(x)+deedCost > maxDeeds {
			continue
		}
		if d.each == nil {
			d.each = map[int][]string{}
		}
		d.size += len(x) + deedCost
		d.each[line] = append(d.each[line], x)
	}
}

// scriptLine is a command as a script has it: what would be a comment or a
// variable there is written so that it is neither.
func scriptLine(text string, forced bool) string {
	text = strings.ReplaceAll(text, "${", "$${")
	if forced || strings.HasPrefix(text, "#") {
		return "!" + text
	}
	return text
}

// didSend notes a command that was typed and sent. A login is noted without
// its credential, as the local command that asks for one.
func (sh *Shell) didSend(c protocol.Command, forced bool) {
	switch {
	case c.Is("AUTH"):
		words := strings.Fields(forHistory(c.Raw))
		sh.deeds.add("# The credential is not kept: :auth takes it from the options auth-user and auth-password-file, or asks.")
		sh.deeds.add(strings.Join(append([]string{":auth"}, words[1:]...), " "))
	case protocol.HasSecret(c):
		sh.deeds.add(leftOut + forHistory(c.Raw))
	default:
		sh.deeds.add(scriptLine(c.Raw, forced))
	}
}

// leftOutAs begins a comment in the place of what a script cannot have.
const leftOutAs = "# Left out: "

// leftOut begins a comment in the place of a line with a credential.
const leftOut = "# Left out, for there was a credential in it: "

// didLocal notes a local command that took effect.
func (sh *Shell) didLocal(text string) {
	if credentialIn(text) < len(text) {
		sh.deeds.add(leftOut + forHistory(text))
		return
	}
	sh.deeds.add(scriptLine(text, false))
}

// saved are the local commands that belong into a script of the session;
// the others only show something.
var saved = []string{":open", ":close", ":reconnect", ":set", ":auth", ":expect", ":let", ":sleep", ":on-error"}

// runSave is :save [--expect] FILE.
func (sh *Shell) runSave(_ context.Context, words []string) outcome {
	expect := len(words) > 0 && words[0] == "--expect"
	if expect {
		words = words[1:]
	}
	if len(words) != 1 {
		l, _ := findLocal(":save")
		return usage(l)
	}
	if len(sh.deeds.lines) == 0 {
		return complain("Nothing was sent yet.")
	}
	name := atHome(words[0])
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return complain(name + " is there already and is left as it is; name another file.")
	}
	if err == nil {
		err = sh.deeds.write(file, expect)
		if closing := file.Close(); err == nil {
			err = closing
		}
	}
	if err != nil {
		return complain("Not saved: " + err.Error())
	}
	rows := []view.Row{view.T(plural(len(sh.deeds.lines), "line") + " saved to " + name + "; \"" + sh.deeds.target.runs(name) + "\" runs them again.")}
	if sh.deeds.more > 0 {
		rows = append(rows, view.Row{{Text: "Missing at its end, for 4 MB are kept: " + plural(sh.deeds.more, "line") + ".", Style: view.Caution}})
	}
	return say(rows...)
}

// runs is the command that runs a script on the target, for a shell; without
// one for the practice server, which is what no target means.
func (t Target) runs(script string) string {
	command := "smtpsh -f " + trace.ShellWord(script)
	if t.Practice {
		return command
	}
	return command + " " + trace.ShellWord(t.String())
}

// expects reports whether the line says already which reply is expected.
func (d *deeds) expects(i int) bool {
	if i >= len(d.lines) || !isExpect(d.lines[i]) {
		return false
	}
	_, want := cutWord(d.lines[i])
	return want != "" && want[0] >= '1' && want[0] <= '5'
}

func (d *deeds) write(file *os.File, expect bool) error {
	out := bufio.NewWriter(file)
	for i, line := range d.lines {
		fmt.Fprintln(out, line)
		// Behind a 354 stands text; behind a DATA that was refused commands do
		// only where that was expected.
		switch code := d.codes[i]; {
		case code == 0, code/100 == 3, d.expects(i + 1):
		case expect && len(d.each[i]) > 0:
			for _, x := range d.each[i] {
				fmt.Fprintln(out, scriptLine(":expect "+x, false))
			}
		case expect, protocol.Parse(strings.TrimPrefix(line, "!")).Is("DATA"):
			fmt.Fprintf(out, ":expect %d\n", code)
		}
	}
	return out.Flush()
}
