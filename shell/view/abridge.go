package view

import (
	"bytes"
	"sync"

	"smtpsh/protocol"
)

// How many octets of a message that was not typed are shown.
const (
	ShownOnScreen = 800     // about ten lines: what came before is to stay in sight
	ShownInText   = 2 << 10 // a pipe can be scrolled
)

// Abridge is to, but for the length of messages that were not typed: of those
// whole lines of up to so many octets are shown, and the rest is counted. A
// record is handed the whole.
func Abridge(to Renderer, most int) Renderer { return &abridging{to: to, most: most} }

type abridging struct {
	to   Renderer
	most int

	mu      sync.Mutex        // the connection and the shell have events of their own
	shown   int               // octets of the message that is under way
	omitted int               // octets that were counted, and not told of yet
	kind    protocol.SentKind // of those
}

// Event hands e on, or what is left of it.
func (a *abridging) Event(before, after protocol.Session, e protocol.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sent, ok := e.(protocol.Sent)
	if !ok || sent.Kind != protocol.SentContent && sent.Kind != protocol.SentChunk || bytes.IndexByte(sent.Raw, '\n') == len(sent.Raw)-1 && a.shown == 0 {
		a.tell(before, e)
		a.to.Event(before, after, e)
		return
	}
	body := sent.Raw
	if sent.Last { // a record may have counted the dot with the rest
		body = bytes.TrimSuffix(body, []byte(".\r\n"))
	}
	keep := len(body)
	if room := a.most - a.shown; keep > room {
		keep = bytes.LastIndexByte(body[:max(room, 0)], '\n') + 1
	}
	a.shown = max(a.shown+keep, 1)
	if keep < len(body) {
		a.shown = max(a.shown, a.most)
	}
	a.omitted += len(body) - keep + sent.Omitted
	a.kind = sent.Kind
	if keep > 0 {
		part := sent
		part.Raw, part.Omitted, part.Last = body[:keep], 0, false
		a.to.Event(before, after, part)
	}
	if sent.Last {
		a.tell(before, e)
		sent.Raw, sent.Omitted = sent.Raw[len(body):], 0
		a.to.Event(before, after, sent)
	}
}

// tell says how much was left out, before what comes behind it is shown.
func (a *abridging) tell(s protocol.Session, e protocol.Event) {
	if a.omitted > 0 {
		a.to.Event(s, s, protocol.Sent{At: protocol.At{Time: e.When()}, Kind: a.kind, Omitted: a.omitted, Auto: true})
	}
	a.shown, a.omitted = 0, 0
}
