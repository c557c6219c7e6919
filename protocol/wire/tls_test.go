package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// tlsPeer is a server that speaks TLS from the start and greets. What became
// of each handshake can be asked for.
func tlsPeer(t *testing.T, config *tls.Config) (address string, done <-chan handshaken) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	all := make(chan handshaken, 64)
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer raw.Close()
				stream := tls.Server(raw, config)
				_ = raw.SetDeadline(time.Now().Add(20 * time.Second))
				err := stream.Handshake()
				all <- handshaken{stream.ConnectionState(), err}
				if err == nil {
					_, _ = io.WriteString(stream, "220 hi\r\n")
					_, _ = io.Copy(io.Discard, stream)
				}
			}()
		}
	}()
	return l.Addr().String(), all
}

type handshaken struct {
	state tls.ConnectionState
	err   error
}

// secure connects and makes a handshake; on may wrap the connection.
func secure(t *testing.T, address string, s Security, on func(net.Conn) net.Conn) (*log, *Conn, error) {
	t.Helper()
	l := newLog(t)
	d := &Dialer{Emit: l.emit, Implicit: true}
	if on != nil {
		d.Connect = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return on(c), nil
		}
	}
	c := open(t, d, address)
	if s.Name == "" {
		s.Name = peerName
	}
	s.Limit = 20 * time.Second
	return l, c, c.Secure(s)
}

// secured is what the handshake in l settled.
func (l *log) secured() protocol.TLS {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if s, ok := e.(protocol.Secured); ok {
			return s.TLS
		}
	}
	l.t.Fatal("there is no Secured")
	return protocol.TLS{}
}

const anySuite = "" // in a row: whichever

func TestHandshakes(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	ec, rsa, ed := issue(t, paper{name: peerName}, root), issue(t, paper{name: peerName, key: keys.rsa()}, root), issue(t, paper{name: peerName, key: keys.ed25519()}, root)
	me := issue(t, paper{name: "me"}, nil)
	const rsaGCM, ecGCM = tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	rows := []struct {
		name   string
		server *tls.Config
		client Security
		want   protocol.TLS // Version, Cipher, Group, Wanted, Sent and Lax
		fails  string       // the error; "" for a handshake that succeeds
	}{
		{"1.3, ECDSA", &tls.Config{}, Security{}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768"}, ""},
		{"1.3, RSA", &tls.Config{Certificates: []tls.Certificate{*rsa}, CurvePreferences: []tls.CurveID{tls.CurveP256}}, Security{}, protocol.TLS{Version: "TLS 1.3", Group: "P-256"}, ""},
		{"1.3, Ed25519", &tls.Config{Certificates: []tls.Certificate{*ed}, CurvePreferences: []tls.CurveID{tls.X25519}}, Security{}, protocol.TLS{Version: "TLS 1.3", Group: "X25519"}, ""},
		{"1.2, ECDSA", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{ecGCM}, CurvePreferences: []tls.CurveID{tls.CurveP384}}, Security{},
			protocol.TLS{Version: "TLS 1.2", Cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Group: "P-384"}, ""},
		{"1.2, RSA, by the client's wish", &tls.Config{Certificates: []tls.Certificate{*rsa}, CurvePreferences: []tls.CurveID{tls.CurveP521}}, Security{Max: tls.VersionTLS12, Ciphers: []uint16{rsaGCM}},
			protocol.TLS{Version: "TLS 1.2", Cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Group: "P-521"}, ""},
		{"1.2, RSA key transport", &tls.Config{Certificates: []tls.Certificate{*rsa}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, Security{Ciphers: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}},
			protocol.TLS{Version: "TLS 1.2", Cipher: "TLS_RSA_WITH_AES_128_GCM_SHA256"}, ""},
		{"1.0", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CurvePreferences: []tls.CurveID{tls.CurveP256}}, Security{Min: tls.VersionTLS10}, protocol.TLS{Version: "TLS 1.0", Group: "P-256"}, ""},
		{"unverified, and warned of", &tls.Config{Certificates: []tls.Certificate{*me}}, Security{}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768"}, ""},
		{"not looked at", &tls.Config{Certificates: []tls.Certificate{*me}}, Security{Verify: VerifyOff}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768", Lax: true}, ""},
		{"unverified, and refused", &tls.Config{}, Security{Verify: VerifyRequire, Name: "other.example"}, protocol.TLS{},
			"TLS handshake failed after the server's certificate: the server is not verified, and verification is required: the name does not match: asked for other.example, the certificate is for " + peerName},
		{"verified, where that is required", &tls.Config{}, Security{Verify: VerifyRequire}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768"}, ""},

		{"client certificate asked for, 1.3", &tls.Config{ClientAuth: tls.RequestClientCert}, Security{}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768", Wanted: true}, ""},
		{"client certificate asked for, 1.2", &tls.Config{ClientAuth: tls.RequestClientCert, MaxVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.CurveP256}}, Security{}, protocol.TLS{Version: "TLS 1.2", Group: "P-256", Wanted: true}, ""},
		{"client certificate sent, 1.3", &tls.Config{ClientAuth: tls.RequireAnyClientCert}, Security{Identity: me}, protocol.TLS{Version: "TLS 1.3", Group: "X25519MLKEM768", Wanted: true, Sent: "CN=me"}, ""},
		{"client certificate sent, 1.2", &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.CurveP256}}, Security{Identity: me}, protocol.TLS{Version: "TLS 1.2", Group: "P-256", Wanted: true, Sent: "CN=me"}, ""},
		{"client certificate demanded and not sent, 1.2", &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, Security{}, protocol.TLS{},
			"TLS handshake failed after the key exchange, before the server's Finished: the server sent the alert handshake_failure (40): it asked for a client certificate and got none; --tls-cert and --tls-key give one"},
		{"client certificate refused, 1.2", &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool(root), MaxVersion: tls.VersionTLS12}, Security{Identity: me}, protocol.TLS{},
			"TLS handshake failed after the key exchange, before the server's Finished: the server sent the alert unknown_ca (48): it does not know who issued the client's certificate"},

		{"no common version, for the server is newer", &tls.Config{MinVersion: tls.VersionTLS13}, Security{Max: tls.VersionTLS12}, protocol.TLS{},
			"TLS handshake failed in the answer to the ClientHello: the server sent the alert protocol_version (70): no common version: see --tls-min and --tls-max"},
		{"no common version, for the server is older", &tls.Config{MaxVersion: tls.VersionTLS12}, Security{Min: tls.VersionTLS13}, protocol.TLS{},
			"TLS handshake failed in the answer to the ClientHello: the server sent the alert protocol_version (70)"},
		{"no common cipher", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{ecGCM}}, Security{Ciphers: []uint16{rsaGCM}}, protocol.TLS{},
			"TLS handshake failed in the answer to the ClientHello: the server sent the alert handshake_failure (40): no common cipher suite"},
		{"no certificate for the name", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}, Security{}, protocol.TLS{},
			"TLS handshake failed in the answer to the ClientHello: the server sent the alert unrecognized_name (112): it has no certificate for the name asked for: see --tls-name"},
		{"a fault of the server's", &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("fault") }}, Security{}, protocol.TLS{},
			"TLS handshake failed in the answer to the ClientHello: the server sent the alert internal_error (80)"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.server.Certificates == nil && row.server.GetCertificate == nil {
				row.server.Certificates = []tls.Certificate{*ec}
			}
			row.client.Roots = pool(root, me)
			if row.server.MinVersion == 0 {
				row.server.MinVersion = tls.VersionTLS10
			}
			address, _ := tlsPeer(t, row.server)
			l, c, err := secure(t, address, row.client, nil)
			if row.fails != "" {
				failed(t, l, c, err, row.fails)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := l.secured()
			if row.want.Cipher == anySuite {
				got.Cipher = anySuite
			}
			facts := protocol.TLS{Version: got.Version, Cipher: got.Cipher, Group: got.Group, Wanted: got.Wanted, Sent: got.Sent, Lax: got.Lax}
			if show, want := facts.Version+" "+facts.Cipher+" "+facts.Group+" "+facts.Sent, row.want.Version+" "+row.want.Cipher+" "+row.want.Group+" "+row.want.Sent; show != want || facts.Wanted != row.want.Wanted || facts.Lax != row.want.Lax {
				t.Errorf("%q, wanted %v, lax %v; want %q, %v, %v", show, facts.Wanted, facts.Lax, want, row.want.Wanted, row.want.Lax)
			}
			if got.Took <= 0 || len(got.Chain) == 0 || got.Name != peerName {
				t.Errorf("took %v, a chain of %d, for %q", got.Took, len(got.Chain), got.Name)
			}
			l.await(4) // trying, opened, secured and the greeting
			l.want(3, `< "220 hi\r\n"`)
		})
	}
}

// failed checks that a handshake ended as it should: by the error that is
// told, which also ends the connection, and without a word that came later.
func failed(t *testing.T, l *log, c *Conn, err error, want string) *HandshakeError {
	t.Helper()
	var h *HandshakeError
	if !errors.As(err, &h) {
		t.Fatalf("%v is no HandshakeError", err)
	}
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q, want %q", err, want)
	}
	if h.TLS.Verified() {
		t.Error("a server that proved nothing is verified")
	}
	<-c.Done()
	if closed := l.closed(); closed.By != protocol.ByFault || !errors.Is(closed.Err, err) {
		t.Errorf("closed by %d: %v", closed.By, closed.Err)
	}
	if strings.Contains(l.String(), "< ") {
		t.Errorf("something was taken for a reply:\n%s", l)
	}
	return h
}

// TestClientCertificateRefusedLater is TLS 1.3, where the client is done
// before the server has looked at its certificate.
func TestClientCertificateRefusedLater(t *testing.T) {
	noLeaks(t)
	root, me := issue(t, paper{name: "Root", ca: true}, nil), issue(t, paper{name: "me"}, nil)
	for _, row := range []struct {
		identity *tls.Certificate
		want     string
	}{
		{nil, "the server sent the alert certificate_required (116): it wants a certificate from the client: --tls-cert and --tls-key give one"},
		{me, "the server sent the alert unknown_ca (48): it does not know who issued the client's certificate"},
	} {
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool(root)})
		l, c, err := secure(t, address, Security{Roots: pool(root), Identity: row.identity}, nil)
		if err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		if closed := l.closed(); closed.By != protocol.ByPeer || closed.Err == nil || closed.Err.Error() != row.want {
			t.Errorf("closed by %d: %v, want %q", closed.By, closed.Err, row.want)
		}
	}
}

// TestNoTLS is what answers a ClientHello with something else, or not at all.
func TestNoTLS(t *testing.T) {
	noLeaks(t)
	for _, row := range []struct {
		name   string
		answer func(net.Conn)
		want   string
	}{
		{"plaintext", func(c net.Conn) { _, _ = io.WriteString(c, "220 mx ESMTP\r\n") }, `TLS handshake failed in the answer to the ClientHello: what came is not TLS: "220 mx ESMTP\r\n"`},
		{"an end", func(net.Conn) {}, "TLS handshake failed with no answer to the ClientHello: the server closed the connection"},
		{"a reset", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, "TLS handshake failed with no answer to the ClientHello: the server reset the connection"},
		{"half a record", func(c net.Conn) { _, _ = c.Write([]byte{22, 3, 3, 0, 90, 2, 0}) }, "TLS handshake failed within the ServerHello: the server closed the connection"},
		{"an alert that nobody knows", func(c net.Conn) { _, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 200}) }, "TLS handshake failed in the answer to the ClientHello: the server sent the alert unregistered (200): no RFC says what it means"},
		{"an SSL 2 alert", func(c net.Conn) { _, _ = c.Write([]byte{0x80, 3, 0, 0, 1}) }, `TLS handshake failed in the answer to the ClientHello: what came is not TLS: "\x80\x03\x00\x00\x01"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				row.answer(c)
				_ = c.Close()
			}()
			log, c, err := secure(t, l.Addr().String(), Security{}, nil)
			h := failed(t, log, c, err, row.want)
			if plain := strings.Contains(row.want, "not TLS"); h.Plaintext() != plain {
				t.Errorf("plaintext: %v", h.Plaintext())
			}
		})
	}
}

// TestSilentHandshake is a server that answers nothing, which a limit ends.
func TestSilentHandshake(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	d, far := pipe(t, l)
	d.Implicit = true
	go func() { _, _ = io.Copy(io.Discard, far) }()
	c := open(t, d, "192.0.2.1:465")
	err := c.Secure(Security{Limit: time.Millisecond})
	failed(t, l, c, err, "TLS handshake failed with no answer to the ClientHello: the server took too long")
}

// TestAlertNames is every alert of the table, as a server sends it.
func TestAlertNames(t *testing.T) {
	noLeaks(t)
	for _, a := range protocol.Alerts {
		if a.Name == "close_notify" || a.Name == "user_canceled" {
			continue // they are no errors (RFC 8446 §6.1)
		}
		l := newLog(t)
		d, far := pipe(t, l)
		d.Implicit = true
		go func() {
			go func() { _, _ = io.Copy(io.Discard, far) }()
			_, _ = far.Write([]byte{21, 3, 3, 0, 2, 2, a.Code})
		}()
		c := open(t, d, "192.0.2.1:465")
		h := failed(t, l, c, c.Secure(Security{}), "TLS handshake failed in the answer to the ClientHello: the server sent the alert "+a.Name+" (")
		if got := h.Alert(); got == nil || got.Name != a.Name {
			t.Errorf("%s: %v", a.Name, got)
		}
	}
}

// TestResumption goes on with an earlier session, where the client keeps them.
func TestResumption(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}, MaxVersion: version})
		s := Security{Roots: pool(root), Sessions: tls.NewLRUClientSessionCache(4)}
		for i, want := range []bool{false, true} {
			l, c, err := secure(t, address, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			l.await(4) // in TLS 1.3 the ticket comes with the greeting
			if got := l.secured(); got.Resumed != want || !got.Verified() || len(got.Chain) != 1 {
				t.Errorf("%s, connection %d: resumed %v, verified %v, a chain of %d", tls.VersionName(version), i, got.Resumed, got.Verified(), len(got.Chain))
			}
			c.Close(protocol.ByUser)
			<-c.Done()
		}
	}
}

// TestKeyLog has the lines that Wireshark wants.
func TestKeyLog(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	for version, labels := range map[uint16][]string{
		tls.VersionTLS12: {"CLIENT_RANDOM"},
		tls.VersionTLS13: {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"},
	} {
		var keys bytes.Buffer
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}, MaxVersion: version})
		if _, _, err := secure(t, address, Security{Roots: pool(root), KeyLog: &keys}, nil); err != nil {
			t.Fatal(err)
		}
		for _, label := range labels {
			if !strings.Contains(keys.String(), label+" ") {
				t.Errorf("%s: no %s in the key log:\n%s", tls.VersionName(version), label, &keys)
			}
		}
	}
}

// TestBindings holds what ties a login to the connection against what the
// server has for it.
func TestBindings(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	for version, kinds := range map[uint16]string{tls.VersionTLS12: "tls-unique tls-server-end-point", tls.VersionTLS13: "tls-exporter tls-server-end-point"} {
		leaf := issue(t, paper{name: peerName, key: keys.rsa()}, root)
		address, done := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*leaf}, MaxVersion: version})
		_, c, err := secure(t, address, Security{Roots: pool(root)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		server := (<-done).state
		for _, kind := range []string{"tls-exporter", "tls-unique", "tls-server-end-point", "tls-nonsense"} {
			data, ok := c.Binding(kind)
			if want := strings.Contains(kinds, kind); ok != want {
				t.Errorf("%s has %s: %v", tls.VersionName(version), kind, ok)
				continue
			}
			var want []byte
			switch kind {
			case "tls-exporter":
				want = must(server.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32))
			case "tls-unique":
				want = server.TLSUnique
			case "tls-server-end-point":
				want, _ = endPoint(append(server.PeerCertificates, leaf.Leaf))
			}
			if ok && !bytes.Equal(data, want) {
				t.Errorf("%s, %s: %x, and the server has %x", tls.VersionName(version), kind, data, want)
			}
		}
	}
	l := newLog(t)
	d, _ := pipe(t, l)
	if _, ok := open(t, d, "192.0.2.1:25").Binding("tls-exporter"); ok {
		t.Error("a connection in plaintext has a channel binding")
	}
}

func TestParseCiphers(t *testing.T) {
	const gcm, chacha = tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
	rows := []struct {
		text  string
		want  []uint16
		wrong string
	}{
		{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", []uint16{gcm}, ""},
		{"ECDHE-RSA-AES128-GCM-SHA256:ecdhe-ecdsa-chacha20-poly1305", []uint16{gcm, chacha}, ""},
		{"AES128-GCM-SHA256,AES256-SHA,DES-CBC3-SHA", []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}, ""},
		{"TLS_AES_128_GCM_SHA256", nil, "cannot be chosen here"},
		{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA25", nil, "did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?"},
		{":,", nil, "a list of suites"},
	}
	for _, row := range rows {
		ids, err := ParseCiphers(row.text)
		if !slices.Equal(ids, row.want) || (row.wrong == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), row.wrong) {
			t.Errorf("%s: %v, %v; want %v, %q", row.text, ids, err, row.want, row.wrong)
		}
	}
}

// TestResetWithoutCertificate has a server that got no client certificate reset
// the connection behind the handshake: its alert may be lost to that.
func TestResetWithoutCertificate(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	leaf := issue(t, paper{name: peerName}, root)
	for _, asked := range []tls.ClientAuthType{tls.NoClientCert, tls.RequestClientCert} {
		config := &tls.Config{Certificates: []tls.Certificate{*leaf}, ClientAuth: asked}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			raw, err := l.Accept()
			if err == nil && tls.Server(raw, config).Handshake() == nil {
				_ = raw.(*net.TCPConn).SetLinger(0)
				_ = raw.Close()
			}
		}()
		log, c, err := secure(t, l.Addr().String(), Security{Roots: pool(root)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		_ = l.Close()
		closed := log.closed()
		if told := closed.Err != nil && strings.Contains(closed.Err.Error(), "asked for a client certificate and got none"); told != (asked == tls.RequestClientCert) {
			t.Errorf("client certificate asked for: %v; the end is %v", asked, closed.Err)
		}
	}
}
