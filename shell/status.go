package shell

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// field is a row of a name and what it is.
func field(name, text string) view.Row {
	return view.Row{{Text: view.Pad(name, 12), Style: view.Dim}, {Text: text}}
}

func (sh *Shell) runStatus(context.Context, []string) outcome {
	s := sh.hub.Session()
	if !s.Open() {
		rows := []view.Row{field("state", "disconnected")}
		if sh.target != (Target{}) {
			rows = append(rows, field("last", sh.target.String()+" ("+s.Address()+")"))
		}
		return say(append(rows, sh.optionRows()...)...)
	}
	rows := []view.Row{
		field("server", serverName(s)+" at "+s.Address()),
		field("state", stateLine(s)),
	}
	rows = append(rows, field("encryption", sh.encryption(s)))
	if from, ok := s.From(); ok {
		rows = append(rows, field("from", "<"+from+">"))
	}
	for i, to := range s.Recipients() {
		name := ""
		if i == 0 {
			name = "to"
		}
		rows = append(rows, field(name, "<"+to+">"))
	}
	for i, o := range s.Offers().Offers() {
		name := ""
		if i == 0 {
			name = "offers"
		}
		rows = append(rows, field(name, o.Raw))
	}
	if n := s.Awaiting(); n > 0 {
		rows = append(rows, field("owed", plural(n, "reply")))
	}
	return say(append(rows, sh.optionRows()...)...)
}

// encryption is what protects the connection, in a line.
func (sh *Shell) encryption(s protocol.Session) string {
	secured, verified := s.Secured()
	e, _ := sh.hub.lastTLS()
	switch {
	case !secured:
		return "none: everything can be read on its way"
	case verified:
		return e.Version + ", " + e.Cipher + ", verified as " + e.Name + "  (:tls shows more)"
	case e.Lax:
		return e.Version + ", " + e.Cipher + ", not checked"
	}
	return e.Version + ", " + e.Cipher + ", UNVERIFIED: " + strings.Join(e.Lacks, "; ")
}

// stateLine is how far the session has come.
func stateLine(s protocol.Session) string {
	if s.Stage() == protocol.StageGreeted {
		return greetedAs(s)
	}
	return stateName(s) + ", " + greetedAs(s)
}

func greetedAs(s protocol.Session) string {
	switch {
	case s.Stage() == protocol.StageConnected:
		if s.LMTP() {
			return "not greeted yet: LHLO comes next"
		}
		return "not greeted yet: EHLO or HELO comes next"
	case s.Extended() && s.LMTP():
		return "greeted with LHLO"
	case s.Extended():
		return "greeted with EHLO"
	}
	return "greeted with HELO, so without extensions"
}

func (sh *Shell) optionRows() []view.Row {
	return []view.Row{field("check", sh.Check.String())}
}

func (sh *Shell) runInbox(_ context.Context, words []string) outcome {
	if sh.server == nil {
		return complain("The inbox belongs to the practice server, which does not run; \":open practice\" starts it.")
	}
	if len(words) > 0 {
		n, err := strconv.Atoi(words[0])
		m, ok := sh.server.Message(n)
		if err != nil || !ok {
			return complain("No message " + words[0] + " in the inbox; :inbox lists them.")
		}
		rows := []view.Row{{{Text: "from <" + m.From + "> to <" + strings.Join(m.To, ">, <") + ">", Style: view.Dim}}}
		for _, line := range strings.Split(strings.TrimSuffix(string(m.Data), "\r\n"), "\r\n") {
			rows = append(rows, view.T(strings.ReplaceAll(line, "\t", "    ")))
		}
		return verbatim(rows)
	}
	messages := sh.server.Messages()
	if len(messages) == 0 {
		return say(view.T("The practice server has taken no mail yet."))
	}
	rows := []view.Row{{{Text: "  n  from → to, subject or first line, size", Style: view.Dim}}}
	for _, m := range messages {
		to := "<" + strings.Join(m.To, ">, <") + ">"
		rows = append(rows, view.Tf("%3d  <%s> → %s  %q  %s", m.N, m.From, to, subject(m.Content()), view.Octets(uint64(len(m.Content())))))
	}
	rows = append(rows, view.Row{{Text: ":inbox N shows one.", Style: view.Dim}})
	return say(rows...)
}

// subject is what a message is listed by: its Subject, or its first line.
func subject(content []byte) string {
	first, _, _ := bytes.Cut(content, []byte("\r\n"))
	for line := range bytes.Lines(content) { // up to the text, which may be long
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if len(line) > 8 && strings.EqualFold(string(line[:8]), "subject:") {
			return strings.TrimSpace(string(line[8:]))
		}
	}
	return string(first)
}
