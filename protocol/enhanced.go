package protocol

import "strconv"

// Enhanced is an enhanced status code, class.subject.detail (RFC 3463 §2).
// The zero value means that there was none.
type Enhanced struct{ Class, Subject, Detail int }

// IsZero reports that there is no enhanced code.
func (e Enhanced) IsZero() bool { return e == Enhanced{} }

// String writes the code as it stands in a reply, "5.1.1"; "" for none.
func (e Enhanced) String() string {
	if e.IsZero() {
		return ""
	}
	return strconv.Itoa(e.Class) + "." + strconv.Itoa(e.Subject) + "." + strconv.Itoa(e.Detail)
}

// CutEnhanced reads the enhanced code that text begins with, and returns what
// stands behind it and its space. It is strict, for a sentence may well begin
// with a number: class 2, 4 or 5, numbers of at most three digits without a
// leading zero (RFC 3463 §2), and a space or the end of the text behind it
// (RFC 2034 §4).
func CutEnhanced(text string) (e Enhanced, rest string, ok bool) {
	if len(text) < 5 || text[1] != '.' || text[0] != '2' && text[0] != '4' && text[0] != '5' {
		return Enhanced{}, text, false
	}
	subject, i := subcode(text, 2)
	if i == 0 || i == len(text) || text[i] != '.' {
		return Enhanced{}, text, false
	}
	detail, j := subcode(text, i+1)
	if j == 0 || j < len(text) && text[j] != ' ' {
		return Enhanced{}, text, false
	}
	if j < len(text) {
		j++
	}
	return Enhanced{int(text[0] - '0'), subject, detail}, text[j:], true
}

// subcode reads a number of one to three digits at text[at:] and returns where
// it ends; 0 when there is none.
func subcode(text string, at int) (n, end int) {
	end = at
	for end < len(text) && isDigit(text[end]) {
		n = n*10 + int(text[end]-'0')
		if end++; end-at > 3 {
			return 0, 0
		}
	}
	if end == at || text[at] == '0' && end-at > 1 {
		return 0, 0
	}
	return n, end
}
