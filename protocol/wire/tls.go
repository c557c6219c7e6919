package wire

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"smtpsh/protocol"
)

// Security is how a connection is put under TLS. The zero value asks for the
// host it was dialled as, trusts whom the system trusts, and goes on with a
// server that is not verified.
type Security struct {
	Name     string                 // asked for (SNI) and verified; the dialled host when empty
	Verify   Verification           // what becomes of a server that is not verified
	Roots    *x509.CertPool         // who is trusted; the system's authorities when nil
	Identity *tls.Certificate       // shown to a server that asks for a client certificate; nil for none
	Min, Max uint16                 // versions, as crypto/tls counts them; 0 for its own bounds
	Ciphers  []uint16               // suites up to TLS 1.2, for those of 1.3 are not chosen; nil for the usual ones
	KeyLog   io.Writer              // takes the secrets of the session, for Wireshark; nil for none
	Sessions tls.ClientSessionCache // earlier sessions to go on with; nil always begins anew
	Limit    time.Duration          // how long the handshake may take; 0 for as long as it likes
}

// Verification says what becomes of a server that does not prove who it is.
type Verification uint8

const (
	// VerifyWarn goes on and tells.
	VerifyWarn Verification = iota
	// VerifyRequire breaks the handshake off.
	VerifyRequire
	// VerifyOff does not look.
	VerifyOff
)

// Secure makes a TLS handshake on a parked connection, behind the 220 to
// STARTTLS or, with Dialer.Implicit, before the greeting. It emits Smuggled
// when there was plaintext behind the 220, and Secured. Its error, which ends
// the connection, is a *HandshakeError, or ErrClosed. It must not be called
// from within Emit.
func (c *Conn) Secure(s Security) error {
	return c.Upgrade(func(plain net.Conn, behind []byte) (net.Conn, error) {
		if len(behind) > 0 {
			c.d.emit(func(at protocol.At) protocol.Event { return protocol.Smuggled{At: at, Raw: behind} })
		}
		if s.Limit > 0 {
			_ = plain.SetDeadline(time.Now().Add(s.Limit))
			defer plain.SetDeadline(time.Time{})
		}
		if s.Name == "" {
			s.Name = c.host
		}
		h := handshake{Security: s, now: c.d.now, conn: &watched{Conn: plain}}
		stream, report, err := h.make()
		if err != nil {
			return nil, err
		}
		c.setBare(report.Wanted && report.Sent == "")
		c.d.emit(func(at protocol.At) protocol.Event { return protocol.Secured{At: at, TLS: report} })
		return stream, nil
	})
}

// handshake is one handshake under way.
type handshake struct {
	Security
	now    func() time.Time
	conn   *watched
	report protocol.TLS
	step   string // how far it came
}

// watched keeps the first octets that the server sends, which tell what it
// speaks, and how many came, and has what it sends acknowledged at once.
type watched struct {
	net.Conn
	first []byte
	came  int
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.came += n
	const enough = 64
	w.first = append(w.first, b[:min(n, enough-len(w.first))]...)
	return n, err
}

func (w *watched) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	quickAck(w.Conn)
	return n, err
}

func (h *handshake) make() (*tls.Conn, protocol.TLS, error) {
	began := h.now()
	stream := tls.Client(h.conn, h.config())
	if err := stream.Handshake(); err != nil {
		h.report.Broken = true
		return nil, h.report, &HandshakeError{Step: h.reached(), First: h.conn.first, TLS: h.report, Err: err}
	}
	h.report.Took = h.now().Sub(began)
	h.state(stream.ConnectionState())
	return stream, h.report, nil
}

// config turns the wishes into what crypto/tls takes. It does not verify: to
// name all that is wrong with a certificate, and to go on all the same, is
// more than it can do, so verify does.
func (h *handshake) config() *tls.Config {
	return &tls.Config{
		ServerName:         strings.TrimSuffix(h.Name, "."),
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies
		VerifyConnection:   h.verify,
		MinVersion:         h.Min,
		MaxVersion:         h.Max,
		CipherSuites:       h.Ciphers,
		KeyLogWriter:       keySteps{h},
		ClientSessionCache: h.Sessions,
		Time:               h.now,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			h.report.Wanted = true
			if h.step == afterCertificate { // TLS 1.3 comes to it later
				h.step = "after the server's request for a client certificate"
			}
			if h.Identity == nil {
				return &tls.Certificate{}, nil // RFC 8446 §4.4.2: an empty one says that there is none
			}
			h.report.Sent = subjectOf(h.Identity)
			return h.Identity, nil
		},
	}
}

// keySteps is told of the secrets of a handshake as they come to be, which
// says how far it is, and hands them on where they are wanted.
type keySteps struct{ *handshake }

// Write takes one line of a key log, which begins with what it is about.
func (k keySteps) Write(line []byte) (int, error) {
	switch label, _, _ := strings.Cut(string(line), " "); label {
	case "CLIENT_RANDOM":
		k.step = "after the key exchange, before the server's Finished"
	case "CLIENT_HANDSHAKE_TRAFFIC_SECRET":
		k.step = "after the ServerHello"
	case "CLIENT_TRAFFIC_SECRET_0":
		k.step = "after the server's Finished"
	}
	if k.KeyLog == nil {
		return len(line), nil
	}
	return k.KeyLog.Write(line)
}

func subjectOf(identity *tls.Certificate) string {
	if identity.Leaf == nil {
		return "?"
	}
	return identity.Leaf.Subject.String()
}

// state notes what the handshake settled.
func (h *handshake) state(s tls.ConnectionState) {
	h.report.Version, h.report.Cipher = tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite)
	if s.CurveID != 0 {
		h.report.Group = groupName(s.CurveID)
	}
	h.report.Resumed = s.DidResume
}

// groupName is the group as the IANA registry "TLS Supported Groups" or
// common use has it.
func groupName(id tls.CurveID) string {
	switch id {
	case tls.CurveP256:
		return "P-256"
	case tls.CurveP384:
		return "P-384"
	case tls.CurveP521:
		return "P-521"
	}
	return id.String()
}

// reached says how far a handshake came that failed.
func (h *handshake) reached() string {
	const record, header, serverHello = 22, 5, 2 // RFC 8446 §5.1, §4
	first := h.conn.first
	switch {
	case h.step != "":
		return h.step
	case len(first) == 0:
		return "with no answer to the ClientHello"
	case len(first) > header && first[0] == record && first[header] == serverHello:
		if h.conn.came < header+int(first[3])<<8+int(first[4]) {
			return "within the ServerHello"
		}
		return "after the ServerHello"
	}
	return "in the answer to the ClientHello"
}

// Binding is what ties a login to this connection's TLS, so that it cannot be
// passed on by someone in the middle: of kind "tls-exporter" (RFC 9266),
// "tls-unique" or "tls-server-end-point" (RFC 5929). ok is false where the
// connection has none of that kind.
func (c *Conn) Binding(kind string) (data []byte, ok bool) {
	c.sending.Lock()
	defer c.sending.Unlock()
	stream, secured := c.stream.(*tls.Conn)
	if !secured {
		return nil, false
	}
	state := stream.ConnectionState()
	switch kind {
	case "tls-exporter": // RFC 9266 §2
		data, err := state.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
		return data, err == nil && state.Version >= tls.VersionTLS13
	case "tls-unique": // RFC 9266 §3: not defined for TLS 1.3
		return state.TLSUnique, len(state.TLSUnique) > 0 && state.Version < tls.VersionTLS13
	case "tls-server-end-point":
		return endPoint(state.PeerCertificates)
	}
	return nil, false
}

// ParseVersion reads a version of TLS: "1.2" or "TLS 1.2" as crypto/tls counts
// it.
func ParseVersion(text string) (uint16, error) {
	digits := strings.TrimLeft(strings.ToLower(text), "tlsv ")
	for version := uint16(tls.VersionTLS10); version <= tls.VersionTLS13; version++ {
		if tls.VersionName(version) == "TLS "+digits {
			return version, nil
		}
	}
	return 0, fmt.Errorf("version %q: 1.0, 1.1, 1.2 or 1.3 is wanted", text)
}

// Ciphers lists the names of the suites that ParseCiphers knows, those that
// nobody should use last.
func Ciphers() []string {
	var names []string
	for _, suites := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, suite := range suites {
			if suite.SupportedVersions[0] < tls.VersionTLS13 {
				names = append(names, suite.Name)
			}
		}
	}
	return names
}

// ParseCiphers reads a list of cipher suites of TLS 1.2 and before, separated
// by commas or colons, by the names that IANA or OpenSSL give them.
func ParseCiphers(text string) ([]uint16, error) {
	var ids []uint16
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ':' }) {
		id, err := findCipher(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("ciphers %q: a list of suites such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is wanted", text)
	}
	return ids, nil
}

// opensslName is what OpenSSL calls a suite of TLS 1.2 and before: it leaves
// out what goes without saying, as CBC and the RSA key exchange
// (openssl-ciphers(1), "CIPHER SUITE NAMES").
func opensslName(iana string) string {
	return strings.NewReplacer(
		"TLS_RSA_WITH_", "", "TLS_", "", "_WITH_", "-",
		"3DES_EDE_CBC", "DES-CBC3", "RC4_128", "RC4",
		"AES_128_CBC", "AES128", "AES_256_CBC", "AES256", "AES_128_GCM", "AES128-GCM", "AES_256_GCM", "AES256-GCM",
		"CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", "_", "-",
	).Replace(iana)
}

func findCipher(name string) (uint16, error) {
	for _, suites := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, suite := range suites {
			fixed := suite.SupportedVersions[0] == tls.VersionTLS13
			switch same := strings.EqualFold(suite.Name, name); {
			case same && fixed:
				return 0, fmt.Errorf("cipher %s: the suites of TLS 1.3 cannot be chosen here, only left out: tls-max 1.2 does", suite.Name)
			case same, !fixed && strings.EqualFold(opensslName(suite.Name), name):
				return suite.ID, nil
			}
		}
	}
	known, hint := Ciphers(), ""
	for _, iana := range Ciphers() {
		known = append(known, opensslName(iana))
	}
	if near := protocol.Nearest(strings.ToUpper(name), known); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return 0, fmt.Errorf("cipher %q is not known by that name%s", name, hint)
}
