package cli_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/shell/practice"
)

// listening is a practice server, and the address that the session is for.
func listening(t *testing.T, implicit bool) (*practice.Server, string) {
	t.Helper()
	server, err := practice.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(context.Background()) //nolint:errcheck // it ends with Close
	t.Cleanup(func() { server.Close() })
	if !implicit {
		return server, server.Addr()
	}
	if err := server.ListenTLS("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return server, server.TLSAddr()
}

// TestCaptureOfARun has tshark decrypt what the program captured: the commands
// in clear and under TLS, one connection, and nothing that is odd.
func TestCaptureOfARun(t *testing.T) {
	t.Parallel()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	_, address := listening(t, false)
	host, port, _ := net.SplitHostPort(address)
	dir := t.TempDir()
	file := filepath.Join(dir, "run.pcapng")
	cmd := exec.Command(os.Args[0], "--helo", "me.example", "--tls", "starttls", "--tls-keylog", filepath.Join(dir, "keys"), "--record", file, host, port)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+dir)
	cmd.Stdin = strings.NewReader("EHLO me.example\nMAIL FROM:<a@example.org>\nQUIT\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(filter string, fields ...string) string {
		args := []string{"-r", file, "-d", "tcp.port==" + port + ",smtp", "-Y", filter, "-T", "fields"}
		for _, f := range fields {
			args = append(args, "-e", f)
		}
		out, err := exec.Command(tshark, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	// Of STARTTLS it takes the first four letters for the command.
	if got, want := read("smtp.req.command", "smtp.req.command"), "EHLO\nSTAR\nEHLO\nEHLO\nMAIL\nQUIT\n"; got != want {
		t.Errorf("tshark reads the commands %q, want %q", got, want)
	}
	if odd := read("_ws.malformed || tcp.analysis.flags || !(tcp.port == "+port+")", "frame.number"); odd != "" {
		t.Errorf("tshark wonders at the packets %q", odd)
	}
}
