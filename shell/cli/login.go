package cli

import (
	"strings"

	"smtpsh/protocol"
)

// login is a login whose answers are lines of the file.
type login struct {
	left     int  // answers still to come
	confirms bool // the last of them is empty: it takes note of the server's own proof
}

// loginOf is what is to come behind an AUTH: as many answers as the mechanism
// takes, less one where the client speaks first and did so on the line itself
// (RFC 4954 §4).
func loginOf(command protocol.Command) login {
	mechanism, initial, _ := strings.Cut(command.Args.Of(command.Raw), " ")
	mechanism = strings.ToUpper(mechanism)
	l := login{left: 1}
	first := true
	switch {
	case mechanism == "LOGIN": // user name, password
		l.left = 2
	case mechanism == "CRAM-MD5": // the server speaks first
		first = false
	case mechanism == "DIGEST-MD5": // RFC 2831 §2: the response, then nothing to the server's
		l, first = login{left: 2, confirms: true}, false
	case strings.HasPrefix(mechanism, "SCRAM-"): // RFC 5802 §5: two messages, then nothing to the server's last
		l = login{left: 3, confirms: true}
	case mechanism == "NTLM":
		l.left = 2
	case mechanism == "GSSAPI": // RFC 4752 §3.1
		l.left = 3
	}
	if initial != "" && first {
		l.left--
	}
	return l
}

// answers reports whether the line is an answer to a challenge. The server's
// own proof may also come with the 235, so that the empty answer to it is left
// out: then the login is over, and the line is a command.
func (c *checker) answers(line string) bool {
	if c.login.left != 1 || !c.login.confirms || line == "" || line == "*" {
		return true
	}
	c.login = login{}
	c.state = c.state.After(protocol.Sent{Kind: protocol.SentResponse}).After(positive(235))
	return false
}

// answer judges an answer and takes the session on: to the next challenge, to
// the end of the login, or, after what is not base64, to the 501 that refuses
// it (RFC 4954 §4). A lone "*" cancels.
func (c *checker) answer(line string) (diags []protocol.Diag) {
	c.login.left--
	code := 235
	diags = protocol.CheckResponse(line)
	switch {
	case line == "*" || len(diags) > 0:
		code = 501
	case c.login.left > 0:
		code = 334
	}
	c.state = c.state.After(protocol.Sent{Kind: protocol.SentResponse}).After(positive(code))
	return diags
}
