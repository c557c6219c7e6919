package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// awkward is a message that shows what a transport does to it: dots where
// lines begin, an empty line at the end, text beyond ASCII, a long line, an
// attachment.
func awkward(mark string) string {
	return "From: Ann <sender@example.org>\nTo: alice@example.test\nDate: Tue, 24 Nov 2026 12:00:00 +0000\nMessage-ID: <" + mark + "@example.org>\n" +
		"Subject: " + mark + "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0\n\n" +
		"--b0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n.\n..\n.dot\n Grüße, 日本\n" + strings.Repeat("x", 900) + "\nQUIT\n\n" +
		"--b0\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"a.bin\"\n\nAAECAw==\n--b0--\n\n"
}

// TestServersTakeMessages sends the same message in every way there is, and
// finds it in the mailbox as it was sent, headers that the server adds aside.
func TestServersTakeMessages(t *testing.T) {
	serverScripts(t)
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			startServer(t, server.name, server.port)
			server.takes(t, "127.0.0.1:"+server.port, server.name == "postfix" || server.name == "exim")
		})
	}
	t.Run("dovecot", func(t *testing.T) {
		t.Parallel()
		startServer(t, "dovecot", "25006")
		realServer{name: "dovecot", port: "25006"}.takes(t, "lmtp://127.0.0.1:25006", true)
	})
}

func (server realServer) takes(t *testing.T, target string, chunks bool) {
	hello := "EHLO client.example"
	if strings.HasPrefix(target, "lmtp:") {
		hello = "LHLO client.example"
	}
	const mail, rcpt = "MAIL FROM:<sender@example.org> BODY=8BITMIME", "RCPT TO:<alice@example.test>"
	ways := []struct {
		name  string
		lines []string // "FILE" is the message's
		send  []string
	}{
		{"typed", []string{hello, mail, rcpt, "DATA", "TEXT", ".", "QUIT"}, nil},
		{"from a file", []string{hello, mail, rcpt, ":data FILE", "QUIT"}, nil},
		{"pipelined", []string{hello, ":pipeline", mail, rcpt, "DATA", "TEXT", ".", "QUIT"}, nil},
		{"send", nil, nil},
		{"send, pipelined", nil, []string{"--pipeline"}},
	}
	if chunks {
		ways = append(ways, struct {
			name  string
			lines []string
			send  []string
		}{"in chunks", []string{hello, mail, rcpt, ":bdat FILE --chunk 100", "QUIT"}, nil}, struct {
			name  string
			lines []string
			send  []string
		}{"send in chunks", nil, []string{"--bdat", "--chunk", "333"}})
	}
	for _, way := range ways {
		if server.name == "opensmtpd" && way.name == "pipelined" {
			continue // it does not offer PIPELINING, and hangs up on a group
		}
		t.Run(way.name, func(t *testing.T) {
			mark := nonce(t)
			text := awkward(mark)
			if slices.Contains(way.lines, "TEXT") { // typed, a lone dot is the end
				text = strings.Replace(text, "\n.\n", "\n", 1)
			}
			file := filepath.Join(t.TempDir(), "message.eml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out string
			var status int
			if way.lines == nil {
				out, status = sendTo(t, "", target, append([]string{"--from", "sender@example.org", "--to", "alice@example.test", "--data", file}, way.send...)...)
			} else {
				script := strings.Join(way.lines, "\n")
				script = strings.ReplaceAll(strings.ReplaceAll(script, "FILE", file), "TEXT\n", text)
				out, status = piped(t, []string{target}, script)
			}
			if status != 0 {
				t.Fatalf("status %d:\n%s", status, out)
			}
			server.same(t, mark, text)
		})
	}
}

// same holds what was delivered against what was sent.
func (server realServer) same(t *testing.T, mark, text string) {
	t.Helper()
	got := delivered(t, server.name, "Subject: "+mark)
	header, body, _ := strings.Cut(text, "\n\n")
	if !bytes.HasSuffix(bytes.TrimRight(got, "\n"), []byte("\n\n"+strings.TrimRight(body, "\n"))) {
		t.Errorf("%s: the body differs:\n%q\nwas sent as\n%q", server.name, got, body)
	}
	for _, field := range strings.Split(header, "\n") {
		if !bytes.Contains(got, []byte(field+"\n")) {
			t.Errorf("%s: no %q in the header", server.name, field)
		}
	}
}

// TestServersTakeUTF8 sends from an address beyond ASCII, with a header in
// UTF-8, to the servers that say that they take those.
func TestServersTakeUTF8(t *testing.T) {
	serverScripts(t)
	for _, server := range []realServer{{name: "postfix", port: "25001"}, {name: "exim", port: "25002"}, {name: "aiosmtpd", port: "25007"}, {name: "chasquid", port: "25008"}} {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			startServer(t, server.name, server.port)
			mark := nonce(t)
			out, status := sendTo(t, "", "127.0.0.1:"+server.port, "--from", "Jürgen <jürgen@example.org>", "--to", "alice@example.test", "--subject", "grüße, 日本 "+mark, "--body", "ü\n.\nQUIT")
			if status != 0 || !strings.Contains(out, "> MAIL FROM:<jürgen@example.org> SIZE=") || !strings.Contains(out, " SMTPUTF8\n") {
				t.Fatalf("status %d:\n%s", status, out)
			}
			got := delivered(t, server.name, mark)
			header, body, _ := strings.Cut(string(got), "\n\n")
			header = strings.ReplaceAll(header, "\n ", " ") // who folds, and where, is all the same
			if !strings.Contains(header, "\nFrom: Jürgen <jürgen@example.org>\n") || !strings.Contains(header, "\nSubject: grüße, 日本 "+mark+"\n") || strings.TrimRight(body, "\n") != "=C3=BC\n.\nQUIT" {
				t.Errorf("it arrived as\n%q", got)
			}
		})
	}
}

// TestServersSendFailures has smtp-sink fail at each stage, and sees the status that
// belongs to it.
func TestServersSendFailures(t *testing.T) {
	serverScripts(t)
	for options, want := range map[string]int{
		"": 0, "-f CONNECT": 7, "-Q CONNECT": 7, "-q CONNECT": 4, "-f EHLO,HELO": 8, "-q EHLO": 4, "-r MAIL": 10, "-f MAIL": 10, "-q MAIL": 4,
		"-r RCPT": 11, "-f RCPT": 11, "-q RCPT": 4, "-f DATA": 12, "-q DATA": 4, "-r .": 13, "-f .": 13, "-q .": 4, "-p": 0, "-w 1": 0,
	} {
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			address, _ := startSink(t, strings.Fields(options)...)
			for _, more := range [][]string{nil, {"--pipeline"}, {"--count", "3", "--connections", "2"}} {
				args := append([]string{"--from", "a@example.org", "--to", "b@example.org", "--subject", "x", "--body", "y"}, more...)
				if out, status := sendTo(t, "", address, args...); status != want {
					t.Errorf("%q: status %d, want %d:\n%s", more, status, want, out)
				}
			}
		})
	}
}
