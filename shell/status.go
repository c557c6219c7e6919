package shell

import (
	"context"
	"strconv"
	"strings"
	"time"

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
		if sh.target.Host != "" {
			rows = append(rows, field("last", sh.target.String()+" ("+s.Address()+")"))
		}
		return say(append(rows, sh.optionRows()...)...)
	}
	rows := []view.Row{
		field("server", serverName(s)+" at "+s.Address()),
		field("state", stateName(s)+", "+greetedAs(s)),
	}
	if secured, _ := s.Secured(); !secured {
		rows = append(rows, field("encryption", "none: everything can be read on its way"))
	}
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

func greetedAs(s protocol.Session) string {
	switch {
	case s.Stage() == protocol.StageConnected:
		return "not greeted yet: EHLO or HELO comes next"
	case s.Extended():
		return "greeted with EHLO"
	}
	return "greeted with HELO, so without extensions"
}

func (sh *Shell) optionRows() []view.Row {
	return []view.Row{field("check", sh.Check.String())}
}

// option is a row of the options that :set knows.
type option struct {
	name   string
	values []string // for completion; nil where any text goes
	get    func(sh *Shell) string
	set    func(sh *Shell, value string) string // returns what is wrong
}

func options() []option {
	return []option{
		{"check", policies, func(sh *Shell) string { return sh.Check.String() }, setCheck},
		{"color", []string{"on", "off"}, func(sh *Shell) string { return onOff(sh.Color != nil && sh.Color()) }, setColor},
		{"helo", nil, func(sh *Shell) string { return sh.hub.Session().Client }, setHelo},
		{"timeout", nil, func(sh *Shell) string { return sh.timeout().String() }, setTimeout},
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (sh *Shell) timeout() time.Duration {
	if sh.dialer.Timeout == 0 {
		return 30 * time.Second
	}
	return sh.dialer.Timeout
}

func setCheck(sh *Shell, value string) string {
	p, ok := ParsePolicy(value)
	if !ok {
		return "check is hold, warn or off"
	}
	sh.Check = p
	return ""
}

func setColor(sh *Shell, value string) string {
	switch {
	case value != "on" && value != "off":
		return "color is on or off"
	case sh.SetColor != nil:
		sh.SetColor(value == "on")
	}
	return ""
}

func setHelo(sh *Shell, value string) string {
	for _, d := range protocol.Check(protocol.Parse("EHLO " + value)) {
		if d.Severity == protocol.Error {
			return "helo: " + d.Message
		}
	}
	sh.hub.setClient(value)
	return ""
}

func setTimeout(sh *Shell, value string) string {
	d, err := time.ParseDuration(value)
	if n, bad := strconv.Atoi(value); bad == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || d <= 0 {
		return "timeout is a time such as 10s or 2m"
	}
	// A Dialer is not changed once it is in use, so a new one takes its place.
	sh.dialer = sh.newDialer(d)
	return ""
}

func (sh *Shell) runSet(_ context.Context, words []string) outcome {
	switch {
	case len(words) == 0:
		var rows []view.Row
		for _, o := range options() {
			rows = append(rows, field(o.name, o.get(sh)))
		}
		return say(rows...)
	case len(words) > 2:
		return complain("usage: :set OPTION VALUE")
	}
	var names []string
	for _, o := range options() {
		names = append(names, o.name)
		if !strings.EqualFold(o.name, words[0]) {
			continue
		}
		if len(words) == 1 {
			return say(field(o.name, o.get(sh)))
		}
		if wrong := o.set(sh, words[1]); wrong != "" {
			return complain(wrong)
		}
		return say(field(o.name, o.get(sh)))
	}
	return complain("No option " + words[0] + "; there are " + strings.Join(names, ", ") + ".")
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
		return say(rows...)
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
	lines := strings.Split(string(content), "\r\n")
	for _, line := range lines {
		if line == "" {
			break
		}
		if len(line) > 8 && strings.EqualFold(line[:8], "subject:") {
			return strings.TrimSpace(line[8:])
		}
	}
	return lines[0]
}
