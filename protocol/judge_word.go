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
	case strings.EqualFold(v.line[v.c.Name.Start:v.c.Args.End], "START TLS"):
		v.c.Verb = FindVerb("STARTTLS")
		v.say("verb-near", Span{v.c.Name.Start, v.c.Args.End}, "STARTTLS")
		v.fix(Span{v.c.Name.End, v.c.Args.Start}, "")
	case v.missingVerb(word), v.synonym(word), v.runOn(word), v.headerLine(word):
	default:
		v.nearVerb(word)
	}
}

func (v *verdict) isHTTP(word string) bool {
	return strings.Contains(v.line, " HTTP/") || v.c.Args.End > v.c.Args.Start && v.line[v.c.Args.Start] == '/' &&
		(word == "GET" || word == "POST" || word == "PUT" || word == "HEAD" || word == "OPTIONS")
}

// missingVerb knows "FROM:<a>" and "to b@example.org", which lack their verb.
// With a display name or a bare word they are header lines instead.
func (v *verdict) missingVerb(word string) bool {
	for i := range Verbs {
		verb := &Verbs[i]
		if len(verb.Args) == 0 || verb.Args[0].Word == "" || !hasPrefixFold(word, verb.Args[0].Word) {
			continue
		}
		rest := v.line[v.c.Name.Start+len(verb.Args[0].Word):]
		if trimmed := strings.TrimSpace(rest); rest == "" || rest[0] == ' ' && (trimmed == "" || trimmed[0] != '<') {
			return false
		}
		v.c.Verb = verb // for the section of the RFC
		v.say("verb-missing", v.c.Name, verb.Name+" "+verb.Args[0].Word)
		v.fix(Span{v.c.Name.Start, v.c.Name.Start}, like(verb.Name, word[:len(verb.Args[0].Word)])+" ")
		return true
	}
	return false
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
	{"q", "QUIT", ":quit leaves the shell"},
	{"?", "HELP", "HELP asks the server; :help asks the shell"},
	{"man", "HELP", "HELP asks the server; :help asks the shell"},
	{"reset", "RSET", "it ends the transaction"},
	{"verify", "VRFY", "four letters, as all of SMTP's first verbs"},
	{"expand", "EXPN", "four letters, as all of SMTP's first verbs"},
	{"tls", "STARTTLS", "it switches the connection to TLS"},
	{"ssl", "STARTTLS", "it switches the connection to TLS"},
	{"ping", "NOOP", "it does nothing but get a reply"},
	{"login", "AUTH", "it takes the name of a mechanism"},
}

func (v *verdict) synonym(word string) bool {
	for _, s := range synonyms {
		if !strings.EqualFold(word, s.word) {
			continue
		}
		v.c.Verb = FindVerb(s.verb)
		v.say("verb-synonym", v.c.Name, s.verb, s.note)
		if s.word == "login" {
			v.noFix()
			return true
		}
		v.fix(v.c.Name, s.verb)
		return true
	}
	return false
}

// runOn knows a verb that is not followed by a space: "mailfrom:<a>",
// "MAIL:<a>", "QUIT.", "EHLO:me", "RCPT<b>".
func (v *verdict) runOn(word string) bool {
	for i := range Verbs {
		verb := &Verbs[i]
		if !hasPrefixFold(word, verb.Name) {
			continue
		}
		tail := word[len(verb.Name):]
		typed := word[:len(verb.Name)]
		end := v.c.Name.Start + len(verb.Name)
		takesPath := len(verb.Args) > 0 && verb.Args[0].Word != ""
		switch {
		case takesPath && hasPrefixFold(tail, strings.TrimSuffix(verb.Args[0].Word, ":")):
			v.c.Verb = verb
			v.say("verb-run-on", Span{end, end}, verb.Name)
			v.fix(Span{end, end}, " ")
		case takesPath && len(tail) > 4 && strings.IndexByte("-_.", tail[0]) >= 0 && hasPrefixFold(tail[1:], bareWord(verb)):
			v.c.Verb = verb
			v.say("verb-run-on", Span{end, end + 1}, verb.Name)
			v.fix(Span{end, end + 1}, " ")
		case takesPath && hasPrefixFold(tail, bareWord(verb)[1:]): // "RCPTO:", which lacks a letter
			v.c.Verb = verb
			v.say("verb-run-on", Span{end, end}, verb.Name)
			v.fix(Span{end, end}, " "+like(bareWord(verb)[:1], typed))
		case takesName(verb) && strings.Contains(tail, "."):
			if id, _ := domainFault(tail); id != "" {
				continue
			}
			v.c.Verb = verb
			v.say("verb-run-on", Span{end, end}, verb.Name)
			v.fix(Span{end, end}, " ")
		case verb.Name == "AUTH" && containsFold(commonMechanisms, strings.TrimLeft(tail, "-_.:=")):
			v.c.Verb = verb
			gap := len(tail) - len(strings.TrimLeft(tail, "-_.:="))
			v.say("verb-run-on", Span{end, end + gap}, verb.Name)
			v.fix(Span{end, end + gap}, " ")
		case takesPath && tail[0] == ':':
			v.c.Verb = verb
			v.say("path-word-missing", Span{end, end + 1}, verb.Args[0].Word)
			v.fix(Span{end, skipSpace(v.line, end+1)}, " "+like(verb.Args[0].Word, typed))
		case takesPath && tail[0] == '<':
			v.c.Verb = verb
			v.say("path-word-missing", Span{end, end}, verb.Args[0].Word)
			v.fix(Span{end, end}, " "+like(verb.Args[0].Word, typed))
		case strings.Trim(tail, ".,;:!") == "":
			v.c.Verb = verb
			v.say("verb-punctuation", Span{end, v.c.Name.End}, quoted(tail), verb.Name)
			v.fix(Span{end, v.c.Name.End}, "")
		case tail[0] == ':' || tail[0] == '=' || tail[0] == ',' || tail[0] == ';':
			v.c.Verb = verb
			v.say("verb-punctuation", Span{end, end + 1}, quoted(tail[:1]), verb.Name)
			v.fix(Span{end, end + 1}, " ")
		default:
			continue
		}
		return true
	}
	return false
}

// commonMechanisms are those that are typed without the space behind AUTH.
var commonMechanisms = []string{"PLAIN", "LOGIN", "CRAM-MD5"}

// bareWord is FROM or TO, which stands before the path of a verb.
func bareWord(verb *Verb) string { return strings.TrimSuffix(verb.Args[0].Word, ":") }

func takesName(verb *Verb) bool {
	return len(verb.Args) > 0 && (verb.Args[0].Kind == KindDomain || verb.Args[0].Kind == KindDomainOrLiteral)
}

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
	if near == "" {
		v.say("verb-unknown", v.c.Name)
		v.noFix()
		return
	}
	v.c.Verb = FindVerb(near)
	v.say("verb-near", v.c.Name, near)
	v.fix(v.c.Name, like(near, word))
}

// nearestVerb is the verb that a mistyped word is near to; "" for none.
func nearestVerb(word string) string {
	names := make([]string, len(Verbs))
	for i := range Verbs {
		names[i] = Verbs[i].Name
	}
	return Nearest(word, names)
}
