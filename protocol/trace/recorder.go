package trace

import (
	"fmt"
	"io"
	"sync"

	"smtpsh/protocol"
)

// format is one way to write events down.
type format interface {
	// event appends what is to be written of e.
	event(b []byte, before, after protocol.Session, e protocol.Event) []byte
	// end appends what closes the document.
	end(b []byte) []byte
}

// held is how much may wait for the end of an exchange: a message is one
// exchange, and may be as long as it likes.
const held = 64 << 10

// recorder is the Recorder of every format: it masks, buffers and keeps the
// first error.
type recorder struct {
	out         io.Writer
	to          format
	count, live bool
	redact      *Redactor        // nil where nothing is
	told        protocol.Session // as the redacted events make it

	mu    sync.Mutex
	pace  pace
	b     []byte // not yet written
	ended bool
	err   error
}

// Event writes e down. Here and nowhere else a credential is masked.
func (r *recorder) Event(before, after protocol.Session, e protocol.Event) {
	e = protocol.Masked(e)
	if sent, ok := e.(protocol.Sent); r.count && ok && sent.Size() > 0 {
		e = sent.Counted()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.redact == nil {
		r.take(before, after, e)
		return
	}
	for _, e := range r.redact.Events(e) {
		before = r.told
		r.told = before.After(e)
		r.take(before, r.told, e)
	}
}

// take writes down an event that may be told.
func (r *recorder) take(before, after protocol.Session, e protocol.Event) {
	if r.ended {
		return
	}
	r.b = r.to.event(r.b, before, after, e)
	if r.pace.whole(after, e) || r.live || len(r.b) > held {
		r.write()
	}
}

// Exit takes how the run ended, for formats that have a place for it.
func (r *recorder) Exit(status int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to, ok := r.to.(interface{ exit(status int, why string) })
	if !ok {
		return
	}
	if r.redact != nil {
		for _, e := range r.redact.Events(protocol.Noted{Text: why}) {
			if note, ok := e.(protocol.Noted); ok {
				why = note.Text
			}
		}
	}
	to.exit(status, why)
}

// Flush writes what is held back.
func (r *recorder) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write()
	return r.err
}

// Close ends the document.
func (r *recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.ended = true
		r.b = r.to.end(r.b)
		r.write()
	}
	return r.err
}

// write hands the buffer to the writer. One that grew for a long message is
// not held on to.
func (r *recorder) write() {
	if len(r.b) > 0 && r.err == nil {
		if _, err := r.out.Write(r.b); err != nil {
			r.err = fmt.Errorf("record: %w", err)
		}
	}
	if r.b = r.b[:0]; cap(r.b) > 4*held {
		r.b = nil
	}
}

// pace knows where one exchange ends and the next may begin.
type pace struct {
	sending bool // something was sent that no reply has ended
}

// whole reports whether the exchanges up to and with e are complete: nothing
// is owed, and no message is half sent.
func (p *pace) whole(after protocol.Session, e protocol.Event) bool {
	switch e.(type) {
	case protocol.Sent:
		p.sending = true
	case protocol.Received, protocol.Secured, protocol.Opened, protocol.Closed:
		p.sending = false
	}
	return !p.sending && after.Awaiting() == 0
}
