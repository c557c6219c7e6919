package trace

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"smtpsh/protocol/smtptest"
)

// TestPrograms runs the programs against a server that is not to be trusted,
// and has them tell what became of the message by their status.
func TestPrograms(t *testing.T) {
	const envelope = "< 220 mx\n> LHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> RCPT TO:<x@d>\n< 250 ok\n> DATA\n< 354 go\n> hi\n> .\n"
	rcpts := []Rcpt{{"RCPT TO:<c@d>", false}, {"RCPT TO:<x@d>", false}}
	rows := []struct {
		name, script string
		lmtp         bool
		rcpts        []Rcpt
		ok           bool
	}{
		{"escape sequences", "* raw 220 mx\\x1b[31m\\r\\n\n> EHLO me\n* raw 250-m\\x9bx\\x1b]0;x\\a\\r\\n250 \\xc2\\x9b\\r\\n\n> MAIL FROM:<a@b>\n< 250 ok\n> DATA\n< 354 go\n> hi\n> .\n< 250 ok\n> QUIT\n* raw 221 \\x1bc\\r\\n\n", false, nil, true},
		{"a message that is refused", "< 220 mx\n> EHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> DATA\n< 354 go\n> hi\n> .\n< 550 no\n> QUIT\n< 221 bye", false, nil, false},
		{"LMTP", envelope + "< 250 ok\n< 250 ok\n> QUIT\n< 221 bye", true, rcpts, true},
		{"LMTP that refuses the second", envelope + "< 250 ok\n< 550 no\n> QUIT\n< 221 bye", true, rcpts, false},
		{"LMTP that refuses the first", envelope + "< 550 no\n< 250 ok\n> QUIT\n< 221 bye", true, rcpts, false},
		{"LMTP without a recipient", "< 220 mx\n> LHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> DATA\n< 354 go\n> hi\n> .\n> QUIT\n< 221 bye", true, nil, true},
	}
	for name, run := range map[string][]string{"python": {"python3", "as.py"}, "go": {"go", "run", "as.go"}} {
		if _, err := exec.LookPath(run[0]); err != nil {
			t.Logf("%s is not here", run[0])
			continue
		}
		for _, row := range rows {
			host, port, _ := net.SplitHostPort(smtptest.Serve(t, row.script))
			tr := Transaction{Host: host, Port: port, LMTP: row.lmtp, Greeting: "EHLO me", Mail: "MAIL FROM:<a@b>", Rcpts: row.rcpts, Verb: "DATA", Whole: true, Message: []byte("hi\r\n")}
			if row.lmtp {
				tr.Greeting = "LHLO me"
			}
			text, err := As(name, tr)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(run[0], run[1:]...)
			cmd.Dir = t.TempDir()
			if err := os.WriteFile(filepath.Join(cmd.Dir, run[len(run)-1]), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := cmd.CombinedOutput()
			if (err == nil) != row.ok || !utf8.Valid(out) || bytes.ContainsFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Errorf("%s, %s: %v\n%q\nby\n%s", name, row.name, err, out, text)
			}
		}
	}
}

// TestProgramIsOneOfUTF8 has a server's name choose no coding of the program,
// in which what is quoted would end its quotes (PEP 263).
func TestProgramIsOneOfUTF8(t *testing.T) {
	text, err := As("python", Transaction{Host: "mx.example", Port: "25", Mail: "MAIL FROM:<a@b>"})
	if lines := strings.Split(text, "\n"); err != nil || lines[1] != "# coding: utf-8" {
		t.Errorf("%v: %q", err, lines)
	}
}
