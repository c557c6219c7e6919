package practice

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/smtp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// trusting is a client's configuration that trusts the practice server.
func trusting(s *Server) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.CA())
	return &tls.Config{RootCAs: roots, ServerName: "practice.example", MinVersion: tls.VersionTLS12}
}

// ask sends a line and returns the reply, its lines joined.
func ask(t *testing.T, nc io.Writer, r *bufio.Reader, line string) string {
	t.Helper()
	if _, err := io.WriteString(nc, line); err != nil {
		t.Fatal(err)
	}
	reply := ""
	for {
		got, err := r.ReadString('\n')
		reply += got
		if err != nil || len(got) < 4 || got[3] == ' ' {
			if err != nil {
				t.Fatalf("after %q: %q, %v", line, reply, err)
			}
			return reply
		}
	}
}

// starttls takes a connection under TLS and greets.
func starttls(t *testing.T, s *Server) (*tls.Conn, *bufio.Reader) {
	t.Helper()
	nc, r := dial(t, s)
	if got := ask(t, nc, r, "STARTTLS\r\n"); got != "220 2.0.0 ready for TLS; greet again after the handshake\r\n" {
		t.Fatalf("STARTTLS: %q", got)
	}
	stream := tls.Client(nc, trusting(s))
	if err := stream.Handshake(); err != nil {
		t.Fatal(err)
	}
	r = bufio.NewReader(stream)
	return stream, r
}

func TestSTARTTLS(t *testing.T) {
	s := start(t)
	nc, r := dial(t, s)
	if got := ask(t, nc, r, "EHLO a.example\r\n"); !strings.Contains(got, "\r\n250-STARTTLS\r\n") {
		t.Errorf("plaintext: %q", got)
	}
	ask(t, nc, r, "AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl\r\n")
	ask(t, nc, r, "STARTTLS\r\n")
	stream := tls.Client(nc, trusting(s))
	r = bufio.NewReader(stream)
	for _, tc := range []struct{ line, want string }{
		{"MAIL FROM:<a@example.org>", "503 5.5.1 greet first"}, // RFC 3207 §4.2
		{"STARTTLS", "503 5.5.1 this connection is under TLS already"},
		{"STARTTLS now", "501 5.5.4 "},
		{"EHLO b.example", "250-practice.example greets b.example"},
		{"HELP STARTTLS", "214-2.0.0 STARTTLS"},
		{"AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl", "235 "}, // the login was forgotten
		{"MAIL FROM:<a@example.org>", "250 "},
		{"RCPT TO:<slow2@example.org>", "250 "}, // a read that is cut short does no harm
		{"DATA", "354 "},
		{"Subject: hi\r\n\r\nhi\r\n.", "250 "},
		{"QUIT", "221 "},
	} {
		got := ask(t, stream, r, tc.line+"\r\n")
		if !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.line, got, tc.want)
		}
		if tc.line == "EHLO b.example" && strings.Contains(got, "STARTTLS") {
			t.Errorf("STARTTLS is offered under TLS: %q", got)
		}
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("the end: %q, %v", rest, err)
	}
	if m, ok := s.Message(1); !ok || !strings.Contains(string(m.Data), " with ESMTPSA id ") {
		t.Errorf("message %q", m.Data)
	}
}

// TestPlaintextBehindSTARTTLS sends commands along with STARTTLS, as a man in
// the middle would (CVE-2011-0411): they are never read.
func TestPlaintextBehindSTARTTLS(t *testing.T) {
	s := start(t)
	nc, r := dial(t, s)
	ask(t, nc, r, "STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@example.org>\r\nHELP")
	stream := tls.Client(nc, trusting(s))
	r = bufio.NewReader(stream)
	if got := ask(t, stream, r, "NOOP\r\n"); got != "250 2.0.0 still here\r\n" {
		t.Errorf("the first reply under TLS: %q", got)
	}
	if got := ask(t, stream, r, "RCPT TO:<b@example.org>\r\n"); !strings.HasPrefix(got, "503 5.5.1 greet first") {
		t.Errorf("RCPT: %q", got)
	}
}

// TestHandshakeFails has a client that speaks no TLS after all: the connection
// closes without a word in plaintext.
func TestHandshakeFails(t *testing.T) {
	s := start(t)
	nc, r := dial(t, s)
	ask(t, nc, r, "STARTTLS\r\n")
	if _, err := io.WriteString(nc, "EHLO client.example\r\n"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) || strings.Contains(string(got), "\r\n") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestHandshakeIsNotAwaitedForEver(t *testing.T) {
	s := start(t, func(s *Server) { s.Idle = 50 * time.Millisecond })
	nc, r := dial(t, s)
	ask(t, nc, r, "STARTTLS\r\n")
	if got, err := io.ReadAll(r); err != nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
	_ = nc
}

func TestImplicitTLS(t *testing.T) {
	s := start(t)
	if got := s.TLSAddr(); got != "" {
		t.Errorf("listens on %s", got)
	}
	if err := s.ListenTLS("127.0.0.1:0"); err != nil { // Serve runs
		t.Fatal(err)
	}
	if err := s.ListenTLS("127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), s.TLSAddr()) {
		t.Errorf("a second time: %v", err)
	}
	for range 2 {
		stream, err := tls.Dial("tcp", s.TLSAddr(), trusting(s))
		if err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(stream)
		if got := ask(t, stream, r, ""); got != "220 practice.example ESMTP smtpsh practice server\r\n" {
			t.Errorf("greeting %q", got)
		}
		if got := ask(t, stream, r, "EHLO x.example\r\n"); strings.Contains(got, "STARTTLS") || !strings.Contains(got, "250-AUTH ") {
			t.Errorf("EHLO %q", got)
		}
		if got := ask(t, stream, r, "STARTTLS\r\n"); !strings.HasPrefix(got, "503 5.5.1 ") {
			t.Errorf("STARTTLS %q", got)
		}
		stream.Close()
	}
	c, err := smtp.Dial(s.Addr()) // others' client
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(c.StartTLS(trusting(s)), c.Auth(smtp.PlainAuth("", User, Password, "127.0.0.1")), c.Quit()); err != nil {
		t.Error(err)
	}
}

// TestResumption goes on with an earlier session.
func TestResumption(t *testing.T) {
	s := start(t)
	if err := s.ListenTLS("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	config := trusting(s)
	config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	for i := range 2 {
		stream, err := tls.Dial("tcp", s.TLSAddr(), config)
		if err != nil {
			t.Fatal(err)
		}
		ask(t, stream, bufio.NewReader(stream), "")
		if got := stream.ConnectionState().DidResume; got != (i == 1) {
			t.Errorf("connection %d resumed: %v", i, got)
		}
		stream.Close()
	}
}

// TestEndUnderTLS looks for the close_notify that tells an end from a cut (RFC
// 8446 §6.1): QUIT has one and drop@ has not. crypto/tls hides the difference,
// so the type of the last record must tell, which TLS 1.2 does not encrypt.
func TestEndUnderTLS(t *testing.T) {
	s := start(t)
	const alert, data = 21, 23
	for _, tc := range []struct {
		lines string
		last  byte
	}{
		{"QUIT\r\n", alert},
		{"HELO x.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<421@example.org>\r\n", alert},
		{"HELO x.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<drop@example.org>\r\n", data},
	} {
		nc, r := dial(t, s)
		ask(t, nc, r, "STARTTLS\r\n")
		config := trusting(s)
		config.MaxVersion = tls.VersionTLS12
		heard := &recorder{Conn: nc}
		stream := tls.Client(heard, config)
		if _, err := io.WriteString(stream, tc.lines); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(stream); err != nil {
			t.Errorf("%q: %v", tc.lines, err)
		}
		var last byte
		for b := heard.all; len(b) > 5; b = b[5+int(b[3])<<8+int(b[4]):] { // RFC 5246 §6.2.1
			last = b[0]
		}
		if last != tc.last {
			t.Errorf("%q: the last record is of type %d, want %d", tc.lines, last, tc.last)
		}
	}
}

// recorder keeps what is read.
type recorder struct {
	net.Conn
	all []byte
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.all = append(r.all, b[:n]...)
	return n, err
}

func TestIdleUnderTLS(t *testing.T) {
	s := start(t)
	stream, r := starttls(t, s)
	if _, err := io.WriteString(stream, "HELO x.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<idle@example.org>\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(got), "\r\n421 4.4.2 practice.example waited too long, closing the connection\r\n") {
		t.Errorf("%q, %v", got, err)
	}
}

// TestCloseUnderTLS closes the server while clients are in every state of TLS;
// nothing is left running.
func TestCloseUnderTLS(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := Listen("127.0.0.1:0", func(s *Server) { s.Second = time.Hour })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ListenTLS("127.0.0.1:0"); err != nil { // before Serve
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()

	stream, idle := starttls(t, s)
	ask(t, stream, idle, "NOOP\r\n") // the client is done with its handshake before the server is
	slow, slowReader := starttls(t, s)
	if _, err := io.WriteString(slow, "HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<slow@example.org>\r\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := slowReader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	awaited, awaitedReader := dial(t, s) // says nothing after STARTTLS
	ask(t, awaited, awaitedReader, "STARTTLS\r\n")
	silent, err := net.Dial("tcp", s.TLSAddr()) // says nothing at all
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()

	began := time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const bye = "421 4.3.2 practice.example is shutting down, closing the connection\r\n"
	for name, r := range map[string]io.Reader{"idle": idle, "slow": slowReader} {
		if got, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(got), bye) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := io.ReadAll(awaitedReader); err != nil || len(got) > 0 {
		t.Errorf("awaited: %q, %v", got, err)
	}
	if err := <-served; err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("Serve: %v after %v", err, time.Since(began))
	}
	if err := s.ListenTLS("127.0.0.1:0"); !errors.Is(err, net.ErrClosed) || s.TLSAddr() != "" {
		t.Errorf("after Close: %v, %q", err, s.TLSAddr())
	}
	stream.Close()
	slow.Close()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}

// TestCloseAndHandshakes closes while clients come and go, for the race
// detector.
func TestCloseAndHandshakes(t *testing.T) {
	for range 5 {
		s := start(t)
		if err := s.ListenTLS("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		config, addr := trusting(s), s.TLSAddr()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					stream, err := tls.Dial("tcp", addr, config)
					if err != nil {
						return // closed
					}
					stream.SetDeadline(time.Now().Add(10 * time.Second))
					io.WriteString(stream, "NOOP\r\n")
					bufio.NewReader(stream).ReadString('\n')
					stream.Close()
				}
			})
		}
		for _, row := range Modes {
			s.SetMode(Mode(row.Name))
			time.Sleep(2 * time.Millisecond)
			s.SetMode(ModePlain)
		}
		s.Close()
		wg.Wait()
	}
}

func BenchmarkIdentity(b *testing.B) {
	for b.Loop() {
		newServer().CA()
	}
}
