package protocol

import "strings"

// path judges "FROM:<…>" or "TO:<…>", word first.
func (v *verdict) path(a Arg) {
	bare := strings.TrimSuffix(a.Word, ":")
	args := v.c.Args.Of(v.line)
	start := v.c.Args.Start
	switch {
	case args == "" || strings.EqualFold(args, bare):
		v.pathMissing(a)
	case hasPrefixFold(args, a.Word):
		v.afterColon(a, start+len(a.Word))
	case hasPrefixFold(args, bare) && !isLetDig(args[len(bare)]):
		v.stop = true
		v.colon(start + len(bare))
	default:
		v.stop = true
		v.pathWord(a, bare, args)
	}
}

func (v *verdict) pathMissing(a Arg) {
	at := Span{v.c.Args.End, v.c.Args.End}
	if v.c.Args.Empty() {
		at = Span{v.c.Name.End, v.c.Name.End}
	}
	v.say("path-missing", at, a.Word+"<"+a.Name+"> is missing")
	v.noFix()
	v.stop = true
}

// colon judges what stands between FROM or TO, which ends at end, and the
// path.
func (v *verdict) colon(end int) {
	next := skipSpace(v.line, end)
	switch c := v.line[next]; {
	case c == ':':
		v.say("colon-space-before", Span{end, next})
		v.fix(Span{end, next}, "")
	case c != '<' && c != '"' && c != '@' && !isAtext(c) || c == '=' || next == end && c == '-':
		v.say("colon-wrong", Span{next, next + 1}, quoted(string(c)))
		v.fix(Span{end, skipSpace(v.line, next+1)}, ":")
	default:
		id := "colon-missing"
		if c != '<' && !strings.Contains(v.line[next:], "<") {
			id = "colon-missing-brackets"
		}
		v.say(id, Span{end, next})
		v.fix(Span{end, next}, ":")
	}
}

// pathWord judges what stands in the place of "FROM:" or "TO:".
func (v *verdict) pathWord(a Arg, bare, args string) {
	start := v.c.Args.Start
	typed := v.c.Name.Of(v.line)
	n := 0
	for n < len(args) && isLetDig(args[n]) {
		n++
	}
	word := Span{start, start + n}
	next := skipSpace(args, n)
	switch {
	case n > 0 && next < len(args) && args[next] == ':', n > 0 && isOtherWord(a, args[:n]),
		n > 0 && next > n && Nearest(args[:n], []string{bare}) != "":
		v.say("path-word-wrong", word, wrongWord(v.c.Verb, a))
		v.fix(word, like(bare, args[:n]))
	case args[0] == ':':
		v.say("path-word-missing", Span{start, start}, a.Word)
		v.fix(Span{start, start}, like(bare, typed))
	case args[0] == '<' || strings.Contains(args, "@") || !strings.Contains(args, " "):
		v.say("path-word-missing", Span{start, start}, a.Word)
		v.fix(Span{start, start}, like(a.Word, typed))
	default:
		v.say("path-word-missing", Span{start, start}, a.Word)
		v.noFix()
	}
}

// isOtherWord reports the word of another verb's path: TO in MAIL.
func isOtherWord(a Arg, word string) bool {
	for i := range Verbs {
		for _, other := range Verbs[i].Args {
			if other.Word != "" && other.Word != a.Word && strings.EqualFold(other.Word, word+":") {
				return true
			}
		}
	}
	return false
}

func wrongWord(verb *Verb, a Arg) string {
	if a.Kind == KindReversePath {
		return verb.Name + " names the sender, with FROM:; RCPT names a recipient"
	}
	return verb.Name + " names a recipient, with " + a.Word
}

// afterColon judges the path itself, behind the colon at end.
func (v *verdict) afterColon(a Arg, end int) {
	p := v.c.Path
	tail := v.line[p.Start:v.c.Args.End]
	if key, _, valued := strings.Cut(p.Of(v.line), "="); tail == "" || valued && FindParam(v.c.Verb.Name, key) != nil && !strings.Contains(tail, "@") {
		v.pathMissing(a) // or a parameter stands in its place
		return
	}
	if p.Start > end {
		v.say("colon-space-after", Span{end, p.Start})
		v.fix(Span{end, p.Start}, "")
	}
	if n := secondColon(tail); n > 0 {
		v.say("colon-wrong", Span{p.Start, p.Start + n}, "second sign")
		v.fix(Span{p.Start, p.Start + n}, "")
		v.stop = true
		return
	}
	if plainPath(tail) {
		v.mailbox(a)
		return
	}
	if v.paramsInside(tail) || v.wrongBrackets(tail) || v.severalPaths(a, tail) || v.nestedBrackets(tail) || v.strayBrackets(tail) || v.displayName(tail) {
		v.stop = true
		return
	}
	v.brackets()
	v.mailbox(a)
}

// paramsInside knows "<a@example.org SIZE=500>".
func (v *verdict) paramsInside(tail string) bool {
	text := v.c.Path.Of(v.line)
	open := unquotedIndex(text, 0, " ")
	if text[0] != '<' || text[len(text)-1] != '>' || open == len(text) || !v.c.Verb.Extended || len(text) < len(tail) && tail[len(text)] != ' ' {
		return false
	}
	for word := range strings.FieldsSeq(text[open : len(text)-1]) {
		if key, _, _ := strings.Cut(word, "="); FindParam(v.c.Verb.Name, key) == nil {
			return false
		}
	}
	start := v.c.Path.Start
	v.say("parameter-inside", Span{start + open, v.c.Path.End})
	v.fix(Span{start + open, start + open}, ">")
	v.fix(Span{v.c.Path.End - 1, v.c.Path.End}, "")
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

// secondColon is how much of the tail is another colon, or a sign like one
// before the bracket: "FROM::<a>", "FROM:=<a>".
func secondColon(tail string) int {
	n := len(tail) - len(strings.TrimLeft(tail, ":=;,|-"))
	next := skipSpace(tail, n)
	if tail[0] == ':' || n > 0 && next < len(tail) && tail[next] == '<' {
		return next
	}
	return 0
}

// wrongBrackets knows "(a@example.org)", "'a@example.org'" and what else is
// typed for angle brackets, and a comma or full stop behind the path.
func (v *verdict) wrongBrackets(tail string) bool {
	start, end := v.c.Path.Start, v.c.Path.End
	path := v.c.Path.Of(v.line)
	if cut := strings.TrimRight(path, ".,;:"); cut != path && cut != "" && cut[0] != '<' && strings.Contains(cut, "@") && len(path) == len(tail) {
		at := Span{start + len(cut), end}
		v.say("path-punctuation", at, quoted(path[len(cut):]))
		v.fix(at, "")
		return true
	}
	i := strings.IndexByte("([{'`", path[0])
	if i < 0 || len(path) < 3 || !strings.Contains(path, "@") || path[len(path)-1] != ")]}'`"[i] {
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
	if open == len(tail) {
		return false
	}
	closed := unquotedIndex(tail, open, ">")
	first := unquotedIndex(tail, 1, ">")
	if closed == len(tail) || first < open || tail[open-1] == '@' {
		return false
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
	if !strings.ContainsAny(strings.TrimRight(strings.TrimPrefix(word, "<"), ">.,;:!?'\"`"), "<>") {
		return false
	}
	address := strings.NewReplacer("<", "", ">", "").Replace(word)
	at := splitMailbox(address)
	if at < 1 || isMailbox(v.c.Mailbox()) || meantDomain(address[at+1:]) == "" || unquotedIndex(address, 0, "@") != at {
		return false
	}
	whole := Span{v.c.Path.Start, v.c.Path.Start + end}
	v.say("brackets-wrong", whole)
	v.fix(whole, "<"+address+">")
	return true
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
	if strings.Contains(tail[:open], "=") { // a parameter's value may be <>
		return false
	}
	if unquotedIndex(tail[:open], 0, "@") < open && !strings.Contains(tail[open:], "@") {
		return false // the address stands outside
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

// mailbox judges what the brackets hold.
func (v *verdict) mailbox(a Arg) {
	p := v.c.Path
	at := p.Mailbox
	text := at.Of(v.line)
	forward := a.Kind == KindForwardPath
	if text == "" {
		if inner := strings.Trim(p.Of(v.line), "<> "); forward || inner != "" {
			v.say("null-forward", p.Span)
			v.noFix()
		}
		return
	}
	inside := p.Start
	if v.line[inside] == '<' {
		inside++
	}
	if route := (Span{inside, at.Start}); !route.Empty() && v.line[inside] == '@' {
		if routeFault(route.Of(v.line)) {
			v.say("source-route-form", route)
		} else {
			v.say("source-route", route)
		}
		v.fix(route, "")
	}
	from := v.mark()
	if i := splitMailbox(text); i < 0 {
		v.noDomain(at, forward)
	} else if j := unquotedIndex(text, 0, "@"); j < i {
		v.twoAts(at, j, i)
	} else {
		v.localPart(Span{at.Start, at.Start + i})
		v.mailDomain(Span{at.Start + i + 1, at.End})
	}
	if v.broken(from) {
		v.meant(from, at, meantMailbox(text))
	}
	if p.End-p.Start > 256 {
		v.say("path-long", p.Span)
	}
	switch {
	case forward || isASCII(p.Of(v.line)):
	case isASCII(text): // the route is left out in any case
		if _, ok := v.c.Param("SMTPUTF8"); !ok {
			v.say("utf8-needs-smtputf8", p.Span)
		}
	default:
		v.needsUTF8(at)
	}
}

// needsUTF8 says that what stands at this place takes SMTPUTF8 (RFC 6531 §3.4),
// unless it is there. Verbs without parameters have no place for it.
func (v *verdict) needsUTF8(at Span) *Diag {
	if _, ok := v.c.Param("SMTPUTF8"); ok {
		return nil
	}
	if !v.c.Verb.Extended {
		v.noFix()
	} else {
		v.fix(Span{v.c.Args.End, v.c.Args.End}, like(" SMTPUTF8", v.c.Name.Of(v.line)))
	}
	return v.say("utf8-needs-smtputf8", at)
}

func (v *verdict) mailDomain(at Span) {
	if at.Empty() {
		v.say("domain-missing", Span{at.Start - 1, at.End})
		v.noFix()
		return
	}
	v.domainForm(at, false) // the mailbox is mended as a whole
}

// noDomain judges a path without "@": only Postmaster may go without
// (RFC 5321 §4.1.1.3).
func (v *verdict) noDomain(at Span, forward bool) {
	text := at.Of(v.line)
	if forward && strings.EqualFold(text, "Postmaster") {
		return
	}
	if mended := atWords(text); mended != text {
		v.say("at-word", at)
		v.fix(at, mended)
		return
	}
	if id, _ := localPartFault(text); id != "" {
		if v.localPart(at); !hasLetDig(text) || strings.Contains(text, "://") {
			v.noFix() // nothing in it is anybody's name
		}
		return
	}
	note := "only RCPT TO:<Postmaster> goes without"
	if forward {
		note = "some servers take a bare local user"
	}
	v.say("mailbox-no-domain", at, note)
	if inner := strings.Trim(text, `"<>`); isQuoted(text) && isMailbox(inner) { // the marks around the whole address
		v.fix(at, inner)
	}
}

// isMailbox reports local-part "@" domain, without a literal.
func isMailbox(s string) bool {
	at := splitMailbox(s)
	if at < 0 {
		return false
	}
	local, _ := localPartFault(s[:at])
	domain, _ := domainFault(s[at+1:])
	return local == "" && domain == ""
}

func (v *verdict) twoAts(at Span, first, last int) {
	text := at.Of(v.line)
	v.say("mailbox-two-at", Span{at.Start + first, at.Start + last + 1})
	if local := text[:first]; strings.Trim(text[first:last], "@") == "" && local != "" {
		v.fix(Span{at.Start + first, at.Start + last}, "")
		return
	}
	if strings.ContainsAny(text, `"\`) {
		v.noFix()
		return
	}
	v.fix(Span{at.Start, at.Start + last}, quote(text[:last]))
}

func (v *verdict) localPart(at Span) {
	text := at.Of(v.line)
	if len(text) > 64 {
		v.say("local-part-long", at)
	}
	id, part := localPartFault(text)
	if id == "" {
		return
	}
	if hasPrefixFold(text, schemes[0]) {
		id, part = "mailto", Span{0, len(schemes[0])}
	}
	v.say(id, Span{at.Start + part.Start, at.Start + part.End})
	if mended := meantLocalPart(text); mended != "" {
		v.fix(at, mended)
	} else {
		v.noFix()
	}
}
