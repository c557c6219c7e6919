package trace

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// remark is one thing that there is to say about an event beyond its octets,
// for a format that has room for it.
type remark struct {
	style Style
	words string // our own, which may hold a word of the session
	code  string // what came from elsewhere
}

// remarks are all there is to say about an event.
func (o Options) remarks(i item) []remark {
	switch e := i.e.(type) {
	case protocol.Trying:
		return []remark{{Dim, "trying", e.Address}}
	case protocol.Missed:
		return []remark{{Caution, "", MissedText(e)}}
	case protocol.Opened:
		list := []remark{{Plain, "asked for", e.Host}, {Plain, "connected to", ConnectedText(e)}}
		if e.Local != "" {
			list = append(list, remark{Plain, "from", e.Local})
		}
		return list
	case protocol.Received:
		list := beside(i, e.Reply)
		if words := o.verdict(i, e.Reply); words != "" {
			list = slices.Insert(list, 0, remark{styleOf(e.Reply.Class()), words, ""})
		}
		return list
	case protocol.Smuggled:
		return []remark{{Bad, "", SmuggledText(e)}}
	case protocol.Closed:
		style := Dim
		if e.Err != nil || i.before.Awaiting() > 0 {
			style = Bad
		}
		return []remark{{style, "", ClosedText(i.before, e)}}
	case protocol.Cancelled:
		return []remark{{Caution, "stopped waiting", ""}}
	case protocol.Advised:
		return adviceRemarks(e)
	case protocol.Noted:
		return []remark{{Plain, "", e.Text}}
	case protocol.Expected:
		style := Good
		if !e.OK {
			style = Bad
		}
		return []remark{{style, "", ExpectedText(e)}}
	case protocol.Summed:
		var list []remark
		for _, row := range Summary(e) {
			list = append(list, remark{Plain, "", strings.TrimSpace(row.String())})
		}
		return list
	case protocol.Sent, protocol.Secured: // shown by themselves
	}
	return nil
}

// verdict says what a reply answers, how long it took and what it means; ""
// where there is nothing to say.
func (o Options) verdict(i item, r protocol.Reply) string {
	answers := i.before.Answers()
	means := o.means(r, answers)
	took, asked := i.answered()
	if means == "" && !asked {
		return ""
	}
	words := strconv.Itoa(r.Code) + " to " + answers
	if asked {
		words += " in " + Duration(took)
	}
	if means != "" {
		words += ": " + means
	}
	return words
}

// beside are the remarks on a reply but for the verdict.
func beside(i item, r protocol.Reply) []remark {
	var list []remark
	if text := ForeignText(r); text != "" {
		list = append(list, remark{Caution, text, ""})
	}
	if said := ChallengeText(r); said != "" {
		list = append(list, remark{Plain, "it says", said})
	}
	if r.Dropped > 0 {
		list = append(list, remark{Caution, DroppedText(r), ""})
	}
	for _, a := range oddities(i.before, r) {
		list = append(list, remark{Caution, "odd: " + a.Message, a.ID})
	}
	for _, row := range Changes(i.before, i.after) {
		list = append(list, remark{Plain, "", strings.TrimSpace(row.String())})
	}
	return list
}

func adviceRemarks(e protocol.Advised) []remark {
	var list []remark
	if e.Held {
		list = append(list, remark{Bad, "not sent:", e.Line})
	}
	for _, d := range e.Diags {
		words := d.Severity.String() + ": " + d.Message
		if ref := d.Ref.String(); ref != "" {
			words += " (" + ref + ")"
		}
		list = append(list, remark{severityStyle(d.Severity), words, d.ID})
	}
	if len(e.Diags) > 0 && e.Diags[0].Fix != "" {
		list = append(list, remark{Plain, "corrected:", e.Diags[0].Fix})
	}
	return list
}

func severityStyle(s protocol.Severity) Style {
	switch s {
	case protocol.Error:
		return Bad
	case protocol.Warning:
		return Caution
	case protocol.Hint:
	}
	return Plain
}

// styleOf is the style of a reply by the class of its code.
func styleOf(class int) Style {
	switch class {
	case 2:
		return Good
	case 3:
		return Ask
	case 4:
		return Caution
	}
	return Bad
}

// fact is a row of a table about TLS.
type fact struct {
	name, value string
	bad         bool
}

// facts are what a handshake settled.
func facts(e protocol.Secured) []fact {
	list := []fact{{"Version", e.Version, false}, {"Cipher suite", e.Cipher, false}, {"Key exchange", e.Group, false}, {"Handshake", Duration(e.Took), false}}
	if e.Resumed {
		list = append(list, fact{"Session", "an earlier one resumed", false})
	}
	list = append(list, fact{"Name asked for", e.Name, false})
	switch {
	case e.Lax:
		list = append(list, fact{"Verified", "not checked", true})
	case e.Verified():
		list = append(list, fact{"Verified", "by " + e.Trust, false})
	}
	for _, text := range e.Lacks {
		list = append(list, fact{"Unverified", text, true})
	}
	if e.Wanted {
		list = append(list, fact{"Client certificate", or(e.TLS.Sent, "asked for, none sent"), false})
	}
	return slices.DeleteFunc(list, func(f fact) bool { return f.value == "" })
}

// certificateFacts are what there is to know of a certificate.
func certificateFacts(c protocol.Certificate, at time.Time) []fact {
	list := []fact{
		{"Subject", c.Subject, false},
		{"For", strings.Join(c.Names, ", "), false},
		{"Issuer", c.Issuer, false},
		{"Valid", c.NotBefore.UTC().Format(time.DateTime) + " to " + c.NotAfter.UTC().Format(time.DateTime) + " UTC, " + left(c, at), at.After(c.NotAfter) || at.Before(c.NotBefore)},
		{"Key", c.Key, false},
		{"Signature", c.Signature, false},
		{"SHA-256", c.SHA256, false},
	}
	return slices.DeleteFunc(list, func(f fact) bool { return f.value == "" })
}

// offered is what an offer of EHLO gives, and where that is written.
func offered(o protocol.Offer) (gives, ref string) {
	if row := protocol.FindExtension(o.Keyword); row != nil {
		return row.Gives, row.Ref.String()
	}
	return "not known here", ""
}

// learned are the offers that a reply to EHLO told of; nil for other events.
func (i item) learned() *protocol.Extensions {
	if offers := i.after.Offers(); offers != i.before.Offers() && len(offers.Offers()) > 0 {
		return offers
	}
	return nil
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
