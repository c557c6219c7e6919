//go:build unix

package cli_test

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/protocol/smtptest"
)

// socketTo gives a peer a socket of this machine.
func socketTo(t *testing.T, script string) (path string) {
	t.Helper()
	peer := smtptest.Serve(t, script)
	path = filepath.Join(t.TempDir(), "s")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		near, err := ln.Accept()
		if err != nil {
			return
		}
		defer near.Close()
		far, err := net.Dial("tcp", peer)
		if err != nil {
			return
		}
		defer far.Close()
		go func() {
			_, _ = io.Copy(far, near)
			_ = far.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(near, far)
	}()
	return path
}

func TestSocket(t *testing.T) {
	t.Parallel()
	path := socketTo(t, "< 220 mx.example ESMTP\n> EHLO me.example\n< 250 mx.example\n> QUIT\n< 221 bye")
	out := run(t, "EHLO me.example\nQUIT\n", "unix:"+path)
	for _, want := range []string{"* trying unix:" + path, "* connected to unix:" + path, "< 250 mx.example", "< 221 bye"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	path = socketTo(t, "< 220 mx.example LMTP\n> LHLO me.example\n< 250 mx.example\n> QUIT\n< 221 bye")
	out, status := sendTo(t, "", "lmtp+unix:"+path, "--to", "a@b.example", "--stop-after", "ehlo")
	if status != 0 || !strings.Contains(out, "> LHLO me.example") {
		t.Errorf("status %d:\n%s", status, out)
	}
	out, status = sendTo(t, "", "unix:/no/such/socket", "--to", "a@b.example")
	if status != 4 || !strings.Contains(out, "look at its path and its mode") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

// aServer is one in a line of shell, which takes anything.
const aServer = `printf '220 a pipe\r\n'; while read -r line; do case $line in QUIT*) printf '221 bye\r\n'; exit;; *) printf '250 ok\r\n';; esac; done`

func TestPipe(t *testing.T) {
	t.Parallel()
	out := run(t, "EHLO me.example\nQUIT\n", "--pipe", aServer)
	if !strings.Contains(out, "< 220 a pipe\n> EHLO me.example\n< 250 ok\n> QUIT\n< 221 bye\n") {
		t.Error(out)
	}
	out, status := piped(t, []string{"--pipe", "echo it fails >&2; exit 3"}, "NOOP")
	if status != 4 || !strings.Contains(out, "the command ended with exit status 3: it fails") {
		t.Errorf("status %d:\n%s", status, out)
	}
}
