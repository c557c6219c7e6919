package protocol

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Anomaly is something odd in a reply: shown and flagged, never fatal.
type Anomaly struct {
	ID      string // stable name, a row of the Anomalies table: "code-differs"
	Line    int    // 1-based line of the reply
	Message string // one sentence
}

// AnomalyRow is a row of the table of what can be odd about a reply.
type AnomalyRow struct {
	ID      string // stable name
	Breaks  bool   // the reply is outside the grammar of RFC 5321 §4.2, or cannot be vouched for
	Message string // one sentence for a beginner, without a final stop
	Ref     Ref    // where the rule stands
	Explain string // what a learner wants to know beyond the message
}

// Anomalies is the table of everything that can be odd about a reply.
var Anomalies = []AnomalyRow{
	{"no-code", true, "This line does not begin with a three-digit code", Ref{5321, "4.2"}, "Every line of a reply begins with three digits; that is how a client knows where a reply ends and what it says. Text without them comes from a server that speaks something else, or from a program that printed into the connection."},
	{"code-range", true, "A reply code has a first digit of 2 to 5 and a second of 0 to 5", Ref{5321, "4.2"}, "The first digit says how it went (2 done, 3 go on, 4 failed for now, 5 failed for good), the second what it is about. A client that meets another digit can only guess."},
	{"code-differs", true, "Every line of one reply must have the same code, and this one has another", Ref{5321, "4.2.1"}, "Of such a reply clients go by the last line, the one with a space behind its code, so that others may read another answer out of it than you do."},
	{"separator", true, "A space or a hyphen must follow the code", Ref{5321, "4.2"}, "A hyphen says that another line follows, a space that this is the last. With something else there a client must guess whether the reply has ended."},
	{"bare-lf", true, "This line ends with LF alone; SMTP ends a line with CR LF", Ref{5321, "2.3.8"}, "Most clients take it all the same. Where two programs on the way differ in it, one of them sees two lines and the other one."},
	{"bare-cr", true, "A CR stands inside the line, without the LF that belongs behind it", Ref{5321, "2.3.8"}, "Some programs take a lone CR for the end of a line and others do not, so the two see different replies. On a terminal it goes back to the start of the line and can hide what stood there."},
	{"nul", true, "A NUL octet stands in the text", Ref{5321, "4.2"}, "Programs in C end their text at a NUL, so that what is behind it may never be shown or logged."},
	{"control", true, "A control character stands in the text; a terminal might have obeyed it", Ref{5321, "4.2"}, "Escape sequences in a reply can clear a screen, move the cursor or change the title of a window. They are shown here as text and never obeyed."},
	{"text-8bit", true, "The text has characters beyond ASCII, which only SMTPUTF8 allows", Ref{6531, "3.7.4"}, "RFC 5321 has replies in ASCII. A server may answer in UTF-8 only when the command carried SMTPUTF8. Such text is shown as it is."},
	{"text-not-utf8", true, "The text has octets that are neither ASCII nor UTF-8", Ref{6531, "3.7.4"}, "It is text in an older character set, or no text at all. There is no telling which, so the octets are shown as escapes."},
	{"line-long", false, "The line is longer than 512 octets", Ref{5321, "4.5.3.1.5"}, "512 octets, code and CRLF included, is what a client must be able to take. A longer line may be cut elsewhere."},
	{"line-cut", true, "The line is so long that its end was not kept", Ref{5321, "4.5.3.1.5"}, "The server is not trusted to end a line: past the limit octets are counted and no longer kept."},
	{"reply-cut", true, "The reply is so long that from this line on its text was not kept", Ref{5321, "4.5.3.1.5"}, "The server is not trusted to end a reply: past the limit octets are counted and no longer kept."},
	{"incomplete", true, "The reply was never finished", Ref{5321, "4.2"}, "The connection or the file ended within the reply. What it would have said is not known, and the command may have been carried out."},
	{"no-text", false, "The reply has a code and no text, which is allowed", Ref{5321, "4.2"}, "A client goes by the code alone. The text is for people and may be left out, with or without the space before it."},
	{"enhanced-class", false, "The enhanced code begins with another digit than the reply code", Ref{2034, "4"}, "Both tell whether it failed, and for how long: a 250 with 5.1.1 contradicts itself. Clients go by the reply code."},
	{"enhanced-differs", false, "This line has another enhanced code than a line before it", Ref{2034, "4"}, "Each line of a reply repeats the enhanced code. Where they differ, the first is the one that is shown."},
	{"unasked", false, "Nobody asked for this reply", Ref{5321, "3.8"}, "One reply answers one command. A 421 may come at any time, when the server is about to close; another reply that nobody waits for means that the two sides have lost step."},
	{"greeting-code", false, "A server greets with 220, or turns the client away with 421, 521 or 554", Ref{5321, "4.3.2"}, "A server that begins with another code is no mail server, or has a fault."},
	{"out-of-step", false, "This code cannot answer that command, so replies and commands may have lost step", Ref{5321, "4.3.2"}, "A server that sends a reply too many, or too few, to a group of commands gives each later command the answer to another one. Close the connection, and send the commands one at a time to find the one it happens at."},
	{"ehlo-domain", false, "The first line of the answer to EHLO begins with the server's name", Ref{5321, "4.1.1.1"}, "The first line of the reply to EHLO has the server's name, then what it likes to say. Extensions begin on the second line, so that one named on the first is not seen."},
	{"ehlo-keyword", false, "This line is not the name of an extension and its values", Ref{5321, "4.1.1.1"}, "An extension is a word of letters, digits and hyphens, and its values follow behind spaces. A client that does not know the line passes over it."},
	{"ehlo-duplicate", false, "This extension was offered on a line before", Ref{5321, "4.1.1.1"}, "Clients differ in which one they go by; here the values are taken together."},
	{"ehlo-auth-equals", false, "\"AUTH=\" is an old form, kept for clients from before the standard", Ref{4954, "3"}, "Some clients of the nineties read only this form. Servers that still send it also have the right one, \"AUTH PLAIN LOGIN\"."},
}

// FindAnomaly looks a row up by its ID; nil when there is none.
func FindAnomaly(id string) *AnomalyRow {
	for i := range Anomalies {
		if Anomalies[i].ID == id {
			return &Anomalies[i]
		}
	}
	return nil
}

// maxSame bounds how often one anomaly is noted in one reply: a server that
// makes the same mistake on each of ten thousand lines has been told of.
const maxSame = 8

// note adds an anomaly of a row of the table.
func note(list []Anomaly, id string, line int) []Anomaly {
	same := 0
	for _, a := range list {
		if a.ID == id {
			same++
		}
	}
	if same == maxSame {
		return list
	}
	a := Anomaly{ID: id, Line: line}
	if row := FindAnomaly(id); row != nil {
		a.Message = row.Message
	}
	return append(list, a)
}

// Odd is what is odd about the reply where it stands: after "greeting",
// "message" (the end of one) or "unasked" (when no reply was owed), which are
// no commands, or after a verb, in any case of letters. It does not repeat what
// Anomalies has.
func (r Reply) Odd(after string) []Anomaly {
	after = strings.ToUpper(after)
	switch after {
	case "GREETING":
		switch r.Code {
		// RFC 5321 §4.3.2 has 220 and 554, §3.8 the 421 at any time; a host
		// that takes no mail at all says 521 (RFC 7504 §3).
		case 220, 421, 521, 554:
			return nil
		}
		return note(nil, "greeting-code", 1)
	case "UNASKED":
		return note(nil, "unasked", 1)
	case "EHLO", "LHLO":
		if r.Class() == 2 && r.Code != 220 && r.Code != 221 {
			return oddOffers(r)
		}
	}
	if r.outOfStep(after) {
		return note(nil, "out-of-step", 1)
	}
	return nil
}

// Oddities is all that is odd about the reply, in itself and where it stands
// (see Odd), in order of the lines.
func (r Reply) Oddities(after string) []Anomaly {
	all := slices.Concat(r.Anomalies, r.Odd(after))
	sortByLine(all)
	return all
}

func sortByLine(list []Anomaly) {
	slices.SortStableFunc(list, func(a, b Anomaly) int { return a.Line - b.Line })
}

// ownReplies are the positive codes that answer certain commands alone
// (RFC 5321 §4.3.2; RFC 3207 §4, RFC 4954 §4; Postfix for XCLIENT).
var ownReplies = []struct {
	code int
	to   []string
}{
	{220, []string{"STARTTLS", "XCLIENT"}},
	{221, []string{"QUIT"}},
	{235, []string{"AUTH"}},
	{334, []string{"AUTH"}},
	{354, []string{"DATA"}},
}

// outOfStep reports a reply that cannot answer that command: a code of
// another command's own, or some other success of a command that has its own.
// Any command may be refused. Of what is no verb here nothing is known: there
// are private verbs that get a 334 or a 354.
func (r Reply) outOfStep(after string) bool {
	if !r.Positive() || after != "MESSAGE" && FindVerb(after) == nil {
		return false
	}
	for _, own := range ownReplies {
		if own.code == r.Code {
			return !slices.Contains(own.to, after)
		}
	}
	switch after {
	case "STARTTLS", "QUIT", "AUTH", "DATA":
		return true
	}
	return false
}

// oddOffers checks the lines of an EHLO reply: the first names the server, each
// further one offers something (RFC 5321 §4.1.1.1).
func oddOffers(r Reply) []Anomaly {
	var odd []Anomaly
	seen := make(map[string]bool)
	for i, text := range r.Lines {
		if i == 0 {
			if !beginsWithName(text) {
				odd = note(odd, "ehlo-domain", 1)
			}
			continue
		}
		keyword, legacy, form := offerForm(text)
		if legacy {
			odd = note(odd, "ehlo-auth-equals", i+1)
			continue
		}
		if !form {
			odd = note(odd, "ehlo-keyword", i+1)
			continue
		}
		key := strings.ToUpper(keyword)
		if seen[key] {
			odd = note(odd, "ehlo-duplicate", i+1)
		}
		seen[key] = true
	}
	return odd
}

// beginsWithName reports a text whose first word may name a host: a domain, or
// the address literal of a host that has none (RFC 5321 §2.3.5). Underscores are
// in many hosts' names, and what is beyond ASCII has an anomaly of its own.
func beginsWithName(text string) bool {
	name, _, _ := strings.Cut(text, " ")
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		return true
	}
	for i := range len(name) {
		if c := name[i]; !isLetDig(c) && c != '-' && c != '.' && c != '_' && c < utf8.RuneSelf {
			return false
		}
	}
	return name != ""
}
