//go:build unix

package cli_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestInterrupt presses Ctrl-C in each state.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	t.Run("while the greeting is awaited", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "* eof")
		s.sees("waiting for the server's greeting")
		s.keys(ctrlC)
		s.at("127.0.0.1 waiting +1 owed> ")
		s.sees("Stopped waiting; the server's greeting is still owed")
		s.line(":close")
		s.at("disconnected> ")
	})
	t.Run("while a reply is awaited, which comes late", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> NOOP\n* wait 3s\n< 250 late\n> NOOP again\n< 250 in time\n* eof")
		s.at("mx.example connected> ")
		s.line("NOOP")
		s.sees("waiting for the reply to NOOP")
		s.keys(ctrlC)
		s.sees("Stopped waiting; the reply to NOOP is still owed")
		s.keys("NOOP")
		s.sees("250 late")
		s.at("mx.example connected> NOOP")
		s.keys(" again", enter)
		s.sees("250 in time")
		s.lacks("unasked")
	})
	t.Run("in a message, and on with it", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> DATA\n< 354 go\n> one\n> two\n> .\n< 250 done\n* eof")
		s.at("mx.example connected> ")
		s.line("DATA")
		s.at("message> ")
		s.line("one")
		s.at("message> ")
		s.keys("two", ctrlC)
		s.at("message, Ctrl-C abandons> two")
		s.keys(enter)
		s.at("message> ")
		s.line(".")
		s.sees("250 done")
	})
	t.Run("in a message, and out", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> DATA\n< 354 go\n> one\n* eof")
		s.at("mx.example connected> ")
		s.line("DATA")
		s.at("message> ")
		s.line("one")
		s.at("message> ")
		s.keys(ctrlC)
		s.at("message, Ctrl-C abandons> ")
		s.keys(ctrlC)
		s.at("disconnected> ")
		s.line(":message")
		s.sees("\none\n(not completed)")
		if strings.Contains(s.history(), "one") {
			t.Error("a line of the message is in the history")
		}
	})
	t.Run("at a challenge", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> *\n< 501 cancelled\n* eof")
		s.at("mx.example connected> ")
		s.line("AUTH LOGIN")
		s.at("user name in base64> ")
		s.sees(`it says "Username:"`)
		s.keys(ctrlC)
		s.at("user name in base64> *")
		s.keys(enter)
		s.sees("501 cancelled")
		s.at("mx.example connected> ")
	})
}

func TestEndOfInput(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> QUIT\n< 221 bye\n* close")
	s.at("mx.example connected> ")
	s.keys(ctrlD)
	s.exits(0)
	s.sees("> QUIT", "221 bye")
}

// TestUnasked has the server speak up and leave while a line is being typed.
func TestUnasked(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		* wait 2s
		< 421 4.3.2 shutting down
		* close
		---
		< 220 mx.example ESMTP
		> NOOP kept
		< 250 ok
		* eof`)
	s.at("mx.example connected> ")
	s.keys("NOOP kept")
	s.sees("421 4.3.2 shutting down", "going away", "The server closed the connection.")
	s.at("disconnected> NOOP kept")
	s.keys(enter)
	s.at("disconnected> :reconnect")
	s.keys(enter)
	s.at("mx.example connected> NOOP kept")
	s.keys(enter)
	s.sees("250 ok")
}

// TestCloseInAMessage keeps a body line from becoming a command.
func TestCloseInAMessage(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> DATA\n< 354 go\n> one\n* wait 2s\n* close")
	s.at("mx.example connected> ")
	s.line("DATA")
	s.at("message> ")
	s.line("one")
	s.at("message> ")
	s.keys("half a line")
	s.at("disconnected> ")
	s.sees("The message was not completed.")
	s.line(":message")
	s.sees("\none\nhalf a line\n(not completed)")
	if strings.Contains(s.history(), "half") {
		t.Error("a line of the message is in the history")
	}
}

// TestSecrets types a password and looks for it everywhere.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const password = "aHVudGVyMg=="
	s := talk(t, "< 220 mx.example ESMTP\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> am9l\n< 334 UGFzc3dvcmQ6\n> "+password+"\n< 235 ok\n> AUTH PLAIN "+password+"\n< 503 no\n* eof")
	s.at("mx.example connected> ")
	s.line("AUTH LOGIN")
	s.at("user name in base64> ")
	s.line("joe")
	s.at("user name in base64> am9l")
	s.keys(enter)
	s.at("password in base64, not shown> ")
	s.keys("hunter2", enter) // no base64: Enter alone sends its base64
	s.sees("Not base64; Enter sends its base64.")
	s.keys(enter)
	s.sees("235 ok")
	s.at("mx.example connected> ")
	s.line(":raw")
	s.sees(`> ****\r\n`)
	for what, text := range map[string]string{"screen": s.text(), "history": s.history()} {
		for _, secret := range []string{password, "hunter2"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q:\n%s", what, secret, text)
			}
		}
	}
	s.line("AUTH PLAIN " + password)
	s.sees("503 no")
	s.line(":raw")
	s.sees(`> AUTH PLAIN ****\r\n`)
	if history := s.history(); strings.Contains(history, password) || !strings.Contains(history, "AUTH PLAIN\n") {
		t.Errorf("history:\n%s", history)
	}
}

// TestHistoryOutlives looks at the history after the program was killed.
func TestHistoryOutlives(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.line("NOOP remember")
	s.sees("still here")
	s.at("practice.example connected> ")
	s.signal(syscall.SIGKILL)
	<-s.ended
	info, err := os.Stat(s.historyFile())
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(s.history(), "NOOP remember\n") {
		t.Errorf("%v, %v:\n%s", info, err, s.history())
	}
	again := practise(t, stateIn(s.state))
	again.keys(up)
	again.at("practice.example connected> NOOP remember")
	again.keys(ctrlC, ctrlR, "rem")
	again.sees("NOOP remember")
}

func TestSignalsAndSizes(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.keys("NOOP 日本語")
	s.at("practice.example connected> NOOP 日本語")
	s.resize(70, 20)
	s.keys(left, "x")
	s.between("practice.example connected> NOOP 日本x", "語")
	s.resize(120, 50)
	s.keys(ctrlC)
	s.at("practice.example connected> ")
	s.keys("NOOP " + strings.Repeat("z", 300))
	s.keys(enter)
	s.sees("still here")
	s.line(":opne")
	s.sees("did you mean :open?")
	s.line(":help practice")
	s.sees("550@any.domain", "slow@any.domain")
	s.signal(syscall.SIGTERM)
	s.exits(130)
}

// TestAbandonedLine keeps the line that was begun with the message it belongs
// to: at the prompt it would be a command.
func TestAbandonedLine(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 50))
	for _, line := range []string{"HELO me.example", "MAIL FROM:<a@b.example>", "RCPT TO:<alice@b.example>", "DATA"} {
		s.line(line)
	}
	s.at("message> ")
	s.line("first")
	s.at("message> ")
	s.keys("rset", ctrlC)
	s.at("message, Ctrl-C abandons> rset")
	s.keys(" and more", ctrlC)
	s.sees("Abandoned:")
	s.at("disconnected> ")
	s.line(":message")
	s.sees("first\nrset and more\n(not completed)")
}
