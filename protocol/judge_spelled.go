package protocol

import "strings"

// spelledOut is tried where nothing else could put a path right: the line may
// still spell out whom it means, each mailbox plainly and with only names, words
// and signs around it: "Joe <a@example.org", `"Joe" "a@example.org"`.
func (v *verdict) spelledOut() {
	if v.c.Verb == nil || v.c.Path.Empty() || v.depth >= deepest || v.c.Args.End-v.c.Path.Start > mostMended {
		return
	}
	if v.c.Path.Null || mailboxSeverity(v.c.Mailbox()) < Error {
		return // the fault is elsewhere
	}
	a := v.c.Verb.Args[0]
	start := v.c.Path.Start
	tail := v.line[start:v.c.Args.End]
	list, end := v.plainList(tail)
	if len(list) == 0 || len(list) > 1 && a.Kind == KindReversePath {
		return
	}
	for word := range strings.FieldsSeq(tail[end:]) {
		if key, _, _ := strings.Cut(word, "="); FindParam(v.c.Verb.Name, key) == nil {
			return
		}
	}
	from := Span{start, start + end}
	before := v.diags
	v.diags, v.edits, v.then, v.lost = nil, nil, nil, false
	switch {
	case len(list) > 1:
		v.say("several-paths", Span{start + list[1].start, from.End}, v.c.Verb.Name)
	case hasLetDig(list[0].after):
		v.say("display-name", Span{start, start + list[0].start})
	default:
		v.say("brackets-wrong", from)
	}
	v.oneEach(a, Span{start, v.c.Args.End}, list, tail[end:])
	if v.settle(); v.diags[0].Fix == "" {
		v.diags = before
	}
}

// oneEach offers the line with the first mailbox of the list in the place of
// whole, and behind it one with each of the others; params end each of them.
func (v *verdict) oneEach(a Arg, whole Span, list []listed, params string) {
	v.fix(whole, "<"+list[0].text+">"+params)
	args := v.c.Args.Of(v.line)
	word := like(a.Word, args[:min(len(a.Word), len(args))])
	for _, next := range list[1:] {
		v.then = append(v.then, v.line[:v.c.Args.Start]+word+"<"+next.text+">"+params)
	}
}

// behindMailbox are the signs that may stand close behind a mailbox and are no
// part of it.
const behindMailbox = "\">)]}'`,;:.!?\\"

// plainList is the mailboxes that the text spells out plainly, and where the
// last one ends, with the signs behind it. Parameters end the list.
func (v *verdict) plainList(text string) (list []listed, end int) {
	until := len(text)
	for i := skipSpace(text, 0); i < len(text); i = nextWord(text, i) {
		if word := text[i:wordEnd(text, i)]; i > 0 && v.startsParams(text[:i], word) {
			until = i
			break
		}
	}
	list = plainMailboxes(text[:until])
	if len(list) == 0 {
		return nil, 0
	}
	last := list[len(list)-1]
	end = last.start + len(last.text)
	return list, until - len(strings.TrimLeft(text[end:until], behindMailbox))
}

// plainMailboxes are the mailboxes of a text in which every "@" is part of one,
// and none can be read in two ways; nil otherwise.
func plainMailboxes(text string) (list []listed) {
	after := 0
	for at := strings.IndexByte(text, '@'); at >= 0; {
		m := plainMailbox(text, after, at)
		if m.Empty() || len(list) > 0 && strings.Trim(text[after:m.Start], "> ") == "(" { // a comment on the mailbox before
			return nil
		}
		list = append(list, listed{m.Of(text), m.Start, text[after:m.Start]})
		after = m.End
		next := strings.IndexByte(text[after:], '@')
		if next < 0 {
			break
		}
		at = after + next
	}
	return list
}

// addressType reports a text that ends with the type of an address, as ORCPT
// has it (RFC 3461 §4.2).
func addressType(text string) bool {
	word := text[strings.LastIndexAny(text, " =:")+1:]
	return strings.EqualFold(word, "rfc822") || strings.EqualFold(word, "utf-8")
}

// plainMailbox is the mailbox around the "@" at at, which begins no earlier than
// from: empty where it is not plain where it begins and ends.
func plainMailbox(text string, from, at int) (m Span) {
	m = Span{at, at + 1}
	for m.Start > from && (isAtext(text[m.Start-1]) || text[m.Start-1] == '.') {
		m.Start--
	}
	for m.End < len(text) && (isLetDig(text[m.End]) || strings.IndexByte("-._", text[m.End]) >= 0 || text[m.End] >= 0x80) {
		m.End++
	}
	for m.End > at && text[m.End-1] == '.' {
		m.End--
	}
	if m.Start == from && from > 0 && strings.IndexByte(glue, text[from]) >= 0 {
		m.Start++
	}
	before, behind := byte(' '), byte(' ')
	if m.Start > 0 {
		before = text[m.Start-1]
	}
	if m.End < len(text) {
		behind = text[m.End]
	}
	const openings, closings = "{'`", "}'`"
	if i := strings.IndexByte(openings, text[m.Start]); i >= 0 && behind == closings[i] {
		m.Start, before = m.Start+1, ' '
	}
	switch {
	case before == '"' && behind != '"', strings.IndexByte(" <([>,;:\""+glue, before) < 0,
		m.Start > 1 && text[m.Start-2] == '\\' && before == ' ', // an old way to quote a space
		before == '>' && from == 0,                              // the sign may stand for a letter
		before == ';' && addressType(text[:m.Start-1]),          // the value of an ORCPT, whatever its keyword became
		strings.IndexByte(" <(["+glue+behindMailbox, behind) < 0,
		strings.ContainsAny(m.Of(text), "{}|`/&!%="), mailboxSeverity(m.Of(text)) == Error:
		return Span{}
	}
	return m
}
