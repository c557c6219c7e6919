package know

import "strings"

// wording is a text that servers are known to answer with.
type wording struct {
	words []string // lower case; all must be found (see containsWord)
	entry Entry
}

// Wording recognises the text of a refusal by words that Postfix, Exim,
// Sendmail, Exchange, Gmail and others are known for. It is a guess always:
// texts are free, and administrators change them. Ask it about 4yz and 5yz
// replies only.
func Wording(text string) (Entry, bool) {
	lower := strings.ToLower(text)
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
