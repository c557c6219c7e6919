//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletion presses Tab in each place where something can stand.
func TestCompletion(t *testing.T) {
	t.Parallel()
	const greeted = "mx.example greeted> "
	s := talk(t, `
		< 220 mx.example ESMTP
		> EHLO me.example
		< 250-mx.example
		< 250-SIZE 1000
		< 250-8BITMIME
		< 250-DSN
		< 250 AUTH PLAIN CRAM-MD5
		> MAIL FROM:<first@example.org>
		< 250 ok
		> RSET
		< 250 ok
		* eof`)
	s.at("mx.example connected> ")
	s.keys("EH", tab)
	s.at("mx.example connected> EHLO ")
	s.keys("m", tab)
	s.at("mx.example connected> EHLO me.example")
	s.keys(enter)
	s.at(greeted)
	rows := []struct {
		name  string
		typed []string
		want  string
	}{
		{"a verb and what always follows it", []string{"mai", tab}, "mail from:<"},
		{"the case that was typed", []string{"MAI", tab}, "MAIL FROM:<"},
		{"the word of the path", []string{"mail f", tab}, "mail from:<"},
		{"the verb of the other path", []string{"RC", tab}, "RCPT TO:<"},
		{"a verb without an argument gets no space", []string{"qu", tab}, "quit"},
		{"a parameter that the server offered", []string{"MAIL FROM:<a@b> S", tab}, "MAIL FROM:<a@b> SIZE="},
		{"the only value that fits", []string{"MAIL FROM:<a@b> BODY=8", tab}, "MAIL FROM:<a@b> BODY=8BITMIME"},
		{"no value without its own extension", []string{"MAIL FROM:<a@b> BODY=B", tab}, "MAIL FROM:<a@b> BODY=B"},
		{"a parameter of this verb only", []string{"MAIL FROM:<a@b> NOT", tab}, "MAIL FROM:<a@b> NOT"},
		{"a value in a list", []string{"RCPT TO:<a@b> NOTIFY=SUCCESS,D", tab}, "RCPT TO:<a@b> NOTIFY=SUCCESS,DELAY"},
		{"a mechanism that the server offered", []string{"AUTH CR", tab}, "AUTH CRAM-MD5"},
		{"a topic of HELP", []string{"HELP VR", tab}, "HELP VRFY"},
		{"behind an exclamation mark too", []string{"!mai", tab}, "!mail from:<"},
		{"in the middle of a line", []string{"MAI x", left, left, tab}, "MAIL FROM:<"},
		{"a local command", []string{":recon", tab}, ":reconnect"},
		{"a topic of :help", []string{":help prac", tab}, ":help practice"},
		{"an option", []string{":set ch", tab}, ":set check "},
		{"its value", []string{":set check w", tab}, ":set check warn"},
		{"nothing to offer", []string{"MAIL FROM:<a@b> Z", tab}, "MAIL FROM:<a@b> Z"},
	}
	for _, row := range rows {
		s.keys(row.typed...)
		s.at(greeted + row.want)
		s.keys(ctrlC)
		s.at(greeted)
	}
	s.line("MAIL FROM:<first@example.org>")
	s.at("mx.example mail> ")
	s.keys("rcpt to:<f", tab)
	s.at("mx.example mail> rcpt to:<first@example.org>")
	s.keys(ctrlC)
	s.line("RSET")
	s.at(greeted)
	s.keys(tab)
	s.sees("begin a transaction", "ask whether a user is known", "end the session")
	s.lacks("send a counted chunk")
}

// TestHint shows what comes next in grey, and never sends it.
func TestHint(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> EHLO me
		< 250-mx.example
		< 250 SIZE 1000
		> hel
		< 500 what
		* eof`)
	s.at("mx.example connected> ")
	s.line("EHLO me")
	s.at("mx.example greeted> ")
	for typed, hint := range map[string]string{
		"mail ":             "FROM:<reverse-path> [SIZE=n]",
		"ma":                "il FROM:<reverse-path> [parameters]",
		"MAIL FROM:<a":      "@domain>",
		"MAIL FROM:<a@b> ":  "[SIZE=n]",
		"MAIL FROM:<a@b> S": "IZE=n",
		"quit":              "",
		":op":               "en HOST[:PORT] | HOST PORT | URL | mx:DOMAIN | practice",
	} {
		s.keys(typed)
		s.between("mx.example greeted> "+typed, hint)
		s.keys(ctrlC)
		s.at("mx.example greeted> ")
	}
	s.keys("!hel")
	s.at("mx.example greeted> !hel")
	s.keys(enter)
	s.sees("500 what")
	if text := s.text(); strings.Contains(text, "!help") {
		t.Errorf("the hint was left on the screen or taken:\n%s", text)
	}
}

// TestFileCompletion offers files where a local command takes one.
func TestFileCompletion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"one.smtp", "other.pem", ".hidden", "with space"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(200, 50))
	s.keys(":source "+dir+"/on", tab)
	s.at("practice.example connected> :source " + dir + "/one.smtp")
	s.keys(ctrlU, ":set tls-ca "+dir+"/oth", tab)
	s.at("practice.example connected> :set tls-ca " + dir + "/other.pem")
	s.keys(ctrlU, ":tls sa", tab, " "+dir+"/f", tab)
	s.at("practice.example connected> :tls save " + dir + "/folder/")
}
