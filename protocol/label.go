package protocol

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// isULabel reports a label beyond ASCII that IDNA allows: RFC 6531 §3.3 has a
// U-label (RFC 5890 §2.3.2.1) where RFC 5321 has a sub-domain. Capital letters
// are no part of a U-label, but typed often and understood, so they pass.
func isULabel(label string) bool {
	if hasACEPrefix(label) {
		return false // RFC 5890 §2.3.1: the prefix is for A-labels, which are ASCII
	}
	for _, r := range label {
		if r >= 0x80 && !isLabelRune(r) {
			return false
		}
	}
	_, err := idna.Registration.ToASCII(strings.ToLower(label))
	return err == nil
}

// isALabel reports what stands for a U-label; what only looks so is a fake
// A-label (RFC 5890 §2.3.1).
func isALabel(label string) bool {
	text, err := idna.Registration.ToUnicode(strings.ToLower(label))
	return err == nil && !isASCII(text)
}

// hasACEPrefix reports a label that begins as A-labels do.
func hasACEPrefix(label string) bool {
	return len(label) >= 4 && label[2] == '-' && label[3] == '-' && strings.EqualFold(label[:2], "xn")
}

// isLabelRune reports a character that a label may have: letters, digits and
// marks (RFC 5892 §2.1), and the exceptions and joiners (§2.6, A.1 to A.7).
// Package idna leaves symbols to this.
func isLabelRune(r rune) bool {
	switch r {
	case 0x00b7, 0x0375, 0x05f3, 0x05f4, 0x06fd, 0x06fe, 0x0f0b, 0x200c, 0x200d, 0x3007, 0x30fb:
		return true
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}
