package view

import "smtpsh/protocol"

// Tee is a Renderer that hands each event to all of them, in order.
type Tee []Renderer

// Event hands e on.
func (t Tee) Event(before, after protocol.Session, e protocol.Event) {
	for _, r := range t {
		r.Event(before, after, e)
	}
}
