package trace

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes text safe for a terminal: what is printable stays, everything
// else (control characters, escape sequences, octets that are no UTF-8,
// direction marks) becomes visible as \r, \t, \xNN or \u{NNNN}.
func Escape(text string) string {
	if clean(text) {
		return text
	}
	return string(AppendEscaped(nil, text))
}

// EscapeAll is Escape for octets that are to be read back: a backslash is
// doubled too.
func EscapeAll(text string) string {
	return Escape(strings.ReplaceAll(text, `\`, `\\`))
}

// AppendEscaped appends what Escape gives.
func AppendEscaped(b []byte, text string) []byte {
	if clean(text) {
		return append(b, text...)
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = appendHex(append(b, `\x`...), rune(text[i]), 2)
		case r == ' ' || unicode.IsPrint(r):
			b = append(b, text[i:i+n]...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < utf8.RuneSelf:
			b = appendHex(append(b, `\x`...), r, 2)
		default:
			b = append(appendHex(append(b, `\u{`...), r, 4), '}')
		}
		i += n
	}
	return b
}

// appendHex appends r in so many hexadecimal digits, or more where it has
// them.
func appendHex(b []byte, r rune, digits int) []byte {
	for shift := 4 * 5; shift >= 0; shift -= 4 {
		if r>>shift > 0 || shift < 4*digits {
			b = append(b, "0123456789abcdef"[r>>shift&15])
		}
	}
	return b
}

func clean(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}
