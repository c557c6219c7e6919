package protocol

import "strings"

// paramsInside knows "<a@example.org SIZE=500>", and a comma in the place of the
// space: "<a@example.org,SIZE=500>", "a@example.org,SIZE=500".
func (v *verdict) paramsInside(tail string) bool {
	text := v.c.Path.Of(v.line)
	open := unquotedIndex(text, 0, " ,;")
	if open == len(text) || !v.c.Verb.Extended {
		return false
	}
	closed := text[len(text)-1] == '>'
	if closed && (text[0] != '<' || len(text) < len(tail) && tail[len(text)] != ' ') {
		return false
	}
	inner := strings.TrimSuffix(text, ">")[open:]
	words := strings.FieldsFunc(inner, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	for _, word := range words {
		if key, _, _ := strings.Cut(word, "="); FindParam(v.c.Verb.Name, key) == nil {
			return false
		}
	}
	if len(words) == 0 {
		return false
	}
	start := v.c.Path.Start
	v.say("parameter-inside", Span{start + open, v.c.Path.End})
	between := " "
	if text[0] == '<' {
		between = "> "
	}
	v.fix(Span{start + open, start + open + len(inner) - len(strings.TrimLeft(inner, " ,;"))}, between)
	if closed {
		v.fix(Span{v.c.Path.End - 1, v.c.Path.End}, "")
	}
	return true
}

// plainPath reports a path as nearly all are, with nothing odd about its
// brackets nor behind it: most lines need no closer look.
func plainPath(tail string) bool {
	i := 1
	for i < len(tail) && (isLetDig(tail[i]) || tail[i] == '@' || tail[i] == '.' || tail[i] == '-' || tail[i] == '_') {
		i++
	}
	return tail[0] == '<' && i+1 < len(tail) && tail[i] == '>' && tail[i+1] == ' ' && strings.IndexByte(tail[i:], '@') < 0 && strings.IndexByte(tail[i:], '<') < 0 ||
		tail[0] == '<' && i+1 == len(tail) && tail[i] == '>'
}

// wrongBrackets knows "(a@example.org)", "'a@example.org'" and what else is
// typed for angle brackets, and a comma or full stop behind the path.
func (v *verdict) wrongBrackets(tail string) bool {
	start, end := v.c.Path.Start, v.c.Path.End
	path := v.c.Path.Of(v.line)
	if cut := strings.TrimRight(path, ".,;:!?"); cut != path && cut != "" && cut[0] != '<' && strings.Contains(cut, "@") && len(path) == len(tail) {
		at := Span{start + len(cut), end}
		v.say("path-punctuation", at, quoted(path[len(cut):]))
		v.fix(at, "")
		return true
	}
	i := strings.IndexByte("([{'`", path[0])
	if i < 0 || len(path) < 3 || !strings.Contains(path, "@") || strings.IndexByte(path[1:], ")]}'`"[i]) != len(path)-2 {
		return false
	}
	v.say("brackets-wrong", v.c.Path.Span)
	v.fix(v.c.Path.Span, "<"+path[1:len(path)-1]+">")
	return true
}

// nestedBrackets knows "<<a>>" and "<Joe <a>>".
func (v *verdict) nestedBrackets(tail string) bool {
	if tail[0] != '<' {
		return false
	}
	open := unquotedIndex(tail, 1, "<")
	if open == len(tail) || mailboxSeverity(v.c.Mailbox()) < Error { // a literal may hold one
		return false
	}
	closed := unquotedIndex(tail, open, ">")
	first := unquotedIndex(tail, 1, ">")
	if closed == len(tail) || first < open || open <= sourceRoute(tail[1:]) || strings.Contains(tail[:open], "@") {
		return false // no name has an "@"; the bracket may stand in the midst of the address
	}
	end := closed + 1
	for end < len(tail) && tail[end] == '>' {
		end++
	}
	id := "brackets-twice"
	if strings.Trim(tail[:open], "< ") != "" {
		id = "display-name"
	}
	start := v.c.Path.Start
	v.say(id, Span{start, start + end})
	v.fix(Span{start, start + end}, tail[open:closed+1])
	return true
}

// strayBrackets knows ">a@example.org<", "<a>@example.org" and what else is an
// address once its brackets are away.
func (v *verdict) strayBrackets(tail string) bool {
	end := listedEnd(tail, " [")
	word := tail[:end]
	if inner := strings.TrimRight(strings.TrimPrefix(word, "<"), ">.,;:!?'\"`"); unquotedIndex(inner, 0, "<>") == len(inner) {
		return false
	}
	if open := unquotedIndex(word, 1, "<"); bracketed(word) != "" || open < len(word) && namesMailbox(unwrapped(word[open:])) {
		return false // "Joe<a@example.org>", which has a name before its brackets
	}
	address := strings.Trim(word, "<>")
	for _, form := range []string{"<@", ">@", "@<", "@>"} { // anywhere else it may stand for a letter
		address = strings.ReplaceAll(address, form, "@")
	}
	at := splitMailbox(address)
	if at < 1 || unquotedIndex(address, 0, "<>") < len(address) || v.c.Path.Null || mailboxSeverity(v.c.Mailbox()) < Error || meantDomain(address[at+1:]) == "" || unquotedIndex(address, 0, "@") != at {
		return false
	}
	whole := Span{v.c.Path.Start, v.c.Path.Start + end}
	v.say("brackets-wrong", whole)
	v.fix(whole, "<"+address+">")
	return true
}

// bracketed is the mailbox that the last pair of brackets in text encloses; ""
// when what is there is none.
func bracketed(text string) string {
	open := strings.LastIndexByte(text, '<')
	closed := strings.IndexByte(text[open+1:], '>')
	if open < 0 || closed < 0 || mailboxSeverity(text[open+1:open+1+closed]) == Error {
		return ""
	}
	return text[open+1 : open+1+closed]
}

// displayName knows "Joe Smith <a@example.org>".
func (v *verdict) displayName(tail string) bool {
	open := unquotedIndex(tail, 0, "<")
	if open == len(tail) {
		return v.bareName(tail)
	}
	if open == 0 || open == len(tail) || unquotedIndex(tail, open, ">") == len(tail) {
		return false
	}
	if tail[open-1] == '=' { // a parameter's value may be <>
		return false
	}
	if unquotedIndex(tail[:open], 0, "@") < open {
		return false // the address may well be the one outside
	}
	start := v.c.Path.Start
	v.say("display-name", Span{start, start + open})
	v.fix(Span{start, start + open}, "")
	return true
}

// bareName knows "Joe a@example.org", "a @ example.org" and "a at example.org",
// where spaces stand in a path without brackets.
func (v *verdict) bareName(tail string) bool {
	start := v.c.Path.Start
	if mended := atWords(tail); mended != tail {
		v.say("at-word", Span{start, start + len(tail)})
		v.fix(Span{start, start + len(tail)}, "<"+mended+">")
		return true
	}
	at := unquotedIndex(tail, 0, "@")
	before := strings.TrimRight(tail[:at], " ")
	space := -1
	for i := unquotedIndex(before, 0, " "); i < len(before); i = unquotedIndex(before, i+1, " ") {
		space = i
	}
	if at == len(tail) || before == "" || strings.Contains(before, "=") || before == tail[:at] && space < 0 && tail[min(at+1, len(tail)-1)] != ' ' {
		return false
	}
	domain := skipSpace(tail, at+1)
	end := wordEnd(tail, domain)
	local, id := before[space+1:], "display-name"
	switch {
	case strings.Contains(before, `\ `): // an old way to quote a space
		local, id = before, "local-part-space"
	case space < 0:
		id = "brackets-space"
	}
	path := meantMailbox(local + "@" + tail[domain:end])
	if path == "" {
		return false
	}
	v.say(id, Span{start, start + end})
	v.fix(Span{start, start + end}, "<"+path+">")
	return true
}

// brackets judges the pair around the mailbox.
func (v *verdict) brackets() {
	p := v.c.Path
	text := p.Of(v.line)
	opened, closed := text[0] == '<', text[len(text)-1] == '>'
	if opened != closed && p.Mailbox.End-p.Mailbox.Start <= 1 && strings.Trim(text, "<>") == "" {
		v.noFix() // one bracket alone says nothing about whom it should hold
	}
	switch {
	case opened && !closed:
		v.say("bracket-open", Span{p.Start, p.End})
		v.fix(Span{p.End, p.End}, ">")
	case !opened && closed:
		v.say("bracket-close", Span{p.Start, p.End})
		v.fix(Span{p.Start, p.Start}, "<")
		v.c.Path.Mailbox.End--
	case !opened:
		v.say("brackets-missing", Span{p.Start, p.End})
		v.fix(Span{p.Start, p.Start}, "<")
		v.fix(Span{p.End, p.End}, ">")
	}
	m := &v.c.Path.Mailbox
	trimmed := Span{skipSpace(v.line[:m.End], m.Start), m.End}
	for trimmed.End > trimmed.Start && v.line[trimmed.End-1] == ' ' {
		trimmed.End--
	}
	if trimmed != *m {
		v.say("brackets-space", *m)
		v.fix(Span{m.Start, trimmed.Start}, "")
		v.fix(Span{trimmed.End, m.End}, "")
		*m = trimmed
	}
}
