package shell

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"smtpsh/protocol/wire"
)

// path is the way that connections take.
type path struct {
	bind  netip.Addr // this end; zero for any
	proxy *url.URL   // nil for none
	none  bool       // not even the one of ALL_PROXY
}

// setBind is the option bind.
func setBind(sh *Shell, value string) string {
	if value == unset {
		sh.path.bind = netip.Addr{}
		return ""
	}
	addr, err := netip.ParseAddr(value)
	if err != nil {
		return "bind is an address of this machine, such as 192.0.2.1 or 2001:db8::1"
	}
	sh.path.bind = addr
	return ""
}

func (sh *Shell) bindText() string {
	if !sh.path.bind.IsValid() {
		return "any"
	}
	return sh.path.bind.String()
}

// setProxy is the option proxy.
func setProxy(sh *Shell, value string) string {
	switch value {
	case unset:
		sh.path.proxy, sh.path.none = nil, false
		return ""
	case byNobody:
		sh.path.proxy, sh.path.none = nil, true
		return ""
	}
	u, err := wire.ParseProxy(value)
	if err != nil {
		return err.Error()
	}
	sh.path.proxy, sh.path.none = u, false
	return ""
}

func (sh *Shell) proxyText() string {
	switch {
	case sh.path.none:
		return byNobody
	case sh.path.proxy != nil:
		return sh.path.proxy.Redacted()
	case fromEnv("ALL_PROXY") != "":
		return "that of ALL_PROXY, but for what NO_PROXY names"
	}
	return byNobody
}

// proxyFor is the proxy to a target: the one that was set, or that of the
// environment, which means no server on this machine, and none that NO_PROXY
// names.
func (sh *Shell) proxyFor(t Target) (*url.URL, error) {
	if sh.path.proxy != nil || sh.path.none || t.Practice || t.local() || here(t.Host) {
		return sh.path.proxy, nil
	}
	text := fromEnv("ALL_PROXY")
	if text == "" {
		return nil, nil
	}
	u, err := wire.ParseProxy(text)
	if err != nil || spared(t) {
		return nil, err
	}
	return u, nil
}

// spared reports a target that NO_PROXY names, in the notation that other
// programs take: names of hosts and domains, addresses, networks, each perhaps
// with a port, and * for all.
func spared(t Target) bool {
	list := httpproxy.Config{HTTPProxy: "http://proxy.invalid", NoProxy: fromEnv("NO_PROXY")}
	u, err := list.ProxyFunc()(&url.URL{Scheme: "http", Host: net.JoinHostPort(t.Host, t.Port)})
	return err == nil && u == nil
}

// fromEnv is an environment variable, whose name may be in lower case too.
func fromEnv(name string) string {
	return cmp.Or(os.Getenv(name), os.Getenv(strings.ToLower(name)))
}

// here reports a name or an address of this machine.
func here(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
