package view

import (
	"smtpsh/protocol"
)

// Renderer shows events as they happen. Before and after are the session
// around the event: what a reply answers stands in before.
type Renderer interface {
	Event(before, after protocol.Session, e protocol.Event)
}
