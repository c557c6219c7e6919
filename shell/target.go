package shell

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Target is a server to connect to. The zero value is none.
type Target struct {
	Host     string // a name or an address, without brackets
	Port     string // "25"
	TLS      string // "implicit" or "starttls"; "" where the option tls decides
	Unix     string // the path of a socket, in place of a host
	Pipe     string // a command to speak to, in place of a host
	LMTP     bool   // it is spoken to in LMTP (RFC 2033)
	Practice bool   // the built-in server
	Mode     string // the practice server's fault to study; "" for none
	Found    bool   // by its MX, and not named by the user
	Several  bool   // one of several that are tried in turn, and not the last
	MX       string // a domain whose exchangers are to be found; Host is "" then
}

// defaultPort is SMTP's (RFC 5321 §4.5.4.2).
const defaultPort = "25"

// scheme is a row of the URLs that name a server.
type scheme struct {
	name, port, tls string
	lmtp            bool
}

// schemes are what may stand before "://" (RFC 6409, RFC 8314).
var schemes = []scheme{
	{"smtp", defaultPort, byUser, false},
	{"smtps", "465", byImplicit, false},
	{"submission", "587", byStartTLS, false},
	{"submissions", "465", byImplicit, false},
	{"lmtp", "24", byUser, true}, // as IANA has it; RFC 2033 §5 names no port
}

// String is the target as it can be typed behind :open.
func (t Target) String() string {
	switch {
	case t.Practice:
		return "the practice server"
	case t.MX != "" && t.Port != defaultPort:
		return "mx:" + net.JoinHostPort(t.MX, t.Port)
	case t.MX != "":
		return "mx:" + t.MX
	case t.Unix != "" && t.LMTP:
		return "lmtp+unix:" + t.Unix
	case t.Unix != "":
		return "unix:" + t.Unix
	case t.Pipe != "":
		return "pipe:" + t.Pipe
	}
	for _, s := range schemes {
		if s.lmtp != t.LMTP || !t.LMTP && t.TLS == byUser || s.tls != t.TLS {
			continue
		}
		if t.Port == s.port {
			return s.name + "://" + bracketed(t.Host)
		}
		return s.name + "://" + net.JoinHostPort(t.Host, t.Port)
	}
	if t.Port == defaultPort {
		return t.Host
	}
	return net.JoinHostPort(t.Host, t.Port)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// ParseTarget reads HOST, HOST:PORT, HOST PORT, [IPv6]:PORT, a bare IPv6
// address, mx:DOMAIN, or a URL such as smtps://HOST:PORT.
func ParseTarget(words ...string) (Target, error) {
	if len(words) == 0 {
		return Target{}, errors.New("a target is HOST, HOST:PORT, HOST PORT or a URL")
	}
	lower := strings.ToLower(words[0])
	switch {
	case strings.HasPrefix(lower, "mx:"):
		return parseMX(words)
	case strings.HasPrefix(lower, "unix:"):
		return localTarget(Target{Unix: strings.Join(words, " ")[len("unix:"):]})
	case strings.HasPrefix(lower, "lmtp+unix:"):
		return localTarget(Target{Unix: strings.Join(words, " ")[len("lmtp+unix:"):], LMTP: true})
	case strings.HasPrefix(lower, "pipe:"):
		return localTarget(Target{Pipe: strings.Join(words, " ")[len("pipe:"):]})
	case len(words) == 1 && strings.Contains(words[0], "://"):
		return parseURL(words[0])
	case strings.Contains(words[0], "@"):
		host := words[0][strings.LastIndexByte(words[0], '@')+1:]
		return Target{}, fmt.Errorf("no user and no password stand in a target: %s alone is one, or mx:%s for the mail of that domain; :auth logs in", host, host)
	case len(words) == 1:
		return parseHostPort(words[0])
	case len(words) == 2:
		return checkTarget(strings.Trim(words[0], "[]"), words[1])
	}
	return Target{}, fmt.Errorf("a target is HOST, HOST:PORT or HOST PORT, not %d words", len(words))
}

// localTarget is a target that no name leads to.
func localTarget(t Target) (Target, error) {
	t.Unix = strings.TrimPrefix(t.Unix, "//") // of unix:///path
	if strings.TrimSpace(t.Unix+t.Pipe) == "" {
		return t, errors.New("a target is unix:PATH, lmtp+unix:PATH or pipe:COMMAND, and nothing stands behind the colon")
	}
	t.Unix = atHome(t.Unix)
	return t, nil
}

// local reports a target on this machine that is no address.
func (t Target) local() bool { return t.Unix != "" || t.Pipe != "" }

// parseMX reads mx:DOMAIN, mx:DOMAIN:PORT or mx:DOMAIN PORT.
func parseMX(words []string) (Target, error) {
	domain, port, both := strings.Cut(words[0][len("mx:"):], ":")
	switch {
	case len(words) > 2 || both && len(words) > 1:
		return Target{}, errors.New("a target is mx:DOMAIN, mx:DOMAIN:PORT or mx:DOMAIN PORT")
	case len(words) == 2:
		port = words[1]
	case !both:
		port = defaultPort
	}
	t, err := checkTarget(domain, port)
	t.MX, t.Host = t.Host, ""
	return t, err
}

func parseURL(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, fmt.Errorf("target %q is no address: %w", masked(text), withoutText(err))
	}
	names := make([]string, len(schemes))
	for i, s := range schemes {
		names[i] = s.name + "://"
		if !strings.EqualFold(u.Scheme, s.name) {
			continue
		}
		if u.User != nil {
			return Target{}, fmt.Errorf("target %q: no user and no password stand in a target (RFC 3986 §3.2.1); :auth logs in", masked(text))
		}
		if u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
			return Target{}, fmt.Errorf("target %q: %s://HOST:PORT, and nothing else", text, s.name)
		}
		port := u.Port()
		if port == "" {
			port = s.port
		}
		t, err := checkTarget(u.Hostname(), port)
		t.TLS, t.LMTP = s.tls, s.lmtp
		return t, err
	}
	return Target{}, fmt.Errorf("target %q: only %s are known here", masked(text), strings.Join(names, ", "))
}

// withoutText is why a URL is none, without the URL, which may have a password
// in it.
func withoutText(err error) error {
	var parse *url.Error
	var port url.EscapeError
	switch {
	case errors.As(err, &port):
		return errors.New("a percent sign begins an escape there")
	case errors.As(err, &parse) && strings.Contains(parse.Err.Error(), "port"):
		return errors.New("the port is no number")
	}
	return errors.New("it does not have the form of one")
}

func parseHostPort(text string) (Target, error) {
	bare := text
	if n := len(text); n > 2 && text[0] == '[' && text[n-1] == ']' {
		bare = text[1 : n-1]
	}
	if isAddress(bare) {
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
	if host == "" || host[0] == '-' || strings.ContainsAny(host, " \t/@<>[]") {
		return Target{}, fmt.Errorf("%q is no host name", host)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		if _, unknown := net.LookupPort("tcp", port); unknown != nil || port == "" || err == nil {
			return Target{}, fmt.Errorf("port %q: a number from 1 to 65535 is wanted", port)
		}
	}
	return Target{Host: host, Port: port}, nil
}
