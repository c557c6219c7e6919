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
	case (text == "#" || text == "//" || text == "--") && !v.givesParam(given[1:]):
		v.say("path-punctuation", Span{first.Start, last.End}, "comment")
		v.fix(Span{path.End, last.End}, "")
		return true
	case strings.Trim(text, ">") == "" && first.Start == path.End:
		v.say("brackets-twice", first)
		v.fix(first, "")
		return true
	case text[0] == '(' && v.line[last.End-1] == ')' && v.withoutSigns(given[0]) == nil &&
		(strings.Contains(v.c.Mailbox(), "@") || !strings.Contains(v.line[first.Start:last.End], "@")):
		v.say("display-name", Span{first.Start, last.End})
		v.fix(Span{path.End, last.End}, "")
		return true
	case sign > 0 && v.withoutSigns(given[0]) == nil:
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

// givesParam reports that one of the given is a known parameter.
func (v *verdict) givesParam(given []Given) bool {
	for _, g := range given {
		if FindParam(v.c.Verb.Name, g.Key.Of(v.line)) != nil {
			return true
		}
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
	glue, cut := "", true
	if value != "" {
		glue, cut = goesOn(row, value, text)
	}
	switch {
	case value == "" && !g.HasValue:
		v.say("parameter-equals", Span{g.Start, next.End})
		v.fix(gap, "=")
	case cut:
		v.say("parameter-equals", gap)
		v.fix(gap, glue)
	default:
		return false
	}
	return true
}

// goesOn reports a value that a space cut in two, and what belongs in the place
// of the space: "NOTIFY=SUCCESS, DELAY", "BY=120 R", "HOLDUNTIL=2030-01-02
// 03:04:05Z".
func goesOn(row *Param, value, next string) (glue string, cut bool) {
	last := value[len(value)-1]
	switch {
	case row.Kind == KindKeywordList:
		return "", last == ','
	case row.Kind == KindAddrTypeXtext && last == ';':
		return "", true
	case valueFault(row, value) == "":
		return "", false
	}
	for _, glue := range []string{"", ";", "T"} {
		if valueFault(row, value+glue+next) == "" {
			return glue, true
		}
	}
	return "", false
}

func (v *verdict) parameter(before []Given, g Given) {
	key := g.Key.Of(v.line)
	row := FindParam(v.c.Verb.Name, key)
	if row == nil && v.otherSign(g) {
		return
	}
	if !isParamKeyword(key) || g.HasValue && !isParamValue(g.Value.Of(v.line)) && row == nil {
		v.say("parameter-form", g.Span)
		v.formFix(g)
		return
	}
	if b := v.givenBefore(before, key); b != nil {
		v.say("parameter-twice", g.Span, strings.ToUpper(key))
		if b.Value.Of(v.line) != g.Value.Of(v.line) {
			v.noFix()
		}
		v.fix(Span{g.Start - 1, g.End}, "")
		return
	}
	if row != nil && row.Either != "" && v.givenBefore(before, row.Either) != nil {
		v.say("parameter-either", g.Span, row.Either, row.Name).Ref = row.Ref
		v.noFix() // which of them is meant, only the user knows
		return
	}
	if row == nil {
		v.unknownParameter(before, g, key)
		return
	}
	if !v.joinedParams(row, g) {
		v.value(row, g)
	}
}

// givenBefore is the parameter of that name among those before; nil when there
// is none. A line may have a hundred thousand, and most have two.
func (v *verdict) givenBefore(before []Given, name string) *Given {
	const few = 16
	if len(before) <= few {
		for i := range before {
			if strings.EqualFold(before[i].Key.Of(v.line), name) {
				return &before[i]
			}
		}
		return nil
	}
	if v.given == nil {
		v.given = map[string]int{}
	}
	for ; v.indexed < len(before); v.indexed++ {
		if key := strings.ToUpper(before[v.indexed].Key.Of(v.line)); v.given[key] == 0 {
			v.given[key] = v.indexed + 1
		}
	}
	if i := v.given[strings.ToUpper(name)]; i > 0 {
		return &before[i-1]
	}
	return nil
}

// formFix mends what is a parameter but for the signs around it, "(SIZE=500)"
// and "--size=500", and for those in its keyword, "MT_PRIORITY=3".
func (v *verdict) formFix(g Given) {
	key := g.Key.Of(v.line)
	for _, hyphen := range []string{"-", ""} {
		if meant := strings.ReplaceAll(key, "_", hyphen); FindParam(v.c.Verb.Name, meant) != nil {
			v.fix(g.Key, meant)
			return
		}
	}
	if at := v.withoutSigns(g); at != nil {
		v.fix(Span{at.End, g.End}, "")
		v.fix(Span{g.Start, at.Start}, "")
		return
	}
	v.noFix()
}

// withoutSigns is where a known parameter stands among the signs around it; nil
// when there is none, or no sign.
func (v *verdict) withoutSigns(g Given) *Span {
	const signs = "<>()[]{}-/|&~\\\"'`"
	text := g.Of(v.line)
	start := len(text) - len(strings.TrimLeft(text, signs))
	end := len(strings.TrimRight(text, signs))
	if start == 0 || start >= end {
		return nil
	}
	if key, _, _ := strings.Cut(text[start:end], "="); FindParam(v.c.Verb.Name, key) == nil {
		return nil
	}
	return &Span{g.Start + start, g.Start + end}
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

// joinedParams knows parameters with a sign between them in the place of a
// space: "SIZE=500,BODY=8BITMIME". A value may well hold the sign.
func (v *verdict) joinedParams(row *Param, g Given) bool {
	const longest = 16 // no keyword is longer
	text := g.Value.Of(v.line)
	if row.Kind != KindNone && valueFault(row, text) == "" {
		return false
	}
	for i := range len(text) {
		if strings.IndexByte(",;|&/", text[i]) < 0 {
			continue
		}
		key, _, _ := strings.Cut(text[i+1:min(len(text), i+longest)], "=")
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
	if ext := FindExtension(key); v.judge.Offers.Has(key) && (ext == nil || ext.Private) { // a registered one has the parameters of the table
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
	if v.goesOnUnknown(before, g) {
		return
	}
	var names []string
	for i := range Params {
		p := &Params[i]
		if p.Verb != v.c.Verb.Name {
			continue
		}
		names = append(names, p.Name)
		if !g.HasValue && containsFold(p.Values, key) {
			v.fix(g.Span, like(p.Name, key)+"="+key)
			return
		}
		if n := len(p.Name); !g.HasValue && p.Kind != KindNone && hasPrefixFold(key, p.Name) && valueFault(p, key[n:]) == "" { // "SIZE500"
			v.fix(Span{g.Start + n, g.Start + n}, "=")
			return
		}
	}
	plain := strings.ReplaceAll(key, "-", "")
	for _, s := range paramSynonyms {
		if strings.EqualFold(plain, s.word) && FindParam(v.c.Verb.Name, s.name) != nil {
			v.fix(g.Key, like(s.name, key))
			return
		}
	}
	if near := Nearest(plain, names); near != "" && len(key) > 2 {
		v.fix(g.Key, like(near, key))
	}
}

// goesOnUnknown knows a word that belongs to the one before it, although both
// could stand alone: the rest of a keyword, "SMTP UTF8", the mode of a date, and
// the next words of a list, "NOTIFY=SUCCESS FAILURE DELAY".
func (v *verdict) goesOnUnknown(before []Given, g Given) bool {
	if len(before) == 0 {
		return false
	}
	last, key := before[len(before)-1], g.Key.Of(v.line)
	gap := Span{last.End, g.Start}
	for _, glue := range []string{"", "-"} {
		if !last.HasValue && FindParam(v.c.Verb.Name, last.Of(v.line)+glue+key) != nil {
			v.fix(gap, glue)
			return true
		}
	}
	if row := FindParam(v.c.Verb.Name, last.Key.Of(v.line)); row != nil && row.Kind == KindDateTimeMode && valueFault(row, last.Value.Of(v.line)+";"+key) == "" {
		v.fix(gap, ";")
		return true
	}
	const most = 4 // words of a list
	for i := len(before) - 1; i >= max(0, len(before)-most) && !g.HasValue; i-- {
		row := FindParam(v.c.Verb.Name, before[i].Key.Of(v.line))
		if row != nil && row.Kind == KindKeywordList && containsFold(row.Values, key) {
			v.fix(gap, ",")
			return true
		}
		if before[i].HasValue {
			return false
		}
	}
	return false
}

// paramSynonyms are words for parameters that no likeness tells.
var paramSynonyms = []struct{ word, name string }{
	{"UTF8", "SMTPUTF8"}, {"UTF8SMTP", "SMTPUTF8"}, {"PRIORITY", "MT-PRIORITY"}, {"RETURN", "RET"},
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
