package trace

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"smtpsh/protocol"
)

// Redactor replaces in events what a reader must not learn, and a name by the
// same one wherever it stands: alice@example.org becomes user1@host1 in the
// envelope, in the message, in replies, in the answer to EHLO and in
// certificates. It finds what has the form of an address or of a host, and
// the words that a session named as one. It cannot know the names of people,
// nor read a message that is encoded: who must be sure leaves the message out.
//
// A Redactor is for one stream of events.
type Redactor struct {
	addresses, hosts, message bool

	names   names
	session protocol.Session // as the redacted events make it
	cut     []byte           // the end of the content so far, in which a name may have begun
}

// Redactions are the names of what a Redactor can replace.
var Redactions = []string{"addresses", "hosts", "message"}

// NewRedactor makes a Redactor of what is named, by Redactions.
func NewRedactor(what ...string) (*Redactor, error) {
	for _, name := range what {
		if !slices.Contains(Redactions, name) {
			return nil, fmt.Errorf("redact %q: one of %s is wanted", name, strings.Join(Redactions, ", "))
		}
	}
	r := &Redactor{addresses: slices.Contains(what, "addresses"), hosts: slices.Contains(what, "hosts"), message: slices.Contains(what, "message")}
	r.names = newNames(r.addresses, r.hosts)
	return r, nil
}

// Events are what is to be recorded of e: mostly one event. Of message content
// a piece may be held back until it is known where a name in it ends.
func (r *Redactor) Events(e protocol.Event) []protocol.Event {
	var events []protocol.Event
	sent, content := e.(protocol.Sent)
	if content = content && sent.Kind == protocol.SentContent; !content && len(r.cut) > 0 {
		events = append(events, protocol.Sent{At: protocol.At{Time: e.When()}, Kind: protocol.SentContent, Raw: []byte(r.names.text(string(r.cut)))})
		r.cut = nil
	}
	switch {
	case content && !r.message:
		e = r.content(sent)
	case r.addresses || r.hosts || content:
		e = r.event(e)
	}
	r.session = r.session.After(e)
	return append(events, e)
}

func (r *Redactor) event(e protocol.Event) protocol.Event {
	text := r.names.text
	switch e := e.(type) {
	case protocol.Trying:
		e.Address = text(e.Address)
		return e
	case protocol.Missed:
		e.Address, e.Err = text(e.Address), r.fault(e.Err)
		return e
	case protocol.Opened:
		r.names.host(e.Host)
		if via, err := url.Parse(e.Via); err == nil {
			r.names.host(via.Hostname())
		}
		e.Host, e.Address, e.Via, e.Local = text(e.Host), text(e.Address), text(e.Via), text(e.Local)
		return e
	case protocol.Sent:
		return r.sent(e)
	case protocol.Received:
		e.Reply = r.reply(e.Reply)
		return e
	case protocol.Secured:
		e.TLS = r.tls(e.TLS)
		return e
	case protocol.Smuggled:
		e.Raw = r.lines(e.Raw, text)
		return e
	case protocol.Closed:
		e.Tail, e.Err = r.lines(e.Tail, text), r.fault(e.Err)
		return e
	case protocol.Advised:
		return r.advised(e)
	case protocol.Noted:
		e.Text = text(e.Text)
		return e
	case protocol.Expected:
		e.Want, e.Got, e.Of = text(e.Want), text(e.Got), text(e.Of)
		return e
	case protocol.Cancelled, protocol.Summed:
	}
	return e
}

func (r *Redactor) sent(e protocol.Sent) protocol.Sent {
	switch e.Kind {
	case protocol.SentCommand:
		line := strings.TrimRight(string(e.Raw), "\r\n")
		end := string(e.Raw[len(line):])
		redacted := r.command(line)
		if moved := len(redacted) - len(line); e.Mask != (protocol.Span{}) { // it stands at the end
			e.Mask = protocol.Span{Start: e.Mask.Start + moved, End: e.Mask.End + moved}
		}
		e.Raw = []byte(redacted + end)
	case protocol.SentResponse:
		e.Secret = e.Mask == (protocol.Span{}) // it tells who logs in, in base64
		return e.Masked()
	case protocol.SentContent, protocol.SentChunk:
		// A BDAT said how many octets these are, so they cannot become others.
		return e.Counted()
	}
	return e
}

// content is a piece of a message, up to where a name may have been cut in
// two.
func (r *Redactor) content(e protocol.Sent) protocol.Sent {
	const longest = 1 << 10 // no name is
	if !r.addresses && !r.hosts {
		return e
	}
	data := slices.Concat(r.cut, e.Raw)
	end := len(data)
	if !e.Last && e.Omitted == 0 {
		end = strings.LastIndexAny(string(data), " \t\r\n") + 1
	}
	if len(data)-end > longest {
		end = len(data)
	}
	r.cut = data[end:]
	e.Raw = []byte(r.names.text(string(data[:end])))
	return e
}

// command redacts a command line: the verb and the keywords stay.
func (r *Redactor) command(line string) string {
	c := protocol.Parse(line)
	r.learn(c)
	at := c.Args.Start
	if c.Path.End > c.Path.Start {
		at = c.Path.Start
	}
	out := line[:at]
	for _, g := range c.Params {
		out += r.names.text(line[at:g.Start]) + line[g.Start:g.Value.Start]
		at = g.Value.Start
	}
	return out + r.names.text(line[at:])
}

// learn notes the names that stand where only names do.
func (r *Redactor) learn(c protocol.Command) {
	if c.Verb == nil {
		return
	}
	arg, _, _ := strings.Cut(c.Args.Of(c.Raw), " ")
	switch c.Verb.Name {
	case "HELO", "EHLO", "LHLO":
		r.names.host(arg)
	case "VRFY", "EXPN":
		r.names.mailbox(strings.Trim(arg, "<>"))
	default:
		r.names.mailbox(c.Mailbox())
	}
}

func (r *Redactor) reply(p protocol.Reply) protocol.Reply {
	text := r.names.text
	if u, ok := r.session.Head(); ok && len(p.Lines) > 0 && p.Class() == 2 {
		first, _, _ := strings.Cut(p.Lines[0], " ")
		if u.Kind == protocol.UnitGreeting || u.Word == "EHLO" || u.Word == "LHLO" || u.Word == "HELO" {
			r.names.host(first) // RFC 5321 §4.2: a domain stands there
		}
	}
	if p.Code == 334 {
		text = r.challenge
	}
	lines := make([]string, len(p.Lines))
	for i, line := range p.Lines {
		lines[i] = text(line)
	}
	p.Lines, p.Raw = lines, r.lines(p.Raw, text)
	if len(lines) == 0 {
		p.Lines = nil
	}
	return p
}

// challenge redacts what a server says in base64 (RFC 4954 §4).
func (r *Redactor) challenge(line string) string {
	octets, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return r.names.text(line)
	}
	return base64.StdEncoding.EncodeToString([]byte(r.names.text(string(octets))))
}

// lines redacts lines of a reply: a code and its separator are no part of a
// name.
func (r *Redactor) lines(octets []byte, text func(string) string) []byte {
	if len(octets) == 0 {
		return octets
	}
	var b []byte
	for line := range strings.Lines(string(octets)) {
		body := strings.TrimRight(line, "\r\n")
		code := 0
		if len(body) > 3 && strings.Trim(body[:3], "0123456789") == "" && (body[3] == ' ' || body[3] == '-') {
			code = 4
		}
		b = append(append(append(b, body[:code]...), text(body[code:])...), line[len(body):]...)
	}
	return b
}

func (r *Redactor) fault(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kindOf(err), Text: OctetString(r.names.text(err.Error()))}
}

// tls redacts the certificates: their octets and fingerprints, which anybody
// can look up, are left out.
func (r *Redactor) tls(t protocol.TLS) protocol.TLS {
	text := r.names.text
	r.names.host(t.Name)
	t.Name, t.Trust, t.Sent = text(t.Name), text(t.Trust), r.subject(t.Sent)
	t.Lacks = each(t.Lacks, text)
	t.Chain = slices.Clone(t.Chain)
	for i, c := range t.Chain {
		subject := text
		if i == 0 {
			subject = r.subject
		}
		own := c.Subject == c.Issuer
		c.Subject, c.Issuer, c.Names = subject(c.Subject), text(c.Issuer), each(c.Names, text)
		if own {
			c.Issuer = c.Subject
		}
		c.Raw, c.SHA256 = nil, "not told"
		t.Chain[i] = c
	}
	return t
}

// subject redacts a distinguished name: what is not the common name or the
// country tells who somebody is, too.
func (r *Redactor) subject(name string) string {
	parts := strings.Split(name, ",")
	for i, part := range parts {
		key, _, ok := strings.Cut(part, "=")
		switch {
		case key == "CN" || key == "C" || name == "":
			parts[i] = r.names.text(part)
		case ok:
			parts[i] = key + "=…"
		default: // the rest of a value with a comma in it
			parts[i] = "…"
		}
	}
	return strings.Join(parts, ",")
}

func (r *Redactor) advised(e protocol.Advised) protocol.Advised {
	line := r.command(e.Line)
	e.Diags = slices.Clone(e.Diags)
	for i, d := range e.Diags {
		if line != e.Line { // the places of the old one mean nothing in it
			d.Start, d.End = 0, len(line)
		}
		d.Message, d.Fix, d.Then = r.names.text(d.Message), r.command(d.Fix), each(d.Then, r.command)
		e.Diags[i] = d
	}
	e.Line = line
	return e
}

func each(list []string, do func(string) string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = do(list[i])
	}
	return list
}
