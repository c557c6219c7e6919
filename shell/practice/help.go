package practice

import (
	"fmt"
	"slices"
	"strings"

	"smtpsh/protocol"
)

// practiceTopic is the one topic of HELP that is no word of SMTP.
const practiceTopic = "PRACTICE"

// help answers HELP: without a topic, what there is; with one, the row of the
// table (RFC 5321 §4.1.1.8).
func (s *session) help(c protocol.Command) answer {
	words := strings.Fields(argument(c))
	if len(words) == 0 {
		return s.helpList()
	}
	topic := strings.ToUpper(strings.Trim(words[0], `"`))
	a := answer{code: 214, status: "2.0.0"}
	if topic == practiceTopic {
		a.lines = append(a.lines, "mail for anyone is taken, and kept here; these recipients get a chosen answer:")
		for _, r := range specials {
			a.lines = append(a.lines, fmt.Sprintf("%-19s %s", r.Form, r.What))
		}
		a.lines = append(a.lines, helpLogin)
		return a
	}
	if v := protocol.FindVerb(topic); v != nil {
		a.lines = s.helpVerb(v)
		return a
	}
	for i := range protocol.Params {
		if p := &protocol.Params[i]; p.Name == topic {
			a.lines = append(a.lines, p.Form+" for "+p.Verb+": "+p.Summary, "for example: "+p.Example, "see "+reference(p.Ref))
		}
	}
	if a.lines == nil {
		return one(504, "5.5.4", "no help on that; HELP alone lists the topics")
	}
	return a
}

func (s *session) helpList() answer {
	a := one(214, "2.0.0", "the commands of this server:")
	for i := range protocol.Verbs {
		if v := &protocol.Verbs[i]; s.offers(v.Ext) {
			a.lines = append(a.lines, fmt.Sprintf("%-5s %s", v.Name, v.Summary))
		}
	}
	var params []string
	for _, p := range protocol.Params {
		if s.offers(p.Ext) && !slices.Contains(params, p.Name) {
			params = append(params, p.Name)
		}
	}
	a.lines = append(a.lines,
		"HELP and a command says more; so does HELP and a parameter:", strings.Join(params, " "),
		"HELP "+practiceTopic+" lists recipients that get a chosen answer", helpLogin)
	return a
}

// helpLogin is what nobody could guess.
const helpLogin = "AUTH takes the user " + User + " with the password " + Password

func (s *session) helpVerb(v *protocol.Verb) []string {
	lines := []string{v.Syntax(), v.Summary}
	lines = append(lines, wrap(v.Detail, 72)...)
	for _, p := range protocol.Params {
		if p.Verb == v.Name && s.offers(p.Ext) {
			lines = append(lines, "parameter "+p.Form+": "+p.Summary)
		}
	}
	switch {
	case v.Name == "AUTH":
		lines = append(lines, "the mechanisms here: "+mechanismNames(), helpLogin)
	case v.Name == "STARTTLS" && s.tls && s.knowsTLS():
		lines = append(lines, "this connection is under TLS already")
	case !s.offers(v.Ext):
		lines = append(lines, "this server does not offer it")
	}
	return append(lines, "for example: "+v.Example, "see "+reference(v.Ref))
}

// reference is a Ref in ASCII, for a reply has no other characters.
func reference(r protocol.Ref) string { return strings.ReplaceAll(r.String(), "§", "section ") }
