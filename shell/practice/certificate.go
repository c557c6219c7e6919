package practice

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"sync"
	"time"
)

// certificate is one of those that the server can show.
type certificate uint8

const (
	certGood certificate = iota
	certExpired
	certWrongName
	certSelfSigned
)

// identity is what the server shows under TLS: a practice CA, and for each
// mode a certificate. All of it is made when TLS is first asked for, for it
// costs about a millisecond that most sessions never need.
type identity struct {
	once    sync.Once
	ca      *x509.Certificate
	configs []*tls.Config // one for each row of Modes, kept so that tickets for resumption stay good
	err     error
}

const day = 24 * time.Hour

// CA is the certificate of the authority that the practice server's own come
// from. Who trusts it, for this server alone, can verify the server.
func (s *Server) CA() *x509.Certificate {
	s.identity.once.Do(s.makeIdentity)
	return s.identity.ca
}

// tlsConfig is what a handshake in a mode is made with.
func (s *Server) tlsConfig(mode int) (*tls.Config, error) {
	s.identity.once.Do(s.makeIdentity)
	if s.identity.err != nil {
		return nil, s.identity.err
	}
	return s.identity.configs[mode], nil
}

func (s *Server) makeIdentity() {
	if err := s.makeCertificates(); err != nil {
		s.identity.err = fmt.Errorf("practice server: make a certificate: %w", err)
	}
}

func (s *Server) makeCertificates() error {
	id, now := &s.identity, s.Now()
	ca := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "smtpsh practice CA"},
		NotBefore:             now.Add(-365 * day), // before the expired one began
		NotAfter:              now.Add(365 * day),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	signer, err := issue(ca, nil)
	if err != nil {
		return err
	}
	id.ca = signer.Leaf
	shown := map[certificate]tls.Certificate{}
	for i := range Modes {
		kind := Modes[i].cert
		if _, made := shown[kind]; !made {
			by := &signer
			if kind == certSelfSigned {
				by = nil
			}
			if shown[kind], err = issue(s.leaf(kind, now), by); err != nil {
				return err
			}
		}
		id.configs = append(id.configs, &tls.Config{
			Certificates: []tls.Certificate{shown[kind]},
			Time:         s.Now,
			MinVersion:   Modes[i].version, //nolint:gosec // 0 is crypto/tls's own bound; an old one is the exercise
			MaxVersion:   Modes[i].version,
		})
	}
	return nil
}

// leaf is what a certificate says, before it is signed. It stands for the
// names that a client on this machine opens (RFC 9525 §6: the names count, and
// the subject does not).
func (s *Server) leaf(kind certificate, now time.Time) *x509.Certificate {
	c := &x509.Certificate{
		Subject:               pkix.Name{CommonName: s.Hostname},
		DNSNames:              []string{s.Hostname, "localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:             now.Add(-day), // clocks differ
		NotAfter:              now.Add(90 * day),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	switch kind {
	case certExpired:
		c.NotBefore, c.NotAfter = now.Add(-93*day), now.Add(-3*day)
	case certWrongName:
		const other = "mail.wrong.example"
		c.Subject.CommonName, c.DNSNames, c.IPAddresses = other, []string{other}, nil
	case certGood, certSelfSigned:
	}
	return c
}

// issue makes a key and a certificate for it, which signer vouches for: the
// new one itself when nil.
func issue(template *x509.Certificate, signer *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	parent, by := template, crypto.PrivateKey(key)
	if signer != nil {
		parent, by = signer.Leaf, signer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		return tls.Certificate{}, err
	}
	parsed, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}, err
}
