package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
)

// lookup is a resolver that knows one answer.
func lookup(ips ...string) func(context.Context, string, string) ([]netip.Addr, error) {
	return func(context.Context, string, string) ([]netip.Addr, error) {
		var addrs []netip.Addr
		for _, ip := range ips {
			addrs = append(addrs, netip.MustParseAddr(ip))
		}
		return addrs, nil
	}
}

// errno is an error as the net package makes it.
func errno(e syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", e)}
}

// network is a Connect hook: what each address does.
type network struct {
	does  map[string]func(context.Context) (net.Conn, error)
	open  atomic.Int32 // connections made and not closed
	tries atomic.Int32
}

func (n *network) connect(ctx context.Context, _, addr string) (net.Conn, error) {
	n.tries.Add(1)
	return n.does[addr](ctx)
}

// counted is a connection that knows whether it was closed.
type counted struct {
	net.Conn
	n      *network
	closed atomic.Bool
}

func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.n.open.Add(-1)
	}
	return c.Conn.Close()
}

func (n *network) answers(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	go func() { _, _ = far.Read(make([]byte, 1)); _ = far.Close() }()
	n.open.Add(1)
	return &counted{Conn: near, n: n}, nil
}

// late answers although it was called off.
func (n *network) late(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return n.answers(ctx)
}

func silent(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
}

func failing(err error) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) { return nil, err }
}

const six, four, four2 = "[2001:db8::1]:25", "192.0.2.1:25", "192.0.2.2:25"

func TestRace(t *testing.T) {
	refused, unreachable := failing(errno(syscall.ECONNREFUSED)), failing(errno(syscall.ENETUNREACH))
	net1 := &network{}
	tests := []struct {
		name           string
		six, four, two func(context.Context) (net.Conn, error)
		want           string // events
		err            string
	}{
		{"first wins", net1.answers, nil, nil, "trying SIX;opened SIX", ""},
		{"first refuses", refused, net1.answers, nil, "trying SIX;missed SIX: connection refused;trying FOUR;opened FOUR", ""},
		{"first is silent", silent, net1.answers, nil, "trying SIX;trying FOUR;opened FOUR", ""},
		{"two are silent", silent, silent, net1.answers, "trying SIX;trying FOUR;trying TWO;opened TWO", ""},
		{"loser connects late", net1.late, net1.answers, nil, "trying SIX;trying FOUR;opened FOUR", ""},
		{"all refuse", unreachable, refused, refused,
			"trying SIX;missed SIX: no route to the host;trying FOUR;missed FOUR: connection refused;trying TWO;missed TWO: connection refused",
			"connect to mx.example:25: connection refused"},
		{"a refusal says more than silence", silent, refused, unreachable,
			"trying SIX;trying FOUR;missed FOUR: connection refused;trying TWO;missed TWO: no route to the host;missed SIX: timed out",
			"connect to mx.example:25: connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := net1
				n.does = map[string]func(context.Context) (net.Conn, error){six: tt.six, four: tt.four, four2: tt.two}
				l := newLog(t)
				d := &Dialer{Emit: l.emit, Connect: n.connect, Lookup: lookup("2001:db8::1", "192.0.2.1", "192.0.2.2")}
				c, err := d.Dial(t.Context(), "mx.example", "25")
				want := strings.NewReplacer("opened ", "opened mx.example ", "SIX", six, "FOUR", four, "TWO", four2).Replace(tt.want)
				l.want(0, strings.Split(want, ";")...)
				if tt.err != "" {
					if err == nil || err.Error() != tt.err {
						t.Errorf("Dial: %v, want %s", err, tt.err)
					}
				} else if err != nil {
					t.Error(err)
				} else {
					c.Close(protocol.ByUser)
					<-c.Done()
				}
				synctest.Wait()
				if open := n.open.Load(); open != 0 {
					t.Errorf("%d connections are left open", open)
				}
			})
		})
	}
}

func TestInterleave(t *testing.T) {
	tests := []struct{ in, want string }{
		{"::1", "::1"},
		{"::1 ::2 ::3 1.1.1.1", "::1 1.1.1.1 ::2 ::3"},
		{"1.1.1.1 1.1.1.2 ::1 ::2 ::3", "1.1.1.1 ::1 1.1.1.2 ::2 ::3"},
		{"1.1.1.1 1.1.1.2", "1.1.1.1 1.1.1.2"},
	}
	for _, tt := range tests {
		var ips []netip.Addr
		for _, s := range strings.Fields(tt.in) {
			ips = append(ips, netip.MustParseAddr(s))
		}
		if got := strings.Trim(fmt.Sprint(interleave(ips)), "[]"); got != tt.want {
			t.Errorf("interleave(%s) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestDialTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t)
		n := &network{does: map[string]func(context.Context) (net.Conn, error){four: silent}}
		d := &Dialer{Emit: l.emit, Connect: n.connect}
		_, err := d.Dial(t.Context(), "192.0.2.1", "25")
		wantDial(t, err, TimedOut, "connect to 192.0.2.1:25: timed out")
		l.want(0, "trying "+four, "missed "+four+": timed out")
	})
}

func TestDialCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newLog(t)
		n := &network{does: map[string]func(context.Context) (net.Conn, error){four: silent, six: silent}}
		d := &Dialer{Emit: l.emit, Connect: n.connect, Lookup: lookup("192.0.2.1", "2001:db8::1")}
		go func() { synctest.Wait(); cancel() }()
		_, err := d.Dial(ctx, "mx.example", "25")
		wantDial(t, err, Cancelled, "connect to mx.example:25: cancelled")
		l.want(0, "trying "+four)
		_, err = d.Dial(ctx, "mx.example", "25")
		wantDial(t, err, Cancelled, "connect to mx.example:25: cancelled")
		l.want(1)
	})
}

func wantDial(t *testing.T, err error, kind DialKind, text string) {
	t.Helper()
	var de *DialError
	if !errors.As(err, &de) || de.Kind != kind || err.Error() != text {
		t.Errorf("Dial: %v (kind %v), want %s (kind %v)", err, de.Kind, text, kind)
	}
}

func TestUnresolvable(t *testing.T) {
	tests := []struct {
		name, network string
		err           error
		ips           []string
		want          string
		temporary     bool
	}{
		{"no such name", "", &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, nil, "no such host", false},
		{"servers fail", "", &net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}, nil,
			"name lookup failed: server misbehaving", true},
		{"no answer", "", context.DeadlineExceeded, nil, "name lookup timed out", true},
		{"servers are silent", "", &net.DNSError{Err: "i/o timeout", IsTimeout: true}, nil, "name lookup timed out", true},
		{"no address", "", nil, nil, "no such host", false},
		{"not in the family", "tcp6", &net.DNSError{Err: "no such host", IsNotFound: true}, nil, "no IPv6 address", false},
		{"filtered", "tcp4", nil, []string{"::1"}, "no IPv4 address", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLog(t)
			d := &Dialer{Emit: l.emit, Network: tt.network, Lookup: func(ctx context.Context, network, host string) ([]netip.Addr, error) {
				ips, _ := lookup(tt.ips...)(ctx, network, host)
				return ips, tt.err
			}}
			_, err := d.Dial(t.Context(), "mx.example", "25")
			wantDial(t, err, Unresolvable, "resolve mx.example: "+tt.want)
			l.want(0, "missed : "+tt.want)
			var de *DialError
			if errors.As(err, &de) && de.Temporary() != tt.temporary {
				t.Errorf("Temporary() = %v", de.Temporary())
			}
		})
	}
}

func TestLiteralsAndFamilies(t *testing.T) {
	tests := []struct{ network, host, want string }{
		{"tcp", "192.0.2.1", "192.0.2.1:25"},
		{"", "[2001:db8::1]", "[2001:db8::1]:25"},
		{"tcp6", "fe80::1%eth0", "[fe80::1%eth0]:25"},
		{"tcp4", "::ffff:192.0.2.1", "192.0.2.1:25"},
	}
	for _, tt := range tests {
		d := &Dialer{Network: tt.network, Lookup: func(context.Context, string, string) ([]netip.Addr, error) {
			return nil, errors.New("a literal was looked up")
		}}
		addrs, fail := d.resolve(t.Context(), tt.host, "25")
		if fail != nil || !slices.Equal(addrs, []string{tt.want}) {
			t.Errorf("resolve(%s) = %v, %v; want %s", tt.host, addrs, fail, tt.want)
		}
	}
	d := &Dialer{Emit: newLog(t).emit, Network: "tcp6"}
	_, err := d.Dial(t.Context(), "192.0.2.1", "25")
	wantDial(t, err, Unresolvable, "resolve 192.0.2.1: no IPv6 address")
	_, err = d.Dial(t.Context(), "192.0.2.1", "no-such-service")
	wantDial(t, err, Other, "connect to 192.0.2.1:no-such-service: unknown port")
}

func TestClassify(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Winsock has numbers of its own")
	}
	tests := []struct {
		err  error
		want DialKind
	}{
		{errno(syscall.ECONNREFUSED), Refused},
		{errno(syscall.ECONNRESET), Reset},
		{errno(syscall.ENETUNREACH), Unreachable},
		{errno(syscall.EHOSTUNREACH), Unreachable},
		{errno(syscall.EAFNOSUPPORT), Unreachable},
		{errno(syscall.ETIMEDOUT), TimedOut},
		{os.ErrDeadlineExceeded, TimedOut},
		{fmt.Errorf("dial: %w", context.DeadlineExceeded), TimedOut},
		{context.Canceled, Cancelled},
		{&net.DNSError{IsTimeout: true}, Unresolvable},
		{errno(syscall.EACCES), Other},
	}
	for _, tt := range tests {
		if got := classify(tt.err); got != tt.want {
			t.Errorf("classify(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
	for kind := Other; kind <= Cancelled; kind++ {
		if word := (&DialError{Kind: kind}).ErrorKind(); word == "" || strings.Contains(word, " ") {
			t.Errorf("%v is %q in one word", kind, word)
		}
	}
	if got := (&DialError{Kind: Other, Host: "h", Port: "25", Err: bare(errno(syscall.EACCES))}).Error(); got != "connect to h:25: permission denied" {
		t.Errorf("Error() = %s", got)
	}
}

func TestRealRefusal(t *testing.T) {
	noLeaks(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	_, port, _ := net.SplitHostPort(addr)
	l := newLog(t)
	_, err = (&Dialer{Emit: l.emit}).Dial(t.Context(), "127.0.0.1", port)
	wantDial(t, err, Refused, "connect to "+addr+": connection refused")
	l.want(0, "trying "+addr, "missed "+addr+": connection refused")
}

func TestRealName(t *testing.T) {
	noLeaks(t)
	addr := smtptest.Serve(t, "< 220 hi\n* eof")
	_, port, _ := net.SplitHostPort(addr)
	l := newLog(t)
	d := &Dialer{Emit: l.emit, Network: "tcp4", LMTP: true}
	c, err := d.Dial(t.Context(), "localhost", port)
	if err != nil {
		t.Skipf("no localhost here: %v", err)
	}
	l.await(3)
	c.Close(protocol.ByUser)
	<-c.Done()
	l.want(0, "trying "+addr, "opened localhost "+addr, `< "220 hi\r\n"`, `closed by 1: err <nil>, unsent 0, tail ""`)
	if o := l.events[1].(protocol.Opened); !o.LMTP || o.Local == "" {
		t.Errorf("opened: %+v", o)
	}
}
