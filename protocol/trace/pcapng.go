package trace

import (
	"encoding/binary"
	"time"
)

// The blocks and options of pcapng that a capture needs, by
// draft-ietf-opsawg-pcapng (sections 4.1, 4.2, 4.3 and 4.7).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 6
	blockSecrets   = 10

	optionEnd         = 0
	optionComment     = 1
	optionApplication = 4 // of a section
	optionName        = 2 // of an interface
	optionResolution  = 9 // of an interface
)

const (
	byteOrder    = 0x1a2b3c4d      // tells a reader which end of a number comes first
	linkRaw      = 101             // LINKTYPE_RAW: a packet begins with its IP header
	secretsOfTLS = 0x544c534b      // "TLSK": lines as NSS writes them to a key log
	nanoseconds  = 9               // the resolution of times: 10 to the minus this
	untilTheEnd  = ^uint64(0)      // a section whose length is not told
	noLimit      = uint32(1 << 18) // octets kept of a packet: more than one has
)

// blocks appends blocks of pcapng.
type blocks struct {
	b     []byte
	start int // of the block that is begun
}

func (p *blocks) u16(n uint16) { p.b = binary.LittleEndian.AppendUint16(p.b, n) }
func (p *blocks) u32(n uint32) { p.b = binary.LittleEndian.AppendUint32(p.b, n) }
func (p *blocks) u64(n uint64) { p.b = binary.LittleEndian.AppendUint64(p.b, n) }

// pad fills up to four octets, counted from the beginning of the block.
func (p *blocks) pad() {
	for (len(p.b)-p.start)%4 != 0 {
		p.b = append(p.b, 0)
	}
}

// begin begins a block; its length is filled in by end.
func (p *blocks) begin(kind uint32) {
	p.start = len(p.b)
	p.u32(kind)
	p.u32(0)
}

func (p *blocks) end() {
	size := uint32(len(p.b) - p.start + 4)
	binary.LittleEndian.PutUint32(p.b[p.start+4:], size)
	p.u32(size)
}

func (p *blocks) option(code uint16, value string) {
	value = value[:min(len(value), 0xffff)]
	p.u16(code)
	p.u16(uint16(len(value)))
	p.b = append(p.b, value...)
	p.pad()
}

// section begins a capture, with a comment on all of it.
func (p *blocks) section(comment string) {
	p.begin(blockSection)
	p.u32(byteOrder)
	p.u16(1)
	p.u16(0)
	p.u64(untilTheEnd)
	p.option(optionComment, comment)
	p.option(optionApplication, "smtpsh")
	p.option(optionEnd, "")
	p.end()
	p.begin(blockInterface)
	p.u16(linkRaw)
	p.u16(0)
	p.u32(noLimit)
	p.option(optionName, "smtpsh")
	p.option(optionResolution, string([]byte{nanoseconds}))
	p.option(optionEnd, "")
	p.end()
}

// secrets adds lines of a key log, for the packets behind it.
func (p *blocks) secrets(lines []byte) {
	p.begin(blockSecrets)
	p.u32(secretsOfTLS)
	p.u32(uint32(len(lines)))
	p.b = append(p.b, lines...)
	p.pad()
	p.end()
}

// packet adds a packet, which write appends, and a comment on it unless that
// is empty.
func (p *blocks) packet(at time.Time, comment string, write func(b []byte) []byte) {
	var stamp uint64
	if at.Year() >= 1970 { // the time is counted from there
		stamp = uint64(at.UnixNano())
	}
	p.begin(blockPacket)
	p.u32(0) // the one interface
	p.u32(uint32(stamp >> 32))
	p.u32(uint32(stamp))
	size := len(p.b)
	p.u64(0)
	data := len(p.b)
	p.b = write(p.b)
	n := uint32(len(p.b) - data)
	binary.LittleEndian.PutUint32(p.b[size:], n)
	binary.LittleEndian.PutUint32(p.b[size+4:], n)
	p.pad()
	if comment != "" {
		p.option(optionComment, comment)
		p.option(optionEnd, "")
	}
	p.end()
}
