package practice

import (
	"strconv"
	"strings"

	"smtpsh/protocol"
)

func (s *session) mail(c protocol.Command) answer {
	if v, ok := c.Param("SIZE"); ok {
		if n, err := strconv.ParseUint(v, 10, 64); err != nil || n > uint64(s.srv.MaxSize) {
			return s.tooBig() // RFC 1870 §6.1
		}
	}
	// Of the kinds of BODY the last needs an extension of its own (RFC 3030 §3).
	if v, _ := c.Param("BODY"); strings.EqualFold(v, "BINARYMIME") {
		return one(555, "5.5.4", "the extension BINARYMIME was not offered")
	}
	_, utf8 := c.Param("SMTPUTF8")
	s.tx = transaction{open: true, from: c.Mailbox(), params: given(c), utf8: utf8}
	return one(250, "2.1.0", "sender <"+s.tx.from+"> ok")
}

func (s *session) tooBig() answer {
	return one(552, "5.3.4", "a message may have "+decimal(s.srv.MaxSize)+" octets here")
}

func (s *session) rcpt(c protocol.Command) answer {
	if len(s.tx.to) >= maxRecipients {
		return one(452, "4.5.3", "too many recipients; send the message to these, and again to the rest") // RFC 5321 §4.5.3.1.10
	}
	r := recipient{mailbox: c.Mailbox(), params: given(c)}
	a := rcptTaken(r.mailbox)
	if row, n := findSpecial(r.mailbox); row != nil {
		a = s.special(row, n, r.mailbox)
		if row.act == actDot {
			r.dot = n
		}
	}
	if a.code/100 == 2 {
		s.tx.to = append(s.tx.to, r)
	} else {
		s.tx.refused = true
	}
	return a
}

func (s *session) data(protocol.Command) answer {
	a := one(354, "", "write the message; a line with only a dot ends it") // a 3yz has no code (RFC 2034 §4)
	a.then = stepContent
	return a
}

// finish answers a message that was read to its end. The transaction is over,
// whatever comes of it (RFC 5321 §4.1.1.4).
func (s *session) finish(c *content) answer {
	defer s.reset()
	defer c.release()
	switch c.end() {
	case faultSize:
		return s.tooBig()
	case faultRoom:
		return one(452, "4.3.1", "too many messages at the same time, try again later")
	case faultLF:
		return one(554, "5.6.0", "the message has a LF without a CR before it") // RFC 5321 §2.3.8
	case faultCR:
		return one(554, "5.6.0", "the message has a CR without a LF behind it")
	case faultNone:
	}
	for _, r := range s.tx.to {
		if r.dot != 0 {
			a := failure(r.dot)
			a.lines[0] = "message refused: " + a.lines[0]
			return a
		}
	}
	m := s.srv.store.add(func(n int, id string) Message {
		m := Message{N: n, ID: id, At: s.srv.Now(), Helo: s.helo, From: s.tx.from, Params: s.tx.params}
		for _, r := range s.tx.to {
			m.To = append(m.To, r.mailbox)
			m.RcptParams = append(m.RcptParams, r.params)
		}
		m.addTrace(s, c.data)
		return m
	})
	if s.srv.Delivered != nil {
		s.srv.Delivered(m)
	}
	return one(250, "2.0.0", "message accepted, queued as "+m.ID)
}

// chunkSize reads the number of a BDAT (RFC 3030 §2), also of one with another
// fault: its octets are on their way, and must not be taken for commands.
func chunkSize(c protocol.Command) (n uint64, last, ok bool) {
	if !c.Is("BDAT") {
		return 0, false, false
	}
	words := strings.Fields(c.Args.Of(c.Raw))
	if len(words) == 0 {
		return 0, false, false
	}
	n, err := strconv.ParseUint(words[0], 10, 64)
	return n, len(words) > 1 && strings.EqualFold(words[1], "LAST"), err == nil
}

// bdat agrees to a chunk; its code tells expectChunk so. A number of octets
// that nobody can count is too many.
func (s *session) bdat(c protocol.Command) answer {
	if _, _, ok := chunkSize(c); !ok {
		return s.tooBig()
	}
	return answer{code: 250}
}

// expectChunk has the octets read before their BDAT is answered. What is
// refused is read and thrown away (RFC 3030 §2).
func (s *session) expectChunk(n uint64, last bool, verdict answer) answer {
	verdict.then, verdict.octets = stepChunk, n
	if verdict.code != 250 {
		if s.stage() == protocol.StageRcpt && verdict.code != 503 {
			s.fail()
		}
		return verdict
	}
	if s.tx.chunks == nil {
		s.tx.chunks = s.newContent(false)
	}
	verdict.lines = []string{"octets received: " + strconv.FormatUint(n, 10)}
	verdict.status = "2.0.0"
	verdict.last = last
	return verdict
}

// fail gives a message in chunks up.
func (s *session) fail() {
	if s.tx.chunks != nil {
		s.tx.chunks.release()
	}
	s.tx.chunks, s.tx.failed = nil, true
}

// chunk answers a BDAT whose octets have been read; verdict is what
// expectChunk said.
func (s *session) chunk(verdict answer) answer {
	verdict.then = stepCommand
	if verdict.code != 250 {
		return verdict
	}
	if verdict.last {
		return s.finish(s.tx.chunks)
	}
	switch s.tx.chunks.fault {
	case faultSize:
		verdict = s.tooBig()
		s.fail()
	case faultRoom:
		verdict = one(452, "4.3.1", "too many messages at the same time, try again later")
		s.fail()
	case faultNone, faultLF, faultCR: // told at the end, as for DATA
	}
	return verdict
}
