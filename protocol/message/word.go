package message

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// An encoded word (RFC 2047 §2) has at most 75 octets, these included.
const (
	wordQ    = "=?utf-8?q?"
	wordB    = "=?utf-8?b?"
	wordEnd  = "?="
	maxWord  = 75
	wordRest = len(wordQ) + len(wordEnd)
	minWord  = wordRest + 3*utf8.UTFMax // one with any character in it
)

// encodedWords writes text as encoded words, in the shorter of the two
// encodings. The first word has at most first octets, so that it fits behind
// the name of its field. Each holds whole characters (RFC 2047 §5).
func encodedWords(text string, first int) []string {
	q := 0
	for i := range len(text) {
		q += costQ(text[i])
	}
	long := q > base64.StdEncoding.EncodedLen(len(text))
	room := min(max(first, minWord), maxWord)
	var parts []string
	for text != "" {
		n := 0
		for used := 0; n < len(text); {
			_, size := utf8.DecodeRuneInString(text[n:])
			if used = grown(text[n:n+size], used, n, long); used > room-wordRest {
				break
			}
			n += size
		}
		parts = append(parts, encodedWord(text[:n], long))
		text, room = text[n:], maxWord
	}
	return parts
}

// grown is how many octets the encoding takes with one more character behind
// the n octets that take used.
func grown(char string, used, n int, b bool) int {
	if b {
		return base64.StdEncoding.EncodedLen(n + len(char))
	}
	for i := range len(char) {
		used += costQ(char[i])
	}
	return used
}

func encodedWord(text string, b bool) string {
	if b {
		return wordB + base64.StdEncoding.EncodeToString([]byte(text)) + wordEnd
	}
	const digits = "0123456789ABCDEF"
	var w strings.Builder
	w.WriteString(wordQ)
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			w.WriteByte('_')
		case costQ(c) == 1:
			w.WriteByte(c)
		default:
			w.WriteString("=" + digits[c>>4:c>>4+1] + digits[c&15:c&15+1])
		}
	}
	return w.String() + wordEnd
}

// costQ is how many octets the Q encoding makes of one. Only what is safe in
// the name of an address too stands for itself (RFC 2047 §5).
func costQ(b byte) int {
	if b == ' ' || isLetterOrDigit(b) || strings.IndexByte("!*+-/", b) >= 0 {
		return 1
	}
	return 3
}
