package wire

import "io"

// LineEnds reads a message with CRLF at the end of each line, where r has
// CRLF, a bare LF or a bare CR (RFC 5321 §2.3.8). A last line without an end
// stays without one. For DATA, SendContent does the same; this is for chunks,
// which are sent as they are, and for whoever looks at a message before it is
// sent.
func LineEnds(r io.Reader) io.Reader {
	return &lineEnds{r: r, code: Stuffing{ends: true}}
}

type lineEnds struct {
	r    io.Reader
	code Stuffing
	in   []byte
	out  []byte // coded
	rest []byte // of out, not yet given away
	err  error
}

func (l *lineEnds) Read(b []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		if l.in == nil {
			l.in = make([]byte, 32<<10)
		}
		n, err := l.r.Read(l.in)
		l.err = err
		l.out = l.code.Append(l.out[:0], l.in[:n])
		l.rest = l.out
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
