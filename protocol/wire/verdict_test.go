package wire

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestVerdict holds chains against what is said of them: each fault in its own
// words, several where several hold, and none that does not.
func TestVerdict(t *testing.T) {
	root := issue(t, paper{name: "Root", ca: true, from: -3 * 365 * day, to: 3 * 365 * day}, nil)
	young := issue(t, paper{name: "Young Root", ca: true, from: -30 * day, to: 3 * 365 * day}, nil)
	younger := issue(t, paper{name: "Younger Root", ca: true, from: -5 * day, to: 3 * 365 * day}, nil)
	gone := issue(t, paper{name: "Gone Root", ca: true, from: -3 * 365 * day, to: -20 * day}, nil)
	old := issue(t, paper{name: "RSA Root", ca: true, key: keys.rsa()}, nil)
	between := issue(t, paper{name: "Between", ca: true, from: -2 * 365 * day, to: 365 * day}, root)
	lapsed := issue(t, paper{name: "Lapsed", ca: true, from: -2 * 365 * day, to: -90 * day}, root)
	coming := issue(t, paper{name: "Coming", ca: true, from: 10 * day, to: 365 * day}, root)
	none := issue(t, paper{name: "None", from: -365 * day, to: 365 * day}, root)
	orphaned := issue(t, paper{name: "Orphaned", ca: true, from: -2 * 365 * day, to: -90 * day}, gone)
	twin := issue(t, paper{name: "Between", ca: true, key: keys.rsa()}, root)
	sha1 := func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }
	client := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	fetched := func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/between.cer"} }
	nameless := func(c *x509.Certificate) { c.DNSNames = nil }
	many := func(c *x509.Certificate) {
		c.DNSNames = []string{"a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example"}
	}
	addresses := func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(192, 0, 2, 1)} }
	leaf := func(by *tls.Certificate, from, to time.Duration) *tls.Certificate {
		return issue(t, paper{name: peerName, from: from, to: to}, by)
	}
	edited := func(by *tls.Certificate, edit func(*x509.Certificate)) *tls.Certificate {
		return issue(t, paper{name: peerName, edit: edit}, by)
	}
	rows := []struct {
		name  string
		chain *tls.Certificate
		roots []*tls.Certificate
		as    string // asked for; peerName when empty
		trust string
		lacks []string // each begins so
	}{
		{"good", edited(root, nil), []*tls.Certificate{root}, "", "Root", nil},
		{"good, with an intermediate", chained(edited(between, nil), between), []*tls.Certificate{root}, "", "Root", nil},
		{"good, with the root too", chained(edited(between, nil), between, root), []*tls.Certificate{root}, "", "Root", nil},
		{"good, in disorder", chained(edited(between, nil), root, between), []*tls.Certificate{root}, "", "Root", nil},
		{"good, by a name with a dot", edited(root, nil), []*tls.Certificate{root}, peerName + ".", "Root", nil},
		{"good, by an address", edited(root, addresses), []*tls.Certificate{root}, "192.0.2.1", "Root", nil},
		{"expired", leaf(root, -100*day, -3*day), []*tls.Certificate{root}, "", "", []string{"the certificate expired on "}},
		{"expired an hour ago", leaf(root, -100*day, -3*time.Hour), []*tls.Certificate{root}, "", "", []string{"the certificate expired on "}},
		{"expired, with a root from its later days", leaf(young, -100*day, -3*day), []*tls.Certificate{young}, "", "", []string{"the certificate expired on "}},
		{"expired, with a root that is newer than it", leaf(younger, -100*day, -30*day), []*tls.Certificate{younger}, "", "", []string{"the certificate expired on "}},
		{"not yet valid", leaf(root, 2*day, 100*day), []*tls.Certificate{root}, "", "", []string{"the certificate is not valid before "}},
		{"wrong name", edited(root, nil), []*tls.Certificate{root}, "other.example", "", []string{"the name does not match: asked for other.example, the certificate is for " + peerName}},
		{"wrong name, of many", edited(root, many), []*tls.Certificate{root}, "", "", []string{"the name does not match: asked for " + peerName + ", the certificate is for a.example, b.example, c.example, d.example, e.example and 2 more"}},
		{"an address for a name", edited(root, addresses), []*tls.Certificate{root}, "", "", []string{"the name does not match: asked for " + peerName + ", the certificate is for 192.0.2.1"}},
		{"the common name alone", edited(root, nameless), []*tls.Certificate{root}, "", "", []string{"the certificate names no host: the common name " + peerName + " alone does not count"}},
		{"self-signed", edited(nil, nil), []*tls.Certificate{root}, "", "", []string{"self-signed: "}},
		{"self-signed, and trusted", edited(nil, nil), nil, "", peerName, nil},
		{"unknown issuer", edited(root, nil), []*tls.Certificate{young}, "", "", []string{"the issuer is unknown here: CN=Root; the server sent its own certificate alone"}},
		{"unknown issuer, sent", chained(edited(root, nil), root), []*tls.Certificate{young}, "", "", []string{"the issuer is unknown here: CN=Root, which vouches for itself"}},
		{"incomplete chain", edited(between, nil), []*tls.Certificate{root}, "", "", []string{"the issuer is unknown here: CN=Between; the server sent its own certificate alone, so an intermediate one may be missing"}},
		{"incomplete chain, that can be fetched", edited(between, fetched), []*tls.Certificate{root}, "", "", []string{"the issuer is unknown here: CN=Between; the server sent its own certificate alone, so an intermediate one may be missing (it is at http://ca.example/between.cer)"}},
		{"incomplete chain of three", chained(edited(between, nil), between), []*tls.Certificate{young}, "", "", []string{"the issuer is unknown here: CN=Root"}},
		{"an intermediate that expired", chained(edited(lapsed, nil), lapsed), []*tls.Certificate{root}, "", "", []string{"the issuer Lapsed expired on "}},
		{"an intermediate that is not yet valid", chained(edited(coming, nil), coming), []*tls.Certificate{root}, "", "", []string{"the issuer Coming is not valid before "}},
		{"a root that expired", edited(gone, nil), []*tls.Certificate{gone}, "", "", []string{"the issuer Gone Root expired on "}},
		{"an intermediate that expired, and an unknown issuer", chained(edited(lapsed, nil), lapsed), []*tls.Certificate{young}, "", "", []string{"the issuer Lapsed expired on ", "the issuer is unknown here: CN=Root"}},
		{"an intermediate and a root that expired", chained(edited(orphaned, nil), orphaned), []*tls.Certificate{gone}, "", "", []string{"the issuer Orphaned expired on ", "the issuer Gone Root expired on "}},
		{"weak key", issue(t, paper{name: peerName, key: keys.rsa1024()}, root), []*tls.Certificate{root}, "", "", []string{"weak key: RSA 1024 of " + peerName}},
		{"weak signature, by a known issuer", edited(old, sha1), []*tls.Certificate{old}, "", "", []string{"weak signature: SHA1-RSA on " + peerName}},
		{"weak signature of its own", issue(t, paper{name: peerName, key: keys.rsa(), edit: sha1}, nil), []*tls.Certificate{root}, "", "", []string{"self-signed: "}},
		{"an issuer that is no authority", chained(edited(none, nil), none), []*tls.Certificate{root}, "", "", []string{"None may not issue certificates, and issued that of " + peerName}},
		{"an issuer of that name with another key", chained(edited(between, nil), twin), []*tls.Certificate{root}, "", "", []string{"the certificate of " + peerName + " does not bear the signature of the Between that the server sent"}},
		{"not for servers", edited(root, client), []*tls.Certificate{root}, "", "", []string{"the certificate is not meant for servers"}},
		{"expired, misnamed, weak and unknown", issue(t, paper{name: "other.example", key: keys.rsa1024(), from: -100 * day, to: -3 * day}, root), []*tls.Certificate{young}, "", "",
			[]string{"the certificate expired on ", "the name does not match", "the issuer is unknown here", "weak key"}},
		{"expired and self-signed", leaf(nil, -100*day, -3*day), []*tls.Certificate{root}, "", "", []string{"the certificate expired on ", "self-signed"}},
	}
	for _, row := range rows {
		var chain []*x509.Certificate
		for _, der := range row.chain.Certificate {
			chain = append(chain, must(x509.ParseCertificate(der)))
		}
		if row.roots == nil {
			row.roots = []*tls.Certificate{row.chain}
		}
		if row.as == "" {
			row.as = peerName
		}
		trust, lacks := judge(chain, row.as, pool(row.roots...), time.Now())
		same := slices.EqualFunc(lacks, row.lacks, strings.HasPrefix)
		if !same || len(lacks) == 0 && trust != row.trust {
			t.Errorf("%s: trust %q, %q; want %q, %q", row.name, trust, lacks, row.trust, row.lacks)
		}
	}
	if _, lacks := judge(nil, peerName, pool(root), time.Now()); !slices.Equal(lacks, []string{"the server sent no certificate"}) {
		t.Errorf("no certificate: %q", lacks)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		50 * day: "50 days", 47 * time.Hour: "47 hours", 119 * time.Minute: "119 minutes", time.Second: "0 minutes",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestEndPoint is the hash of RFC 5929 §4.1, by each kind of signature.
func TestEndPoint(t *testing.T) {
	sign := func(key paper, a x509.SignatureAlgorithm) []*x509.Certificate {
		key.name, key.edit = peerName, func(c *x509.Certificate) { c.SignatureAlgorithm = a }
		return []*x509.Certificate{issue(t, key, nil).Leaf}
	}
	rsa, ec := paper{key: keys.rsa()}, paper{key: keys.ecdsa()}
	for _, row := range []struct {
		chain []*x509.Certificate
		size  int // in octets; 0 for none
	}{
		{sign(rsa, x509.SHA256WithRSA), 32}, {sign(rsa, x509.SHA384WithRSA), 48}, {sign(rsa, x509.SHA512WithRSA), 64},
		{sign(rsa, x509.SHA1WithRSA), 32}, {sign(rsa, x509.SHA512WithRSAPSS), 64}, {sign(ec, x509.ECDSAWithSHA384), 48},
		{sign(paper{key: keys.ed25519()}, x509.PureEd25519), 0}, {nil, 0},
	} {
		if data, ok := endPoint(row.chain); len(data) != row.size || ok != (row.size > 0) {
			t.Errorf("%d octets, %v; want %d", len(data), ok, row.size)
		}
	}
}
