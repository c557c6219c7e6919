package sasl

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// single is a mechanism of one message: PLAIN, EXTERNAL and ANONYMOUS.
type single struct {
	sealed
	name     string
	response []byte
}

func (x *single) Initial() ([]byte, bool)     { return bytes.Clone(x.response), true }
func (x *single) Next([]byte) ([]byte, error) { return nil, unexpected(x.name) }
func (x *single) Done() error                 { return nil }

// startPlain makes message = [authzid] NUL authcid NUL passwd (RFC 4616 §2).
// The words go as they are: preparing them is the server's task.
func startPlain(c Credentials) (Exchange, error) {
	for _, field := range []struct{ what, text string }{
		{"the identity", c.Identity}, {"the user", c.User}, {"the password", c.Secret},
	} {
		if err := checkText(field.what, field.text, "\x00"); err != nil {
			return nil, err
		}
	}
	return &single{name: "PLAIN", response: []byte(c.Identity + "\x00" + c.User + "\x00" + c.Secret)}, nil
}

// startExternal sends the authorization identity, or an empty response for the
// one that the server derives by itself (RFC 4422 §A.1).
func startExternal(c Credentials) (Exchange, error) {
	if err := checkText("the identity", c.Identity, "\x00"); err != nil {
		return nil, err
	}
	return &single{name: "EXTERNAL", response: []byte(c.Identity)}, nil
}

// startAnonymous sends the user's word as trace information, which has at most
// 255 characters (RFC 4505 §2).
func startAnonymous(c Credentials) (Exchange, error) {
	if err := checkText("the trace information", c.User, "\x00"); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(c.User) > 255 {
		return nil, fmt.Errorf("%w: trace information has at most 255 characters", ErrCredentials)
	}
	return &single{name: "ANONYMOUS", response: []byte(c.User)}, nil
}

// login is the mechanism of draft-murchison-sasl-login: two prompts, two
// answers.
type login struct {
	sealed
	user, secret         string
	gaveUser, gaveSecret bool
}

func (x *login) Initial() ([]byte, bool) { return nil, false }

// Next answers a prompt by its words where they are clear, and by its place
// where they are not: the draft fixes "User Name" and "Password" with a NUL,
// and servers write what they like. Nothing is given twice.
func (x *login) Next(challenge []byte) ([]byte, error) {
	prompt := strings.ToLower(string(challenge))
	user, pass := strings.Contains(prompt, "user"), strings.Contains(prompt, "pass")
	if user == pass {
		user = !x.gaveUser
	}
	switch {
	case user && !x.gaveUser:
		x.gaveUser = true
		return []byte(x.user), nil
	case !user && !x.gaveSecret:
		x.gaveSecret = true
		return []byte(x.secret), nil
	}
	return nil, fmt.Errorf("LOGIN: %w: it asks again for what was given", ErrChallenge)
}

func (x *login) Done() error { return nil }

// cram is the mechanism of RFC 2195.
type cram struct {
	sealed
	user, secret string
	answered     bool
}

func (x *cram) Initial() ([]byte, bool) { return nil, false }

// Next answers with the user, a space, and HMAC-MD5 over the challenge in
// lower-case hexadecimal (RFC 2195 §2).
func (x *cram) Next(challenge []byte) ([]byte, error) {
	if x.answered {
		return nil, unexpected("CRAM-MD5")
	}
	if len(challenge) == 0 {
		return nil, fmt.Errorf("CRAM-MD5: %w: it is empty, and so never a fresh one", ErrChallenge)
	}
	x.answered = true
	mac := hmac.New(md5.New, []byte(x.secret))
	mac.Write(challenge)
	return []byte(x.user + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

func (x *cram) Done() error { return nil }

// oauth is XOAUTH2 and OAUTHBEARER: one message, and on failure a challenge
// that explains it and wants an answer before the final reply.
type oauth struct {
	sealed
	name      string
	response  []byte
	reply     string // what answers the explanation
	answered  bool
	explained string
}

func (x *oauth) Initial() ([]byte, bool) { return bytes.Clone(x.response), true }

func (x *oauth) Next(challenge []byte) ([]byte, error) {
	if x.answered {
		return nil, unexpected(x.name)
	}
	x.answered, x.explained = true, string(challenge)
	return []byte(x.reply), nil
}

// Done reports a 235 behind an explanation of failure, which cannot be.
func (x *oauth) Done() error {
	if x.answered {
		return fmt.Errorf("%s: %w: a success follows the server's explanation of a failure", x.name, ErrChallenge)
	}
	return nil
}

// Explained is the JSON in which the server says why the token will not do.
func (x *oauth) Explained() string { return x.explained }

// startXOAuth2 makes Google's message: fields end in ^A, the message in one
// more. An empty answer to the explanation fetches the final reply.
func startXOAuth2(c Credentials) (Exchange, error) {
	if err := checkOAuth(c); err != nil {
		return nil, err
	}
	return &oauth{name: "XOAUTH2", response: []byte("user=" + c.User + "\x01auth=Bearer " + c.Secret + "\x01\x01")}, nil
}

// startBearer makes the message of RFC 7628 §3.1: the GS2 header, and key-value
// pairs that end in ^A. The explanation is answered with a lone ^A (§3.2.3).
func startBearer(c Credentials) (Exchange, error) {
	if err := checkOAuth(c); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("n,")
	if identity := cmp.Or(c.Identity, c.User); identity != "" {
		b.WriteString("a=" + saslName(identity))
	}
	b.WriteString(",\x01")
	if c.Host != "" {
		b.WriteString("host=" + c.Host + "\x01")
	}
	if c.Port != 0 {
		b.WriteString("port=" + strconv.Itoa(c.Port) + "\x01")
	}
	b.WriteString("auth=Bearer " + c.Secret + "\x01\x01")
	return &oauth{name: "OAUTHBEARER", response: []byte(b.String()), reply: "\x01"}, nil
}

func checkOAuth(c Credentials) error {
	for _, field := range []struct{ what, text string }{
		{"the identity", c.Identity}, {"the user", c.User}, {"the token", c.Secret}, {"the host", c.Host},
	} {
		if err := checkText(field.what, field.text, "\x00\x01"); err != nil {
			return err
		}
	}
	return nil
}
