// Package wire is one live connection: it dials, writes what it is handed,
// reads replies, and tells of everything through one stream of events. It
// never prints, and it decides nothing about SMTP: what is sent, and what a
// reply means, is for the caller and for protocol.Session.
package wire

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"smtpsh/protocol"
)

// connectTimeout is how long connecting may take as a whole, all addresses
// and the name lookup together, where the Dialer does not say.
const connectTimeout = 30 * time.Second

// Dialer opens connections. Its fields are set before the first Dial and not
// changed after it; it may not be copied.
type Dialer struct {
	// Emit takes the events, one at a time and in order, and must be given.
	// It runs on the goroutine of whoever had something to tell: it may call
	// Close and Park, but neither Send, Upgrade nor Dial, and it must not wait
	// for a goroutine that is within one of these.
	Emit func(protocol.Event)
	// Now is the clock that events are stamped with; time.Now when nil.
	Now func() time.Time
	// Network is "tcp", or "tcp4" or "tcp6" for one family only; "tcp" when
	// empty.
	Network string
	// Timeout bounds connecting as a whole; 30 s when zero.
	Timeout time.Duration
	// WriteLimit bounds the time the system may take to accept a block of
	// octets; none when zero. BlockLimit is what RFC 5321 asks for.
	WriteLimit time.Duration
	// Implicit is for servers that speak TLS from the start (RFC 8314 §3): the
	// reader of a new connection is parked until Secure has made the handshake.
	Implicit bool
	// LMTP is noted in the Opened event; the wire itself is the same.
	LMTP bool
	// Bind is the address of this machine that connections of TCP are made
	// from; the system chooses when it is zero. An address of the other family
	// is then not dialled, and counts as one that failed.
	Bind netip.Addr
	// Proxy is a proxy to connect through, as ParseProxy reads it; nil for
	// none. Network and Bind are then about the connection to the proxy, and
	// Tap sees what comes behind its consent. By "socks5" the host's name is
	// resolved here and Network is about its addresses too; by "socks5h" and
	// "http" the proxy resolves it, and the host is what Opened has for its
	// address.
	Proxy *url.URL
	// Preamble makes octets to send before anything else, before TLS too: the
	// header of the PROXY protocol, by protocol.ProxyHeader. They are told of
	// as a Sent of kind SentPreamble. It is given this end of the connection
	// and the address that was dialled, either of them zero when it is not one
	// of TCP; its error is why the dial failed. Nil for none.
	Preamble func(local, remote netip.AddrPort) ([]byte, error)
	// Tap sees the octets below everything else; nil for none.
	Tap Tap

	// Lookup resolves a name; net.DefaultResolver.LookupNetIP when nil. The
	// network is "ip", "ip4" or "ip6".
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Connect makes one connection of TCP; a net.Dialer when nil. It must return
	// soon after ctx ends.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)

	emitting sync.Mutex // held while Emit runs, so that events are serial
}

// Dial resolves host, races its addresses (RFC 8305) and returns the
// connection that stood first. It emits Trying for each address tried, Missed
// for each that failed, and Opened. Port is a number or a service name. The
// error is a *DialError. Once Dial has returned, ctx has no more effect.
func (d *Dialer) Dial(ctx context.Context, host, port string) (*Conn, error) {
	ctx, cancel := d.limited(ctx)
	defer cancel()
	addrs, fail := d.resolve(ctx, host, port)
	if fail == nil {
		var won attempt
		if won, fail = d.race(ctx, addrs); fail == nil {
			won.via = d.via()
			var c *Conn
			if c, fail = d.open(won, host); fail == nil {
				return c, nil
			}
		}
	} else if fail.Kind != Cancelled {
		// The name itself is named by the event's empty Address.
		d.emit(func(at protocol.At) protocol.Event {
			return protocol.Missed{At: at, Err: &DialError{Kind: fail.Kind, Err: fail.Err}}
		})
	}
	return nil, &DialError{Kind: fail.Kind, Host: host, Port: port, Proxy: d.via(), Err: fail.Err}
}

// limited is ctx with an end to the time that connecting may take.
func (d *Dialer) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = connectTimeout
	}
	return context.WithTimeout(ctx, timeout)
}

// open makes a connection of what the race won. Opened and the preamble go out
// before the reader starts, so that no greeting can overtake them.
func (d *Dialer) open(won attempt, host string) (*Conn, *DialError) {
	raw, reap := won.conn, func() {}
	if p, ok := raw.(*child); ok {
		reap = p.reap
	}
	preamble, err := d.preamble(raw, won.addr)
	if err != nil {
		_ = raw.Close()
		reap()
		return nil, d.missed(won.addr, &DialError{Kind: Other, Err: err})
	}
	if d.Tap != nil {
		raw = &tapped{Conn: raw, tap: d.Tap, now: d.now}
	}
	c := newConn(d, raw, host)
	c.reap = reap
	local := strings.TrimPrefix(raw.LocalAddr().String(), "@") // a socket without a name
	d.emit(func(at protocol.At) protocol.Event {
		return protocol.Opened{At: at, Host: host, Address: won.addr, Via: won.via, Local: local, LMTP: d.LMTP}
	})
	if len(preamble) > 0 {
		// A failure ends the connection, and the reader tells of it.
		_ = c.Send(protocol.Sent{Kind: protocol.SentPreamble, Raw: preamble, Auto: true})
	}
	go c.readAll()
	return c, nil
}

// preamble is what goes first on a connection to addr.
func (d *Dialer) preamble(raw net.Conn, addr string) ([]byte, error) {
	if d.Preamble == nil {
		return nil, nil
	}
	// What is no address of TCP has no port to parse, and stays zero.
	local, _ := netip.ParseAddrPort(raw.LocalAddr().String())
	remote, _ := netip.ParseAddrPort(addr)
	return d.Preamble(local, remote)
}

// missed tells that an address failed, unless the user gave up on it.
func (d *Dialer) missed(addr string, miss *DialError) *DialError {
	if miss.Kind != Cancelled {
		d.emit(func(at protocol.At) protocol.Event { return protocol.Missed{At: at, Address: addr, Err: miss} })
	}
	return miss
}

// resolve turns host and port into addresses to dial, in the order of trial.
func (d *Dialer) resolve(ctx context.Context, host, port string) ([]string, *DialError) {
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return nil, &DialError{Kind: Other, Err: errUnknownPort}
	}
	if d.Proxy != nil && d.Proxy.Scheme != resolvesHere {
		if err := sayable(host); err != nil {
			return nil, &DialError{Kind: Other, Err: err}
		}
		return []string{net.JoinHostPort(unbracketed(host), strconv.Itoa(number))}, nil
	}
	ips, err := d.lookup(ctx, host)
	if err != nil {
		kind := classify(err)
		if kind != Cancelled {
			// A lookup that took all the time failed to resolve: the host was
			// never spoken to, so it is not the host that timed out.
			kind = Unresolvable
		}
		return nil, &DialError{Kind: kind, Err: err}
	}
	addrs := make([]string, len(ips))
	for i, ip := range interleave(ips) {
		addrs[i] = net.JoinHostPort(ip.String(), strconv.Itoa(number))
	}
	return addrs, nil
}

// lookup finds the addresses of host in the wanted family. A literal address,
// bare or in brackets, is no name and is not looked up.
func (d *Dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	var ips []netip.Addr
	var err error
	if ip, perr := netip.ParseAddr(unbracketed(host)); perr == nil {
		ips = []netip.Addr{ip}
	} else {
		find := d.Lookup
		if find == nil {
			find = net.DefaultResolver.LookupNetIP
		}
		if ips, err = find(ctx, "ip"+d.family(), host); err != nil && !notFound(err) {
			return nil, err
		}
	}
	fit := make([]netip.Addr, 0, len(ips))
	for _, ip := range ips {
		ip = ip.Unmap()
		if d.family() == "" || (d.family() == "4") == ip.Is4() {
			fit = append(fit, ip)
		}
	}
	switch {
	case len(fit) > 0:
		return fit, nil
	case d.family() != "":
		// With one family asked for, the resolver cannot tell a name that does
		// not exist from one without such an address.
		return nil, noFamily(d.family())
	case err == nil:
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return nil, err
}

// unbracketed is an address without the brackets that may stand around it.
func unbracketed(host string) string {
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}

// family is "4" or "6" when only one is wanted, and "" for both.
func (d *Dialer) family() string {
	switch d.Network {
	case "tcp4":
		return "4"
	case "tcp6":
		return "6"
	}
	return ""
}

// now reads the clock.
func (d *Dialer) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

// emit stamps an event and hands it on. The stamp is taken within the lock, so
// that time never runs backwards in the stream.
func (d *Dialer) emit(stamped func(protocol.At) protocol.Event) {
	d.emitting.Lock()
	defer d.emitting.Unlock()
	d.Emit(stamped(protocol.At{Time: d.now()}))
}
