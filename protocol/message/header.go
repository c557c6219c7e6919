package message

import (
	"fmt"
	"slices"
	"strings"
)

// How long a line is, its CRLF apart.
const (
	maxLine     = 998 // RFC 5322 §2.1.1: no line may be longer
	foldLine    = 78  // RFC 5322 §2.1.1: no line should be longer
	encodedLine = 76  // RFC 2047 §2: nor one of a header with an encoded word
)

// Header is one header field.
type Header struct {
	Name  string // "X-Test"
	Value string // without the space behind the colon, in one line
}

// ParseHeader reads a field as a line has it: "X-Test: yes".
func ParseHeader(line string) (Header, error) {
	name, ok := fieldName([]byte(line))
	if !ok || len(name) != strings.IndexByte(line, ':') {
		return Header{}, fmt.Errorf("header %q: %w", line, ErrHeader)
	}
	h := Header{Name: string(name), Value: strings.Trim(line[len(name)+1:], blanks)}
	if err := h.check(); err != nil {
		return Header{}, err
	}
	return h, nil
}

// is reports a field of that name; case does not matter (RFC 5322 §1.2.2).
func (h Header) is(names ...string) bool { return isAnyOf(h.Name, names) }

// check refuses what would not be one field.
func (h Header) check() error {
	if name, ok := fieldName([]byte(h.Name + ":")); !ok || len(name) != len(h.Name) || len(name) >= maxLine {
		return fmt.Errorf("header %q: %w", h.Name, ErrHeader)
	}
	if err := checkText(h.Value); err != nil {
		return fmt.Errorf("header %s: %w", h.Name, err)
	}
	return nil
}

// blanks are WSP of RFC 5234, what separates words and begins a folded line.
const blanks = " \t"

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

// fieldName is the name of the field that a line of a header begins: printable
// ASCII without a colon (RFC 5322 §3.6.8). Spaces before the colon are taken,
// as they once were in the grammar (§4.5); ok is false when the line begins no
// field.
func fieldName(line []byte) (name []byte, ok bool) {
	for i, b := range line {
		switch {
		case b == ':':
			return line[:i], i > 0
		case isBlank(b):
			for _, c := range line[i:] {
				if c == ':' {
					return line[:i], i > 0
				}
				if !isBlank(c) {
					break
				}
			}
			return nil, false
		case b < '!' || b > '~':
			return nil, false
		}
	}
	return nil, false
}

// isMboxLine reports the line that begins a message in a file of the mbox
// format, and is no part of it (RFC 4155 appendix A).
func isMboxLine(line []byte) bool { return len(line) >= 5 && string(line[:5]) == "From " }

// singletons are the fields of which a message has one at the most (RFC 5322
// §3.6).
var singletons = []string{"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject"}

// blindFields tell the blind recipients.
var blindFields = []string{"Bcc", "Resent-Bcc"}

// addressFields hold mailboxes, and so words that cannot be encoded.
var addressFields = []string{"From", "Sender", "Reply-To", "To", "Cc", "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc"}

// structuredFields have a grammar without a place for an encoded word; the
// names that end in a hyphen stand for all that begin so.
var structuredFields = []string{"Date", "Message-ID", "In-Reply-To", "References", "Resent-Date", "Resent-Message-ID", "Return-Path", "Received",
	"MIME-Version", "Content-", "DKIM-", "ARC-", "List-", "Authentication-Results", "Received-SPF"}

// fieldKind tells what a field is made of.
type fieldKind uint8

const (
	// kindText is free text, in which words can be encoded (RFC 2047 §5).
	kindText fieldKind = iota
	// kindAddresses is a list of mailboxes.
	kindAddresses
	// kindStructured is anything else, taken as it is.
	kindStructured
)

func kindOf(name string) fieldKind {
	switch {
	case isAnyOf(name, addressFields):
		return kindAddresses
	case strings.EqualFold(name, "Content-Description"): // free text (RFC 2045 §8)
		return kindText
	case slices.ContainsFunc(structuredFields, func(s string) bool {
		return strings.EqualFold(name, s) || strings.HasSuffix(s, "-") && len(name) > len(s) && strings.EqualFold(name[:len(s)], s)
	}):
		return kindStructured
	}
	return kindText
}

func isAnyOf(name string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
