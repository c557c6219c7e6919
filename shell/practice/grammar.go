package practice

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"smtpsh/protocol"
)

// grammar judges a line with the shell's own grammar. What it calls an error
// is refused, with the correction where there is one; what is no more than a
// warning is taken, as most servers do.
func (s *session) grammar(c protocol.Command) (answer, bool) {
	if a, bad := s.nonASCII(c); bad {
		return a, true
	}
	for _, d := range protocol.Check(c) {
		if d.ID == "line-long" || d.Severity == protocol.Error {
			return refusal(c, d), true
		}
	}
	switch {
	case c.Is("MAIL"), c.Is("RCPT"):
		if c.Path.Empty() || c.Path.Null && c.Is("RCPT") {
			return one(501, "5.5.4", "the form is "+c.Verb.Syntax()), true
		}
	case c.Is("EHLO"), c.Is("HELO"), c.Is("VRFY"), c.Is("EXPN"):
		if argument(c) == "" {
			return one(501, "5.5.4", "the form is "+c.Verb.Syntax()), true
		}
	}
	return answer{}, false
}

// nonASCII refuses an address outside ASCII in a transaction, or a question,
// that did not ask for SMTPUTF8 (RFC 6531 §3.5).
func (s *session) nonASCII(c protocol.Command) (answer, bool) {
	asked := false
	for _, g := range c.Params {
		asked = asked || strings.EqualFold(g.Key.Of(c.Raw), "SMTPUTF8")
	}
	text := ""
	switch {
	case !utf8.ValidString(c.Raw): // Check has a word for it
	case c.Is("MAIL") && !ascii(c.Mailbox()) && !asked:
		text = "an address outside ASCII needs SMTPUTF8 at the end of MAIL"
	case c.Is("RCPT") && !ascii(c.Mailbox()) && s.tx.open && !s.tx.utf8:
		text = "an address outside ASCII needs SMTPUTF8 in this transaction's MAIL; RSET begins anew"
	case (c.Is("VRFY") || c.Is("EXPN")) && !ascii(argument(c)) && !asked:
		text = "a name outside ASCII needs SMTPUTF8 behind it"
	}
	if text == "" {
		return answer{}, false
	}
	return one(553, "5.6.7", text), true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// refusal makes a reply of what the grammar has against a line.
func refusal(c protocol.Command, d protocol.Diag) answer {
	code, status, text := 501, "5.5.4", d.Message
	in := func(s protocol.Span) bool { return !s.Empty() && d.Start >= s.Start && d.End <= s.End }
	switch {
	case d.ID == "verb-synonym", d.ID == "verb-near": // the message speaks for the shell
		code, status, text = 500, "5.5.2", "unknown command"
	case c.Verb == nil || d.ID == "line-long" || d.ID == "control-char" || d.ID == "not-utf8":
		code, status = 500, "5.5.2"
	case d.ID == "parameter-verb":
		code = 555
	case d.ID == "base64-form":
		status = "5.5.2" // RFC 4954 §4
	case in(c.Path.Mailbox) && c.Is("MAIL"):
		status = "5.1.7" // RFC 3463 §3.2: a bad sender's mailbox address syntax
	case in(c.Path.Mailbox):
		status = "5.1.3"
	}
	a := one(code, status, text)
	if d.Fix == "" || !printable(d.Fix) || len(d.Fix) > 450 {
		return a
	}
	if len(text)+len(d.Fix) < 100 {
		a.lines[0] += "; try " + d.Fix
	} else {
		a.lines = append(a.lines, "try "+d.Fix)
	}
	return a
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
