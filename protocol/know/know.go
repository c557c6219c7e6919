// Package know holds what is known about the answers of mail servers: what
// their codes mean, what well-known wordings point to, and how a number of
// servers were measured to answer. It is data, embedded as tables and decoded
// when first asked for.
package know

import (
	"strings"

	"smtpsh/protocol"
)

// Entry is what is known about one code or one wording.
type Entry struct {
	Short   string   // a few words, shown beside a reply
	Meaning string   // one plain sentence
	Causes  []string // what it usually comes from, the likeliest first
	Try     []string // what to do about it
	Certain bool     // the RFC says so; else it is a guess from experience
	Ref     protocol.Ref
}

// Code is what a reply code means, whatever was asked; ok is false for a code
// that no RFC gives a meaning to.
func Code(code int) (entry Entry, ok bool) {
	entry, ok = codes()[codeKey{code, ""}]
	return entry, ok
}

// After is what a reply code means as the answer to a verb, in any case of
// letters. Two answers have no verb: "greeting" is the banner, and "message"
// the answer to the dot that ends a message. Where the verb makes no
// difference it is Code.
func After(code int, verb string) (entry Entry, ok bool) {
	table := codes()
	if entry, ok = table[codeKey{code, strings.ToUpper(verb)}]; ok {
		return entry, true
	}
	// A 221 that nobody asked for is another thing than the answer to QUIT.
	if verb != "" {
		if entry, ok = table[codeKey{code, "OTHER"}]; ok {
			return entry, true
		}
	}
	return Code(code)
}

// Short is a few words on a reply code as the answer to a verb (see After). A
// code that is not known is told by its first digit, as clients must do (RFC
// 5321 §4.2.1); it is "" where that says nothing.
func Short(code int, after string) string {
	if entry, ok := After(code, after); ok {
		return entry.Short
	}
	if code < 200 || code > 599 {
		return ""
	}
	return classes[code/100]
}

// classes is what the first digit of a code says (RFC 5321 §4.2.1).
var classes = [6]string{2: "done", 3: "go on", 4: "not now; try again later", 5: "refused"}

// Enhanced is what an enhanced status code means (RFC 3463). A detail that is
// not known gives the meaning of its subject, and ok is false only when class
// or subject is not known either. A 2 before a detail that names a fault
// reports no fault, so there is nothing to try.
func Enhanced(e protocol.Enhanced) (entry Entry, ok bool) {
	if e.Class != 2 && e.Class != 4 && e.Class != 5 {
		return Entry{}, false
	}
	table := enhanced()
	entry, ok = table[enhancedKey{e.Subject, e.Detail}]
	if !ok {
		entry, ok = table[enhancedKey{e.Subject, subjectRow}]
	}
	if e.Class == 2 {
		entry.Causes, entry.Try = nil, nil
	}
	return entry, ok
}
