package shell

import (
	"slices"
	"strings"
	"sync/atomic"

	"smtpsh/protocol"
	"smtpsh/shell/term"
)

// Assist answers what the terminal asks about the line being edited, from the
// tables, the published session and the history. It changes nothing.
type Assist struct {
	hub     *hub
	history interface{ Lines() []string }
	hosts   Hosts
	shown   atomic.Bool // secrets are not kept from the screen
	late    atomic.Bool // the last command was an AUTH: what is no command is an answer
}

func newAssist(h *hub, history interface{ Lines() []string }, hosts Hosts) *Assist {
	return &Assist{hub: h, history: history, hosts: hosts}
}

// Complete says what could stand at the byte offset pos of line.
func (a *Assist) Complete(line string, pos int) term.Completion {
	text := line[:pos]
	if strings.HasPrefix(text, ":") {
		return a.completeLocal(text)
	}
	skip := 0
	if strings.HasPrefix(text, "!") {
		skip = 1
	}
	c := a.completeSMTP(text[skip:])
	c.Start += skip
	c.End = pos
	return c
}

func (a *Assist) completeLocal(text string) term.Completion {
	name, rest, more := strings.Cut(text, " ")
	if !more {
		c := term.Completion{End: len(text)}
		for _, l := range Locals() {
			if strings.HasPrefix(l.Name, strings.ToLower(name)) {
				c.Candidates = append(c.Candidates, term.Candidate{Text: l.Name, Note: l.Summary, Partial: l.Args == ""})
			}
		}
		return c
	}
	l, _ := findLocal(name)
	if l == nil {
		return term.Completion{}
	}
	start := len(text) - len(rest)
	switch l.Takes {
	case takesHost:
		if mode, ok := strings.CutPrefix(rest, "practice "); ok {
			return matching(start+len("practice "), mode, "tls", practiceModes())
		}
		return matching(start, rest, a.opened(), "practice")
	case takesTopic:
		return matching(start, rest, topics())
	case takesOption:
		return completeOption(start, rest)
	case takesMechanism:
		return matching(start, rest, a.hub.Session().Offers().Tokens("AUTH"))
	case takesDomain:
		return matching(start, rest, a.remembered().domains())
	case takesPolicy:
		return matching(start, rest, errorPolicies)
	case takesSave:
		if word, file, more := strings.Cut(rest, " "); more && word == "save" {
			return completeFile(start+len("save "), file)
		}
		return matching(start, rest, "save")
	case takesErrand:
		return completeErrand(start, rest)
	case takesFile:
		return completeFile(start, rest)
	case takesRecord:
		return completeRecord(start, rest)
	case takesNothing, takesText:
	}
	return term.Completion{}
}

func completeOption(start int, rest string) term.Completion {
	name, value, more := strings.Cut(rest, " ")
	var names []string
	for _, o := range Options() {
		if more && o.Name == name {
			if o.Arg == "FILE" {
				c := completeFile(start+len(name)+1, value)
				return c
			}
			return matching(start+len(name)+1, value, o.Values)
		}
		names = append(names, o.Name)
	}
	if more {
		return term.Completion{}
	}
	c := matching(start, rest, names)
	for i := range c.Candidates {
		c.Candidates[i].Partial = false // a value follows
	}
	return c
}

// matching offers the words that begin with prefix, in any case of letters.
func matching(start int, prefix string, lists ...any) term.Completion {
	c := term.Completion{Start: start, End: start + len(prefix)}
	for _, list := range lists {
		var words []string
		switch list := list.(type) {
		case string:
			words = []string{list}
		case []string:
			words = list
		}
		for _, word := range words {
			known := slices.ContainsFunc(c.Candidates, func(have term.Candidate) bool { return have.Text == word })
			if !known && word != "" && len(word) >= len(prefix) && strings.EqualFold(word[:len(prefix)], prefix) {
				c.Candidates = append(c.Candidates, term.Candidate{Text: word, Partial: true})
			}
		}
	}
	return c
}

func (a *Assist) completeSMTP(text string) term.Completion {
	s := a.hub.Session()
	word, rest, more := strings.Cut(text, " ")
	if !more {
		return completeVerb(s, word)
	}
	verb := protocol.FindVerb(word)
	if verb == nil || len(verb.Args) == 0 {
		return term.Completion{}
	}
	start := len(text) - len(rest)
	arg := verb.Args[0]
	if arg.Word != "" {
		return a.completePath(s, verb, arg, text, start)
	}
	if before, _, second := strings.Cut(rest, " "); second && before != "" {
		return completeParam(s, verb, text)
	}
	switch arg.Kind {
	case protocol.KindDomain, protocol.KindDomainOrLiteral:
		return matching(start, rest, s.Client, a.remembered().clients)
	case protocol.KindUser, protocol.KindList:
		return matching(start, rest, a.remembered().addresses)
	case protocol.KindTopic:
		return inCase(matching(start, rest, verbNames()), rest, word)
	case protocol.KindMechanism:
		return inCase(matching(start, rest, s.Offers().Tokens("AUTH")), rest, word)
	case protocol.KindNone, protocol.KindReversePath, protocol.KindForwardPath, protocol.KindString, protocol.KindBase64,
		protocol.KindOctets, protocol.KindKeyword, protocol.KindKeywordList, protocol.KindXtext,
		protocol.KindAddrTypeXtext, protocol.KindXtextMailbox, protocol.KindNode, protocol.KindDomains,
		protocol.KindURL, protocol.KindAttributes, protocol.KindDeliverBy, protocol.KindSeconds, protocol.KindDateTime,
		protocol.KindDateTimeMode, protocol.KindPriority, protocol.KindCertifier, protocol.KindSolicitation,
		protocol.KindTransaction: // nothing is known that could stand there
	}
	return term.Completion{}
}

func verbNames() []string {
	names := make([]string, len(protocol.Verbs))
	for i := range protocol.Verbs {
		names[i] = protocol.Verbs[i].Name
	}
	return names
}

// completeVerb offers the verbs that are in order now before the others; on
// an empty line those only.
func completeVerb(s protocol.Session, prefix string) term.Completion {
	c := term.Completion{End: len(prefix)}
	for _, inOrder := range []bool{true, false} {
		for i := range protocol.Verbs {
			v := &protocol.Verbs[i]
			if verbInOrder(s, v) != inOrder || !hasPrefixFold(v.Name, prefix) || prefix == "" && !inOrder {
				continue
			}
			c.Candidates = append(c.Candidates, verbCandidate(v, prefix))
		}
	}
	return c
}

// verbInOrder reports a verb that the session has come to, and that the
// server offers where it must.
func verbInOrder(s protocol.Session, v *protocol.Verb) bool {
	if s.LMTP() && (v.Name == "EHLO" || v.Name == "HELO") || v.Name == "LHLO" && !s.LMTP() {
		return false // RFC 2033 §4.1
	}
	return v.In.Has(s.Stage()) && (v.Ext == "" || s.Offers().Has(v.Ext))
}

func verbCandidate(v *protocol.Verb, typed string) term.Candidate {
	c := term.Candidate{Text: v.Name, Note: v.Summary, Partial: true}
	if len(v.Args) > 0 && v.Args[0].Word != "" {
		c.Text += " " + v.Args[0].Word + "<"
	} else {
		c.Partial = len(v.Args) == 0 || v.Args[0].Optional
	}
	c.Text = keepCase(c.Text, typed)
	return c
}

// keepCase gives text the case of letters that the user types in.
func keepCase(text, typed string) string {
	if typed != "" && typed == strings.ToLower(typed) {
		return strings.ToLower(text)
	}
	return text
}

// inCase gives the candidates the case of what is typed, or where that is
// nothing yet that of the verb.
func inCase(c term.Completion, typed, verb string) term.Completion {
	if strings.ToLower(typed) == strings.ToUpper(typed) { // nothing yet, or digits
		typed = verb
	}
	for i := range c.Candidates {
		c.Candidates[i].Text = keepCase(c.Candidates[i].Text, typed)
	}
	return c
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// completePath completes "FROM:<", then addresses used before, then the
// parameters behind the path.
func (a *Assist) completePath(s protocol.Session, verb *protocol.Verb, arg protocol.Arg, text string, start int) term.Completion {
	rest := text[start:]
	if len(rest) < len(arg.Word) || !hasPrefixFold(rest, arg.Word) {
		if !hasPrefixFold(arg.Word, rest) {
			return term.Completion{}
		}
		word := keepCase(arg.Word, text[:start]) + "<"
		return term.Completion{Start: start, End: len(text), Candidates: []term.Candidate{{Text: word, Partial: true}}}
	}
	start += len(arg.Word)
	start += len(text[start:]) - len(strings.TrimLeft(text[start:], " "))
	path := text[start:]
	if closed := strings.IndexByte(path, '>'); closed >= 0 {
		return completeParam(s, verb, text)
	}
	prefix := strings.TrimPrefix(path, "<")
	if strings.Contains(prefix, " ") {
		return term.Completion{}
	}
	memory := a.remembered()
	first, second := memory.senders, memory.recipients
	if arg.Kind == protocol.KindForwardPath {
		first, second = second, first
	}
	c := matching(start, prefix, first, second)
	c.End = len(text)
	for i := range c.Candidates {
		c.Candidates[i].Text = "<" + c.Candidates[i].Text + ">"
	}
	if len(c.Candidates) == 0 && path == "" {
		c.Candidates = []term.Candidate{{Text: "<", Partial: true}}
	}
	return c
}

// completeParam offers the parameters that this verb takes and this server
// offered, and their values.
func completeParam(s protocol.Session, verb *protocol.Verb, text string) term.Completion {
	start := strings.LastIndexByte(text, ' ') + 1
	word, space := text[start:], ""
	switch {
	case strings.HasSuffix(word, ">"): // directly behind the path
		start, word, space = len(text), "", " "
	case start > 0 && strings.ContainsAny(word, "<>"):
		return term.Completion{} // still in the path
	}
	key, value, hasValue := strings.Cut(word, "=")
	if hasValue {
		row := protocol.FindParam(verb.Name, key)
		if row == nil {
			return term.Completion{}
		}
		from := len(text) - len(value)
		if row.Kind == protocol.KindKeywordList {
			from = max(from, strings.LastIndexByte(text, ',')+1)
		}
		list := strings.ToUpper(text[len(text)-len(value) : from])
		values := slices.DeleteFunc(offeredValues(s, row), func(next string) bool {
			return list != "" && (next == "NEVER" || strings.Contains(list, next+",")) // RFC 3461 §4.1
		})
		return inCase(matching(from, text[from:], values), value, key)
	}
	c := term.Completion{Start: start, End: len(text)}
	typed := key
	if typed == "" {
		typed = text[:len(verb.Name)] // the case of the verb will do for what follows
	}
	for i := range protocol.Params {
		p := &protocol.Params[i]
		if p.Verb != verb.Name || !s.Offers().Has(p.Ext) || !hasPrefixFold(p.Name, key) || strings.Contains(strings.ToUpper(text[:start]), " "+p.Name) {
			continue
		}
		name := p.Name
		if p.Kind != protocol.KindNone {
			name += "="
		}
		c.Candidates = append(c.Candidates, term.Candidate{Text: space + keepCase(name, typed), Note: p.Summary, Partial: true})
	}
	return c
}

func offeredValues(s protocol.Session, row *protocol.Param) []string {
	var values []string
	for _, value := range row.Values {
		if value == "BINARYMIME" && !s.Offers().Has(value) { // RFC 3030 §3: an extension of its own
			continue
		}
		values = append(values, value)
	}
	return values
}

// memory is what was typed before, in this session and those before it.
type memory struct{ senders, recipients, addresses, clients []string }

// opened is who was connected to before, newest first.
func (a *Assist) opened() []string {
	if a.hosts == nil {
		return nil
	}
	list := slices.Clone(a.hosts.All())
	slices.Reverse(list)
	return list
}

// domains are those of the addresses, each once.
func (m memory) domains() []string {
	var list []string
	for _, address := range m.addresses {
		if i := strings.LastIndexByte(address, '@'); i >= 0 && !slices.Contains(list, address[i+1:]) && !strings.HasSuffix(address, "]") {
			list = append(list, address[i+1:])
		}
	}
	return list
}

// remembered reads the history, newest first. It runs for a Tab and not for
// every key.
func (a *Assist) remembered() memory {
	var m memory
	if a.history == nil {
		return m
	}
	lines := a.history.Lines()
	const enough = 2000
	for i := len(lines) - 1; i >= 0 && i > len(lines)-enough; i-- {
		text := strings.TrimPrefix(lines[i], "!")
		c := protocol.Parse(text)
		if c.Verb == nil || protocol.Worst(protocol.Check(c)) == protocol.Error {
			continue
		}
		switch {
		case c.Is("MAIL") && !c.Path.Null:
			m.senders = append(m.senders, c.Mailbox())
		case c.Is("RCPT"):
			m.recipients = append(m.recipients, c.Mailbox())
		case c.Is("HELO"), c.Is("EHLO"), c.Is("LHLO"):
			m.clients = append(m.clients, c.Args.Of(c.Raw))
		}
	}
	m.addresses = append(slices.Clone(m.recipients), m.senders...)
	return m
}
