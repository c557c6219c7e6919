package protocol

import (
	"fmt"
	"time"
)

// Event is one thing that happened in a session. The set is closed: wire and
// the shell emit these, Session folds them, view and trace render them, and a
// script asserts on them.
type Event interface {
	// When is the moment it happened, as the emitter's clock had it.
	When() time.Time
	event()
}

// At is the moment of an event; every event embeds it.
type At struct{ Time time.Time }

// When returns the moment of the event.
func (a At) When() time.Time { return a.Time }

func (At) event() {}

// Trying says that one address is about to be dialled.
type Trying struct {
	At
	Address string // "192.0.2.1:25"
}

// Missed says that a dial failed: one address of several, or, with an empty
// Address, the name itself.
type Missed struct {
	At
	Address string
	Err     error
}

// Opened says that a connection stands and the greeting is awaited.
type Opened struct {
	At
	Host    string // what was asked for, as typed: "mail.example.org"
	Address string // what answered: "192.0.2.1:25"
	Via     string // the proxy between, "socks5h://192.0.2.9:1080"; "" for none
	Local   string // this end of it
	LMTP    bool   // the peer is spoken to in LMTP (RFC 2033)
}

// Sent is one thing that was put on the wire. It is emitted just before the
// write, so that no reply can overtake it; a write that fails is told by the
// Closed that follows.
type Sent struct {
	At
	Kind    SentKind
	Raw     []byte // the octets, line end included; not to be modified, nor kept beyond Emit
	Secret  bool   // Raw holds a credential: nothing shows or keeps it unless asked for by name (Masked)
	Mask    Span   // where in Raw a mask stands for a credential; empty without one
	Omitted int    // octets of content that were counted and not kept, behind those in Raw (Counted)
	Last    bool   // Content: Raw ends with the final dot; a reply is awaited
	Forced  bool   // the user's "!" waived the advice
	Auto    bool   // not typed: sent on the user's behalf (Ctrl-D's QUIT), so every renderer shows it
}

// Format writes a Sent without its octets where they are a secret, whatever
// the verb: a panic or a log may print an event that nobody meant to show.
func (s Sent) Format(f fmt.State, _ rune) {
	if s.Secret {
		fmt.Fprintf(f, "{kind %d, a secret}", s.Kind)
		return
	}
	fmt.Fprintf(f, "{kind %d, %q, last %t, forced %t, auto %t}", s.Kind, s.Raw, s.Last, s.Forced, s.Auto)
}

// Size is how many octets went out, those that were not kept included.
func (s Sent) Size() int { return len(s.Raw) + s.Omitted }

// Counted is the event without its octets where they are message content, for
// a record in which they would be too much. The session it gives is the same.
func (s Sent) Counted() Sent {
	if s.Kind == SentContent || s.Kind == SentChunk {
		s.Raw, s.Omitted = nil, s.Size()
	}
	return s
}

// SentKind tells what a Sent carries.
type SentKind uint8

const (
	// SentCommand is one command line.
	SentCommand SentKind = iota
	// SentResponse is the answer to a challenge (a 334 or another 3yz but 354).
	SentResponse
	// SentContent is message content after a 354, dot-stuffed.
	SentContent
	// SentChunk is octets that a BDAT announced (RFC 3030).
	SentChunk
	// SentPreamble is what goes before SMTP, and is no part of it: the header
	// of the PROXY protocol.
	SentPreamble
)

// Received is one whole reply.
type Received struct {
	At
	Reply Reply
}

// Secured says that a TLS handshake finished.
type Secured struct {
	At
	TLS
}

// Smuggled is plaintext that came behind the 220 to STARTTLS. It is dropped:
// used after the handshake it would pass for something that the server said
// under TLS (CVE-2011-0411).
type Smuggled struct {
	At
	Raw []byte
}

// Closed ends a connection.
type Closed struct {
	At
	By     Closer
	Err    error  // what went wrong; nil for an orderly end
	Unsent int    // octets of the last Sent, or group of them, that were not taken by the system
	Tail   []byte // octets of a reply that was never completed
}

// Closer tells which side ended a connection.
type Closer uint8

const (
	// ByPeer is an end of stream or a reset from the server.
	ByPeer Closer = iota
	// ByUser is a close that was asked for here.
	ByUser
	// ByFault is an error below SMTP: a timeout, a failed write.
	ByFault
)

// Cancelled says that the user stopped waiting; what was asked is still owed.
type Cancelled struct{ At }

// Advised is advice that the shell gave on a line.
type Advised struct {
	At
	Line  string
	Diags []Diag
	Held  bool // the line was not sent
	Kept  bool // it stands in the edit line next, for a person to correct
	Shown bool // the user asked for credentials to be shown, so Masked leaves them
}

// Format writes an Advised as it may be shown, for a panic or a log.
func (a Advised) Format(f fmt.State, _ rune) {
	type bare Advised
	fmt.Fprintf(f, "%+v", bare(a.Masked()))
}

// Noted is a sentence of the shell's own, for whoever reads along.
type Noted struct {
	At
	Text string
}

// Expected is the outcome of an assertion in a script.
type Expected struct {
	At
	Want  string
	Got   string
	OK    bool
	Where string // "FILE line 7", "line 7"; "" for one that was typed
	Of    string // what the reply was to, as Unit.String names it; "" for the last reply
}

// Summed says what became of many messages that were sent as one task. Each of
// them is counted once.
type Summed struct {
	At
	Messages    int           // that there were to send
	Connections int           // at once, at the most
	Took        time.Duration // all of it
	Accepted    int           // for all of their recipients
	Partly      int           // for some of their recipients only
	Refused     []Refusals    // by the code of the reply, ascending
	Held        int           // not sent, for a line of the envelope is wrong or not taken there
	Unreadable  int           // not sent, for the message could not be read
	Lost        int           // there was no connection, or it was lost before the end of the message
	Unknown     int           // sent to their end, and had no reply: taken or not (RFC 1047)
	Left        int           // not tried
	Times       Times         // of the accepted ones; zero where there are none
}

// Tried is how many messages were.
func (e Summed) Tried() int { return e.Messages - e.Left }

// Rate is how many messages were tried in a second.
func (e Summed) Rate() float64 {
	if e.Took <= 0 {
		return 0
	}
	return float64(e.Tried()) / e.Took.Seconds()
}

// Refusals are messages that were refused with one code.
type Refusals struct{ Code, Messages int }

// Times are how long messages took, each from its MAIL to the last reply: half
// of them up to P50, nine of ten up to P90.
type Times struct{ P50, P90, P99, Longest time.Duration }
