package protocol

import "strings"

// What a broken address was probably meant to be. Only what the line spells
// out is used: signs that do not belong are taken away, pairs are completed, and
// a local-part is quoted. Each function returns "" where that leads nowhere.

// mostMended is the longest text, in octets, that is worth it: no path has so
// many (RFC 5321 §4.5.3.1.3).
const mostMended = 1024

// meantMailbox mends local-part "@" domain.
func meantMailbox(text string) string {
	if len(text) > mostMended {
		return ""
	}
	text = unwrapped(withoutComments(atWords(text)))
	if bare := strings.TrimLeft(text, "@ "); splitMailbox(bare) > 0 {
		text = bare // an "@" too many
	}
	if open := strings.LastIndexByte(text, '<'); open > 0 && !strings.ContainsAny(text[:open], "@\"") {
		text = unwrapped(text[open:]) // a name stands before the bracket
	}
	at := splitMailbox(text)
	if at <= 0 {
		return ""
	}
	if before, after, ok := strings.Cut(text[at+1:], ","); ok && after != "" && strings.Contains(before, ".") {
		return "" // the domain may well end there: "b@example.org,c" is a list
	}
	local := meantLocalPart(strings.TrimRight(text[:at], "@ "))
	domain := meantDomain(text[at+1:])
	if local == "" || domain == "" {
		return ""
	}
	return local + "@" + domain
}

// unwrapped takes off what stands around a whole address: signs, brackets and
// quotation marks of any kind. A sign that a local-part may begin with goes only
// as one of a pair.
func unwrapped(text string) string {
	const openings, closings = "([<{'`\"", ")]>}'`\""
	if len(text) > mostMended {
		return text
	}
	for {
		was := text
		text = strings.TrimRight(strings.TrimLeft(text, " ,;:"), " ,;:.!?/\\")
		for _, scheme := range schemes {
			if hasPrefixFold(text, scheme) {
				text = text[len(scheme):]
			}
		}
		if text == "" {
			return ""
		}
		last := len(text) - 1
		switch i := strings.IndexByte(openings, text[0]); {
		case i >= 0 && last > 0 && text[last] == closings[i]:
			text = text[1:last]
		case i >= 0 && i < len("([<") && strings.IndexByte(text, closings[i]) < 0:
			text = text[1:]
		case text[last] == '>' && strings.IndexByte(text, '<') < 0, text[last] == ')' && strings.IndexByte(text, '(') < 0:
			text = text[:last]
		}
		if text == was {
			return text
		}
	}
}

// spelled are the forms in which people write the signs of an address that
// programs shall not find.
var spelled = []struct{ form, sign string }{
	{" (at) ", "@"}, {" [at] ", "@"}, {" {at} ", "@"}, {"(at)", "@"}, {"[at]", "@"}, {"{at}", "@"}, {" at ", "@"},
	{" (dot) ", "."}, {" [dot] ", "."}, {" {dot} ", "."}, {"(dot)", "."}, {"[dot]", "."}, {"{dot}", "."}, {" dot ", "."},
}

// atWords reads "a at example dot org" and "a(at)example[dot]org".
func atWords(text string) string {
	if len(text) > mostMended || indexFold(text, "at") < 0 || unquotedIndex(text, 0, "@") < len(text) {
		return text
	}
	mended := text
	for _, s := range spelled {
		for i := indexFold(mended, s.form); i >= 0; i = indexFold(mended, s.form) {
			mended = mended[:i] + s.sign + mended[i+len(s.form):]
		}
	}
	if !isMailbox(mended) {
		return text
	}
	return mended
}

// withoutComments takes a comment off either end: RFC 5322 §3.2.2 has them in
// the header of a message, the envelope has none.
func withoutComments(text string) string {
	text = strings.Trim(text, " ")
	if end := strings.IndexByte(text, ')'); end > 0 && text[0] == '(' && end+1 < len(text) && text[end+1] != '@' {
		text = strings.TrimLeft(text[end+1:], " ")
	}
	if open := strings.LastIndexByte(text, '('); open > 0 && text[len(text)-1] == ')' && text[open-1] != '@' {
		text = strings.TrimRight(text[:open], " ")
	}
	return text
}

// schemes stand before an address in links, in directories and in headers.
var schemes = []string{"mailto:", "smtp:", "email:", "sip:", "from:", "to:", "cc:", "bcc:"}

// meantLocalPart mends a local-part: what is before it is taken off, and what
// needs quotation marks gets them.
func meantLocalPart(text string) string {
	if len(text) > mostMended {
		return ""
	}
	text = strings.Trim(text, " ")
	for _, scheme := range schemes {
		if hasPrefixFold(text, scheme) {
			text = text[len(scheme):]
		}
	}
	if id, _ := localPartFault(text); id == "" {
		return text
	}
	if strings.Count(text, `"`) == 1 && (text[0] == '"' || text[len(text)-1] == '"') {
		text = strings.Trim(text, `"`) // one mark of a pair
	}
	if n := len(text) - 1; n > 1 && text[0] == '\'' && text[n] == '\'' {
		text = text[1:n]
	}
	if whole := joinWords(text); whole != "" {
		return whole
	}
	if text == "" || strings.Contains(text, `"`) || strings.Contains(text, "://") {
		return ""
	}
	if id, _ := localPartFault(text); id == "" {
		return text
	}
	if backslashes := len(text) - len(strings.TrimRight(text, `\`)); backslashes%2 > 0 {
		return "" // it quotes the "@", so there is no domain
	}
	for i := range len(text) - 1 {
		if text[i] == '\\' && isLetDig(text[i+1]) {
			return "" // "DOMAIN\user" is no quoting
		}
	}
	// RFC 821 let a backslash quote outside quotation marks too.
	quoted := quote(unescaped(text))
	if !isQuoted(quoted) {
		return ""
	}
	return quoted
}

// joinWords makes one Quoted-string of atoms and quoted strings with dots between
// them, the obsolete local-part of RFC 5322 §4.4; "" for anything else.
func joinWords(text string) string {
	if strings.Count(text, `"`) < 2 {
		return ""
	}
	var all strings.Builder
	for start := 0; start <= len(text); {
		end := unquotedIndex(text, start, ".")
		word := text[start:end]
		switch {
		case isQuoted(word):
			word = unescaped(word[1 : len(word)-1])
		case !isAtom(word):
			return ""
		}
		all.WriteString(word)
		if end < len(text) {
			all.WriteByte('.')
		}
		start = end + 1
	}
	return quote(all.String())
}

// unescaped takes the backslashes away that quote the octet behind them.
func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func hasLetDig(s string) bool {
	for i := range len(s) {
		if isLetDig(s[i]) || s[i] >= 0x80 {
			return true
		}
	}
	return false
}

// meantDomain mends a domain or an address literal: "http://example.org/",
// "example.org:25", "example,org", "(192.0.2.1)", "[example.org]".
func meantDomain(text string) string {
	if len(text) > mostMended {
		return ""
	}
	if _, host, ok := strings.Cut(text, "://"); ok {
		text = host
	}
	if i := strings.IndexAny(text, "/?"); i > 0 {
		behind, path := text[i+1:], strings.Contains(text[:i], ".")
		if text[0] == '[' {
			path = isDigits(strings.Trim(behind, "]")) // the length of a prefix
		}
		if behind != "" && !path {
			return "" // the sign may stand for a letter or a digit
		}
		text = text[:i]
	}
	text = strings.TrimRight(strings.Trim(text, " "), ",;:!?")
	inner := strings.Trim(text, "[](){}<>\"'.,; ")
	if literal := meantLiteral(inner); literal != "" {
		return literal
	}
	if host, port, ok := strings.Cut(inner, ":"); ok && isDigits(port) {
		inner = strings.Trim(host, "[]")
		if literal := meantLiteral(inner); literal != "" {
			return literal
		}
	}
	if before, _, spaced := strings.Cut(inner, " "); spaced && strings.Contains(strings.TrimRight(before, "."), ".") {
		return "" // the domain may well end there, and what follows be no part of it
	}
	inner = joinLabels(strings.ReplaceAll(inner, " ", ""))
	for _, form := range []string{inner, joinLabels(strings.NewReplacer(",", ".", ";", ".").Replace(inner))} {
		if id, _ := domainFault(form); (id == "" || FindAdvice(id).Severity < Error) && strings.Trim(form, "0123456789.") != "" {
			return form // which is no broken IPv4 address
		}
	}
	return ""
}

// meantLiteral makes the literal of an address, whatever is wrong with its
// brackets and its tag: "IPv6 2001:db8::1", "IPv6::1", "192.0.2.1".
func meantLiteral(inner string) string {
	rest := inner
	for _, tag := range []string{"IPv6", "IPv4", "IP6", "IP4", "v6", "v4", "IP"} {
		if hasPrefixFold(rest, tag) && len(rest) > len(tag) && !isLetDig(rest[len(tag)]) { // or else the 6 of "IP6:" is a group
			rest = strings.TrimLeft(rest[len(tag):], " -=;.,_")
			break
		}
	}
	if !hasLetDig(rest) {
		return ""
	}
	bare := strings.Trim(strings.TrimPrefix(rest, ":"), " []")
	for _, form := range []string{rest, bare, strings.ReplaceAll(bare, ",", ".")} {
		if isIPv4(form) {
			return "[" + form + "]"
		}
		if isIPv6(form) && fewGroups(form) {
			return "[IPv6:" + form + "]"
		}
	}
	return ""
}

// mark is a place in what was found so far.
type mark struct {
	diags, edits int
	lost         bool
}

func (v *verdict) mark() mark { return mark{len(v.diags), len(v.edits), v.lost} }

// broken reports an error that was found behind the mark.
func (v *verdict) broken(m mark) bool { return Worst(v.diags[m.diags:]) == Error }

// meant puts text in the place of what is broken there, if there is one.
func (v *verdict) meant(m mark, at Span, text string) {
	if text == "" || text == at.Of(v.line) {
		return
	}
	v.edits, v.lost = v.edits[:m.edits], m.lost
	v.fix(at, text)
}
