package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
)

// idle has nothing to read yet.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestContentThatCannotBeRead(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, row := range []struct {
		name string
		rest io.Reader
		err  error
	}{
		{"an error", iotest.ErrReader(broken), broken},
		{"half a message", iotest.ErrReader(io.ErrUnexpectedEOF), io.ErrUnexpectedEOF},
		{"nothing for ever", idle{}, io.ErrNoProgress},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := func() io.Reader {
				return io.MultiReader(strings.NewReader(strings.Repeat("x", block)), row.rest)
			}
			noLeaks(t)
			l := newLog(t)
			d, far := pipe(t, l)
			c := open(t, d, "192.0.2.1:25")
			all := took(far, block, rand.New(rand.NewPCG(1, 1)))
			err := c.SendContent(r(), Transfer{})
			if !errors.Is(err, row.err) || err.Error() != "read the message: "+row.err.Error() {
				t.Errorf("SendContent: %v", err)
			}
			if err := c.SendChunk("BDAT 100000", r(), 100000, Transfer{}); !errors.Is(err, row.err) || !errors.Is(err, ErrOutOfStep) {
				t.Errorf("SendChunk: %v", err)
			}
			c.Close(protocol.ByUser)
			if got := string(<-all); strings.Contains(got, ".") {
				t.Errorf("a dot was sent: %.80q", got)
			}
		})
	}
}

// TestShortChunk ends a chunk early, before its line was sent and after it.
func TestShortChunk(t *testing.T) {
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	go func() { _, _ = io.Copy(io.Discard, far) }()
	err := c.SendChunk("BDAT 10", strings.NewReader("abc"), 10, Transfer{})
	if want := "read the message: 7 octets fewer than announced: unexpected EOF"; err == nil || err.Error() != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("SendChunk: %v, want %s", err, want)
	}
	if err := c.SendChunk("BDAT 1\r\nQUIT", strings.NewReader("abc"), 1, Transfer{}); !errors.Is(err, ErrLineBreak) {
		t.Errorf("SendChunk of two lines: %v", err)
	}
	l.want(2, "")
	err = c.SendChunk("BDAT 200000", strings.NewReader(strings.Repeat("x", 199999)), 200000, Transfer{})
	if want := "octets are owed to the server: read the message: 1 octets fewer than announced: unexpected EOF"; err == nil || err.Error() != want || !errors.Is(err, ErrOutOfStep) {
		t.Errorf("SendChunk: %v, want %s", err, want)
	}
}

// TestChunksOfOneReader leaves in the reader what belongs to the next chunk.
func TestChunksOfOneReader(t *testing.T) {
	got, _ := transferred(t, 10, 1, func(c *Conn, _ *rand.Rand) error {
		r := strings.NewReader("abc\n.\r\nxyz")
		for _, n := range []int64{3, 0, 5, 2} {
			if err := c.SendChunk(fmt.Sprint("BDAT ", n), r, n, Transfer{}); err != nil {
				return err
			}
		}
		return nil
	})
	if want := "BDAT 3\r\nabcBDAT 0\r\nBDAT 5\r\n\n.\r\nxBDAT 2\r\nyz"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestStop stops a transfer that waits for its reader, and one that waits for
// its peer.
func TestStop(t *testing.T) {
	sends := map[string]func(*Conn, io.Reader, Transfer) error{
		"content": func(c *Conn, r io.Reader, o Transfer) error { return c.SendContent(r, o) },
		"chunk":   func(c *Conn, r io.Reader, o Transfer) error { return c.SendChunk("BDAT 1000000", r, 1000000, o) },
	}
	for name, send := range sends {
		for _, idle := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " with an idle peer ", idle), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLog(t)
					d, far := pipe(t, l)
					d.WriteLimit = BlockLimit
					c := open(t, d, "192.0.2.1:25")
					if !idle {
						go func() { _, _ = io.Copy(io.Discard, far) }()
					}
					r, w := io.Pipe() // has more than a block, and no end
					go func() { _, _ = w.Write(make([]byte, 2*block)) }()
					stop := make(chan struct{})
					go func() {
						synctest.Wait()
						close(stop)
					}()
					err := send(c, r, Transfer{Stop: stop})
					if !errors.Is(err, ErrStopped) || errors.Is(err, ErrOutOfStep) != (name == "chunk") {
						t.Errorf("the transfer ended with %v", err)
					}
					c.Close(protocol.ByUser)
					_ = r.Close()
					<-c.Done()
					if closed := l.closed(); closed.By != protocol.ByUser || (closed.Unsent > 0) != idle {
						t.Errorf("%s", show(closed))
					}
					for _, e := range l.events {
						if s, ok := e.(protocol.Sent); ok && s.Last {
							t.Error("the message was completed")
						}
					}
				})
			})
		}
	}
}

// TestStopTooLate stops what is over, and what was never begun.
func TestStopTooLate(t *testing.T) {
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	go func() { _, _ = io.Copy(io.Discard, far) }()
	stop := make(chan struct{})
	last := func(int64) { close(stop) }
	if err := c.SendContent(strings.NewReader("text"), Transfer{Stop: stop, Progress: last}); err != nil {
		t.Errorf("SendContent: %v", err)
	}
	if err := c.SendChunk("BDAT 4", strings.NewReader("text"), 4, Transfer{Stop: stop}); err != ErrStopped {
		t.Errorf("SendChunk: %v", err)
	}
	if err := c.Send(command("QUIT")); err != nil {
		t.Errorf("Send: %v", err)
	}
	l.want(2, `> "text\r\n.\r\n"`, `> "QUIT\r\n"`)
}

// TestEndOfConnectionWhileReading ends the connection while a transfer waits
// for its reader: neither it nor the Closed event may wait along.
func TestEndOfConnectionWhileReading(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	c := open(t, &Dialer{Emit: l.emit}, smtptest.Serve(t, "< 220 hi\n* any\n< 421 enough\n* close"))
	r, w := io.Pipe()
	go func() { _, _ = w.Write([]byte(strings.Repeat("line\n", block))) }()
	if err := c.SendContent(r, Transfer{}); err == nil {
		t.Error("the message went through")
	}
	<-c.Done()
	_ = r.Close()
	if got := l.String(); !strings.Contains(got, `< "421 enough\r\n"`) || l.closed().By != protocol.ByPeer {
		t.Errorf("events: %.2000s", got)
	}
	if err := c.SendContent(strings.NewReader("x"), Transfer{}); !errors.Is(err, ErrClosed) {
		t.Errorf("SendContent after the end: %v", err)
	}
}

// TestReplyWhileSending hears what the server says before the end, and has
// the caller stop for it.
func TestReplyWhileSending(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	stop := make(chan struct{})
	l.on = func(e protocol.Event) {
		if r, ok := e.(protocol.Received); ok && r.Reply.Negative() {
			close(stop)
		}
	}
	c := open(t, d, "192.0.2.1:25")
	go func() {
		_, _ = io.ReadFull(far, make([]byte, block))
		_, _ = io.WriteString(far, "552 too much\r\n")
		_, _ = io.Copy(io.Discard, far)
	}()
	if err := c.SendContent(lines{}, Transfer{Stop: stop}); !errors.Is(err, ErrStopped) {
		t.Errorf("SendContent: %v", err)
	}
}

// TestTurns sends a command during a message: it waits for the dot.
func TestTurns(t *testing.T) {
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	all := took(far, 100, rand.New(rand.NewPCG(5, 6)))
	var sends sync.WaitGroup
	began := false
	o := Transfer{Progress: func(int64) {
		if !began {
			began = true
			sends.Go(func() { _ = c.Send(command("NOOP")) })
			sends.Go(func() { _ = c.SendGroup([]protocol.Sent{command("RSET"), command("VRFY x")}) })
		}
	}}
	if err := c.SendContent(strings.NewReader(strings.Repeat("a line\n", block)), o); err != nil {
		t.Fatal(err)
	}
	sends.Wait()
	c.Close(protocol.ByUser)
	_, behind, ended := received(<-all)
	if got := string(behind); !ended || got != "NOOP\r\nRSET\r\nVRFY x\r\n" && got != "RSET\r\nVRFY x\r\nNOOP\r\n" {
		t.Errorf("behind the message came %.100q", got)
	}
}

func TestGroup(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	c := open(t, &Dialer{Emit: l.emit}, smtptest.Serve(t, `
		< 220 hi
		> MAIL FROM:<>
		> RCPT TO:<a@b.example>
		> DATA
		< 250 ok
		< 550 no
		< 503 no recipients
		* close
	`))
	l.await(3)
	group := []protocol.Sent{command("MAIL FROM:<>"), command("RCPT TO:<a@b.example>"), command("DATA")}
	if err := c.SendGroup(group); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"RSET\r\nVRFY x", "RSET\rVRFY x", "RSET\nVRFY x"} {
		if err := c.SendGroup([]protocol.Sent{command("NOOP"), command(line)}); !errors.Is(err, ErrLineBreak) {
			t.Errorf("SendGroup of %q: %v", line, err)
		}
	}
	<-c.Done()
	l.want(3, `> "MAIL FROM:<>\r\n"`, `> "RCPT TO:<a@b.example>\r\n"`, `> "DATA\r\n"`,
		`< "250 ok\r\n"`, `< "550 no\r\n"`, `< "503 no recipients\r\n"`, orderly)
	if err := c.SendGroup(group); !errors.Is(err, ErrClosed) {
		t.Errorf("SendGroup after the end: %v", err)
	}
}

// TestGroupWithoutBuffers sends a long group over a connection that holds
// nothing, to a peer that answers each command before it reads the next: the
// replies must be taken in meanwhile (RFC 2920 §3.1).
func TestGroupWithoutBuffers(t *testing.T) {
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	const commands = 2000
	go func() {
		in := bufio.NewReaderSize(far, 16)
		for range commands {
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
			_, _ = io.WriteString(far, "250 "+strings.Repeat("ok ", 100)+"\r\n")
		}
	}()
	if err := c.SendGroup(slices.Repeat([]protocol.Sent{command("RCPT TO:<somebody@example.org>")}, commands)); err != nil {
		t.Fatal(err)
	}
	l.await(2 + 2*commands)
}
