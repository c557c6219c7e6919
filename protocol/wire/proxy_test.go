package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
)

// relay is a proxy for tests. It speaks by handle, which consumes the request
// and answers it, and returns where to connect to, or "" for nowhere.
type relay struct {
	handle func(r *relay, in *bufio.Reader, out io.Writer) (target string)

	mu    sync.Mutex
	asked []string
}

// note keeps what was asked for.
func (r *relay) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, text)
}

// serve starts the relay and returns its address.
func (r *relay) serve(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.talk(near) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		all.Wait()
	})
	return ln.Addr().String()
}

func (r *relay) talk(near net.Conn) {
	defer near.Close()
	in := bufio.NewReader(near)
	target := r.handle(r, in, near)
	if target == "" {
		return
	}
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		_, _ = io.Copy(far, in)
		_ = far.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(near, far)
}

// socksServer answers as RFC 1928 has it: a request for a name or an address
// in replies gets that code, 0 being success, for which it connects to target.
// With a login it wants that (RFC 1929).
func socksServer(target, login string, replies map[string]byte) func(*relay, *bufio.Reader, io.Writer) string {
	return func(r *relay, in *bufio.Reader, out io.Writer) string {
		head := make([]byte, 2)
		_, _ = io.ReadFull(in, head)
		_, _ = io.CopyN(io.Discard, in, int64(head[1]))
		if login == "" {
			_, _ = out.Write([]byte{5, 0})
		} else {
			_, _ = out.Write([]byte{5, 2})
			_, _ = in.ReadByte()
			user, password := short255(in), short255(in)
			if user+":"+password != login {
				_, _ = out.Write([]byte{1, 1})
				return ""
			}
			_, _ = out.Write([]byte{1, 0})
		}
		request := make([]byte, 4)
		_, _ = io.ReadFull(in, request)
		var host string
		if request[3] == 3 {
			host = short255(in)
		} else {
			ip := make([]byte, map[byte]int{1: 4, 4: 16}[request[3]])
			_, _ = io.ReadFull(in, ip)
			host = net.IP(ip).String()
		}
		port := make([]byte, 2)
		_, _ = io.ReadFull(in, port)
		asked := net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1])))
		r.note(asked)
		_, _ = out.Write([]byte{5, replies[asked], 0, 1, 0, 0, 0, 0, 0, 0})
		if replies[asked] != 0 {
			return ""
		}
		return target
	}
}

// short255 reads a text with its length before it.
func short255(in *bufio.Reader) string {
	n, _ := in.ReadByte()
	b := make([]byte, n)
	_, _ = io.ReadFull(in, b)
	return string(b)
}

// httpServer gives one answer to every CONNECT.
func httpServer(target, answer string) func(*relay, *bufio.Reader, io.Writer) string {
	return func(r *relay, in *bufio.Reader, out io.Writer) string {
		request, err := http.ReadRequest(in)
		if err != nil {
			r.note(err.Error())
			return ""
		}
		r.note(fmt.Sprintf("%s %s %s %s", request.Method, request.RequestURI, request.Host, request.Header.Get("Proxy-Authorization")))
		_, _ = io.WriteString(out, answer)
		return target
	}
}

func TestProxies(t *testing.T) {
	const script = "< 220 hi\n> QUIT\n< 221 bye\n* close"
	login := url.UserPassword("me", "p:w")
	for _, row := range []struct {
		name, scheme, host string
		user               *url.Userinfo
		handle             func(target string) func(*relay, *bufio.Reader, io.Writer) string
		events, asked      string
	}{
		{"SOCKS that resolves", "socks5h", "mx.example", nil,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string { return socksServer(target, "", nil) },
			"trying mx.example:25;opened mx.example mx.example:25", "mx.example:25"},
		{"SOCKS and an address", "socks5h", "[2001:db8::1]", nil,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string { return socksServer(target, "", nil) },
			"trying [2001:db8::1]:25;opened [2001:db8::1] [2001:db8::1]:25", "[2001:db8::1]:25"},
		{"SOCKS with a login", "socks5h", "mx.example", login,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string {
				return socksServer(target, "me:p:w", nil)
			},
			"trying mx.example:25;opened mx.example mx.example:25", "mx.example:25"},
		{"SOCKS of addresses", "socks5", "mx.example", nil,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string {
				return socksServer(target, "", map[string]byte{four: 5})
			},
			"trying " + four + ";missed " + four + ": the proxy refused: connection refused;trying " + four2 + ";opened mx.example " + four2, four + " " + four2},
		{"HTTP", "http", "mx.example", nil,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string {
				return httpServer(target, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
			},
			"trying mx.example:25;opened mx.example mx.example:25", "CONNECT mx.example:25 mx.example:25 "},
		{"old HTTP with a login", "http", "2001:db8::1", login,
			func(target string) func(*relay, *bufio.Reader, io.Writer) string {
				return httpServer(target, "HTTP/1.0 204\n\n")
			},
			"trying [2001:db8::1]:25;opened 2001:db8::1 [2001:db8::1]:25", "CONNECT [2001:db8::1]:25 [2001:db8::1]:25 Basic bWU6cDp3"},
	} {
		t.Run(row.name, func(t *testing.T) {
			noLeaks(t)
			r := &relay{handle: row.handle(smtptest.Serve(t, script))}
			at := r.serve(t)
			l := newLog(t)
			d := &Dialer{Emit: l.emit, Proxy: &url.URL{Scheme: row.scheme, User: row.user, Host: at}, Lookup: lookup("192.0.2.1", "192.0.2.2")}
			c, err := d.Dial(t.Context(), row.host, "25")
			if err != nil {
				t.Fatal(err)
			}
			events := strings.Split(row.events, ";")
			l.await(len(events) + 1)
			if err := c.Send(command("QUIT")); err != nil {
				t.Fatal(err)
			}
			<-c.Done()
			l.want(0, append(events, `< "220 hi\r\n"`, `> "QUIT\r\n"`, `< "221 bye\r\n"`, orderly)...)
			opened := l.events[len(events)-1].(protocol.Opened)
			if want := row.scheme + "://" + at; opened.Via != want || (protocol.Session{}).After(opened).Via() != want {
				t.Errorf("opened through %q, want %q", opened.Via, want)
			}
			if got := strings.Join(r.asked, " "); got != row.asked {
				t.Errorf("the proxy was asked for %q, want %q", got, row.asked)
			}
		})
	}
}

// TestGreetingWithConsent has the greeting come in one segment with the
// proxy's consent: no octet of it may be lost.
func TestGreetingWithConsent(t *testing.T) {
	r := &relay{handle: httpServer("", "HTTP/1.1 200 ok\r\n\r\n220 hi\r\n")}
	l := newLog(t)
	d := &Dialer{Emit: l.emit, Proxy: &url.URL{Scheme: "http", Host: r.serve(t)}}
	c, err := d.Dial(t.Context(), "mx.example", "25")
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	l.want(2, `< "220 hi\r\n"`, orderly)
}

func TestProxyRefusals(t *testing.T) {
	says := func(answer string) func(*relay, *bufio.Reader, io.Writer) string { return httpServer("", answer) }
	garbage := func(r *relay, in *bufio.Reader, out io.Writer) string {
		_, _ = in.ReadByte()
		_, _ = io.WriteString(out, "HTTP/1.1 400 Bad Request\r\n\r\n")
		_, _ = io.Copy(io.Discard, in)
		return ""
	}
	for _, row := range []struct {
		name, scheme string
		handle       func(*relay, *bufio.Reader, io.Writer) string
		want         string
	}{
		{"HTTP forbids", "http", says("HTTP/1.1 403 Forbidden\r\nX: y\r\n\r\nbody"), "the proxy refused: HTTP/1.1 403 Forbidden"},
		{"HTTP wants a login", "http", says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), "the proxy refused: HTTP/1.1 407 Proxy Authentication Required"},
		{"hostile HTTP", "http", says("HTTP/1.1 500 \x1b]0;x\x07é\r\n\r\n"), "the proxy refused: HTTP/1.1 500 ?]0;x??"},
		{"long HTTP", "http", says("HTTP/1.1 500 " + strings.Repeat("x", 1000) + "\r\n\r\n"), "the proxy refused: HTTP/1.1 500 " + strings.Repeat("x", 120-13)},
		{"no HTTP", "http", says("220 mx.example ESMTP\r\n\r\n"), "what the proxy answers is not HTTP: 220 mx.example ESMTP"},
		{"odd HTTP", "http", says("HTTP/1.1 2\r\n\r\n"), "what the proxy answers is not HTTP: HTTP/1.1 2"},
		{"endless HTTP", "http", says("HTTP/1.1 200 ok\r\n" + strings.Repeat("X: y\r\n", 5000) + "\r\n"), "the proxy answers with a head without an end"},
		{"HTTP hangs up", "http", says("HTTP/1.1 200 ok\r\n"), "the proxy closed the connection"},
		{"SOCKS refuses", "socks5h", socksServer("", "", map[string]byte{"mx.example:25": 2}), "the proxy refused: connection not allowed by ruleset"},
		{"SOCKS cannot", "socks5h", socksServer("", "", map[string]byte{"mx.example:25": 4}), "the proxy refused: host unreachable"},
		{"SOCKS knows no such user", "socks5h", socksServer("", "you:pw", nil), "the proxy refused: username/password authentication failed"},
		{"SOCKS hangs up", "socks5h", func(_ *relay, in *bufio.Reader, _ io.Writer) string { _, _ = in.ReadByte(); return "" }, "the proxy closed the connection"},
		{"no SOCKS", "socks5h", garbage, "what the proxy answers is not SOCKS5"},
	} {
		t.Run(row.name, func(t *testing.T) {
			noLeaks(t)
			at := (&relay{handle: row.handle}).serve(t)
			l := newLog(t)
			_, err := (&Dialer{Emit: l.emit, Proxy: &url.URL{Scheme: row.scheme, User: url.UserPassword("me", "secret"), Host: at}}).Dial(t.Context(), "mx.example", "25")
			wantDial(t, err, ProxyRefused, "connect to mx.example:25 through "+row.scheme+"://"+at+": "+row.want)
			l.want(0, "trying mx.example:25", "missed mx.example:25: "+row.want)
		})
	}
}

func TestProxyOutOfReach(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	_ = ln.Close()
	unknown := func(context.Context, string, string) ([]netip.Addr, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	for _, row := range []struct{ host, network, want string }{
		{closed, "", "connection refused"},
		{"proxy.example:1080", "", "no such host"},
		{closed, "tcp6", "no IPv6 address"},
	} {
		l := newLog(t)
		d := &Dialer{Emit: l.emit, Network: row.network, Lookup: unknown, Proxy: &url.URL{Scheme: "socks5h", Host: row.host}}
		_, err := d.Dial(t.Context(), "mx.example", "25")
		wantDial(t, err, ProxyUnreachable, "connect to mx.example:25 through socks5h://"+row.host+": the proxy cannot be reached: "+row.want)
		var de *DialError
		if !errors.As(err, &de) || !de.Temporary() {
			t.Errorf("%s is said to be for good", row.host)
		}
	}
	d := &Dialer{Emit: newLog(t).emit, Proxy: &url.URL{Scheme: "http", Host: closed}}
	_, err = d.Dial(t.Context(), "mx\r\nX: y", "25")
	if !errors.Is(err, errUnsayable) {
		t.Errorf("Dial with a request within the name: %v", err)
	}
}

// TestProxyOfTwoAddresses has one address of a proxy be silent: the other has
// its turn soon, as with any host (RFC 8305 §5).
func TestProxyOfTwoAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
				_, _ = io.WriteString(far, "HTTP/1.1 200 ok\r\n\r\n")
			}
		}()
		l := newLog(t)
		d := &Dialer{Emit: l.emit, Proxy: &url.URL{Scheme: "http", Host: "proxy.example:80"}, Lookup: lookup("192.0.2.1", "192.0.2.2")}
		d.Connect = func(ctx context.Context, _, address string) (net.Conn, error) {
			if address == "192.0.2.2:80" {
				return near, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		c, err := d.Dial(t.Context(), "mx.example", "25")
		if err != nil {
			t.Fatal(err)
		}
		c.Close(protocol.ByUser)
		<-c.Done()
		l.want(0, "trying mx.example:25", "opened mx.example mx.example:25", `closed by 1: err <nil>, unsent 0, tail ""`)
	})
}

// TestSilentProxy waits for a proxy that takes the request and says nothing.
func TestSilentProxy(t *testing.T) {
	for _, scheme := range []string{"http", "socks5h"} {
		for _, cancelled := range []bool{false, true} {
			t.Run(fmt.Sprint(scheme, " cancelled ", cancelled), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLog(t)
					d, far := pipe(t, l)
					d.Proxy = &url.URL{Scheme: scheme, Host: "192.0.2.9:80"}
					go func() { _, _ = io.Copy(io.Discard, far) }()
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if cancelled {
						go func() {
							synctest.Wait()
							cancel()
						}()
					}
					_, err := d.Dial(ctx, "mx.example", "25")
					kind, text := TimedOut, "timed out"
					if cancelled {
						kind, text = Cancelled, "cancelled"
					}
					wantDial(t, err, kind, "connect to mx.example:25 through "+scheme+"://192.0.2.9:80: "+text)
				})
			})
		}
	}
}

func TestParseProxy(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"proxy.example:3128", "http://proxy.example:3128"},
		{"proxy.example", "http://proxy.example:80"},
		{"http://proxy.example/", "http://proxy.example:80"},
		{"SOCKS5://192.0.2.9", "socks5://192.0.2.9:1080"},
		{"socks5h://[::1]:9050", "socks5h://[::1]:9050"},
		{"socks5h://me:p%40w@proxy.example", "socks5h://me:p%40w@proxy.example:1080"},
		{"me:pw@proxy.example:8080", "http://me:pw@proxy.example:8080"},
	} {
		got, err := ParseProxy(row.text)
		if err != nil || got.String() != row.want {
			t.Errorf("ParseProxy(%s) = %v, %v; want %s", row.text, got, err, row.want)
		}
	}
	const form = ": SCHEME://HOST:PORT is wanted, with USER:PASSWORD@ before the host if need be"
	for _, row := range []struct{ text, want string }{
		{"", `proxy "http://"` + form},
		{"http://", `proxy "http://"` + form},
		{"http://me:secret@", `proxy "http://"` + form},
		{"http://me:se@cret@/", `proxy "http:///"` + form},
		{"http://me:se/cret@proxy.example", `proxy "proxy.example"` + form},
		{"me:secret@proxy.example://x", `proxy "me://proxy.example://x"` + form},
		{"http://me:secret@proxy.example:port", `proxy "proxy.example:port"` + form},
		{"http://me:se%zzcret@proxy.example", `proxy "proxy.example"` + form},
		{"http://proxy.example/path", `proxy "http://proxy.example/path"` + form},
		{"http://proxy.example?x", `proxy "http://proxy.example?x"` + form},
		{"https://me:secret@proxy.example", `proxy "https://proxy.example": only socks5://, socks5h://, http:// are known here`},
		{"socks4://proxy.example", `proxy "socks4://proxy.example": only socks5://, socks5h://, http:// are known here`},
	} {
		if got, err := ParseProxy(row.text); err == nil || err.Error() != row.want {
			t.Errorf("ParseProxy(%s) = %v, %v; want %s", row.text, got, err, row.want)
		}
	}
}
