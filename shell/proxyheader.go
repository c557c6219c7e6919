package shell

import (
	"errors"
	"net/netip"
	"strings"

	"smtpsh/protocol"
)

// proxyHeader is what the option proxy-protocol says: the header that goes out
// before anything else, as from a proxy that a server trusts.
type proxyHeader struct {
	text     string // as it was set; "" for none
	version  int
	local    bool           // it names nobody
	src, dst netip.AddrPort // zero for those of the connection itself
}

// parseProxyHeader reads "v1" or "v2", and behind it "local", or the address
// and port of the client and of the server that it connected to.
func parseProxyHeader(text string) (proxyHeader, error) {
	h := proxyHeader{text: text}
	words := strings.Fields(text)
	wrong := errors.New("proxy-protocol is v1 or v2, and behind it perhaps local, or CLIENT and SERVER as ADDRESS:PORT")
	if len(words) == 0 {
		return h, wrong
	}
	switch words[0] {
	case "v1":
		h.version = 1
	case "v2":
		h.version = 2
	default:
		return h, wrong
	}
	switch {
	case len(words) == 1:
	case len(words) == 2 && words[1] == "local":
		h.local = true
	case len(words) == 3:
		var err error
		if h.src, err = netip.ParseAddrPort(words[1]); err == nil {
			h.dst, err = netip.ParseAddrPort(words[2])
		}
		if err == nil {
			_, err = protocol.ProxyHeader(h.version, h.src, h.dst)
		}
		if err != nil {
			return h, errors.New("proxy-protocol: " + err.Error())
		}
	default:
		return h, wrong
	}
	return h, nil
}

// octets are the header for a connection.
func (h proxyHeader) octets(local, remote netip.AddrPort) ([]byte, error) {
	switch {
	case h.local:
		return protocol.ProxyHeader(h.version, netip.AddrPort{}, netip.AddrPort{})
	case h.src.IsValid():
		return protocol.ProxyHeader(h.version, h.src, h.dst)
	}
	return protocol.ProxyHeader(h.version, local, remote)
}

func setProxyHeader(sh *Shell, value string) string {
	if value == unset {
		sh.header = proxyHeader{}
		return ""
	}
	h, err := parseProxyHeader(value)
	if err != nil {
		return err.Error()
	}
	sh.header = h
	return ""
}
