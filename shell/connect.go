package shell

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// Target is a server to connect to. The zero value is none.
type Target struct {
	Host     string // a name or an address, without brackets
	Port     string // "25"
	Practice bool   // the built-in server
}

// defaultPort is SMTP's (RFC 5321 §4.5.4.2).
const defaultPort = "25"

// String is the target as it can be typed behind :open.
func (t Target) String() string {
	if t.Practice {
		return "the practice server"
	}
	if t.Port == defaultPort {
		return t.Host
	}
	return net.JoinHostPort(t.Host, t.Port)
}

// ParseTarget reads HOST, HOST:PORT, HOST PORT, [IPv6]:PORT, a bare IPv6
// address, or smtp://HOST:PORT.
func ParseTarget(words ...string) (Target, error) {
	switch {
	case len(words) == 1 && strings.Contains(words[0], "://"):
		return parseURL(words[0])
	case len(words) == 1:
		return parseHostPort(words[0])
	case len(words) == 2:
		return checkTarget(strings.Trim(words[0], "[]"), words[1])
	}
	return Target{}, fmt.Errorf("a target is HOST, HOST:PORT or HOST PORT, not %d words", len(words))
}

func parseURL(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Target{}, fmt.Errorf("target %q is no address: %w", text, errors.Unwrap(err))
	case !strings.EqualFold(u.Scheme, "smtp"):
		return Target{}, fmt.Errorf("target %q: only smtp:// is known here", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return Target{}, fmt.Errorf("target %q: smtp://HOST:PORT, and nothing else", text)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return checkTarget(u.Hostname(), port)
}

func parseHostPort(text string) (Target, error) {
	if bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"); isAddress(bare) {
		return checkTarget(bare, defaultPort)
	}
	if !strings.Contains(text, ":") {
		return checkTarget(text, defaultPort)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return Target{}, fmt.Errorf("target %q: HOST, HOST:PORT or [IPv6]:PORT is wanted", text)
	}
	return checkTarget(host, port)
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

func checkTarget(host, port string) (Target, error) {
	if host == "" || strings.ContainsAny(host, " \t/@<>") {
		return Target{}, fmt.Errorf("%q is no host name", host)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		if _, unknown := net.LookupPort("tcp", port); unknown != nil || port == "" || err == nil {
			return Target{}, fmt.Errorf("port %q: a number from 1 to 65535 is wanted", port)
		}
	}
	return Target{Host: host, Port: port}, nil
}

// Open connects to t and waits for the greeting. It reports whether a
// connection stands.
func (sh *Shell) Open(ctx context.Context, t Target) bool {
	sh.hangUp()
	if t.Practice {
		if !sh.startPractice(ctx) {
			return false
		}
		t.Host, t.Port, _ = net.SplitHostPort(sh.server.Addr())
		sh.hub.hush()
	}
	sh.target = t
	conn, err := sh.dial(ctx, t)
	if err != nil {
		sh.refused(t, err)
		return false
	}
	sh.conn = conn
	sh.deadline("", false)
	sh.await(ctx)
	return sh.hub.Session().Open()
}

// dial connects; at a terminal Ctrl-C stops it.
func (sh *Shell) dial(ctx context.Context, t Target) (conn *wire.Conn, err error) {
	if !sh.Source.Interactive() {
		return sh.dialer.Dial(ctx, t.Host, t.Port)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	dialled := make(chan struct{})
	go func() {
		defer close(dialled)
		conn, err = sh.dialer.Dial(ctx, t.Host, t.Port)
	}()
	for {
		select {
		case <-dialled:
			return conn, err
		case <-sh.Source.Interrupts():
			stop()
		}
	}
}

// refused says in one line why there is no connection, and in a second what
// to try.
func (sh *Shell) refused(t Target, err error) {
	sh.fail(StatusLost)
	sh.hub.forgetMissed()
	sh.note(view.Bad, "No connection: "+err.Error())
	if hint := advise(t, err); hint != "" {
		sh.note(view.Dim, hint)
	}
}

// advise is what to try when a connection failed.
func advise(t Target, err error) string {
	var dial *wire.DialError
	if !errors.As(err, &dial) {
		return ""
	}
	const practice = "; \":open practice\" needs no network at all"
	blocked := "Many providers block port 25: try the submission port, \":open " + t.Host + " 587\"" + practice + "."
	switch dial.Kind {
	case wire.Refused:
		if t.Port == defaultPort {
			return "Nothing listens on port 25 there, or a firewall refuses. " + blocked
		}
		return "The host is there, and nothing listens on port " + t.Port + ": try 25, 587 or 465" + practice + "."
	case wire.TimedOut:
		if t.Port == defaultPort {
			return "No answer at all: the host is down, or a firewall drops the packets. " + blocked
		}
		return "No answer at all: the host is down, or a firewall drops the packets" + practice + "."
	case wire.Unresolvable:
		return "Check the spelling. Mail for a domain often goes to another host: \"dig MX " + t.Host + "\" tells which" + practice + "."
	case wire.Unreachable:
		return "There is no route: check the network, or force a family with -4 or -6" + practice + "."
	case wire.Reset:
		return "Something cut the connection at once, often a firewall" + practice + "."
	case wire.Cancelled:
		return "Stopped by Ctrl-C. :reconnect tries again."
	case wire.Other:
	}
	return ""
}

// startPractice starts the built-in server, once.
func (sh *Shell) startPractice(ctx context.Context) bool {
	if sh.server != nil {
		return true
	}
	server, err := sh.Practice(func() { sh.Source.Close() })
	if err != nil {
		sh.note(view.Bad, err.Error())
		sh.fail(StatusLost)
		return false
	}
	sh.server = server
	go server.Serve(context.WithoutCancel(ctx)) //nolint:errcheck // it ends with Close; a failure shows as a refused connection
	sh.note(view.Plain, "Practice server on "+server.Addr()+": nothing leaves this machine, mail stays in memory. :open HOST opens a real server.")
	return true
}

// reconnect opens the last target again, and brings back the line that was
// typed without a connection.
func (sh *Shell) reconnect(ctx context.Context) {
	if sh.target.Host == "" {
		sh.note(view.Caution, "Nothing was opened yet: :open HOST does.")
		return
	}
	sh.Open(ctx, sh.target)
}

// bringBack puts the kept line into the edit line once there is a connection.
func (sh *Shell) bringBack() {
	if sh.edit.kept != "" && sh.hub.Session().Mode() == protocol.ModeCommand {
		sh.edit.offer = offer{text: sh.edit.kept}
		sh.edit.kept = ""
	}
}
