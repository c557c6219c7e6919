package practice

import (
	"bufio"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// maxLine is how much of a line is kept; a longer one is answered without
// being read as a command. What a command may really have is less, and the
// grammar's to say.
const maxLine = 4096

// conn is the I/O around a session.
type conn struct {
	srv *Server
	nc  net.Conn
	r   *bufio.Reader // reads from conn itself
	w   *bufio.Writer
	ses *session

	until  time.Time     // when reading ends; zero for Idle from now
	within time.Duration // the next command must come so soon; zero for Idle
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, nc: nc, w: bufio.NewWriter(nc), ses: &session{srv: s, remote: literal(nc.RemoteAddr())}}
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
	c.nc.SetReadDeadline(until)
	if c.srv.closing() { // Close may have come before the deadline was set
		c.nc.SetReadDeadline(time.Now())
	}
	return c.nc.Read(p)
}

func (c *conn) flush() error {
	if c.w.Buffered() == 0 {
		return nil
	}
	patience := time.Minute
	if c.srv.closing() {
		patience = time.Second
	}
	c.nc.SetWriteDeadline(time.Now().Add(patience))
	return c.w.Flush()
}

// serve leads the conversation to its end.
func (c *conn) serve() {
	defer c.nc.Close()
	defer c.ses.reset()
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
		if a.then == stepHangUp || a.then == stepVanish {
			c.hangUp()
			return
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
	if a.then == stepContent {
		next, err := c.readContent()
		return next, err == nil, err
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
		return "", one(500, "5.5.2", "this line is too long for a command"), err // RFC 5321 §4.5.3.1.9
	}
	if err != nil { // a line without its end is not obeyed
		return "", answer{}, err
	}
	line, ok := strings.CutSuffix(string(part), "\r\n")
	if !ok {
		// RFC 5321 §2.3.8: a LF alone ends no line. What it ends is told so
		// and not obeyed; to wait for a CR that will not come would leave a
		// beginner with nc in silence.
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
		c.flush()
		return
	}
	a := one(421, "4.4.2", c.srv.Hostname+" waited too long, closing the connection")
	if c.srv.closing() {
		a = one(421, "4.3.2", c.srv.Hostname+" is shutting down, closing the connection")
	}
	c.w.Write(a.render())
	c.hangUp()
}

// hangUp closes without losing the last reply: octets of the client that
// nobody read would turn the close into a reset, which may overtake it.
func (c *conn) hangUp() {
	c.flush()
	half, ok := c.nc.(interface{ CloseWrite() error })
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
