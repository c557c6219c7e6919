package wire

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
)

func TestPreamble(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	var local, remote netip.AddrPort
	d := &Dialer{Emit: l.emit, Preamble: func(here, there netip.AddrPort) ([]byte, error) {
		local, remote = here, there
		return protocol.ProxyHeader(1, netip.MustParseAddrPort("192.0.2.1:9"), netip.MustParseAddrPort("192.0.2.2:25"))
	}}
	// Nothing comes but behind the header.
	addr := smtptest.Serve(t, "> PROXY TCP4 192.0.2.1 192.0.2.2 9 25\n< 220 hi\n> QUIT\n* close")
	c := open(t, d, addr)
	l.await(4)
	if err := c.Send(command("QUIT")); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	l.want(0, "trying "+addr, "opened 127.0.0.1 "+addr, `> "PROXY TCP4 192.0.2.1 192.0.2.2 9 25\r\n"`, `< "220 hi\r\n"`, `> "QUIT\r\n"`, orderly)
	if s := l.events[2].(protocol.Sent); s.Kind != protocol.SentPreamble || !s.Auto {
		t.Errorf("%+v", s)
	}
	if o := l.events[1].(protocol.Opened); local.String() != o.Local || remote.String() != addr {
		t.Errorf("the header was made for %s to %s, the connection is %s to %s", local, remote, o.Local, addr)
	}
	if s := (protocol.Session{}).After(l.events[1]); !s.After(l.events[2]).Equal(s) {
		t.Error("the preamble changed the session")
	}
}

func TestPreambleFails(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	d.Preamble = func(netip.AddrPort, netip.AddrPort) ([]byte, error) { return nil, errors.New("no header") }
	_, err := d.Dial(t.Context(), "192.0.2.1", "25")
	wantDial(t, err, Other, "connect to 192.0.2.1:25: no header")
	l.want(0, "trying "+four, "missed "+four+": no header")
	if _, err := far.Read(make([]byte, 1)); err == nil {
		t.Error("the connection was left open")
	}
}

// TestPreambleUnsent cuts the connection under the preamble.
func TestPreambleUnsent(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	whole := d.Connect
	d.Connect = func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := whole(ctx, network, addr)
		return &broken{nc, 3}, err
	}
	d.Preamble = func(netip.AddrPort, netip.AddrPort) ([]byte, error) { return []byte("PROXY"), nil }
	_ = far.Close()
	c := open(t, d, "192.0.2.1:25")
	<-c.Done()
	l.want(2, `> "PROXY"`, `closed by 0: err write: broken pipe, unsent 2, tail ""`)
}

// TestPreambleBeforeTLS has a server that speaks TLS from the start behind a
// proxy: the header comes first, and in plaintext.
func TestPreambleBeforeTLS(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	d.Implicit = true
	d.Preamble = func(netip.AddrPort, netip.AddrPort) ([]byte, error) {
		return protocol.ProxyHeader(2, netip.AddrPort{}, netip.AddrPort{})
	}
	header, _ := d.Preamble(netip.AddrPort{}, netip.AddrPort{})
	hello := make(chan byte, 1)
	go func() {
		in := bufio.NewReader(far)
		first := make([]byte, len(header)+1)
		for i := range first {
			first[i], _ = in.ReadByte()
		}
		if string(first[:len(header)]) != string(header) {
			t.Errorf("first came %q", first)
		}
		hello <- first[len(header)]
		_ = far.Close()
	}()
	c := open(t, d, "192.0.2.1:25")
	var failed *HandshakeError
	if err := c.Secure(Security{}); !errors.As(err, &failed) {
		t.Errorf("Secure: %v", err)
	}
	const handshake = 22 // RFC 8446 §5.1
	if b := <-hello; b != handshake {
		t.Errorf("behind the header came a record of type %d", b)
	}
}
