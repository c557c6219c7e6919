package protocol

import (
	"slices"
	"strings"
)

// Echoes is the credentials that went out on a connection. A server that does
// not know a command says it back ("500 unknown: AUHT PLAIN …"), and so what
// was masked when it was sent would be shown when it comes back.
type Echoes struct {
	credentials []string          // oldest first, each once
	hide        *strings.Replacer // of them; nil when they have changed since
}

// Masked is e with the mask in the place of what was sent as a secret. It
// takes every event of a connection, in order.
func (x *Echoes) Masked(e Event) Event {
	switch e := e.(type) {
	case Opened:
		*x = Echoes{}
	case Sent:
		x.note(string(e.Credential()))
	case Received:
		if raw, echoed := x.Hide(e.Reply.Raw); echoed {
			hide := x.hiding()
			e.Reply.Raw = raw
			e.Reply.Lines = slices.Clone(e.Reply.Lines)
			for i, line := range e.Reply.Lines {
				e.Reply.Lines[i] = hide.Replace(line)
			}
		}
		return e
	case Closed:
		e.Tail, _ = x.Hide(e.Tail)
		return e
	}
	return e
}

// Hide is b with the mask in the place of what was sent as a secret, and
// whether there was any.
func (x *Echoes) Hide(b []byte) (hidden []byte, echoed bool) {
	if x.None() {
		return b, false
	}
	text := string(b)
	hid := x.hiding().Replace(text)
	if hid == text {
		return b, false
	}
	return []byte(hid), true
}

// None reports that no secret was sent.
func (x *Echoes) None() bool { return len(x.credentials) == 0 }

func (x *Echoes) note(credential string) {
	const shortest, most = 4, 256 // three octets may be anything; the oldest make room, for a login has few answers
	words := strings.Fields(credential)
	if len(words) == 0 {
		return
	}
	for _, text := range []string{strings.TrimSpace(credential), words[len(words)-1]} {
		if len(text) < shortest || slices.Contains(x.credentials, text) {
			continue
		}
		x.credentials, x.hide = append(x.credentials, text), nil
		if len(x.credentials) > most {
			x.credentials = slices.Delete(x.credentials, 0, 1)
		}
	}
}

func (x *Echoes) hiding() *strings.Replacer {
	if x.hide == nil {
		x.hide = masking(x.credentials)
	}
	return x.hide
}
