package practice

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// start serves on a free port until the test ends.
func start(t *testing.T, options ...Option) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0", append([]Option{func(s *Server) { s.Second = time.Millisecond }}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// dial opens a connection and reads the greeting.
func dial(t *testing.T, s *Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(nc)
	if line, err := r.ReadString('\n'); err != nil {
		t.Fatalf("greeting %q, %v", line, err)
	}
	return nc, r
}

// awkward is a message with everything that dot-stuffing can get wrong.
const awkward = "Subject: dots\r\nFrom: a@example.org\r\n\r\n.\r\n..\r\n.x\r\n\r\n x . \r\ntail .\r\n"

// TestGoSMTP has a client that others wrote send through the server.
func TestGoSMTP(t *testing.T) {
	s := start(t)
	c, err := gosmtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{"SIZE", "8BITMIME", "PIPELINING", "SMTPUTF8", "DSN", "CHUNKING", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "HELP"} {
		if ok, _ := c.Extension(ext); !ok {
			t.Errorf("%s is not offered", ext)
		}
	}
	if size, ok := c.MaxMessageSize(); !ok || size != 10<<20 {
		t.Errorf("size %d, %v", size, ok)
	}
	if err := c.Mail("a@example.org", &gosmtp.MailOptions{Size: int64(len(awkward)), Body: gosmtp.Body8BitMIME, UTF8: true, Return: gosmtp.DSNReturnHeaders, EnvelopeID: "QQ314159"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("b@example.org", &gosmtp.RcptOptions{Notify: []gosmtp.DSNNotify{gosmtp.DSNNotifyNever}}); err != nil {
		t.Fatal(err)
	}
	err = c.Rcpt("550@example.org", nil)
	if e, ok := err.(*gosmtp.SMTPError); !ok || e.Code != 550 || e.EnhancedCode != (gosmtp.EnhancedCode{5, 1, 1}) {
		t.Errorf("550@: %v", err)
	}
	if err := c.Rcpt("c@example.org", nil); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, awkward); err != nil {
		t.Fatal(err)
	}
	resp, err := w.CloseWithResponse()
	if err != nil || !strings.Contains(resp.StatusText, "queued as P1") {
		t.Errorf("after the dot: %v, %v", resp, err)
	}
	if err := c.Verify("alice"); err != nil {
		t.Error(err)
	}
	if err := c.Noop(); err != nil {
		t.Error(err)
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	m, ok := s.Message(1)
	if !ok || string(m.Content()) != awkward {
		t.Fatalf("content %q", m.Content())
	}
	got := fmt.Sprintf("%s %s %s %v %q", m.ID, m.Helo, m.From, m.To, m.RcptParams)
	if got != `P1 client.example a@example.org [b@example.org c@example.org] ["NOTIFY=NEVER" ""]` {
		t.Errorf("envelope %s", got)
	}
	for _, p := range []string{"SIZE=", "BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=QQ314159"} {
		if !strings.Contains(m.Params, p) {
			t.Errorf("parameters %q lack %s", m.Params, p)
		}
	}
}

// TestNetSMTP does the same with the standard library's client.
func TestNetSMTP(t *testing.T) {
	got := make(chan Message, 1)
	s := start(t, func(s *Server) { s.Delivered = func(m Message) { got <- m } })
	s.SetMode("no-starttls") // or SendMail would insist on a certificate that it trusts
	err := smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"b@example.org", "c@example.org"}, []byte(awkward))
	if err != nil {
		t.Fatal(err)
	}
	if m := <-got; string(m.Content()) != awkward || len(m.To) != 2 {
		t.Errorf("%+v", m)
	}
	err = smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"dot554@example.org"}, []byte(awkward))
	if e := (*textproto.Error)(nil); !errors.As(err, &e) || e.Code != 554 {
		t.Errorf("dot554@: %v", err)
	}
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestTrace(t *testing.T) {
	s := testServer()
	talk(t, s, greetedFull+`
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> DATA
	< 354 *
	> hi
	> .
	< 250 *
	> MAIL FROM:<> SMTPUTF8
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> RCPT TO:<c@example.org>
	< 250 *
	> DATA
	< 354 *
	> hi
	> .
	< 250 *`)
	want := []string{
		"Return-Path: <a@example.org>\r\nReceived: from client.example ([pipe])\r\n\tby practice.example with ESMTP id P1\r\n\tfor <b@example.org>;\r\n\tSat, 14 Mar 2026 15:09:26 +0000\r\n\r\nhi\r\n",
		"Return-Path: <>\r\nReceived: from client.example ([pipe])\r\n\tby practice.example with UTF8SMTP id P2;\r\n\tSat, 14 Mar 2026 15:09:26 +0000\r\n\r\nhi\r\n",
	}
	for i, m := range s.Messages() {
		if string(m.Data) != want[i] || m.N != i+1 || string(m.Content()) != "hi\r\n" {
			t.Errorf("message %d:\n got %q\nwant %q", m.N, m.Data, want[i])
		}
	}
}

var greetedFull = strings.Replace(greeted, "SIZE 1000", "SIZE 10485760", 1)

func TestStoreForgetsTheOldest(t *testing.T) {
	var s store
	put := func(size int) {
		s.add(func(n int, id string) Message { return Message{N: n, ID: id, Data: make([]byte, size)} })
	}
	for range maxMessages + 5 {
		put(1)
	}
	if n := len(s.all()); n != maxMessages || s.dropped() != 5 || s.all()[0].ID != "P6" {
		t.Errorf("%d kept, %d dropped", n, s.dropped())
	}
	if _, ok := s.get(5); ok {
		t.Error("5 should be forgotten")
	}
	if m, ok := s.get(6); !ok || m.N != 6 {
		t.Errorf("6: %+v, %v", m, ok)
	}
	for _, n := range []int{-1, 0, maxMessages + 6} {
		if _, ok := s.get(n); ok {
			t.Errorf("there is a message %d", n)
		}
	}
	put(maxKept)
	put(maxKept + 1)
	if n := len(s.all()); n != 1 || s.size != maxKept+1 {
		t.Errorf("%d kept of %d octets", n, s.size)
	}
}

func TestReceivingIsBounded(t *testing.T) {
	s := reach(t, "rcpt")
	s.srv.incoming.Store(maxIncoming)
	c := s.newContent(true)
	for _, b := range []byte("hi\r\n.\r\n") {
		c.next(b)
	}
	if a := s.finish(c); a.code != 452 {
		t.Errorf("%+v", a)
	}
	if n := s.srv.incoming.Load(); n != maxIncoming {
		t.Errorf("%d reserved", n)
	}
}

func TestTooManyConnections(t *testing.T) {
	s := start(t)
	for range maxConns {
		dial(t, s)
	}
	nc, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	if got, err := io.ReadAll(nc); err != nil || string(got) != "421 4.3.2 too many connections, try again later\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestClose has the server say goodbye, also to who waits for slow@.
func TestClose(t *testing.T) {
	s := start(t, func(s *Server) { s.Second = time.Hour })
	idle, idleReader := dial(t, s)
	slow, slowReader := dial(t, s)
	if _, err := io.WriteString(slow, "HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<slow@example.org>\r\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := slowReader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const bye = "421 4.3.2 practice.example is shutting down, closing the connection\r\n"
	if got, err := io.ReadAll(idleReader); err != nil || string(got) != bye {
		t.Errorf("idle: %q, %v", got, err)
	}
	if got, err := io.ReadAll(slowReader); err != nil || !strings.HasSuffix(string(got), bye) {
		t.Errorf("slow: %q, %v", got, err)
	}
	idle.Close()
	if err := s.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
}

// TestHalfClose answers a client that has sent all it has and only listens, as
// a pipe into nc does; slow@ does not keep it waiting.
func TestHalfClose(t *testing.T) {
	s := start(t, func(s *Server) { s.Second = time.Hour })
	nc, r := dial(t, s)
	if _, err := io.WriteString(nc, "HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<slow@example.org>\r\nQU"); err != nil {
		t.Fatal(err)
	}
	if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if n := bytes.Count(got, []byte("\r\n")); err != nil || n != 3 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestIdle(t *testing.T) {
	s := start(t, func(s *Server) { s.Idle = time.Millisecond })
	_, r := dial(t, s)
	if got, err := io.ReadAll(r); err != nil || string(got) != "421 4.4.2 practice.example waited too long, closing the connection\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestLastReplyArrives sends on behind what ends the connection: the reply
// must not be lost to a reset.
func TestLastReplyArrives(t *testing.T) {
	s := start(t)
	for range 20 {
		nc, r := dial(t, s)
		if _, err := io.WriteString(nc, "QUIT\r\n"+strings.Repeat("NOOP\r\n", 1000)); err != nil {
			t.Fatal(err)
		}
		if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "221 ") {
			t.Fatalf("%q, %v", line, err)
		}
		nc.Close()
	}
}

func TestManyClients(t *testing.T) {
	s := start(t)
	s.SetMode("no-starttls")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			from := fmt.Sprintf("a%d@example.org", i)
			if err := smtp.SendMail(s.Addr(), nil, from, []string{"b@example.org"}, []byte(awkward)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(s.Messages()); n != 20 {
		t.Errorf("%d messages", n)
	}
}

func TestListenFails(t *testing.T) {
	s := start(t)
	if _, err := Listen(s.Addr()); err == nil {
		t.Error("one address, two servers")
	}
}

// wireConn is a client whose octets are all there already.
type wireConn struct {
	net.Conn
	in io.Reader
}

func (c wireConn) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c wireConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c wireConn) Close() error                     { return nil }
func (c wireConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv6loopback, Port: 25} }
func (c wireConn) SetReadDeadline(time.Time) error  { return nil }
func (c wireConn) SetWriteDeadline(time.Time) error { return nil }

// FuzzWire serves any octets to their end.
func FuzzWire(f *testing.F) {
	begin := "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
	for _, s := range []string{begin + "DATA\r\n" + awkward + ".\r\nQUIT\r\n", begin + "BDAT 3\r\nabcBDAT 0 LAST\r\n", "\n\r\n\r", begin + "DATA\r\n.\r.\r\n.\n", strings.Repeat("x", 10000), begin + "BDAT 18446744073709551615 LAST\r\nx", "STARTTLS\r\n\x16\x03\x01\x00\x05", "EHLO x\r\nAUTH LOGIN\r\ncHJhY3RpY2U=\r\ncHJhY3RpY2U=\r\nNOOP\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := testServer(func(s *Server) { s.Second = 0 })
		newConn(s, wireConn{in: bytes.NewReader(in)}).serve(false)
		if n := s.incoming.Load(); n != 0 {
			t.Errorf("%d octets are still reserved", n)
		}
	})
}

func BenchmarkListen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := Listen("127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkCommand(b *testing.B) {
	b.ReportAllocs()
	s := reach(b, "greeted")
	for b.Loop() {
		s.handle("MAIL FROM:<a@example.org> SIZE=1200")
		s.handle("RSET")
	}
}
