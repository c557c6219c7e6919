package wire

import (
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"testing"

	"smtpsh/protocol"
)

func TestUnix(t *testing.T) {
	noLeaks(t)
	path := filepath.Join(t.TempDir(), "lmtp")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Skipf("no such sockets here: %v", err)
	}
	defer ln.Close()
	go func() {
		far, err := ln.Accept()
		if err != nil {
			return
		}
		defer far.Close()
		_, _ = far.Write([]byte("220 hi\r\n"))
		_, _ = far.Read(make([]byte, 100))
		_, _ = far.Write([]byte("221 bye\r\n"))
	}()
	l := newLog(t)
	d := &Dialer{Emit: l.emit, LMTP: true, Preamble: func(local, remote netip.AddrPort) ([]byte, error) {
		if local.IsValid() || remote.IsValid() {
			t.Errorf("the preamble is made for %s and %s", local, remote)
		}
		return nil, nil
	}}
	c, err := d.DialUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l.await(3)
	if err := c.Send(command("QUIT")); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	l.want(0, "trying unix:"+path, "opened unix:"+path+" unix:"+path, `< "220 hi\r\n"`, `> "QUIT\r\n"`, `< "221 bye\r\n"`, orderly)
	if o := l.events[1].(protocol.Opened); !o.LMTP || o.Local != "" {
		t.Errorf("opened: %+v", o)
	}
	if c.host != localhost {
		t.Errorf("under TLS it is asked for %q", c.host)
	}
}

func TestUnixFails(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	ln, err := net.Listen("unix", stale)
	if err != nil {
		t.Skipf("no such sockets here: %v", err)
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = ln.Close()
	for _, row := range []struct {
		path string
		kind DialKind
		want string
	}{
		{filepath.Join(dir, "none"), Other, "no such file or directory"},
		{stale, Refused, "connection refused"},
	} {
		l := newLog(t)
		_, err := (&Dialer{Emit: l.emit}).DialUnix(t.Context(), row.path)
		wantDial(t, err, row.kind, "connect to unix:"+row.path+": "+row.want)
		l.want(0, "trying unix:"+row.path, "missed unix:"+row.path+": "+row.want)
	}
	l := newLog(t)
	d := &Dialer{Emit: l.emit, Preamble: func(netip.AddrPort, netip.AddrPort) ([]byte, error) { return nil, errors.New("no header") }}
	_, err = d.DialPipe(t.Context(), "exit 0")
	wantDial(t, err, Other, "connect to pipe:exit 0: no header")
}
