//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"testing"
)

// greeted is a session that is greeted with EHLO, over a history of its own.
func greeted(t *testing.T, history, rest string) *screen {
	t.Helper()
	state := t.TempDir()
	if history != "" {
		dir := filepath.Join(state, "smtpsh")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "history"), []byte(history), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := talk(t, `
		< 220 mx ESMTP
		> EHLO me
		< 250-mx
		< 250-SIZE 1000
		< 250-8BITMIME
		< 250-AUTH PLAIN LOGIN
		< 250 DSN
		`+rest, stateIn(state))
	s.at("mx connected> ")
	s.line("EHLO me")
	s.at("mx greeted> ")
	return s
}

func TestCompletionAtThePrompt(t *testing.T) {
	t.Parallel()
	const history = "mail from:<alice@example.org>\nRCPT TO:<Bob@example.com>\nEHLO client.example.net\n:open mail.example.org 587\nmail from broken@example.org\n"
	s := greeted(t, history, "* eof")
	tests := []struct{ typed, line string }{
		{"mai\t", "mail from:<"},
		{"MAI\t", "MAIL FROM:<"},
		{"Mai\t", "MAIL FROM:<"},
		{"mail \t", "mail from:<"},
		{"mail fr\t", "mail from:<"},
		{"mail from:\t", "mail from:<"},
		{"mail from:<al\t", "mail from:<alice@example.org>"},
		{"rcpt to:<b\t", "rcpt to:<Bob@example.com>"},
		{"mail from:<x@example.org> si\t", "mail from:<x@example.org> size="},
		{"MAIL FROM:<x@example.org> SI\t", "MAIL FROM:<x@example.org> SIZE="},
		{"mail from:<x@example.org> body=8\t", "mail from:<x@example.org> body=8BITMIME"},
		{"mail from:<x@example.org> smtpu\t", "mail from:<x@example.org> smtpu"}, // not offered
		{"rcpt to:<x@example.org> noti\t", "rcpt to:<x@example.org> notify="},
		{"rcpt to:<x@example.org> notify=SUCCESS,FA\t", "rcpt to:<x@example.org> notify=SUCCESS,FAILURE"},
		{"mail from:<x@example.org> noti\t", "mail from:<x@example.org> noti"}, // RCPT's
		{"ehlo cl\t", "ehlo client.example.net"},
		{"ehlo me.\t", "ehlo me.example"},
		{"auth pl\t", "auth PLAIN"},
		{"help ma\t", "help MAIL"},
		{"vrfy Bo\t", "vrfy Bob@example.com"},
		{"!mai\t", "!mail from:<"},
		{":op\t", ":open "},
		{":open mail\t", ":open mail.example.org 587"},
		{":open pr\t", ":open practice"},
		{":help prac\t", ":help practice"},
		{":set che\t", ":set check "},
		{":set check w\t", ":set check warn"},
		{"noop x\t", "noop x"},
		{"zz\t", "zz"},
	}
	for _, tt := range tests {
		s.keys(tt.typed)
		s.at("mx greeted> " + tt.line)
		s.keys(ctrlU)
		s.at("mx greeted> ")
	}
	s.keys("\t")
	s.sees("MAIL FROM:<", "begin a transaction: who the mail is from")
	s.lacks("RCPT TO:<  ") // not in order yet
	s.at("mx greeted> ")
}

// TestHintOnTheScreen shows what may come next, and never takes it.
func TestHintOnTheScreen(t *testing.T) {
	t.Parallel()
	s := greeted(t, "", "> mail\n< 501 what\n* eof")
	s.keys("mail ")
	s.between("mx greeted> mail ", "FROM:<reverse-path> [SIZE=octets] [BODY=7BIT|8BITMIME] [RET=FULL|HDRS] …")
	s.keys("from:<a@example.org>")
	s.between("mx greeted> mail from:<a@example.org>", " [SIZE=octets] [BODY=7BIT|8BITMIME] [RET=FULL|HDRS] …")
	s.keys(left)
	s.between("mx greeted> mail from:<a@example.org", ">")
	s.keys(ctrlU)
	s.keys("!mail", enter)
	s.sees("501 what", "greeted> !mail\n")
	s.keys(ctrlC)
	s.at("mx greeted> ")
	s.keys("dat")
	s.between("mx greeted> dat", "a")
	s.keys(right)
	s.between("mx greeted> dat", "a")
}
