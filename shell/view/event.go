package view

import "smtpsh/protocol"

// Renderer shows events as they happen. Before and after are the session
// around the event: what a reply answers stands in before.
type Renderer interface {
	Event(before, after protocol.Session, e protocol.Event)
}

func trimEOL(text string) string {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return text
}
