package wire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// peerName is what the servers of these tests are asked for as.
const peerName = "mx.example.test"

const day = 24 * time.Hour

// keys are made once: RSA takes its time.
var keys = struct {
	ecdsa, rsa, rsa1024, ed25519 func() crypto.Signer
}{
	sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }),
	sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) }),
	sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 1024)) }),
	sync.OnceValue(func() crypto.Signer {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	}),
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// paper is a certificate to be made.
type paper struct {
	name     string // the common name, and for a leaf the only DNS name
	key      crypto.Signer
	from, to time.Duration // from now; a year around it where both are zero
	ca       bool
	edit     func(*x509.Certificate)
}

// issue makes a certificate that by vouches for: itself when nil.
func issue(t *testing.T, p paper, by *tls.Certificate) *tls.Certificate {
	t.Helper()
	if p.key == nil {
		p.key = keys.ecdsa()
	}
	if p.from == 0 && p.to == 0 {
		p.from, p.to = -180*day, 180*day
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: p.name},
		NotBefore: now.Add(p.from), NotAfter: now.Add(p.to), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if p.ca {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	} else {
		c.DNSNames = []string{p.name}
	}
	if p.edit != nil {
		p.edit(c)
	}
	parent, signer := c, p.key
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey.(crypto.Signer)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, p.key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: p.key, Leaf: leaf}
}

// chained is a certificate that is sent with others behind it.
func chained(c *tls.Certificate, behind ...*tls.Certificate) *tls.Certificate {
	all := *c
	for _, b := range behind {
		all.Certificate = append(all.Certificate, b.Certificate[0])
	}
	return &all
}

// pool trusts certificates.
func pool(roots ...*tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, r := range roots {
		p.AddCert(r.Leaf)
	}
	return p
}

// files writes a certificate with its chain, and its key, in PEM.
func files(t *testing.T, c *tls.Certificate) (chain, key string) {
	t.Helper()
	dir := t.TempDir()
	chain, key = filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	var text []byte
	for _, der := range c.Certificate {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	secret := must(x509.MarshalPKCS8PrivateKey(c.PrivateKey))
	for name, text := range map[string][]byte{chain: text, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return chain, key
}
