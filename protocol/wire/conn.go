package wire

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"smtpsh/protocol"
)

// ErrClosed is returned for what is asked of a connection that has ended.
// Nothing was sent and no event came of it.
var ErrClosed = errors.New("connection is closed")

// ErrStopped is returned for a transfer that Transfer.Stop ended.
var ErrStopped = errors.New("stopped")

const (
	// block is how many octets go to the system in one write, and so what
	// Dialer.WriteLimit applies to.
	block = 64 << 10
	// lastWords is how long the reader still listens after a write failed: a
	// server that hangs up often says why first.
	lastWords = time.Second
)

// Conn is one live connection. Its reader runs on a goroutine of its own, so a
// server that talks while we write is heard and blocks nothing; that goroutine
// alone emits Closed, as its last act, and so there is exactly one.
//
// Four locks, in the order in which they may be taken: turn, sending, the
// Dialer's emitting, mu. Only turn is held while a message is read, which may
// take for ever, so that a connection can always come to its end.
type Conn struct {
	d    *Dialer
	host string   // as it was dialled
	raw  net.Conn // as dialled; under TLS too, deadlines and the close go here

	done    chan struct{} // closed behind the Closed event
	closing chan struct{} // closed when the end has a cause
	reap    func()        // ends the command at the other end, where there is one
	parked  chan []byte   // hands what came behind the parking reply to Upgrade
	resumed chan struct{} // Upgrade lets the reader go on

	turn    sync.Mutex // one Send, transfer or Upgrade at a time, from its beginning to its end
	sending sync.Mutex // one write at a time, with the events that announce it
	stream  net.Conn   // what octets go through: raw, or TLS on it
	over    bool       // the reader has ended: no more Sent may be emitted

	mu     sync.Mutex
	ended  bool // cause is set
	cause  protocol.Closed
	park   bool
	bare   bool  // a client certificate was asked for and none sent, and the server has said nothing since
	unsent int   // octets that a failed write left
	fault  error // why it failed, unless it was for a close here
}

func newConn(d *Dialer, raw net.Conn, host string) *Conn {
	return &Conn{
		d: d, host: host, raw: raw, stream: raw, park: d.Implicit,
		done: make(chan struct{}), closing: make(chan struct{}),
		parked: make(chan []byte), resumed: make(chan struct{}),
	}
}

// Send emits s, stamped, and then writes its octets: in this order, so that no
// reply can overtake the Sent it answers. The caller has built Raw, line end
// included. A failed write ends the connection, and the Closed that follows
// tells how many octets were left. Send waits for its turn, for the event to
// be taken and for the system to accept the octets; it must not be called from
// within Emit. After the connection has ended it returns ErrClosed.
func (c *Conn) Send(s protocol.Sent) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	return c.put(s.Raw, nil, s)
}

// SendGroup is Send for commands that go out together (RFC 2920 §3.1): it
// emits every Sent and writes the octets of them all at once. Which commands
// may form a group is for the caller to know. RFC 2920 §3.1 wants the window
// of TCP heeded where replies are not taken in while commands are written, or
// both sides may wait for ever; here the reader takes them in all the time, so
// a group may have any size. A command in it must be one line with its CRLF:
// for any other SendGroup returns ErrLineBreak, and nothing was sent.
func (c *Conn) SendGroup(group []protocol.Sent) error {
	var raw []byte
	for _, s := range group {
		// RFC 5321 §2.3.8: a CR or LF inside a line would make two commands of it.
		if line, whole := bytes.CutSuffix(s.Raw, []byte("\r\n")); s.Kind == protocol.SentCommand && (!whole || bytes.ContainsAny(line, "\r\n")) {
			return ErrLineBreak
		}
		raw = append(raw, s.Raw...)
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	return c.put(raw, nil, group...)
}

// put emits what is about to be sent, and writes raw, which is the octets of
// it all. A stop, which may be nil, ends it with ErrStopped, even in the
// middle of the write: the caller's next act is then to close.
func (c *Conn) put(raw []byte, stop <-chan struct{}, events ...protocol.Sent) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.over || c.hasEnded() {
		return ErrClosed
	}
	for _, s := range events {
		c.d.emit(func(at protocol.At) protocol.Event {
			s.At = at
			return s
		})
	}
	left, err := c.write(raw, stop)
	switch {
	case err == nil:
		return nil
	case isDone(stop) && errors.Is(err, os.ErrDeadlineExceeded):
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unsent = left
		return ErrStopped
	}
	return c.failed(left, err)
}

// failed ends the connection for a write that failed and left so many octets.
func (c *Conn) failed(left int, err error) error {
	by, fault := blame("write", err)
	c.mu.Lock()
	c.unsent = left
	if !errors.Is(err, net.ErrClosed) {
		c.fault = fault
	}
	c.mu.Unlock()
	if c.end(by, fault) {
		// The socket stays open for the moment: what the server said before it
		// hung up is still to be read.
		_ = c.raw.SetReadDeadline(time.Now().Add(lastWords))
	}
	return fault
}

// write puts octets on the wire block by block, each within the WriteLimit:
// RFC 5321 §4.5.3.2.5 limits the time of each TCP SEND and not of the message.
func (c *Conn) write(b []byte, stop <-chan struct{}) (left int, err error) {
	for len(b) > 0 {
		if limit := c.d.WriteLimit; limit > 0 {
			_ = c.raw.SetWriteDeadline(time.Now().Add(limit))
		}
		if isDone(stop) { // its deadline may just have been set aside
			return len(b), os.ErrDeadlineExceeded
		}
		n, err := c.stream.Write(b[:min(len(b), block)])
		b = b[n:]
		if err != nil {
			return len(b), err
		}
	}
	return 0, nil
}

func isDone(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// SetReplyDeadline arms the wait for replies: when t passes, the connection
// ends with a Closed by ByFault, whose error is os.ErrDeadlineExceeded. The
// zero time disarms it. Which limit applies (ReplyLimit), and that a reply
// came in time, is for the caller to know.
func (c *Conn) SetReplyDeadline(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		_ = c.raw.SetReadDeadline(t)
	}
}

// Close ends the connection and returns at once; the Closed event follows.
// Only the first cause of an end counts, so closing twice or closing what the
// server has closed is harmless. It may be called from anywhere, also from
// within Emit. To be sure that no event comes any more, wait for Done.
func (c *Conn) Close(by protocol.Closer) {
	c.end(by, nil)
	c.bid()
	_ = c.raw.Close()
}

// bid tells the server that no more comes (RFC 8446 §6.1), where that takes no
// waiting: a Send may be stuck, or be what Close is called from.
func (c *Conn) bid() {
	if !c.sending.TryLock() {
		return
	}
	defer c.sending.Unlock()
	if stream, ok := c.stream.(*tls.Conn); ok {
		_ = c.raw.SetWriteDeadline(time.Now().Add(lastWords))
		_ = stream.CloseWrite()
	}
}

// Done is closed after the Closed event, which is the last one.
func (c *Conn) Done() <-chan struct{} { return c.done }

// end notes why the connection ends, and reports whether it was the first to
// say so.
func (c *Conn) end(by protocol.Closer, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.ended = true
	c.cause = protocol.Closed{By: by, Err: err}
	close(c.closing)
	return true
}

func (c *Conn) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
