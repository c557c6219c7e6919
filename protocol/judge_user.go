package protocol

import "strings"

// user judges what VRFY and EXPN name: a String, which is one atom or one
// quoted string (RFC 5321 §4.1.1.6), or a mailbox (§3.5.1); user names with
// dots are met everywhere and pass. SMTPUTF8 may follow (RFC 6531 §3.7.4.2).
func (v *verdict) user(rest Span) {
	at := v.beforeParams(rest)
	text := at.Of(v.line)
	if !isASCII(text) {
		if d := v.needsUTF8(at); d != nil {
			d.Ref = Ref{6531, "3.7.4.2"}
		}
	}
	switch {
	case isQuoted(text):
	case text[0] == '"' && strings.Count(text, `"`) == 1 && isQuoted(text+`"`) && !strings.Contains(text, "@"):
		v.say("user-form", at)
		v.fix(Span{at.End, at.End}, `"`)
	case text[0] == '<' && strings.IndexByte(text[1:], '<') < 0:
		v.userInBrackets(at)
	case strings.ContainsAny(unquoted(text), " <>"):
		v.userWords(at)
	default:
		v.userWord(at)
	}
	if gap := (Span{at.End, skipSpace(v.line, at.End)}); at.End < rest.End && gap.End-gap.Start > 1 {
		v.say("repeated-space", gap)
		v.fix(gap, " ")
	}
}

// beforeParams is rest without the parameters that close it. Words that are
// no parameters of the verb are part of the name.
func (v *verdict) beforeParams(rest Span) Span {
	text := rest.Of(v.line)
	end := unquotedIndex(text, 0, " ")
	given := scanParams(v.line[:rest.End], rest.Start+end)
	for _, g := range given {
		if FindParam(v.c.Verb.Name, g.Key.Of(v.line)) == nil {
			given, end = nil, len(text)
			break
		}
	}
	v.c.Params = given
	return Span{rest.Start, rest.Start + end}
}

// unquoted is text without what stands in quotation marks.
func unquoted(text string) string {
	if strings.IndexByte(text, '"') < 0 {
		return text
	}
	var b strings.Builder
	var marks quotation
	for i := 0; i < len(text); i++ {
		if text[i] == '"' {
			i = marks.end(text, i)
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// userWord judges a name without spaces and brackets.
func (v *verdict) userWord(at Span) {
	text := at.Of(v.line)
	from := v.mark()
	switch i := splitMailbox(text); {
	case i < 0:
		if id, _ := localPartFault(text); id == "" {
			break
		}
		v.say("user-form", at)
		if word := strings.Trim(text, "[](),;:."); isAtom(word) {
			v.fix(at, word)
		} else {
			v.noFix()
		}
	case unquotedIndex(text, 0, "@") < i && strings.Trim(text[unquotedIndex(text, 0, "@"):i], "@") != "":
		v.say("user-form", at)
		v.noFix()
		return
	case unquotedIndex(text, 0, "@") < i:
		v.twoAts(at, unquotedIndex(text, 0, "@"), i)
	default:
		v.localPart(Span{at.Start, at.Start + i})
		v.mailDomain(Span{at.Start + i + 1, at.End})
	}
	if v.broken(from) {
		v.meant(from, at, meantMailbox(text))
	}
}

// userInBrackets judges "<alice>" and "<alice@example.org>", and the bracket
// that is not closed.
func (v *verdict) userInBrackets(at Span) {
	inner := at
	inner.Start++
	if v.line[at.End-1] == '>' {
		inner.End--
		v.say("user-brackets", at)
	} else {
		v.say("bracket-open", at)
	}
	v.fix(Span{at.Start, inner.Start}, "")
	v.fix(Span{inner.End, at.End}, "")
	text := strings.Trim(inner.Of(v.line), " ")
	if text == "" {
		v.say("user-form", at)
		v.noFix()
		return
	}
	start := skipSpace(v.line, inner.Start)
	v.fix(Span{inner.Start, start}, "")
	v.fix(Span{start + len(text), inner.End}, "")
	v.userWords(Span{start, start + len(text)})
}

// userWords judges a name with spaces, and perhaps an address in brackets
// behind it.
func (v *verdict) userWords(at Span) {
	text := at.Of(v.line)
	if !strings.ContainsAny(unquoted(text), " <>") {
		v.userWord(at)
		return
	}
	open, closed := strings.LastIndexByte(text, '<'), strings.LastIndexByte(text, '>')
	if open >= 0 && closed == len(text)-1 && open+1 < closed {
		v.say("user-brackets", at)
		v.fix(Span{at.Start, at.Start + open + 1}, "")
		v.fix(Span{at.Start + closed, at.End}, "")
		v.userWord(Span{at.Start + open + 1, at.Start + closed})
		return
	}
	if squeezed := withoutSpaceAt(atWords(text)); squeezed != text && isMailbox(squeezed) {
		v.say("user-brackets", at)
		v.fix(at, squeezed)
		return
	}
	if word := strings.Trim(text, "<> "); word != "" && strings.IndexByte(word, ' ') < 0 {
		v.say("bracket-close", at)
		v.fix(at, word)
		return
	}
	for word := range strings.FieldsSeq(text) {
		if id, _ := localPartFault(strings.TrimSuffix(word, ".")); id != "" && !isMailbox(word) {
			v.say("user-form", at)
			v.noFix()
			return
		}
	}
	v.say("user-brackets", at)
	v.fix(at, quote(strings.ReplaceAll(text, `"`, "")))
}

// withoutSpaceAt takes away the spaces around each "@".
func withoutSpaceAt(text string) string {
	parts := strings.Split(text, "@")
	for i := range parts {
		if i > 0 {
			parts[i] = strings.TrimLeft(parts[i], " ")
		}
		if i < len(parts)-1 {
			parts[i] = strings.TrimRight(parts[i], " ")
		}
	}
	return strings.Join(parts, "@")
}
