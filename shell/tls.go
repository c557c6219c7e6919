package shell

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// tlsSettings is what the tls options say.
type tlsSettings struct {
	start   string // how a server is opened that does not say so itself
	wire    wire.Security
	ciphers string
	ca      string // a file, or "practice"
	cert    string // a file
	key     string // a file; the certificate's when empty
	keys    keyLog
	warmed  bool // the system's authorities are being read
}

// warmRoots begins to read the system's authorities ahead of a handshake:
// there are hundreds, in files of which each is parsed, and the handshake
// would wait for some ten milliseconds.
func (sh *Shell) warmRoots() {
	if sh.tls.warmed || sh.tls.ca != "" || sh.tls.wire.Verify == wire.VerifyOff {
		return
	}
	sh.tls.warmed = true
	go x509.SystemCertPool() // which keeps them
}

// unset is the value that takes an option back.
const unset = "default"

// fileName is the file that the value of an option names, "" where it takes the
// option back: by its word or by "none", which is what :set then shows.
// Quotation marks around it are not part of it, nor does "~/" stand for itself.
func fileName(value string) string {
	if value == unset || value == byNobody {
		return ""
	}
	if n := len(value) - 1; n > 0 && value[0] == value[n] && (value[0] == '"' || value[0] == '\'') {
		value = value[1:n]
	}
	return atHome(value)
}

// tlsOptions are the rows of the table of options that concern TLS.
func tlsOptions() []Option {
	return []Option{
		{"tls", "implicit|starttls|opportunistic|none", "how a connection comes under TLS when it is opened; none, and for submission:// opportunistic, counts more than the URL", []string{byImplicit, byStartTLS, byChance, byNobody}, true,
			func(sh *Shell) string { return or(sh.tls.start, "as the target says") }, setTLS},
		{"tls-verify", "warn|require|off", "whether a server that is not verified is told of, refused, or not looked at", verifications, true,
			func(sh *Shell) string { return verifications[sh.tls.wire.Verify] }, setVerify},
		{"tls-ca", "FILE", "the authorities to trust, in PEM, in place of the system's; \"practice\" is the practice server's", []string{"practice", unset}, true,
			func(sh *Shell) string { return or(sh.tls.ca, "the system's") }, setCA},
		{"tls-name", "NAME", "the name to ask for (SNI) and to verify, in place of the host's", nil, true,
			func(sh *Shell) string { return or(sh.tls.wire.Name, "the host's") }, setName},
		{"tls-key", "FILE", "the key of the client certificate, in PEM, where it is not in the same file", nil, true,
			func(sh *Shell) string { return or(sh.tls.key, "with the certificate") }, setKey},
		{"tls-cert", "FILE", "a client certificate, in PEM, for servers that ask for one", nil, true,
			func(sh *Shell) string { return or(sh.tls.cert, "none") }, setCert},
		{"tls-min", "VERSION", "the oldest version of TLS to speak: 1.0, 1.1, 1.2 or 1.3", []string{"1.0", "1.1", "1.2", "1.3", unset}, true,
			func(sh *Shell) string { return versionName(sh.tls.wire.Min, "1.2") }, setMin},
		{"tls-max", "VERSION", "the newest version of TLS to speak", []string{"1.0", "1.1", "1.2", "1.3", unset}, true,
			func(sh *Shell) string { return versionName(sh.tls.wire.Max, "1.3") }, setMax},
		{"tls-ciphers", "LIST", "the cipher suites to offer, up to TLS 1.2, by the names that IANA or OpenSSL give them", append(wire.Ciphers(), unset), true,
			func(sh *Shell) string { return or(sh.tls.ciphers, "the usual ones") }, setCiphers},
		{"tls-keylog", "FILE", "add the session's keys to FILE, so that Wireshark can decrypt it", nil, true,
			func(sh *Shell) string { return or(sh.tls.keys.name, "none") }, setKeyLog},
		{"tls-resume", "on|off", "go on with an earlier TLS session on reconnecting; the chain shown is then the earlier one's", []string{"on", "off"}, true,
			func(sh *Shell) string { return onOff(sh.tls.wire.Sessions != nil) }, setResume},
	}
}

// verifications are the values of tls-verify.
var verifications = []string{wire.VerifyWarn: "warn", wire.VerifyRequire: "require", wire.VerifyOff: "off"}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func versionName(version uint16, otherwise string) string {
	if version == 0 {
		return otherwise
	}
	return strings.TrimPrefix(tls.VersionName(version), "TLS ")
}

func setTLS(sh *Shell, value string) string {
	switch value {
	case byImplicit, byStartTLS, byChance, byNobody:
		sh.tls.start = value
	case unset:
		sh.tls.start = byUser
	default:
		return "tls is implicit, starttls, opportunistic or none"
	}
	return ""
}

func setVerify(sh *Shell, value string) string {
	if value == unset {
		value = verifications[wire.VerifyWarn]
	}
	for i, name := range verifications {
		if name == value {
			sh.tls.wire.Verify = wire.Verification(i)
			return ""
		}
	}
	return "tls-verify is warn, require or off"
}

func setName(sh *Shell, value string) string {
	if value == unset {
		value = ""
	}
	if strings.ContainsAny(value, " :/@") {
		return "tls-name is a host name such as mail.example.org"
	}
	sh.tls.wire.Name = value
	return ""
}

func setCA(sh *Shell, value string) string {
	switch value {
	case unset:
		sh.tls.ca, sh.tls.wire.Roots = "", nil
		return ""
	case practiceCA:
		sh.tls.ca, sh.tls.wire.Roots = value, nil
		return ""
	}
	value = fileName(value)
	text, err := os.ReadFile(value)
	if err != nil {
		return "tls-ca: " + err.Error()
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return "tls-ca: " + value + " holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
	}
	sh.tls.ca, sh.tls.wire.Roots = value, pool
	return ""
}

// practiceCA is the value of tls-ca that trusts the practice server.
const practiceCA = "practice"

func setKey(sh *Shell, value string) string {
	if value = fileName(value); value != "" {
		if _, err := os.ReadFile(value); err != nil {
			return "tls-key: " + err.Error()
		}
	}
	before := sh.tls.key
	sh.tls.key = value
	if sh.tls.cert == "" {
		return ""
	}
	wrong := setCert(sh, sh.tls.cert) // which it is to go with
	if wrong != "" {
		sh.tls.key = before
	}
	return wrong
}

func setCert(sh *Shell, value string) string {
	if value = fileName(value); value == "" {
		sh.tls.cert, sh.tls.wire.Identity = "", nil
		return ""
	}
	cert, err := os.ReadFile(value)
	if err != nil {
		return "tls-cert: " + err.Error()
	}
	key, where := cert, value
	if sh.tls.key != "" {
		where = sh.tls.key
		if key, err = os.ReadFile(where); err != nil {
			return "tls-key: " + err.Error()
		}
	}
	if !strings.Contains(string(key), "PRIVATE KEY-----") {
		return "tls-cert: there is no private key in " + where + "; tls-key names its file, and is set first"
	}
	if encrypted(key) {
		return "tls-cert: the private key in " + where + " is encrypted, and one that needs no passphrase is wanted: \"openssl pkey -in " + where + " -out FILE\" writes it"
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return "tls-cert: " + value + " with the key of " + where + ": " + strings.TrimPrefix(err.Error(), "tls: ")
	}
	sh.tls.cert, sh.tls.wire.Identity = value, &pair
	return ""
}

// encrypted reports a private key that needs a passphrase, in the form of
// PKCS #8 (RFC 7468 §11) or in OpenSSL's older one, of RFC 1421 §4.6.1.1.
func encrypted(key []byte) bool {
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.HasSuffix(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
	return false
}

func setMin(sh *Shell, value string) string {
	return setVersion(sh, "tls-min", &sh.tls.wire.Min, value)
}

func setMax(sh *Shell, value string) string {
	return setVersion(sh, "tls-max", &sh.tls.wire.Max, value)
}

func setVersion(sh *Shell, name string, version *uint16, value string) string {
	before := *version
	*version = 0
	if value == unset {
		return ""
	}
	v, err := wire.ParseVersion(value)
	if err != nil {
		*version = before
		return name + ": " + err.Error()
	}
	*version = v
	if s := &sh.tls.wire; s.Max > 0 && s.Min > s.Max {
		wrong := "tls-min " + versionName(s.Min, "") + " is newer than tls-max " + versionName(s.Max, "")
		*version = before
		return name + ": " + wrong
	}
	return ""
}

func setCiphers(sh *Shell, value string) string {
	if value == unset {
		sh.tls.ciphers, sh.tls.wire.Ciphers = "", nil
		return ""
	}
	ids, err := wire.ParseCiphers(value)
	if err != nil {
		return "tls-ciphers: " + err.Error()
	}
	sh.tls.ciphers, sh.tls.wire.Ciphers = value, ids
	return ""
}

func setResume(sh *Shell, value string) string {
	switch value {
	case "on":
		const servers = 16
		sh.tls.wire.Sessions = tls.NewLRUClientSessionCache(servers)
	case "off", unset:
		sh.tls.wire.Sessions = nil
	default:
		return "tls-resume is on or off"
	}
	return ""
}

// security is what the next handshake is made with.
func (sh *Shell) security() (wire.Security, error) {
	s := sh.tls.wire
	s.Limit = sh.timeout()
	if s.Min == 0 && s.Max != 0 && s.Max < tls.VersionTLS12 {
		s.Min = s.Max // who asks for an old version means it
	}
	if sh.tls.ca == practiceCA {
		if sh.server == nil {
			return s, errors.New("tls-ca is practice, and the practice server does not run")
		}
		ca := sh.server.CA()
		if ca == nil {
			return s, errors.New("the practice server could make no certificate")
		}
		s.Roots = x509.NewCertPool()
		s.Roots.AddCert(ca)
	}
	return s, nil
}

// runTLS is :tls, what the last handshake settled, and :tls save.
func (sh *Shell) runTLS(_ context.Context, words []string) outcome {
	secured, ok := sh.hub.lastTLS()
	switch {
	case !ok && sh.hub.Session().Open():
		return complain("This connection is in plaintext. STARTTLS puts it under TLS, where the server offers that.")
	case !ok:
		return complain("There was no TLS handshake yet.")
	case len(words) == 0:
		return say(view.TLS(secured.TLS, time.Now(), true)...)
	case len(words) == 2 && strings.EqualFold(words[0], "save"):
		return saveChain(secured, words[1])
	}
	l, _ := findLocal(":tls")
	return usage(l)
}

// saveChain writes the server's chain as PEM, and never over another file.
func saveChain(secured protocol.Secured, name string) outcome {
	name = atHome(name)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return complain("Not saved: " + err.Error())
	}
	for _, c := range secured.Chain {
		if err == nil {
			err = pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		}
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return complain("Not saved: " + err.Error())
	}
	return say(view.T(fmt.Sprintf("%s saved to %s, the server's own first.", plural(len(secured.Chain), "certificate"), name)))
}
