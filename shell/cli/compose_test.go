//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// envelope gets a session on the practice server to where a message belongs.
func (s *screen) envelope() {
	s.t.Helper()
	for _, line := range []string{"EHLO me.example", "MAIL FROM:<me@example.org>", "RCPT TO:<alice@example.org>"} {
		s.line(line)
	}
	s.at("practice.example rcpt 1> ")
}

// editor makes a program that changes the file it is given.
func editor(t *testing.T, script string) (env string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return "EDITOR=" + name
}

// TestEdit writes the message in an editor.
func TestEdit(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60), with(editor(t, `sed -i 's/^Subject: *$/Subject: from the editor/' "$1"; echo "the text" >>"$1"`), "VISUAL="))
	s.line(":edit")
	s.sees("MAIL and RCPT come first")
	s.envelope()
	s.line(":edit")
	s.sees("> DATA", "> From: me@example.org", "> To: alice@example.org", "> Date: ", "> Message-ID: <", "> Subject: from the editor", "> the text", "> .", "message accepted")
	s.at("practice.example greeted> ")
	s.line(":inbox")
	s.sees(`"from the editor"`)
}

// TestEditUnchanged sends nothing, nor where the editor fails.
func TestEditUnchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := practise(t, sized(120, 60), with("EDITOR=true", "VISUAL=", "TMPDIR="+dir))
	s.envelope()
	s.line(":edit")
	s.sees("Nothing was written, so nothing was sent.")
	s.at("practice.example rcpt 1> ")
	s2 := practise(t, sized(120, 60), with("EDITOR=true", "VISUAL=false", "TMPDIR="+dir))
	s2.envelope()
	s2.line(":edit")
	s2.sees(`Nothing was sent: the editor "false" failed`)
	s2.at("practice.example rcpt 1> ")
	s2.lacks("is kept in")
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// TestEditFailed keeps what was written where the editor fails behind it.
func TestEditFailed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(200, 60), with(editor(t, "echo 'the text' >>\"$1\"; exit 3\n"), "VISUAL=", "TMPDIR="+dir))
	s.envelope()
	s.line(":edit")
	s.matches(`(?s)Nothing was sent: the editor .*exit status 3.* What you wrote is kept in `)
	s.at("practice.example rcpt 1> ")
	left, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if len(left) != 1 || err != nil {
		t.Fatalf("%q are left, %v", left, err)
	}
	if text, err := os.ReadFile(left[0]); err != nil || !strings.HasSuffix(string(text), "\nthe text\n") {
		t.Errorf("the file holds %q, %v", text, err)
	}
	s.line(`:data "` + left[0] + `"`)
	s.sees("> the text", "message accepted")
}

// TestEditNotTaken keeps what was written, and what is attached, until a
// server has taken it.
func TestEditNotTaken(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{
		"DATA is refused":        "< 451 not now\n* eof",
		"the message is refused": "< 354 go\n" + strings.Repeat("* any\n", 20) + "> .\n" + "< 554 no\n* drain",
		"the connection is lost": "< 354 go\n* any\n* close",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "list.csv")
			if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			const envelope = "> MAIL FROM:<a@example.org>\n< 250 ok\n> RCPT TO:<b@example.org>\n< 250 ok\n> DATA\n"
			s := talk(t, "< 220 mx.example ESMTP\n> HELO me.example\n< 250 mx.example\n"+envelope+"< 354 go\n> .\n< 250 ok\n"+envelope+end,
				sized(120, 80), with(editor(t, `sed -i 's/^Subject: *$/Subject: mine/' "$1"`), "VISUAL="))
			s.at("mx.example connected> ")
			for _, line := range []string{"HELO me.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", ".",
				"MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", ":attach " + file, ":edit"} {
				s.line(line)
			}
			s.sees("What you wrote is kept in ", ".eml.")
			kept := regexp.MustCompile(`kept in (\S+\.eml)`).FindStringSubmatch(s.text())
			if kept == nil {
				t.Fatal("no file is named")
			}
			t.Cleanup(func() { _ = os.Remove(kept[1]) })
			if text, err := os.ReadFile(kept[1]); err != nil || !strings.Contains(string(text), "Subject: mine") {
				t.Errorf("the file holds %q, %v", text, err)
			}
			s.line(":attach")
			s.matches(`(?m)^ +list.csv  4 octets$`)
		})
	}
}

// TestCompose asks, and attaches.
func TestCompose(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line(":attach " + file)
	s.sees("list.csv  4 octets")
	s.line(":compose")
	s.at("subject> ")
	s.line("grüße")
	s.at("text> ")
	s.line("hello")
	s.at("text> ")
	s.line(".")
	s.sees("> Subject: =?", `filename="list.csv"`, "message accepted")
	s.at("practice.example greeted> ")
	s.line(":attach")
	s.sees("Nothing is attached")
}

// TestComposeNotTaken keeps the text where DATA is refused or the connection
// ends meanwhile, and where it is given up, apart from the message before it.
func TestComposeNotTaken(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> HELO me.example
		< 250 mx.example
		> MAIL FROM:<a@example.org>
		< 250 ok
		> RCPT TO:<b@example.org>
		< 250 ok
		> DATA
		< 354 go
		> the message before
		> .
		< 250 ok
		> MAIL FROM:<a@example.org>
		< 250 ok
		> RCPT TO:<b@example.org>
		< 250 ok
		> DATA
		< 451 not now
		> NOOP
		< 250 ok
		* eof`, sized(120, 80))
	s.at("mx.example connected> ")
	for _, line := range []string{"HELO me.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "the message before", ".",
		"MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", ":compose", "a subject", "the text of it", "."} {
		s.line(line)
	}
	s.sees("451 not now", "Your text is kept: :message shows it.")
	s.at("mx.example rcpt 1> ")
	s.line(":message")
	s.sees(":message\nthe text of it\n(not completed)\n")
	for _, line := range []string{":compose", "a subject", "given up"} {
		s.line(line)
	}
	s.at("text> ")
	s.keys(ctrlC)
	s.sees("Given up")
	s.line("NOOP")
	s.line(":message")
	s.sees(":message\ngiven up\n(not completed)\n")
}

// TestDataInAMessage sends a file in place of the first line; later it is text.
func TestDataInAMessage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(file, []byte("Subject: from a file\n\n.x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.line(":data " + file)
	s.sees("> Subject: from a file", "> ..x", "message accepted")
	s.at("practice.example greeted> ")
	for _, line := range []string{"MAIL FROM:<me@example.org>", "RCPT TO:<alice@example.org>", "DATA", "Subject: typed"} {
		s.line(line)
	}
	s.at("message> ")
	s.line(":data " + file)
	s.at("message> ")
	s.line(".")
	s.at("practice.example greeted> ")
	s.line(":inbox 2")
	s.sees("Subject: typed\n:data " + file)
}

// TestDotInAPaste asks about a lone dot that text follows.
func TestDotInAPaste(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.paste("Subject: dots\n\none\n.\ntwo\n")
	s.sees("A lone dot stands in the paste, and more behind it: 1 line.")
	s.at("message> .")
	s.keys("..", enter)
	s.sees("Going on with 1 pasted line.", "message> two")
	s.at("message> ")
	s.line("three")
	s.line(".")
	s.sees("message accepted")
	s.line(":inbox 1")
	s.sees("one\n.\ntwo\nthree\n")
	// Saved, the text behind the dot stays text.
	const want = "# In the message below, a line \"..\" was a lone dot, which a script cannot have as text.\nDATA\nSubject: dots\n\none\n..\ntwo\nthree\n.\n"
	if got := s.saved(); !strings.HasSuffix(got, want) {
		t.Errorf("saved %q, want it to end in %q", got, want)
	}
}

// TestSavedAbandoned leaves a message out that was given up, and saves the
// commands behind it as commands.
func TestSavedAbandoned(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.line("half of it")
	s.at("message> ")
	s.keys(ctrlC)
	s.sees("The message is not finished.")
	s.keys(ctrlC)
	s.at("disconnected> ")
	s.line(":reconnect")
	s.at("practice.example connected> ")
	s.line("NOOP again")
	s.at("practice.example connected> ")
	const want = "RCPT TO:<alice@example.org>\n# Left out: a message that was not completed.\n:close\n:reconnect\nNOOP again\n"
	if got := s.saved(); !strings.HasSuffix(got, want) {
		t.Errorf("saved %q, want it to end in %q", got, want)
	}
}

// saved is what :save writes.
func (s *screen) saved() string {
	s.t.Helper()
	name := filepath.Join(s.t.TempDir(), "saved.smtp")
	s.line(":save " + name)
	s.matches(`runs\s+them\s+again\.`)
	text, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// TestSecondMessageInAPaste asks about the dot of a text that goes on with the
// commands of a second message, as a stranger's text may.
func TestSecondMessageInAPaste(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.paste("Subject: x\n\none\n.\nMAIL FROM:<evil@example.org>\nRCPT TO:<bob@example.org>\nDATA\n")
	s.sees("A lone dot stands in the paste, and more behind it: 3 lines.")
	s.at("message> .")
	s.lacks("> MAIL FROM:<evil@example.org>", "queue id")
	s.keys(enter)
	s.sees("3 pasted lines behind the dot dropped.", "message accepted")
	s.at("practice.example greeted> ")
	s.line(":resume")
	s.sees("No paste was stopped.")
}

// TestRestOfABody runs nothing of a message as commands once that has ended,
// whatever stopped a paste before.
func TestRestOfABody(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line("EHLO me.example")
	s.paste("mail from a@example.org\nNOOP\n")
	s.at("practice.example greeted> mail from:<a@example.org>")
	s.line(":drop")
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.paste("one\n.\nNOOP two\nNOOP three\n")
	s.at("message> .")
	s.line("another line")
	s.sees("2 pasted lines behind the dot dropped.")
	s.at("message> ")
	s.line(".")
	s.at("practice.example greeted> ")
	s.line("MAIL FROM:<a@example.org>")
	s.at("practice.example mail> ")
	s.lacks("Going on with")
	s.line(":resume")
	s.sees("No paste was stopped.")
	s.line(":inbox 1")
	s.sees("one\nanother line\n")
}

// TestGroup keeps commands until an empty line, and forgets them on Ctrl-C.
func TestGroup(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line("EHLO me.example")
	s.line(":pipeline")
	s.at("group of 0> ")
	s.line("MAIL FROM:<a@b.example>")
	s.at("group of 1> ")
	s.line("rcpt to alice@b.example")
	s.sees("held: the colon and the angle brackets are missing")
	s.at("group of 1> rcpt to:<alice@b.example>")
	s.keys(enter)
	s.at("group of 2> ")
	s.keys(enter)
	s.sees("to MAIL <a@b.example>:\n250 2.1.0", "to RCPT <alice@b.example>:\n250 2.1.5")
	s.at("practice.example rcpt 1> ")
	s.line(":pipeline")
	s.line("RSET")
	s.at("group of 1> ")
	s.keys(ctrlC)
	s.sees("The group is forgotten; 1 command not sent.")
	s.at("practice.example rcpt 1> ")
}

// TestPasteInGroups sends the commands of a paste together.
func TestPasteInGroups(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line("EHLO me.example")
	s.line(":set paste pipeline")
	s.paste("MAIL FROM:<a@b.example>\nRCPT TO:<alice@b.example>\nDATA\nSubject: x\n\ntext\n.\nNOOP\nRSET\nVRFY alice\n")
	s.sees("> DATA\nto MAIL <a@b.example>:", "message accepted", "> VRFY alice\nto RSET:")
	s.at("practice.example greeted> ")
	s.line(":inbox 1")
	s.sees("Subject: x\n\ntext")
}

// TestSendAsks asks for what :send lacks, and again where the answer is of no
// use.
func TestSendAsks(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 80))
	s.line(":send")
	s.at("from (an address, or nothing for <>)> ")
	s.line("not an address")
	s.sees(`Once more: "not an address" is no address: what is wanted is like joe@example.org`)
	s.at("from (an address, or nothing for <>)> ")
	s.line("Joe <joe@example.org>")
	s.at("to (several with commas)> ")
	s.line("")
	s.sees(`Once more: "" is no address`)
	s.line("alice@example.org, Bob <bob@example.org>")
	s.at("subject> ")
	s.line("asked")
	s.at("text (a line, or @FILE)> ")
	s.line("@no-such-file")
	s.sees("Once more: --body: open no-such-file: no such file or directory.")
	s.line("a line")
	s.sees("> MAIL FROM:<joe@example.org>", "> RCPT TO:<alice@example.org>", "> RCPT TO:<bob@example.org>", "> Subject: asked", "> a line", "message accepted")
	s.at("practice.example greeted> ")
	s.line(":send --to alice@example.org --from '' --subject x --body y")
	s.sees("No sender is named, so the reverse-path is empty (<>, as in reports), and From names postmaster@")
}

// TestAttachAll attaches all the files that are named, or none.
func TestAttachAll(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "there.txt")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(120, 60))
	s.line(":attach " + file + " no-such-file")
	s.sees("Nothing was attached: stat no-such-file")
	s.line(":attach")
	s.sees("Nothing is attached; :attach FILE does that")
}
