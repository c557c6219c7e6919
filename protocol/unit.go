package protocol

import "time"

// Unit is one thing that awaits a reply.
type Unit struct {
	Kind UnitKind
	Verb *Verb     // the command's row; nil for an unknown verb and for other kinds
	Word string    // the verb as typed, in upper case
	Sent time.Time // when it was sent; for the greeting, when the connection stood
	path string
	last bool // BDAT … LAST, BURL … LAST
	utf8 bool
	body string
	size uint64
}

// UnitKind tells what awaits a reply.
type UnitKind uint8

const (
	// UnitGreeting is the connection itself, answered by the banner.
	UnitGreeting UnitKind = iota
	// UnitCommand is a command.
	UnitCommand
	// UnitResponse is the answer to a challenge.
	UnitResponse
	// UnitContent is a whole message, answered after its final dot; in LMTP
	// one for each accepted recipient (RFC 2033 §4.2).
	UnitContent
)

// Recipient is the one that an LMTP content unit stands for, or the path of a
// MAIL or RCPT.
func (u Unit) Recipient() string { return u.path }

// String names what awaits a reply, for people: "greeting", "RCPT <b@example.org>",
// "message for <b@example.org>".
func (u Unit) String() string {
	name := u.Word
	switch {
	case u.Kind == UnitGreeting:
		return "greeting"
	case u.Kind == UnitContent && u.path == "":
		return "message"
	case u.Kind == UnitContent:
		name = "message for"
	case u.path == "" && u.Word != "MAIL":
		return name
	}
	return name + " <" + u.path + ">"
}

// Last reports a BDAT or BURL that ends its message (RFC 3030 §2).
func (u Unit) Last() bool { return u.last }

func (u Unit) equal(o Unit) bool {
	u.Sent, o.Sent = time.Time{}, time.Time{}
	return u == o
}
