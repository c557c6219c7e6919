package practice

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// maxLine is how much of a line is kept; a longer one is answered without
// being read as a command. The responses of AUTH may have so much (RFC 4954
// §4); what a command may really have is less, and the grammar's to say.
const maxLine = 12288

// conn is the I/O around a session.
type conn struct {
	srv *Server
	raw net.Conn      // what was accepted
	nc  net.Conn      // the same, or the TLS above it
	r   *bufio.Reader // reads from conn itself
	w   *bufio.Writer
	ses *session

	until  time.Time     // when reading ends; zero for Idle from now
	within time.Duration // the next command must come so soon; zero for Idle
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, raw: nc, nc: nc, w: bufio.NewWriter(nc)}
	c.ses = &session{srv: s, remote: literal(nc.RemoteAddr()), mode: int(s.mode.Load())}
	c.r = bufio.NewReaderSize(c, maxLine)
	return c
}

// literal writes the client's address as an address literal (RFC 5321 §4.1.3).
func literal(a net.Addr) string {
	ap, err := netip.ParseAddrPort(a.String())
	switch {
	case err != nil:
		return "[" + clean(a.String()) + "]"
	case ap.Addr().Unmap().Is4():
		return "[" + ap.Addr().Unmap().String() + "]"
	}
	return "[IPv6:" + ap.Addr().WithZone("").String() + "]"
}

// Read fills the buffer from the client. What was answered so far is sent
// first: replies to a pipelined group go out together, and nobody waits for an
// answer that lies in a buffer (RFC 2920 §3.2).
func (c *conn) Read(p []byte) (int, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	until := c.until
	if until.IsZero() {
		idle := c.srv.Idle
		if c.within > 0 {
			idle = c.within
		}
		until = time.Now().Add(idle)
	}
	c.wait(until)
	return c.nc.Read(p)
}

// wait has the next reads end at a time, or now if the server closes. Reading
// may write as well, for TLS answers some records by itself (RFC 8446 §4.6.3).
func (c *conn) wait(until time.Time) {
	c.raw.SetReadDeadline(until)
	c.raw.SetWriteDeadline(until.Add(c.patience()))
	if c.srv.closing() { // Close may have come before the deadlines were set
		c.raw.SetReadDeadline(time.Now())
		c.raw.SetWriteDeadline(time.Now().Add(c.patience()))
	}
}

func (c *conn) flush() error {
	if c.w.Buffered() == 0 {
		return nil
	}
	c.raw.SetWriteDeadline(time.Now().Add(c.patience()))
	return c.w.Flush()
}

// patience is how long a client may take to read.
func (c *conn) patience() time.Duration {
	if c.srv.closing() {
		return time.Second
	}
	return time.Minute
}

// serve leads the conversation to its end. A secure one begins under TLS.
func (c *conn) serve(secure bool) {
	defer c.raw.Close() // TLS has been closed by hangUp, or is cut off
	defer c.ses.reset()
	if secure && c.handshake() != nil {
		c.hangUp()
		return
	}
	c.w.Write(c.ses.greeting().render())
	for {
		line, fault, err := c.readLine()
		if err != nil {
			c.farewell(err)
			return
		}
		c.within = 0
		a := fault
		if a.code == 0 {
			a = c.ses.handle(line)
		}
		for more := true; more; {
			a, more, err = c.perform(a)
			if err != nil {
				c.farewell(err)
				return
			}
		}
		switch a.then {
		case stepHangUp:
			c.notify()
			c.hangUp()
			return
		case stepVanish:
			c.hangUp()
			return
		case stepCommand, stepContent, stepChunk, stepChallenge, stepHandshake:
		}
	}
}

// perform does what an answer says. Reading a message or a chunk yields the
// next answer to perform.
func (c *conn) perform(a answer) (next answer, more bool, err error) {
	if a.then == stepChunk {
		if err := c.readChunk(a); err != nil {
			return a, false, err
		}
		return c.ses.chunk(a), true, nil
	}
	if a.then == stepVanish {
		return a, false, nil
	}
	if a.after > 0 {
		if err := c.pause(a.after); err != nil {
			return a, false, err
		}
	}
	c.within = a.within
	if _, err := c.w.Write(a.render()); err != nil {
		return a, false, err
	}
	switch a.then {
	case stepContent:
		next, err := c.readContent()
		return next, err == nil, err
	case stepHandshake:
		if c.flush() != nil || c.handshake() != nil {
			return answer{then: stepVanish}, false, nil // a word in plaintext would not be understood
		}
	case stepCommand, stepHangUp, stepVanish, stepChunk, stepChallenge:
	}
	return a, false, nil
}

// readLine reads a command line without its CRLF. A line that is no line is
// answered by fault, whose code is then not 0.
func (c *conn) readLine() (line string, fault answer, err error) {
	part, err := c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = c.r.ReadSlice('\n')
		}
		return "", c.ses.tooLong(), err
	}
	if err != nil { // a line without its end is not obeyed
		return "", answer{}, err
	}
	line, ok := strings.CutSuffix(string(part), "\r\n")
	if !ok {
		// RFC 5321 §2.3.8: a LF alone ends no line. What it ends is told so
		// and not obeyed; to wait for a CR that will not come would leave a
		// beginner with nc in silence. As a response it ends AUTH.
		c.ses.pending = nil
		return "", one(500, "5.5.2", "this line ended in LF alone, and SMTP's end in CR LF (nc -C sends them)"), nil
	}
	return line, answer{}, nil
}

func (c *conn) readContent() (answer, error) {
	msg := c.ses.newContent(true)
	for {
		b, err := c.r.ReadByte()
		if err != nil { // no dot, no mail (RFC 5321 §4.1.1.4)
			msg.release()
			return answer{}, err
		}
		if msg.next(b) {
			return c.ses.finish(msg), nil
		}
	}
}

func (c *conn) readChunk(a answer) error {
	for n := a.octets; n > 0; n-- {
		b, err := c.r.ReadByte()
		if err != nil {
			return err
		}
		if a.code == 250 {
			c.ses.tx.chunks.next(b)
		}
	}
	return nil
}

// pause waits, but no longer than the client stays and the server is open.
// Commands that come meanwhile are left in the buffer.
func (c *conn) pause(d time.Duration) error {
	if err := c.flush(); err != nil {
		return err
	}
	c.until = time.Now().Add(d)
	defer func() { c.until = time.Time{} }()
	for {
		_, err := c.r.Peek(c.r.Buffered() + 1)
		if err == nil {
			continue
		}
		if errors.Is(err, bufio.ErrBufferFull) { // nothing more can be read meanwhile
			select {
			case <-time.After(time.Until(c.until)):
			case <-c.srv.done:
			}
		}
		// Else the time is over, or the client sends no more: then it may
		// still read, and has its answer now.
		return nil
	}
}

// farewell ends a conversation that broke off: with a 421 that nobody asked
// for when the client was silent too long or the server closes (RFC 5321
// §3.8), and without a word when the client is gone.
func (c *conn) farewell(err error) {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.notify()
		return
	}
	a := one(421, "4.4.2", c.srv.Hostname+" waited too long, closing the connection")
	if c.srv.closing() {
		a = one(421, "4.3.2", c.srv.Hostname+" is shutting down, closing the connection")
	}
	c.w.Write(a.render())
	c.notify()
	c.hangUp()
}

// notify sends what is left, and under TLS says that nothing was cut off
// behind it (RFC 8446 §6.1).
func (c *conn) notify() {
	if c.flush() != nil {
		return
	}
	if stream, ok := c.nc.(*tls.Conn); ok {
		stream.CloseWrite()
	}
}

// hangUp closes without losing the last reply: octets of the client that
// nobody read would turn the close into a reset, which may overtake it.
func (c *conn) hangUp() {
	c.flush()
	half, ok := c.raw.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.srv.closing() {
		return
	}
	c.until = time.Now().Add(time.Second)
	for read := 0; read < 64<<10; {
		n, err := c.r.Discard(max(1, c.r.Buffered()))
		read += n
		if err != nil {
			return
		}
	}
}
