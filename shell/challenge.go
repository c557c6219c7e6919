package shell

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// challenge is what is known of a dialogue of challenges and answers.
type challenge struct {
	mechanism string // in upper case; "" when the command was no AUTH
	answers   int    // given so far
	fix       string // what Enter alone sends: the base64 of an answer that was none, never shown, or "*"
	held      string // the answer that was held; the same again is meant so, and "!"
	empty     bool   // an empty answer was held; once more it is meant so
}

func challengeFor(c protocol.Command) challenge {
	if !c.Is("AUTH") {
		return challenge{}
	}
	mechanism, initial, _ := strings.Cut(c.Args.Of(c.Raw), " ")
	d := challenge{mechanism: strings.ToUpper(mechanism)}
	if initial != "" {
		d.answers = 1
	}
	return d
}

// wants says what the next answer is, and whether it is a secret. Only the
// user name of LOGIN is known not to be one.
func (d challenge) wants() (what string, secret bool) {
	switch {
	case d.mechanism == "":
		return "answer", false
	case d.mechanism == "LOGIN" && d.answers == 0:
		return "user name in base64", false
	case d.mechanism == "LOGIN":
		return "password in base64", true
	case d.mechanism == "PLAIN":
		return "base64 of \\0user\\0password", true
	}
	return d.mechanism + " response in base64", true
}

// answerWanted is wants, as the prompt has it: no secret where secrets are
// shown.
func (sh *Shell) answerWanted() (what string, hidden bool) {
	what, hidden = sh.dialogue.wants()
	hidden = hidden && sh.hides()
	if hidden {
		what += notShown
	}
	return what, hidden
}

// notShown is what a prompt says that echoes nothing.
const notShown = ", not shown"

// answer sends the answer to a challenge: unchecked, but for its base64.
func (sh *Shell) answer(ctx context.Context, line term.Line) {
	d := &sh.dialogue
	text := line.Text
	_, secret := sh.answerWanted()
	sh.edit.offer = offer{}
	switch {
	case text == "" && d.fix != "":
		text = d.fix
	case text == "" && sh.attended() && !d.empty:
		d.empty = true
		sh.note(view.Caution, "An empty answer: Enter again sends it. * cancels the login.  RFC 4954 §4")
		return
	case strings.HasPrefix(text, b64):
		octets, err := unescape(text[len(b64):])
		if err != nil {
			sh.unsendable(err.Error())
			return
		}
		text = base64.StdEncoding.EncodeToString(octets)
	case strings.ContainsAny(text, "\r\n\x00"):
		sh.unsendable("a control character is in the answer.")
		return
	case text == "!" && d.mechanism != "" && d.held == "":
		sh.unsendable("no answer is held.")
		return
	case text == "!" && d.mechanism != "":
		text = d.held
	case strings.HasPrefix(text, "!") && d.mechanism != "" && !(secret && sh.attended()): // it may be of a password that is typed
		text = text[1:]
	case d.mechanism != "" && text != "*" && !isBase64(text):
		sh.holdAnswer(text, secret, "Not base64")
		return
	case sh.attended() && text != d.held && d.misfit(text): // nobody else could say that it is meant so
		sh.holdAnswer(text, secret, "Base64, but not of what belongs here, so it may be the text itself (the same again is sent as it is)")
		return
	}
	d.held, d.fix, d.empty = "", "", false
	d.answers++
	sh.put(ctx, protocol.Sent{Kind: protocol.SentResponse, Raw: []byte(text + "\r\n"), Auto: sh.echoes(), Secret: secret && text != "*"}, "AUTH")
}

// misfit reports base64 that decodes to what the mechanism cannot want: a
// word such as "practice" is base64 too, by chance.
func (d challenge) misfit(text string) bool {
	octets, err := base64.StdEncoding.DecodeString(text)
	if err != nil || text == "" {
		return false
	}
	switch d.mechanism {
	case "LOGIN":
		return !utf8.Valid(octets) || bytes.ContainsFunc(octets, unicode.IsControl)
	case "PLAIN":
		return bytes.Count(octets, []byte{0}) != 2 // RFC 4616 §2
	}
	return false
}

func (sh *Shell) holdAnswer(text string, secret bool, why string) {
	sh.fail(StatusHeld)
	if !sh.attended() {
		sh.note(view.Bad, "held: "+sh.where()+": the answer to a challenge is base64 (RFC 4954 §4): "+strings.ToLower(why[:1])+why[1:])
		sh.stopScript("the answer was held")
		return
	}
	sh.dialogue.held = text
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	if secret {
		sh.dialogue.fix = encoded
		sh.note(view.Caution, why+"; Enter sends its base64. ! sends it as it stands, * cancels the login.  RFC 4954 §4")
		return
	}
	sh.note(view.Caution, why+"; Enter sends its base64, below. ! sends it as it stands, * cancels the login.  RFC 4954 §4")
	sh.edit.offer = offer{text: encoded, typed: text, proposal: true}
}

// unsendable is an answer that cannot be sent. What comes behind it would be
// taken for it, so that without a person nothing may.
func (sh *Shell) unsendable(why string) {
	sh.note(view.Bad, "Not sent: "+why)
	if !sh.attended() {
		sh.stopHeld("the answer")
	}
}

// b64 begins an answer that is to be sent as its base64. A colon is no base64,
// so it cannot be meant otherwise.
const b64 = ":b64 "

// runB64 is :b64 where no challenge waits for it.
func (sh *Shell) runB64(context.Context, []string) outcome {
	return complain("No challenge waits for an answer: AUTH begins a login. Nothing was sent, nor kept.")
}

// unescape reads \0, \xNN and \\ as octets (RFC 4616 §2 has NUL between the
// parts of PLAIN, which no keyboard types).
func unescape(text string) ([]byte, error) {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		rest := text[i+1:]
		switch {
		case strings.HasPrefix(rest, "0"):
			out = append(out, 0)
			i++
		case strings.HasPrefix(rest, "\\"):
			out = append(out, '\\')
			i++
		case len(rest) >= 3 && rest[0] == 'x':
			octet, err := hex.DecodeString(rest[1:3])
			if err != nil {
				return nil, errors.New("two hexadecimal digits belong behind \\x")
			}
			out = append(out, octet...)
			i += 3
		default:
			return nil, errors.New("behind a backslash stands 0, xNN or another backslash")
		}
	}
	return out, nil
}

func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

// cancelChallenge is Ctrl-C at a challenge: it takes a proposal back, and then
// the line that cancels is the
// user's to send (RFC 4954 §4).
func (sh *Shell) cancelChallenge(text string) {
	if typed := sh.edit.offer.typed; typed != "" && typed != text {
		sh.edit.offer = offer{text: typed}
		return
	}
	if sh.dialogue.fix != "" {
		sh.dialogue.fix = ""
		sh.note(view.Dim, "Dropped. The server still waits for an answer; * cancels.")
		return
	}
	if _, secret := sh.answerWanted(); secret {
		sh.dialogue.fix = "*" // a proposal would not be seen
	} else {
		sh.edit.offer = offer{text: "*", proposal: true}
	}
	sh.note(view.Caution, "The server still waits for an answer: Enter sends \"*\", which cancels (RFC 4954 §4).")
}
