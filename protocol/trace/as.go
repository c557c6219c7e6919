package trace

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// ErrNotWith is when a tool has no way to do what a transaction did.
var ErrNotWith = errors.New("it cannot be done with this tool")

// tool is a row of the table of other programs that send mail.
type tool struct {
	name, what string
	comment    string // what a comment begins with
	exact      bool   // command lines go out as they were sent
	greets     bool   // it says HELO where that was said
	lmtp       bool
	bdat       bool
	stops      bool              // it can end without a message
	logins     map[string]string // by mechanism: what the tool needs for it
	write      func(*draft) error
}

// tools are the rows of As. It is a function for the functions in it need the
// rows in turn.
func tools() []tool {
	return []tool{
		{"swaks", "a command for swaks, the SMTP test tool", "# ", false, true, true, false, true, swaksLogins, (*draft).swaks},
		{"curl", "a command for curl", "# ", false, false, false, false, false, curlLogins, (*draft).curl},
		{"openssl", "commands for openssl s_client, which speaks TLS", "# ", true, true, true, true, true, pipedLogins, (*draft).openssl},
		{"telnet", "commands for telnet, or nc, in clear", "# ", true, true, true, true, true, pipedLogins, (*draft).telnet},
		{"python", "a program for Python 3, with smtplib", "# ", true, true, true, true, true, pythonLogins, (*draft).python},
		{"go", "a program for Go, with net/textproto", "// ", true, true, true, true, true, goLogins, (*draft).golang},
	}
}

// Tools lists the names of the tools that As knows, each with a line that says
// what it makes.
func Tools() (names, lines []string) {
	for _, t := range tools() {
		names, lines = append(names, t.name), append(lines, t.what)
	}
	return names, lines
}

// As is a command or a program that does what t did, for one of Tools. It is
// safe to run whatever the addresses and the message hold: all of it is
// quoted. A user name and a password are not in it; they are taken from the
// environment, SMTP_USER and SMTP_PASSWORD. What the tool cannot do is said in
// comments at its beginning; where that leaves nothing to do, the error is
// ErrNotWith.
func As(name string, t Transaction) (string, error) {
	for _, tool := range tools() {
		if tool.name != name {
			continue
		}
		if _, err := strconv.ParseUint(t.Port, 10, 16); err != nil || !hostLike(t.Host) {
			return "", fmt.Errorf("%s: %w: the session was with no host of a network (%q, port %q)", name, ErrNotWith, t.Host, t.Port)
		}
		d := &draft{Transaction: t, tool: tool}
		d.differences()
		if err := tool.write(d); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		var b strings.Builder
		for _, note := range d.notes {
			b.WriteString(tool.comment + Escape(note) + "\n")
		}
		return d.before + b.String() + d.text.String(), nil
	}
	names, _ := Tools()
	return "", fmt.Errorf("no tool %q: one of %s is wanted", name, strings.Join(names, ", "))
}

// hostLike reports text that may be the name or the address of a host, however
// a person writes it: nothing that a tool would take for an option, nor an
// interpreter for more than a comment.
func hostLike(text string) bool {
	for _, r := range text {
		if !strings.ContainsRune(".-_:%", r) && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
			return false
		}
	}
	if strings.ContainsAny(text, ":%") {
		_, err := netip.ParseAddr(text)
		return err == nil
	}
	return text != "" && text[0] != '-'
}

// replies is how many a message gets, as an expression that may hold the
// variable that counts the recipients that were taken (RFC 2033 §4.2).
func (d *draft) replies() string {
	switch {
	case d.LMTP && len(d.Rcpts) > 0:
		return "taken"
	case d.LMTP && d.Verb == "DATA":
		return "0"
	}
	return "1"
}

// draft is a command or a program that is being written.
type draft struct {
	Transaction
	tool   tool
	notes  []string // comments
	before string   // what stands before the comments
	text   strings.Builder
}

func (d *draft) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *draft) add(format string, args ...any) { fmt.Fprintf(&d.text, format, args...) }

// difference is a row of the table of what may be lost on the way to another
// tool.
type difference struct {
	is   func(*draft) bool
	text func(*draft) string
}

var differences = []difference{
	{func(d *draft) bool { return d.Via != "" },
		func(d *draft) string {
			return "The session went through " + d.Via + "; this connects without a proxy."
		}},
	{func(d *draft) bool { return d.Preamble },
		func(*draft) string {
			return "The session began with a header of the PROXY protocol, which is left out."
		}},
	{func(d *draft) bool { return !d.tool.greets && strings.HasPrefix(strings.ToUpper(d.Greeting), "HELO") },
		func(d *draft) string { return "The session said HELO; " + d.tool.name + " says EHLO." }},
	{func(d *draft) bool { return d.LoginLost != "" && d.Mechanism == "" },
		func(d *draft) string {
			return "The login by " + d.LoginLost + " failed in the session, and is left out."
		}},
	{func(d *draft) bool { return d.Mechanism != "" && d.login() == "" },
		func(d *draft) string {
			return d.tool.name + " cannot log in by " + d.Mechanism + ", so there is no login here."
		}},
	{func(d *draft) bool { return d.login() != "" },
		func(*draft) string {
			return "Put the user name into SMTP_USER and the password, or the token, into SMTP_PASSWORD."
		}},
	{func(d *draft) bool { return !d.tool.exact && d.params() != "" },
		func(d *draft) string { return d.tool.name + " cannot give these parameters: " + d.params() + "." }},
	{func(d *draft) bool { return !d.tool.bdat && d.Verb == "BDAT" },
		func(d *draft) string {
			return "The session sent the message with BDAT; " + d.tool.name + " sends it with DATA."
		}},
	{func(d *draft) bool { return d.Omitted > 0 },
		func(d *draft) string {
			return fmt.Sprintf("%d octets of the message were not recorded, and are missing.", d.Omitted)
		}},
	{func(d *draft) bool { return d.Verb != "" && !d.Whole },
		func(*draft) string {
			return "The message was not completed in the session; here it ends where it broke off."
		}},
	{func(d *draft) bool { return d.Verb == "" && d.tool.stops },
		func(*draft) string { return "The session sent no message, so this ends before it." }},
	{func(d *draft) bool { return d.refused() > 0 && d.refused() < len(d.Rcpts) },
		func(d *draft) string { return "Refused in the session: " + d.refusedPaths() + "." }},
	{func(d *draft) bool { return d.Security != InClear && !d.Verified },
		func(*draft) string { return "The server was not verified in the session, and is not here." }},
}

// differences notes what will not be as it was.
func (d *draft) differences() {
	d.note("The last transaction of a session with %s, port %s.", d.Host, d.Port)
	for _, row := range differences {
		if row.is(d) {
			d.note("%s", row.text(d))
		}
	}
}

// login is what the tool needs to log in as the session did; "" for nothing.
func (d *draft) login() string { return d.tool.logins[d.Mechanism] }

// params are the parameters of MAIL and RCPT.
func (d *draft) params() string {
	var all []string
	for _, line := range d.lines() {
		if _, params := path(line); params != "" {
			if !slices.Contains(all, params) {
				all = append(all, params)
			}
		}
	}
	return strings.Join(all, ", ")
}

// lines are the commands of the envelope.
func (d *draft) lines() []string {
	lines := []string{d.Mail}
	for _, r := range d.Rcpts {
		lines = append(lines, r.Line)
	}
	return lines
}

// recipients are the paths of the recipients.
func (d *draft) recipients() []string {
	var all []string
	for _, r := range d.Rcpts {
		mailbox, _ := path(r.Line)
		all = append(all, mailbox)
	}
	return all
}

func (d *draft) refused() int {
	n := 0
	for _, r := range d.Rcpts {
		if r.Refused {
			n++
		}
	}
	return n
}

func (d *draft) refusedPaths() string {
	var all []string
	for i, to := range d.recipients() {
		if d.Rcpts[i].Refused {
			all = append(all, "<"+to+">")
		}
	}
	return strings.Join(all, ", ")
}

// client is the name that was given to EHLO.
func (d *draft) client() string {
	_, name, _ := strings.Cut(d.Greeting, " ")
	return strings.TrimSpace(name)
}
