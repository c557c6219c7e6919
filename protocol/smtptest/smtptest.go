// Package smtptest is a scripted peer for tests: it follows a written
// dialogue, the way httptest serves handlers.
//
// A script is lines, seen from the wire; space before a line, empty lines and
// lines that begin with # are passed over:
//
//	< 220 hi            the peer sends this line; lines in a row go in one segment
//	> EHLO x            the client must send exactly this line, CRLF included
//	* any               the client must send one line, no matter which
//	* raw 250 a\n\xff   the peer sends exactly these octets, with a Go string's escapes
//	* flush-bytes 1     from here on sends so many octets at a time; 0 ends it
//	* wait 50ms         the peer waits
//	* eof               the client must close its side, or cut the connection
//	* drain             the same, whatever it sends before
//	* half-close        the peer ends its side and goes on reading
//	* close             the peer closes, whatever is still under way
//	* reset             the peer cuts the connection with a RST
//	---                 what follows is for the next connection
//
// A connection whose script has run out is closed in order: the peer ends its
// side and reads to the end, and whatever the client sent beyond the script is
// a failure. Connections are served one after another. The peer gives up on a
// client that is silent for ten seconds.
package smtptest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

const (
	// patience is how long the peer waits for one step of the client.
	patience = 10 * time.Second
	// grace is how long Close lets a dialogue that is under way come to its end.
	grace = time.Second
	// maxLine bounds a line of the client.
	maxLine = 1 << 20
)

// Peer is a server that follows a script.
type Peer struct {
	ln    net.Listener
	conns [][]step
	done  chan struct{}

	mu       sync.Mutex
	received bytes.Buffer
	current  net.Conn // the connection being served
	cut      bool     // Close ran out of patience
	errs     []error
}

// Serve starts a peer for a test and returns its address, "127.0.0.1:port".
// It ends with the test, and a client that left the script fails the test.
func Serve(t testing.TB, script string) (addr string) {
	t.Helper()
	return New(t, script).Addr()
}

// New is Serve for a test that asks the peer more than its address.
func New(t testing.TB, script string) *Peer {
	t.Helper()
	p, err := Start(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		t.Helper()
		_ = p.Close()
		for _, err := range p.failures() {
			t.Errorf("smtptest: %v", err)
		}
	})
	return p
}

// Start starts a peer without a test around it. Close ends it and tells what
// went wrong.
func Start(script string) (*Peer, error) {
	conns, err := parse(script)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &Peer{ln: ln, conns: conns, done: make(chan struct{})}
	go p.serve()
	return p, nil
}

// Addr is where the peer listens: "127.0.0.1:port".
func (p *Peer) Addr() string { return p.ln.Addr().String() }

// Done is closed when the script has come to its end, good or bad.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Received is every octet that came so far, over all connections.
func (p *Peer) Received() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.received.String()
}

// Close ends the peer: a dialogue under way gets a moment to come to its end.
// The error joins all that departed from the script, each with its line; a
// part of the script that was not reached is one of them.
func (p *Peer) Close() error {
	_ = p.ln.Close()
	select {
	case <-p.done:
	case <-time.After(grace):
		p.mu.Lock()
		p.cut = true
		if p.current != nil {
			_ = p.current.Close()
		}
		p.mu.Unlock()
		<-p.done
	}
	return errors.Join(p.failures()...)
}

func (p *Peer) failures() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.errs
}

func (p *Peer) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errs = append(p.errs, err)
}

// serve takes the connections in turn.
func (p *Peer) serve() {
	defer close(p.done)
	defer func() { _ = p.ln.Close() }()
	for i, steps := range p.conns {
		if tl, ok := p.ln.(*net.TCPListener); ok {
			_ = tl.SetDeadline(time.Now().Add(patience))
		}
		nc, err := p.ln.Accept()
		if err != nil {
			p.fail(fmt.Errorf("connection %d of %d never came", i+1, len(p.conns)))
			return
		}
		if i == len(p.conns)-1 {
			_ = p.ln.Close() // one connection too many is refused
		}
		p.mu.Lock()
		p.current = nc
		if p.cut {
			_ = nc.Close()
		}
		p.mu.Unlock()
		d := &dialogue{nc: nc}
		d.in = bufio.NewReader(io.TeeReader(nc, recorder{p}))
		if err := d.run(steps); err != nil {
			p.fail(err)
		}
		_ = nc.Close()
	}
}

// recorder keeps what came in.
type recorder struct{ p *Peer }

func (r recorder) Write(b []byte) (int, error) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	return r.p.received.Write(b)
}
