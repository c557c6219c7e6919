package message

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// Checker looks at a message while it passes by, a part at a time, in memory
// that does not grow. It is fed the octets of the message before dot-stuffing.
// The zero value is ready to use.
//
// A line ends with its LF. Where the CR before it is missing that is a finding,
// and a line all the same; a CR alone is a finding and ends none.
type Checker struct {
	size    uint64
	line    int   // lines ended
	n       int   // octets of the current line but for a CR at its end so far
	cr      bool  // the current line ends in a CR so far
	first   byte  // of the current line
	seen    class // what the current line has
	longest int   // octets of the longest line

	body   bool          // the header has ended
	kept   int           // octets in start
	start  [maxLine]byte // the current line, as long as the header goes on
	header fieldCheck

	dot            place
	inHead, inBody faults
}

// faults are those of octets and lines, which a header and a body are not
// judged alike for.
type faults struct{ high, nul, bareCR, bareLF, long place }

// Write feeds the next octets; it takes all of them, and never fails. How a
// message is cut into writes makes no difference.
func (c *Checker) Write(b []byte) (int, error) {
	written := len(b)
	c.size += uint64(written)
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			c.take(b)
			break
		}
		c.take(b[:i])
		c.endLine(true)
		b = b[i+1:]
	}
	return written, nil
}

// take adds octets of the current line.
func (c *Checker) take(b []byte) {
	if len(b) == 0 {
		return
	}
	if c.cr { // something else than LF follows it
		c.cr = false
		c.add([]byte{'\r'})
	}
	if b[len(b)-1] == '\r' {
		c.cr = true
		b = b[:len(b)-1]
	}
	c.add(b)
}

func (c *Checker) add(b []byte) {
	if len(b) == 0 {
		return
	}
	if c.n == 0 {
		c.first = b[0]
	}
	c.n += len(b)
	c.seen |= classify(b)
	if !c.body {
		c.kept += copy(c.start[c.kept:], b)
	}
}

// endLine judges the current line; without an LF it is the last one, cut off.
func (c *Checker) endLine(lf bool) {
	if c.cr && !lf {
		c.add([]byte{'\r'})
	}
	c.line++
	in := &c.inBody
	if !c.body {
		c.body = c.header.line(c.line, c.n, c.start[:c.kept])
		if !c.body || c.n == 0 { // the empty line is the header's
			in = &c.inHead
		}
		if in == &c.inHead && c.seen&high != 0 && !isUTF8(c.start[:c.kept], c.n) {
			c.header.notUTF8.add(c.line)
		}
	}
	in.record(c, lf)
	if c.n == 1 && c.first == '.' {
		c.dot.add(c.line)
	}
	c.longest = max(c.longest, c.n)
	c.n, c.kept, c.cr, c.seen = 0, 0, false, 0
}

// record notes what the current line has.
func (f *faults) record(c *Checker, lf bool) {
	if lf && !c.cr {
		f.bareLF.add(c.line)
	}
	if c.n > maxLine {
		f.long.add(c.line)
	}
	if c.seen == 0 {
		return
	}
	if c.seen&high != 0 {
		f.high.add(c.line)
	}
	if c.seen&nul != 0 {
		f.nul.add(c.line)
	}
	if c.seen&cr != 0 {
		f.bareCR.add(c.line)
	}
}

// Findings is what was found in what was written so far, taken as the whole
// message, in the order of RuleTable, with one finding of an ID at the most.
// More can be written afterwards.
func (c *Checker) Findings(t Terms) []Finding {
	end := *c
	if end.n > 0 || end.cr {
		end.endLine(false)
	}
	var found findings
	end.header.report(&found, end.body)
	if !t.UTF8 {
		found.add("header-8bit", end.inHead.high)
	} else {
		found.add("header-not-utf8", end.header.notUTF8)
	}
	body := end.inBody
	if !t.EightBit && !t.Binary {
		found.add("content-8bit", body.high)
	}
	if t.Binary { // RFC 3030 §3: a body of any octets, with lines or without
		body = faults{}
	}
	found.add("content-nul", end.inHead.nul.plus(body.nul))
	if !t.Mended {
		found.add("content-bare-cr", end.inHead.bareCR.plus(body.bareCR))
		found.add("content-bare-lf", end.inHead.bareLF.plus(body.bareLF))
	}
	found.add("content-long-line", end.inHead.long.plus(body.long), strconv.Itoa(end.longest))
	if !t.Chunked && !t.Binary && !t.Mended { // BINARYMIME goes by BDAT only (RFC 3030 §3)
		found.add("content-dot", end.dot)
	}
	octets := c.Size(t.Mended)
	size := strconv.FormatUint(octets, 10)
	found.add("content-over-limit", whole(t.Limit > 0 && octets > t.Limit), size, strconv.FormatUint(t.Limit, 10))
	found.add("content-over-declared", whole(t.Declared > 0 && octets > t.Declared && octets-t.Declared > t.Declared/10), size, strconv.FormatUint(t.Declared, 10))
	return found
}

// Size is how many octets were written so far; mended, how many they are once
// each bare LF has its CR.
func (c *Checker) Size(mended bool) uint64 {
	if !mended {
		return c.size
	}
	return c.size + uint64(c.inHead.bareLF.count+c.inBody.bareLF.count)
}

// class is what a line can have that a plain one has not.
type class uint8

const (
	high class = 1 << iota // an octet above 127
	nul
	cr
)

// classify looks at eight octets at a time: messages are long, and what it
// looks for is rare.
func classify(b []byte) (c class) {
	const (
		ones  = 0x0101010101010101
		tops  = ones << 7
		allCR = ones * '\r'
	)
	var or, hit uint64
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		w := binary.LittleEndian.Uint64(rest)
		or |= w
		// The top bit of some octet comes out set when one of the eight is 0.
		hit |= (w-ones)&^w | (w^allCR-ones)&^(w^allCR)
	}
	for _, o := range rest {
		or |= uint64(o)
		if o == 0 || o == '\r' {
			hit = tops
		}
	}
	if or&tops != 0 {
		c |= high
	}
	if hit&tops == 0 {
		return c
	}
	if bytes.IndexByte(b, 0) >= 0 {
		c |= nul
	}
	if bytes.IndexByte(b, '\r') >= 0 {
		c |= cr
	}
	return c
}
