package protocol

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// Echoes is the credentials that went out on a connection. A server that does
// not know a command says it back ("500 unknown: AUHT PLAIN …"), and so what
// was masked when it was sent would be shown when it comes back.
type Echoes struct {
	credentials []string          // oldest first, each once
	hide        *strings.Replacer // of them; nil when they have changed since
	login       bool              // the answers are those of AUTH LOGIN
	named       bool              // its user name was given, which is no secret
}

// Masked is e with the mask in the place of what was sent as a secret. It
// takes every event of a connection, in order.
func (x *Echoes) Masked(e Event) Event {
	switch e := e.(type) {
	case Opened:
		*x = Echoes{}
	case Sent:
		x.sent(e)
	case Received:
		if raw, echoed := x.Hide(e.Reply.Raw); echoed {
			hide := x.hiding()
			e.Reply.Raw = raw
			e.Reply.Lines = slices.Clone(e.Reply.Lines)
			for i, line := range e.Reply.Lines {
				e.Reply.Lines[i] = hide.Replace(line)
			}
		}
		return e
	case Closed:
		e.Tail, _ = x.Hide(e.Tail)
		return e
	}
	return e
}

// Hide is b with the mask in the place of what was sent as a secret, and
// whether there was any.
func (x *Echoes) Hide(b []byte) (hidden []byte, echoed bool) {
	if x.None() {
		return b, false
	}
	text := string(b)
	hid := x.hiding().Replace(text)
	if hid == text {
		return b, false
	}
	return []byte(hid), true
}

// HideHead is Hide of the head of a text that goes on behind b. A credential
// that begins in its last octets may not be whole, so it stops before those: used
// is how many octets of b it took, and fewer than the longest credential has are
// left.
func (x *Echoes) HideHead(b []byte) (hidden []byte, used int) {
	longest := 1
	for _, credential := range x.credentials {
		longest = max(longest, len(credential))
	}
	for used <= len(b)-longest {
		at := "" // the longest that stands here
		for _, credential := range x.credentials {
			if len(credential) > len(at) && b[used] == credential[0] && string(b[used:used+len(credential)]) == credential {
				at = credential
			}
		}
		if at == "" {
			hidden = append(hidden, b[used])
			used++
			continue
		}
		hidden = append(hidden, mask...)
		used += len(at)
	}
	return hidden, used
}

// None reports that no secret was sent.
func (x *Echoes) None() bool { return len(x.credentials) == 0 }

// sent notes what a server may say back of e: the credential, or the password
// in it.
func (x *Echoes) sent(e Sent) {
	if e.Kind == SentCommand {
		c := Parse(strings.TrimRight(string(e.Raw), "\r\n"))
		mechanism, _, initial := strings.Cut(c.Args.Of(c.Raw), " ")
		x.login = c.Is("AUTH") && strings.EqualFold(mechanism, "LOGIN")
		x.named = initial
	}
	words := strings.Fields(string(e.Credential()))
	if len(words) > 0 {
		last := words[len(words)-1]
		x.note(strings.TrimSpace(string(e.Credential())))
		x.note(last)
		x.note(x.password(last, e.Kind))
	}
	x.named = x.named || e.Kind == SentResponse
}

// password is the one in an answer as PLAIN has it (RFC 4616 §2) or LOGIN; ""
// in any other. One of letters alone is a word, which replies have for its own
// sake.
func (x *Echoes) password(answer string, kind SentKind) string {
	octets, err := base64.StdEncoding.DecodeString(answer)
	text := string(octets)
	i := strings.LastIndexByte(text, 0)
	switch {
	case err != nil || !utf8.Valid(octets):
		return ""
	case i < 0 && !(x.login && x.named && kind == SentResponse):
		return ""
	}
	if text = text[i+1:]; !strings.ContainsFunc(text, notLetter) {
		return ""
	}
	return text
}

// note keeps a text, and as a server may write it in letters of one case.
func (x *Echoes) note(credential string) {
	const shortest, most = 4, 512 // three octets may be anything; the oldest make room, for a login has few answers
	for _, text := range []string{credential, strings.ToUpper(credential), strings.ToLower(credential)} {
		if len(text) < shortest || slices.Contains(x.credentials, text) {
			continue
		}
		x.credentials, x.hide = append(x.credentials, text), nil
		if len(x.credentials) > most {
			x.credentials = slices.Delete(x.credentials, 0, 1)
		}
	}
}

func (x *Echoes) hiding() *strings.Replacer {
	if x.hide == nil {
		x.hide = masking(x.credentials)
	}
	return x.hide
}
