package view

import (
	"io"
	"sync"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
)

// Text renders events in the plain notation that pipes, tests and documents
// share, as package trace writes it.
type Text struct {
	mu  sync.Mutex
	out io.Writer
	b   []byte
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
	e = protocol.Masked(e)
	t.write(func(b []byte) []byte { return trace.AppendText(b, before, after, e) })
}

// Rows writes what the program itself has to say.
func (t *Text) Rows(rows ...Row) {
	t.write(func(b []byte) []byte { return trace.AppendRows(b, rows...) })
}

func (t *Text) write(text func(b []byte) []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = text(t.b[:0])
	if t.err == nil && len(t.b) > 0 {
		_, t.err = t.out.Write(t.b)
	}
}
