package protocol

import (
	"strconv"
	"strings"
)

// parameters judges the ESMTP parameters behind the argument.
func (v *verdict) parameters() {
	given := v.c.Params
	if len(given) == 0 {
		return
	}
	if at := given[0].Span; strings.Trim(at.Of(v.line), ".,;:!?'\"`") == "" && !v.c.Path.Empty() {
		v.say("path-punctuation", at, quoted(at.Of(v.line)))
		v.fix(Span{v.c.Path.End, at.End}, "")
		return
	}
	if at := given[0].Span; strings.Trim(at.Of(v.line), ">") == "" && at.Start == v.c.Path.End {
		v.say("brackets-twice", at)
		v.fix(at, "")
		return
	}
	if last := given[len(given)-1].Span; v.line[given[0].Start] == '(' && v.line[last.End-1] == ')' {
		v.say("display-name", Span{given[0].Start, last.End})
		v.fix(Span{v.c.Path.End, last.End}, "")
		return
	}
	if gap := (Span{v.c.Path.End, given[0].Start}); gap.End-gap.Start > 1 && !v.c.Path.Empty() {
		v.say("repeated-space", gap)
		v.fix(gap, " ")
	}
	if given[0].Start == v.c.Path.End && !v.c.Path.Empty() {
		v.say("parameter-space", Span{given[0].Start, given[0].Start})
		v.fix(Span{given[0].Start, given[0].Start}, " ")
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

// apart knows a keyword and its value that spaces separate: "SIZE 500",
// "SIZE= 500", "SIZE =500", "SIZE = 500".
func (v *verdict) apart(g, next Given) bool {
	row := FindParam(v.c.Verb.Name, g.Key.Of(v.line))
	if row == nil || row.Kind == KindNone {
		return false
	}
	if !g.Value.Empty() {
		if list := g.Value.Of(v.line); row.Kind != KindKeywordList || list[len(list)-1] != ',' || next.HasValue {
			return false
		}
	}
	return v.joined(g, next)
}

// joined says how the two are put together.
func (v *verdict) joined(g, next Given) bool {
	text := next.Of(v.line)
	gap := Span{g.End, next.Start}
	switch {
	case text[0] == '=' && !g.HasValue:
		if text == "=" {
			gap.End = skipSpace(v.line, next.End)
		} else {
			gap.End++
		}
		v.say("parameter-equals", gap)
		v.fix(gap, "=")
	case next.HasValue || FindParam(v.c.Verb.Name, text) != nil:
		return false
	case g.HasValue:
		v.say("parameter-equals", gap)
		v.fix(gap, "")
	default:
		v.say("parameter-equals", Span{g.Start, next.End})
		v.fix(gap, "=")
	}
	return true
}

func (v *verdict) parameter(before []Given, g Given) {
	key := g.Key.Of(v.line)
	if i := strings.IndexByte(key, ':'); i > 0 && !g.HasValue && FindParam(v.c.Verb.Name, key[:i]) != nil {
		at := Span{g.Start + i, g.Start + i + 1}
		v.say("parameter-equals", at)
		v.fix(at, "=")
		return
	}
	if !isParamKeyword(key) || g.HasValue && !isParamValue(g.Value.Of(v.line)) && FindParam(v.c.Verb.Name, key) == nil {
		v.say("parameter-form", g.Span)
		v.noFix()
		return
	}
	for _, b := range before {
		if strings.EqualFold(b.Key.Of(v.line), key) {
			v.say("parameter-twice", g.Span, strings.ToUpper(key))
			if b.Value.Of(v.line) != g.Value.Of(v.line) {
				v.noFix()
			}
			v.fix(Span{g.Start - 1, g.End}, "")
			return
		}
	}
	row := FindParam(v.c.Verb.Name, key)
	if row == nil {
		v.unknownParameter(g, key)
		return
	}
	v.value(row, g)
}

func (v *verdict) unknownParameter(g Given, key string) {
	for i := range Params {
		if row := &Params[i]; strings.EqualFold(row.Name, key) {
			v.say("parameter-verb", g.Span, row.Name, row.Verb).Ref = row.Ref
			v.noFix()
			return
		}
	}
	if v.judge.Offers.Has(key) {
		return
	}
	v.say("parameter-unknown", g.Span, strings.ToUpper(key))
	var names []string
	for i := range Params {
		p := &Params[i]
		if p.Verb != v.c.Verb.Name {
			continue
		}
		names = append(names, p.Name)
		if p.Kind == KindKeyword && containsFold(p.Values, key) && !g.HasValue { // "8BITMIME" for BODY=8BITMIME
			v.fix(g.Span, like(p.Name, key)+"="+key)
			return
		}
	}
	if near := Nearest(strings.ReplaceAll(key, "-", ""), names); near != "" && len(key) > 2 {
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

// value judges a parameter's value by the kind that its row names.
func (v *verdict) value(row *Param, g Given) {
	text := g.Value.Of(v.line)
	if row.Obsolete != "" {
		v.say("obsolete-parameter", g.Span, row.Name, row.Obsolete).Ref = row.Ref
	}
	if row.Kind == KindNone {
		if g.HasValue {
			v.say("parameter-no-value", g.Span, row.Name).Ref = row.Ref
			v.fix(Span{g.Key.End, g.End}, "")
		}
		return
	}
	if fault, fix := valueFault(row, text); fault != "" {
		at := g.Value
		if at.Empty() {
			at = g.Span
		}
		id := "parameter-value"
		if fault == neverAlone {
			id = "notify-never"
			v.say(id, at).Ref = row.Ref
		} else {
			v.say(id, at, fault).Ref = row.Ref
		}
		if fix == "" {
			v.noFix()
			return
		}
		if row.Kind == KindKeyword || row.Kind == KindKeywordList {
			fix = like(fix, text)
		}
		v.fix(g.Value, fix)
	}
}

const neverAlone = "NEVER stands alone"

// valueFault says in a sentence what is wrong with a value, and what it
// should be where that can be told.
func valueFault(row *Param, text string) (fault, fix string) {
	switch row.Kind {
	case KindOctets:
		if !isDigits(text) || len(text) > 20 {
			return row.Name + " takes a decimal number of octets", ""
		}
	case KindKeyword:
		if !containsFold(row.Values, text) {
			return row.Name + " is " + orList(row.Values), meant(row.Values, text)
		}
	case KindKeywordList:
		return listFault(row, text)
	case KindXtext:
		if !isXtext(text) || text == "" {
			return row.Name + " takes xtext: printable ASCII, with +HH for \"+\", \"=\" and the rest", ""
		}
	case KindAddrTypeXtext:
		if after, wrong := strings.CutPrefix(strings.ToLower(text), "rfc822:"); wrong {
			return row.Name + " takes an address type, a semicolon and the address", "rfc822;" + text[len(text)-len(after):]
		}
		kind, rest, ok := strings.Cut(text, ";")
		if !ok && strings.Contains(text, "@") && isXtext(text) {
			return row.Name + " takes an address type, a semicolon and the address", "rfc822;" + text
		}
		if !ok || !isAtom(kind) || !isXtext(rest) { // xtext may be empty
			return row.Name + " takes an address type, a semicolon and the address: rfc822;b@example.org", ""
		}
	case KindXtextMailbox:
		return mailboxFault(row, text)
	case KindDeliverBy, KindSeconds, KindDateTime, KindDateTimeMode, KindPriority, KindCertifier, KindSolicitation, KindTransaction:
		return rareFault(row, text), ""
	case KindNone, KindDomain, KindDomainOrLiteral, KindReversePath, KindForwardPath, KindUser, KindList,
		KindString, KindTopic, KindMechanism, KindBase64, KindNode, KindDomains, KindURL, KindAttributes: // arguments of verbs
	}
	return "", ""
}

func listFault(row *Param, text string) (fault, fix string) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' })
	if len(parts) != strings.Count(text, ",")+1 {
		return row.Name + " is a list with commas: " + row.Form[len(row.Name)+1:], meantList(row.Values, parts)
	}
	for _, part := range parts {
		if !containsFold(row.Values, part) {
			return row.Name + " is " + row.Form[len(row.Name)+1:], meantList(row.Values, parts)
		}
		if strings.EqualFold(part, "NEVER") && len(parts) > 1 {
			return neverAlone, ""
		}
	}
	return "", ""
}

func meantList(values, parts []string) string {
	fixed := make([]string, len(parts))
	for i, part := range parts {
		fixed[i] = meant(values, part)
		if fixed[i] == "" {
			return ""
		}
	}
	return strings.Join(fixed, ",")
}

// meant is the value that was probably meant: the only one that begins so, or
// the nearest.
func meant(values []string, text string) string {
	if text == "" {
		return ""
	}
	var found string
	text = strings.ReplaceAll(text, "-", "")
	for _, value := range values {
		if hasPrefixFold(value, text) {
			if found != "" {
				return ""
			}
			found = value
		}
	}
	if found != "" {
		return found
	}
	return Nearest(text, values)
}

func orList(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// isXtext reports xtext (RFC 3461 §4): "!" to "~" without "+" and "=", and
// "+" with two upper-case hexadecimal digits.
func isXtext(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '+':
			if i+2 >= len(s) || !isUpperHex(s[i+1]) || !isUpperHex(s[i+2]) {
				return false
			}
			i += 2
		case b < '!' || b > '~' || b == '=':
			return false
		}
	}
	return true
}

// DecodeXtext is what xtext stands for; ok is false for a text that is none
// (RFC 3461 §4).
func DecodeXtext(s string) (text string, ok bool) {
	if !isXtext(s) {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '+' {
			b.WriteByte(s[i])
			continue
		}
		n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), true
}

// EncodeXtext writes any octets as xtext (RFC 3461 §4).
func EncodeXtext(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < '!' || c > '~' || c == '+' || c == '=' {
			b.Write([]byte{'+', digits[c>>4], digits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// mailboxFault checks a value that is a mailbox in xtext, or "<>"
// (RFC 4954 §5).
func mailboxFault(row *Param, text string) (fault, fix string) {
	fault = row.Name + " takes a mailbox in xtext, or <>"
	mailbox, ok := DecodeXtext(text)
	switch at := splitMailbox(mailbox); {
	case text == "<>":
		return "", ""
	case !ok && splitMailbox(text) > 0 && isASCII(text):
		return fault, EncodeXtext(text)
	case !ok || at < 0:
		return fault, ""
	case mailbox[0] == '<' && mailbox[len(mailbox)-1] == '>':
		return fault, EncodeXtext(mailbox[1 : len(mailbox)-1])
	default:
		local, _ := localPartFault(mailbox[:at])
		domain, _ := domainFault(mailbox[at+1:])
		literal := mailbox[at+1:]
		if literal != "" && literal[0] == '[' {
			domain, _ = literalFault(literal)
		}
		if local != "" || domain != "" && FindAdvice(domain).Severity == Error {
			return fault, ""
		}
	}
	return "", ""
}

func isUpperHex(b byte) bool { return b >= '0' && b <= '9' || b >= 'A' && b <= 'F' }

// octets reads a number of octets; one too great for 64 bits is the greatest.
func octetCount(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 1<<64 - 1
	}
	return n
}
