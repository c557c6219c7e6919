package wire

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// parking is a connection that parks after the reply "220 go", and the peer's
// end of it.
func parking(t *testing.T) (*log, *Conn, net.Conn) {
	t.Helper()
	l := newLog(t)
	ready := make(chan *Conn, 1)
	l.on = func(e protocol.Event) {
		if r, ok := e.(protocol.Received); ok && string(r.Reply.Raw) == "220 go\r\n" {
			(<-ready).Park()
		}
	}
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	ready <- c
	return l, c, far
}

// rot13 stands in for TLS.
type rot13 struct{ net.Conn }

func rotate(b []byte) []byte {
	return []byte(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, string(b)))
}

func (c rot13) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	copy(b, rotate(b[:n]))
	return n, err
}

func (c rot13) Write(b []byte) (int, error) { return c.Conn.Write(rotate(b)) }

func TestUpgrade(t *testing.T) {
	noLeaks(t)
	l, c, far := parking(t)
	_, _ = io.WriteString(far, "220 hi\r\n220 go\r\n250 injected\r\n250-more")
	var behind string
	err := c.Upgrade(func(plain net.Conn, b []byte) (net.Conn, error) {
		behind = string(b)
		go func() { _, _ = io.WriteString(far, "hello") }()
		hello := make([]byte, 5)
		if _, err := io.ReadFull(plain, hello); string(hello) != "hello" || err != nil {
			t.Errorf("the handshake read %q, %v", hello, err)
		}
		return rot13{plain}, nil
	})
	if err != nil || behind != "250 injected\r\n250-more" {
		t.Errorf("Upgrade: %v, behind %q", err, behind)
	}
	got := make([]byte, 6)
	go func() {
		_, _ = io.ReadFull(far, got)
		_, _ = io.WriteString(far, "250 bx\r\n")
		_ = far.Close()
	}()
	if err := c.Send(command("EHLO")); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if string(got) != "RUYB\r\n" {
		t.Errorf("the peer read %q", got)
	}
	l.want(2, `< "220 hi\r\n"`, `< "220 go\r\n"`, `> "EHLO\r\n"`, `< "250 ok\r\n"`, orderly)
}

func TestUpgradeFails(t *testing.T) {
	noLeaks(t)
	l, c, far := parking(t)
	_, _ = io.WriteString(far, "220 go\r\n")
	no := errors.New("bad certificate")
	if err := c.Upgrade(func(net.Conn, []byte) (net.Conn, error) { return nil, no }); !errors.Is(err, no) {
		t.Errorf("Upgrade: %v", err)
	}
	<-c.Done()
	l.want(2, `< "220 go\r\n"`, `closed by 2: err bad certificate, unsent 0, tail ""`)
}

func TestCloseWhileParked(t *testing.T) {
	noLeaks(t)
	l, c, far := parking(t)
	_, _ = io.WriteString(far, "220 go\r\n250 behind\r\n")
	c.Close(protocol.ByUser)
	<-c.Done()
	l.want(2, `< "220 go\r\n"`, `closed by 1: err <nil>, unsent 0, tail "250 behind\r\n"`)
	never := func(net.Conn, []byte) (net.Conn, error) {
		t.Error("a handshake on a closed connection")
		return nil, nil
	}
	if err := c.Upgrade(never); !errors.Is(err, ErrClosed) {
		t.Errorf("Upgrade: %v", err)
	}
}
