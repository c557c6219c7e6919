package protocol

import "strings"

// Parse takes a typed line (without its line end) apart. It never fails: what
// it cannot place is left empty, and Judge says what is wrong with it.
func Parse(line string) Command {
	c := Command{Raw: line}
	i := skipSpace(line, 0)
	j := i
	for j < len(line) && line[j] != ' ' && line[j] != '\t' {
		j++
	}
	c.Name = Span{i, j}
	c.Verb = FindVerb(line[i:j])
	j = skipSpace(line, j)
	c.Args = Span{j, max(j, len(strings.TrimRight(line, " \t")))}
	if c.Verb == nil {
		return c
	}
	rest := c.Args.Start
	line = line[:c.Args.End] // spaces at the end belong to nothing
	for _, a := range c.Verb.Args {
		if a.Word != "" {
			if !hasPrefixFold(line[rest:], a.Word) {
				return c
			}
			c.Path = scanPath(line, skipSpace(line, rest+len(a.Word)))
			rest = c.Path.End
		} else {
			rest = nextWord(line, rest)
		}
	}
	if c.Verb.Extended {
		c.Params = scanParams(line, rest)
	}
	return c
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// nextWord skips the word at i and what separates it from the next one.
func nextWord(s string, i int) int {
	return skipSpace(s, wordEnd(s, i))
}

func wordEnd(s string, i int) int {
	for i < len(s) && s[i] != ' ' && s[i] != '\t' {
		i++
	}
	return i
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// scanPath finds the path that begins at i: up to the ">" that closes it, or
// up to a space when there is none. Quotes hide both (RFC 5321 §4.1.2).
func scanPath(s string, i int) Path {
	if i >= len(s) {
		return Path{Span: Span{i, i}, Mailbox: Span{i, i}}
	}
	if s[i] != '<' {
		end := unquotedIndex(s, i, " \t")
		return Path{Span: Span{i, end}, Mailbox: Span{i + sourceRoute(s[i:end]), end}}
	}
	end := pathEnd(s, i)
	if end == len(s) { // not closed: the first space ends it, so that parameters are still found
		end = unquotedIndex(s, i, " \t")
		return Path{Span: Span{i, end}, Mailbox: Span{i + 1, end}}
	}
	p := Path{Span: Span{i, end + 1}, Mailbox: Span{i + 1, end}}
	p.Null = p.Mailbox.Empty()
	p.Mailbox.Start += sourceRoute(s[p.Mailbox.Start:p.Mailbox.End])
	return p
}

// pathEnd is the place of the ">" that closes the path at i, or len(s). An
// address literal may hold one too (RFC 5321 §4.1.3, dcontent).
func pathEnd(s string, i int) int {
	end := unquotedIndex(s, i, ">")
	open := strings.LastIndex(s[i:end], "@[")
	if end == len(s) || open < 0 || strings.IndexByte(s[i+open:end], ']') >= 0 {
		return end
	}
	if closed := strings.Index(s[end:], "]>"); closed >= 0 && strings.IndexByte(s[end:end+closed], ' ') < 0 {
		return end + closed + 1
	}
	return end
}

// sourceRoute is the length of an obsolete "@a,@b:" before a mailbox
// (RFC 5321 appendix C), or 0.
func sourceRoute(s string) int {
	if s == "" || s[0] != '@' {
		return 0
	}
	return strings.IndexByte(s, ':') + 1
}

// unquotedIndex is the place of the first byte of chars at or behind i that
// no quotation marks enclose, or len(s). A quotation mark that is never
// closed encloses nothing.
func unquotedIndex(s string, i int, chars string) int {
	var marks quotation
	for ; i < len(s); i++ {
		if s[i] == '"' {
			i = marks.end(s, i)
			continue
		}
		for j := range len(chars) { // a few at most: a call would cost more
			if s[i] == chars[j] {
				return i
			}
		}
	}
	return len(s)
}

// quotation is what is known of the quotation marks of a text: one that is not
// closed is looked for to the end, and then neither is any behind it.
type quotation struct{ open bool }

// end is the place where the quoted string ends that begins at i, or i where
// none does.
func (q *quotation) end(s string, i int) int {
	if q.open {
		return i
	}
	end := closeQuote(s, i)
	q.open = end == i
	return end
}

// closeQuote is the place of the quotation mark that ends the quoted string
// at i, or i when nothing does.
func closeQuote(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j
		}
	}
	return i
}

func scanParams(s string, i int) []Given {
	i = skipSpace(s, i)
	if i >= len(s) {
		return nil
	}
	given := make([]Given, 0, strings.Count(s[i:], " ")+1)
	for i < len(s) {
		end := wordEnd(s, i)
		g := Given{Span: Span{i, end}, Key: Span{i, end}, Value: Span{end, end}}
		if eq := strings.IndexByte(s[i:end], '='); eq >= 0 {
			g.Key.End, g.Value.Start, g.HasValue = i+eq, i+eq+1, true
		}
		given = append(given, g)
		i = skipSpace(s, end)
	}
	return given
}
