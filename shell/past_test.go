package shell

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// exchange emits a command and its reply.
func exchange(h *hub, at time.Time, command string) {
	raw := []byte(command + "\r\n")
	h.emit(protocol.Sent{At: protocol.At{Time: at}, Raw: raw})
	clear(raw) // it was only lent
	h.emit(protocol.Received{At: protocol.At{Time: at}, Reply: protocol.Reply{Code: 250, Lines: []string{"ok"}, Raw: []byte("250 ok\r\n")}})
}

func eventsOf(t *testing.T, p *past) (events []protocol.Event, dropped int) {
	t.Helper()
	dropped, err := p.each(func(_, _ protocol.Session, e protocol.Event) { events = append(events, e) })
	if err != nil {
		t.Fatal(err)
	}
	return events, dropped
}

// TestThePast gives the events back as they were, secrets masked.
func TestThePast(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	h := newHub("client.example", view.Tee{})
	exchange(h, at, "NOOP before")
	h.past.keep(keptPast)
	exchange(h, at, "NOOP one")
	h.note(protocol.Noted{At: protocol.At{Time: at}, Text: "a note"})
	h.emit(protocol.Sent{At: protocol.At{Time: at}, Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true})
	events, dropped := eventsOf(t, &h.past)
	want := []protocol.Event{
		protocol.Sent{At: protocol.At{Time: at}, Raw: []byte("NOOP one\r\n")},
		protocol.Received{At: protocol.At{Time: at}, Reply: protocol.Reply{Code: 250, Lines: []string{"ok"}, Raw: []byte("250 ok\r\n")}},
		protocol.Noted{At: protocol.At{Time: at}, Text: "a note"},
		protocol.Sent{At: protocol.At{Time: at}, Raw: []byte("AUTH PLAIN ****\r\n"), Mask: protocol.Span{Start: 11, End: 15}},
	}
	if !reflect.DeepEqual(events, want) || dropped != 0 {
		t.Errorf("%d dropped, and\n%#v\nwant\n%#v", dropped, events, want)
	}
}

// TestThePastIsBounded drops the oldest, says so, and goes on in the session
// that stood there.
func TestThePastIsBounded(t *testing.T) {
	h := newHub("client.example", view.Tee{})
	h.past.keep(2 * pastBlock)
	h.emit(protocol.Opened{Host: "mx.example"})
	exchange(h, time.Time{}, "EHLO client.example")
	const n = 20000
	for i := range n {
		exchange(h, time.Time{}, fmt.Sprint("NOOP ", i))
	}
	last := protocol.Session{}
	dropped, err := h.past.each(func(before, after protocol.Session, _ protocol.Event) {
		if before.Host() != "mx.example" {
			t.Fatal("the session that the rest begins in is lost")
		}
		last = after
	})
	if err != nil || !last.Equal(h.Session()) {
		t.Errorf("the session at the end is another one; %v", err)
	}
	events, _ := eventsOf(t, &h.past)
	note, ok := events[0].(protocol.Noted)
	if !ok || !strings.Contains(note.Text, view.Octets(uint64(dropped))) || dropped == 0 {
		t.Errorf("it begins with %#v, and %d octets were dropped", events[0], dropped)
	}
	if e := events[len(events)-2].(protocol.Sent); string(e.Raw) != fmt.Sprintf("NOOP %d\r\n", n-1) {
		t.Errorf("the last command is %q", e.Raw)
	}
	if h.past.size > 3*pastBlock+1000 {
		t.Errorf("%d octets are kept", h.past.size)
	}
}

// TestRecordingIsFlat holds that a long session needs no more memory than a
// short one, recorded in each format that is written as it happens.
func TestRecordingIsFlat(t *testing.T) {
	h := newHub("client.example", view.Tee{})
	h.past.keep(2 * pastBlock)
	for _, format := range []string{"txt", "jsonl"} {
		if err := h.records.begin(t.TempDir()+"/record."+format, "", false, trace.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	h.emit(protocol.Opened{Host: "mx.example"})
	inUse := func() uint64 {
		for range 20000 {
			exchange(h, time.Time{}, "NOOP")
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	if after := inUse(); after > before+pastBlock {
		t.Errorf("%d octets in use, and %d after as many exchanges more", before, after)
	}
	if _, err := h.records.end(); err != nil {
		t.Error(err)
	}
}

// TestPastOfALongMessage keeps the beginning of it, and counts the rest.
func TestPastOfALongMessage(t *testing.T) {
	h := newHub("client.example", view.Tee{})
	h.past.keep(keptPast)
	h.emit(protocol.Opened{Host: "mx.example"})
	exchange(h, time.Time{}, "DATA")
	piece := bytes.Repeat([]byte("0123456789abcdef\r\n"), 2000)
	const pieces = 1000
	for i := range pieces {
		h.emit(protocol.Sent{Kind: protocol.SentContent, Raw: piece, Last: i == pieces-1})
	}
	h.emit(protocol.Sent{Kind: protocol.SentContent, Raw: []byte("short\r\n.\r\n"), Last: true})
	for range pieces { // line by line, and without its end
		h.emit(protocol.Sent{Kind: protocol.SentContent, Raw: piece})
	}
	h.emit(protocol.Closed{})
	events, dropped := eventsOf(t, &h.past)
	if _, ok := events[len(events)-1].(protocol.Closed); !ok || len(events) > 200 {
		t.Errorf("%d events, and the last is %#v", len(events), events[len(events)-1])
	}
	kept, counted, short := 0, 0, false
	for _, e := range events {
		if sent, ok := e.(protocol.Sent); ok && sent.Kind == protocol.SentContent {
			kept, counted = kept+len(sent.Raw), counted+sent.Size()
			short = short || string(sent.Raw) == "short\r\n.\r\n"
		}
	}
	if dropped > 0 || counted != 2*pieces*len(piece)+10 || kept < keptContent || kept > 2*keptContent+10 || !short {
		t.Errorf("%d octets of %d are kept, %d were dropped, the short message is there: %v", kept, counted, dropped, short)
	}
}
