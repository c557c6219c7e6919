package trace

import (
	"errors"
	"io"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// exchanges is a session, and how many events there are where its exchanges
// are whole: nil stands for that.
func exchanges() (events []protocol.Event, whole []int) {
	at := protocol.At{Time: noon}
	sent := func(kind protocol.SentKind, text string, last bool) protocol.Event {
		return protocol.Sent{At: at, Kind: kind, Raw: []byte(text), Last: last}
	}
	for _, e := range []protocol.Event{
		protocol.Trying{At: at}, nil,
		protocol.Opened{At: at, Host: "mx"}, received(at, "220 mx\r\n"), nil,
		sent(protocol.SentCommand, "MAIL FROM:<a@b>\r\n", false), sent(protocol.SentCommand, "RCPT TO:<c@d>\r\n", false), received(at, "250 ok\r\n"), received(at, "250 ok\r\n"), nil,
		sent(protocol.SentCommand, "DATA\r\n", false), received(at, "354 go\r\n"), nil,
		sent(protocol.SentContent, "one\r\n", false), protocol.Cancelled{At: at}, sent(protocol.SentContent, ".\r\n", true), received(at, "250 ok\r\n"), nil,
		protocol.Advised{At: at, Line: "x"}, nil,
		sent(protocol.SentCommand, "BDAT 4\r\n", false), sent(protocol.SentChunk, "abcd", false), received(at, "250 ok\r\n"), nil,
		sent(protocol.SentCommand, "NOOP\r\n", false), protocol.Closed{At: at}, nil,
	} {
		if e == nil {
			whole = append(whole, len(events))
			continue
		}
		events = append(events, e)
	}
	return events, whole
}

// counter counts the writes.
type counter struct {
	strings.Builder
	writes []string
}

func (c *counter) Write(b []byte) (int, error) {
	c.writes = append(c.writes, string(b))
	return c.Builder.Write(b)
}

// TestFlushedAtEachExchange holds that what is written is whole exchanges, and
// that Whole finds them.
func TestFlushedAtEachExchange(t *testing.T) {
	events, whole := exchanges()
	var out counter
	r, err := New("jsonl", &out, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := protocol.Session{}
	for _, e := range events {
		after := s.After(e)
		r.Event(s, after, e)
		s = after
	}
	got := 0
	for i, text := range out.writes {
		if got += strings.Count(text, "\n"); i >= len(whole) || got != whole[i] {
			t.Fatalf("write %d ends behind event %d, the exchanges behind %v", i, got, whole)
		}
	}
	if got != len(events) {
		t.Errorf("%d of %d events were written", got, len(events))
	}
}

func TestLive(t *testing.T) {
	events, _ := exchanges()
	var out counter
	r, _ := New("jsonl", &out, Options{Live: true})
	for _, e := range events {
		r.Event(protocol.Session{}, protocol.Session{}, e)
	}
	if len(out.writes) != len(events) {
		t.Errorf("%d writes for %d events", len(out.writes), len(events))
	}
}

// TestCount holds that a counted message is a value that reads back, and gives
// the same session.
func TestCount(t *testing.T) {
	events, _ := exchanges()
	text := record(t, "jsonl", Options{Count: true}, events...)
	if strings.Contains(text, "abcd") || strings.Contains(text, "one") {
		t.Errorf("content was kept: %s", text)
	}
	got, err := ReadAll(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, o := protocol.Session{}, protocol.Session{}
	size := 0
	for i := range events {
		s, o = s.After(events[i]), o.After(got[i])
		if !s.Equal(o) {
			t.Fatalf("after event %d the session is another", i)
		}
		if e, ok := got[i].(protocol.Sent); ok && e.Kind >= protocol.SentContent {
			size += e.Size()
		}
	}
	if size != len("one\r\n.\r\nabcd") {
		t.Errorf("%d octets were counted", size)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	const secret = "c2VjcmV0"
	events := []protocol.Event{
		protocol.Sent{Raw: []byte("AUTH PLAIN " + secret + "\r\n"), Secret: true},
		protocol.Sent{Kind: protocol.SentResponse, Raw: []byte(secret + "\r\n"), Secret: true},
		protocol.Sent{Kind: protocol.SentContent, Raw: []byte(secret + "\r\n"), Secret: true},
		protocol.Advised{Line: "AUTH PLAIN  " + secret, Diags: []protocol.Diag{{Fix: "AUTH PLAIN " + secret}}},
	}
	names, _ := Formats()
	for _, name := range names {
		for _, count := range []bool{false, true} {
			if text := record(t, name, Options{Count: count}, events...); strings.Contains(text, secret) {
				t.Errorf("%s has the secret: %s", name, text)
			}
		}
	}
}

// full is a disk that is.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room--; f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestTheFirstErrorStays(t *testing.T) {
	events, _ := exchanges()
	r, _ := New("jsonl", &full{room: 2}, Options{Live: true})
	for i, e := range events {
		r.Event(protocol.Session{}, protocol.Session{}, e)
		if err := r.Flush(); (i >= 2) != errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("after event %d: %v", i, err)
		}
	}
	if err := r.Close(); err == nil || err.Error() != "record: short write" {
		t.Errorf("close: %v", err)
	}
	var out counter
	r, _ = New("jsonl", &out, Options{})
	for range 2 {
		if err := r.Close(); err != nil {
			t.Errorf("an empty record does not close: %v", err)
		}
	}
	r.Event(protocol.Session{}, protocol.Session{}, events[0])
	if r.Flush() != nil || out.Len() > 0 {
		t.Error("an event behind the end was written")
	}
}

func TestFormats(t *testing.T) {
	for file, want := range map[string]string{"a.jsonl": "jsonl", "b/c.JSONL": "jsonl", "a": "", "a.doc": ""} {
		if got, ok := FormatOf(file); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %t", file, got, ok)
		}
	}
	if _, err := New("doc", io.Discard, Options{}); err == nil || !strings.HasPrefix(err.Error(), `record: format "doc": one of `) {
		t.Errorf("%v", err)
	}
}

// BenchmarkFormats records an exchange in each format.
func BenchmarkFormats(b *testing.B) {
	before := fold([]protocol.Event{protocol.Opened{Host: "mx", Address: "192.0.2.1:25"}, received(protocol.At{Time: noon}, "220 mx\r\n")})
	events := []protocol.Event{protocol.Sent{At: protocol.At{Time: noon}, Raw: []byte("RCPT TO:<someone@example.org>\r\n")}, received(protocol.At{Time: noon}, "250 2.1.5 Ok\r\n")}
	between := before.After(events[0])
	after := between.After(events[1])
	names, _ := Formats()
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			r, err := New(name, io.Discard, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Event(before, between, events[0])
				r.Event(between, after, events[1])
			}
		})
	}
}
