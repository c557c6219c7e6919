package message

import (
	"fmt"

	"smtpsh/protocol"
)

// Rule is a row of the table of what can be found in a message. The ID is
// stable: it can be explained, tested and searched for, and is none of
// protocol.AdviceTable's nor of protocol.Anomalies'.
type Rule struct {
	ID      string
	Message string // one sentence, "%s" where the finding's own words go
	Ref     protocol.Ref
	Explain string // what a learner wants to know beyond the message
}

// RuleTable holds all that a Checker can find, in the order of its findings.
var RuleTable = []Rule{
	// The shape of the header.
	{"no-header", "the message has no header", protocol.Ref{RFC: 5322, Section: "3.6"}, "A message is header fields such as From: and Date:, an empty line, and the text. Without a header the text is taken for the body, and some servers add fields of their own, or refuse it."},
	{"mbox-from", "the first line is the \"From \" line of a mailbox file, not a header field", protocol.Ref{RFC: 5322, Section: "2.2"}, "In a file with many messages such a line begins each; it is no part of the message. Take it away."},
	{"header-broken", "this line is no header field, and no empty line separates header and body", protocol.Ref{RFC: 5322, Section: "2.1"}, "The first empty line ends the header. A server that meets other text before it may end the header there, or refuse the message."},
	{"header-only", "no empty line ends the header, so the message has no body", protocol.Ref{RFC: 5322, Section: "2.1"}, "That is allowed. But a text whose lines look like fields, a word and a colon, is taken for header when the empty line before it is missing."},

	// The fields.
	{"from-missing", "nobody is named in From", protocol.Ref{RFC: 5322, Section: "3.6.2"}, "Every message has one From field. The reverse-path of MAIL does not stand in for it, and many servers refuse a message without."},
	{"date-missing", "the message has no Date", protocol.Ref{RFC: 5322, Section: "3.6.1"}, "Every message has one Date field. Submission servers add it where it is missing, others may take the message for spam."},
	{"field-repeated", "the header has more than one %s", protocol.Ref{RFC: 5322, Section: "3.6"}, "Such a field may stand once. Programs differ in which one they show, which has been used to deceive, so that some servers refuse the message."},
	{"bcc-leak", "a Bcc field is about to be sent, and every recipient can read it", protocol.Ref{RFC: 5322, Section: "3.6.3"}, "Blind recipients stand in the envelope, in a RCPT of their own, and not in the message. A server does not take the field away."},

	// What octets may be.
	{"header-8bit", "the header has octets above 127, and MAIL was sent without SMTPUTF8", protocol.Ref{RFC: 6531, Section: "3.4"}, "Without SMTPUTF8 a header is ASCII, and other characters are written as encoded words (RFC 2047)."},
	{"header-not-utf8", "the header has octets that are not UTF-8", protocol.Ref{RFC: 6532, Section: "3.1"}, "With SMTPUTF8 a header is UTF-8 and nothing else. The terminal or the file may be set to an older character set."},
	{"content-8bit", "the body has octets above 127, and MAIL was sent without BODY=8BITMIME", protocol.Ref{RFC: 6152, Section: "3"}, "Without BODY=8BITMIME a body is ASCII: a server may clear the eighth bit or refuse the message. Most take it all the same. The alternative is to encode the body, as quoted-printable or base64."},
	{"content-nul", "the message has a NUL octet", protocol.Ref{RFC: 5322, Section: "3.5"}, "A NUL may not stand in a message but with BODY=BINARYMIME. Servers drop it, end the line there, or refuse the message."},
	{"content-bare-cr", "a CR stands without the LF that belongs behind it", protocol.Ref{RFC: 5321, Section: "2.3.8"}, "Lines end in CR LF, and neither stands alone. A server that takes a CR for a line end sees other lines than the next one does."},
	{"content-bare-lf", "a line ends in LF without the CR that belongs before it", protocol.Ref{RFC: 5321, Section: "2.3.8"}, "Lines end in CR LF, and neither stands alone. Servers that disagree on it can be made to see two messages in one (SMTP smuggling), so many refuse it."},
	{"content-long-line", "a line has more than 998 octets; the longest has %s", protocol.Ref{RFC: 5322, Section: "2.1.1"}, "A server may break such a line, which spoils signatures and encodings, or refuse the message. Quoted-printable and base64 have short lines."},
	{"content-dot", "a line has a dot alone, which ends a message typed after DATA", protocol.Ref{RFC: 5321, Section: "4.5.2"}, "Within a message such a line is sent as two dots, and the server takes one away. Where the dot was meant as the end, what follows it would have been commands."},

	// What the server was told, and told us.
	{"content-over-limit", "the message has %s octets, and the server takes %s", protocol.Ref{RFC: 1870, Section: "4"}, "The answer to EHLO named this limit. 552 is likely, at the latest after the whole message."},
	{"content-over-declared", "the message has %s octets, and MAIL declared SIZE=%s", protocol.Ref{RFC: 1870, Section: "6.3"}, "The size in MAIL is an estimate, and this one is more than a tenth off. What a server agreed to was the smaller message, and it may refuse this one."},
}

// FindRule looks up a row by its ID; nil when there is none.
func FindRule(id string) *Rule {
	for i := range RuleTable {
		if RuleTable[i].ID == id {
			return &RuleTable[i]
		}
	}
	return nil
}

// Finding is one thing that is wrong with a message, however often.
type Finding struct {
	ID      string       // stable name, a row of RuleTable: "content-8bit"
	Line    int          // the first line that has it, from 1; 0 when it is the message as a whole
	Count   int          // how many lines have it; 1 when it is the message as a whole
	Message string       // one sentence for a beginner, without a final stop
	Ref     protocol.Ref // where the rule stands
}

// Terms is what a message is sent under.
type Terms struct {
	EightBit bool   // MAIL said BODY=8BITMIME
	Binary   bool   // MAIL said BODY=BINARYMIME, so that a body may be any octets (RFC 3030 §3)
	UTF8     bool   // MAIL said SMTPUTF8
	Mended   bool   // line ends and single dots are put right on the way: bare CR and LF, and a dot alone, are no findings
	Chunked  bool   // the message goes by BDAT, where a dot ends nothing
	Limit    uint64 // octets that the server takes, of its SIZE; 0 for no limit
	Declared uint64 // octets that MAIL declared with SIZE=; 0 for none
}

// place is where a fault was found.
type place struct {
	line  int // the first, 0 for none
	count int // how many
}

func (p *place) add(line int) {
	if p.count++; p.count == 1 {
		p.line = line
	}
}

// plus is both.
func (p place) plus(q place) place {
	if p.count == 0 || q.count > 0 && q.line < p.line {
		p.line = q.line
	}
	return place{p.line, p.count + q.count}
}

// whole is the place of what the message as a whole is at fault for.
func whole(fault bool) place {
	if fault {
		return place{0, 1}
	}
	return place{}
}

// findings collects what was found.
type findings []Finding

func (f *findings) add(id string, p place, words ...any) {
	if p.count == 0 {
		return
	}
	row := FindRule(id)
	text := row.Message
	if len(words) > 0 {
		text = fmt.Sprintf(text, words...)
	}
	*f = append(*f, Finding{ID: id, Line: p.line, Count: p.count, Message: text, Ref: row.Ref})
}
