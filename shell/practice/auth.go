package practice

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"smtpsh/protocol"
)

// User and Password are what AUTH takes.
const (
	User     = "practice"
	Password = "practice"
)

// turn is what a mechanism makes of a response: a challenge and who takes the
// response to that, or, when next is nil, the end of the exchange.
type turn struct {
	challenge string
	next      func(*session, string) turn
	verdict   answer
}

// mechanism is a row of the table of SASL mechanisms.
type mechanism struct {
	name    string
	begin   func(*session) turn // the first challenge; an empty one where the client begins
	initial bool                // AUTH may bring the first response with it
}

// mechanisms are in the order in which EHLO offers them, the best first. All
// are offered in plaintext too, against RFC 4954 §4: the password is known to
// everybody, and to see it go by is an exercise.
var mechanisms = []mechanism{
	{"SCRAM-SHA-256", func(*session) turn { return turn{next: scramFirst} }, true},
	{"CRAM-MD5", (*session).cram, false},
	{"PLAIN", func(*session) turn { return turn{next: plain} }, true},
	// LOGIN has the server begin, and yet clients send the user at once, and servers take it.
	{"LOGIN", func(*session) turn { return turn{challenge: "Username:", next: loginUser} }, true},
}

// mechanismNames is what EHLO says behind AUTH (RFC 4954 §3).
func mechanismNames() string {
	names := make([]string, len(mechanisms))
	for i, m := range mechanisms {
		names[i] = m.name
	}
	return strings.Join(names, " ")
}

// auth begins an exchange (RFC 4954 §4).
func (s *session) auth(c protocol.Command) answer {
	name, initial, given := strings.Cut(argument(c), " ")
	initial = strings.Trim(initial, " ")
	for _, m := range mechanisms {
		if !strings.EqualFold(m.name, name) {
			continue
		}
		t := m.begin(s)
		switch {
		case !given:
			return s.proceed(t)
		case !m.initial:
			return one(501, "5.7.0", m.name+" takes no initial response: the server begins")
		case initial == "=": // stands for an empty one, which a bare space could not show
			return s.proceed(t.next(s, ""))
		}
		return s.take(t, initial)
	}
	return one(504, "5.5.4", "no mechanism "+strings.ToUpper(name)+" here; there are "+mechanismNames())
}

// respond takes the line that answers a challenge; whatever it is, it is no
// command.
func (s *session) respond(line string) answer {
	t := turn{next: s.pending}
	s.pending = nil
	if line == "*" {
		return one(501, "5.7.0", "AUTH is cancelled")
	}
	return s.take(t, line)
}

// take hands a response in base64 to the mechanism.
func (s *session) take(t turn, text string) answer {
	response, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // the decoder passes over those; RFC 4954 §4 does not
		return one(501, "5.5.2", "this is not base64, so AUTH is over")
	}
	return s.proceed(t.next(s, string(response)))
}

// proceed answers with a challenge, or ends the exchange.
func (s *session) proceed(t turn) answer {
	if t.next == nil {
		return t.verdict
	}
	s.pending = t.next
	// No code and no text but the challenge; an empty one leaves "334 " (RFC 4954 §4).
	a := one(334, "", base64.StdEncoding.EncodeToString([]byte(t.challenge)))
	a.then = stepChallenge
	return a
}

// tooLong answers a line that is longer than the buffer, and breaks off an
// exchange that it belongs to.
func (s *session) tooLong() answer {
	if s.pending != nil {
		s.pending = nil
		return one(500, "5.5.6", "this line is too long for an answer, so AUTH is over") // RFC 4954 §4
	}
	return one(500, "5.5.2", "this line is too long for a command") // RFC 5321 §4.5.3.1.9
}

// verdict ends an exchange: ok is whether the client proved to know user's
// password. A wrong name and a wrong password are answered alike.
func (s *session) verdict(user string, ok bool) turn {
	if subtle.ConstantTimeCompare([]byte(user), []byte(User)) != 1 || !ok {
		return turn{verdict: one(535, "5.7.8", "wrong user name or password; here both are practice")}
	}
	s.authed = true
	return turn{verdict: one(235, "2.7.0", "logged in as "+User)}
}

// malformed ends an exchange whose response the mechanism cannot read.
func malformed(what string) turn {
	return turn{verdict: one(501, "5.5.2", "in base64 this should be "+what)}
}

func samePassword(password string) bool {
	return subtle.ConstantTimeCompare([]byte(password), []byte(Password)) == 1
}

// plain takes the one message of PLAIN (RFC 4616 §2).
func plain(s *session, response string) turn {
	part := strings.Split(response, "\x00")
	if len(part) != 3 {
		return malformed("NUL, the user, NUL and the password")
	}
	acts := part[0] == "" || part[0] == part[1] // nobody here acts for another
	return s.verdict(part[1], samePassword(part[2]) && acts)
}

// loginUser takes the first of LOGIN's two responses. The mechanism has no
// RFC; these are the prompts that clients insist on.
func loginUser(_ *session, user string) turn {
	return turn{challenge: "Password:", next: func(s *session, password string) turn {
		return s.verdict(user, samePassword(password))
	}}
}

// cram begins CRAM-MD5 with a challenge that never came before (RFC 2195 §2).
func (s *session) cram() turn {
	challenge := "<" + s.srv.Nonce() + "@" + s.srv.Hostname + ">"
	return turn{challenge: challenge, next: func(s *session, response string) turn {
		i := strings.LastIndexByte(response, ' ') // a user name may have spaces
		if i < 0 {
			return malformed("the user, a space and the digest in hexadecimal")
		}
		digest := hmac.New(md5.New, []byte(Password))
		digest.Write([]byte(challenge))
		want := hex.EncodeToString(digest.Sum(nil))
		return s.verdict(response[:i], hmac.Equal([]byte(response[i+1:]), []byte(want)))
	}}
}
