package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"smtpsh/protocol"
)

// readAll is the reader: it feeds the parser what comes, emits each reply, and
// last of all the one Closed.
func (c *Conn) readAll() {
	defer close(c.done)
	var parser protocol.ReplyParser
	stream, buf := c.raw, make([]byte, 4<<10)
	var tail []byte
	if c.takePark() { // TLS comes before the greeting
		if stream = c.wait(nil); stream == nil {
			c.finish(nil)
			return
		}
	}
	for {
		n, err := stream.Read(buf)
		behind, parked := c.feed(&parser, buf[:n])
		if parked {
			if stream = c.wait(behind); stream == nil {
				tail = bytes.Clone(behind)
				break
			}
			// RFC 3207 §4.2: nothing learned in plaintext outlives the
			// handshake, half a reply least of all.
			parser = protocol.ReplyParser{}
			continue
		}
		if err != nil {
			c.end(blame("read", err))
			break
		}
	}
	if r, ok := parser.Tail(); ok {
		tail = r.Raw
	}
	c.finish(tail)
}

// feed hands octets to the parser and emits the replies that they complete. It
// stops behind a reply after which to park, and returns what is left.
func (c *Conn) feed(parser *protocol.ReplyParser, b []byte) (behind []byte, parked bool) {
	for len(b) > 0 {
		rest, reply, ok := parser.Feed(b)
		b = rest
		if !ok {
			continue
		}
		c.setBare(false)
		c.d.emit(func(at protocol.At) protocol.Event { return protocol.Received{At: at, Reply: reply} })
		if c.takePark() {
			return b, true
		}
	}
	return nil, false
}

// finish says goodbye. Closing first frees a Send that is stuck in its write,
// and waiting for it tells how much it left.
func (c *Conn) finish(tail []byte) {
	_ = c.raw.Close()
	c.sending.Lock()
	c.over = true
	c.sending.Unlock()
	c.reap()

	c.mu.Lock()
	closed := c.cause
	closed.Unsent = c.unsent
	if closed.By == protocol.ByPeer && closed.Err == nil {
		// The system tells of a reset once: when a write was told, the reader
		// sees but an end of stream.
		closed.Err = c.fault
	}
	if c.bare && closed.By != protocol.ByUser && classify(closed.Err) == Reset {
		// Under TLS 1.3 it is refused after the handshake, and the alert that says so may be lost to the reset.
		closed.Err = fmt.Errorf("%w: the server asked for a client certificate and got none, which may be why: --tls-cert and --tls-key give one", closed.Err)
	}
	c.mu.Unlock()
	closed.Tail = tail
	c.d.emit(func(at protocol.At) protocol.Event {
		closed.At = at
		return closed
	})
}

func (c *Conn) setBare(bare bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bare = bare
}

// blame tells who ended a connection, from the error of a read or a write.
func blame(op string, err error) (protocol.Closer, error) {
	switch {
	case errors.Is(err, io.EOF):
		return protocol.ByPeer, nil
	case op == "read" && errors.Is(err, io.ErrUnexpectedEOF): // of TLS, whose records say how long they are
		return protocol.ByPeer, errors.New("the connection was cut in the middle of a TLS record")
	case op == "read" && errors.Is(err, os.ErrDeadlineExceeded):
		return protocol.ByFault, fmt.Errorf("wait for a reply: %w", os.ErrDeadlineExceeded)
	case alertOf(err) != nil: // under TLS 1.3 a client certificate is refused after the handshake
		a := alertOf(err)
		return protocol.ByPeer, errors.New(alertText(a, a.Meaning))
	case errors.As(err, new(*CommandError)):
		return protocol.ByPeer, err
	case classify(err) == Reset:
		return protocol.ByPeer, fmt.Errorf("%s: %w", op, bare(err))
	}
	return protocol.ByFault, fmt.Errorf("%s: %w", op, bare(err))
}

// Park makes the reader stop behind a reply and read nothing more until
// Upgrade. It is called from within Emit, on the Received that allows the
// upgrade (the 220 to STARTTLS), for only there is it certain which reply that
// is; octets that came with it are then held back and never read as a reply.
func (c *Conn) Park() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.park = true
}

func (c *Conn) takePark() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	park := c.park
	c.park = false
	return park
}

// wait holds the reader until an upgrade, and returns the stream to go on
// with, or nil when the connection ends instead.
func (c *Conn) wait(behind []byte) net.Conn {
	select {
	case c.parked <- bytes.Clone(behind):
	case <-c.closing:
		return nil
	}
	select {
	case <-c.resumed:
		return c.stream
	case <-c.closing:
		return nil
	}
}

// Upgrade changes the stream of a parked connection, as STARTTLS does: it
// waits until the reader is parked and calls handshake with the connection as
// it is and with the octets that came behind the last reply in plaintext.
// These are for reporting, or for giving up over; they go no further, or a man
// in the middle could put replies before the handshake and have them read
// after it. What handshake returns carries all octets from then on. Its error
// ends the connection. Upgrade must not be called from within Emit.
func (c *Conn) Upgrade(handshake func(plain net.Conn, behind []byte) (net.Conn, error)) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.sending.Lock()
	defer c.sending.Unlock()
	var behind []byte
	select {
	case behind = <-c.parked:
	case <-c.closing:
		return ErrClosed
	}
	stream, err := handshake(c.raw, behind)
	if err != nil {
		c.end(protocol.ByFault, err)
		return err
	}
	c.stream = stream
	select {
	case c.resumed <- struct{}{}:
		return nil
	case <-c.closing:
		return ErrClosed
	}
}
