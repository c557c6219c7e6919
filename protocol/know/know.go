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
	return classes[code/100].Short
}

// classes is what the first digit of a code says.
var classes = [6]Entry{
	2: {Short: "done", Meaning: "The command was carried out.", Certain: true, Ref: protocol.Ref{RFC: 5321, Section: "4.2.1"}},
	3: {Short: "go on", Meaning: "The command was taken so far, and the server waits for more.", Certain: true, Ref: protocol.Ref{RFC: 5321, Section: "4.2.1"},
		Try: []string{"send what is wanted: the message after a 354, an answer after a 334"}},
	4: {Short: "not now; try again later", Meaning: "The command was not carried out, and the same may succeed at another time.", Certain: true, Ref: protocol.Ref{RFC: 5321, Section: "4.2.1"},
		Try: []string{"try the same again in some minutes"}},
	5: {Short: "refused", Meaning: "The command was not carried out, and the same will fail again.", Certain: true, Ref: protocol.Ref{RFC: 5321, Section: "4.2.1"},
		Try: []string{"change something before trying again"}},
}

// Class is what the first digit of a reply code says, which is all that a
// client must know of it (RFC 5321 §4.2.1); ok is false for a digit that begins
// no code.
func Class(digit int) (entry Entry, ok bool) {
	if digit < 2 || digit > 5 {
		return Entry{}, false
	}
	return classes[digit], true
}

// Subject is what the second number of an enhanced status code says (RFC 3463
// §3).
func Subject(n int) (entry Entry, ok bool) {
	entry, ok = enhanced()[enhancedKey{n, subjectRow}]
	return entry, ok
}

// Registered reports whether an enhanced status code is in IANA's registry
// (RFC 5248), whatever its class. Servers make up others, Exchange above all.
func Registered(e protocol.Enhanced) bool {
	_, ok := enhanced()[enhancedKey{e.Subject, e.Detail}]
	return ok
}

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
