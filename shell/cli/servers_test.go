package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realServer is a server that ../shared/servers can start on loopback.
type realServer struct {
	name, port string
	strict     bool // refuses a path without angle brackets, and a message without a header
	login      bool // offers AUTH PLAIN without TLS
}

var realServers = []realServer{
	{name: "postfix", port: "25001", login: true},
	{name: "exim", port: "25002", login: true},
	{name: "sendmail", port: "25003", login: true},
	{name: "opensmtpd", port: "25004", strict: true},
}

// serverScripts is the folder of start-NAME.sh and stop-NAME.sh, or a skip.
func serverScripts(t *testing.T) string {
	t.Helper()
	if os.Getenv("SMTPSH_SERVERS") != "1" {
		t.Skip("real servers are tried when SMTPSH_SERVERS=1")
	}
	dir := os.Getenv("SMTPSH_SERVERS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "servers")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the scripts that start servers: %v; SMTPSH_SERVERS_DIR names their folder", err)
	}
	return dir
}

// startServer starts a server for one test. One that is up already belongs to
// somebody else and is left running.
func startServer(t *testing.T, name, port string, env ...string) {
	t.Helper()
	dir := serverScripts(t)
	if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		c.Close()
		return
	}
	start := exec.Command(filepath.Join(dir, "start-"+name+".sh"))
	start.Env = append(os.Environ(), env...)
	// A daemon keeps the script's output open: only the script is waited for.
	start.WaitDelay = time.Second
	if out, err := start.CombinedOutput(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("start %s: %v\n%s", name, err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(filepath.Join(dir, "stop-"+name+".sh")).CombinedOutput(); err != nil {
			t.Errorf("stop %s: %v\n%s", name, err, out)
		}
	})
}

// piped runs the program with lines on its standard input.
func piped(t *testing.T, args []string, lines ...string) (output string, status int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// delivered waits for a message that holds nonce in alice's mailbox.
func delivered(t *testing.T, server, nonce string) []byte {
	t.Helper()
	lab := os.Getenv("LAB")
	if lab == "" {
		lab = filepath.Join(os.TempDir(), "smtpsh-lab")
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(lab, server, "mail", "alice", "new", "*"))
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(nonce)) {
				return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
			}
		}
	}
	t.Fatalf("%s: no message with %q in the mailbox", server, nonce)
	return nil
}

func nonce(t *testing.T) string {
	return fmt.Sprintf("nonce-%d-%s", time.Now().UnixNano(), strings.ReplaceAll(t.Name(), "/", "-"))
}

// fixOffered is the corrected line that the program printed last.
func fixOffered(t *testing.T, output string) string {
	t.Helper()
	_, rest, ok := strings.Cut(output, "\n* fix: mail")
	if !ok {
		t.Fatalf("no fix was offered:\n%s", output)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return "mail" + line
}

func TestServerExercise(t *testing.T) {
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			startServer(t, server.name, server.port)
			args := []string{"127.0.0.1", server.port}
			mail, header := "mail from: mcheng@example.org", []string(nil)
			if server.strict {
				out, status := piped(t, args, "helo mcheng", mail, "quit")
				if status != 1 || !strings.Contains(out, "\n< 553 ") {
					t.Fatalf("a bare address was not refused with 553, status %d:\n%s", status, out)
				}
				mail = fixOffered(t, out)
				out, status = piped(t, args, "helo mcheng", mail, "rcpt to: <alice@example.test>", "data", "this is a test", ".", "quit")
				if status != 1 || !strings.Contains(out, "\n> .\n< 550 ") {
					t.Errorf("a message without a header was not refused with 550, status %d:\n%s", status, out)
				}
				header = []string{"Subject: exercise", ""}
			}
			mark := nonce(t)
			lines := append([]string{"helo mcheng", mail, "rcpt to: <alice@example.test>", "data"}, header...)
			out, status := piped(t, args, append(lines, "this is a test "+mark, ".dotted", ".", "quit")...)
			if status != 0 {
				t.Fatalf("status %d:\n%s", status, out)
			}
			for _, want := range []string{"> helo mcheng\n", "> " + mail + "\n", "> ..dotted\n", "\n< 354 ", "\n< 221 ", "* the server closed the connection\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in the output:\n%s", want, out)
				}
			}
			if text := delivered(t, server.name, mark); !bytes.Contains(text, []byte("this is a test "+mark+"\n.dotted\n")) {
				t.Errorf("the message did not arrive as typed:\n%s", text)
			}
		})
	}
}

func TestServerHeldAndForced(t *testing.T) {
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			startServer(t, server.name, server.port)
			args := []string{"127.0.0.1", server.port}
			const broken = "mail from mcheng@example.org"
			out, status := piped(t, args, "helo mcheng", broken, "quit")
			if status != 3 || strings.Contains(out, "\n> mail") || fixOffered(t, out) != "mail from:<mcheng@example.org>" {
				t.Errorf("not held, status %d:\n%s", status, out)
			}
			out, status = piped(t, args, "helo mcheng", "!"+broken, "quit")
			if status != 1 || !strings.Contains(out, "\n> "+broken+"\n< 50") {
				t.Errorf("not sent as typed and refused, status %d:\n%s", status, out)
			}
		})
	}
}

// TestServerParameters sends a message with the parameters that the server
// offers and octets above 127, and finds it octet for octet.
func TestServerParameters(t *testing.T) {
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			startServer(t, server.name, server.port)
			mark := nonce(t)
			body := "Gr\u00fc\u00dfe " + mark + "\n..two dots\n\nend"
			lines := []string{"EHLO client.example", "MAIL FROM:<mcheng@example.org> SIZE=500 BODY=8BITMIME",
				"RCPT TO:<alice@example.test>", "DATA", "From: mcheng@example.org", "Subject: parameters", ""}
			out, status := piped(t, []string{"127.0.0.1:" + server.port}, append(append(lines, strings.Split(body, "\n")...), ".", "QUIT")...)
			if status != 0 || strings.Contains(out, "* warning") {
				t.Fatalf("status %d:\n%s", status, out)
			}
			if text := delivered(t, server.name, mark); !bytes.Contains(text, []byte("\n\n"+body+"\n")) {
				t.Errorf("the message did not arrive as sent:\n%s", text)
			}
		})
	}
}

func TestServerLoginByHand(t *testing.T) {
	for _, server := range realServers {
		if !server.login {
			continue
		}
		t.Run(server.name, func(t *testing.T) {
			startServer(t, server.name, server.port)
			const user, password = "YWxpY2U=", "c2VjcmV0"
			out, status := piped(t, []string{"127.0.0.1", server.port}, "EHLO client.example", "AUTH LOGIN", user, password, "QUIT")
			if status != 0 || !strings.Contains(out, "\n< 235 ") {
				t.Fatalf("not logged in, status %d:\n%s", status, out)
			}
			if strings.Contains(out, password) || !strings.Contains(out, "\n> ****\n") {
				t.Errorf("the password is not masked:\n%s", out)
			}
			const initial = "AGFsaWNlAHNlY3JldA=="
			out, status = piped(t, []string{"127.0.0.1", server.port}, "EHLO client.example", "AUTH PLAIN "+initial, "QUIT")
			if status != 0 || !strings.Contains(out, "> AUTH PLAIN ****\n< 235 ") || strings.Contains(out, initial) {
				t.Errorf("AUTH PLAIN, status %d:\n%s", status, out)
			}
		})
	}
}

// TestServerFailures sees the right status at each stage where a server
// refuses or hangs up, and no line of a message run as a command.
func TestServerFailures(t *testing.T) {
	serverScripts(t)
	dialogue := []string{"EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "QUIT in the message", ".", "QUIT"}
	rows := []struct {
		options string // of smtp-sink
		status  int
		want    string
	}{
		{"-f MAIL", 1, "< 500"},
		{"-r MAIL", 1, "< 450"},
		{"-f RCPT", 1, "< 500"},
		{"-r DATA", 1, "dropped"},
		{"-f .", 1, "< 500"},
		{"-q EHLO", 4, "not connected"},
		{"-q MAIL", 4, "not connected"},
		{"-q RCPT", 4, "not connected"},
		{"-q DATA", 4, "closed the connection"},
	}
	for _, row := range rows {
		t.Run(row.options, func(t *testing.T) {
			if c, err := net.Dial("tcp", "127.0.0.1:25012"); err == nil {
				c.Close()
				t.Skip("smtp-sink runs already, with options of its own")
			}
			startServer(t, "smtp-sink", "25012", "SINK_OPTS="+row.options)
			out, status := piped(t, []string{"127.0.0.1", "25012"}, dialogue...)
			if status != row.status || !strings.Contains(out, row.want) {
				t.Errorf("status %d, want %d and %q:\n%s", status, row.status, row.want, out)
			}
			if strings.Contains(row.options, "DATA") && strings.Contains(out, "> QUIT in the message") {
				t.Errorf("a line of the message was sent as a command:\n%s", out)
			}
		})
	}
}
