package protocol

import "strings"

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
}

// Anomalies is the table of everything that can be odd about a reply.
var Anomalies = []AnomalyRow{
	{"no-code", true, "This line does not begin with a three-digit code", Ref{5321, "4.2"}},
	{"code-range", true, "A reply code has a first digit of 2 to 5 and a second of 0 to 5", Ref{5321, "4.2"}},
	{"code-differs", true, "Every line of one reply must have the same code, and this one has another", Ref{5321, "4.2.1"}},
	{"separator", true, "A space or a hyphen must follow the code", Ref{5321, "4.2"}},
	{"bare-lf", true, "This line ends with LF alone; SMTP ends a line with CR LF", Ref{5321, "2.3.8"}},
	{"bare-cr", true, "A CR stands inside the line, without the LF that belongs behind it", Ref{5321, "2.3.8"}},
	{"nul", true, "A NUL octet stands in the text", Ref{5321, "4.2"}},
	{"control", true, "A control character stands in the text; a terminal might have obeyed it", Ref{5321, "4.2"}},
	{"text-8bit", true, "The text has characters beyond ASCII, which only SMTPUTF8 allows", Ref{6531, "3.7.4"}},
	{"text-not-utf8", true, "The text has octets that are neither ASCII nor UTF-8", Ref{6531, "3.7.4"}},
	{"line-long", false, "The line is longer than 512 octets", Ref{5321, "4.5.3.1.5"}},
	{"line-cut", true, "The line is so long that its end was not kept", Ref{5321, "4.5.3.1.5"}},
	{"reply-cut", true, "The reply is so long that from this line on its text was not kept", Ref{5321, "4.5.3.1.5"}},
	{"incomplete", true, "The reply was never finished", Ref{5321, "4.2"}},
	{"no-text", false, "The reply has a code and no text, which is allowed", Ref{5321, "4.2"}},
	{"enhanced-class", false, "The enhanced code begins with another digit than the reply code", Ref{2034, "4"}},
	{"enhanced-differs", false, "This line has another enhanced code than a line before it", Ref{2034, "4"}},
	{"unasked", false, "Nobody asked for this reply", Ref{5321, "3.8"}},
	{"greeting-code", false, "A server greets with 220, or turns the client away with 421, 521 or 554", Ref{5321, "4.3.2"}},
	{"ehlo-keyword", false, "This line is not the name of an extension and its values", Ref{5321, "4.1.1.1"}},
	{"ehlo-duplicate", false, "This extension was offered on a line before", Ref{5321, "4.1.1.1"}},
	{"ehlo-auth-equals", false, "\"AUTH=\" is an old form, kept for clients from before the standard", Ref{4954, "3"}},
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

// Odd is what is odd about the reply where it stands: after "greeting" or
// "unasked" (when no reply was owed), which are no commands, or after a verb,
// in any case of letters. It does not repeat what Anomalies has.
func (r Reply) Odd(after string) []Anomaly {
	switch strings.ToUpper(after) {
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
		if r.Class() == 2 {
			return oddOffers(r)
		}
	}
	return nil
}

// oddOffers checks the lines of an EHLO reply that offer something.
func oddOffers(r Reply) []Anomaly {
	var odd []Anomaly
	seen := make(map[string]bool)
	for i, text := range r.Lines {
		if i == 0 {
			continue // the server's name, not an offer (RFC 5321 §4.1.1.1)
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
