package protocol

import "strings"

// firstWord looks at the word that should be a verb.
func (v *verdict) firstWord() {
	if v.c.Verb != nil {
		return
	}
	v.stop = true // no verb, no rule for what follows; the fix is judged again
	word := v.c.Name.Of(v.line)
	switch {
	case word == ".":
		v.say("lone-dot", v.c.Name)
		v.noFix()
	case v.isHTTP(word):
		v.say("http", Span{0, len(v.line)})
		v.noFix()
	case isReplyLine(word):
		v.say("reply-line", v.c.Name)
		v.noFix()
	case v.brokenVerb(), v.missingVerb(word), v.synonym(word), v.runOn(word), v.headerLine(word):
	default:
		v.nearVerb(word)
	}
}

func (v *verdict) isHTTP(word string) bool {
	return strings.Contains(v.line, " HTTP/") || v.c.Args.End > v.c.Args.Start && v.line[v.c.Args.Start] == '/' &&
		(word == "GET" || word == "POST" || word == "PUT" || word == "HEAD" || word == "OPTIONS")
}

// isReplyLine reports what a server says: three digits, and perhaps a hyphen
// and text behind them.
func isReplyLine(word string) bool {
	return len(word) >= 3 && word[0] >= '2' && word[0] <= '5' && isDigits(word[:3]) && (len(word) == 3 || word[3] == '-')
}

// brokenVerb knows a verb with a space in it: "START TLS", "EH LO me".
func (v *verdict) brokenVerb() bool {
	end := wordEnd(v.line[:v.c.Args.End], v.c.Args.Start)
	verb := FindVerb(v.c.Name.Of(v.line) + v.line[v.c.Args.Start:end])
	if verb == nil || v.c.Args.Empty() {
		return false
	}
	v.c.Verb = verb
	v.say("verb-near", Span{v.c.Name.Start, end}, verb.Name)
	v.fix(Span{v.c.Name.End, v.c.Args.Start}, "")
	return true
}

// missingVerb knows "FROM:<a>", "to b@example.org" and "PLAIN", which lack
// their verb. With a display name or a bare word, and with a space behind the
// colon, FROM and TO begin header lines instead.
func (v *verdict) missingVerb(word string) bool {
	if containsFold(Mechanisms, word) {
		v.verbMissing(FindVerb("AUTH"), word, "a mechanism")
		return true
	}
	for i := range Verbs {
		verb := &Verbs[i]
		if len(verb.Args) == 0 || verb.Args[0].Word == "" || !hasPrefixFold(word, bareWord(verb)) {
			continue
		}
		n := len(bareWord(verb))
		rest := v.line[v.c.Name.Start+n:]
		trimmed := strings.TrimSpace(strings.TrimPrefix(rest, ":"))
		opened := trimmed != "" && trimmed[0] == '<'
		switch {
		case trimmed == "" || rest[0] == ':' && rest[1] == ' ' && !opened:
			return false
		case rest[0] != ':' && !opened && !(rest[0] == ' ' && strings.Contains(trimmed[:wordEnd(trimmed, 0)], "@")):
			return false
		}
		v.verbMissing(verb, word[:n], verb.Args[0].Word)
		return true
	}
	return false
}

func (v *verdict) verbMissing(verb *Verb, typed, what string) {
	v.c.Verb = verb // for the section of the RFC
	v.say("verb-missing", v.c.Name, verb.Name+" "+what)
	v.fix(Span{v.c.Name.Start, v.c.Name.Start}, like(verb.Name, typed)+" ")
}

// synonyms are words of other programs, and what SMTP has in their place.
var synonyms = []struct{ word, verb, note string }{
	{"exit", "QUIT", ":quit leaves the shell"},
	{"bye", "QUIT", ":quit leaves the shell"},
	{"logout", "QUIT", ":quit leaves the shell"},
	{"logoff", "QUIT", ":quit leaves the shell"},
	{"stop", "QUIT", ":quit leaves the shell"},
	{"end", "QUIT", ":quit leaves the shell"},
	{"close", "QUIT", ":close closes the connection without it"},
	{"disconnect", "QUIT", ":close closes the connection without it"},
	{"q", "QUIT", ":quit leaves the shell"},
	{"?", "HELP", "HELP asks the server; :help asks the shell"},
	{"man", "HELP", "HELP asks the server; :help asks the shell"},
	{"reset", "RSET", "it ends the transaction"},
	{"abort", "RSET", "it ends the transaction"},
	{"cancel", "RSET", "it ends the transaction"},
	{"recipient", "RCPT", "four letters, as all of SMTP's first verbs"},
	{"receipt", "RCPT", "short for recipient"},
	{"verify", "VRFY", "four letters, as all of SMTP's first verbs"},
	{"expand", "EXPN", "four letters, as all of SMTP's first verbs"},
	{"tls", "STARTTLS", "it switches the connection to TLS"},
	{"ssl", "STARTTLS", "it switches the connection to TLS"},
	{"stls", "STARTTLS", "STLS is POP3's"},
	{"ping", "NOOP", "it does nothing but get a reply"},
	{"nope", "NOOP", "it does nothing but get a reply"},
	{"nop", "NOOP", "it does nothing but get a reply"},
	{"authenticate", "AUTH", "AUTHENTICATE is IMAP's"},
	{"authentication", "AUTH", "four letters, as all of SMTP's first verbs"},
	{"capability", "EHLO", "the reply to it names what the server offers"},
	{"capa", "EHLO", "the reply to it names what the server offers"},
}

func (v *verdict) synonym(word string) bool {
	for _, s := range synonyms {
		if len(word) == len(s.word) && strings.EqualFold(word, s.word) {
			v.c.Verb = FindVerb(s.verb)
			v.say("verb-synonym", v.c.Name, s.verb, s.note)
			v.fix(v.c.Name, s.verb)
			return true
		}
	}
	return false
}

// runOn knows a verb that is not followed by a space: "mailfrom:<a>",
// "MAIL:<a>", "QUIT.", "EHLO:me", "RCPT<b>", "BDAT10".
func (v *verdict) runOn(word string) bool {
	for i := range Verbs {
		verb := &Verbs[i]
		if len(word) <= len(verb.Name) || !hasPrefixFold(word, verb.Name) {
			continue
		}
		end := v.c.Name.Start + len(verb.Name)
		tail := word[len(verb.Name):]
		gap := len(tail) - len(strings.TrimLeft(tail, "-_.:=,;/|>"))
		before := v.c.Verb
		v.c.Verb = verb
		if len(verb.Args) > 0 && verb.Args[0].Word != "" && v.pathRunOn(end, gap, tail) || v.gapAfter(end, gap, tail) {
			return true
		}
		v.c.Verb = before
	}
	return false
}

// pathRunOn judges what stands close behind MAIL or RCPT; gap octets of it
// are punctuation.
func (v *verdict) pathRunOn(end, gap int, tail string) bool {
	verb := v.c.Verb
	bare, typed := bareWord(verb), v.line[v.c.Name.Start:end]
	at := Span{end, end + gap}
	next := skipSpace(v.line[:v.c.Args.End], at.End)
	switch {
	case strings.HasPrefix(tail, ":") && !hasPrefixFold(v.line[next:], bare): // "MAIL:<a>"
		v.say("path-word-missing", at, verb.Args[0].Word)
		v.fix(Span{end, next}, " "+like(verb.Args[0].Word, typed))
	case hasPrefixFold(tail[gap:], bare):
		v.say("verb-run-on", at, verb.Name)
		v.fix(at, " ")
	case hasPrefixFold(tail, bare[1:]): // "RCPTO:", which lacks a letter
		v.say("verb-run-on", at, verb.Name)
		v.fix(at, " "+like(bare[:1], typed))
	case strings.HasPrefix(tail[gap:], "<"):
		v.say("path-word-missing", at, verb.Args[0].Word)
		v.fix(at, " "+like(verb.Args[0].Word, typed))
	default:
		return false
	}
	return true
}

// gapAfter judges what stands close behind any verb. A sign that a word may
// hold, and no sign at all, are a slip only where the line is right without it.
func (v *verdict) gapAfter(end, gap int, tail string) bool {
	at := Span{end, end + gap}
	sign := tail[:gap]
	switch {
	case gap == len(tail) || strings.Trim(tail, ".,;:!?") == "":
		at.End = v.c.Name.End
		v.say("verb-punctuation", at, quoted(tail), v.c.Verb.Name)
		v.fix(at, "")
		return true
	case gap > 0 && strings.IndexByte(":=,;", tail[0]) >= 0:
		v.say("verb-punctuation", at, quoted(sign), v.c.Verb.Name)
		v.fix(at, " ")
		return true
	}
	if len(v.c.Verb.Args) == 0 || gap == 0 && !v.opensArgument(tail) {
		return false
	}
	if v.depth >= deepest {
		return false
	}
	if _, _, ok := v.judge.mended(v.line[:at.Start]+" "+v.line[at.End:], v.depth+1); !ok {
		return false
	}
	v.say("verb-run-on", at, v.c.Verb.Name)
	v.fix(at, " ")
	return true
}

// opensArgument reports what the verb's argument may begin with where no verb
// goes on: "EHLOme.example", "BDAT10", "AUTHPLAIN", "ETRN@example.org".
func (v *verdict) opensArgument(tail string) bool {
	switch v.c.Verb.Args[0].Kind {
	case KindMechanism:
		return containsFold(Mechanisms, tail)
	case KindOctets:
		return isDigits(tail)
	case KindDomain, KindDomainOrLiteral:
		return strings.Contains(tail, ".") || strings.IndexByte(`[<"(`, tail[0]) >= 0 || len(tail) > 1 && v.c.Args.Empty() // "HELOme"
	default:
		return !isLetDig(tail[0])
	}
}

// bareWord is FROM or TO, which stands before the path of a verb.
func bareWord(verb *Verb) string { return strings.TrimSuffix(verb.Args[0].Word, ":") }

func quoted(s string) string { return `"` + s + `"` }

// headerLine knows "Subject: hello": a field name and its colon
// (RFC 5322 §2.2).
func (v *verdict) headerLine(word string) bool {
	name, value, ok := strings.Cut(word, ":")
	if !ok || name == "" {
		return false
	}
	for i := range len(name) {
		if !isLetDig(name[i]) && name[i] != '-' {
			return false
		}
	}
	if value != "" && strings.HasPrefix(value, "//") { // a URL is no header
		return false
	}
	v.say("header-line", Span{v.c.Name.Start, v.c.Name.Start + len(name) + 1})
	v.noFix()
	return true
}

func (v *verdict) nearVerb(word string) {
	near := nearestVerb(word)
	if near == nil {
		v.say("verb-unknown", v.c.Name)
		v.noFix()
		return
	}
	v.c.Verb = near
	v.say("verb-near", v.c.Name, near.Name)
	v.fix(v.c.Name, like(near.Name, word))
}
