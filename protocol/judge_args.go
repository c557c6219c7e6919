package protocol

import (
	"slices"
	"strings"
)

// arguments holds what follows the verb against the verb's row.
func (v *verdict) arguments() {
	verb, rest := v.c.Verb, v.c.Args
	if verb.Obsolete != "" {
		v.say("obsolete-verb", v.c.Name, verb.Name, verb.Obsolete)
	}
	if at, ok := v.signBefore(rest); ok {
		v.say("verb-punctuation", at, quoted(at.Of(v.line)), verb.Name)
		v.fix(Span{at.Start, skipSpace(v.line, at.End)}, "")
		return
	}
	for _, a := range verb.Args {
		rest = v.argument(a, rest)
		if v.stop {
			return
		}
	}
	switch {
	case verb.Extended:
		v.parameters()
	case rest.Empty():
	case len(verb.Args) == 0:
		v.say("argument-extra", rest, verb.Name)
		v.fix(Span{v.c.Name.End, rest.End}, "")
	default:
		end := rest.Start
		for end > 0 && v.line[end-1] == ' ' {
			end--
		}
		v.say("argument-behind", rest, "one "+verb.Args[len(verb.Args)-1].Name)
		v.fix(Span{end, rest.End}, "")
	}
}

// signBefore knows a sign in the place of the argument, with the argument
// behind it: "EHLO : me.example". Free text may well begin so.
func (v *verdict) signBefore(rest Span) (at Span, ok bool) {
	word := Span{rest.Start, min(wordEnd(v.line, rest.Start), rest.End)}
	args := v.c.Verb.Args
	if len(args) == 0 || args[0].Word != "" || args[0].Kind == KindString || args[0].Kind == KindTopic || word.End == rest.End {
		return at, false
	}
	return word, strings.Trim(word.Of(v.line), ":=,;-|") == ""
}

// argument judges one argument at the start of rest and returns what is
// behind it.
func (v *verdict) argument(a Arg, rest Span) Span {
	if a.Word != "" {
		v.path(a)
		return Span{v.c.Path.End, rest.End}
	}
	word := Span{rest.Start, min(wordEnd(v.line, rest.Start), rest.End)}
	if word.Empty() {
		if !a.Optional {
			v.missing(a)
		}
		return rest
	}
	switch a.Kind {
	case KindString, KindTopic, KindAttributes, KindDomains:
		word = rest // these take all that is left
	default:
	}
	v.form(a, word, rest)
	next := min(skipSpace(v.line, word.End), rest.End)
	if gap := (Span{word.End, next}); gap.End-gap.Start > 1 && next < rest.End && !v.stop && !v.c.Verb.Extended {
		v.say("repeated-space", gap)
		v.fix(gap, " ")
	}
	return Span{next, rest.End}
}

// form holds the word of an argument against its kind.
func (v *verdict) form(a Arg, word, rest Span) {
	text := word.Of(v.line)
	switch a.Kind {
	case KindDomain, KindDomainOrLiteral:
		if !v.clientWords(word, rest) {
			v.client(a, word)
		}
	case KindUser, KindList:
		v.user(rest)
	case KindString:
		v.freeText("noop-text", word)
	case KindTopic:
		v.freeText("help-text", word)
	case KindMechanism:
		v.mechanism(word, rest)
	case KindBase64:
		v.initialResponse(word, rest)
	case KindOctets:
		if !isDigits(text) { // RFC 3030 §2: chunk-size has no greatest number of digits
			v.say("octets-form", word, v.c.Verb.Name)
			v.octetsFix(rest)
		}
	case KindKeyword:
		near := like(meantKeyword(a.Values, text), text)
		v.wanted(containsFold(a.Values, text), "keyword-form", word, near, strings.Join(a.Values, " or "))
	case KindNode:
		v.node(word, rest)
	case KindDomains:
		v.domains(word)
	case KindURL:
		meant := strings.Trim(text, "<>\"'[](),;")
		if !isIMAPURL(meant) {
			meant = ""
		}
		v.wanted(isIMAPURL(text), "url-form", word, meant)
	case KindAttributes:
		v.attributes(a, word)
	case KindNone, KindReversePath, KindForwardPath, KindKeywordList, KindXtext, KindAddrTypeXtext, KindXtextMailbox,
		KindDeliverBy, KindSeconds, KindDateTime, KindDateTimeMode, KindPriority, KindCertifier, KindSolicitation, KindTransaction:
		// paths have a Word, and the others stand in parameters only
	}
}

// clientWords knows a second verb before the name, "EHLO EHLO me.example", and
// a literal with spaces in it, "EHLO [ 192.0.2.1 ]".
func (v *verdict) clientWords(word, rest Span) bool {
	text, next := word.Of(v.line), skipSpace(v.line, word.End)
	switch {
	case next >= rest.End:
		return false
	case greets(text):
		v.say("verb-punctuation", word, quoted(text), v.c.Verb.Name)
		v.fix(Span{word.Start, next}, "")
	case text[0] == '[' && v.line[rest.End-1] == ']' && meantLiteral(strings.Trim(rest.Of(v.line), "[] ")) != "":
		v.say("literal-tag", rest)
		v.fix(rest, meantLiteral(strings.Trim(rest.Of(v.line), "[] ")))
	default:
		return false
	}
	v.stop = true
	return true
}

// greets reports a verb that names the client.
func greets(word string) bool {
	verb := FindVerb(word)
	return verb != nil && len(verb.Args) > 0 && (verb.Args[0].Kind == KindDomain || verb.Args[0].Kind == KindDomainOrLiteral)
}

// wanted gives the advice unless ok; meant is what the word should probably
// be, or "".
func (v *verdict) wanted(ok bool, id string, word Span, meant string, words ...any) {
	if ok {
		return
	}
	v.say(id, word, words...)
	if meant == "" || meant == word.Of(v.line) {
		v.noFix()
		return
	}
	v.fix(word, meant)
}

// octetsFix knows "10LAST", "10,LAST", "LAST 10" and a number with signs
// around it: "10." and "<10>".
func (v *verdict) octetsFix(rest Span) {
	text := strings.Replace(strings.ToUpper(rest.Of(v.line)), "LAST", " LAST ", 1)
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\"'", r) })
	last := slices.Index(words, "LAST")
	if last >= 0 {
		words = slices.Delete(words, last, last+1)
	}
	if len(words) != 1 || !isDigits(strings.Trim(words[0], "<>()[]\"'.+")) {
		v.noFix()
		return
	}
	digits := strings.Trim(words[0], "<>()[]\"'.+")
	if last >= 0 {
		digits += like(" LAST", v.c.Name.Of(v.line))
	}
	v.fix(rest, digits)
	v.stop = true
}

// missing says what the verb lacks; HELO and EHLO get the client's name.
func (v *verdict) missing(a Arg) {
	verb := v.c.Verb.Name
	at := Span{v.c.Name.End, v.c.Name.End}
	switch a.Kind {
	case KindDomain, KindDomainOrLiteral:
		v.say("argument-missing", at, verb+" names the client")
		v.fix(at, " "+v.judge.client())
	case KindUser:
		v.say("argument-missing", at, verb+" names a user or mailbox")
		v.noFix()
	case KindList:
		v.say("argument-missing", at, verb+" names a mailing list")
		v.noFix()
	case KindOctets:
		v.say("argument-missing", at, verb+" takes the number of octets")
		v.noFix()
	case KindURL:
		v.say("argument-missing", at, verb+" takes the URL of the message")
		v.noFix()
	case KindAttributes:
		v.say("argument-missing", at, verb+" takes attributes: "+a.Values[1]+"=value")
		v.noFix()
	case KindNone, KindReversePath, KindForwardPath, KindString, KindTopic, KindMechanism, KindBase64,
		KindKeyword, KindKeywordList, KindXtext, KindAddrTypeXtext, KindXtextMailbox, KindNode, KindDomains,
		KindDeliverBy, KindSeconds, KindDateTime, KindDateTimeMode, KindPriority, KindCertifier, KindSolicitation, KindTransaction:
		v.say("argument-missing", at, verb+" names a "+a.Name)
		v.noFix()
	}
	v.stop = true
}

func (j Judge) client() string {
	if j.Client == "" {
		return "client.example"
	}
	return j.Client
}

// client judges the name that HELO and EHLO give (RFC 5321 §4.1.1.1).
func (v *verdict) client(a Arg, at Span) {
	name := at.Of(v.line)
	inner := strings.Trim(name, "<>\"'()`")
	bare := strings.TrimRight(name, ",;:!?")
	if len(bare) > 1 && bare[len(bare)-1] == '.' && bare[len(bare)-2] == ']' {
		bare = bare[:len(bare)-1]
	}
	_, host, url := strings.Cut(name, "://")
	host, _, _ = strings.Cut(host, "/")
	if cut := strings.TrimRight(name, "/"); cut != name && !url {
		host, url = cut, true
	}
	switch i := strings.LastIndexByte(name, '@'); {
	case url && host != "":
		v.say("client-url", at)
		v.fix(at, host)
	case bare != name && bare != "":
		v.say("client-punctuation", Span{at.Start + len(bare), at.End}, quoted(name[len(bare):]))
		v.fix(at, bare)
	case hasPrefixFold(name, "IPv6:") && isIPv6(name[len("IPv6:"):]):
		v.say("literal-open", at)
		v.fix(at, "["+name+"]")
	case inner != name:
		v.say("client-brackets", at)
		v.fix(at, inner)
	case name[len(name)-1] == ']' && name[0] != '[':
		v.say("literal-open", at)
		v.fix(Span{at.Start, at.Start}, "[")
	case i >= 0 && (name[0] != '[' || mailboxSeverity("a@"+name) == Error): // a literal may hold one
		v.say("client-mailbox", at)
		if i+1 == len(name) {
			v.noFix()
		}
		v.fix(Span{at.Start, at.Start + i + 1}, "")
	case !isASCII(name):
		v.say("domain-utf8", at)
		v.asASCII(at)
	default:
		if name[0] == '[' && a.Kind == KindDomain {
			v.say("helo-literal", at)
		}
		v.domain(at, true)
	}
}

// domain judges a domain or an address literal. The client's own name may be
// mended where another's would become somebody else's.
func (v *verdict) domain(at Span, own bool) {
	from := v.mark()
	v.domainForm(at, own)
	if v.broken(from) {
		v.meant(from, at, meantDomain(at.Of(v.line)))
	}
}

func (v *verdict) domainForm(at Span, own bool) {
	name := at.Of(v.line)
	switch literal, bare := bareAddress(name); {
	case bare:
		v.say("address-bare", at)
		v.fix(at, literal)
	case name != "" && name[0] == '[':
		v.literal(at)
	default:
		v.labels(at, own)
	}
}

func (v *verdict) literal(at Span) {
	id, fixed := literalFault(at.Of(v.line))
	if id == "" {
		return
	}
	v.say(id, at)
	switch {
	case fixed != "":
		v.fix(at, fixed)
	case FindAdvice(id).Severity == Error:
		v.noFix()
	}
}

func (v *verdict) labels(at Span, own bool) {
	name := at.Of(v.line)
	id, part := domainFault(name)
	part = Span{at.Start + part.Start, at.Start + part.End}
	switch id {
	case "":
	case "domain-char":
		v.say(id, part, quoted(part.Of(v.line)))
		v.noFix()
	case "domain-final-dot":
		v.say(id, part)
		v.fix(part, "")
	case "domain-empty-label":
		v.say(id, part)
		v.fix(at, joinLabels(name))
	case "domain-underscore":
		v.say(id, part)
		if own {
			v.fix(at, strings.ReplaceAll(name, "_", "-"))
		}
	default:
		v.say(id, part)
		if FindAdvice(id).Severity == Error {
			v.noFix()
		}
	}
	if len(name) > 255 {
		v.say("domain-long", at)
	}
}

// joinLabels leaves out the empty labels of a domain.
func joinLabels(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '.' }), ".")
}

// freeText judges a String: an atom or a quoted string (RFC 5321 §4.1.2).
func (v *verdict) freeText(id string, at Span) {
	if text := at.Of(v.line); !isAtom(text) && !isQuoted(text) || !isASCII(text) {
		v.say(id, at)
		if id == "noop-text" && isASCII(text) {
			if text[0] == '"' { // the marks are meant to enclose, and do not
				text = strings.ReplaceAll(text, `"`, "")
			}
			v.fix(at, quote(text))
		}
	}
}

// containsFold looks a word up in any case of letters.
func containsFold(values []string, s string) bool {
	for _, value := range values {
		if len(value) == len(s) && strings.EqualFold(value, s) {
			return true
		}
	}
	return false
}
