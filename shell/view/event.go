package view

import "smtpsh/protocol"

// Renderer shows events as they happen. Before and after are the session
// around the event: what a reply answers stands in before.
type Renderer interface {
	Event(before, after protocol.Session, e protocol.Event)
}

// masked stands for a credential; it hides the length too.
const masked = "****"

// Wire is what may be shown of octets that were sent: the whole, or for a
// secret only what is not secret of it.
func Wire(e protocol.Sent) string {
	text := string(e.Raw)
	if !e.Secret {
		return text
	}
	if e.Kind != protocol.SentCommand {
		return masked + "\r\n"
	}
	c := protocol.Parse(trimEOL(text))
	return MaskCommand(c) + "\r\n"
}

// MaskCommand is a command line without the credential in it: everything
// behind the mechanism of an AUTH.
func MaskCommand(c protocol.Command) string {
	if !HasSecret(c) {
		return c.Raw
	}
	end := c.Args.Start
	for end < c.Args.End && c.Raw[end] != ' ' {
		end++
	}
	return c.Raw[:end] + " " + masked
}

// HasSecret reports a command line that carries a credential: an AUTH with an
// initial response (RFC 4954 §4).
func HasSecret(c protocol.Command) bool {
	if !c.Is("AUTH") {
		return false
	}
	for i := c.Args.Start; i < c.Args.End; i++ {
		if c.Raw[i] == ' ' {
			return true
		}
	}
	return false
}

func trimEOL(text string) string {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return text
}
