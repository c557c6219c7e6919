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
	word, what, _ := strings.Cut(line, " ")
	switch {
	case t.octets > 0:
		t.octets -= len(line) + len("\r\n")
		return true
	case t.message && !t.begun && strings.HasPrefix(line, "#"):
		return true
	case t.message && !t.begun && isLocal(word, ":expect"):
		t.message = strings.HasPrefix(strings.TrimSpace(what), "3")
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
