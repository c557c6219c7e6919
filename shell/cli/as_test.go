//go:build unix

package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smtpsh/protocol/trace"
)

// elsewhere is how a tool's text is run: with what, and from a file of which
// name.
var elsewhere = map[string]struct{ needs, run, file string }{
	"swaks":   {"swaks", "sh", "as.sh"},
	"curl":    {"curl", "sh", "as.sh"},
	"openssl": {"openssl", "sh", "as.sh"},
	"telnet":  {"nc", "sh", "as.sh"}, // stands in for telnet, which has no way to be quiet
	"python":  {"python3", "python3", "as.py"},
	"go":      {"go", "go run", "as.go"},
}

// sessions are what is done again, and by which tools it can be; "" is all.
var sessions = []struct{ name, args, lines, tools string }{
	{"plain", "", "EHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<550@example.org>\nRCPT TO:<alice@example.test>\nDATA\nFrom: a@example.org\nSubject: it's \"$(touch pwned)\" `id` \\ %s %FROM_ADDRESS%\n\n.dots\n..more\n-n\nüber\t€\n\nend\n.\nQUIT\n", "swaks curl telnet python go"},
	{"odd addresses", "", "EHLO me.example\nMAIL FROM:<\"o'brien $(touch pwned)\"@example.org>\nRCPT TO:<a'`id`&b@example.test>\nRCPT TO:<-x@example.test>\nDATA\nSubject: x\n\n.\n", "swaks curl telnet python go"},
	{"parameters", "", "EHLO me.example\nMAIL FROM:<> BODY=8BITMIME RET=HDRS\nRCPT TO:<alice@example.test> NOTIFY=NEVER\nDATA\nSubject: x\n\nx\n.\n", "telnet python go"},
	{"STARTTLS and a login", "--auth-user practice --auth-password-env SMTP_PASSWORD --tls starttls", "EHLO me.example\n:auth PLAIN\nMAIL FROM:<a@example.org>\nRCPT TO:<alice@example.test>\nDATA\nSubject: x\n\nx\n.\n", "swaks curl openssl python go"},
	{"another login", "--auth-user practice --auth-password-env SMTP_PASSWORD", "EHLO me.example\n:auth LOGIN\nMAIL FROM:<a@example.org>\nRCPT TO:<alice@example.test>\nDATA\nSubject: x\n\nx\n.\n", "swaks curl telnet python go"},
	{"a third", "--auth-user practice --auth-password-env SMTP_PASSWORD", "EHLO me.example\n:auth CRAM-MD5\nMAIL FROM:<a@example.org>\nRCPT TO:<alice@example.test>\nDATA\nSubject: x\n\nx\n.\n", "swaks curl python go"},
	{"TLS from the start", "--tls implicit", "EHLO me.example\nMAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\nSubject: x\n\nx\n.\n", "swaks curl openssl python go"},
	{"chunks", "", "EHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<alice@example.test>\n:bdat message.eml --chunk 9\n", "telnet python go"},
}

// TestAsRuns has each tool do again what a session did, and compares what
// arrived.
func TestAsRuns(t *testing.T) {
	t.Parallel()
	names, _ := trace.Tools()
	for _, session := range sessions {
		for _, name := range names {
			if !slices.Contains(strings.Fields(session.tools), name) {
				continue
			}
			t.Run(session.name+" with "+name, func(t *testing.T) {
				t.Parallel()
				tool := elsewhere[name]
				if _, err := exec.LookPath(tool.needs); err != nil {
					t.Skip(tool.needs + " is not here")
				}
				done(t, session.args, session.lines, name)
			})
		}
	}
}

func done(t *testing.T, args, lines, name string) {
	dir := t.TempDir()
	server, address := listening(t, strings.Contains(args, "implicit"))
	host, port, _ := net.SplitHostPort(address)
	inDir := func(stdin string, words ...string) (string, error) {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), programVar+"=1", "SMTP_USER=practice", "SMTP_PASSWORD=practice", "SMTP_PAUSE=0.15", "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	program, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "message.eml"), []byte("Subject: x\n\nx\n.y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	words := append([]string{program, "--record", "s.jsonl"}, strings.Fields(args)...)
	out, _ := inDir(lines, append(words, host, port)...) // some recipients are refused, so its status is not 0
	text, err := inDir("", program, "replay", "s.jsonl", "--as", name)
	if err != nil || len(server.Messages()) != 1 {
		t.Fatalf("%v: %s\nof the session %s", err, text, out)
	}
	tool := elsewhere[name]
	if err := os.WriteFile(filepath.Join(dir, tool.file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if name == "telnet" {
		nc, _ := exec.LookPath("nc")
		if err := os.Symlink(nc, filepath.Join(dir, "telnet")); err != nil {
			t.Fatal(err)
		}
	}
	out, err = inDir("", append(strings.Fields(tool.run), tool.file)...)
	messages := server.Messages()
	if len(messages) != 2 {
		t.Fatalf("nothing arrived: %v\n%s\nby\n%s", err, out, text)
	}
	was, is := messages[0], messages[1]
	if was.From != is.From || !slices.Equal(was.To, is.To) || string(was.Content()) != string(is.Content()) {
		t.Errorf("%s arrived from <%s> to %q:\n%q\nbut <%s> to %q was sent:\n%q\nby\n%s", name, is.From, is.To, is.Content(), was.From, was.To, was.Content(), text)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Errorf("an address was obeyed:\n%s", text)
	}
}
