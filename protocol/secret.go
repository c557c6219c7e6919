package protocol

import (
	"slices"
	"strings"
)

// mask stands for a credential; it hides the length too.
const mask = "****"

// HasSecret reports a command line that carries a credential.
func HasSecret(c Command) bool {
	_, ok := Credential(c.Raw)
	return ok
}

// MaskCommand is a command line without the credential in it, and without
// what stands behind that.
func MaskCommand(c Command) string {
	at, ok := Credential(c.Raw)
	if !ok {
		return c.Raw
	}
	return c.Raw[:at.Start] + mask
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
	at, line := s.credential()
	line = line[:at.Start] + mask
	s.Secret, s.Mask = false, Span{at.Start, len(line)}
	s.Raw = []byte(line + "\r\n")
	return s
}

// Credential is the octets in Raw that are the credential, nil for none. Of
// what was called a secret and looks like none it is all behind the verb.
func (s Sent) Credential() []byte {
	if !s.Secret {
		return nil
	}
	at, line := s.credential()
	return []byte(at.Of(line))
}

func (s Sent) credential() (Span, string) {
	line := strings.TrimRight(string(s.Raw), "\r\n")
	if s.Kind != SentCommand {
		return Span{0, len(line)}, line
	}
	if at, ok := Credential(line); ok {
		return at, line
	}
	c := Parse(line)
	return Span{c.Args.Start, len(line)}, line
}

// Masked is the event without a credential in its line, in what is said about
// that, or in the corrections of it, where it would be an AUTH when corrected
// ("AUHT PLAIN …").
func (a Advised) Masked() Advised {
	if a.Shown {
		return a
	}
	at, ok := credentialIn(a.Line, func(Command) []Diag { return a.Diags })
	if !ok {
		return a
	}
	hide := hiding(at.Of(a.Line))
	a.Line = a.Line[:at.Start] + mask
	a.Diags = slices.Clone(a.Diags)
	for i := range a.Diags {
		d := &a.Diags[i]
		if d.End > at.Start {
			d.Start, d.End = min(d.Start, at.Start), len(a.Line)
		}
		d.Message, d.Fix, d.Then = hide.Replace(d.Message), MaskCommand(Parse(d.Fix)), nil
	}
	return a
}

// Blank is the event with nothing of its line, for one that is a credential
// whatever it looks like.
func (a Advised) Blank() Advised {
	if a.Shown {
		return a
	}
	hide := hiding(a.Line)
	a.Line = mask
	a.Diags = slices.Clone(a.Diags)
	for i := range a.Diags {
		d := &a.Diags[i]
		d.Start, d.End, d.Message, d.Fix, d.Then = 0, len(mask), hide.Replace(d.Message), "", nil
	}
	return a
}

// hiding puts the mask in the place of each word of a credential, written as
// it was or in upper case, as advice writes mechanisms. A shorter word than
// three octets is as like as not a part of another one.
func hiding(credential string) *strings.Replacer {
	var words []string
	for word := range strings.FieldsSeq(credential) {
		if len(word) > 2 {
			words = append(words, word, strings.ToUpper(word))
		}
	}
	return masking(words)
}

// masking puts the mask in the place of each of the secrets. One may begin with
// another, whose mask would leave the rest of it to be read: the longest counts.
func masking(secrets []string) *strings.Replacer {
	secrets = slices.Clone(secrets)
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, text := range secrets {
		pairs = append(pairs, text, mask)
	}
	return strings.NewReplacer(pairs...)
}
