package smtptest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
)

// dial connects to the peer until the test ends.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	return nc
}

// read takes exactly so many octets as want has and compares them.
func read(t *testing.T, nc net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

func write(t *testing.T, nc net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(nc, s); err != nil {
		t.Fatal(err)
	}
}

func readEOF(t *testing.T, nc net.Conn) {
	t.Helper()
	if rest, err := io.ReadAll(nc); len(rest) > 0 || err != nil {
		t.Fatalf("read %q, %v; want the end", rest, err)
	}
}

func TestDialogue(t *testing.T) {
	p := New(t, `
		# A whole session.
		< 220 hi
		> EHLO x
		< 250-hi
		< 250 SIZE
		* any
		* raw 250 \xff"'\\\u00e9\r\n
		* flush-bytes 1
		>
		< 500 what
		* flush-bytes 0
		* wait 1ms
		<
		> QUIT
		< 221 bye
	`)
	nc := dial(t, p.Addr())
	read(t, nc, "220 hi\r\n")
	write(t, nc, "EHLO x\r\n")
	read(t, nc, "250-hi\r\n250 SIZE\r\n")
	write(t, nc, "whatever\n")
	read(t, nc, "250 \xff\"'\\é\r\n")
	write(t, nc, "\r\n")
	read(t, nc, "500 what\r\n\r\n")
	write(t, nc, "QUIT\r\n")
	read(t, nc, "221 bye\r\n")
	readEOF(t, nc)
	_ = nc.Close()
	<-p.Done()
	if got, want := p.Received(), "EHLO x\r\nwhatever\n\r\nQUIT\r\n"; got != want {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestConnectionsInTurn(t *testing.T) {
	p := New(t, "< 220 one\n* close\n---\n< 220 two\n* eof\n---\n< 220 three\n> x\n* reset")
	nc := dial(t, p.Addr())
	read(t, nc, "220 one\r\n")
	readEOF(t, nc)
	nc = dial(t, p.Addr())
	read(t, nc, "220 two\r\n")
	_ = nc.Close()
	nc = dial(t, p.Addr())
	read(t, nc, "220 three\r\n")
	write(t, nc, "x\r\n")
	if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v, want a reset", err)
	}
	<-p.Done()
	if nc, err := net.Dial("tcp", p.Addr()); err == nil {
		_ = nc.Close()
		t.Error("a connection without a script was taken")
	}
}

func TestHalfClose(t *testing.T) {
	nc := dial(t, Serve(t, "< 220 hi\n* half-close\n> still here"))
	read(t, nc, "220 hi\r\n")
	readEOF(t, nc)
	write(t, nc, "still here\r\n")
}

func TestDepartures(t *testing.T) {
	tests := []struct {
		name, script, sends, want string
	}{
		{"other line", "< 220 hi\n> EHLO x", "HELO x\r\n", `script line 2: want "EHLO x\r\n", got "HELO x\r\n"`},
		{"bare LF", "> EHLO x", "EHLO x\n", `script line 1: want "EHLO x\r\n", got "EHLO x\n"`},
		{"other case", "> EHLO x", "ehlo x\r\n", `script line 1: want "EHLO x\r\n", got "ehlo x\r\n"`},
		{"end too early", "\n> EHLO x", "EHL", `script line 2: want "EHLO x\r\n", got "EHL" and EOF`},
		{"end for any", "* any", "", `script line 1: want a line, got "" and EOF`},
		{"more than the script", "> a", "a\r\nb\r\n", `script line 1 was the last: want the end, got "b\r\n"`},
		{"more than the end", "> a\n* eof", "a\r\nb\r\n", `script line 2: want the end, got "b\r\n"`},
		{"a connection too few", "> a\n---\n> b", "a\r\n", "connection 2 of 2 never came"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Start(tt.script)
			if err != nil {
				t.Fatal(err)
			}
			nc := dial(t, p.Addr())
			write(t, nc, tt.sends)
			if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, nc)
			_ = nc.Close()
			if err := p.Close(); err == nil || err.Error() != tt.want {
				t.Errorf("Close: %v\nwant:  %s", err, tt.want)
			}
		})
	}
}

func TestCloseOnSilentClient(t *testing.T) {
	p, err := Start("< 220 hi\n> QUIT")
	if err != nil {
		t.Fatal(err)
	}
	nc := dial(t, p.Addr())
	read(t, nc, "220 hi\r\n")
	if err := p.Close(); err == nil || !strings.HasPrefix(err.Error(), `script line 2: want "QUIT\r\n", got ""`) {
		t.Errorf("Close: %v", err)
	}
}

func TestBadScripts(t *testing.T) {
	tests := []struct{ script, want string }{
		{"\n220 hi", `script line 2: line begins with none of <, >, * and #: "220 hi"`},
		{"<220 hi", `script line 1: no space behind the first character of "<220 hi"`},
		{"* dance", `script line 1: unknown directive "dance"`},
		{"* close now", `script line 1: unknown directive "close now"`},
		{"* wait", `script line 1: directive "wait": time: invalid duration ""`},
		{"* flush-bytes -1", `script line 1: directive "flush-bytes": negative size -1`},
		{`* raw a\z`, `script line 1: directive "raw": bad escape at "\\z": invalid syntax`},
		{"* close\n< 220 hi", `script line 2: the connection has ended in line 1`},
	}
	for _, tt := range tests {
		if _, err := Start(tt.script); err == nil || err.Error() != tt.want {
			t.Errorf("Start(%q): %v\nwant: %s", tt.script, err, tt.want)
		}
	}
}

// fakeTB stands in for the test that would fail.
type fakeTB struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fakeTB) Helper()          {}
func (f *fakeTB) Cleanup(g func()) { f.cleanups = append(f.cleanups, g) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fakeTB) Fatal(args ...any) { f.failures = append(f.failures, fmt.Sprint(args...)) }

func TestFailsItsTest(t *testing.T) {
	tb := &fakeTB{}
	nc := dial(t, Serve(tb, "> EHLO x"))
	write(t, nc, "EHLO y\r\n")
	_, _ = io.Copy(io.Discard, nc)
	for _, f := range tb.cleanups {
		f()
	}
	want := `smtptest: script line 1: want "EHLO x\r\n", got "EHLO y\r\n"`
	if len(tb.failures) != 1 || tb.failures[0] != want {
		t.Errorf("failures: %q, want %q", tb.failures, want)
	}
}
