//go:build unix

package cli_test

import (
	"bufio"
	"context"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtpsh/protocol/smtptest"
	"smtpsh/shell/practice"
)

// TestPracticeAlone runs the practice server by itself and has another client
// send a mail through it.
func TestPracticeAlone(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "practice", "--listen", "127.0.0.1:0", "--mode", "no-starttls")
	cmd.Env = append(os.Environ(), programVar+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	lines := bufio.NewScanner(out)
	next := func(pattern string) []string {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("no line that matches %s: %v", pattern, lines.Err())
		}
		found := regexp.MustCompile(pattern).FindStringSubmatch(lines.Text())
		if found == nil {
			t.Fatalf("%q does not match %s", lines.Text(), pattern)
		}
		return found
	}
	addr := next(`^practice server on (127\.0\.0\.1:\d+) \(Ctrl-C ends it\)$`)[1]
	if err := smtp.SendMail(addr, nil, "a@example.org", []string{"b@example.org", "c@example.org"}, []byte("Subject: x\r\n\r\ntext\r\n")); err != nil {
		t.Error(err)
	}
	next(`^message 1 from <a@example\.org> to <b@example\.org>, <c@example\.org>, \d+ octets$`)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Errorf("and then: %q", lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// TestIPv6 gives an IPv6 address in each form that a target takes.
func TestIPv6(t *testing.T) {
	t.Parallel()
	server, err := practice.Listen("[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	go server.Serve(context.Background()) //nolint:errcheck // it ends with Close
	t.Cleanup(func() { server.Close() })
	_, port, _ := net.SplitHostPort(server.Addr())
	for _, target := range [][]string{{"[::1]:" + port}, {"::1", port}, {"[::1]", port}, {"smtp://[::1]:" + port}, {"-6", "::1", port}} {
		t.Run(strings.Join(target, " "), func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], target...)
			cmd.Env = append(os.Environ(), programVar+"=1")
			cmd.Stdin = strings.NewReader("QUIT\n")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "* connected to [::1]:"+port+"\n") || !strings.Contains(string(out), "< 221 ") {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// TestOpen goes from server to server.
func TestOpen(t *testing.T) {
	t.Parallel()
	other := smtptest.Serve(t, "< 220 other.example ESMTP\n* eof\n---\n< 220 other.example ESMTP\n> NOOP\n< 250 ok\n* eof")
	host, port, _ := net.SplitHostPort(other)
	s := practise(t)
	s.line(":open " + other)
	s.at("other.example connected> ")
	s.sees("Connection closed.", "Trying 127.0.0.1:", "Connected to 127.0.0.1:")
	s.line(":close")
	s.at("disconnected> ")
	s.line(":close")
	s.sees("There is no connection.")
	s.line(":open " + host + " " + port)
	s.at("other.example connected> ")
	s.line("NOOP")
	s.sees("250 ok")
	s.line(":open practice")
	s.at("practice.example connected> ")
	s.line(":open")
	s.sees("usage: :open HOST[:PORT] | HOST PORT | URL | mx:DOMAIN | practice")
	s.line(":open one two three")
	s.sees("not 3 words")
	s.at("practice.example connected> ") // still open
	s.line("helo me")
	s.at("practice.example greeted> ")
}

// TestRefused keeps the prompt when there is no connection.
func TestRefused(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	s := start(t, []string{addr})
	s.at("disconnected> ")
	s.sees("No connection: connect to "+addr+": connection refused", "nothing listens on port", ":open practice")
	s.line("NOOP")
	s.at("disconnected> :reconnect")
	s.sees("your line is kept for then")
	s.keys(ctrlC)
	s.at("disconnected> NOOP")
	s.keys(ctrlC)
	s.at("disconnected> ")
	s.line(":open practice")
	s.at("practice.example connected> ")
	s.keys(ctrlD)
	s.exits(0)
}

// TestTerminalIsGone ends the program in good order when its terminal does.
func TestTerminalIsGone(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.signal(syscall.SIGHUP)
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
}
