package wire

import (
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
