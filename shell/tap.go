package shell

import (
	"bytes"
	"io"
	"time"
)

// Read hands octets that came over the network to the captures. With Wrote it
// makes the records the tap of a connection.
func (r *records) Read(at time.Time, b []byte) {
	r.tapped(happening{at: at, octets: b, kind: octetsRead})
}

// Wrote hands on octets that are about to go out.
func (r *records) Wrote(at time.Time, b []byte) {
	r.tapped(happening{at: at, octets: b, kind: octetsWritten})
}

func (r *records) tapped(h happening) {
	r.mu.Lock()
	if !r.taps || r.over {
		r.mu.Unlock()
		return
	}
	h.octets = bytes.Clone(h.octets) // they are only lent
	r.size += len(h.octets)
	r.put(h)
}

// tapping reports whether a capture wants the octets of the next connection.
func (r *records) tapping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taps
}

// keys is where the secrets of TLS go: to the captures, and to the key log of
// an option where there is one. A capture that is not to have them drops them.
func (r *records) keys(log io.Writer) io.Writer {
	switch {
	case !r.tapping():
		return log
	case log == nil:
		return keyWriter{r}
	}
	return io.MultiWriter(log, keyWriter{r})
}

type keyWriter struct{ r *records }

func (k keyWriter) Write(lines []byte) (int, error) {
	k.r.tapped(happening{octets: lines, kind: tlsKeys})
	return len(lines), nil
}
