package shell

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// Option is a row of the options that :set knows; those with Flag are options
// of the command line too, by the same name.
type Option struct {
	Name   string
	Arg    string   // for people: "FILE"
	Help   string   // one line
	Values []string // for completion; nil where any text goes
	Flag   bool
	get    func(sh *Shell) string
	set    func(sh *Shell, value string) string // returns what is wrong
}

// Options is the table of options.
func Options() []Option {
	return append([]Option{
		{"check", "hold|warn|off", "whether a line that breaks the grammar is held, sent with a note, or sent in silence", policies, false,
			func(sh *Shell) string { return sh.Check.String() }, setCheck},
		{"color", "on|off", "colours", []string{"on", "off"}, false,
			func(sh *Shell) string { return onOff(sh.Color != nil && sh.Color()) }, setColor},
		{"helo", "NAME", "what is offered for HELO and EHLO", nil, false,
			func(sh *Shell) string { return sh.hub.Session().Client }, setHelo},
		{"data", "text|raw", "whether line ends and dots of a message are put right, or it goes as it is, to the server that stands now", []string{"text", "raw"}, false,
			func(sh *Shell) string { return dataForm(sh.raw) }, setData},
		{"dns", "ADDRESS", "the DNS server to ask, in place of the system's", []string{unset}, true,
			func(sh *Shell) string { return or(sh.dns, "the system's") }, setDNS},
		{"paste", "step|pipeline", "whether the commands of a paste go one at a time, each waiting for its reply, or in groups where the server offers PIPELINING", []string{"step", "pipeline"}, false,
			func(sh *Shell) string { return pasteForm(sh.grouping) }, setPaste},
		{"proxy-protocol", "HEADER", "speak for a client as a proxy does: v1 or v2, perhaps with CLIENT and SERVER as ADDRESS:PORT, or with local", []string{"v1", "v2", unset}, true,
			func(sh *Shell) string { return or(sh.header.text, "none") }, setProxyHeader},
		{"bind", "ADDRESS", "the address of this machine that connections come from", []string{unset}, true, (*Shell).bindText, setBind},
		{"proxy", "URL", "the proxy to connect through: socks5://, socks5h:// or http://HOST:PORT, or none; else that of ALL_PROXY, but for what NO_PROXY names", []string{byNobody, unset}, true,
			(*Shell).proxyText, setProxy},
		{"redact", "LIST", "what records that are begun leave out: " + strings.Join(trace.Redactions, ", ") + ", with commas between them", append([]string{unset}, trace.Redactions...), true,
			func(sh *Shell) string { return or(strings.Join(sh.redact, ","), "nothing") }, setRedact},
		{"timeout", "DURATION", "how long connecting and a TLS handshake may take, such as 10s", nil, false,
			func(sh *Shell) string { return sh.timeout().String() }, setTimeout},
		{"reply-timeout", "DURATION", "how long a reply may take, such as 30s, in place of RFC 5321's limits, which hold without a prompt", []string{unset}, true,
			(*Shell).patienceText, setPatience},
	}, append(tlsOptions(), authOptions()...)...)
}

// Set gives an option a value.
func (sh *Shell) Set(name, value string) error {
	for _, o := range Options() {
		if strings.EqualFold(o.Name, name) {
			return o.Apply(sh, value)
		}
	}
	return fmt.Errorf("no option %s", name)
}

// Apply gives the option a value.
func (o Option) Apply(sh *Shell, value string) error {
	if wrong := o.set(sh, value); wrong != "" {
		return errors.New(wrong)
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (sh *Shell) timeout() time.Duration {
	if sh.Timeout == 0 {
		return 30 * time.Second
	}
	return sh.Timeout
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

func dataForm(raw bool) string {
	if raw {
		return "raw"
	}
	return "text"
}

// setData turns the care for line ends and dots off: towards a server that
// was named, and until the next one is opened, for what goes out then may be
// two messages to it (SMTP smuggling).
func setData(sh *Shell, value string) string {
	switch {
	case value != "text" && value != "raw":
		return "data is text or raw"
	case value == "raw" && (!sh.hub.Session().Open() || sh.target.Found):
		return "data raw is for a server that you opened by its name or address"
	}
	sh.raw = value == "raw"
	return ""
}

func pasteForm(grouping bool) string {
	if grouping {
		return "pipeline"
	}
	return "step"
}

func setPaste(sh *Shell, value string) string {
	if value != "step" && value != "pipeline" {
		return "paste is step or pipeline"
	}
	sh.grouping = value == "pipeline"
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
	d, ok := duration(value)
	if !ok {
		return "timeout is a time such as 10s or 2m"
	}
	sh.Timeout = d
	return ""
}

// duration reads a time such as "10s"; a number alone is of seconds.
func duration(value string) (d time.Duration, ok bool) {
	d, err := time.ParseDuration(value)
	if n, bad := strconv.Atoi(value); bad == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	return d, err == nil && d > 0
}

func (sh *Shell) patienceText() string {
	switch {
	case sh.Patience > 0:
		return sh.Patience.String()
	case sh.Source.Interactive():
		return "none: Ctrl-C stops the wait"
	}
	return "as RFC 5321 §4.5.3.2 says"
}

func setPatience(sh *Shell, value string) string {
	if value == unset {
		sh.Patience = 0
		return ""
	}
	d, ok := duration(value)
	if !ok {
		return "reply-timeout is a time such as 10s or 2m"
	}
	sh.Patience = d
	return ""
}

func (sh *Shell) runSet(_ context.Context, words []string) outcome {
	if len(words) == 0 {
		var rows []view.Row
		for _, o := range Options() {
			rows = append(rows, optionRow(o, sh))
		}
		return say(rows...)
	}
	var names []string
	for _, o := range Options() {
		names = append(names, o.Name)
		if !strings.EqualFold(o.Name, words[0]) {
			continue
		}
		if len(words) == 1 {
			return say(optionRow(o, sh))
		}
		if wrong := o.set(sh, strings.Join(words[1:], " ")); wrong != "" {
			return complain(wrong)
		}
		return say(optionRow(o, sh))
	}
	if strings.Contains(strings.ToLower(words[0]), "password") {
		return complain("A password set here would stay on the screen: :auth asks for it without echo, and auth-password-file, -env, -command or ~/.netrc say where it is.")
	}
	hint := ""
	if near := protocol.Nearest(words[0], names); near != "" {
		hint = " Did you mean " + near + "?"
	}
	return complain("No option " + words[0] + "; there are " + strings.Join(names, ", ") + "." + hint)
}

// longestOption is the width of the longest name, "auth-password-command".
const longestOption = 21

// optionRow is a row of a name and its value.
func optionRow(o Option, sh *Shell) view.Row {
	return view.Row{{Text: view.Pad(o.Name, longestOption) + "  ", Style: view.Dim}, {Text: o.get(sh)}}
}
