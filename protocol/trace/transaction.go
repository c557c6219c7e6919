package trace

import (
	"bytes"
	"net"
	"strings"

	"smtpsh/protocol"
)

// Transaction is one mail transaction of a session, with what led to it: what
// somebody needs who wants to do the same by other means.
type Transaction struct {
	Host, Port string
	Via        string // the proxy between; "" for none
	Preamble   bool   // a header of the PROXY protocol went first
	LMTP       bool
	Greeting   string // the line as it was sent: "EHLO client.example"
	Security   Security
	TLSName    string // what was asked for, and verified
	Verified   bool
	Mechanism  string // of the login that succeeded; "" without one
	Mail       string // the line as it was sent
	Rcpts      []Rcpt
	Verb       string // "DATA" or "BDAT", which began the message; "" where there was none
	Whole      bool   // the message was completed
	Message    []byte // without stuffed dots and the final one
	Omitted    int    // octets of it that were counted and not kept
	LoginLost  string // the mechanism of a login that failed
}

// Rcpt is one recipient of a Transaction.
type Rcpt struct {
	Line    string // as it was sent
	Refused bool
}

// Security is what protected the connection.
type Security uint8

const (
	// InClear is no protection.
	InClear Security = iota
	// ByStartTLS is TLS after STARTTLS (RFC 3207).
	ByStartTLS
	// FromStart is TLS before the greeting (RFC 8314).
	FromStart
)

// Latest finds the last transaction of a session whose events it is handed.
type Latest struct {
	link    Transaction  // what holds for all transactions of the connection
	current *Transaction // nil before the first
	open    bool         // current may still grow
	asked   []asked      // the MAIL, RCPT and DATA that await their replies, oldest first
	login   string       // mechanism of the AUTH that is under way
	content []byte       // of DATA, as it was sent
}

// asked is a command that awaits its reply, which may come when another
// transaction is the current one.
type asked struct {
	of     *Transaction // that it began or belongs to; nil where it did neither
	within bool         // a MAIL in a transaction that was open
	rcpt   int          // of a RCPT: which recipient
	verb   string       // of a DATA: what had begun the message before it
}

// Event takes the next event.
func (l *Latest) Event(before, after protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Opened:
		l.open, l.asked, l.login = false, nil, ""
		l.link = Transaction{Host: e.Host, Via: e.Via, LMTP: e.LMTP}
		if host, port, err := net.SplitHostPort(e.Address); err == nil {
			l.link.Port = port
			if l.link.Host == "" {
				l.link.Host = host
			}
		}
	case protocol.Secured:
		l.open, l.asked = false, nil // RFC 3207 §4.2
		l.link.Security = ByStartTLS
		if before.Mode() == protocol.ModeGreeting {
			l.link.Security = FromStart
		}
		l.link.TLSName, l.link.Verified = e.Name, e.Verified()
	case protocol.Sent:
		l.sent(after, e)
	case protocol.Received:
		l.received(before, after, e.Reply)
	case protocol.Closed:
		l.open = false
	}
}

func (l *Latest) sent(after protocol.Session, e protocol.Sent) {
	t := l.current
	switch {
	case e.Kind == protocol.SentCommand:
		l.command(protocol.Parse(string(bytes.TrimRight(e.Raw, "\r\n"))))
	case e.Kind == protocol.SentPreamble:
		l.link.Preamble = true
	case !l.open:
	case e.Kind == protocol.SentChunk:
		t.Message = append(t.Message, e.Raw...)
		t.Omitted += e.Omitted
	case e.Kind == protocol.SentContent:
		l.content = append(l.content, e.Raw...)
		t.Omitted += e.Omitted
		if e.Last {
			t.Message, t.Whole, l.content, l.open = unstuffed(bytes.TrimSuffix(l.content, []byte(".\r\n"))), true, nil, false
		}
	}
	if l.open && l.current.Whole && after.Octets() == 0 { // RFC 3030 §2: the last chunk is out, and the next MAIL may be pipelined
		l.open = false
	}
}

func (l *Latest) command(c protocol.Command) {
	switch {
	case c.Is("EHLO"), c.Is("HELO"), c.Is("LHLO"):
		l.link.Greeting, l.open = c.Raw, false
	case c.Is("AUTH"):
		mechanism, _, _ := strings.Cut(c.Args.Of(c.Raw), " ")
		l.login = strings.ToUpper(mechanism)
	case c.Is("RSET"):
		l.open = false
	case c.Is("MAIL"):
		t := l.link
		t.Mail = c.Raw
		l.asked = append(l.asked, asked{of: &t, within: l.open})
		if !l.open { // else it is for the server to say whether it begins one
			l.current, l.open, l.content = &t, true, nil
		}
	case !l.open: // the server's to judge: it belongs to no transaction, and changes none
		if waits(c.Verb) {
			l.asked = append(l.asked, asked{})
		}
	case c.Is("RCPT"):
		l.asked = append(l.asked, asked{of: l.current, rcpt: len(l.current.Rcpts)})
		l.current.Rcpts = append(l.current.Rcpts, Rcpt{Line: c.Raw})
	case c.Is("DATA"):
		l.asked = append(l.asked, asked{of: l.current, verb: l.current.Verb})
		l.current.Verb = "DATA"
	case c.Is("BDAT"):
		_, last, _ := strings.Cut(c.Args.Of(c.Raw), " ")
		l.current.Verb, l.current.Whole = "BDAT", strings.EqualFold(strings.TrimSpace(last), "LAST")
	}
}

// waits reports a command that Latest wants to know the reply to.
func waits(v *protocol.Verb) bool {
	return v != nil && (v.Name == "MAIL" || v.Name == "RCPT" || v.Name == "DATA")
}

func (l *Latest) received(before, after protocol.Session, r protocol.Reply) {
	u, ok := before.Head()
	switch {
	case !ok || u.Kind == protocol.UnitGreeting || r.Code == 0:
	case u.Kind == protocol.UnitCommand && waits(u.Verb) && len(l.asked) > 0:
		a := l.asked[0]
		l.asked = l.asked[1:]
		if a.of != nil {
			l.answered(u.Word, a, r)
		}
	case u.Word == "AUTH" && r.Class() != 3:
		if after.Authenticated() {
			l.link.Mechanism, l.link.LoginLost = l.login, ""
		} else {
			l.link.LoginLost = l.login
		}
	}
}

// answered takes the reply to what belongs to a transaction.
func (l *Latest) answered(word string, a asked, r protocol.Reply) {
	switch {
	case word == "RCPT":
		a.of.Rcpts[a.rcpt].Refused = !r.Positive()
	case word == "MAIL" && r.Positive() && a.within:
		l.current, l.open, l.content = a.of, true, nil
	case r.Positive():
	case word == "DATA": // RFC 5321 §4.1.1.4: there was no message; another DATA may follow
		a.of.Verb = a.verb
	case a.of == l.current:
		l.open = false
	}
}

// Transaction is the last one; ok is false when there was none.
func (l *Latest) Transaction() (t Transaction, ok bool) {
	if l.current == nil {
		return t, false
	}
	t = *l.current
	if len(l.content) > 0 {
		t.Message = unstuffed(l.content)
	}
	return t, true
}

// unstuffed is the content without the dots that were doubled (RFC 5321
// §4.5.2).
func unstuffed(content []byte) []byte {
	content = bytes.ReplaceAll(content, []byte("\r\n."), []byte("\r\n"))
	return bytes.TrimPrefix(content, []byte("."))
}

// stuffed doubles the dots that begin a line, and ends with the lone one.
func stuffed(message []byte) []byte {
	content := bytes.ReplaceAll(message, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(content, []byte(".")) {
		content = append([]byte("."), content...)
	}
	if len(content) > 0 && !bytes.HasSuffix(content, []byte("\r\n")) {
		content = append(content[:len(content):len(content)], "\r\n"...)
	}
	return append(content[:len(content):len(content)], ".\r\n"...)
}

// path is what stands between the angle brackets of a MAIL or RCPT, and
// params what stands behind them.
func path(line string) (mailbox, params string) {
	c := protocol.Parse(line)
	return c.Mailbox(), strings.TrimSpace(c.Raw[c.Path.End:])
}
