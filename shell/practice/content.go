package practice

// content reads a message: it takes the dots of DATA out, watches for line
// ends that are none, and keeps the octets within the limits.
type content struct {
	data     []byte
	srv      *Server
	reserved int // of srv.incoming
	size     int64
	dots     bool // stuffed, and ended by a lone dot: DATA; else the octets of BDAT
	state    place
	fault    fault
}

// fault is why a message cannot be taken; the first one counts.
type fault uint8

const (
	faultNone fault = iota
	faultSize       // larger than the server takes
	faultRoom       // no memory left for it
	faultLF         // a LF without CR
	faultCR         // a CR without LF
)

// place is where in a line the next octet is.
type place uint8

const (
	atStart place = iota // behind a CRLF, or at the very beginning
	atDot                // behind CRLF "."
	atDotCR              // behind CRLF "." CR
	atText               // within a line
	atCR                 // behind a CR within a line
)

func (s *session) newContent(dots bool) *content {
	return &content{srv: s.srv, dots: dots}
}

// next takes one octet and reports the end of the message: CRLF "." CRLF and
// nothing less (RFC 5321 §4.1.1.4). To end it at LF "." LF too would let a
// sender smuggle a second message past a server that does not.
func (c *content) next(b byte) (done bool) {
	switch c.state {
	case atStart:
		if b == '.' && c.dots {
			c.state = atDot
			return false
		}
	case atDot: // the dot is taken out, whatever follows (RFC 5321 §4.5.2)
		if b == '\r' {
			c.state = atDotCR
			return false
		}
	case atDotCR:
		if b == '\n' {
			return true
		}
		c.keep('\r') // no end after all: a CR that stands alone
		c.blame(faultCR)
	case atCR:
		if b == '\n' {
			c.keep(b)
			c.state = atStart
			return false
		}
		c.blame(faultCR)
	case atText:
	}
	c.state = atText
	switch b {
	case '\n':
		c.blame(faultLF) // RFC 5321 §2.3.8; and it begins no new line
	case '\r':
		c.state = atCR
	}
	c.keep(b)
	return false
}

func (c *content) blame(f fault) {
	if c.fault == faultNone {
		c.fault = f
	}
}

// keep counts an octet, and stores it while there is hope for the message.
func (c *content) keep(b byte) {
	c.size++
	switch {
	case c.fault == faultSize || c.fault == faultRoom:
		return
	case c.size > c.srv.MaxSize:
		c.give(faultSize)
		return
	case len(c.data) == c.reserved:
		const block = 64 << 10
		c.reserved += block
		if c.srv.incoming.Add(block) > maxIncoming {
			c.give(faultRoom)
			return
		}
	}
	c.data = append(c.data, b)
}

// give gives the message up: this fault comes before one of its lines.
func (c *content) give(f fault) {
	c.fault = f
	c.release()
}

// release gives back what was reserved.
func (c *content) release() {
	c.srv.incoming.Add(-int64(c.reserved))
	c.reserved, c.data = 0, nil
}

// end says what is wrong with the message, now that it is whole.
func (c *content) end() fault {
	if c.state == atCR {
		c.blame(faultCR)
	}
	return c.fault
}
