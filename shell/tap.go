package shell

import (
	"io"
	"time"

	"smtpsh/protocol/trace"
)

// Read hands octets that came over the network to the captures. With Wrote it
// makes the records the tap of a connection.
func (r *records) Read(at time.Time, b []byte) {
	r.captured(func(c trace.Capture) {
		if !r.over {
			c.Read(at, b)
		}
	})
}

// Wrote hands on octets that are about to go out.
func (r *records) Wrote(at time.Time, b []byte) {
	r.captured(func(c trace.Capture) {
		if !r.over {
			c.Wrote(at, b)
		}
	})
}

// captured calls do for each capture, within mu; it reports whether there was one.
func (r *records) captured(do func(trace.Capture)) (any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.files {
		if f.capture != nil {
			do(f.capture)
			any = true
		}
	}
	return any
}

// tapping reports whether a capture wants the octets of the next connection.
func (r *records) tapping() bool { return r.captured(func(trace.Capture) {}) }

// keys is where the secrets of TLS go: to the captures, and to the key log of
// an option where there is one. A capture that is not to have them drops them.
func (r *records) keys(log io.Writer) io.Writer {
	var all []io.Writer
	if log != nil {
		all = append(all, log)
	}
	r.captured(func(c trace.Capture) { all = append(all, c.KeyLog()) })
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return io.MultiWriter(all...)
}
