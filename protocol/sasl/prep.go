package sasl

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// nothing holds what SASLprep maps to nothing: RFC 3454 table B.1.
var nothing = &unicode.RangeTable{R16: []unicode.Range16{
	{0x00AD, 0x00AD, 1}, {0x034F, 0x034F, 1}, {0x1806, 0x1806, 1}, {0x180B, 0x180D, 1}, {0x200B, 0x200D, 1},
	{0x2060, 0x2060, 1}, {0xFE00, 0xFE0F, 1}, {0xFEFF, 0xFEFF, 1},
}, LatinOffset: 1}

// spaces holds what SASLprep maps to a space: RFC 3454 table C.1.2.
var spaces = &unicode.RangeTable{R16: []unicode.Range16{
	{0x00A0, 0x00A0, 1}, {0x1680, 0x1680, 1}, {0x2000, 0x200B, 1}, {0x202F, 0x202F, 1}, {0x205F, 0x205F, 1},
	{0x3000, 0x3000, 1},
}, LatinOffset: 1}

// prohibited holds what SASLprep forbids in its output: RFC 3454 tables C.2.1
// to C.9 (RFC 4013 §2.3). C.5, the surrogates, cannot occur in UTF-8, and the
// last two code points of the planes (C.4) are tested by arithmetic.
var prohibited = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x0000, 0x001F, 1}, {0x007F, 0x009F, 1}, {0x0340, 0x0341, 1}, {0x06DD, 0x06DD, 1}, {0x070F, 0x070F, 1},
		{0x180E, 0x180E, 1}, {0x200C, 0x200F, 1}, {0x2028, 0x202E, 1}, {0x2060, 0x2063, 1}, {0x206A, 0x206F, 1},
		{0x2FF0, 0x2FFB, 1}, {0xE000, 0xF8FF, 1}, {0xFDD0, 0xFDEF, 1}, {0xFEFF, 0xFEFF, 1}, {0xFFF9, 0xFFFD, 1},
	},
	R32: []unicode.Range32{
		{0x1D173, 0x1D17A, 1}, {0xE0001, 0xE0001, 1}, {0xE0020, 0xE007F, 1}, {0xF0000, 0xFFFFD, 1}, {0x100000, 0x10FFFD, 1},
	},
	LatinOffset: 2,
}

// prepare applies SASLprep (RFC 4013) to a query string, in which code points
// that Unicode 3.2 did not know are allowed (RFC 5802 §5.1), and so no table of
// them is needed. What is U+200B, in both tables of mappings, becomes a space,
// as RFC 4013 §2.1 names that mapping first.
func prepare(what, text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%w: %s is not UTF-8", ErrCredentials, what)
	}
	text = norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(spaces, r):
			return ' '
		case unicode.Is(nothing, r):
			return -1
		}
		return r
	}, text))
	for _, r := range text {
		if unicode.Is(prohibited, r) || r&0xFFFE == 0xFFFE {
			return "", fmt.Errorf("%w: %s holds a character that SASLprep prohibits (RFC 4013 §2.3)", ErrCredentials, what)
		}
	}
	if !directed(text) {
		return "", fmt.Errorf("%w: %s mixes right-to-left and left-to-right (RFC 3454 §6)", ErrCredentials, what)
	}
	return text, nil
}

// directed holds a text with right-to-left characters to having no
// left-to-right ones, and to beginning and ending right to left (RFC 3454 §6).
func directed(text string) bool {
	var left, right, last bool
	first := true
	for i, r := range text {
		properties, _ := bidi.LookupRune(r)
		class := properties.Class()
		last = class == bidi.R || class == bidi.AL
		if i == 0 {
			first = last
		}
		right = right || last
		left = left || class == bidi.L
	}
	return !right || first && last && !left
}
