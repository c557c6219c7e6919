package cli_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// backend is a server by somebody else, as a judge of what the program sends.
type backend struct {
	mu       sync.Mutex
	from     string
	to       []string
	body     bool // BODY=8BITMIME was understood
	received []byte
}

func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }

func (b *backend) Mail(from string, options *smtp.MailOptions) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from, b.body = from, options.Body == smtp.Body8BitMIME
	return nil
}

func (b *backend) Rcpt(to string, _ *smtp.RcptOptions) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here"}
	}
	b.to = append(b.to, to)
	return nil
}

func (b *backend) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.received = text
	return err
}

func (*backend) Reset()        {}
func (*backend) Logout() error { return nil }

// TestAgainstGoSMTP sends a message to a server on emersion/go-smtp, which
// undoes the transport by its own rules.
func TestAgainstGoSMTP(t *testing.T) {
	b := &backend{}
	server := smtp.NewServer(b)
	server.Domain, server.ReadTimeout = "go-smtp.example", 10*time.Second
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener) //nolint:errcheck // it ends with Close
	defer server.Close()

	out, status := piped(t, []string{listener.Addr().String()},
		"EHLO client.example", "MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME", "RCPT TO:<b@example.org>",
		"RCPT TO:<nobody@example.org>", "RCPT TO:<\"c d\"@example.org>", "DATA",
		"Subject: judge", "", ".", "QUIT")
	if status != 1 || !strings.Contains(out, "< 550 5.1.1 nobody here\n") {
		t.Errorf("status %d:\n%s", status, out)
	}
	if string(b.received) != "Subject: judge\r\n\r\n" {
		t.Errorf("received %q", b.received)
	}

	out, status = piped(t, []string{listener.Addr().String()},
		"EHLO client.example", "MAIL FROM:<a@example.org> BODY=8BITMIME", "RCPT TO:<b@example.org>", "DATA",
		"Subject: judge", "", ".one", "..two", "gr\u00fc\u00dfe\tand a tab ", "", ".", "QUIT")
	b.mu.Lock()
	defer b.mu.Unlock()
	if status != 0 || b.from != "a@example.org" || !b.body || strings.Join(b.to, " ") != "b@example.org c d@example.org b@example.org" {
		t.Errorf("status %d, from %q to %q:\n%s", status, b.from, b.to, out)
	}
	if want := []byte("Subject: judge\r\n\r\n.one\r\n..two\r\ngr\u00fc\u00dfe\tand a tab \r\n\r\n"); !bytes.Equal(b.received, want) {
		t.Errorf("received %q, want %q", b.received, want)
	}
}
