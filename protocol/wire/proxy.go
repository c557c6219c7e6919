package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/proxy"

	"smtpsh/protocol"
)

// resolvesHere is the scheme of a proxy that is given addresses and no names.
const resolvesHere = "socks5"

// proxySchemes are the proxies that ParseProxy knows, with their ports (RFC
// 1928 §3, RFC 9110 §4.2.1).
var proxySchemes = []struct{ name, port string }{
	{resolvesHere, "1080"},
	{"socks5h", "1080"},
	{"http", "80"},
}

// ParseProxy reads a proxy for Dialer.Proxy: socks5://HOST:PORT, which is given
// addresses, socks5h://, which resolves names itself, or http://, which is asked
// to CONNECT; the last is meant where there is no scheme. USER:PASSWORD@ may
// stand before the host, and is in no error.
func ParseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	shown := text
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		shown = text[at+1:]
		if err == nil {
			shown = u.Scheme + "://" + shown
		}
	}
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("proxy %q: SCHEME://HOST:PORT is wanted, with USER:PASSWORD@ before the host if need be", shown)
	}
	var names []string
	for _, s := range proxySchemes {
		names = append(names, s.name+"://")
		if u.Scheme != s.name {
			continue
		}
		port := u.Port()
		if port == "" {
			port = s.port
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("proxy %q: a port is a number from 1 to 65535", shown)
		}
		return &url.URL{Scheme: s.name, User: u.User, Host: net.JoinHostPort(u.Hostname(), port)}, nil
	}
	return nil, fmt.Errorf("proxy %q: only %s are known here", shown, strings.Join(names, ", "))
}

// via names the proxy without its password.
func (d *Dialer) via() string {
	if d.Proxy == nil {
		return ""
	}
	return d.Proxy.Scheme + "://" + d.Proxy.Host
}

// errUnsayable is a host that cannot be named to a proxy.
var errUnsayable = errors.New("the name holds a space or a control character")

// sayable holds back a name that would break out of the request to a proxy.
func sayable(host string) error {
	if strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errUnsayable
	}
	return nil
}

// through connects to the proxy and has it connect to addr.
func (d *Dialer) through(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := d.reach(ctx)
	if err != nil {
		if kind := classify(err); kind != Cancelled {
			err = &DialError{Kind: ProxyUnreachable, Err: &DialError{Kind: kind, Err: bare(err)}}
		}
		return nil, err
	}
	ask := socks
	if d.Proxy.Scheme == "http" {
		ask = tunnel
	}
	err = ask(ctx, conn, d.Proxy, addr)
	if err == nil {
		return conn, nil
	}
	_ = conn.Close()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, context.DeadlineExceeded // it comes a moment before that of ctx
	case isEOF(err), classify(err) == Reset:
		err = errors.New("the proxy closed the connection")
	}
	return nil, &DialError{Kind: ProxyRefused, Err: err}
}

// reach connects to the proxy itself, by the first of its addresses that
// answers. The events are about the target, and the proxy's go nowhere.
func (d *Dialer) reach(ctx context.Context) (net.Conn, error) {
	ips, err := d.lookup(ctx, d.Proxy.Hostname())
	if err != nil {
		return nil, err
	}
	addrs := make([]string, len(ips))
	for i, ip := range interleave(ips) {
		addrs[i] = net.JoinHostPort(ip.String(), d.Proxy.Port())
	}
	own := &Dialer{Emit: func(protocol.Event) {}, Network: d.Network, Bind: d.Bind, Connect: d.Connect}
	won, fail := own.race(ctx, addrs)
	if fail != nil {
		return nil, fail.Err
	}
	return won.conn, nil
}

// socks asks a SOCKS5 proxy (RFC 1928), with a password where there is one
// (RFC 1929).
func socks(ctx context.Context, conn net.Conn, server *url.URL, addr string) error {
	var auth *proxy.Auth
	if server.User != nil {
		password, _ := server.User.Password()
		auth = &proxy.Auth{User: server.User.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", server.Host, auth, already{conn})
	if err != nil {
		return err
	}
	// What it returns is conn in a wrapper that adds nothing of use here.
	if _, err = dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", addr); err == nil {
		return nil
	}
	text := bare(err).Error()
	switch {
	case classify(err) != Other, isEOF(err):
		return err
	case strings.HasPrefix(text, "unexpected protocol version"):
		return errors.New("what the proxy answers is not SOCKS5")
	}
	return errors.New("the proxy refused: " + strings.TrimPrefix(text, "unknown error "))
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// already dials what is connected already.
type already struct{ conn net.Conn }

func (a already) Dial(string, string) (net.Conn, error) { return a.conn, nil }
func (a already) DialContext(context.Context, string, string) (net.Conn, error) {
	return a.conn, nil
}

// tunnel asks an HTTP proxy to CONNECT (RFC 9110 §9.3.6).
func tunnel(ctx context.Context, conn net.Conn, server *url.URL, addr string) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	if server.User != nil {
		password, _ := server.User.Password()
		login := server.User.Username() + ":" + password // RFC 7617 §2
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(login)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return err
	}
	head, err := readHead(conn)
	if err != nil {
		return err
	}
	status, _, _ := strings.Cut(head, "\n")
	if err := consents(strings.TrimSuffix(status, "\r")); err != nil {
		return err
	}
	if !stop() { // ctx ended, and the deadline is set
		return ctx.Err()
	}
	return nil
}

// readHead reads the head of a response, octet by octet: what comes behind it
// is the server's greeting already.
func readHead(conn net.Conn) (string, error) {
	const most = 16 << 10
	var head []byte
	for b := make([]byte, 1); len(head) < most; {
		n, err := conn.Read(b)
		head = append(head, b[:n]...)
		switch text := string(head[max(0, len(head)-4):]); {
		case strings.HasSuffix(text, "\n\r\n"), strings.HasSuffix(text, "\n\n"):
			return string(head), nil
		case err != nil:
			return "", err
		}
	}
	return "", errors.New("the proxy answers with a head without an end")
}

// consents reads a status line (RFC 9112 §4): any 2xx to a CONNECT is consent
// (RFC 9110 §9.3.6).
func consents(status string) error {
	const most = 120
	shown := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, status[:min(len(status), most)])
	version, rest, _ := strings.Cut(status, " ")
	code, _, _ := strings.Cut(rest, " ")
	switch {
	case !strings.HasPrefix(version, "HTTP/1.") || len(code) != len("200"):
		return fmt.Errorf("what the proxy answers is not HTTP: %s", shown)
	case code[0] != '2':
		return fmt.Errorf("the proxy refused: %s", shown)
	}
	return nil
}
