package wire

import (
	"net"
	"net/netip"
	"runtime"
	"testing"

	"smtpsh/protocol"
)

func TestBind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only here all of 127.0.0.0/8 is this machine")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	from := make(chan string, 1)
	go func() {
		if far, err := ln.Accept(); err == nil {
			from <- far.RemoteAddr().(*net.TCPAddr).IP.String()
			_ = far.Close()
		}
	}()
	l := newLog(t)
	<-open(t, &Dialer{Emit: l.emit, Bind: netip.MustParseAddr("::ffff:127.0.0.7")}, ln.Addr().String()).Done()
	if got := <-from; got != "127.0.0.7" {
		t.Errorf("the connection came from %s", got)
	}
	if o := l.events[1].(protocol.Opened); netip.MustParseAddrPort(o.Local).Addr().String() != "127.0.0.7" {
		t.Errorf("opened: %+v", o)
	}
}

func TestBindFails(t *testing.T) {
	l := newLog(t)
	_, err := (&Dialer{Emit: l.emit, Bind: netip.MustParseAddr("192.0.2.7")}).Dial(t.Context(), "127.0.0.1", "25")
	want := "bind to 192.0.2.7: cannot assign requested address"
	if runtime.GOOS == "linux" { // others word it in their way
		wantDial(t, err, Other, "connect to 127.0.0.1:25: "+want)
		l.want(0, "trying 127.0.0.1:25", "missed 127.0.0.1:25: "+want)
	}
	for _, row := range []struct{ from, to, want string }{
		{"127.0.0.1", "2001:db8::1", "from the IPv4 address 127.0.0.1 no IPv6 address can be reached"},
		{"::1", "192.0.2.1", "from the IPv6 address ::1 no IPv4 address can be reached"},
	} {
		l := newLog(t)
		_, err := (&Dialer{Emit: l.emit, Bind: netip.MustParseAddr(row.from)}).Dial(t.Context(), row.to, "25")
		to := net.JoinHostPort(row.to, "25")
		wantDial(t, err, Other, "connect to "+to+": "+row.want)
		l.want(0, "trying "+to, "missed "+to+": "+row.want)
	}
}
