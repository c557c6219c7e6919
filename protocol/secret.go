package protocol

import (
	"slices"
	"strings"
)

// mask stands for a credential; it hides the length too.
const mask = "****"

// HasSecret reports a command line that carries a credential: an AUTH with an
// initial response (RFC 4954 §4).
func HasSecret(c Command) bool {
	return c.Is("AUTH") && strings.ContainsAny(c.Args.Of(c.Raw), " \t")
}

// MaskCommand is a command line without the credential in it: everything
// behind the mechanism of an AUTH.
func MaskCommand(c Command) string {
	if !HasSecret(c) {
		return c.Raw
	}
	return c.Raw[:wordEnd(c.Raw, c.Args.Start)] + " " + mask
}

// maskLine is MaskCommand for a line that has a secret, whatever its verb is:
// of one that is no AUTH the verb alone is left.
func maskLine(c Command) string {
	if HasSecret(c) {
		return MaskCommand(c)
	}
	return c.Name.Of(c.Raw) + " " + mask
}

// Masked is e without the credential in it, where it may have one.
func Masked(e Event) Event {
	switch secret := e.(type) {
	case Sent:
		if secret.Secret {
			return secret.Masked()
		}
	case Advised:
		return secret.Masked()
	}
	return e
}

// Masked is the event without the credential in it: four asterisks stand in
// Raw instead, and Mask says where. An event without a secret is returned as
// it is, so a masked event is a value like any other: it can be shown,
// written down and read back, and gives the session that the secret one gave.
func (s Sent) Masked() Sent {
	if !s.Secret {
		return s
	}
	line := mask
	if s.Kind == SentCommand {
		line = maskLine(Parse(strings.TrimRight(string(s.Raw), "\r\n")))
	}
	s.Secret, s.Mask = false, Span{len(line) - len(mask), len(line)}
	s.Raw = []byte(line + "\r\n")
	return s
}

// Masked is the event without a credential in its line or in the corrections
// of it, where it would be an AUTH when corrected ("AUHT PLAIN …").
func (a Advised) Masked() Advised {
	c := Parse(a.Line)
	if !HasSecret(c) && !slices.ContainsFunc(a.Diags, func(d Diag) bool { return d.hasSecret(c.Raw) }) {
		return a
	}
	a.Line = maskLine(c)
	a.Diags = slices.Clone(a.Diags)
	for i := range a.Diags {
		a.Diags[i].Fix = MaskCommand(Parse(a.Diags[i].Fix))
	}
	return a
}

// hasSecret reports a credential in the correction of line, or one that the
// correction left out ("LOGIN joe secret").
func (d Diag) hasSecret(line string) bool {
	fix := Parse(d.Fix)
	return HasSecret(fix) || fix.Is("AUTH") && len(strings.Fields(line)) > len(strings.Fields(d.Fix))
}
