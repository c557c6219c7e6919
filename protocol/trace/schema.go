package trace

import (
	"encoding/json"
	"strconv"
	"time"
)

// Version is the version of the schema, the "v" of every object. It changes
// when a reader of the old one would misunderstand the new; a field or an
// event more is no such change, and readers pass over those they do not know.
const Version = 1

// Head is what every object begins with.
type Head struct {
	V     int    `json:"v"`     // Version
	Event string `json:"event"` // which of the objects below it is
	Time  Time   `json:"time"`  // when it happened
}

// TryingLine is the event "trying": an address is about to be dialled.
type TryingLine struct {
	Head
	Address OctetString `json:"address"`
}

// MissedLine is the event "missed": a dial failed, of one address or, without
// one, of the name.
type MissedLine struct {
	Head
	Address OctetString `json:"address,omitempty"`
	Error   *Error      `json:"error,omitempty"`
}

// OpenedLine is the event "opened": a connection stands.
type OpenedLine struct {
	Head
	Host    OctetString `json:"host"`            // as it was asked for
	Address OctetString `json:"address"`         // what answered
	Via     OctetString `json:"via,omitempty"`   // the proxy between
	Local   OctetString `json:"local,omitempty"` // this end
	LMTP    bool        `json:"lmtp,omitempty"`
}

// SentLine is the event "sent": octets went out.
type SentLine struct {
	Head
	Kind    string      `json:"kind"`           // "command", "response", "content", "chunk" or "preamble"
	Raw     OctetString `json:"raw,omitempty"`  // what was sent, line end included
	Mask    *[2]int     `json:"mask,omitempty"` // from where to where in Raw, in octets, a mask stands for a credential
	Omitted int         `json:"omitted,omitempty"`
	Last    bool        `json:"last,omitempty"`   // content: the final dot is in it
	Forced  bool        `json:"forced,omitempty"` // "!" waived the advice
	Auto    bool        `json:"auto,omitempty"`   // sent on the user's behalf
}

// ReplyLine is the event "reply": a whole reply came.
type ReplyLine struct {
	Head
	Answers   OctetString   `json:"answers"`      // a verb, "greeting", "message", or "unasked"; not read back
	MS        *Millis       `json:"ms,omitempty"` // since what it answers was sent; not read back
	Code      int           `json:"code"`
	Enhanced  string        `json:"enhanced,omitempty"` // "5.1.1"
	Lines     []OctetString `json:"lines,omitempty"`    // the text of each line
	Raw       OctetString   `json:"raw,omitempty"`      // as it came
	Dropped   int           `json:"dropped,omitempty"`  // octets past the limit, not kept
	Anomalies []Anomaly     `json:"anomalies,omitempty"`
	Odd       []Anomaly     `json:"odd,omitempty"` // what is odd about it where it stands; not read back
}

// Anomaly is something odd about a reply.
type Anomaly struct {
	ID      string `json:"id"`
	Line    int    `json:"line"` // from 1
	Message string `json:"message"`
}

// TLSLine is the event "tls": a handshake finished.
type TLSLine struct {
	Head
	Version  string        `json:"version"`
	Cipher   string        `json:"cipher"`
	Group    string        `json:"group,omitempty"`
	Resumed  bool          `json:"resumed,omitempty"`
	MS       Millis        `json:"ms"`               // how long the handshake took
	Name     OctetString   `json:"name"`             // asked for, and verified
	Client   OctetString   `json:"client,omitempty"` // subject of the client certificate that was sent
	Wanted   bool          `json:"wanted,omitempty"` // the server asked for one
	Chain    []Certificate `json:"chain,omitempty"`
	Trust    OctetString   `json:"trust,omitempty"` // what the chain ends in
	Lacks    []OctetString `json:"lacks,omitempty"` // why the server is not verified
	Lax      bool          `json:"lax,omitempty"`   // verification is off
	Verified bool          `json:"verified"`        // what these amount to; not read back
}

// Certificate is one certificate of a chain.
type Certificate struct {
	Subject   OctetString   `json:"subject"`
	Issuer    OctetString   `json:"issuer"`
	Names     []OctetString `json:"names,omitempty"`
	NotBefore Time          `json:"not_before"`
	NotAfter  Time          `json:"not_after"`
	Key       string        `json:"key"`
	Signature string        `json:"signature"`
	SHA256    string        `json:"sha256"`        // the fingerprint, in hexadecimal
	DER       []byte        `json:"der,omitempty"` // the certificate, in base64
}

// SmuggledLine is the event "smuggled": plaintext came behind the 220 to
// STARTTLS, and was dropped.
type SmuggledLine struct {
	Head
	Raw OctetString `json:"raw,omitempty"`
}

// ClosedLine is the event "closed": the connection ended.
type ClosedLine struct {
	Head
	By     string      `json:"by"` // "peer", "user" or "fault"
	Error  *Error      `json:"error,omitempty"`
	Unsent int         `json:"unsent,omitempty"` // octets that the system did not take
	Tail   OctetString `json:"tail,omitempty"`   // of a reply that was never completed
}

// CancelledLine is the event "cancelled": the user stopped waiting.
type CancelledLine struct{ Head }

// AdviceLine is the event "advice": what was said about a line.
type AdviceLine struct {
	Head
	Line  OctetString `json:"line"`
	Held  bool        `json:"held"` // it was not sent
	Diags []Advice    `json:"diags,omitempty"`
}

// Advice is one piece of it, as "smtpsh check -o json" has it.
type Advice struct {
	ID       string        `json:"id"`
	Severity string        `json:"severity"` // "hint", "warning" or "error"
	Start    int           `json:"start"`    // first octet of the line that is meant
	End      int           `json:"end"`      // the one behind the last
	Message  OctetString   `json:"message"`
	RFC      int           `json:"rfc,omitempty"`
	Section  string        `json:"section,omitempty"`
	Fix      OctetString   `json:"fix,omitempty"`  // the line corrected
	Then     []OctetString `json:"then,omitempty"` // lines that belong behind it
}

// NoteLine is the event "note": a sentence of the shell's own.
type NoteLine struct {
	Head
	Text OctetString `json:"text"`
}

// ExpectationLine is the event "expectation": what an assertion of a script
// came to.
type ExpectationLine struct {
	Head
	Want  OctetString `json:"want"`
	Got   OctetString `json:"got,omitempty"`
	OK    bool        `json:"ok"`
	Where OctetString `json:"where,omitempty"` // "FILE line 7"
	Of    OctetString `json:"of,omitempty"`    // what the reply was to, such as "RCPT <b@example.org>", where it was not the last
}

// SummaryLine is the event "summary": what became of many messages, each
// counted once.
type SummaryLine struct {
	Head
	Messages    int        `json:"messages"`    // that there were to send
	Connections int        `json:"connections"` // at once, at the most
	MS          Millis     `json:"ms"`          // all of it took
	Rate        float64    `json:"rate"`        // messages tried in a second; not read back
	Accepted    int        `json:"accepted"`
	Partly      int        `json:"partly"`  // accepted for some of their recipients only
	Refused     []Refusals `json:"refused"` // by the code of the reply, ascending
	Held        int        `json:"held"`    // a line of the envelope is wrong, or not taken there
	Unreadable  int        `json:"unreadable"`
	Lost        int        `json:"lost"`          // no connection could be used, or none up to the end of the message
	Unknown     int        `json:"unknown"`       // sent to their end, and had no reply
	Left        int        `json:"left"`          // not tried
	P50         Millis     `json:"p50,omitempty"` // half of the accepted ones took no longer
	P90         Millis     `json:"p90,omitempty"`
	P99         Millis     `json:"p99,omitempty"`
	Longest     Millis     `json:"longest,omitempty"`
}

// Refusals are messages that were refused with one code.
type Refusals struct {
	Code     int `json:"code"`
	Messages int `json:"messages"`
}

// OctetString is what came over the wire or from the user: a string where it is
// UTF-8, and otherwise an object with the octets in base64,
// {"base64":"gP8="}.
type OctetString string

// UnmarshalJSON reads either form.
func (o *OctetString) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var form struct {
			Base64 []byte `json:"base64"`
		}
		err := json.Unmarshal(b, &form)
		*o = OctetString(form.Base64)
		return err
	}
	return json.Unmarshal(b, (*string)(o))
}

// timeForm is RFC 3339 in UTC with microseconds.
const timeForm = "2006-01-02T15:04:05.000000Z"

// Time is a moment, in UTC and to the microsecond (RFC 3339 §5.6).
type Time struct{ time.Time }

// UnmarshalJSON reads a time of any zone and precision.
func (t *Time) UnmarshalJSON(b []byte) error {
	err := t.Time.UnmarshalJSON(b)
	t.Time = t.UTC()
	return err
}

// Millis is a duration in milliseconds, to the microsecond: 12.345.
type Millis time.Duration

// UnmarshalJSON reads a number.
func (m *Millis) UnmarshalJSON(b []byte) error {
	ms, err := strconv.ParseFloat(string(b), 64)
	*m = Millis(time.Duration(ms*1000+half(ms)) * time.Microsecond)
	return err
}

// half rounds away from zero.
func half(x float64) float64 {
	if x < 0 {
		return -0.5
	}
	return 0.5
}

// Error is an error as it was recorded: its text, and what kind of failure it
// was, for a program.
type Error struct {
	Kind string      `json:"kind,omitempty"` // "eof", "timeout", "cancelled", or what the error calls itself
	Text OctetString `json:"text"`
}
