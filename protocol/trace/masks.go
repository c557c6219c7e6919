package trace

import "smtpsh/protocol"

// masks knows which octets on their way out are a credential: a tap sees
// octets, and the events before them say what they are. Under TLS nothing
// needs a mask.
type masks struct {
	pieces []piece
	secret int // how many of them are secrets
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
