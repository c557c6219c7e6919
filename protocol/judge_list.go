package protocol

import "strings"

// mostListed is how many recipients of one line are offered, one after the
// other: as many as a server must take (RFC 5321 §4.5.3.1.8).
const mostListed = 100

// listed is a mailbox that a list names.
type listed struct {
	text  string // without brackets and name
	start int    // where it begins in the list
	after string // the words between the mailbox before and this one
}

// severalPaths knows "<b>,<c>", "<b, c>", "b c", "Joe <b>, Ann <c>", "<b> and
// <c>", "<b><c>", "<b> TO:<c>" and their like.
func (v *verdict) severalPaths(a Arg, tail string) bool {
	if strings.Count(tail, "@") < 2 {
		if a.Kind == KindForwardPath && v.localList(a, tail) {
			return true
		}
		if !strings.Contains(tail, "@") || !strings.ContainsAny(tail, ",;") {
			return false
		}
	}
	list, end := v.scanList(tail)
	if len(list) != strings.Count(tail, "@") {
		if plain, behind := v.plainList(tail); len(plain) > max(len(list), 1) {
			list, end = plain, behind
		}
	}
	if len(list) < 2 {
		return false
	}
	start := v.c.Path.Start
	whole := Span{start, start + end}
	rcpt := FindVerb("RCPT")
	both := a.Kind == KindReversePath && namesPath(list[1].after, rcpt) // MAIL and RCPT in one line
	if list = distinct(list, both); len(list) == 1 {                    // the address stands there for a name too: "a@x <a@x>"
		v.say("display-name", whole)
		v.fix(whole, "<"+list[0].text+">")
		return true
	}
	behind := Span{start + list[1].start, start + end}
	if a.Kind == KindForwardPath {
		v.say("several-paths", behind, v.c.Verb.Name)
		v.oneEach(a, Span{start, v.c.Args.End}, list, tail[end:])
		return true
	}
	if both {
		v.say("several-commands", behind, rcpt.Name)
		v.fix(Span{whole.Start, v.c.Args.End}, "<"+list[0].text+">")
		head := like(rcpt.Name+" "+rcpt.Args[0].Word, v.c.Name.Of(v.line))
		for _, next := range list[1:] {
			v.then = append(v.then, head+"<"+next.text+">")
		}
		return true
	}
	v.say("several-senders", behind)
	v.noFix() // which of them is meant, only the user knows
	return true
}

// localList knows "<b>,<c>" and "postmaster,<c@example.org>": recipients of which
// some have no domain. All of it must be a list then, for bare words may be names.
func (v *verdict) localList(a Arg, tail string) bool {
	if !strings.ContainsAny(tail, ",;") || strings.IndexByte(tail, '"') >= 0 {
		return false
	}
	var list []listed
	for word := range strings.FieldsFuncSeq(tail, func(r rune) bool { return r == ',' || r == ';' }) {
		word = strings.Trim(word, " ")
		inner := strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">")
		if id, _ := localPartFault(inner); len(inner)+len("<>") == len(word) && id == "" || strings.EqualFold(word, "Postmaster") || isMailbox(inner) {
			list = append(list, listed{text: inner, start: strings.Index(tail, word)})
			continue
		}
		return false
	}
	if len(list) < 2 {
		return false
	}
	v.say("several-paths", Span{v.c.Path.Start + list[1].start, v.c.Args.End}, v.c.Verb.Name)
	v.oneEach(a, Span{v.c.Path.Start, v.c.Args.End}, list, "")
	return true
}

// namesPath reports words that begin another verb's path: "RCPT TO:".
func namesPath(words string, verb *Verb) bool {
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return r == ' ' || r == '<' || r == '>' || r == ',' || r == ';' }) {
		if strings.EqualFold(word, verb.Name) || strings.EqualFold(strings.TrimSuffix(word, ":"), bareWord(verb)) {
			return true
		}
	}
	return false
}

// distinct leaves out what was named before; the case of letters aside. The
// first may be of another kind than the rest.
func distinct(list []listed, apart bool) []listed {
	kept := list[:0:0]
	for _, next := range list {
		twice := false
		for i, before := range kept {
			twice = twice || strings.EqualFold(before.text, next.text) && (i > 0 || !apart)
		}
		if !twice {
			kept = append(kept, next)
		}
	}
	return kept
}

// scanList finds the mailboxes that a text names, whatever stands between
// them and for brackets around them; end is where the last one ends, with its
// bracket. Parameters end the list.
func (v *verdict) scanList(text string) (list []listed, end int) {
	const between = ",;<> ()"
	const ends = between + "["
	after := 0
	comma, words := false, false // what stands behind the mailbox before
	for i := 0; i < len(text) && len(list) < mostListed; {
		if text[i] == '(' && len(list) > 0 && !comma && !words { // a comment on it
			closed := strings.IndexByte(text[i:], ')')
			if closed < 0 {
				break
			}
			i += closed + 1
			continue
		}
		if strings.IndexByte(between, text[i]) >= 0 {
			comma = comma || text[i] == ',' || text[i] == ';'
			i++
			continue
		}
		if text[i] == '@' { // the commas of a source route separate no mailboxes
			i += sourceRoute(text[i:])
		}
		next := i + listedEnd(text[i:], ends)
		word := text[i:next]
		if len(list) > 0 && v.startsParams(text[:i], word) {
			break
		}
		if n := len(list) - 1; n >= 0 && comma && !words && v.namesUser(list[n].text, text[end] == '>', word, text[next:]) {
			list = append(list, listed{word, i, text[after:i]})
			i, after, end, comma = next, next, next, false
			continue
		}
		words = true
		if label, rest, ok := strings.Cut(word, ":"); ok && isLetters(label) { // "TO:c@example.org"
			i += len(label) + 1
			word = rest
		}
		if i > 0 && (text[i-1] == '>' || text[i-1] == ')') && word != "" && strings.IndexByte(glue, word[0]) >= 0 {
			i++
			word = word[1:]
		}
		for _, part := range unglue(word) {
			if mailbox := unwrapped(part.Of(word)); namesMailbox(mailbox) {
				list = append(list, listed{mailbox, i + part.Start, text[after : i+part.Start]})
				after, end, comma, words = i+part.End, next, false, false
			}
		}
		i = max(next, i+1)
	}
	if len(list) > 0 {
		end += len(text[end:]) - len(strings.TrimLeft(text[end:], ">,;"))
	}
	return list, end
}

// namesUser reports a recipient without a domain, which stands for itself in a
// list: last is the mailbox before it, which a bracket may have closed, and
// behind is what follows. The comma of "b@example,org" separates nothing.
func (v *verdict) namesUser(last string, closed bool, word, behind string) bool {
	if at := splitMailbox(last); !v.c.Is("RCPT") || namesParam(word) || at >= 0 && !closed && !strings.Contains(last[at:], ".") {
		return false
	}
	behind = strings.TrimLeft(behind, "> ")
	id, _ := localPartFault(word)
	return id == "" && isLetDig(word[0]) && !strings.ContainsAny(word, "@=") && (behind == "" || behind[0] == ',' || behind[0] == ';')
}

// namesParam reports the name of any verb's parameter.
func namesParam(word string) bool {
	for i := range Params {
		if strings.EqualFold(Params[i].Name, word) {
			return true
		}
	}
	return false
}

// listedEnd is where the word at the start of text ends: at one of the bytes
// of ends that neither quotation marks nor an address literal encloses; "[" is
// one of them.
func listedEnd(text, ends string) int {
	i := unquotedIndex(text, 0, ends)
	for i < len(text) && text[i] == '[' {
		if i > 0 && text[i-1] == '@' {
			i += max(strings.IndexByte(text[i:], ']'), 0)
		}
		i = unquotedIndex(text, i+1, ends)
	}
	return i
}

// startsParams reports a word behind a list that is a parameter and no
// mailbox, although both may hold "@" and "=".
func (v *verdict) startsParams(before, word string) bool {
	key, _, valued := strings.Cut(word, "=")
	label, _, _ := strings.Cut(word, ":") // "ORCPT:rfc822;b@example.org"
	if FindParam(v.c.Verb.Name, key) != nil || FindParam(v.c.Verb.Name, label) != nil {
		return !strings.HasSuffix(before, "<")
	}
	if strings.EqualFold(word, "rfc822") || strings.EqualFold(word, "utf-8") {
		return true // an ORCPT whose keyword is misspelt
	}
	return valued && !strings.Contains(key, "@") && strings.HasSuffix(before, " ") && !strings.HasSuffix(strings.TrimRight(before, " "), ",")
}

// namesMailbox reports a mailbox, or what can be mended to one.
func namesMailbox(s string) bool {
	at := splitMailbox(s)
	return at > 0 && (mailboxSeverity(s) < Error || meantDomain(s[at+1:]) != "")
}

// glue are the signs that may stand between two mailboxes, spaces aside.
const glue = "|/&+!"

// unglue cuts "b@example.org|c@example.org" in two: a local-part may hold the
// sign, the domain before it may not.
func unglue(word string) (parts []Span) {
	start := 0
	for at := unquotedIndex(word, 0, "@"); at < len(word); {
		next := unquotedIndex(word, at+1, "@")
		cut := strings.IndexAny(word[at:next], glue)
		if next == len(word) || cut < 0 || at+cut+1 >= next {
			break
		}
		parts = append(parts, Span{start, at + cut})
		start, at = at+cut+1, next
	}
	return append(parts, Span{start, len(word)})
}

func isLetters(s string) bool {
	for i := range len(s) {
		if s[i]|0x20 < 'a' || s[i]|0x20 > 'z' {
			return false
		}
	}
	return s != ""
}
