package protocol

import (
	"strings"
	"unicode/utf8"
)

// rewritten tries what may be wrong with a line as a whole, once something is:
// it was copied with a prompt, with quotation marks around it, in the notation
// of a document or with a typesetter's characters. Where the line is right
// without that, this is what there is to say.
func (v *verdict) rewritten() bool {
	const deepest = 2 // two such faults may come together, more hardly
	if v.depth >= deepest || len(v.line) > 4*mostMended {
		return false
	}
	for _, id := range rewrites {
		line, at := rewrite(id, v.line)
		if line == v.line || line == "" {
			continue
		}
		fixed, then, ok := v.judge.mended(line, v.depth+1)
		if !ok || fixed == v.line || v.namesBeyondASCII() && Parse(fixed).Mailbox() != v.c.Mailbox() {
			continue
		}
		if Worst(v.diags) == Error {
			v.c.Verb = Parse(fixed).Verb // for the section of the RFC
			v.diags = nil
			v.say(id, at, quoted(at.Of(v.line)))
		}
		for i := range v.diags {
			v.diags[i].Fix, v.diags[i].Then = fixed, then
		}
		return true
	}
	return false
}

// namesBeyondASCII reports a mailbox in UTF-8 that may stand as it is: whom it
// names is then no typesetter's affair. A RCPT may be part of a transaction
// that allows it.
func (v *verdict) namesBeyondASCII() bool {
	mailbox := v.c.Mailbox()
	_, asked := v.c.Param("SMTPUTF8")
	return (asked || v.c.Is("RCPT")) && !isASCII(mailbox) && mailboxSeverity(mailbox) < Error
}

// rewrites are the IDs of what rewritten tries, in order.
var rewrites = [...]string{"pasted-prompt", "pasted-quotes", "notation", "typeset"}

// rewrite is the line without what the advice speaks of, and where that is; the
// line itself when there is nothing of it.
func rewrite(id, line string) (string, Span) {
	switch id {
	case "pasted-prompt":
		return withoutPrompt(line)
	case "pasted-quotes":
		return withoutQuotes(line)
	case "notation":
		return withoutNotation(line)
	default:
		return plain(line)
	}
}

// withoutPrompt takes a prompt off the line: "> EHLO x", "C: EHLO x".
func withoutPrompt(line string) (string, Span) {
	start := skipSpace(line, 0)
	end := start
	for end < len(line) && strings.IndexByte("><$#%-=~*/", line[end]) >= 0 {
		end++
	}
	for _, label := range []string{"C:", "C>", "[C]", "client:", "client>", "smtp>", "send:", "→"} {
		if end == start && hasPrefixFold(line[start:], label) {
			end = start + len(label)
		}
	}
	if dot := wordEnd(line, start) - 1; end == start && dot > start && isDigits(line[start:dot]) && strings.IndexByte(".):", line[dot]) >= 0 {
		end = dot + 1 // the number in a list
	}
	rest := line[skipSpace(line, end):]
	if n := len(rest) - 1; end > start && n > 1 && rest[0] == rest[n] && strings.IndexByte("\"'`", rest[0]) >= 0 {
		rest = rest[1:n] // Python's smtplib shows what it sends so
	}
	if end == start || Parse(rest).Verb == nil {
		return line, Span{}
	}
	return rest, Span{start, end}
}

// withoutQuotes takes off what encloses the whole line.
func withoutQuotes(line string) (string, Span) {
	if len(line) < 3 || line[0] != line[len(line)-1] || strings.IndexByte("\"'`", line[0]) < 0 {
		return line, Span{}
	}
	return line[1 : len(line)-1], Span{0, 1}
}

// withoutNotation takes out what documents write for a space and for the end
// of the line: "QUIT <CRLF>" and "MAIL <SP> FROM:" (RFC 821 §4.1.1), and `\r\n`.
func withoutNotation(line string) (string, Span) {
	if !strings.ContainsAny(line, `<\^`) {
		return line, Span{}
	}
	out, at := line, Span{}
	for {
		trimmed := strings.TrimRight(out, " ")
		for _, mark := range []string{"<CRLF>", "<CR>", "<LF>", `\r`, `\n`, "^M", "^J"} {
			if len(trimmed) > len(mark) && strings.EqualFold(trimmed[len(trimmed)-len(mark):], mark) {
				trimmed = trimmed[:len(trimmed)-len(mark)]
			}
		}
		if strings.TrimRight(out, " ") == trimmed {
			break
		}
		out, at = trimmed, Span{len(trimmed), len(strings.TrimRight(line, " "))}
	}
	out = strings.TrimRight(out, " ")
	if at.Empty() {
		out = line
	}
	for {
		i := indexFold(out, "<SP>")
		if i < 0 {
			return out, at
		}
		if at.Empty() {
			at = Span{i, i + len("<SP>")}
		}
		out = strings.TrimRight(out[:i], " ") + " " + strings.TrimLeft(out[i+len("<SP>"):], " ")
	}
}

// indexFold is strings.Index, the case of letters aside.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0]|0x20 && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// typeset are characters that word processors, mail programs and web pages put
// in the place of ASCII ones. Those between U+FF01 and U+FF5E are the full-width
// forms of ASCII itself.
var typeset = map[rune]string{
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`,
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'",
	'‹': "<", '›': ">", '«': "<", '»': ">", '〈': "<", '〉': ">", '⟨': "<", '⟩': ">", '《': "<", '》': ">",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '−': "-",
	'。': ".", '｡': ".", '、': ",", '：': ":", '∶': ":", '﹕': ":", '﹫': "@",
	'\u00a0': " ", '\u2002': " ", '\u2003': " ", '\u2007': " ", '\u2009': " ", '\u202f': " ", '\u3000': " ",
	'\u200b': "", '\u2060': "", '\ufeff': "", '\u00ad': "", '\u200e': "", '\u200f': "",
}

// entities are what web pages write for signs that HTML uses itself.
var entities = []struct{ from, to string }{
	{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", `"`}, {"&amp;", "&"}, {"&nbsp;", " "}, {"&#64;", "@"}, {"&commat;", "@"},
}

// plain writes a line with the plain characters that its typeset ones stand
// for, and says where the first of them is.
func plain(line string) (string, Span) {
	if isASCII(line) && strings.IndexByte(line, '&') < 0 {
		return line, Span{}
	}
	var b strings.Builder
	var first Span
	for i := 0; i < len(line); {
		text, n := plainAt(line[i:])
		if text != line[i:i+n] && first.Empty() {
			first = Span{i, i + n}
		}
		b.WriteString(text)
		i += n
	}
	return b.String(), first
}

// plainAt is what the character at the start of text stands for, which is
// nearly always itself, and how many octets it has.
func plainAt(text string) (plain string, n int) {
	if text[0] == '&' {
		for _, e := range entities {
			if hasPrefixFold(text, e.from) {
				return e.to, len(e.from)
			}
		}
	}
	if text[0] < utf8.RuneSelf {
		return text[:1], 1
	}
	r, n := utf8.DecodeRuneInString(text)
	if sign, ok := typeset[r]; ok {
		return sign, n
	}
	if r >= '！' && r <= '～' { // U+FF01 to U+FF5E
		return string(r - '！' + '!'), n
	}
	return text[:n], n
}
