package wire

import (
	"bytes"
	"crypto"
	//lint:ignore SA1019 to name what a server still shows
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"smtpsh/protocol"
)

// afterCertificate is the step at which the chain has come.
const afterCertificate = "after the server's certificate"

// verify looks at the chain once it has come, and breaks the handshake off
// only where that is wished.
func (h *handshake) verify(s tls.ConnectionState) error {
	h.step = afterCertificate
	h.report.Name = h.Name
	for _, cert := range s.PeerCertificates {
		h.report.Chain = append(h.report.Chain, certificate(cert))
	}
	h.state(s)
	if h.report.Lax = h.Verify == VerifyOff; h.report.Lax {
		return nil
	}
	h.report.Trust, h.report.Lacks = judge(s.PeerCertificates, h.Name, h.Roots, h.now())
	if len(h.report.Lacks) > 0 {
		h.report.Trust = ""
	}
	if h.Verify == VerifyRequire && len(h.report.Lacks) > 0 {
		return errUnverified
	}
	return nil
}

// judge says in whom the chain ends, or all that is wrong with it, in words:
// an administrator who mends one fault wants to know of the others.
func judge(chain []*x509.Certificate, name string, roots *x509.CertPool, now time.Time) (trust string, lacks []string) {
	if len(chain) == 0 {
		return "", []string{"the server sent no certificate"}
	}
	own := chain[0]
	lacks = append(lacks, dated("the certificate", own, now)...)
	lacks = append(lacks, named(own, name)...)
	trust, faults := trusted(chain, roots, now)
	lacks = append(lacks, faults...)
	lacks = append(lacks, weak(chain)...)
	return trust, lacks
}

// dated holds a certificate against the calendar.
func dated(what string, c *x509.Certificate, now time.Time) []string {
	const day = "2006-01-02"
	switch {
	case now.After(c.NotAfter):
		return []string{fmt.Sprintf("%s expired on %s, %s ago", what, c.NotAfter.UTC().Format(day), span(now.Sub(c.NotAfter)))}
	case now.Before(c.NotBefore):
		return []string{fmt.Sprintf("%s is not valid before %s, in %s", what, c.NotBefore.UTC().Format(day), span(c.NotBefore.Sub(now)))}
	}
	return nil
}

// span is a time in days, or in hours and minutes when it is short.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

// named holds the certificate against the name that was asked for (RFC 9525,
// RFC 7817).
func named(c *x509.Certificate, name string) []string {
	if c.VerifyHostname(strings.TrimSuffix(name, ".")) == nil {
		return nil
	}
	names := namesOf(c)
	if len(names) == 0 {
		text := "the certificate names no host"
		if c.Subject.CommonName != "" {
			text += ": the common name " + c.Subject.CommonName + " alone does not count, a subject alternative name is wanted"
		}
		return []string{text}
	}
	return []string{"the name does not match: asked for " + name + ", the certificate is for " + few(names)}
}

// few are names for a sentence.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// trusted looks for a way from the server's certificate to an authority. A
// date that has passed is told apart from it: it looks at a time when all of
// the way was valid, which it finds by and by.
func trusted(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) (trust string, lacks []string) {
	own := chain[0]
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for from, to := own.NotBefore, own.NotAfter; !to.Before(from); {
		options.CurrentTime = within(now, from, to)
		ways, err := own.Verify(options)
		if err == nil {
			way := ways[0]
			return nameOf(way[len(way)-1]), datedIssuers(way[1:], now)
		}
		var invalid x509.CertificateInvalidError
		if !errors.As(err, &invalid) || invalid.Reason != x509.Expired || invalid.Cert == nil || invalid.Cert == own {
			return "", append(lacks, untrusted(err, chain)...)
		}
		c := invalid.Cert
		lacks = append(lacks, datedIssuers([]*x509.Certificate{c}, now)...)
		if c.NotBefore.After(from) {
			from = c.NotBefore
		}
		if c.NotAfter.Before(to) {
			to = c.NotAfter
		}
	}
	return "", lacks // they were never all valid at once, so the dates are what is wrong
}

// datedIssuers holds those who vouch for a certificate against the calendar.
func datedIssuers(issuers []*x509.Certificate, now time.Time) (lacks []string) {
	for _, c := range issuers {
		lacks = append(lacks, dated("the issuer "+nameOf(c), c, now)...)
	}
	return lacks
}

// within is the moment from from to to that is nearest to now.
func within(now, from, to time.Time) time.Time {
	switch {
	case now.Before(from):
		return from
	case now.After(to):
		return to
	}
	return now
}

// untrusted says why no way led to an authority, whatever the dates; nothing
// where that is said of a weak signature already.
func untrusted(err error, chain []*x509.Certificate) []string {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var system x509.SystemRootsError
	switch {
	case errors.As(err, &unknown) && unknown.Cert != nil && weaklySigned(unknown.Cert):
		return nil
	case errors.As(err, &unknown):
		return []string{issued(chain[0], chain)}
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return []string{"the certificate is not meant for servers: its extended key usage does not say so"}
	case errors.As(err, &system):
		return []string{"this system has no list of authorities: --tls-ca FILE names one"}
	}
	return []string{strings.TrimPrefix(err.Error(), "x509: ")}
}

// issued says who vouches for a certificate that no known authority does.
func issued(own *x509.Certificate, chain []*x509.Certificate) string {
	if bytes.Equal(own.RawIssuer, own.RawSubject) && own.CheckSignature(own.SignatureAlgorithm, own.RawTBSCertificate, own.Signature) == nil {
		return "self-signed: nobody else vouches for the certificate"
	}
	last := own
	for _, c := range chain[1:] {
		if !bytes.Equal(last.RawIssuer, c.RawSubject) {
			continue
		}
		var constraint x509.ConstraintViolationError
		switch err := last.CheckSignatureFrom(c); {
		case errors.As(err, &constraint):
			return nameOf(c) + " may not issue certificates, and issued that of " + nameOf(last)
		case err != nil && !weaklySigned(last):
			return "the certificate of " + nameOf(last) + " does not bear the signature of the " + nameOf(c) + " that the server sent"
		}
		last = c
	}
	text := "the issuer is unknown here: " + last.Issuer.String()
	if bytes.Equal(last.RawIssuer, last.RawSubject) {
		return text + ", which vouches for itself (--tls-ca FILE trusts it)"
	}
	if last == own && len(chain) == 1 {
		text += "; the server sent its own certificate alone, so an intermediate one may be missing"
		if len(own.IssuingCertificateURL) > 0 {
			text += " (it is at " + own.IssuingCertificateURL[0] + ")"
		}
	}
	return text
}

// weak names the keys and signatures that no longer protect. The signature of
// a root is not looked at: it is trusted for being there.
func weak(chain []*x509.Certificate) []string {
	var faults []string
	for _, c := range chain {
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
			faults = append(faults, fmt.Sprintf("weak key: %s of %s, where 2048 bits are the least", keyName(c.PublicKey), nameOf(c)))
		}
		if _, ok := c.PublicKey.(*dsa.PublicKey); ok {
			faults = append(faults, "weak key: DSA of "+nameOf(c))
		}
		if weaklySigned(c) {
			faults = append(faults, "weak signature: "+c.SignatureAlgorithm.String()+" on "+nameOf(c)+", so nobody can be said to vouch for it")
		}
	}
	return faults
}

// weaklySigned reports a signature that anybody could have made, which
// crypto/x509 does not look at.
func weaklySigned(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		return !bytes.Equal(c.RawIssuer, c.RawSubject)
	}
	return false
}

// certificate is c in words.
func certificate(c *x509.Certificate) protocol.Certificate {
	sum := sha256.Sum256(c.Raw)
	return protocol.Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: namesOf(c),
		NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		Key: keyName(c.PublicKey), Signature: c.SignatureAlgorithm.String(),
		SHA256: hex.EncodeToString(sum[:]), Raw: c.Raw,
	}
}

func namesOf(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// nameOf is what a certificate is called in a sentence.
func nameOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

func keyName(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *dsa.PublicKey:
		return fmt.Sprintf("DSA %d", key.P.BitLen())
	}
	return "a key of an unknown kind"
}

// endPoint is the hash of the server's certificate, by the hash of its
// signature but no weaker than SHA-256 (RFC 5929 §4.1).
func endPoint(chain []*x509.Certificate) ([]byte, bool) {
	if len(chain) == 0 {
		return nil, false
	}
	hash := crypto.SHA256
	switch chain[0].SignatureAlgorithm {
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		hash = crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		hash = crypto.SHA512
	case x509.PureEd25519, x509.UnknownSignatureAlgorithm:
		return nil, false // no hash of its own: RFC 5929 leaves it undefined
	}
	h := hash.New()
	h.Write(chain[0].Raw)
	return h.Sum(nil), true
}
