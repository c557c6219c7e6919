//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// mutePeer answers all but what the client sends as the line last, and closes
// reached when it has that.
func mutePeer(t *testing.T, last string) (address string, reached chan struct{}) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	reached = make(chan struct{})
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 mx.example ESMTP\r\n")
		content := false
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			switch line := lines.Text(); {
			case line == last:
				close(reached)
			case content:
			case line == "DATA":
				content = true
				fmt.Fprint(conn, "354 go\r\n")
			default:
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return ln.Addr().String(), reached
}

// TestSignals has a signal end each kind of run without a terminal in good
// order: it says how far it came.
func TestSignals(t *testing.T) {
	t.Parallel()
	send := []string{"--helo", "me.example", "--from", "a@b.example", "--to", "c@d.example", "--body", "x"}
	for _, row := range []struct {
		name, last string
		signal     syscall.Signal
		args       []string // behind the address
		stdin      string
		want       []string
	}{
		{"a script", "NOOP", syscall.SIGINT, nil, "NOOP\nQUIT\n", []string{"> NOOP\n", "* Stopped by a signal.\n"}},
		{"a script, terminated", "NOOP", syscall.SIGTERM, nil, "NOOP\nQUIT\n", []string{"* Stopped by a signal.\n"}},
		{"a message", ".", syscall.SIGINT, send, "", []string{"the server may have taken it or not", "* Stopped by a signal.\n"}},
		{"many", ".", syscall.SIGTERM, append(send, "--count", "3"), "", []string{"accepted  0\n*   refused   lost with the connection: 1\n*   not tried 2\n", "* Stopped by a signal.\n"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			address, reached := mutePeer(t, row.last)
			args := append([]string{address}, row.args...)
			if row.args != nil {
				args = append([]string{"send"}, args...)
			}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir())
			cmd.Stdin = strings.NewReader(row.stdin)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-reached
			if err := cmd.Process.Signal(row.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its status is looked at below
			if got := cmd.ProcessState.ExitCode(); got != 130 {
				t.Errorf("status %d (%v)", got, cmd.ProcessState)
			}
			for _, want := range row.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out.String())
				}
			}
		})
	}
}
