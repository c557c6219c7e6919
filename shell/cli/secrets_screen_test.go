//go:build unix

package cli_test

import (
	"encoding/base64"
	"strings"
	"syscall"
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

// TestNoSecretTyped types each line of a list at a prompt, and looks at what
// is left of it: on the screen, in the history, for Ctrl-Y, for the arrow keys.
func TestNoSecretTyped(t *testing.T) {
	t.Parallel()
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	plain := b64("\x00" + secretUser + "\x00" + secret)
	rows := []struct{ name, peer, line, want string }{
		{"mistyped", "* eof", "AUHT PLAIN " + plain, "> AUTH PLAIN ****"}, // the correction, as a proposal
		{"run on", "* eof", "AUTHPLAIN " + plain, "> AUTH PLAIN ****"},
		{"with a colon", "* eof", "AUTH:PLAIN " + plain, "> AUTH PLAIN ****"},
		{"spaced", "> AUTH  PLAIN " + plain + "\n< 501 no\n* eof", "AUTH  PLAIN " + plain, "> AUTH PLAIN ****"}, // as the RFC writes it
		{"bare", "* eof", b64(secret), "> ****"},
		{"said back", "* any\n< 500 unknown: " + b64(secret) + "\n* eof", "!" + b64(secret), "500 unknown: ****"},
		{":auth", "* eof", ":auth PLAIN " + secretUser + " " + secret, "usage: :auth"},
		{":password", "* eof", ":password " + secret, "No local command :password"},
		{":set", "* eof", ":set auth-password " + secret, "set auth-password ****"},
		{":b64", "* eof", ":b64 " + secret, "No challenge waits"},
		{"late", "> AUTH LOGIN\n< 503 5.5.1 no\n* eof", "AUTH LOGIN\n" + secret, "unknown here"},
		{"kept", "> NOOP\n< 421 bye\n* close", "NOOP\nAUTH PLAIN " + plain, "AUTH PLAIN ****"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := talk(t, offersAuth+row.peer, sized(200, 60))
			s.line("EHLO me.example")
			s.at("mx.example greeted> ")
			for line := range strings.Lines(row.line) {
				s.line(strings.TrimSuffix(line, "\n"))
			}
			s.sees(row.want)
			s.keys(ctrlC)
			s.keys(ctrlC, ctrlY, up, up, ctrlU)
			s.line(":raw")
			s.line(":explain")
			s.line(":history")
			s.line(":set")
			s.sees("show-secrets")
			noSecret(t, "the screen", s.text())
			noSecretIn(t, s.state)
		})
	}
}

// TestNoSecretInThePaste stops pastes with credentials in what was not sent.
func TestNoSecretInThePaste(t *testing.T) {
	t.Parallel()
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	plain := b64("\x00" + secretUser + "\x00" + secret)
	rows := []struct{ name, peer, paste, want string }{
		{"behind a refusal", "> NOOP\n< 500 no\n* eof", "NOOP\nAUTH PLAIN " + plain + "\nAUTH LOGIN\n" + b64(secretUser) + "\n" + b64(secret) + "\n!AUHT PLAIN " + plain + "\n", "(the answer to AUTH, not shown)"},
		{"in clear behind a refusal", "> NOOP\n< 500 no\n* eof", "NOOP\nAUTH LOGIN\n" + secretUser + "\n" + secret + "\n:b64 " + secret + "\n", ":b64 ****"},
		{"behind a refused AUTH", "> AUTH LOGIN\n< 454 later\n* eof", "AUTH LOGIN\n" + secretUser + "\n" + secret + "\nQUIT\n", "    QUIT"},
		{"behind an answer that was held", "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n* eof", "AUTH LOGIN\nnot base64\n" + secret + "\nQUIT\n", "    QUIT"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := talk(t, offersAuth+row.peer, sized(200, 60))
			s.line("EHLO me.example")
			s.at("mx.example greeted> ")
			s.paste(row.paste)
			s.sees("The paste stops here", row.want)
			noSecret(t, "the screen", s.text())
			noSecretIn(t, s.state)
		})
	}
	t.Run("goes on behind an answer that was held", func(t *testing.T) {
		t.Parallel()
		s := talk(t, offersAuth+"> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> "+b64(secretUser)+"\n< 334 UGFzc3dvcmQ6\n> "+b64(secret)+"\n< 235 ok\n> NOOP\n< 250 done\n* eof", sized(200, 60))
		s.line("EHLO me.example")
		s.at("mx.example greeted> ")
		s.paste("AUTH LOGIN\n" + b64(secretUser) + "\n" + secret + "\nNOOP\n")
		s.sees("Not base64; Enter sends its base64", "    NOOP")
		s.keys(enter)
		s.sees("235 ok", "Going on with 1 pasted line.", "250 done")
		noSecret(t, "the screen", s.text())
	})
}

// TestNoSecretWhenEnded ends the program by a signal while a credential stands
// in the edit line, or its password is asked for.
func TestNoSecretWhenEnded(t *testing.T) {
	t.Parallel()
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + secretUser + "\x00" + secret))
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT} {
		s := talk(t, offersAuth+"* drain", sized(200, 300))
		s.line("EHLO me.example")
		s.at("mx.example greeted> ")
		s.keys("AUTH PLAIN "+plain+"x", left)
		s.between("mx.example greeted> AUTH PLAIN "+plain, "x")
		s.signal(sig)
		<-s.ended
		noSecret(t, "the screen after "+sig.String(), s.text())
		noSecretIn(t, s.state)
	}
}

// TestSecretsShown has them shown everywhere, once they are asked for by name.
func TestSecretsShown(t *testing.T) {
	t.Parallel()
	s := talk(t, offersAuth+"> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n* any\n< 334 UGFzc3dvcmQ6\n> c2VjcmV0\n< 535 no\n* any\n< 535 no\n* eof", sized(140, 60))
	s.line("EHLO me.example")
	s.line(":set show-secrets on")
	s.sees("Secrets are shown from here on")
	s.line("AUTH LOGIN")
	s.at("user name in base64> ")
	s.line("bWU=")
	s.at("password in base64> ")
	s.line("secret")
	s.sees("Not base64; Enter sends its base64, below.")
	s.at("password in base64> c2VjcmV0")
	s.keys(enter)
	s.at("mx.example greeted> ")
	s.line(":auth PLAIN joe")
	s.at("password> ")
	s.keys("sesame", enter)
	s.sees("> AUTH PLAIN AGpvZQBzZXNhbWU=")
	s.line("AUHT PLAIN AGpvZQBzZXNhbWU=")
	s.at("mx.example greeted> AUTH PLAIN AGpvZQBzZXNhbWU=")
	s.sees("mx.example greeted> AUHT PLAIN AGpvZQBzZXNhbWU=")
}

// TestEmptyAnswer is asked about once: Enter is pressed sooner than meant.
func TestEmptyAnswer(t *testing.T) {
	t.Parallel()
	s := talk(t, offersAuth+"> AUTH PLAIN\n< 334 \n> \n< 501 no\n> AUTH PLAIN\n< 334 \n> *\n< 501 cancelled\n* eof", sized(140, 60))
	s.line("EHLO me.example")
	s.line("AUTH PLAIN")
	s.at("base64 of \\0user\\0password, not shown> ")
	s.keys(ctrlC)
	s.sees("Enter sends \"*\"")
	s.keys(ctrlC)
	s.sees("Dropped. The server still waits")
	s.keys(enter)
	s.sees("An empty answer: Enter again sends it.")
	s.keys(enter)
	s.sees("501 no")
	s.line("AUTH PLAIN")
	s.at("base64 of \\0user\\0password, not shown> ")
	s.keys(ctrlC, enter)
	s.sees("501 cancelled")
}
