package view

import (
	"bytes"

	"smtpsh/protocol"
)

// shownContent is how many octets of a message that is sent in one piece are
// shown, whole lines of it; the rest is counted.
const shownContent = 2 << 10

// Abridge is to, but for the length of messages that were not typed: of those
// the beginning is shown, and the size of the rest. It is for screens; a
// record is handed the whole.
func Abridge(to Renderer) Renderer { return &abridging{to: to} }

type abridging struct {
	to      Renderer
	shown   int // octets of the message that is under way
	omitted int // octets that were counted, and not told of yet
}

// Event hands e on, or what is left of it.
func (a *abridging) Event(before, after protocol.Session, e protocol.Event) {
	sent, ok := e.(protocol.Sent)
	if !ok || sent.Kind != protocol.SentContent && sent.Kind != protocol.SentChunk || bytes.IndexByte(sent.Raw, '\n') == len(sent.Raw)-1 && a.shown == 0 {
		a.tell(before, e)
		a.to.Event(before, after, e)
		return
	}
	dot := 0
	if sent.Last {
		dot = len(".\r\n")
	}
	body := sent.Raw[:len(sent.Raw)-dot]
	keep := len(body)
	if room := shownContent - a.shown; keep > room {
		keep = bytes.LastIndexByte(body[:max(room, 0)], '\n') + 1
	}
	a.shown = max(a.shown+keep, 1)
	if keep < len(body) {
		a.shown = max(a.shown, shownContent)
	}
	a.omitted += len(body) - keep
	if keep > 0 {
		part := sent
		part.Raw, part.Last = body[:keep], false
		a.to.Event(before, after, part)
	}
	if sent.Last {
		a.tell(before, e)
		sent.Raw = sent.Raw[len(body):]
		a.to.Event(before, after, sent)
	}
}

// tell says how much was left out, before what comes behind it is shown.
func (a *abridging) tell(s protocol.Session, e protocol.Event) {
	if a.omitted > 0 {
		a.to.Event(s, s, protocol.Sent{At: protocol.At{Time: e.When()}, Kind: protocol.SentContent, Omitted: a.omitted, Auto: true})
	}
	a.shown, a.omitted = 0, 0
}
