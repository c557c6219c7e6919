package shell

import (
	"strconv"
	"strings"

	"smtpsh/protocol"
)

// text tells the lines of a script that are a message, or octets of one: they
// are text, whatever they say.
type text struct {
	message bool // DATA stands before: up to a lone dot
	begun   bool // a line of the message was there
	octets  int  // BDAT stands before: so many are still to come
}

// takes reports whether line is text. What stands behind a DATA that is
// expected to be refused is none; behind one whose 354 is expected it is.
func (t *text) takes(line string) bool {
	c := protocol.Parse(strings.TrimPrefix(line, "!"))
	switch {
	case t.octets > 0:
		t.octets -= len(line) + len("\r\n")
		return true
	case t.message && !t.begun && strings.HasPrefix(line, "#"):
		return true
	case t.message && !t.begun && isExpect(line):
		_, want := cutWord(line)
		t.message = strings.HasPrefix(want, "3")
	case t.message:
		t.message, t.begun = line != ".", true
		return true
	case c.Is("DATA"):
		t.message, t.begun = true, false
	case c.Is("BDAT"):
		if words := strings.Fields(c.Args.Of(c.Raw)); len(words) > 0 {
			t.octets, _ = strconv.Atoi(words[0])
		}
	}
	return false
}

// isExpect reports an :expect, in full or by its beginning. Directly behind a
// DATA it is one, and no text: of the 354, or of a refusal that was foreseen.
func isExpect(line string) bool {
	return strings.HasPrefix(line, ":") && isLocal(strings.Fields(line)[0], ":expect")
}

// beginsText reports a line behind DATA with which a message has begun;
// comments and empty lines may stand before an :expect.
func beginsText(line string) bool {
	return strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#")
}
