package wire

import (
	"net"
	"sync"
	"time"
)

// Tap sees the octets of a connection as the network does, below TLS, for
// captures. Its methods are called one at a time and must not keep b.
type Tap interface {
	// Read tells of octets that came.
	Read(at time.Time, b []byte)
	// Wrote tells of octets that are about to be written: before the write, so
	// that the answer to them cannot come first. What a failed write left is
	// told by Closed.Unsent.
	Wrote(at time.Time, b []byte)
}

// tapped is a connection with a tap on it.
type tapped struct {
	net.Conn
	now func() time.Time
	mu  sync.Mutex
	tap Tap // called within mu
}

func (t *tapped) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if n > 0 {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.tap.Read(t.now(), b[:n])
	}
	return n, err
}

func (t *tapped) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.tap.Wrote(t.now(), b)
	t.mu.Unlock()
	return t.Conn.Write(b)
}
