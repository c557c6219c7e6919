package cli_test

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// binder is a server under TLS that knows SCRAM-SHA-256-PLUS with one channel
// binding, written by others (xdg-go/scram).
type binder struct {
	t       *testing.T
	address string
	kind    string // of the binding that it knows
	refusal string // what it says to another one; "" is a challenge with SCRAM's own word
}

const (
	bindUser, bindPassword = "user", "pencil"
	bindIterations         = 1000 // fewer than there should be, which is told
)

// startBinder starts one, by the practice server's certificate.
func startBinder(t *testing.T, version uint16, kind, refusal string) *binder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	b := &binder{t: t, address: l.Addr().String(), kind: kind, refusal: refusal}
	config := &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, MaxVersion: version}
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go b.serve(tls.Server(raw, config), config.Certificates[0])
		}
	}()
	return b
}

func (b *binder) serve(c *tls.Conn, shown tls.Certificate) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(15 * time.Second))
	if err := c.Handshake(); err != nil {
		return
	}
	lines := bufio.NewScanner(c)
	say := func(text string) { _, _ = io.WriteString(c, text+"\r\n") }
	say("220 mx.example ESMTP")
	for lines.Scan() {
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		switch verb {
		case "EHLO":
			say("250-mx.example\r\n250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256")
		case "AUTH":
			_, initial, _ := strings.Cut(rest, " ")
			say(b.login(c, shown, initial, func(challenge string) string {
				say("334 " + base64.StdEncoding.EncodeToString([]byte(challenge)))
				lines.Scan()
				return lines.Text()
			}))
		default:
			say("221 bye")
			return
		}
	}
}

// login is one exchange; ask sends a challenge and returns the answer to it.
func (b *binder) login(c *tls.Conn, shown tls.Certificate, initial string, ask func(string) string) (reply string) {
	const failed = "535 5.7.8 authentication failed"
	octets, err := base64.StdEncoding.DecodeString(initial)
	if err != nil {
		return "501 no base64"
	}
	flag, _, _ := strings.Cut(string(octets), ",")
	if flag != "p="+b.kind {
		if b.refusal == "" {
			ask("e=unsupported-channel-binding-type")
			return "501 cancelled"
		}
		return b.refusal
	}
	x, err := b.conversation(c.ConnectionState(), shown)
	if err != nil {
		return "454 " + err.Error()
	}
	for answer := string(octets); ; {
		challenge, err := x.Step(answer)
		if err != nil {
			return failed
		}
		text := ask(challenge)
		if x.Done() {
			return "235 2.7.0 welcome"
		}
		octets, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "501 cancelled"
		}
		answer = string(octets)
	}
}

func (b *binder) conversation(state tls.ConnectionState, shown tls.Certificate) (*scram.ServerConversation, error) {
	client, err := scram.SHA256.NewClient(bindUser, bindPassword, "")
	if err != nil {
		return nil, err
	}
	stored, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "a salt", Iters: bindIterations})
	if err != nil {
		return nil, err
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		return nil, err
	}
	binding := scram.ChannelBinding{Type: scram.ChannelBindingType(b.kind)}
	switch b.kind {
	case "tls-exporter":
		binding.Data, err = state.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
	case "tls-unique":
		binding.Data = state.TLSUnique
	default: // RFC 5929 §4.1, of a certificate that is signed with SHA-256
		h := crypto.SHA256.New()
		h.Write(shown.Certificate[0])
		binding.Data = h.Sum(nil)
	}
	return server.NewConversationWithChannelBindingRequired(binding), err
}

// selfSigned is a certificate that vouches for itself.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "mx.example"}, DNSNames: []string{"mx.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestBindings logs in with each channel binding, and finds out the one that
// the server has where it says so.
func TestBindings(t *testing.T) {
	t.Parallel()
	const unknown = "535 5.7.8 e=unsupported-channel-binding-type"
	rows := []struct {
		version       uint16
		kind, refusal string
		option        string
		want          string
		status        int
	}{
		{tls.VersionTLS13, "tls-exporter", unknown, "", "Logged in as user by SCRAM-SHA-256-PLUS; the server proved", 0},
		{tls.VersionTLS13, "tls-exporter", unknown, "", "asks for 1000 iterations of the password's hash only, where 4096 are the least (RFC 7677 §4)", 0},
		{tls.VersionTLS12, "tls-unique", unknown, "", "Logged in as user by SCRAM-SHA-256-PLUS", 0},
		{tls.VersionTLS13, "tls-server-end-point", unknown, "tls-server-end-point", "Logged in as user by SCRAM-SHA-256-PLUS", 0},
		{tls.VersionTLS13, "tls-server-end-point", unknown, "", "The server does not know the channel binding tls-exporter; the same with tls-server-end-point.", 0},
		{tls.VersionTLS12, "tls-server-end-point", "", "", "The server does not know the channel binding tls-unique; the same with tls-server-end-point.", 0},
		{tls.VersionTLS13, "tls-server-end-point", "504 5.5.4 use tls-server-end-point here", "", "Logged in as user by SCRAM-SHA-256-PLUS", 0},
		{tls.VersionTLS13, "tls-server-end-point", "535 5.7.8 no", "", "The server may know another channel binding than tls-exporter: :set auth-binding tls-server-end-point uses that.", 1},
		{tls.VersionTLS13, "tls-exporter", unknown, "tls-server-end-point", "535 5.7.8 e=unsupported", 1},
		{tls.VersionTLS13, "tls-unique", unknown, "tls-unique", "No login: SCRAM-SHA-256-PLUS: no channel binding on this connection", 2},
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%s %s %s %.3s", tls.VersionName(row.version), row.kind, row.option, row.refusal), func(t *testing.T) {
			t.Parallel()
			server := startBinder(t, row.version, row.kind, row.refusal)
			args := []string{"--auth-user", bindUser, "--auth-password-command", "echo " + bindPassword}
			if row.option != "" {
				args = append(args, "--auth-binding", row.option)
			}
			out, status := piped(t, append(args, "smtps://"+server.address), "EHLO me.example", ":auth SCRAM-SHA-256-PLUS", "QUIT")
			if status != row.status || !strings.Contains(out, row.want) {
				t.Errorf("status %d, want %d and %q:\n%s", status, row.status, row.want, out)
			}
			if row.status == 0 && !strings.Contains(out, "Logged in as user") {
				t.Errorf("not logged in:\n%s", out)
			}
		})
	}
}
