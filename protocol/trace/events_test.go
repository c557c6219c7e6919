package trace

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// noon is when the sessions of these tests begin.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// random makes events of every type, with what a hostile server could put into
// them.
type random struct{ *rand.Rand }

func seeded(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 1))} }

func (r random) octets() []byte {
	const alphabet = "250-ab \r\n\"\\<&>`\x00\x1b\x7f\x80\xc2\x9b\xe2\x80\xae\xff日\u2028😀\ufeff\U000e0001=|_*#[]"
	b := make([]byte, r.IntN(24))
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	if r.IntN(3) == 0 {
		b = []byte(strings.ToValidUTF8(string(b), "\ufffd"))
	}
	if len(b) == 0 {
		return nil
	}
	return b
}

func (r random) text() string { return string(r.octets()) }
func (r random) yes() bool    { return r.IntN(2) == 0 }

func (r random) texts() (list []string) {
	for range r.IntN(4) {
		list = append(list, r.text())
	}
	return list
}

func (r random) time() time.Time {
	return noon.Add(time.Duration(r.Int64N(1e15)) * time.Microsecond)
}

func (r random) error() error {
	switch r.IntN(3) {
	case 0:
		return nil
	case 1:
		return &Error{Text: OctetString(r.text())}
	}
	return &Error{Kind: []string{"eof", "timeout", "cancelled", "refused"}[r.IntN(4)], Text: OctetString(r.text())}
}

// event is one event of any type.
func (r random) event() protocol.Event {
	at := protocol.At{Time: r.time()}
	switch r.IntN(15) {
	case 0:
		return protocol.Trying{At: at, Address: r.text()}
	case 1:
		return protocol.Missed{At: at, Address: r.text(), Err: r.error()}
	case 2:
		return protocol.Opened{At: at, Host: r.text(), Address: r.text(), Via: r.text(), Local: r.text(), LMTP: r.yes()}
	case 3, 4:
		return r.sent(at)
	case 5, 6:
		return protocol.Received{At: at, Reply: r.reply()}
	case 7:
		return protocol.Secured{At: at, TLS: r.tls()}
	case 8:
		return protocol.Smuggled{At: at, Raw: r.octets()}
	case 9:
		return protocol.Closed{At: at, By: protocol.Closer(r.IntN(3)), Err: r.error(), Unsent: r.IntN(3), Tail: r.octets()}
	case 10:
		return protocol.Cancelled{At: at}
	case 11:
		e := protocol.Advised{At: at, Line: r.text(), Held: r.yes()}
		for range r.IntN(3) {
			start := r.IntN(9)
			e.Diags = append(e.Diags, protocol.Diag{ID: "an-id", Severity: protocol.Severity(r.IntN(3)), Start: start, End: start + r.IntN(9), Message: r.text(),
				Ref: protocol.Ref{RFC: r.IntN(2) * 5321, Section: []string{"", "4.1"}[r.IntN(2)]}, Fix: r.text(), Then: r.texts()})
		}
		return e
	case 12:
		return protocol.Noted{At: at, Text: r.text()}
	}
	if r.yes() {
		return r.summed(at)
	}
	return protocol.Expected{At: at, Want: r.text(), Got: r.text(), OK: r.yes(), Where: r.text(), Of: r.text()}
}

func (r random) summed(at protocol.At) protocol.Event {
	e := protocol.Summed{At: at, Messages: r.IntN(99), Connections: r.IntN(9), Took: time.Duration(r.IntN(1e6)) * time.Microsecond, Accepted: r.IntN(9), Partly: r.IntN(9),
		Held: r.IntN(9), Unreadable: r.IntN(9), Lost: r.IntN(9), Unknown: r.IntN(9), Left: r.IntN(9)}
	for range r.IntN(3) {
		e.Refused = append(e.Refused, protocol.Refusals{Code: r.IntN(600), Messages: r.IntN(9)})
	}
	if r.yes() {
		e.Times = protocol.Times{P50: time.Millisecond, P90: 2 * time.Millisecond, P99: 3 * time.Millisecond, Longest: time.Duration(1+r.IntN(1e6)) * time.Microsecond}
	}
	return e
}

func (r random) sent(at protocol.At) protocol.Event {
	e := protocol.Sent{At: at, Kind: protocol.SentKind(r.IntN(5)), Raw: r.octets(), Last: r.yes(), Forced: r.yes(), Auto: r.yes()}
	switch r.IntN(8) {
	case 0:
		e.Kind, e.Raw = protocol.SentCommand, []byte("AUTH PLAIN "+r.text()+"\r\n")
	case 1:
		e.Raw = []byte([]string{"DATA", "EHLO x", "BDAT 7", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "STARTTLS"}[r.IntN(6)] + "\r\n")
	case 2:
		e = e.Counted()
	}
	e.Secret = r.IntN(4) == 0
	return e.Masked()
}

// reply is what the parser makes of hostile octets, and sometimes what it
// never would.
func (r random) reply() protocol.Reply {
	if r.IntN(4) == 0 {
		return protocol.Reply{Code: r.IntN(1000), Enhanced: protocol.Enhanced{Class: r.IntN(6), Subject: r.IntN(6), Detail: r.IntN(999)}, Lines: r.texts(),
			Raw: r.octets(), Dropped: r.IntN(3), Anomalies: []protocol.Anomaly{{ID: "nul", Line: r.IntN(9), Message: "odd"}}}
	}
	var p protocol.ReplyParser
	p.Feed([]byte("250-" + r.text()))
	_, reply, ok := p.Feed([]byte("\r\n" + []string{"250 2.1.0", "354", "334", "220", "421 4.3.2"}[r.IntN(5)] + " " + r.text() + "\r\n250 \r\n"))
	if !ok {
		return protocol.Reply{Code: 250, Raw: []byte("250\r\n"), Lines: []string{""}}
	}
	return reply
}

func (r random) tls() protocol.TLS {
	t := protocol.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Group: []string{"", "X25519"}[r.IntN(2)], Resumed: r.yes(),
		Took: time.Duration(r.IntN(1e9)) * time.Microsecond, Name: r.text(), Sent: r.text(), Wanted: r.yes(), Trust: r.text(), Lacks: r.texts(), Lax: r.yes()}
	for range r.IntN(3) {
		t.Chain = append(t.Chain, protocol.Certificate{Subject: r.text(), Issuer: r.text(), Names: r.texts(), NotBefore: r.time(), NotAfter: r.time(),
			Key: "RSA 2048", Signature: "SHA256-RSA", SHA256: "abcd", Raw: r.octets()})
	}
	return t
}

// events are so many of them.
func (r random) events(n int) []protocol.Event {
	events := make([]protocol.Event, n)
	for i := range events {
		events[i] = r.event()
	}
	return events
}

// fold is the session that the events make.
func fold(events []protocol.Event) protocol.Session {
	s := protocol.Session{Client: "client.example"}
	for _, e := range events {
		s = s.After(e)
	}
	return s
}

// record writes events in a format and returns the document.
func record(t testing.TB, name string, o Options, events ...protocol.Event) string {
	t.Helper()
	var b strings.Builder
	r, err := New(name, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	s := protocol.Session{Client: "client.example"}
	for _, e := range events {
		after := s.After(e)
		r.Event(s, after, e)
		s = after
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func same(t *testing.T, what string, got, want []protocol.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d events of %d came back", what, len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%s: event %d came back as\n%#v\nand was\n%#v", what, i, got[i], want[i])
		}
	}
}

func TestErrorsAreKnownAgain(t *testing.T) {
	for target, want := range map[error]string{io.EOF: "eof", os.ErrDeadlineExceeded: "timeout", context.Canceled: "cancelled"} {
		text := record(t, "jsonl", Options{}, protocol.Closed{Err: target})
		events, err := ReadAll(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		got := events[0].(protocol.Closed).Err.(*Error)
		if got.Kind != want || !got.Is(target) || got.Is(io.ErrNoProgress) || got.Error() != target.Error() {
			t.Errorf("%v came back as %+v", target, got)
		}
	}
	if (&Error{Kind: "refused"}).Is(nil) {
		t.Error("an error of an unknown kind is nil")
	}
}
