package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/protocol/smtptest"
)

// sendTo runs "smtpsh send" and returns what it printed and its exit status.
func sendTo(t *testing.T, stdin, target string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"send", target, "--helo", "me.example"}, args...)...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=", "SECRET=sesame")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestSendStages has a server fail at each stage, and holds the exit status to
// what the README says. A server that hangs up at a stage is a lost connection.
func TestSendStages(t *testing.T) {
	t.Parallel()
	const (
		banner = "< 220 mx.example ESMTP\n"
		ehlo   = banner + "> EHLO me.example\n< 250-mx.example\n< 250 AUTH PLAIN\n"
		mail   = ehlo + "> MAIL FROM:<a@b.example>\n< 250 ok\n"
		rcpt   = mail + "> RCPT TO:<c@d.example>\n< 250 ok\n"
		data   = rcpt + "> DATA\n< 354 go\n"
		quit   = "> QUIT\n< 221 bye\n"

		chained = banner + "> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n"
		again   = "> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n"
		grouped = banner + "> EHLO me.example\n< 250-mx.example\n< 250-CHUNKING\n< 250 PIPELINING\n" + again

		text = "* any\n* any\n* any\n* any\n* any\n* any\n* any\n" // five fields, an empty line and the text
	)
	login := []string{"--auth-user", "joe", "--auth-password-env", "SECRET"}
	rows := []struct {
		name, peer string
		args       []string
		status     int
		want       string
	}{
		{"all well", data + text + "> .\n< 250 ok\n" + quit, nil, 0, "> ."},
		{"banner 554", "< 554 no\n" + quit, nil, 7, "< 554 no"},
		{"banner lost", "* close", nil, 4, ""},
		{"EHLO and HELO refused", banner + "> EHLO me.example\n< 502 no\n> HELO me.example\n< 550 no\n" + quit, nil, 8, "> HELO me.example"},
		{"HELO in its place", banner + "> EHLO me.example\n< 500 what\n> HELO me.example\n< 250 ok\n> MAIL FROM:<a@b.example>\n< 250 ok\n> RCPT TO:<c@d.example>\n< 250 ok\n> DATA\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, nil, 0, "> HELO me.example"},
		{"EHLO lost", banner + "> EHLO me.example\n* close", nil, 4, ""},
		{"no STARTTLS", ehlo + quit, []string{"--tls", "starttls"}, 6, "The server offers no STARTTLS, and TLS was asked for."},
		{"STARTTLS refused", banner + "> EHLO me.example\n< 250-mx.example\n< 250 STARTTLS\n> STARTTLS\n< 454 not now\n" + quit, []string{"--tls", "starttls"}, 6, "< 454 not now"},
		{"STARTTLS by chance", data + text + "> .\n< 250 ok\n" + quit, []string{"--tls", "opportunistic"}, 0, "so the message goes in plaintext"},
		{"AUTH refused", ehlo + "* any\n< 535 no\n" + quit, login, 9, "> AUTH PLAIN ****"},
		{"AUTH not offered", banner + "> EHLO me.example\n< 250 mx.example\n" + quit, login, 9, "The server offers no AUTH."},
		{"MAIL refused", ehlo + "> MAIL FROM:<a@b.example>\n< 550 no\n" + quit, nil, 10, ""},
		{"MAIL lost", ehlo + "> MAIL FROM:<a@b.example>\n* close", nil, 4, ""},
		{"RCPT refused", mail + "> RCPT TO:<c@d.example>\n< 450 later\n" + quit, nil, 11, "0 of 1 recipient was taken:\n*   refused    <c@d.example>  for now: 450 later"},
		{"DATA refused", rcpt + "> DATA\n< 554 no\n" + quit, nil, 12, ""},
		{"refused behind the dot", data + text + "> .\n< 550 spam\n" + quit, nil, 13, "< 550 spam"},
		{"lost behind the dot", data + text + "> .\n* close", nil, 4, ""},
		{"lost in the message", data + "* close", nil, 4, ""},
		{"one of two", mail + "> RCPT TO:<c@d.example>\n< 250 ok\n> RCPT TO:<e@f.example>\n< 550 5.1.1 no\n> DATA\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, []string{"--to", "e@f.example"}, 1, "1 of 2 recipients were taken:"},
		{"stop after banner", banner + quit, []string{"--stop-after", "banner"}, 0, "Stopped after banner"},
		{"stop after rcpt", rcpt + quit, []string{"--stop-after", "rcpt"}, 0, "Stopped after rcpt"},
		{"stop after data", data + "* eof", []string{"--stop-after", "data"}, 0, ""},
		{"drop after mail", mail + "* eof", []string{"--drop-after", "mail"}, 0, "Cut off after mail"},
		{"pipelined", banner + "> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> DATA\n< 250 a\n< 250 b\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, []string{"--pipeline"}, 0, ""},
		{"pipelined, for nobody", banner + "> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> DATA\n< 250 a\n< 550 b\n< 354 go\n> .\n< 554 nobody\n" + quit, []string{"--pipeline"}, 11, ""},
		{"one held", mail + "> RCPT TO:<c@d.example>\n< 250 ok\n> RCPT TO:<e@f.example>\n< 550 no\n> DATA\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, []string{"--to", "a@b.-d", "--to", "e@f.example"}, 3, "1 of 3 recipients were taken:\n*   taken      <c@d.example>\n*   not sent   <a@b.-d>  its RCPT was held back\n*   refused    <e@f.example>  for good: 550 no"},
		{"RCPT lost", mail + "> RCPT TO:<c@d.example>\n* close", nil, 4, "0 of 1 recipient was taken:\n*   unknown    <c@d.example>  no reply came"},
		{"lost before the last RCPT", mail + "> RCPT TO:<c@d.example>\n* close", []string{"--to", "e@f.example"}, 4, "0 of 2 recipients were taken:\n*   unknown    <c@d.example>  no reply came\n*   not asked  <e@f.example>  the session ended before its RCPT"},
		{"many that need SMTPUTF8", banner + "> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n" + quit, []string{"--count", "2", "--from", "jö@b.example"}, 10, "accepted  0\n*   not sent  2, for a line of the envelope is wrong or not taken there"},
		{"many with one held", banner + "> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n" + quit, []string{"--count", "2", "--to", "a@b.-d"}, 3, "accepted  0\n*   not sent  2, for a line of the envelope is wrong or not taken there"},
		{"many in part", mail + "> RCPT TO:<c@d.example>\n< 250 ok\n> RCPT TO:<e@f.example>\n< 550 no\n> DATA\n< 354 go\n" + text + "> .\n< 250 ok\n" + "> MAIL FROM:<a@b.example>\n< 250 ok\n> RCPT TO:<c@d.example>\n< 450 no\n> RCPT TO:<e@f.example>\n< 550 no\n> RSET\n< 250 ok\n" + quit, []string{"--to", "e@f.example", "--count", "2"}, 1, "accepted  0\n*   in part   1, taken for some of the recipients only\n*   refused   550: 1"},
		{"many in part, as a chain", chained + "> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> RCPT TO:<e@f.example>\n> DATA\n< 250 ok\n< 250 ok\n< 550 no\n< 354 go\n" + text + "> .\n> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> RCPT TO:<e@f.example>\n> DATA\n< 250 ok\n< 250 ok\n< 250 ok\n< 550 no\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, []string{"--to", "e@f.example", "--count", "2"}, 1, "accepted  0\n*   in part   2"},
		{"pipelined, DATA refused", grouped + "> DATA\n< 250 a\n< 250 b\n< 451 not now\n" + quit, []string{"--pipeline"}, 12, "< 451 not now"},
		{"pipelined chunks", grouped + "< 250 a\n< 250 b\n* any\n" + text + "< 250 ok\n" + quit, []string{"--pipeline", "--bdat"}, 0, " LAST"},
		{"no chunks offered", data + text + "> .\n< 250 ok\n" + quit, []string{"--bdat"}, 0, "* The server does not offer CHUNKING, so the message goes by DATA and not by BDAT.\n> MAIL"},
		{"pipelined, no chunks offered", chained + "> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> DATA\n< 250 a\n< 250 b\n< 354 go\n" + text + "> .\n< 250 ok\n" + quit, []string{"--pipeline", "--bdat"}, 0, "The server does not offer CHUNKING"},
		{"many in chunks", grouped + "< 250 a\n< 250 b\n* any\n" + text + "< 250 ok\n" + again + "< 250 a\n< 250 b\n* any\n" + text + "< 250 ok\n" + quit, []string{"--count", "2", "--bdat"}, 0, "accepted  2"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--from", "a@b.example", "--to", "c@d.example", "--subject", "x", "--body", "hello"}, row.args...)
			out, status := sendTo(t, "", smtptest.Serve(t, row.peer), args...)
			if status != row.status || !strings.Contains(out, row.want) {
				t.Errorf("status %d, want %d, and %q in\n%s", status, row.status, row.want, out)
			}
		})
	}
	out, status := sendTo(t, "", "127.0.0.1:1", "--from", "a@b.example", "--to", "c@d.example")
	if status != 4 {
		t.Errorf("nobody there: status %d\n%s", status, out)
	}
}

// TestSendParts composes and sends to the practice server, and looks at what
// arrived through its events.
func TestSendParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "data.bin")
	whole := filepath.Join(dir, "whole.eml")
	for name, text := range map[string]string{file: "\x00\x01octets", whole: "From: a@b.example\nTo: c@d.example\nBcc: e@f.example\nSubject: from a file\n\n.a\nb\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := []string{"--from", "Ann <a@b.example>", "--to", "c@d.example"}
	rows := []struct {
		name, stdin string
		args        []string
		status      int
		want        []string
	}{
		{"composed", "", append(base, "--cc", "Bob <b@b.example>", "--bcc", "d@d.example", "--subject", "grüße", "--body", "ü", "--header", "X-Test: yes", "--attach", file, "--dsn", "success,failure", "--ret", "hdrs", "--envid", "Q1"), 0,
			[]string{"> MAIL FROM:<a@b.example> SIZE=", " RET=HDRS ENVID=Q1\n", "> RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE\n", "> RCPT TO:<b@b.example>", "> RCPT TO:<d@d.example>",
				"> From: Ann <a@b.example>\n", "> Cc: Bob <b@b.example>\n", "> Subject: =?utf-8?", "> X-Test: yes\n", `filename="data.bin"`, "< 250 2.0.0 message accepted"}},
		{"standard input", "from standard input\n.\n", append(base, "--body", "-"), 0, []string{"> from standard input\n> ..\n"}},
		{"a whole message", "Subject: x\n\nü\n", append(base, "--data", "-"), 0, []string{"BODY=8BITMIME", "> Subject: x\n> \n> ü\n"}},
		{"in chunks", "", append(base, "--data", whole, "--bdat", "--chunk", "40"), 0, []string{"> BDAT 40\n", " LAST\n", "a Bcc field is about to be sent"}},
		{"a folder", "", []string{"--from-dir", dir}, 0, []string{"1 message in ", "accepted  1"}},
		{"many", "", append(base, "--count", "30", "--connections", "3"), 0, []string{"30 messages in ", "over 3 connections", "accepted  30", "50 % up to"}},
		{"many, some refused", "", append(base, "--to", "dot550@d.example", "--count", "4"), 13, []string{"accepted  0", "refused   550: 4"}},
		{"a name with a comma", "", []string{"--from", "a@b.example", "--to", `"Doe, Joe" <d@e.example>`, "--cc", `"a b"@[127.0.0.1]`}, 0, []string{"> RCPT TO:<d@e.example>\n", `> RCPT TO:<"a b"@[127.0.0.1]>` + "\n"}},
		{"several in one", "", []string{"--from", "a@b.example", "--to", `"Doe, Joe" <d@e.example>, f@g.example`}, 0, []string{"> RCPT TO:<d@e.example>\n", "> RCPT TO:<f@g.example>\n"}},
		{"an address beyond ASCII", "", []string{"--from", "ü@b.example", "--to", "c@d.example"}, 0, []string{" SMTPUTF8\n"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			out, status := sendTo(t, row.stdin, "practice", row.args...)
			if status != row.status {
				t.Errorf("status %d, want %d", status, row.status)
			}
			for _, want := range row.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q", want)
				}
			}
			if strings.Contains(out, "> Bcc: d@d.example") {
				t.Error("the Bcc leaks")
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

// TestSendLongText refuses a text that would fill the memory, and reads no more
// of it than it must.
func TestSendLongText(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a line of a text that is far too long\n", 120_000)
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"-", "@" + file} {
		out, status := sendTo(t, text, "practice", "--from", "a@b.example", "--to", "c@d.example", "--body", body)
		if status != 2 || !strings.Contains(out, "Nothing was sent: --body: the text has more than 4 MB; --attach sends a file of any length") {
			t.Errorf("--body %s: status %d\n%s", body, status, out)
		}
	}
	if out, status := sendTo(t, text[:4<<20], "practice", "--from", "a@b.example", "--to", "c@d.example", "--body", "-"); status != 0 {
		t.Errorf("4 MB: status %d\n%.2000s", status, out)
	}
}

func TestSendUsage(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"send wants a target":    {},
		"--to names a recipient": {"practice", "--from", "a@b.example"},
		`--stop-after "lunch"`:   {"practice", "--to", "a@b.example", "--stop-after", "lunch"},
		`"a b" is no address: what is wanted is like joe@example.org`: {"practice", "--to", "a b"},
		"--from-dir has the messages":                                 {"practice", "--from-dir", ".", "--subject", "y"},
		"--attach and --header do not go with it":                     {"practice", "--from-dir", ".", "--attach", "x"},
		"--data, --subject, --body, --attach and --header do not":     {"practice", "--from-dir", ".", "--header", "X: y"},
		"--data is the whole message":                                 {"practice", "--to", "a@b.example", "--data", "x", "--subject", "y"},
		"no such file":                                                {"practice", "--to", "a@b.example", "--data", "no-such-file"},
		"there is no .eml in":                                         {"practice", "--from-dir", "testdata"},
		"--from-dir: open no-such-folder":                             {"practice", "--from-dir", "no-such-folder"},
		"--count and --connections":                                   {"practice", "--to", "a@b.example", "--count", "0"},
		"--connections is for many":                                   {"practice", "--to", "a@b.example", "--connections", "2"},
		"--header":                                                    {"practice", "--to", "a@b.example", "--from", "a@b.example", "--header", "no colon"},
		"a password on the command line":                              {"practice", "--to", "a@b.example", "--password", "x"},
		"standard input":                                              {"practice", "--to", "a@b.example", "--from", "a@b.example", "--body", "@no-such"},
		"--auth-password-file":                                        {"practice", "--help"},
		`--envid "x\r\nRCPT TO:<e@x.y>"`:                              {"practice", "--to", "a@b.example", "--envid", "x\r\nRCPT TO:<e@x.y>", "--check", "warn"},
		`--envid "x y"`:                                               {"practice", "--to", "a@b.example", "--envid", "x y"},
		`--ret "full\r\nVRFY y"`:                                      {"practice", "--to", "a@b.example", "--ret", "full\r\nVRFY y", "--check", "off", "--count", "2"},
		"name one of them":                                            {"practice", "--to", "a@b.example", "--stop-after", "mail", "--drop-after", "rcpt"},
		"are for one message":                                         {"practice", "--to", "a@b.example", "--stop-after", "mail", "--count", "2"},
		`--dsn "never\n"`:                                             {"practice", "--to", "a@b.example", "--dsn", "never\n", "--check", "off"},
	} {
		cmd := exec.Command(os.Args[0], append([]string{"send"}, args...)...)
		cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir())
		out, _ := cmd.CombinedOutput()
		if want == "standard input" {
			want = "--body: open no-such"
		}
		if got := cmd.ProcessState.ExitCode(); !strings.Contains(string(out), want) || got != 2 && want != "--auth-password-file" {
			t.Errorf("%q: status %d, no %q in\n%s", args, got, want, out)
		}
	}
}

// TestSendFolder sends the messages of a folder, with an envelope of its own.
func TestSendFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a[b]") // which is a name, and no pattern
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1.eml", "2.eml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("From: x@y.example\nTo: c@d.example\n\nhello\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	peer := smtptest.Serve(t, "< 220 hi\n> EHLO me.example\n< 250 hi\n"+
		strings.Repeat("> MAIL FROM:<joe@b.example>\n< 250 ok\n> RCPT TO:<c@d.example>\n< 250 ok\n> DATA\n< 354 go\n* any\n* any\n* any\n* any\n> .\n< 250 ok\n", 2)+
		"> QUIT\n< 221 bye\n")
	if out, status := sendTo(t, "", peer, "--from-dir", dir, "--from", "Joe <joe@b.example>"); status != 0 || !strings.Contains(out, "accepted  2") {
		t.Errorf("status %d\n%s", status, out)
	}
}
