package shell

import (
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// Hint is what may come next, for the grey text behind the cursor.
func (a *Assist) Hint(line string) string {
	if line == "" || line[0] == '!' {
		return ""
	}
	if line[0] == ':' {
		return hintLocal(line)
	}
	s := a.hub.Session()
	word, rest, more := strings.Cut(line, " ")
	if !more {
		return hintVerb(s, word)
	}
	verb := protocol.FindVerb(word)
	if verb == nil || len(verb.Args) == 0 {
		return ""
	}
	if verb.Args[0].Word != "" {
		return hintPath(s, verb, rest)
	}
	if rest != "" {
		return ""
	}
	forms := make([]string, len(verb.Args))
	for i, arg := range verb.Args {
		forms[i] = arg.Form()
	}
	return strings.Join(forms, " ")
}

// hintVerb completes the only verb that can be meant: one that is in order
// before one that is not.
func hintVerb(s protocol.Session, prefix string) string {
	var found *protocol.Verb
	for _, inOrder := range []bool{true, false} {
		for i := range protocol.Verbs {
			v := &protocol.Verbs[i]
			if found == nil && verbInOrder(s, v) == inOrder && hasPrefixFold(v.Name, prefix) {
				found = v
			}
		}
	}
	if found == nil {
		return ""
	}
	return keepCase(found.Name[len(prefix):], prefix) + found.Syntax()[len(found.Name):]
}

func hintLocal(line string) string {
	name, rest, more := strings.Cut(line, " ")
	for _, l := range Locals() {
		switch {
		case more && l.Name == name && rest == "":
			return l.Args
		case !more && len(name) > 1 && strings.HasPrefix(l.Name, name):
			return strings.TrimRight(l.Name[len(name):]+" "+l.Args, " ")
		}
	}
	return ""
}

func hintPath(s protocol.Session, verb *protocol.Verb, rest string) string {
	form := verb.Args[0].Form()
	word := verb.Args[0].Word
	switch {
	case rest == "":
		return strings.TrimRight(form+" "+hintParams(s, verb, rest), " ")
	case len(rest) <= len(word) && hasPrefixFold(word, rest):
		return form[len(rest):]
	case len(rest) < len(word) || !hasPrefixFold(rest, word):
		return ""
	}
	path := strings.TrimLeft(rest[len(word):], " ")
	closed := strings.IndexByte(path, '>')
	switch {
	case path == "<":
		return form[len(word)+1:]
	case path == "":
		return form[len(word):]
	case closed < 0 && path[0] == '<' && !strings.Contains(path, "@"):
		return "@domain>"
	case closed < 0 && path[0] == '<' && !strings.HasSuffix(path, "@"):
		return ">"
	case closed < 0:
		return ""
	}
	return hintParam(s, verb, rest)
}

// hintParam continues a parameter that is begun, or lists what is offered.
func hintParam(s protocol.Session, verb *protocol.Verb, rest string) string {
	begun := rest[strings.LastIndexByte(rest, ' ')+1:]
	switch {
	case strings.HasSuffix(rest, ">"):
		if list := hintParams(s, verb, rest); list != "" {
			return " " + list
		}
		return ""
	case begun == "":
		return hintParams(s, verb, rest)
	}
	for i := range protocol.Params {
		p := &protocol.Params[i]
		if form := offeredForm(s, p); p.Verb == verb.Name && len(begun) < len(form) && hasPrefixFold(form, begun) && s.Offers().Has(p.Ext) {
			return form[len(begun):]
		}
	}
	return ""
}

// hintParams lists a few of the parameters that the server offered for verb.
func hintParams(s protocol.Session, verb *protocol.Verb, typed string) string {
	const most = 3
	var forms []string
	for i := range protocol.Params {
		p := &protocol.Params[i]
		if p.Verb != verb.Name || !s.Offers().Has(p.Ext) || strings.Contains(strings.ToUpper(typed), " "+p.Name) {
			continue
		}
		if len(forms) == most {
			forms = append(forms, "…")
			break
		}
		forms = append(forms, "["+offeredForm(s, p)+"]")
	}
	return strings.Join(forms, " ")
}

// offeredForm is the form of a parameter without the values that the server
// did not offer.
func offeredForm(s protocol.Session, p *protocol.Param) string {
	if all := strings.Join(p.Values, "|"); len(p.Values) > 0 && strings.HasSuffix(p.Form, "="+all) {
		return strings.TrimSuffix(p.Form, all) + strings.Join(offeredValues(s, p), "|")
	}
	return p.Form
}

// Highlight colours the parts of a command line.
func (a *Assist) Highlight(line string) []term.Span {
	if line == "" {
		return nil
	}
	if line[0] == ':' {
		name, _, _ := strings.Cut(line, " ")
		if l, _ := findLocal(name); l == nil {
			return nil
		}
		return []term.Span{{Start: 0, End: len(name), SGR: view.Ask.SGR()}}
	}
	skip := 0
	var spans []term.Span
	if line[0] == '!' {
		skip = 1
		spans = append(spans, term.Span{Start: 0, End: 1, SGR: view.Bad.SGR()})
	}
	c := protocol.Parse(line[skip:])
	if c.Verb == nil {
		return spans
	}
	add := func(s protocol.Span, style view.Style) {
		if !s.Empty() {
			spans = append(spans, term.Span{Start: s.Start + skip, End: s.End + skip, SGR: style.SGR()})
		}
	}
	add(c.Name, view.Strong)
	if !c.Path.Empty() {
		add(protocol.Span{Start: c.Args.Start, End: c.Args.Start + len(c.Verb.Args[0].Word)}, view.Strong)
		add(c.Path.Mailbox, view.Ask)
	}
	for _, g := range c.Params {
		add(g.Key, view.Caution)
	}
	return spans
}
