package trace

import (
	"bytes"
	"slices"

	"smtpsh/protocol"
)

// masks knows which octets on their way out are a credential: a tap sees
// octets, and the events before them say what they are. Under TLS nothing
// needs a mask.
type masks struct {
	pieces []piece
	secret int // how many of them are secrets
	echoes protocol.Echoes
	kept   []byte // read, and without the end of its line
}

// piece is octets that are about to be written.
type piece struct {
	left    int    // octets of it that were not yet seen
	secret  bool   // they are a credential
	instead []byte // what stands for it, once
}

// expect notes what is written next.
func (m *masks) expect(before protocol.Session, e protocol.Sent) {
	if secured, _ := before.Secured(); secured {
		return
	}
	m.echoes.Masked(e)
	if n := len(m.pieces); n > 0 && !e.Secret && !m.pieces[n-1].secret {
		m.pieces[n-1].left += len(e.Raw)
		return
	}
	p := piece{left: len(e.Raw), secret: e.Secret}
	if e.Secret {
		p.instead = e.Masked().Raw
		m.secret++
	}
	m.pieces = append(m.pieces, p)
}

// mask is octets as a capture may have them. What was not expected passes: it
// belongs to a handshake.
func (m *masks) mask(b []byte) []byte {
	var masked []byte
	clean := b
	hides := m.secret > 0
	for len(b) > 0 && len(m.pieces) > 0 {
		p := &m.pieces[0]
		n := min(p.left, len(b))
		if p.secret {
			masked = append(masked, p.instead...)
			p.instead = nil
		} else if hides {
			masked = append(masked, b[:n]...)
		}
		b = b[n:]
		if p.left -= n; p.left == 0 {
			if p.secret {
				m.secret--
			}
			m.pieces = m.pieces[1:]
		}
	}
	if !hides {
		return clean
	}
	return append(masked, b...)
}

// keptLine is how many octets may wait for the end of their line: a server may
// send one that has none.
const keptLine = protocol.MaxReplyLine

// hide is octets that were read as a capture may have them: without a
// credential that is said back. Where one went out, the octets wait for the
// end of their line, for it may come in pieces.
func (m *masks) hide(b []byte) []byte {
	if m.echoes.None() && len(m.kept) == 0 {
		return b
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	if end > 0 {
		end += len(m.kept)
	}
	m.kept = append(m.kept, b...)
	b, _ = m.echoes.Hide(bytes.Clone(m.kept[:end]))
	m.kept = slices.Delete(m.kept, 0, end)
	if len(m.kept) > keptLine {
		head, used := m.echoes.HideHead(m.kept)
		m.kept = slices.Delete(m.kept, 0, used)
		b = append(b, head...)
	}
	return b
}

// rest is what waits for the end of its line, when none will come. No
// credential is said back behind it.
func (m *masks) rest() []byte {
	b, _ := m.echoes.Hide(m.kept)
	m.kept, m.echoes = nil, protocol.Echoes{}
	return b
}
