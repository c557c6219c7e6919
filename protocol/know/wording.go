package know

import (
	"strings"

	"smtpsh/protocol"
)

// wording is a text that servers are known to answer with.
type wording struct {
	words []string // lower case; all must be found (see containsWord)
	entry Entry
}

// maxWording is how many octets of a refusal are looked at, which bounds the
// time that a server can cost with a long one.
const maxWording = 4 << 10

// Refusal recognises a 4yz or 5yz reply by words that Postfix, Exim, Sendmail,
// Exchange, Gmail and others are known for; ok is false for any other reply,
// and for a wording that is not known. It is a guess always: texts are free,
// and administrators change them.
func Refusal(r protocol.Reply) (entry Entry, ok bool) {
	if !r.Negative() {
		return Entry{}, false
	}
	var text strings.Builder
	for i, line := range r.Lines {
		if i > 0 { // a sentence goes on behind the code that each line repeats
			_, line, _ = protocol.CutEnhanced(line)
			text.WriteByte(' ')
		}
		text.WriteString(line[:min(len(line), maxWording)])
		if text.Len() >= maxWording {
			break
		}
	}
	return recognise(text.String())
}

// recognise looks the known wordings up in a text.
func recognise(text string) (entry Entry, ok bool) {
	lower := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, w := range wordings() {
		if containsAll(lower, w.words) {
			return w.entry, true
		}
	}
	return Entry{}, false
}

// containsAll reports whether text has all the words.
func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !containsWord(text, word) {
			return false
		}
	}
	return true
}

// containsWord reports whether word stands in text as a word of its own, for
// "spam" says little within a host's name. A "*" behind the word allows an
// ending: "greylist*" is found in "greylisted".
func containsWord(text, word string) bool {
	word, ending := strings.CutSuffix(word, "*")
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		begin, end := at+i, at+i+len(word)
		if (begin == 0 || !isNameByte(text[begin-1])) && (ending || end == len(text) || !isNameByte(text[end])) {
			return true
		}
		at = begin + 1
	}
}

// isNameByte reports what a word or a host name is made of.
func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '_' || b >= 0x80
}
