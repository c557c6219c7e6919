package wire

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtpsh/protocol"
)

// log collects events, and checks that they come one at a time.
type log struct {
	t  *testing.T
	on func(protocol.Event) // called within Emit, when set

	busy   atomic.Bool
	mu     sync.Mutex
	events []protocol.Event
	grown  chan struct{} // closed and made anew with each event
}

func newLog(t *testing.T) *log { return &log{t: t, grown: make(chan struct{})} }

func (l *log) emit(e protocol.Event) {
	if !l.busy.CompareAndSwap(false, true) {
		l.t.Error("Emit was called while it ran")
	}
	defer l.busy.Store(false)
	if s, ok := e.(protocol.Sent); ok { // its octets are good until emit returns
		s.Raw = bytes.Clone(s.Raw)
		e = s
	}
	l.mu.Lock()
	if n := len(l.events); n > 0 && e.When().Before(l.events[n-1].When()) {
		l.t.Errorf("time runs backwards at %s", show(e))
	}
	l.events = append(l.events, e)
	close(l.grown)
	l.grown = make(chan struct{})
	l.mu.Unlock()
	if l.on != nil {
		l.on(e)
	}
}

// await blocks until so many events came.
func (l *log) await(n int) {
	l.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		have, grown := len(l.events), l.grown
		l.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-grown:
		case <-limit:
			l.t.Fatalf("only these events came:\n%s", l)
		}
	}
}

// closed is the last event.
func (l *log) closed() protocol.Closed {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.events[len(l.events)-1].(protocol.Closed)
	if !ok {
		l.t.Fatalf("the last event is no Closed: %s", show(l.events[len(l.events)-1]))
	}
	return c
}

// String shows the events, one a line.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, e := range l.events {
		b.WriteString(show(e) + "\n")
	}
	return b.String()
}

// want compares the events from the n-th on.
func (l *log) want(n int, lines ...string) {
	l.t.Helper()
	got := strings.Split(strings.TrimSuffix(l.String(), "\n"), "\n")
	want := strings.Join(lines, "\n")
	if g := strings.Join(got[min(n, len(got)):], "\n"); g != want {
		l.t.Errorf("events:\n%s\nwant:\n%s", g, want)
	}
}

// show writes an event as a line.
func show(e protocol.Event) string {
	switch e := e.(type) {
	case protocol.Trying:
		return "trying " + e.Address
	case protocol.Missed:
		return fmt.Sprintf("missed %s: %v", e.Address, e.Err)
	case protocol.Opened:
		return fmt.Sprintf("opened %s %s", e.Host, e.Address)
	case protocol.Sent:
		return fmt.Sprintf("> %q", e.Raw)
	case protocol.Received:
		return fmt.Sprintf("< %q", e.Reply.Raw)
	case protocol.Closed:
		return fmt.Sprintf("closed by %d: err %v, unsent %d, tail %q", e.By, e.Err, e.Unsent, e.Tail)
	}
	return fmt.Sprintf("%T", e)
}

// command is a line to send.
func command(line string) protocol.Sent { return protocol.Sent{Raw: []byte(line + "\r\n")} }

// noLeaks fails the test when goroutines outlive it. It is called first, so
// that its check comes last.
func noLeaks(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 1000 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		var b bytes.Buffer
		stacks := make([]byte, 1<<16)
		b.Write(stacks[:runtime.Stack(stacks, true)])
		t.Errorf("%d goroutines became %d:\n%s", before, runtime.NumGoroutine(), b.String())
	})
}

// open connects to an address and waits for Opened, the second event.
func open(t *testing.T, d *Dialer, addr string) *Conn {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Dial(context.Background(), host, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close(protocol.ByUser)
		<-c.Done()
	})
	return c
}

// pipe is a Dialer whose connection is one end of a net.Pipe, and the other
// end of it.
func pipe(t *testing.T, l *log) (*Dialer, net.Conn) {
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	return &Dialer{Emit: l.emit, Connect: func(context.Context, string, string) (net.Conn, error) { return near, nil }}, far
}
