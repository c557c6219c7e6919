package wire

import (
	"bufio"
	"crypto/tls"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// startOpenSSL runs openssl s_server with a certificate for one connection. It
// greets once the handshake is done.
func startOpenSSL(t *testing.T, c *tls.Certificate, options ...string) (address string) {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here")
	}
	chain, key := files(t, c)
	args := []string{"s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-cert", chain, "-key", key}
	if behind := c.Certificate[1:]; len(behind) > 0 {
		issuers, _ := files(t, &tls.Certificate{Certificate: behind, PrivateKey: c.PrivateKey})
		args = append(args, "-cert_chain", issuers)
	}
	cmd := exec.Command(program, append(args, options...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	said := bufio.NewScanner(stdout)
	for said.Scan() {
		if at, ok := strings.CutPrefix(said.Text(), "ACCEPT "); ok {
			_, _ = io.WriteString(stdin, "220 hi\r\n") // it waits for the handshake
			return strings.TrimSpace(at)
		}
	}
	t.Fatalf("openssl %v does not listen", options)
	return ""
}

// TestOpenSSL makes handshakes with a TLS that is not Go's.
func TestOpenSSL(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true, from: -2 * 365 * day, to: 365 * day}, nil)
	between := issue(t, paper{name: "Between", ca: true}, root)
	me := issue(t, paper{name: "me"}, nil)
	ec, rsa := issue(t, paper{name: peerName}, root), issue(t, paper{name: peerName, key: keys.rsa()}, root)
	leaf := func(p paper, by *tls.Certificate) *tls.Certificate {
		if p.name == "" {
			p.name = peerName
		}
		return issue(t, p, by)
	}
	const lost = "TLS handshake failed "
	rows := []struct {
		name    string
		shown   *tls.Certificate
		options string
		client  Security
		want    string // version, cipher, and what is lacking, each as it begins; or the error
	}{
		{"1.2, ECDSA", ec, "-tls1_2", Security{}, "TLS 1.2 TLS_ECDHE_ECDSA_WITH_"},
		{"1.2, RSA", rsa, "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", Security{}, "TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{"1.3, ECDSA", ec, "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", Security{}, "TLS 1.3 TLS_CHACHA20_POLY1305_SHA256"},
		{"1.3, RSA", rsa, "-tls1_3 -groups P-384", Security{}, "TLS 1.3 TLS_AES_"},
		{"certificate asked for and not sent", ec, "-verify 1", Security{}, "TLS 1.3 TLS_AES_"},
		{"certificate asked for and sent", ec, "-verify 1", Security{Identity: me}, "TLS 1.3 TLS_AES_"},
		{"certificate demanded and not sent", ec, "-Verify 1 -tls1_2", Security{}, lost + "after the key exchange, before the server's Finished: the server sent the alert handshake_failure (40): it asked for a client certificate and got none"},
		{"certificate refused", ec, "-Verify 1 -verify_return_error -tls1_2", Security{Identity: me}, lost + "after the key exchange, before the server's Finished: the server sent the alert "},
		{"expired", leaf(paper{from: -90 * day, to: -2 * day}, root), "-ciphersuites TLS_AES_128_GCM_SHA256", Security{}, "TLS 1.3 TLS_AES_128_GCM_SHA256 the certificate expired on "},
		{"not yet valid", leaf(paper{from: 2 * day, to: 90 * day}, root), "-ciphersuites TLS_AES_128_GCM_SHA256", Security{}, "TLS 1.3 TLS_AES_128_GCM_SHA256 the certificate is not valid before "},
		{"wrong name", leaf(paper{name: "other.example"}, root), "-ciphersuites TLS_AES_128_GCM_SHA256", Security{}, "TLS 1.3 TLS_AES_128_GCM_SHA256 the name does not match: "},
		{"self-signed", leaf(paper{}, nil), "-ciphersuites TLS_AES_128_GCM_SHA256", Security{}, "TLS 1.3 TLS_AES_128_GCM_SHA256 self-signed: "},
		{"incomplete chain", leaf(paper{}, between), "-ciphersuites TLS_AES_128_GCM_SHA256", Security{}, "TLS 1.3 TLS_AES_128_GCM_SHA256 the issuer is unknown here: CN=Between; the server sent its own certificate alone"},
		{"complete chain", chained(leaf(paper{}, between), between), "", Security{}, "TLS 1.3 TLS_AES_"},
		{"no common version", ec, "-tls1_2", Security{Min: tls.VersionTLS13}, lost + "in the answer to the ClientHello: the server sent the alert protocol_version (70)"},
		{"no common cipher", ec, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", Security{Max: tls.VersionTLS12, Ciphers: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}, lost + "in the answer to the ClientHello: the server sent the alert handshake_failure (40): no common"},
		{"no common group", ec, "-tls1_3 -groups ffdhe2048", Security{}, lost + "in the answer to the ClientHello: the server sent the alert handshake_failure (40): no common"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.client.Roots = pool(root)
			l, c, err := secure(t, startOpenSSL(t, row.shown, strings.Fields(row.options)...), row.client, nil)
			if strings.HasPrefix(row.want, lost) {
				failed(t, l, c, err, row.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := l.secured()
			if got := strings.TrimSpace(s.Version + " " + s.Cipher + " " + strings.Join(s.Lacks, "; ")); !strings.HasPrefix(got, row.want) {
				t.Errorf("%q, want %q", got, row.want)
			}
			if asked := strings.Contains(row.options, "erify"); s.Wanted != asked || (s.Sent != "") != (row.client.Identity != nil) {
				t.Errorf("wanted %v, sent %q", s.Wanted, s.Sent)
			}
			l.await(4)
			l.want(3, `< "220 hi\r\n"`)
		})
	}
}

// TestOpenSSLRefusesLater is TLS 1.3, where a client certificate is looked at
// when the client is done already.
func TestOpenSSLRefusesLater(t *testing.T) {
	noLeaks(t)
	leaf := issue(t, paper{name: peerName}, nil)
	l, c, err := secure(t, startOpenSSL(t, leaf, "-Verify", "1", "-tls1_3"), Security{Roots: pool(leaf)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the connection does not end")
	}
	const want = "the server sent the alert certificate_required (116)"
	if closed := l.closed(); closed.By != protocol.ByPeer || closed.Err == nil || !strings.HasPrefix(closed.Err.Error(), want) {
		t.Errorf("closed by %d: %v, want %q", closed.By, closed.Err, want)
	}
}
