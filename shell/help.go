package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/practice"
	"smtpsh/shell/view"
)

func (sh *Shell) runHelp(ctx context.Context, words []string) outcome {
	if len(words) == 0 {
		return say(helpOverview()...)
	}
	if len(words) > 1 && !strings.HasPrefix(words[0], ":") {
		return sh.runExplain(ctx, words)
	}
	topic := words[0]
	if strings.EqualFold(topic, "practice") {
		return say(helpPractice()...)
	}
	if strings.EqualFold(topic, "commands") {
		return say(helpCommands()...)
	}
	if verb := protocol.FindVerb(topic); verb != nil {
		return say(helpVerb(verb)...)
	}
	if strings.HasPrefix(topic, ":") {
		if l, near := findLocal(topic); l != nil {
			return say(helpLocal(l)...)
		} else {
			return complain(noLocal(topic, near))
		}
	}
	if l, _ := findLocal(":" + topic); l != nil {
		return say(helpLocal(l)...)
	}
	if rows := helpParam(topic); rows != nil {
		return say(rows...)
	}
	if x := protocol.FindExtension(topic); x != nil {
		return say(view.Row{{Text: x.Form, Style: view.Strong}, {Text: "  " + x.Gives}, {Text: "  " + x.Ref.String(), Style: view.Dim}})
	}
	if rows, ok := Explain(words); ok { // a code, an advice
		return say(rows...)
	}
	if near := protocol.Nearest(topic, topics()); near != "" {
		return complain("No help on " + topic + "; did you mean " + near + "?")
	}
	return complain("No help on " + topic + "; :help lists the topics.")
}

// topics is everything that :help knows by name.
func topics() []string {
	var names []string
	for i := range protocol.Verbs {
		names = append(names, protocol.Verbs[i].Name)
	}
	for i := range protocol.Params {
		if name := protocol.Params[i].Name; protocol.FindVerb(name) == nil && names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	for _, l := range Locals() {
		names = append(names, l.Name)
	}
	return append(names, "commands", "practice")
}

func helpOverview() []view.Row {
	rows := []view.Row{{view.Strong.Of("SMTP, sent as you type it (in the order of a session):")}}
	var rarer []string
	for i := range protocol.Verbs {
		v := &protocol.Verbs[i]
		if v.Ref.RFC == 5321 && v.Obsolete == "" && v.Ext == "" || v.Name == "STARTTLS" || v.Name == "AUTH" || v.Name == "BDAT" {
			rows = append(rows, entry(v.Syntax(), v.Summary, 42))
		} else {
			rarer = append(rarer, v.Name)
		}
	}
	rows = append(rows, view.Row{view.Dim.Of("  rarer     "), view.Ask.Of(strings.Join(rarer, " "))},
		view.Row{view.Strong.Of("This shell, which does what begins with a colon itself:")})
	for _, group := range groups {
		var names []string
		for _, l := range Locals() {
			if l.Group == group {
				names = append(names, l.Name)
			}
		}
		rows = append(rows, view.Row{view.Dim.Of("  " + view.Pad(group, 10)), view.Ask.Of(strings.Join(names, " "))})
	}
	return append(rows,
		entry("!LINE", "send LINE as it stands, unchecked; ! alone sends the line that was held", 12),
		view.Row{view.Dim.Of("  :help MAIL, :help :open, :help commands and :help practice tell more. Tab completes, Ctrl-R searches.")})
}

// helpCommands is a line for each local command.
func helpCommands() []view.Row {
	var rows []view.Row
	for _, group := range groups {
		rows = append(rows, view.Row{view.Strong.Of(group)})
		for _, l := range Locals() {
			if l.Group == group {
				rows = append(rows, entry(strings.TrimSpace(l.Name+" "+l.Args), l.Summary, 34))
			}
		}
	}
	return rows
}

func entry(form, summary string, column int) view.Row {
	return view.Row{{Text: "  " + view.Pad(form, column-2) + "  ", Style: view.Ask}, {Text: summary}}
}

func helpVerb(v *protocol.Verb) []view.Row {
	rows := []view.Row{{{Text: v.Syntax(), Style: view.Strong}, {Text: "  " + v.Ref.String(), Style: view.Dim}}}
	for _, line := range view.Wrap(v.Detail, 76) {
		rows = append(rows, view.T("  "+line))
	}
	rows = append(rows, view.Row{{Text: "  for example  ", Style: view.Dim}, {Text: v.Example}})
	rows = append(rows, view.Row{{Text: "  replies      ", Style: view.Dim}, {Text: codes(v.Good), Style: view.Good}, {Text: " or "}, {Text: codes(v.Bad), Style: view.Bad}})
	if len(v.Bad) == 0 {
		rows[len(rows)-1] = view.Row{{Text: "  reply        ", Style: view.Dim}, {Text: codes(v.Good), Style: view.Good}}
	}
	if v.Ext != "" {
		rows = append(rows, view.Row{{Text: "  offered as   ", Style: view.Dim}, {Text: v.Ext + ", in the reply to EHLO"}})
	}
	for i := range protocol.Params {
		if p := &protocol.Params[i]; p.Verb == v.Name {
			rows = append(rows, view.Row{{Text: "  " + view.Pad(p.Form, 34) + "  ", Style: view.Ask}, {Text: p.Summary}, {Text: "  " + p.Ref.String(), Style: view.Dim}})
		}
	}
	return rows
}

func codes(list []int) string {
	words := make([]string, len(list))
	for i, code := range list {
		words[i] = strconv.Itoa(code)
	}
	return strings.Join(words, " ")
}

func helpParam(name string) []view.Row {
	var rows []view.Row
	for i := range protocol.Params {
		if p := &protocol.Params[i]; strings.EqualFold(p.Name, name) {
			rows = append(rows,
				view.Row{{Text: p.Form, Style: view.Strong}, {Text: "  a parameter of " + p.Verb + ": " + p.Summary}, {Text: "  " + p.Ref.String(), Style: view.Dim}},
				view.Row{{Text: "  for example  ", Style: view.Dim}, {Text: p.Example}})
		}
	}
	return rows
}

func helpLocal(l *Local) []view.Row {
	rows := []view.Row{{{Text: strings.TrimSpace(l.Name + " " + l.Args), Style: view.Strong}, {Text: "  " + l.Summary}}}
	for _, line := range view.Wrap(l.Detail, 76) {
		rows = append(rows, view.T("  "+line))
	}
	if l.Takes == takesOption {
		for _, o := range Options() {
			rows = append(rows, view.Row{{Text: "  " + o.Name + " " + o.Arg, Style: view.Ask}})
			for _, line := range view.Wrap(o.Help, 74) {
				rows = append(rows, view.T("      "+line))
			}
		}
	}
	return rows
}

func helpPractice() []view.Row {
	rows := []view.Row{
		view.T("The practice server runs inside this program, on this machine only. It keeps"),
		view.T("the mail it takes in memory (:inbox), knows the users alice, bob and carol and"),
		view.T("the list staff, and does not hang up on mistakes. These recipients make it"),
		view.T("answer as a server might one day:"),
	}
	for _, s := range practice.Recipients() {
		rows = append(rows, view.Row{{Text: fmt.Sprintf("  %-18s", s.Form), Style: view.Ask}, {Text: " " + s.What}})
	}
	rows = append(rows,
		view.T("AUTH takes the user \""+practice.User+"\" with the password \""+practice.Password+"\". STARTTLS works; \":open practice"),
		view.T("tls\" speaks TLS from the start, and \":set tls-ca practice\" trusts the server. A word"),
		view.T("behind \":open practice\" shows a fault to study:"))
	for _, m := range practice.Modes[1:] {
		rows = append(rows, view.Row{{Text: fmt.Sprintf("  %-18s", m.Name), Style: view.Ask}, {Text: " " + m.Summary}})
	}
	return rows
}
