package protocol

import "strings"

// parameters judges the ESMTP parameters behind the argument.
func (v *verdict) parameters() {
	given := v.c.Params
	if len(given) == 0 || v.behindPath(given) {
		return
	}
	for i, g := range given {
		if i > 0 {
			if gap := (Span{given[i-1].End, g.Start}); gap.End-gap.Start > 1 {
				v.say("repeated-space", gap)
				v.fix(gap, " ")
			}
		}
		if i+1 < len(given) && v.apart(g, given[i+1]) {
			return // what follows is part of this one; the fix is judged again
		}
		v.parameter(given[:i], g)
	}
}

// behindPath judges what stands between the path and the first parameter, and
// reports that what follows is none.
func (v *verdict) behindPath(given []Given) bool {
	path, first, last := v.c.Path.Span, given[0].Span, given[len(given)-1].Span
	if path.Empty() {
		return false
	}
	text := first.Of(v.line)
	sign := len(text) - len(strings.TrimLeft(text, ".,;:!?'\"`)]}"))
	switch {
	case sign == len(text):
		v.say("path-punctuation", first, quoted(text))
		v.fix(Span{path.End, first.End}, "")
		return true
	case strings.Trim(text, ">") == "" && first.Start == path.End:
		v.say("brackets-twice", first)
		v.fix(first, "")
		return true
	case text[0] == '(' && v.line[last.End-1] == ')':
		v.say("display-name", Span{first.Start, last.End})
		v.fix(Span{path.End, last.End}, "")
		return true
	case sign > 0:
		v.say("path-punctuation", Span{first.Start, first.Start + sign}, quoted(text[:sign]))
		v.fix(Span{path.End, first.Start + sign}, " ")
		return true
	case first.Start == path.End:
		v.say("parameter-space", Span{first.Start, first.Start})
		v.fix(Span{first.Start, first.Start}, " ")
	case first.Start-path.End > 1:
		v.say("repeated-space", Span{path.End, first.Start})
		v.fix(Span{path.End, first.Start}, " ")
	}
	return false
}

// apart knows a keyword and its value that spaces separate: "SIZE 500",
// "SIZE= 500", "SIZE =500", "SIZE = 500", "NOTIFY=SUCCESS, DELAY".
func (v *verdict) apart(g, next Given) bool {
	row := FindParam(v.c.Verb.Name, g.Key.Of(v.line))
	value, text := g.Value.Of(v.line), next.Of(v.line)
	gap := Span{g.End, next.Start}
	if row != nil && strings.IndexByte(",;", text[0]) >= 0 { // " , " between parameters, or within a list
		v.say("parameter-form", next.Span)
		switch {
		case row.Kind == KindKeywordList:
			v.fix(gap, "")
		case len(text) == 1:
			v.fix(Span{gap.Start, next.End}, "")
		default:
			v.fix(Span{gap.Start, next.Start + 1}, " ")
		}
		return true
	}
	if row == nil || row.Kind == KindNone {
		return false
	}
	if text[0] == '=' && !g.HasValue {
		gap.End++
		if text == "=" {
			gap.End = skipSpace(v.line, next.End)
		}
		v.say("parameter-equals", gap)
		v.fix(gap, "=")
		return true
	}
	if next.HasValue || FindParam(v.c.Verb.Name, text) != nil {
		return false
	}
	switch {
	case value == "" && g.HasValue, value != "" && v.goesOn(row, value, text):
		v.say("parameter-equals", gap)
		v.fix(gap, "")
	case value == "":
		v.say("parameter-equals", Span{g.Start, next.End})
		v.fix(gap, "=")
	default:
		return false
	}
	return true
}

// goesOn reports a value that a space cut in two: it ends in the sign that
// stands between its parts.
func (v *verdict) goesOn(row *Param, value, next string) bool {
	last := value[len(value)-1]
	switch row.Kind {
	case KindKeywordList:
		return last == ','
	case KindAddrTypeXtext:
		return last == ';'
	default:
		return (last == ',' || last == ';') && valueFault(row, value) != "" && valueFault(row, value+next) == ""
	}
}

func (v *verdict) parameter(before []Given, g Given) {
	key := g.Key.Of(v.line)
	row := FindParam(v.c.Verb.Name, key)
	if row == nil && v.otherSign(g) {
		return
	}
	if !isParamKeyword(key) || g.HasValue && !isParamValue(g.Value.Of(v.line)) && row == nil {
		v.say("parameter-form", g.Span)
		v.noFix()
		return
	}
	for _, b := range before {
		given := b.Key.Of(v.line)
		if strings.EqualFold(given, key) {
			v.say("parameter-twice", g.Span, strings.ToUpper(key))
			if b.Value.Of(v.line) != g.Value.Of(v.line) {
				v.noFix()
			}
			v.fix(Span{g.Start - 1, g.End}, "")
			return
		}
		if row != nil && row.Either != "" && strings.EqualFold(given, row.Either) {
			v.say("parameter-either", g.Span, row.Either, row.Name).Ref = row.Ref
			v.noFix() // which of them is meant, only the user knows
			return
		}
	}
	if row == nil {
		v.unknownParameter(before, g, key)
		return
	}
	if !v.joinedParams(g) {
		v.value(row, g)
	}
}

// otherSign knows "SIZE:500" and "SMTPUTF8;", which have a sign where "=" or a
// space belongs.
func (v *verdict) otherSign(g Given) bool {
	text := g.Of(v.line)
	i := strings.IndexAny(text, ":,;")
	if i < 1 {
		return false
	}
	row := FindParam(v.c.Verb.Name, text[:i])
	if row == nil {
		return false
	}
	at := Span{g.Start + i, g.Start + i + 1}
	v.say("parameter-equals", at)
	switch {
	case i == len(text)-1:
		v.fix(at, "")
	case row.Kind == KindNone:
		v.fix(at, " ")
	default:
		v.fix(at, "=")
	}
	return true
}

// joinedParams knows parameters with a comma or a semicolon between them:
// "SIZE=500,BODY=8BITMIME".
func (v *verdict) joinedParams(g Given) bool {
	text := g.Value.Of(v.line)
	for i := range len(text) {
		if text[i] != ',' && text[i] != ';' {
			continue
		}
		key, _, _ := strings.Cut(text[i+1:], "=")
		if FindParam(v.c.Verb.Name, key) != nil {
			at := Span{g.Value.Start + i, g.Value.Start + i + 1}
			v.say("parameter-space", at)
			v.fix(at, " ")
			return true
		}
	}
	return false
}

func (v *verdict) unknownParameter(before []Given, g Given, key string) {
	for i := range Params {
		if row := &Params[i]; strings.EqualFold(row.Name, key) {
			v.say("parameter-verb", g.Span, row.Name, row.Verb).Ref = row.Ref
			v.noFix()
			return
		}
	}
	if !isASCII(g.Value.Of(v.line)) && !v.c.Is("RCPT") { // a RCPT may be part of a transaction that allows it
		v.needsUTF8(g.Value)
	}
	if v.judge.Offers.Has(key) {
		return
	}
	v.say("parameter-unknown", g.Span, strings.ToUpper(key))
	if path := v.c.Path.Of(v.line); path != "" && path[0] != '<' && !strings.Contains(path, "@") {
		v.noFix() // "MAIL FROM: Joe Smith" names nobody
		return
	}
	v.meantParameter(before, g, key)
}

// meantParameter looks for the parameter in a word that is none: a value
// without its keyword ("8BITMIME"), a list's next word, a slip of the fingers.
func (v *verdict) meantParameter(before []Given, g Given, key string) {
	var names []string
	for i := range Params {
		p := &Params[i]
		if p.Verb != v.c.Verb.Name {
			continue
		}
		names = append(names, p.Name)
		if g.HasValue || !containsFold(p.Values, key) {
			continue
		}
		if n := len(before); n > 0 && p.Kind == KindKeywordList && strings.EqualFold(before[n-1].Key.Of(v.line), p.Name) {
			v.fix(Span{before[n-1].End, g.Start}, ",")
		} else {
			v.fix(g.Span, like(p.Name, key)+"="+key)
		}
		return
	}
	switch near := Nearest(strings.ReplaceAll(key, "-", ""), names); {
	case strings.EqualFold(key, "UTF8") && FindParam(v.c.Verb.Name, "SMTPUTF8") != nil:
		v.fix(g.Key, like("SMTPUTF8", key))
	case near != "" && len(key) > 2:
		v.fix(g.Key, like(near, key))
	}
}

// isParamKeyword is esmtp-keyword (RFC 5321 §4.1.2).
func isParamKeyword(s string) bool {
	for i := range len(s) {
		if !isLetDig(s[i]) && (s[i] != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

// isParamValue is esmtp-value (RFC 5321 §4.1.2, RFC 6531 §3.3).
func isParamValue(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == '=' || s[i] == 0x7f {
			return false
		}
	}
	return s != ""
}
