package protocol

import (
	"strconv"
	"strings"
)

// isXtext reports xtext (RFC 3461 §4): "!" to "~" without "+" and "=", and
// "+" with two upper-case hexadecimal digits.
func isXtext(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '+':
			if i+2 >= len(s) || !isUpperHex(s[i+1]) || !isUpperHex(s[i+2]) {
				return false
			}
			i += 2
		case b < '!' || b > '~' || b == '=':
			return false
		}
	}
	return true
}

// DecodeXtext is what xtext stands for; ok is false for a text that is none
// (RFC 3461 §4).
func DecodeXtext(s string) (text string, ok bool) {
	if !isXtext(s) {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '+' {
			b.WriteByte(s[i])
			continue
		}
		n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), true
}

// EncodeXtext writes any octets as xtext (RFC 3461 §4).
func EncodeXtext(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < '!' || c > '~' || c == '+' || c == '=' {
			b.Write([]byte{'+', digits[c>>4], digits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isUpperHex(b byte) bool { return b >= '0' && b <= '9' || b >= 'A' && b <= 'F' }
