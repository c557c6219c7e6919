//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// held is a session with a line in the edit line that was held.
func held(t *testing.T, typed, fix, script string) *screen {
	t.Helper()
	s := talk(t, "< 220 mx.example ESMTP\n"+script)
	s.at("mx.example connected> ")
	s.line(typed)
	s.at("mx.example connected> " + fix)
	return s
}

func TestHold(t *testing.T) {
	t.Parallel()
	const typed, fix = "mail from a@example.org", "mail from:<a@example.org>"
	t.Run("the caret stands under the fault", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "* eof")
		s.sees("mx.example connected> mail from a@example.org\n"+strings.Repeat(" ", len("mx.example connected> mail from"))+"^\n",
			"held: the colon and the angle brackets are missing  RFC 5321 §4.1.1.2", "! sends yours as it is")
	})
	t.Run("Enter sends the correction", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> "+fix+"\n< 250 ok\n* eof")
		s.keys(enter)
		s.at("mx.example mail> ")
		if !strings.Contains(s.history(), fix) {
			t.Error("the corrected line is not in the history")
		}
	})
	t.Run("a letter replaces it", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> NOOP\n< 250 ok\n* eof")
		s.keys("NOOP")
		s.at("mx.example connected> NOOP")
		s.keys(enter)
		s.sees("250 ok")
		s.at("mx.example connected> ")
	})
	t.Run("an arrow edits it", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> mail from:<a@example.orgy>\n< 250 ok\n* eof")
		s.keys(left)
		s.between("mx.example connected> mail from:<a@example.org", ">")
		s.keys("y", enter)
		s.at("mx.example mail> ")
	})
	t.Run("backspace edits it", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> mail from:<a@example.org\n< 501 what\n* eof")
		s.keys(backspace)
		s.at("mx.example connected> mail from:<a@example.org")
		s.keys(enter)
		s.at("mx.example connected> mail from:<a@example.org>")
		s.line("!")
		s.sees("501 what")
	})
	t.Run("Ctrl-C brings the typed line back", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> "+typed+"x\n< 501 what\n* eof")
		s.keys(ctrlC)
		s.at("mx.example connected> " + typed)
		s.keys("x", enter) // is held again
		s.at("mx.example connected> " + strings.Replace(fix, ">", "x>", 1))
		s.line("!")
		s.sees("501 what")
		s.at("mx.example connected> ")
	})
	t.Run("! sends the held line", func(t *testing.T) {
		t.Parallel()
		s := held(t, typed, fix, "> "+typed+"\n< 501 what\n* eof")
		s.line("!")
		s.sees("501 what")
		s.line("!")
		s.sees("No line is held.")
	})
	t.Run("!LINE sends LINE", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> "+typed+"\n< 501 what\n* eof")
		s.at("mx.example connected> ")
		s.line("!" + typed)
		s.sees("501 what")
	})
	t.Run("without a correction the line stays", func(t *testing.T) {
		t.Parallel()
		s := held(t, "MAIL FROM:<a@[300.0.2.7]>", "MAIL FROM:<a@[300.0.2.7]>", "* eof")
		s.sees("held: ", "Your line is kept below")
	})
	t.Run("the caret counts columns", func(t *testing.T) {
		t.Parallel()
		s := held(t, "日本 from", "日本 from", "* eof")
		s.matches(`(?m)^ {22}\^~~~$`)
	})
	t.Run("a wrapped line is shown again", func(t *testing.T) {
		t.Parallel()
		long := "mail from:<" + strings.Repeat("a", 120) + "@example..org>"
		s := talk(t, "< 220 mx.example ESMTP\n* eof")
		s.at("mx.example connected> ")
		s.line(long)
		s.sees("held: an empty label in the domain")
		s.matches(`(?m)^ +.*@example\.\.org>.*\n +\^~*$`)
	})
}

// TestPolicy has :set check decide about a line that breaks the grammar.
func TestPolicy(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> MAIL FROM a@example.org
		< 501 one
		> MAIL FROM b@example.org
		< 501 two
		* eof`)
	s.at("mx.example connected> ")
	s.line(":set check")
	s.matches(`(?m)^check +hold$`)
	s.line(":set check warn")
	s.matches(`(?m)^check +warn$`)
	s.line("MAIL FROM a@example.org")
	s.sees("note: the colon and the angle brackets are missing", "501 one")
	s.at("mx.example connected> MAIL FROM:<a@example.org>")
	s.keys(ctrlC)
	s.at("mx.example connected> ")
	s.line(":set check off")
	s.matches(`(?m)^check +off$`)
	s.line("MAIL FROM b@example.org")
	s.sees("501 two")
	s.lacks("colon-missing-brackets")
	s.line(":set check maybe")
	s.sees("check is hold, warn or off")
	s.line(":set chek off")
	s.sees("No option chek")
}

// TestFixBehindARefusal offers the RFC's form where the server wants that.
func TestFixBehindARefusal(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> EHLO me.example
		< 250 mx.example
		> MAIL FROM: a@example.org
		< 553 5.1.0 no
		> MAIL FROM:<a@example.org>
		< 250 ok
		* eof`)
	s.at("mx.example connected> ")
	s.line("EHLO me.example")
	s.at("mx.example greeted> ")
	s.line("MAIL FROM: a@example.org")
	s.at("mx.example greeted> MAIL FROM:<a@example.org>")
	s.keys(enter)
	s.at("mx.example mail> ")
}

// TestSeveralRecipients offers one RCPT after the other.
func TestSeveralRecipients(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> HELO me.example
		< 250 mx.example
		> MAIL FROM:<a@example.org>
		< 250 ok
		> RCPT TO:<b@example.org>
		< 250 ok
		> RCPT TO:<c@example.org>
		< 250 ok
		* eof`)
	s.at("mx.example connected> ")
	s.line("HELO me.example")
	s.at("mx.example greeted> ")
	s.line("MAIL FROM:<a@example.org>")
	s.at("mx.example mail> ")
	s.line("RCPT TO:<b@example.org>, <c@example.org>")
	s.at("mx.example mail> RCPT TO:<b@example.org>")
	s.keys(enter)
	s.at("mx.example rcpt 1> RCPT TO:<c@example.org>")
	s.keys(enter)
	s.at("mx.example rcpt 2> ")
}

// TestHeldErrand sends nothing of a group with a line that is held, in a script
// and typed, and offers no line that nobody typed.
func TestHeldErrand(t *testing.T) {
	t.Parallel()
	const send = ":send --from a@b.example --to d@e.example --subject x --body hi --dsn FOO --pipeline"
	script := filepath.Join(t.TempDir(), "script.smtp")
	if err := os.WriteFile(script, []byte(send+"\nNOOP\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := talk(t, "< 220 mx.example ESMTP\n> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n* eof", sized(160, 60))
	s.at("mx.example connected> ")
	s.line("EHLO me.example")
	for _, line := range []string{":source " + script, send} {
		s.at("mx.example greeted> ")
		s.line(line)
		s.sees("held: ")
		s.at("mx.example greeted> ")
	}
	s.line("!")
	s.sees("No line is held.", "line 1: a line of the message's envelope was held; the rest of the script is not run.")
	s.lacks("Your line is kept below", "> MAIL", "> NOOP")
}
