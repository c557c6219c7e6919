//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runLines runs a script of lines on the practice server, in a folder, and
// returns what it printed.
func runLines(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"--helo", "me.example", "-f", script}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
	out, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(err.Error(), "exit status 1") {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// received are the replies in what a run printed.
func received(out string) string {
	var replies strings.Builder
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "< ") {
			replies.WriteString(line)
		}
	}
	return replies.String()
}

// TestSaveAgain has what :save writes of a session give the same replies.
func TestSaveAgain(t *testing.T) {
	t.Parallel()
	const (
		envelope = "EHLO me.example\nMAIL FROM:<a@b.example>\nRCPT TO:<alice@b.example>\n"
		refused  = "RCPT TO:<dot550@b.example>\n"
		send     = ":send --from a@b.example --to alice@b.example --subject x --body 'a line'"
	)
	rows := []struct{ name, script, has string }{
		{"send", send + "\nNOOP\n" + send + "\n", "\nSubject: x\n"},
		{"send, refused in part", send + " --to 550@b.example\n" + send + " --to dot550@b.example\nNOOP\n", "RCPT TO:<550@b.example>\n"},
		{"send, nobody taken", ":send --from a@b.example --to 550@b.example --body x\nRSET\nNOOP\n", "RCPT TO:<550@b.example>\n"},
		{"send in chunks", send + " --bdat\nNOOP\n", " LAST\n"},
		{"send in small chunks", send + " --bdat --chunk 20\nNOOP\n", "# Left out: chunks of a message"},
		{"send, pipelined", send + " --pipeline --to bob@b.example\nNOOP\n", ":pipeline\nMAIL FROM:<a@b.example>"},
		{"send, pipelined for nobody", "EHLO me.example\n:send --pipeline --from a@b.example --to 550@b.example --body x\nNOOP\n", ":pipeline\nMAIL FROM:<a@b.example>"},
		{"send, stopped", send + " --stop-after rcpt\nRSET\n", "RSET\n"},
		{"a file", envelope + ":data small.eml\nNOOP\n", "\nDATA\nSubject: small\n\n.one\n# is text\nend\n.\nNOOP\n"},
		{"a file, refused", "EHLO me.example\nMAIL FROM:<a@b.example>\n" + refused + ":data small.eml\nNOOP\n", "\n.\nNOOP\n"},
		{"a file that is long", envelope + ":data long.eml\nNOOP\n", "\n:data long.eml\nNOOP\n"},
		{"a file with a lone dot", envelope + ":data dot.eml\nNOOP\n", "\n# In the message below, a line \"..\" was a lone dot, which a script cannot have as text.\nDATA\nSubject: dot\n\n..\nbehind\n.\nNOOP\n"},
		{"a file that begins as an expectation", envelope + ":data expect.eml\nNOOP\n", "\n:data expect.eml\nNOOP\n"},
		{"a file that begins as one in capitals", envelope + ":data capitals.eml\nNOOP\n", "\n:data capitals.eml\nNOOP\n"},
		{"a file with one behind an empty line", envelope + ":data behind.eml\nNOOP\n", "\nDATA\n\n:expect 999\nbody\n.\nNOOP\n"},
		{"a file where nobody takes it", "EHLO me.example\n:data small.eml\n:expect 5xx\nNOOP\n", "\nDATA\n:expect 5xx\nNOOP\n"},
		{"chunks of a file", envelope + ":bdat small.eml\nNOOP\n", "\nBDAT 40 LAST\nSubject: small\n"},
		{"chunks that end within lines", envelope + ":bdat small.eml --chunk 10\nNOOP\n", "\n:bdat small.eml --chunk 10\nNOOP\n"},
		{"a group", "EHLO me.example\n:pipeline\nMAIL FROM:<a@b.example>\n:expect 250\nRCPT TO:<550@b.example>\nRCPT TO:<bob@b.example>\n\nRSET\n", "\n:pipeline\nMAIL FROM:<a@b.example>\n:expect 250\nRCPT TO:<550@b.example>\nRCPT TO:<bob@b.example>\n\nRSET\n"},
		{"a group with its message", "EHLO me.example\n:pipeline\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@b.example>\nDATA\ntext\n.\nNOOP\n", "\nDATA\ntext\n.\nNOOP\n"},
		{"a group with a file", "EHLO me.example\n:pipeline\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@b.example>\n:data long.eml\nNOOP\n", "\nRCPT TO:<bob@b.example>\n:data long.eml\nNOOP\n"},
		{"a group with octets", "EHLO me.example\n:pipeline\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@b.example>\nBDAT 6 LAST\ntext\nNOOP\n", "\nBDAT 6 LAST\ntext\nNOOP\n"},
		{"expectations that failed", ":on-error continue\nEHLO me.example\n:expect 299\n:pipeline\nRSET\n:expect 298\n:expect 250\nNOOP\nNOOP\n", ":on-error continue\nEHLO me.example\n:pipeline\nRSET\n:expect 250\nNOOP\nNOOP\n"},
		{"a DATA that is refused", "EHLO me.example\nDATA\n:expect 503\nNOOP\nRSET\n", "\nDATA\n:expect 503\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{
				"first.smtp": row.script + ":save again.smtp\n:save --expect expecting.smtp\nQUIT\n",
				"small.eml":  "Subject: small\n\n.one\n# is text\nend\n",
				"dot.eml":    "Subject: dot\n\n.\nbehind\n", "expect.eml": ":expect 999\n\nbody\n", "capitals.eml": ":EXPEC 999\nbody\n", "behind.eml": "\n:expect 999\nbody\n",
				"long.eml": "Subject: long\n\n" + strings.Repeat(strings.Repeat("x", 70)+"\n", 20000),
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			first := runLines(t, dir, "first.smtp")
			again, _ := os.ReadFile(filepath.Join(dir, "again.smtp"))
			if !strings.Contains(string(again), row.has) {
				t.Errorf("no %q in\n%s", row.has, again)
			}
			for _, script := range []string{"again.smtp", "expecting.smtp"} {
				text, _ := os.ReadFile(filepath.Join(dir, script))
				if strings.Contains(string(text), ":expect 250\n:expect 250\n") {
					t.Errorf("%s expects the same twice:\n%s", script, text)
				}
				// What was left out has no reply, and one RSET stands for it.
				if out := runLines(t, dir, script); received(out)+"< 221 2.0.0 practice.example says goodbye\n" != received(first) && !strings.Contains(string(text), "# Left out") {
					t.Errorf("%s gives\n%s\nand the session gave\n%s\nit is\n%.2000s", script, out, first, text)
				} else if strings.Contains(out, "expected ") && !strings.Contains(out, "as expected: ") {
					t.Errorf("%s gives\n%s", script, out)
				}
			}
		})
	}
}

// TestSaveWritten has a message that was composed, one that was edited, and a
// file that was named behind a 354 stand in the script of the session.
func TestSaveWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(file, []byte("Subject: from a file\n\nits text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(120, 200), with(editor(t, `sed -i 's/^Subject: *$/Subject: edited/' "$1"`), "VISUAL="))
	s.envelope()
	s.line(":compose")
	s.at("subject> ")
	s.line("composed")
	s.at("text> ")
	s.line("a line")
	s.at("text> ")
	s.line(".")
	s.at("practice.example greeted> ")
	s.envelope()
	s.line(":edit")
	s.at("practice.example greeted> ")
	s.envelope()
	s.line("DATA")
	s.at("message> ")
	s.line(":data " + file)
	s.at("practice.example greeted> ")
	saved := s.saved()
	for _, want := range []string{"Subject: composed\n", "\n\na line\n.\n", "Subject: edited\n", "\nDATA\nSubject: from a file\n\nits text\n.\n"} {
		if !strings.Contains(saved, want) {
			t.Errorf("no %q in\n%s", want, saved)
		}
	}
	if strings.Count(saved, "\nDATA\n") != 3 || strings.Count(saved, "\n.\n") != 3 {
		t.Errorf("three messages are saved as\n%s", saved)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "again.smtp"), []byte(saved), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := runLines(t, dir, "again.smtp"); strings.Count(out, "message accepted, queued as") != 3 {
		t.Errorf("it gives\n%s", out)
	}
}

// TestSaveTypedExpectation has no script where a message begins with an :expect
// that was typed as its text, for in one it would be an expectation.
func TestSaveTypedExpectation(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 80))
	s.envelope()
	for _, line := range []string{"DATA", ":EXPECT 999", "body", "."} {
		s.line(line)
	}
	s.sees("message accepted")
	s.line("NOOP")
	s.envelope()
	for _, line := range []string{"DATA", "x", ":expect 999", "."} {
		s.line(line)
	}
	s.at("practice.example greeted> ")
	const envelope = "EHLO me.example\nMAIL FROM:<me@example.org>\nRCPT TO:<alice@example.org>\n"
	const want = envelope + "# Left out: a message that is too long to stand in a script, or has a first line or octets that no message of one has.\nRSET\nNOOP\n" +
		envelope + "DATA\nx\n:expect 999\n.\n"
	if got := s.saved(); got != want {
		t.Errorf("saved %q, want %q", got, want)
	}
}

// TestDiffOfALongMessage sends no half of a message to the other server.
func TestDiffOfALongMessage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"diff.smtp": "EHLO me.example\nMAIL FROM:<a@b.example>\nRCPT TO:<alice@b.example>\n:data long.eml\n:diff practice\n:diff --message practice\nQUIT\n",
		"long.eml":  "Subject: long\n\n" + strings.Repeat(strings.Repeat("x", 70)+"\n", 20000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], "-f", "diff.smtp")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
	out, _ := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != 2 || !strings.Contains(string(out), "longer than 1 MB and is not kept whole") || strings.Count(string(out), "queued as") != 1 {
		t.Errorf("status %d\n%s", status, out[max(0, len(out)-1500):])
	}
}
