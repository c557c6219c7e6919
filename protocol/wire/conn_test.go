package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
)

const orderly = `closed by 0: err <nil>, unsent 0, tail ""`

func TestSession(t *testing.T) {
	noLeaks(t)
	p := smtptest.New(t, `
		< 220 hi
		> EHLO x
		< 250-a
		< 250 b
		> NOOP
		< 250 ok
		< 421 going down
		* close
	`)
	l := newLog(t)
	c := open(t, &Dialer{Emit: l.emit}, p.Addr())
	l.await(3)
	for i, line := range []string{"EHLO x", "NOOP"} {
		if err := c.Send(command(line)); err != nil {
			t.Fatal(err)
		}
		l.await(5 + 2*i)
	}
	<-c.Done()
	l.want(1, "opened 127.0.0.1 "+p.Addr(), `< "220 hi\r\n"`, `> "EHLO x\r\n"`, `< "250-a\r\n250 b\r\n"`,
		`> "NOOP\r\n"`, `< "250 ok\r\n"`, `< "421 going down\r\n"`, orderly)
	if err := c.Send(command("QUIT")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after the end: %v", err)
	}
	c.Close(protocol.ByUser)
	l.await(9)
	if n := len(l.events); n != 9 {
		t.Errorf("%d events after the end", n-9)
	}
}

// slow is a connection that reads one octet at a time.
type slow struct {
	net.Conn
	r io.Reader
}

func (s slow) Read(b []byte) (int, error) { return s.r.Read(b) }

func TestOneOctetAtATime(t *testing.T) {
	l := newLog(t)
	d, far := pipe(t, l)
	whole := d.Connect
	d.Connect = func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := whole(ctx, network, addr)
		return slow{nc, iotest.OneByteReader(nc)}, err
	}
	c := open(t, d, "192.0.2.1:25")
	_, _ = io.WriteString(far, "220-hi\r\n220 there\r\n250 x\r\n550 half")
	_ = far.Close()
	<-c.Done()
	l.want(2, `< "220-hi\r\n220 there\r\n"`, `< "250 x\r\n"`, `closed by 0: err <nil>, unsent 0, tail "550 half"`)
}

func TestSmallSegments(t *testing.T) {
	l := newLog(t)
	c := open(t, &Dialer{Emit: l.emit}, smtptest.Serve(t, "* flush-bytes 1\n< 220-hi\n< 220 there\n* close"))
	<-c.Done()
	l.want(2, `< "220-hi\r\n220 there\r\n"`, orderly)
}

func TestEnds(t *testing.T) {
	tests := []struct {
		name, script string
		want         []string
	}{
		{"reset in a reply", "< 220 hi\n* any\n* raw 250-a\\r\\n250\n* wait 20ms\n* reset",
			[]string{`closed by 0: err read: connection reset by peer, unsent 0, tail "250-a\r\n250"`}},
		{"half-closed", "< 220 hi\n* any\n< 250 ok\n* half-close\n* eof", []string{`< "250 ok\r\n"`, orderly}},
		{"no greeting", "* any\n* close", []string{orderly}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			l := newLog(t)
			c := open(t, &Dialer{Emit: l.emit}, smtptest.Serve(t, tt.script))
			skip := 3
			if strings.HasPrefix(tt.script, "< ") {
				l.await(3)
				skip++
			}
			if err := c.Send(command("NOOP")); err != nil {
				t.Fatal(err)
			}
			<-c.Done()
			l.want(skip, tt.want...)
		})
	}
}

// TestFloodWhileWriting writes to a peer that writes without end and reads
// only after it: the reader must drain it or neither gets on, and it must not
// keep what never ends.
func TestFloodWhileWriting(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	const flood = 64 << 20
	go func() {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for range flood / len(chunk) {
			if _, err := far.Write(chunk); err != nil {
				return
			}
		}
		_, _ = io.CopyN(io.Discard, far, 1<<20)
		_ = far.Close()
	}()
	if err := c.Send(protocol.Sent{Raw: make([]byte, 1<<20)}); err != nil {
		t.Error(err)
	}
	<-c.Done()
	if closed := l.closed(); len(closed.Tail) == 0 || len(closed.Tail) > protocol.MaxReply || closed.By != protocol.ByPeer {
		t.Errorf("%d octets kept of %d, closed by %v", len(closed.Tail), flood, closed.By)
	}
	if n := len(l.events); n != 4 {
		t.Errorf("%d events, want trying, opened, sent and closed", n)
	}
}

// broken is a connection that takes some octets and then fails.
type broken struct {
	net.Conn
	takes int
}

func (b *broken) Write(p []byte) (int, error) {
	n := min(len(p), b.takes)
	b.takes -= n
	if n < len(p) {
		return n, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	}
	return n, nil
}

// TestFailedWrite also holds that the last words of a server are heard.
func TestFailedWrite(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	whole := d.Connect
	d.Connect = func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := whole(ctx, network, addr)
		return &broken{nc, block + 3}, err
	}
	c := open(t, d, "192.0.2.1:25")
	raw := bytes.Repeat([]byte("x"), block+10)
	if err := c.Send(protocol.Sent{Raw: raw}); err == nil || err.Error() != "write: broken pipe" {
		t.Errorf("Send: %v", err)
	}
	if err := c.Send(command("QUIT")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after a failed write: %v", err)
	}
	_, _ = io.WriteString(far, "554 too much\r\n")
	_ = far.Close()
	<-c.Done()
	l.want(3, `< "554 too much\r\n"`, `closed by 0: err write: broken pipe, unsent 7, tail ""`)
}

func TestFailedWriteToASilentPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t)
		d, _ := pipe(t, l)
		d.WriteLimit = BlockLimit
		c := open(t, d, "192.0.2.1:25")
		if err := c.Send(command("NOOP")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Send: %v", err)
		}
		<-c.Done()
		l.want(3, `closed by 2: err write: i/o timeout, unsent 6, tail ""`)
	})
}

func TestWriteToADeadPeer(t *testing.T) {
	noLeaks(t)
	p := smtptest.New(t, "< 220 hi\n* any\n* reset")
	l := newLog(t)
	c := open(t, &Dialer{Emit: l.emit}, p.Addr())
	for c.Send(command("NOOP")) == nil {
	}
	<-c.Done()
	// Reader or writer notices first, as the system has it.
	if closed := l.closed(); closed.By != protocol.ByPeer || closed.Err == nil {
		t.Errorf("%s", show(closed))
	}
}

func TestReplyDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t)
		d, far := pipe(t, l)
		c := open(t, d, "192.0.2.1:25")
		c.SetReplyDeadline(time.Now().Add(ReplyLimit("", false)))
		_, _ = io.WriteString(far, "220 hi\r\n")
		l.await(3)
		c.SetReplyDeadline(time.Time{})
		time.Sleep(time.Hour)
		c.SetReplyDeadline(time.Now().Add(ReplyLimit("MAIL", false)))
		_, _ = io.WriteString(far, "250-never")
		<-c.Done()
		l.want(3, `closed by 2: err wait for a reply: i/o timeout, unsent 0, tail "250-never"`)
		if err := l.closed().Err; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("closed with %v", err)
		}
	})
}

func TestCloseFromWithinEmit(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	ready := make(chan *Conn, 1)
	l.on = func(e protocol.Event) {
		if _, ok := e.(protocol.Received); ok {
			c := <-ready
			c.Close(protocol.ByUser)
			c.Close(protocol.ByFault)
		}
	}
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	ready <- c
	// Both in one segment: what was already read is still told.
	_, _ = io.WriteString(far, "220 hi\r\n250 half")
	<-c.Done()
	l.want(2, `< "220 hi\r\n"`, `closed by 1: err <nil>, unsent 0, tail "250 half"`)
}

func TestCloseFromWithinEmitOfSent(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, _ := pipe(t, l)
	var c *Conn
	l.on = func(e protocol.Event) {
		if _, ok := e.(protocol.Sent); ok {
			c.Close(protocol.ByUser)
		}
	}
	c = open(t, d, "192.0.2.1:25")
	if err := c.Send(command("QUIT")); err == nil {
		t.Error("Send wrote to a closed connection")
	}
	<-c.Done()
	l.want(2, `> "QUIT\r\n"`, `closed by 1: err <nil>, unsent 6, tail ""`)
}

// TestCloseWhileBusy closes from many goroutines while others send and a peer
// floods with replies.
func TestCloseWhileBusy(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	var all sync.WaitGroup
	all.Go(func() { _, _ = io.Copy(io.Discard, far) })
	all.Go(func() {
		for {
			if _, err := io.WriteString(far, "250 ok\r\n250 ok\r\n"); err != nil {
				return
			}
		}
	})
	for range 4 {
		all.Go(func() {
			for c.Send(command("NOOP")) == nil {
			}
		})
	}
	l.await(200)
	for range 4 {
		all.Go(func() {
			c.Close(protocol.ByUser)
			<-c.Done()
		})
	}
	all.Wait()
	closed := 0
	for _, e := range l.events {
		if _, ok := e.(protocol.Closed); ok {
			closed++
		}
	}
	if l.closed().By != protocol.ByUser || closed != 1 {
		t.Errorf("%d times Closed, the last: %s", closed, show(l.closed()))
	}
}

// TestCloseFreesAStuckSend closes while Send waits for a peer that does not
// read.
func TestCloseFreesAStuckSend(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, _ := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	sent := make(chan error)
	go func() { sent <- c.Send(command("NOOP")) }()
	l.await(3)
	c.Close(protocol.ByUser)
	if err := <-sent; err == nil {
		t.Error("Send wrote to a peer that did not read")
	}
	<-c.Done()
	l.want(2, `> "NOOP\r\n"`, `closed by 1: err <nil>, unsent 6, tail ""`)
}

// capture is a Tap that writes down what it sees.
type capture struct{ strings.Builder }

func (c *capture) Read(_ time.Time, b []byte)  { c.WriteString("<" + string(b)) }
func (c *capture) Wrote(_ time.Time, b []byte) { c.WriteString(">" + string(b)) }

func TestTap(t *testing.T) {
	l, tap := newLog(t), &capture{}
	clock := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	d := &Dialer{Emit: l.emit, Tap: tap, Now: func() time.Time { return clock }}
	c := open(t, d, smtptest.Serve(t, "< 220 hi\n> QUIT\n< 221 bye\n* close"))
	l.await(3)
	if err := c.Send(command("QUIT")); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if got, want := tap.String(), "<220 hi\r\n>QUIT\r\n<221 bye\r\n"; got != want {
		t.Errorf("tap saw %q, want %q", got, want)
	}
	for _, e := range l.events {
		if !e.When().Equal(clock) {
			t.Errorf("%s at %v", show(e), e.When())
		}
	}
}
