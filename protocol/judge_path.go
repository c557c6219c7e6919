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
	case c != '<' && c != '"' && c != '@' && !isAtext(c) || c == '=' || next == end && (c == '-' || c == '/'):
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
	if hasPrefixFold(tail, a.Word) { // "FROM:FROM:<a>"
		again := Span{p.Start, skipSpace(v.line, p.Start+len(a.Word))}
		v.say("path-word-wrong", again, a.Word+" stands here twice")
		v.fix(again, "")
		v.stop = true
		return
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
	if len(tail) <= mostMeant && v.misshapen(a, tail) {
		v.stop = true
		return
	}
	v.brackets()
	v.mailbox(a)
}

// mostMeant is the longest text, in octets, in which mailboxes are looked for: a
// hundred recipients have room, and what is longer nobody typed.
const mostMeant = 16 << 10

// misshapen knows what people write for a path.
func (v *verdict) misshapen(a Arg, tail string) bool {
	return v.paramsInside(tail) || v.wrongBrackets(tail) || v.severalPaths(a, tail) || v.nestedBrackets(tail) || v.strayBrackets(tail) || v.displayName(tail)
}

// secondColon is how much of the tail is another colon, or a sign like one
// before the bracket: "FROM::<a>", "FROM:=<a>".
func secondColon(tail string) int {
	n := len(tail) - len(strings.TrimLeft(tail, ":=;,|-"))
	if strings.HasPrefix(tail, "->") {
		return skipSpace(tail, len("->"))
	}
	next := skipSpace(tail, n)
	if tail[0] == ':' || n > 0 && next < len(tail) && tail[next] == '<' {
		return next
	}
	return 0
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
		if v.localPart(at); !hasLetDig(text) || id == "local-part-char" {
			v.noFix() // what it names is anybody's guess
		}
		return
	}
	note := "only RCPT TO:<Postmaster> goes without"
	if forward {
		note = "some servers take a bare local user"
	}
	v.say("mailbox-no-domain", at, note)
	if !isQuoted(text) {
		return
	}
	switch inner := strings.Trim(text, `"<>`); { // the marks stand in the place of the brackets
	case mailboxSeverity(inner) < Error, isAtom(inner), inner == "" && !forward:
		v.fix(at, inner)
	case bracketed(text) != "": // and around its display name
		v.fix(at, bracketed(text))
	case inner == "":
		v.noFix()
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
