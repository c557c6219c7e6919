package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"smtpsh/protocol/smtptest"
)

// httpProxy answers CONNECT with status, and where that is 200 connects to
// peer, whatever was asked for.
func httpProxy(t *testing.T, status, peer string) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer near.Close()
				in := bufio.NewReader(near)
				for {
					if line, err := in.ReadString('\n'); err != nil || strings.TrimSpace(line) == "" {
						break
					}
				}
				fmt.Fprintf(near, "HTTP/1.1 %s\r\n\r\n", status)
				far, err := net.Dial("tcp", peer)
				if err != nil {
					return
				}
				defer far.Close()
				go func() {
					_, _ = io.Copy(far, in)
					_ = far.(*net.TCPConn).CloseWrite()
				}()
				_, _ = io.Copy(near, far)
			}()
		}
	}()
	return ln.Addr().String()
}

func TestProxy(t *testing.T) {
	t.Parallel()
	proxy := httpProxy(t, "200 ok", smtptest.Serve(t, "< 220 mx.example ESMTP\n> QUIT\n< 221 bye"))
	out := run(t, "QUIT\n", "--proxy", "http://"+proxy, "mail.example.org")
	for _, want := range []string{"* connected to mail.example.org:25 through http://" + proxy, "< 220 mx.example ESMTP", "< 221 bye"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	refusing := httpProxy(t, "403 not you", "127.0.0.1:1")
	out, status := piped(t, []string{"--proxy", "http://user:sesame@" + refusing, "mail.example.org"}, "QUIT")
	if status != 4 || !strings.Contains(out, "403 not you") || strings.Contains(out, "sesame") {
		t.Errorf("status %d:\n%s", status, out)
	}
	out, status = piped(t, []string{"--proxy", "ftp://x"}, "QUIT")
	if status != 2 || !strings.Contains(out, "--proxy") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	out := run(t, "QUIT\n", "--bind", "127.0.0.1", smtptest.Serve(t, "< 220 mx.example ESMTP\n> QUIT\n< 221 bye"))
	if !strings.Contains(out, "< 221 bye") {
		t.Error(out)
	}
	out, status := piped(t, []string{"--bind", "2001:db8::1", "127.0.0.1:1"}, "QUIT")
	if status != 4 || !strings.Contains(out, "No connection: ") {
		t.Errorf("status %d:\n%s", status, out)
	}
	out, status = piped(t, []string{"--bind", "here"}, "QUIT")
	if status != 2 || !strings.Contains(out, "bind is an address of this machine") && !strings.Contains(out, "an address of this machine") {
		t.Errorf("status %d:\n%s", status, out)
	}
}
