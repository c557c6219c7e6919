package practice

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"strings"
	"testing"
)

// TestModes goes through each mode with a client that trusts the practice CA.
func TestModes(t *testing.T) {
	s := start(t)
	for _, tc := range []struct {
		mode  Mode
		error string // what the client has against it; "" for nothing
	}{
		{"", ""},
		{"plain", ""},
		{"expired", "certificate has expired or is not yet valid"},
		{"wrong-name", "certificate is valid for mail.wrong.example, not practice.example"},
		{"self-signed", "certificate signed by unknown authority"},
		{"tls1.0", "protocol version not supported"},
	} {
		if err := s.SetMode(tc.mode); err != nil {
			t.Fatal(err)
		}
		nc, r := dial(t, s)
		ask(t, nc, r, "STARTTLS\r\n")
		err := tls.Client(nc, trusting(s)).Handshake()
		if tc.error == "" && err != nil || tc.error != "" && (err == nil || !strings.Contains(err.Error(), tc.error)) {
			t.Errorf("%q: %v, want %q", tc.mode, err, tc.error)
		}
		nc.Close()
	}
}

func TestOldTLSCanBeSpoken(t *testing.T) {
	s := start(t)
	s.SetMode("tls1.0")
	nc, r := dial(t, s)
	ask(t, nc, r, "STARTTLS\r\n")
	config := trusting(s)
	config.MinVersion = tls.VersionTLS10
	stream := tls.Client(nc, config)
	if got := ask(t, stream, bufio.NewReader(stream), "NOOP\r\n"); !strings.HasPrefix(got, "250 ") || stream.ConnectionState().Version != tls.VersionTLS10 {
		t.Errorf("%q, %s", got, tls.VersionName(stream.ConnectionState().Version))
	}
}

// TestInjected finds both replies in the segment that answers STARTTLS.
func TestInjected(t *testing.T) {
	s := start(t)
	s.SetMode("injected")
	nc, _ := dial(t, s)
	if _, err := io.WriteString(nc, "STARTTLS\r\n"); err != nil {
		t.Fatal(err)
	}
	const want = "220 2.0.0 ready for TLS; greet again after the handshake\r\n250 injected.example\r\n"
	got := make([]byte, 1000)
	n, err := nc.Read(got)
	if string(got[:n]) != want || err != nil {
		t.Fatalf("%q, %v", got[:n], err)
	}
	if err := tls.Client(nc, trusting(s)).Handshake(); err != nil {
		t.Error(err)
	}
}

func TestNoSTARTTLS(t *testing.T) {
	s := start(t)
	before, r := dial(t, s)
	s.SetMode("no-starttls")
	if got := ask(t, before, r, "EHLO x.example\r\n"); !strings.Contains(got, "STARTTLS") {
		t.Errorf("an open connection changes: %q", got)
	}
	nc, r := dial(t, s)
	if got := ask(t, nc, r, "EHLO x.example\r\n"); strings.Contains(got, "STARTTLS") {
		t.Errorf("offered: %q", got)
	}
	if got := ask(t, nc, r, "STARTTLS\r\n"); got != "502 5.5.1 STARTTLS is not implemented by this server\r\n" {
		t.Errorf("%q", got)
	}
	if got := ask(t, nc, r, "HELP STARTTLS\r\n"); !strings.Contains(got, "does not offer it") {
		t.Errorf("%q", got)
	}
}

func TestParseMode(t *testing.T) {
	for _, row := range Modes {
		m, err := ParseMode(strings.ToUpper(row.Name))
		if err != nil || m != Mode(row.Name) && (row.Name != "plain" || m != ModePlain) || row.Summary == "" {
			t.Errorf("%s: %q, %v", row.Name, m, err)
		}
	}
	if m, err := ParseMode(""); m != ModePlain || err != nil {
		t.Errorf("nothing: %q, %v", m, err)
	}
	want := `practice server: no mode "broken"; there are plain, expired, wrong-name, self-signed, tls1.0, injected, no-starttls`
	if _, err := ParseMode("broken"); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if err := testServer().SetMode("broken"); err == nil {
		t.Error("broken is set")
	}
}

// TestCertificate holds what the server shows against its clock and names.
func TestCertificate(t *testing.T) {
	s := testServer()
	config, err := s.tlsConfig(0)
	if err != nil {
		t.Fatal(err)
	}
	leaf := config.Certificates[0].Leaf
	roots := x509.NewCertPool()
	roots.AddCert(s.CA())
	for _, name := range []string{"practice.example", "localhost", "127.0.0.1", "::1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: s.Now()}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.CA().Subject.String(); got != "CN=smtpsh practice CA" || !s.CA().IsCA {
		t.Errorf("CA %s", got)
	}
	if again, _ := s.tlsConfig(0); again != config {
		t.Error("another certificate the second time")
	}
}
