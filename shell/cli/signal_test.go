//go:build unix

package cli_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"smtpsh/protocol/smtptest"
)

// signalled runs the program on a peer until it prints a line and the peer has
// that, sends it a signal then, and returns all that it printed and its exit
// status. Without a line it waits for the second message alone.
func signalled(t *testing.T, peer *smtptest.Peer, sig syscall.Signal, line string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append(args, peer.Addr())...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
	in, err := cmd.StdinPipe() // it stays open: nothing but the signal ends the run
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	var all strings.Builder
	sent := line == ""
	if sent {
		for late := time.Now().Add(10 * time.Second); strings.Count(peer.Received(), "\n.\r\n") < 2 && time.Now().Before(late); {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if !sent && strings.HasPrefix(lines.Text(), line) {
			sent = true
			late := time.Now().Add(10 * time.Second)
			for sent, ok := strings.CutPrefix(line, "> "); ok && !strings.Contains(peer.Received(), "\n"+sent) && time.Now().Before(late); {
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return all.String(), cmd.ProcessState.ExitCode()
}

// TestSignals ends runs without a terminal: what was sent so far is summed up,
// and what became of the message is said.
func TestSignals(t *testing.T) {
	t.Parallel()
	const (
		banner = "< 220 mx.example ESMTP\n"
		mail   = banner + "> EHLO me.example\n< 250 mx.example\n> MAIL FROM:<a@b.example>\n< 250 ok\n"
		rcpt   = mail + "> RCPT TO:<c@d.example>\n< 250 ok\n"
		text   = "* any\n* any\n* any\n* any\n* any\n* any\n* any\n"
		sent   = rcpt + "> DATA\n< 354 go\n" + text + "> .\n"

		unknown = "* Interrupted: The end of the message was sent and no reply came: the server may have taken it or not"
	)
	dir := t.TempDir()
	script := filepath.Join(dir, "script.smtp")
	if err := os.WriteFile(script, []byte("EHLO me.example\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\none\n.\nQUIT\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	send := []string{"send", "--helo", "me.example", "--from", "a@b.example", "--to", "c@d.example", "--subject", "x", "--body", "hello"}
	rows := []struct {
		name, peer string
		sig        syscall.Signal
		line       string // after which the signal comes
		args       []string
		want       string
	}{
		{"behind RCPT", mail + "* any\n* eof", syscall.SIGINT, "> RCPT", append(send, "--to", "e@f.example"), "Interrupted: the message was not sent to its end and the connection is closed, so the server takes nothing of it."},
		{"behind the dot", sent + "* eof", syscall.SIGINT, "> .", send, unknown},
		{"behind the dot, SIGTERM", sent + "* eof", syscall.SIGTERM, "> .", send, unknown},
		{"at the greeting", "* eof", syscall.SIGINT, "* connected", send, "* Interrupted: the connection is closed."},
		{"many behind a dot", sent + "< 250 ok\n" + strings.TrimPrefix(sent, banner+"> EHLO me.example\n< 250 mx.example\n") + "* eof", syscall.SIGINT, "", append(send, "--count", "3"), "*   unknown   1, sent to the end without a reply"},
		{"a script behind the dot", rcpt + "> DATA\n< 354 go\n> one\n> .\n* eof", syscall.SIGINT, "> .", []string{"-f", script}, "* Interrupted at " + script + " line 6: The end of the message was sent and no reply came"},
		{"a script at RCPT", mail + "* any\n* eof", syscall.SIGTERM, "> RCPT", []string{"-f", script}, "* Interrupted at " + script + " line 3: the message was not sent to its end"},
		{"within a TLS handshake", banner + "> EHLO me.example\n< 250-mx.example\n< 250 STARTTLS\n> STARTTLS\n< 220 go\n* drain", syscall.SIGTERM, "< 220 go", []string{"--helo", "me.example", "--tls", "starttls"}, "* connection closed\n* Interrupted.\n"},
		{"a pipe without a line", banner + "* eof", syscall.SIGHUP, "< 220", nil, "* Interrupted: the connection is closed."},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(row.sig) { // the tests run under nohup, say, and so would the program
				t.Skip("the signal is ignored here")
			}
			out, status := signalled(t, smtptest.New(t, row.peer), row.sig, row.line, slices.Clone(row.args)...)
			if status != 130 || strings.Count(out, "nterrupted") != 1 || !strings.Contains(out, row.want) {
				t.Errorf("status %d, want 130, and %q in\n%s", status, row.want, out)
			}
		})
	}
}

// TestSignalWhileReading has a signal end a send that waits for its message.
func TestSignalWhileReading(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"--data", "--body"} {
		cmd := exec.Command(os.Args[0], "send", "127.0.0.1:1", "--from", "a@b.example", "--to", "c@d.example", from, "-")
		cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write([]byte(strings.Repeat("x\n", 1<<19))); err != nil { // more than a pipe holds: it reads
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != 130 || out.String() != "* Interrupted; nothing was sent.\n" {
			t.Errorf("%s: status %d, %q", from, status, out.String())
		}
	}
}

// TestSignalIgnored leaves a signal ignored that was, as nohup has it.
func TestSignalIgnored(t *testing.T) {
	t.Parallel()
	peer := smtptest.New(t, "< 220 hi\n> NOOP\n< 250 ok\n> QUIT\n< 221 bye")
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec "$@"`, "sh", os.Args[0], peer.Addr())
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = in.Write([]byte("NOOP\n"))
	for late := time.Now().Add(10 * time.Second); !strings.Contains(peer.Received(), "NOOP\r\n") && time.Now().Before(late); {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	_, _ = in.Write([]byte("QUIT\n"))
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// pipeOf makes a named pipe. With a writer it can be opened, and has nothing to
// read yet.
func pipeOf(t *testing.T, writer bool) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if writer {
		file, err := os.OpenFile(name, os.O_RDWR, 0) // which waits for nobody
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
	}
	return name
}

// TestSignalWhilePiped has a signal end the wait for more from a named pipe.
func TestSignalWhilePiped(t *testing.T) {
	t.Parallel()
	send := []string{"send", "127.0.0.1:1", "--from", "a@b.example", "--to", "c@d.example"}
	for _, row := range []struct {
		want string
		args []string
	}{
		{"* Interrupted; nothing was sent.\n", append(send, "--data", "PIPE")},
		{"* Interrupted; nothing was sent.\n", append(send, "--body", "@PIPE")},
		{"* Interrupted; nothing was sent.\n", append(send, "--body", "@PIPE", "--count", "2")},
		{"* Interrupted at SCRIPT line 4.\n", []string{"-f", "SCRIPT"}},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			t.Parallel()
			name, script := pipeOf(t, false), filepath.Join(t.TempDir(), "script.smtp")
			if err := os.WriteFile(script, []byte("EHLO me.example\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\n:bdat "+name+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			names := strings.NewReplacer("PIPE", name, "SCRIPT", script)
			args := slices.Clone(row.args)
			for i, arg := range args {
				args[i] = names.Replace(arg)
			}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME=")
			var out strings.Builder
			cmd.Stdout = &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			writer, err := os.OpenFile(name, os.O_WRONLY, 0) // which waits for its reader
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			if _, err := writer.Write([]byte(strings.Repeat("x\n", 1<<18))); err != nil { // more than a pipe holds: it reads
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != 130 || !strings.HasSuffix(out.String(), names.Replace(row.want)) {
				t.Errorf("status %d\n%s", status, out.String())
			}
		})
	}
}

// TestPipeAtATerminal has Ctrl-C end the same waits.
func TestPipeAtATerminal(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(160, 60))
	s.envelope()
	s.line(":data " + pipeOf(t, false))
	s.sees("(Ctrl-C stops it)")
	s.keys(ctrlC)
	s.sees("Nothing was sent: reading was stopped")
	s.at("practice.example rcpt 1> ")
	s.line(":bdat " + pipeOf(t, true))
	s.sees("(Ctrl-C stops it)")
	s.keys(ctrlC)
	s.sees("The message cannot be read to its end: reading was stopped.")
	s.at("disconnected> ")
	s.line(":reconnect")
	s.at("practice.example connected> ")
	s.line(":send --from a@b.example --to alice@example.org --subject x --body @" + pipeOf(t, false))
	s.sees("(Ctrl-C stops it)")
	s.keys(ctrlC)
	s.sees("Nothing was sent: --body: reading was stopped.")
	s.at("practice.example connected> ")
	s.envelope()
	s.line(":data " + pipeOf(t, true))
	s.sees("> DATA", "(Ctrl-C stops it)")
	s.keys(ctrlC)
	s.sees("Ctrl-C again stops it")
	s.keys(ctrlC)
	s.sees("Stopped. No final dot was sent")
	s.at("disconnected> ")
	s.line(":quit") // what a person stopped and saw is no failure of the program
	s.exits(0)
}

// TestPipeInAFolder waits for no writer of a pipe among the messages of a folder.
func TestPipeInAFolder(t *testing.T) {
	t.Parallel()
	name := pipeOf(t, false)
	if err := os.Rename(name, name+".eml"); err != nil {
		t.Fatal(err)
	}
	out, status := sendTo(t, "", "practice", "--from-dir", filepath.Dir(name))
	if status == 0 || !strings.Contains(out, "* Not sent: "+name+".eml is no file.\n") {
		t.Errorf("status %d\n%s", status, out)
	}
}
