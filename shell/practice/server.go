// Package practice is the built-in practice server: a real SMTP server on the
// loopback that takes mail for anyone, keeps it in memory and sends it nowhere.
// It judges lines with the grammar of package protocol, so what the shell
// explains on one side is what the server answers on the other, and it never
// hangs up on a mistake.
package practice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The limits that keep a stranger's bytes from growing memory without bound.
const (
	maxConns      = 100       // connections at a time
	maxRecipients = 100       // of one message; RFC 5321 §4.5.3.1.8 wants at least 100
	maxMessages   = 1000      // kept in memory
	maxKept       = 64 << 20  // octets of messages kept in memory
	maxIncoming   = 128 << 20 // octets of all messages that are being received
)

// Server is a practice server. Its fields are set by options of Listen, and
// not changed once Serve runs.
type Server struct {
	// Hostname is what the server calls itself.
	Hostname string
	// MaxSize is the largest message it takes, in octets.
	MaxSize int64
	// Now is the clock that dates messages.
	Now func() time.Time
	// Idle is how long a client may be silent before a 421 ends the connection.
	Idle time.Duration
	// Second is how long a second of slow@ and idle@ lasts; tests make it short.
	Second time.Duration
	// Nonce makes what must never come twice in the challenges of AUTH:
	// printable characters without space and comma.
	Nonce func() string
	// Delivered, if set, is called with each message that was taken, from the
	// goroutine of its connection.
	Delivered func(Message)
	// Panicked, if set, is called when the server panics, before the program
	// ends: whoever holds a terminal puts it right.
	Panicked func()

	listener net.Listener
	done     chan struct{} // closed by Close
	mode     atomic.Int32  // the row of Modes that the next connection gets
	identity identity
	store    store
	grey     greylist
	incoming atomic.Int64 // octets reserved by messages that are being received

	mu          sync.Mutex
	tlsListener net.Listener // nil until ListenTLS
	conns       map[net.Conn]struct{}
	wg          sync.WaitGroup
}

// Option changes a server before it listens.
type Option func(*Server)

// Listen opens a practice server on addr, "127.0.0.1:0" for a free port of the
// loopback. Connections are answered once Serve runs.
func Listen(addr string, options ...Option) (*Server, error) {
	s := newServer(options...)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("practice server: %w", err)
	}
	s.listener = l
	return s, nil
}

func newServer(options ...Option) *Server {
	s := &Server{
		Hostname: "practice.example",
		MaxSize:  10 << 20,
		Now:      time.Now,
		Idle:     10 * time.Minute, // RFC 5321 §4.5.3.2.7 wants at least 5 minutes
		Second:   time.Second,
		Nonce:    rand.Text,
		done:     make(chan struct{}),
		conns:    map[net.Conn]struct{}{},
	}
	for _, o := range options {
		o(s)
	}
	return s
}

// Addr is the address that the server listens on: "127.0.0.1:40213".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Serve answers connections until ctx ends or Close is called, and returns
// when the last connection is finished. Both of these ends are no error.
func (s *Server) Serve(ctx context.Context) error {
	defer s.wg.Wait()
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	return s.accept(s.listener, false)
}

// accept admits who comes to l until that is closed; secure has them begin
// with the TLS handshake.
func (s *Server) accept(l net.Listener, secure bool) error {
	for failures := 0; ; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			failures = 0
			s.admit(nc, secure)
		case errors.Is(err, net.ErrClosed):
			return nil
		case failures == 10:
			return fmt.Errorf("practice server: %w", err)
		default: // out of file descriptors, or a client gone before its turn: soon over
			failures++
			select {
			case <-s.done:
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

// admit starts a conversation, or says that there are too many.
func (s *Server) admit(nc net.Conn, secure bool) {
	s.mu.Lock()
	full := len(s.conns) >= maxConns
	if !full {
		s.conns[nc] = struct{}{}
		s.wg.Add(1)
	}
	s.mu.Unlock()
	if full && secure { // no word but an alert could be understood
		nc.Close()
		return
	}
	if full {
		nc.SetWriteDeadline(time.Now().Add(time.Second))
		nc.Write(one(421, "4.3.2", "too many connections, try again later").render())
		nc.Close()
		return
	}
	go func() {
		defer s.wg.Done()
		defer s.guard()
		newConn(s, nc).serve(secure)
		s.mu.Lock()
		delete(s.conns, nc)
		s.mu.Unlock()
	}()
}

// guard is deferred where a panic would end the program.
func (s *Server) guard() {
	if s.Panicked == nil {
		return
	}
	if p := recover(); p != nil {
		s.Panicked()
		panic(p)
	}
}

// Close stops listening and bids every client farewell with a 421. It does not
// wait for them; Serve does. Calling it again does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing() {
		return nil
	}
	close(s.done)
	for nc := range s.conns { // wake whoever waits for a client
		nc.SetReadDeadline(time.Now())
		nc.SetWriteDeadline(time.Now().Add(time.Second))
	}
	var err error
	for _, l := range []net.Listener{s.listener, s.tlsListener} {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}

func (s *Server) closing() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Messages returns the mail that was taken and is still kept, oldest first:
// the last 1000 messages, or fewer when they are larger than 64 MiB together.
func (s *Server) Messages() []Message { return s.store.all() }

// Message returns the n-th message that was taken, counted from 1. It reports
// false for one that has not come yet, or is no longer kept.
func (s *Server) Message(n int) (Message, bool) { return s.store.get(n) }

// Dropped says how many of the oldest messages are no longer kept.
func (s *Server) Dropped() int { return s.store.dropped() }
