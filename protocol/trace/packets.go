package trace

import (
	"errors"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// packets is the format of a capture: what went over a connection as TCP
// segments.
type packets struct {
	tapped, keys bool

	masks   masks
	begun   bool      // the section is written
	flow    *flow     // the connection; nil without one
	flows   int       // connections so far
	tried   time.Time // when the address that answers was dialled
	address string    // of the peer, for a recording that begins in the middle
	moved   bool      // octets went over the connection
	lacks   int       // octets that were counted and not recorded, before what comes next

	// The packets of a TLS handshake wait for its secrets, and must stand behind
	// them: dissectors read a capture once, from its beginning.
	shaking bool
	waiting []byte
	secrets []byte
}

// maxWaiting is how much may wait for secrets: a handshake has less.
const maxWaiting = 1 << 20

func (p *packets) event(b []byte, before, after protocol.Session, e protocol.Event) []byte {
	p.address = after.Address()
	switch e := e.(type) {
	case protocol.Trying:
		p.tried = e.Time
	case protocol.Opened:
		p.masks = masks{}
		return p.open(b, e)
	case protocol.Sent:
		if !p.tapped {
			b = p.octets(b, e.Time, true, e.Raw, "")
			p.lacks += e.Omitted
		}
	case protocol.Received:
		if !p.tapped {
			b = p.octets(b, e.Time, false, e.Reply.Raw, "")
			p.lacks += e.Reply.Dropped
		}
		if after.Mode() == protocol.ModeHandshake {
			b = p.octets(b, e.Time, false, p.masks.rest(), "")
			p.shaking = p.shaking || p.tapped && p.keys
		}
	case protocol.Smuggled:
		if !p.tapped {
			b = p.octets(b, e.Time, false, e.Raw, SmuggledText(e))
		}
	case protocol.Secured:
		b = p.release(b)
		if !p.tapped {
			return p.plaintext(b, e)
		}
	case protocol.Closed:
		if !p.tapped {
			b = p.octets(b, e.Time, false, e.Tail, "")
		}
		b = p.octets(b, e.Time, false, p.masks.rest(), "")
		return p.close(p.release(b), before, e)
	case protocol.Missed, protocol.Cancelled, protocol.Advised, protocol.Noted, protocol.Expected, protocol.Summed:
	}
	return b
}

func (p *packets) end(b []byte) []byte {
	return p.append(p.release(b), func(*blocks) {}) // a capture of nothing is one too
}

// append appends blocks, or has them wait.
func (p *packets) append(b []byte, add func(*blocks)) []byte {
	if !p.begun {
		p.begun = true
		to := blocks{b: b}
		to.section(p.about())
		b = to.b
	}
	if !p.shaking {
		to := blocks{b: b}
		add(&to)
		return to.b
	}
	to := blocks{b: p.waiting}
	add(&to)
	if p.waiting = to.b; len(p.waiting) > maxWaiting {
		return p.release(b)
	}
	return b
}

// release writes the secrets of a handshake and the packets that waited for
// them.
func (p *packets) release(b []byte) []byte {
	p.shaking = false
	if len(p.secrets) > 0 {
		b = p.append(b, func(to *blocks) { to.secrets(p.secrets) })
	}
	b = append(b, p.waiting...)
	p.secrets, p.waiting = nil, nil
	return b
}

// about is the comment on the whole capture.
func (p *packets) about() string {
	const rebuilt = "the headers of IP and TCP, the opening and the close of the connection and the acknowledgements are reconstructed, for a program sees no packets."
	if p.tapped {
		return "Recorded by smtpsh. The octets, their times and how they were read and written are real; " + rebuilt
	}
	return "Made by smtpsh from the events of a session. The octets and their times are real; how they were cut into packets, " + rebuilt
}

// octets adds octets that went one way.
func (p *packets) octets(b []byte, at time.Time, sent bool, octets []byte, comment string) []byte {
	const handshakeRecord = 22 // RFC 8446 §5.1: TLS comes before the greeting
	if len(octets) == 0 {
		return b
	}
	if p.flow == nil {
		p.begin(protocol.Opened{Address: p.address})
		if comment == "" {
			comment = "the recording began in the middle of the connection"
		}
	}
	if !p.moved && sent && octets[0] == handshakeRecord {
		p.shaking = p.tapped && p.keys
	}
	p.moved = true
	comment = strings.TrimSpace(comment + p.gap())
	from, to := p.flow.ends(sent)
	return p.append(b, func(blocks *blocks) { p.flow.data(blocks, at, from, to, octets, comment) })
}

// gap says that octets are not in the capture.
func (p *packets) gap() string {
	n := p.lacks
	if p.lacks = 0; n == 0 {
		return ""
	}
	return " Before this, " + strconv.Itoa(n) + " octets were counted and not recorded."
}

// begin begins a connection, and says what is not as it was.
func (p *packets) begin(e protocol.Opened) (comment string) {
	const smtp, submission, submissions = 25, 587, 465
	client, server, comment := p.ends(e)
	p.flow, p.moved = newFlow(client, server), false
	p.flows++
	switch port := server.Port(); port {
	case smtp, submission, submissions:
	default:
		comment += " To have Wireshark read port " + strconv.Itoa(int(port)) + " as SMTP: Decode As, or tshark -d tcp.port==" + strconv.Itoa(int(port)) + ",smtp."
	}
	return comment
}

// ends are the addresses of a connection. One that has none, for it is a Unix
// socket or a program, is shown on the loopback.
func (p *packets) ends(e protocol.Opened) (client, server netip.AddrPort, comment string) {
	const ephemeral = 49152 // RFC 6335 §6
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	server, err := netip.ParseAddrPort(e.Address)
	if err != nil {
		if e.Address != "" {
			comment = " The peer was " + e.Address + ", which is no address of the Internet; it is shown on the loopback."
		}
		return netip.AddrPortFrom(loopback, uint16(ephemeral+p.flows)), netip.AddrPortFrom(loopback, 25), comment
	}
	server = netip.AddrPortFrom(server.Addr().Unmap().WithZone(""), server.Port())
	client, err = netip.ParseAddrPort(e.Local)
	client = netip.AddrPortFrom(client.Addr().Unmap().WithZone(""), client.Port())
	if err != nil || client.Addr().Is4() != server.Addr().Is4() {
		unknown := netip.IPv6Unspecified()
		if server.Addr().Is4() {
			unknown = netip.IPv4Unspecified()
		}
		return netip.AddrPortFrom(unknown, uint16(ephemeral+p.flows)), server, " The address of this end is not known."
	}
	return client, server, ""
}

func (p *packets) open(b []byte, e protocol.Opened) []byte {
	comment := "The opening of the connection is reconstructed." + p.begin(e)
	if p.tried.IsZero() || p.tried.After(e.Time) {
		p.tried = e.Time
	}
	return p.append(b, func(to *blocks) { p.flow.open(to, p.tried, e.Time, comment) })
}

// plaintext begins a connection for what came under TLS where the octets of
// that are not known.
func (p *packets) plaintext(b []byte, e protocol.Secured) []byte {
	if p.flow == nil {
		return b
	}
	client, server := p.flow.client.addr, p.flow.server.addr
	p.flow = newFlow(netip.AddrPortFrom(client.Addr(), client.Port()+1), server)
	comment := "What follows went over the same connection under " + e.Version + ". It is shown in plaintext, as a connection of its own."
	return p.append(b, func(to *blocks) { p.flow.open(to, e.Time, e.Time, comment) })
}

func (p *packets) close(b []byte, before protocol.Session, e protocol.Closed) []byte {
	p.masks = masks{}
	if p.flow == nil {
		return b
	}
	first, second := p.flow.ends(e.By != protocol.ByPeer)
	reset := e.By == protocol.ByPeer && e.Err != nil && !errors.Is(e.Err, io.EOF)
	flow, comment := p.flow, "The close is reconstructed: "+ClosedText(before, e)+"."+p.gap()
	p.flow, p.tried = nil, time.Time{}
	return p.append(b, func(to *blocks) {
		flow.close(to, e.Time, first, second, reset, comment)
	})
}
