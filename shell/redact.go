package shell

import (
	"slices"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/sasl"
)

// mask stands for a credential, as in package protocol.
const mask = "****"

// credentialIn is where the credential begins in a line as it is typed here,
// be it for the server or for the shell; the length of the line for none.
func credentialIn(text string) int {
	switch {
	case strings.HasPrefix(text, "!"):
		return 1 + credentialIn(text[1:])
	case strings.HasPrefix(text, ":"):
		return min(localCredential(text), protocol.PasswordInURL(text))
	}
	if at, ok := protocol.Credential(text); ok {
		return at.Start
	}
	return len(text)
}

// masked is a typed line as it may be shown.
func masked(text string) string {
	if at := credentialIn(text); at < len(text) {
		return text[:at] + mask
	}
	return text
}

// localCredential is where the credential begins in a local command. None
// takes a password, but :b64, and people give them all the same.
func localCredential(text string) int {
	words := wordSpans(text)
	name := words[0].Of(text)
	l, near := findLocal(name)
	switch {
	case l != nil:
		near = l.Name
	case soundsSecret(name): // ":password x", ":pass=x"
		return 1 + strings.IndexFunc(text[1:]+" ", notLetter)
	}
	switch words = words[1:]; {
	case len(words) == 0:
	case near == ":b64":
		return words[0].Start
	case near == ":open": // joe:password@host
		target := words[0].Of(text)
		if user, _, both := strings.Cut(target[:max(strings.LastIndexByte(target, '@'), 0)], ":"); both && !strings.Contains(target, "://") {
			return words[0].Start + len(user) + 1
		}
	case near == ":auth":
		return passwordForAuth(text, words)
	case near == ":set" || near == ":let":
		option, _, assigned := strings.Cut(words[0].Of(text), "=")
		known := near == ":set" && slices.ContainsFunc(Options(), func(o Option) bool { return strings.EqualFold(o.Name, option) })
		switch {
		case !soundsSecret(option) || known:
		case assigned:
			return words[0].Start + len(option) + 1
		case len(words) > 1:
			return words[1].Start
		}
	}
	return len(text)
}

// passwordForAuth is where what :auth does not take begins: behind the
// mechanism and the user stands a password.
func passwordForAuth(text string, words []protocol.Span) int {
	mechanism, user := false, false
	for _, at := range words {
		switch word := at.Of(text); {
		case word == insecureFlag, word == initialFlag:
		case strings.HasPrefix(word, "--"):
			return at.Start
		case !mechanism && !user && sasl.Find(word) != nil:
			mechanism = true
		case !user:
			user = true
		default:
			return at.Start
		}
	}
	return len(text)
}

// soundsSecret reports a name of something that is one.
func soundsSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"pass", "pwd", "secret", "token", "credential"}, func(part string) bool { return strings.Contains(name, part) })
}

func notLetter(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }

// wordSpans are the words of a line that is not empty.
func wordSpans(text string) []protocol.Span {
	var words []protocol.Span
	at := 0
	for _, word := range strings.Fields(text) {
		start := at + strings.Index(text[at:], word)
		at = start + len(word)
		words = append(words, protocol.Span{Start: start, End: at})
	}
	return words
}

// forHistory is a line without the credential that it may carry, and "" where
// nothing is left that would be worth to be found again.
func forHistory(text string) string {
	at := credentialIn(text)
	if at == len(text) {
		return text
	}
	kept := strings.TrimRight(text[:at], " \t:=")
	if strings.HasPrefix(kept, ":") && !strings.Contains(kept, " ") || kept == "!" {
		return ""
	}
	return kept
}

// Redact is what remains of a line on the screen once it was entered: all but
// a credential.
func (a *Assist) Redact(line string) string {
	switch {
	case a.shown.Load():
		return line
	case a.late.Load() && noCommand(line):
		return mask
	}
	return masked(line)
}

// lateAnswer reports a line that is the answer to a challenge of a login that
// is over, as like as not: a password, which nothing may keep.
func (sh *Shell) lateAnswer(text string) bool {
	return sh.dialogue.mechanism != "" && noCommand(text)
}

// noCommand reports a line that is no command, nor one that is mistyped.
func noCommand(text string) bool {
	c := protocol.Parse(text)
	if text == "" || strings.IndexByte(":!#", text[0]) >= 0 || c.Verb != nil || c.Name.Empty() {
		return false
	}
	corrected := func(d protocol.Diag) bool { return d.Fix != "" }
	return c.Args.Empty() && isBase64(text) || !slices.ContainsFunc(protocol.Check(c), corrected)
}

// afterLogin ends a dialogue of challenges that was taken, and begins one with
// a command that the server took for an AUTH, whatever it was.
func (sh *Shell) afterLogin() {
	switch s := sh.hub.Session(); {
	case s.LastCode()/100 == 2:
		sh.begins(challenge{})
	case s.Mode() == protocol.ModeChallenge && s.LastCode() == 334 && sh.dialogue.mechanism == "":
		sh.begins(challenge{mechanism: "AUTH"})
	}
}

// begins has the next answers be those of a login, or of none.
func (sh *Shell) begins(d challenge) {
	sh.dialogue = d
	sh.Assist().late.Store(d.mechanism != "")
}
