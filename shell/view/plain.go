package view

import (
	"io"
	"slices"
	"strings"
	"sync"

	"smtpsh/protocol"
)

// Text renders events in the plain notation that pipes, tests and documents
// share: "> " is what was sent, "< " what was received, "* " what happened.
// It has no times and no colours, so the same dialogue gives the same text.
type Text struct {
	mu  sync.Mutex
	out io.Writer
	err error
}

// NewText makes a Text that writes to out.
func NewText(out io.Writer) *Text { return &Text{out: out} }

// Err is the first error of writing; what came after it was not shown.
func (t *Text) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Event writes one event.
func (t *Text) Event(before, after protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Trying:
		t.line("* ", "trying "+e.Address)
	case protocol.Missed:
		t.line("* ", missedText(e))
	case protocol.Opened:
		t.line("* ", "connected to "+e.Address)
	case protocol.Sent:
		for line := range strings.Lines(string(e.Masked().Raw)) {
			t.line("> ", trimEOL(line))
		}
	case protocol.Received:
		t.reply(before, e.Reply)
		t.Rows(changeRows(before, after)...)
	case protocol.Secured:
		t.Rows(TLS(e.TLS, e.When(), false)...)
	case protocol.Smuggled:
		t.line("* ", smuggledText(e))
	case protocol.Closed:
		t.line("* ", closedText(before, e))
	case protocol.Cancelled:
		t.line("* ", "stopped waiting")
	case protocol.Advised:
		t.advice(e)
	case protocol.Expected:
		t.line("* ", expectedText(e))
	}
}

func (t *Text) reply(before protocol.Session, r protocol.Reply) {
	for line := range strings.Lines(string(r.Raw)) {
		t.line("< ", strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	}
	if text := challengeText(r); text != "" {
		t.line("* ", "it says "+text)
	}
	if r.Dropped > 0 {
		t.line("* ", droppedText(r))
	}
	if text := foreignText(r); text != "" {
		t.line("* ", text)
	}
	for _, a := range slices.Concat(r.Anomalies, r.Odd(before.Answers())) {
		t.line("* ", "odd: "+a.ID+": "+a.Message)
	}
}

// Rows writes what the program itself has to say.
func (t *Text) Rows(rows ...Row) {
	for _, row := range rows {
		t.write("* " + row.String() + "\n")
	}
}

func (t *Text) advice(e protocol.Advised) {
	if e.Held {
		t.line("* ", "held: "+e.Line)
	}
	for _, d := range e.Diags {
		text := d.Severity.String() + ": " + d.ID + ": " + d.Message
		if ref := d.Ref.String(); ref != "" {
			text += " (" + ref + ")"
		}
		t.line("* ", text)
	}
	if len(e.Diags) > 0 && e.Diags[0].Fix != "" {
		t.line("* ", "fix: "+e.Diags[0].Fix)
	}
}

func (t *Text) line(mark, text string) { t.write(mark + Escape(text) + "\n") }

func (t *Text) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		_, t.err = io.WriteString(t.out, text)
	}
}
