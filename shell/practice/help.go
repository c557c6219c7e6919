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
		return helpList()
	}
	topic := strings.ToUpper(strings.Trim(words[0], `"`))
	a := answer{code: 214, status: "2.0.0"}
	if topic == practiceTopic {
		a.lines = append(a.lines, "mail for anyone is taken, and kept here; these recipients get a chosen answer:")
		for _, r := range specials {
			a.lines = append(a.lines, fmt.Sprintf("%-19s %s", r.Form, r.What))
		}
		return a
	}
	if v := protocol.FindVerb(topic); v != nil {
		a.lines = helpVerb(v)
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

func helpList() answer {
	a := one(214, "2.0.0", "the commands of this server:")
	for i := range protocol.Verbs {
		if v := &protocol.Verbs[i]; offered(v.Ext) {
			a.lines = append(a.lines, fmt.Sprintf("%-5s %s", v.Name, v.Summary))
		}
	}
	var params []string
	for _, p := range protocol.Params {
		if offered(p.Ext) && !slices.Contains(params, p.Name) {
			params = append(params, p.Name)
		}
	}
	a.lines = append(a.lines,
		"HELP and a command says more; so does HELP and a parameter:", strings.Join(params, " "),
		"HELP "+practiceTopic+" lists recipients that get a chosen answer")
	return a
}

func helpVerb(v *protocol.Verb) []string {
	lines := []string{v.Syntax(), v.Summary}
	lines = append(lines, wrap(v.Detail, 72)...)
	for _, p := range protocol.Params {
		if p.Verb == v.Name && offered(p.Ext) {
			lines = append(lines, "parameter "+p.Form+": "+p.Summary)
		}
	}
	if !offered(v.Ext) {
		lines = append(lines, "this server does not offer it")
	}
	return append(lines, "for example: "+v.Example, "see "+reference(v.Ref))
}

// offered reports whether this server has an extension; the base protocol,
// "", it has.
func offered(ext string) bool { return ext == "" || slices.Contains(offers, ext) }

// reference is a Ref in ASCII, for a reply has no other characters.
func reference(r protocol.Ref) string { return strings.ReplaceAll(r.String(), "§", "section ") }
