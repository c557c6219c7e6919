package message

import (
	"cmp"
	"fmt"
	"strings"
)

// head collects the fields of a header, each folded. Its error is the first
// that occurred; after it nothing is added.
type head struct {
	buf  []byte
	utf8 bool // UTF-8 may stand as it is (RFC 6532)
	err  error
}

// fail keeps the first error.
func (h *head) fail(name string, err error) {
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("header %s: %w", name, err)
	}
}

// fold writes a field of words with a space between each two. A line breaks
// before a word that would pass the limit. The first word stays on the line of
// the name, if that is possible at all: a line with nothing but a name has
// confused many a reader.
func (h *head) fold(name string, limit int, words []string) {
	if h.err != nil {
		return
	}
	h.buf = append(append(h.buf, name...), ':')
	column := len(name) + 1
	for i, word := range words {
		most := limit
		if i == 0 {
			most = maxLine
		}
		if column+1+len(word) > most {
			h.buf = append(h.buf, "\r\n"...)
			column = 0
		}
		h.buf = append(append(h.buf, ' '), word...)
		if column += 1 + len(word); column > maxLine {
			h.fail(name, ErrLineLong)
			return
		}
	}
	h.buf = append(h.buf, "\r\n"...)
}

// line writes a field whose words are taken as they are.
func (h *head) line(name, value string) {
	h.fold(name, foldLine, words(strings.Trim(value, blanks)))
}

// text writes a field of free text, in encoded words where it needs them. What
// looks like an encoded word is one when the value is given as typed, and is
// encoded itself when it is the text that people shall see.
func (h *head) text(name, value string, asTyped bool) {
	h.fail(name, checkText(value))
	value = strings.Trim(value, blanks)
	parts := words(value)
	if !h.utf8 && !isASCII(value) || !asTyped && strings.Contains(value, "=?") || longest(parts) >= maxLine {
		h.fold(name, encodedLine, encodedWords(value, encodedLine-len(name)-2))
		return
	}
	h.fold(name, foldLine, parts)
}

// addresses writes a field with a list of mailboxes.
func (h *head) addresses(name string, list []Address) {
	for _, a := range list {
		h.fail(name, a.check(h.utf8))
	}
	h.mailboxes(name, list)
}

// mailboxes writes what addresses has looked at.
func (h *head) mailboxes(name string, list []Address) {
	var parts []string
	limit := foldLine
	for i, a := range list {
		h.fail(name, checkText(a.Name+a.Path))
		phrase, encoded := h.phrase(strings.Trim(a.Name, blanks), encodedLine-len(name)-2)
		if encoded {
			limit = encodedLine
		}
		path := a.Path
		if len(phrase) > 0 {
			path = "<" + path + ">"
		}
		if i < len(list)-1 {
			path += ","
		}
		parts = append(append(parts, phrase...), path)
	}
	h.fold(name, limit, parts)
}

// phrase writes the name that is shown for an address: as it is, quoted, or in
// encoded words, which may not stand inside quotes (RFC 2047 §5).
func (h *head) phrase(name string, first int) (parts []string, encoded bool) {
	if name == "" {
		return nil, false
	}
	parts = words(name)
	if !h.utf8 && !isASCII(name) || strings.Contains(name, "=?") || longest(parts) >= maxLine/2 {
		return encodedWords(name, first), true
	}
	for _, part := range parts {
		if !isAtom(part) {
			return words(quote(name)), false
		}
	}
	return parts, false
}

// extra writes a field as the user gave it.
func (h *head) extra(x Header) {
	if err := x.check(); err != nil {
		h.err = cmp.Or(h.err, err)
		return
	}
	switch kind := kindOf(x.Name); {
	case kind == kindText:
		h.text(x.Name, x.Value, true)
	case h.utf8 || isASCII(x.Value):
		h.line(x.Name, x.Value)
	case kind == kindAddresses:
		list, err := ParseAddresses(x.Value)
		h.fail(x.Name, err)
		h.addresses(x.Name, list)
	default:
		h.fail(x.Name, ErrNeedsUTF8)
	}
}

// words cuts text where a line may break: at a space that stands alone, for
// readers make one space of a break and all the blanks around it.
func words(text string) []string {
	if text == "" {
		return nil
	}
	var parts []string
	start := 0
	for i := 1; i < len(text)-1; i++ {
		if text[i] == ' ' && !isBlank(text[i-1]) && !isBlank(text[i+1]) {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func longest(parts []string) int {
	most := 0
	for _, part := range parts {
		most = max(most, len(part))
	}
	return most
}
