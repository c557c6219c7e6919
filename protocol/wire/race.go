package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"smtpsh/protocol"
)

// stagger is the head start of an address over the next one: the Connection
// Attempt Delay of RFC 8305 §5.
const stagger = 250 * time.Millisecond

// attempt is how the dial of one address ended.
type attempt struct {
	addr string
	conn net.Conn
	via  string // the proxy, without its password; "" for none
	err  error
}

// race dials the addresses in order, the next one when the last has had its
// head start or as soon as one failed, and returns the first that connects
// (RFC 8305 §5). All others have ended when it returns, so nothing leaks.
func (d *Dialer) race(ctx context.Context, addrs []string) (attempt, *DialError) {
	if len(addrs) == 1 {
		return d.alone(ctx, addrs[0], d.connect)
	}
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan attempt)
	running := 0
	defer func() {
		cancel()
		for ; running > 0; running-- {
			if a := <-results; a.err == nil {
				_ = a.conn.Close() // connected too late
			}
		}
	}()

	head := time.NewTimer(stagger)
	defer head.Stop()
	start := func() {
		if len(addrs) == 0 || ctx.Err() != nil {
			return
		}
		addr := addrs[0]
		addrs = addrs[1:]
		d.emit(func(at protocol.At) protocol.Event { return protocol.Trying{At: at, Address: addr} })
		running++
		go func() {
			conn, err := d.connect(ctx, addr)
			results <- attempt{addr: addr, conn: conn, err: err}
		}()
		head.Reset(stagger)
	}

	// Should ctx have ended already, that is the reason.
	fail := &DialError{Kind: classify(ctx.Err()), Err: ctx.Err()}
	told := false
	for start(); running > 0; {
		select {
		case <-head.C:
			start()
		case a := <-results:
			running--
			if a.err == nil {
				return a, nil
			}
			miss := missOf(a.err)
			if !told || miss.Kind > fail.Kind {
				fail, told = miss, true
			}
			d.missed(a.addr, miss)
			start()
		}
	}
	return attempt{}, fail
}

// alone is the race of a single address: there is nobody to run against.
func (d *Dialer) alone(ctx context.Context, addr string, connect func(context.Context, string) (net.Conn, error)) (attempt, *DialError) {
	if err := ctx.Err(); err != nil {
		return attempt{}, &DialError{Kind: classify(err), Err: err}
	}
	d.emit(func(at protocol.At) protocol.Event { return protocol.Trying{At: at, Address: addr} })
	conn, err := connect(ctx, addr)
	if err == nil {
		return attempt{addr: addr, conn: conn}, nil
	}
	return attempt{}, d.missed(addr, missOf(err))
}

// connect makes one connection, through the proxy where there is one.
func (d *Dialer) connect(ctx context.Context, addr string) (net.Conn, error) {
	if d.Proxy != nil {
		return d.through(ctx, addr)
	}
	return d.direct(ctx, addr)
}

// direct makes one connection from here.
func (d *Dialer) direct(ctx context.Context, addr string) (net.Conn, error) {
	network := d.Network
	if network == "" {
		network = "tcp"
	}
	if d.Connect != nil {
		return d.Connect(ctx, network, addr)
	}
	var nd net.Dialer
	if d.Bind.IsValid() {
		from := d.Bind.Unmap()
		if to, err := netip.ParseAddrPort(addr); err == nil && to.Addr().Is4() != from.Is4() {
			return nil, wrongFamily{from, to.Addr()}
		}
		nd.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	conn, err := nd.DialContext(ctx, network, addr)
	var call *os.SyscallError
	if errors.As(err, &call) && call.Syscall == "bind" {
		// Its error number is otherwise one of a host out of reach.
		return nil, errors.New("bind to " + d.Bind.String() + ": " + call.Err.Error())
	}
	return conn, err
}

// interleave orders addresses for the race: the two families take turns, so
// that one family without a working route costs one head start and not one
// per address (RFC 8305 §4). The family of the first address goes first. The
// resolver sorted them (RFC 6724 §6), so that is IPv6 wherever IPv6 has a
// route, and a machine without one does not begin with a failure.
func interleave(ips []netip.Addr) []netip.Addr {
	var turn [2][]netip.Addr
	for _, ip := range ips {
		i := 0
		if ip.Is4() != ips[0].Is4() {
			i = 1
		}
		turn[i] = append(turn[i], ip)
	}
	out := make([]netip.Addr, 0, len(ips))
	for i := 0; len(out) < len(ips); i = 1 - i {
		if len(turn[i]) > 0 {
			out = append(out, turn[i][0])
			turn[i] = turn[i][1:]
		}
	}
	return out
}
