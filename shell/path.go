package shell

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"os"

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
		return "proxy: " + err.Error()
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
	case os.Getenv("ALL_PROXY") != "":
		return "that of ALL_PROXY, but for what NO_PROXY names"
	}
	return byNobody
}

// proxyFor is the proxy to a target: the one that was set, or that of the
// environment, which means no server on this machine.
func (sh *Shell) proxyFor(t Target) (*url.URL, error) {
	if sh.path.proxy != nil || sh.path.none || t.Practice || t.local() || here(t.Host) {
		return sh.path.proxy, nil
	}
	for _, name := range []string{"ALL_PROXY", "all_proxy"} {
		if text := os.Getenv(name); text != "" && !spared(t) {
			return wire.ParseProxy(text)
		}
	}
	return nil, nil
}

// spared reports a target that NO_PROXY names.
func spared(t Target) bool {
	const any = "http://proxy.invalid" // what is asked is whether there would be one
	environment := httpproxy.Config{HTTPProxy: any, NoProxy: cmp.Or(os.Getenv("NO_PROXY"), os.Getenv("no_proxy"))}
	proxy, err := environment.ProxyFunc()(&url.URL{Scheme: "http", Host: net.JoinHostPort(t.Host, t.Port)})
	return err == nil && proxy == nil
}

// here reports a name or an address of this machine.
func here(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
