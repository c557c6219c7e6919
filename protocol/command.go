package protocol

import "strings"

// Command is a typed line taken apart. Parse never fails and loses nothing:
// even a broken line can be sent as it stands, and Raw is that line.
type Command struct {
	Raw    string  // the line as typed, without a line end
	Verb   *Verb   // the row of the table; nil when the first word is no verb
	Name   Span    // the first word: the verb as typed
	Args   Span    // what stands behind the verb, without the space between
	Path   Path    // MAIL, RCPT and their like: what stands behind the colon
	Params []Given // ESMTP parameters, in order
}

// Span is a part of a line, as byte offsets [Start, End).
type Span struct{ Start, End int }

// Of cuts the span out of line.
func (s Span) Of(line string) string { return line[s.Start:s.End] }

// Empty reports a span of no bytes.
func (s Span) Empty() bool { return s.Start >= s.End }

// Path is a reverse-path or forward-path within a command line
// (RFC 5321 §4.1.2). Null is the empty reverse-path "<>".
type Path struct {
	Span         // the whole path, brackets included
	Mailbox Span // local-part "@" domain, or "Postmaster", or what stands there instead
	Null    bool // "<>"
}

// Given is one ESMTP parameter as typed (RFC 5321 §4.1.2, esmtp-param).
type Given struct {
	Span          // the whole parameter
	Key      Span // the keyword
	Value    Span // the value; empty when there is none
	HasValue bool // an "=" was typed
}

// Is reports whether the command's verb has this name.
func (c Command) Is(verb string) bool { return c.Verb != nil && c.Verb.Name == verb }

// Mailbox is the address that the path names, without brackets; "" for "<>".
func (c Command) Mailbox() string { return c.Path.Mailbox.Of(c.Raw) }

// Param finds a parameter's value by its keyword, in any case of letters.
func (c Command) Param(key string) (value string, ok bool) {
	for _, g := range c.Params {
		if strings.EqualFold(g.Key.Of(c.Raw), key) {
			return g.Value.Of(c.Raw), true
		}
	}
	return "", false
}
