package trace

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// The flags of a TCP header (RFC 9293 §3.1).
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

const (
	sizeIPv4 = 20
	sizeIPv6 = 40
	sizeTCP  = 20
	// maxSegment is how many octets of data fit a packet: an IPv4 packet has
	// at most 65,535 octets, headers included (RFC 791 §3.1).
	maxSegment = 0xffff - sizeIPv4 - sizeTCP
)

// windowScale is the option of a SYN that lets 1 GB be under way, so that no
// reader wonders at data that nobody acknowledged yet (RFC 7323 §2).
var windowScale = []byte{3, 3, 14, 0}

// side is one end of a TCP connection.
type side struct {
	addr netip.AddrPort
	next uint32 // sequence number of the next octet that it sends
	id   uint16 // of the next IPv4 packet
}

// flow is a TCP connection that is written as packets.
type flow struct {
	client, server side
}

// newFlow begins a connection. Both ends have an address of one family.
func newFlow(client, server netip.AddrPort) *flow {
	return &flow{client: side{addr: client, next: 1000}, server: side{addr: server, next: 5000}}
}

// ends are the end that sends and the one that receives.
func (f *flow) ends(sent bool) (from, to *side) {
	if sent {
		return &f.client, &f.server
	}
	return &f.server, &f.client
}

// segment appends a packet from one end to the other.
func (f *flow) segment(b []byte, from, to *side, flags byte, data []byte) []byte {
	var options []byte
	if flags&syn != 0 {
		options = windowScale
	}
	size := sizeTCP + len(options) + len(data)
	b = from.header(b, to.addr.Addr(), size)
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, from.addr.Port())
	b = binary.BigEndian.AppendUint16(b, to.addr.Port())
	b = binary.BigEndian.AppendUint32(b, from.next)
	acked := uint32(0)
	if flags&ack != 0 {
		acked = to.next
	}
	b = binary.BigEndian.AppendUint32(b, acked)
	b = append(b, byte((sizeTCP+len(options))/4<<4), flags, 0xff, 0xff, 0, 0, 0, 0)
	b = append(append(b, options...), data...)
	binary.BigEndian.PutUint16(b[start+16:], checksum(pseudoSum(from.addr.Addr(), to.addr.Addr(), size), b[start:]))
	from.next += uint32(len(data))
	if flags&(syn|fin) != 0 { // each takes a number of its own (RFC 9293 §3.4)
		from.next++
	}
	return b
}

// header appends an IP header for a TCP segment of so many octets.
func (s *side) header(b []byte, to netip.Addr, size int) []byte {
	const version4, version6, hops, dontFragment, numberOfTCP = 0x45, 6 << 28, 64, 0x4000, 6
	if s.addr.Addr().Is6() { // RFC 8200 §3
		b = binary.BigEndian.AppendUint32(b, version6)
		b = binary.BigEndian.AppendUint16(b, uint16(size))
		b = append(b, numberOfTCP, hops)
		return append(append(b, s.addr.Addr().AsSlice()...), to.AsSlice()...)
	}
	start := len(b) // RFC 791 §3.1
	b = append(b, version4, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(sizeIPv4+size))
	b = binary.BigEndian.AppendUint16(b, s.id)
	b = binary.BigEndian.AppendUint16(b, dontFragment)
	b = append(b, hops, numberOfTCP, 0, 0)
	b = append(append(b, s.addr.Addr().AsSlice()...), to.AsSlice()...)
	binary.BigEndian.PutUint16(b[start+10:], checksum(0, b[start:]))
	s.id++
	return b
}

// pseudoSum is what the checksum of TCP covers of the IP header (RFC 9293
// §3.1, RFC 8200 §8.1).
func pseudoSum(from, to netip.Addr, size int) uint32 {
	const numberOfTCP = 6
	return sum(sum(numberOfTCP+uint32(size), from.AsSlice()), to.AsSlice())
}

// checksum is the Internet checksum of b, on top of a sum (RFC 1071).
func checksum(over uint32, b []byte) uint16 {
	n := sum(over, b)
	for n > 0xffff {
		n = n>>16 + n&0xffff
	}
	return ^uint16(n)
}

// sum adds b up in words of 16 bits. A packet is too short for it to overflow.
func sum(over uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		over += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) > 0 {
		over += uint32(b[0]) << 8
	}
	return over
}

// data adds octets that one end sent, in as many packets as they need.
func (f *flow) data(p *blocks, at time.Time, from, to *side, octets []byte, comment string) {
	for len(octets) > 0 {
		piece := octets[:min(len(octets), maxSegment)]
		octets = octets[len(piece):]
		p.packet(at, comment, func(b []byte) []byte { return f.segment(b, from, to, psh|ack, piece) })
		comment = ""
	}
}

// open adds the handshake, from when it was tried to when it stood.
func (f *flow) open(p *blocks, tried, stood time.Time, comment string) {
	p.packet(tried, comment, func(b []byte) []byte { return f.segment(b, &f.client, &f.server, syn, nil) })
	p.packet(stood, "", func(b []byte) []byte { return f.segment(b, &f.server, &f.client, syn|ack, nil) })
	p.packet(stood, "", func(b []byte) []byte { return f.segment(b, &f.client, &f.server, ack, nil) })
}

// close adds the end, which the first of two brought about: in good order, or
// with a reset.
func (f *flow) close(p *blocks, at time.Time, first, second *side, reset bool, comment string) {
	if reset {
		p.packet(at, comment, func(b []byte) []byte { return f.segment(b, first, second, rst|ack, nil) })
		return
	}
	p.packet(at, comment, func(b []byte) []byte { return f.segment(b, first, second, fin|ack, nil) })
	p.packet(at, "", func(b []byte) []byte { return f.segment(b, second, first, fin|ack, nil) })
	p.packet(at, "", func(b []byte) []byte { return f.segment(b, first, second, ack, nil) })
}
