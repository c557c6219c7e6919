//go:build unix

package cli_test

import (
	"encoding/base64"
	"testing"
)

// TestNoSecretOnScreen does the same at a terminal: where a password is asked
// for not an octet of it is echoed, and what was typed with a command is gone
// once it was entered.
func TestNoSecretOnScreen(t *testing.T) {
	t.Parallel()
	t.Run("asked for", func(t *testing.T) {
		t.Parallel()
		s := talk(t, offersAuth+"* any\n< 535 5.7.8 no\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n* any\n< 334 UGFzc3dvcmQ6\n* any\n< 535 no\n* drain")
		s.line("EHLO me.example")
		s.at("mx.example greeted> ")
		s.line(":auth PLAIN " + secretUser)
		s.at("password, not shown> ")
		s.keys(secret, enter)
		s.sees("535 5.7.8 no")
		s.line("AUTH LOGIN")
		s.at("user name in base64> ")
		s.line(base64.StdEncoding.EncodeToString([]byte(secretUser)))
		s.at("password in base64, not shown> ")
		s.keys(secret, enter)
		s.sees("Not base64; Enter sends its base64")
		s.keys(enter)
		s.sees("535 no")
		s.line(":raw")
		s.line(":history")
		s.line(":explain")
		s.sees("535  ")
		s.mu.Lock()
		raw := string(s.raw)
		s.mu.Unlock()
		noSecret(t, "what the terminal got", raw)
		noSecretIn(t, s.state)
	})
	t.Run("typed", func(t *testing.T) {
		t.Parallel()
		s := talk(t, offersAuth+"* any\n< 535 5.7.8 no\n* drain", sized(200, 60))
		s.line("EHLO me.example")
		s.at("mx.example greeted> ")
		s.line("AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00"+secretUser+"\x00"+secret)))
		s.sees("AUTH PLAIN ****", "535 5.7.8 no")
		s.line(":raw")
		s.line(":history")
		s.keys(up, up, up)
		s.at("mx.example greeted> AUTH PLAIN")
		noSecret(t, "the screen", s.text())
		noSecretIn(t, s.state)
	})
}
