package practice

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testServer is a server without a listener, with a fixed clock and short
// seconds.
func testServer(options ...Option) *Server {
	return newServer(append([]Option{func(s *Server) {
		s.Now = func() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC) }
		s.Second = time.Millisecond
		s.Nonce = func() string { return "nonce" }
	}}, options...)...)
}

// talk holds a written dialogue with s over a pipe. The notation:
//
//	< 220 hi      the server sends this line; a final "*" stands for any rest
//	> EHLO x      the client sends this line; lines in a row go at once
//	* raw a\r\n   the client sends these octets, with a Go string's escapes
//	* eof         the server closes
//
// Space before a line, empty lines and lines that begin with # are passed over.
func talk(t *testing.T, s *Server, script string) {
	t.Helper()
	here, there := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		newConn(s, there).serve(false)
	}()
	defer func() {
		here.Close()
		<-served
	}()
	here.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(here)
	pending := ""
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimLeft(line, " \t")
		kind, text, _ := strings.Cut(line, " ")
		switch {
		case line == "" || kind == "#":
			continue
		case kind == ">":
			pending += text + "\r\n"
			continue
		case strings.HasPrefix(line, "* raw "):
			raw, err := strconv.Unquote(`"` + strings.TrimPrefix(line, "* raw ") + `"`)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			pending += raw
			continue
		}
		if pending != "" {
			go io.WriteString(here, pending) // the server may want to be read before it reads all
			pending = ""
		}
		got, err := in.ReadString('\n')
		if line == "* eof" {
			if err != io.EOF || got != "" {
				t.Fatalf("line %d: want the end, got %q, %v", i+1, got, err)
			}
			continue
		}
		if prefix, ok := strings.CutSuffix(text, "*"); err != nil || ok && !strings.HasPrefix(got, prefix) || !ok && got != text+"\r\n" {
			t.Fatalf("line %d:\n got %q, %v\nwant %q", i+1, got, err, text)
		}
	}
	if pending != "" {
		if _, err := io.WriteString(here, pending); err != nil {
			t.Fatal(err)
		}
	}
}
