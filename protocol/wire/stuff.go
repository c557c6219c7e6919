package wire

import (
	"bytes"
	"errors"
	"strings"
)

// FinalDot is the line that ends a message (RFC 5321 §4.1.1.4).
const FinalDot = ".\r\n"

// ErrLineBreak is returned for a line that holds a CR or LF within: sent, it
// would be two lines for one server and a smuggled message for another.
var ErrLineBreak = errors.New("line holds a CR or LF")

// Stuff turns one line of a message into octets for the wire: the line end is
// added, and a dot before a leading dot, which the receiver takes off again
// (RFC 5321 §4.5.2). Stuffed tells whether it did. The line is handed over
// without its line end; one with a CR or LF anywhere is refused with
// ErrLineBreak (RFC 5321 §2.3.8).
func Stuff(line string) (wire []byte, stuffed bool, err error) {
	if strings.ContainsAny(line, "\r\n") {
		return nil, false, ErrLineBreak
	}
	wire = make([]byte, 0, len(line)+3)
	if strings.HasPrefix(line, ".") {
		wire, stuffed = append(wire, '.'), true
	}
	wire = append(wire, line...)
	return append(wire, "\r\n"...), stuffed, nil
}

// Stuffing turns a message, in blocks cut anywhere, into octets for DATA. A
// CRLF, a bare LF and a bare CR all end a line and come out as CRLF (RFC 5321
// §2.3.8), and a leading dot is doubled (RFC 5321 §4.5.2). So CRLF "." CRLF
// comes out at the very end and nowhere else, whatever went in. The zero value
// is ready for a message; after End it is ready for the next.
type Stuffing struct {
	// Raw passes the octets as they are: what a server makes of a bare LF, or
	// of a dot behind one, is then for the caller to find out.
	Raw bool

	ends   bool // only line ends are put right: no dot is doubled
	within bool // in the middle of a line
	cr     bool // the last octet was a CR
}

// Append puts the octets for src behind dst, which has at most twice as many.
func (s *Stuffing) Append(dst, src []byte) []byte {
	if s.Raw {
		return s.pass(dst, src)
	}
	if s.cr && len(src) > 0 {
		s.cr = false
		if src[0] == '\n' { // its CRLF went out with the CR
			src = src[1:]
		}
	}
	for lf, cr := -1, -1; len(src) > 0; {
		if !s.within && src[0] == '.' && !s.ends {
			dst = append(dst, '.')
		}
		s.within = true
		lf, cr = next(src, lf, '\n'), next(src, cr, '\r')
		end := min(lf, cr)
		dst = append(dst, src[:end]...)
		if end == len(src) {
			break
		}
		dst = append(dst, "\r\n"...)
		s.within = false
		after := end + 1
		if src[end] == '\r' {
			s.cr = after == len(src)
			if !s.cr && src[after] == '\n' {
				after++
			}
		}
		src, lf, cr = src[after:], lf-after, cr-after
	}
	return dst
}

// next is where c comes next, or the end of src; at is where it was known to
// come. Looking again only behind that keeps the time linear where one of CR
// and LF is on every line and the other nowhere.
func next(src []byte, at int, c byte) int {
	if at >= 0 {
		return at
	}
	if at = bytes.IndexByte(src, c); at >= 0 {
		return at
	}
	return len(src)
}

// pass copies, and notes whether a line has come to its end.
func (s *Stuffing) pass(dst, src []byte) []byte {
	if n := len(src); n > 0 {
		cr := s.cr
		if n > 1 {
			cr = src[n-2] == '\r'
		}
		s.within = !cr || src[n-1] != '\n'
		s.cr = src[n-1] == '\r'
	}
	return append(dst, src...)
}

// End puts the final dot behind dst, and before it the line end that the last
// line may lack: a dot counts only where it has a line of its own.
func (s *Stuffing) End(dst []byte) []byte {
	if s.within {
		dst = append(dst, "\r\n"...)
	}
	*s = Stuffing{Raw: s.Raw}
	return append(dst, FinalDot...)
}
