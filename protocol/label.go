package protocol

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// isULabel reports a label beyond ASCII that IDNA allows: RFC 6531 §3.3 has a
// U-label (RFC 5890 §2.3.2.1) where RFC 5321 has a sub-domain. Capital letters
// are no part of a U-label, but typed often and understood, so they pass.
func isULabel(label string) bool {
	const longest = 4 * 63 // the A-label has at most 63 octets, and more than one for each character
	if hasACEPrefix(label) || len(label) > longest {
		return false // RFC 5890 §2.3.1: the prefix is for A-labels, which are ASCII
	}
	for at, r := range label {
		if r >= 0x80 && (!isLabelRune(r) || !inContext(label, at, r)) {
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

// inContext holds the character r at this place of a label against the rule for
// it, where it has one (RFC 5892 appendix A.3 to A.9). Package idna knows the
// rules for the joiners (A.1, A.2) only.
func inContext(label string, at int, r rune) bool {
	before, _ := utf8.DecodeLastRuneInString(label[:at])
	behind, _ := utf8.DecodeRuneInString(label[at+utf8.RuneLen(r):])
	switch {
	case r == 0x00b7: // the dot of Catalan's l·l
		return before|0x20 == 'l' && behind|0x20 == 'l'
	case r == 0x0375: // the sign of Greek numbers
		return unicode.Is(unicode.Greek, behind)
	case r == 0x05f3, r == 0x05f4:
		return unicode.Is(unicode.Hebrew, before)
	case r == 0x30fb: // the dot of Japanese
		return strings.ContainsFunc(label, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
	case r >= 0x0660 && r <= 0x0669: // the two rows of Arabic digits do not mix
		return !strings.ContainsFunc(label, func(r rune) bool { return r >= 0x06f0 && r <= 0x06f9 })
	case r >= 0x06f0 && r <= 0x06f9:
		return !strings.ContainsFunc(label, func(r rune) bool { return r >= 0x0660 && r <= 0x0669 })
	}
	return true
}
