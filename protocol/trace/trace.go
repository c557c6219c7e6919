// Package trace writes the events of a session down, for people and for other
// programs, and reads them back. Every format is a reader of the one stream of
// events: none of them knows of a connection, and none of them redacts, for
// what a recorder is given is masked before a format sees it.
//
// The formats are named as the endings of their files are; New makes a
// recorder for one of them. JSON Lines lose nothing: Reader gives back the
// events that were written.
package trace

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/protocol"
)

// Recorder takes the events of a session as they happen and writes them down.
// Its methods may be called from any goroutine, one event at a time and in
// order. Before and after are the session around the event. What was written
// is flushed behind each exchange, so that a crash loses at most the one that
// was under way.
//
// The writer that it writes to stays open: Close ends the document.
type Recorder interface {
	Event(before, after protocol.Session, e protocol.Event)
	// Flush writes what is still held back. Its error is the first of any
	// write; what came after that was not recorded.
	Flush() error
	// Close ends the document. No event is taken behind it.
	Close() error
}

// Exiter is a Recorder that wants to know how the run ended, before Close: by
// which exit status, and why where that is known.
type Exiter interface{ Exit(status int, why string) }

// Options are what a recorder may be told. The zero value serves.
type Options struct {
	Count bool // message content is counted and not kept
	Live  bool // flush behind every event, for someone who watches

	Tapped bool // pcapng: the octets come from a tap, and not from the events
	Keys   bool // pcapng: keep the secrets of TLS, with which anybody can read what it hid

	// Redact names what is replaced in the record, by Redactions.
	Redact []string

	// Means says in a few words what a reply means as the answer to what
	// Session.Answers names, and Explain says all there is to say; nil for
	// formats, or readers, that do without.
	Means   func(r protocol.Reply, answers string) string
	Explain func(r protocol.Reply, answers string) []Row
}

// means is Means, where there is one.
func (o Options) means(r protocol.Reply, answers string) string {
	if o.Means == nil {
		return ""
	}
	return o.Means(r, answers)
}

// kind is a row of the table of formats.
type kind struct {
	ending string               // "jsonl"
	what   string               // one line, for help
	begin  func(Options) format // nil for pcapng, which has a recorder of its own
}

// formats are the rows of New. It is a function for the functions in it need
// the rows in turn.
func formats() []kind {
	return []kind{
		{"txt", "the plain notation: > sent, < received, * what happened", func(Options) format { return plainText{} }},
		{"jsonl", "JSON Lines, an object for each event: loses nothing and can be read back", func(Options) format { return &jsonLines{} }},
		{"html", "a page with the session as a ladder, and nothing that it needs from elsewhere", func(o Options) format { return &page{Options: o} }},
		{"pcapng", "packets, for Wireshark", nil},
		{"md", "Markdown, for a ticket", func(o Options) format { return &markdown{Options: o} }},
		{"xml", "JUnit XML, a test case for each expectation of a script", func(Options) format { return &junit{} }},
	}
}

// Formats lists the names of the formats, each with a line that says what it
// is.
func Formats() (names, lines []string) {
	for _, k := range formats() {
		names, lines = append(names, k.ending), append(lines, k.what)
	}
	return names, lines
}

// FormatOf is the format that a file's ending asks for; ok is false where no
// format has that ending.
func FormatOf(file string) (name string, ok bool) {
	name = strings.ToLower(strings.TrimPrefix(filepath.Ext(file), "."))
	names, _ := Formats()
	return name, slices.Contains(names, name)
}

// New makes a recorder that writes to w in a format, one of Formats. That of
// pcapng is a Capture.
func New(name string, w io.Writer, o Options) (Recorder, error) {
	for _, k := range formats() {
		if k.ending != name {
			continue
		}
		if k.begin == nil {
			return NewCapture(w, o)
		}
		r := &recorder{out: w, to: k.begin(o), count: o.Count, live: o.Live}
		if len(o.Redact) > 0 {
			var err error
			if r.redact, err = NewRedactor(o.Redact...); err != nil {
				return nil, fmt.Errorf("record: %w", err)
			}
		}
		return r, nil
	}
	names, _ := Formats()
	return nil, fmt.Errorf("record: format %q: one of %s is wanted", name, strings.Join(names, ", "))
}
