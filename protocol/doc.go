// Package protocol says what SMTP is: its verbs and parameters as tables, the
// grammar of a command line, the replies, the events of a session and what
// they make of its state, and the advice that follows from all of these.
//
// Everything here is a value. Nothing in this package opens a socket, reads a
// clock or prints; the packages around it do (wire, shell/view), and so one
// set of rules serves the client, the practice server, the scripts and the
// tests alike.
package protocol

import "strconv"

// Ref names the place in an RFC that a rule comes from.
type Ref struct {
	RFC     int    // the number: 5321
	Section string // the section without its sign: "4.1.1.2"; an appendix by its letter: "C"
}

// String writes the reference as people cite it: "RFC 5321 §4.1.1.2",
// "RFC 5321 appendix C", or "RFC 821" when there is no section.
func (r Ref) String() string {
	switch {
	case r.RFC == 0:
		return ""
	case r.Section == "":
		return "RFC " + strconv.Itoa(r.RFC)
	case r.Section[0] >= 'A' && r.Section[0] <= 'Z':
		return "RFC " + strconv.Itoa(r.RFC) + " appendix " + r.Section
	}
	return "RFC " + strconv.Itoa(r.RFC) + " §" + r.Section
}
