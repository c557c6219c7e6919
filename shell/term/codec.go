package term

import (
	"strings"
	"unicode/utf8"
)

// readline's buffer holds runes, and its loop gives a meaning to some of them. What must not be given one travels as
// a rune of the last private use plane: octets that are no character, control bytes, and keys. A person's own use of
// these runes is carried as their octets, so nothing is ambiguous.
const (
	octetBase rune = 0x10f000 // + the octet
	keyBase   rune = 0x10f200 // + the key
	keyLast   rune = 0x10f2ff
)

func isOctet(r rune) bool { return r >= octetBase && r < octetBase+0x100 }
func isKey(r rune) bool   { return r >= keyBase && r <= keyLast }

// isPlain says whether r stands for itself in the buffer.
func isPlain(r rune) bool { return r >= 0x20 && r != 0x7f && (r < octetBase || r > keyLast) }

// toRunes gives the form of a line in readline's buffer.
func toRunes(s string) []rune {
	out := make([]rune, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if isPlain(r) && (r != utf8.RuneError || n > 1) {
			out = append(out, r)
		} else {
			for _, b := range []byte(s[i : i+n]) {
				out = append(out, octetBase+rune(b))
			}
		}
		i += n
	}
	return out
}

// fromRunes is the inverse of toRunes.
func fromRunes(line []rune) string {
	var b strings.Builder
	b.Grow(len(line))
	for _, r := range line {
		if isOctet(r) {
			b.WriteByte(byte(r - octetBase))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// runeOctets is how many bytes of fromRunes' result r becomes.
func runeOctets(r rune) int {
	if isOctet(r) {
		return 1
	}
	return max(1, utf8.RuneLen(r))
}

// byteOffset gives the offset in fromRunes(line) of the rune at pos.
func byteOffset(line []rune, pos int) int {
	n := 0
	for _, r := range line[:pos] {
		n += runeOctets(r)
	}
	return n
}

// runeIndex is the inverse of byteOffset, and -1 for an offset within a character.
func runeIndex(line []rune, offset int) int {
	for i, r := range line {
		if offset <= 0 {
			if offset < 0 {
				return -1
			}
			return i
		}
		offset -= runeOctets(r)
	}
	if offset == 0 {
		return len(line)
	}
	return -1
}
