package sasl

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// digest is the mechanism of RFC 2831, with qop=auth and the algorithm
// md5-sess. RFC 6331 moved it to historic.
type digest struct {
	sealed
	c        Credentials
	service  string // the serv-type of digest-uri
	cnonce   string
	rspauth  string // what the server is to answer; "" before our response was sent
	verified bool
	failed   error // the login is over, and why
}

func startDigest(c Credentials, o Options) (Exchange, error) {
	if err := checkNonce(o.Nonce); err != nil {
		return nil, err
	}
	if c.Host == "" {
		return nil, fmt.Errorf("%w: no host for the digest-uri (RFC 2831 §2.1.2)", ErrCredentials)
	}
	for _, field := range []struct{ what, text string }{
		{"the identity", c.Identity}, {"the user", c.User}, {"the password", c.Secret}, {"the host", c.Host},
	} {
		if err := checkText(field.what, field.text, "\x00"); err != nil {
			return nil, err
		}
	}
	return &digest{c: c, service: "smtp", cnonce: o.Nonce}, nil
}

func (x *digest) Initial() ([]byte, bool) { return nil, false }

func (x *digest) Next(challenge []byte) (response []byte, err error) {
	switch {
	case x.failed != nil:
		return nil, x.failed
	case x.verified:
		return nil, unexpected("DIGEST-MD5")
	}
	directives, err := parseDirectives(string(challenge))
	switch {
	case err != nil:
	case x.rspauth == "":
		response, err = x.prove(directives)
	default:
		response, err = x.verify(directives)
	}
	if err != nil {
		x.failed = fmt.Errorf("DIGEST-MD5: %w", err)
		return nil, x.failed
	}
	return response, nil
}

// Done reports a server that accepts without rspauth, which it owes
// (RFC 2831 §2.1.3).
func (x *digest) Done() error {
	switch {
	case x.failed != nil:
		return x.failed
	case !x.verified:
		return fmt.Errorf("DIGEST-MD5: %w: its rspauth never came", ErrServerSignature)
	}
	return nil
}

// prove answers a digest-challenge with a digest-response (RFC 2831 §2.1.2).
func (x *digest) prove(d directives) ([]byte, error) {
	nonce, utf8, err := d.check()
	if err != nil {
		return nil, err
	}
	realm, hasRealm := x.realm(d)
	user, err := x.encode(utf8, x.c.User, x.c.Secret)
	if err != nil {
		return nil, err
	}
	uri := x.service + "/" + x.c.Host
	secret := md5.Sum([]byte(user[0] + ":" + hashedRealm(realm, utf8) + ":" + user[1]))
	a1 := string(secret[:]) + ":" + nonce + ":" + x.cnonce
	if x.c.Identity != "" {
		a1 += ":" + x.c.Identity
	}
	// response-value of §2.1.2.1; A2 goes without its word in rspauth (§2.1.3).
	value := func(a2 string) string {
		return hexMD5(hexMD5(a1) + ":" + nonce + ":00000001:" + x.cnonce + ":auth:" + hexMD5(a2))
	}
	x.rspauth = value(":" + uri)

	name := x.c.User
	var parts []string
	if utf8 {
		parts = append(parts, "charset=utf-8")
	} else {
		name = user[0]
	}
	parts = append(parts, "username="+quote(name))
	if hasRealm {
		parts = append(parts, "realm="+quote(realm))
	}
	parts = append(parts, "nonce="+quote(nonce), "nc=00000001", "cnonce="+quote(x.cnonce),
		"digest-uri="+quote(uri), "response="+value("AUTHENTICATE:"+uri), "qop=auth")
	if x.c.Identity != "" {
		parts = append(parts, "authzid="+quote(x.c.Identity))
	}
	return []byte(strings.Join(parts, ",")), nil
}

// realm takes from those offered the one that the user names behind an "@", or
// the host's own, or else the first. With none on offer none is sent, and the
// hash has an empty one (RFC 2831 §2.1.2).
func (x *digest) realm(d directives) (realm string, ok bool) {
	offered := d.all("realm")
	if len(offered) == 0 {
		return "", false
	}
	_, domain, _ := strings.Cut(x.c.User, "@")
	for _, wanted := range []string{domain, x.c.Host} {
		if i := slices.IndexFunc(offered, func(r string) bool { return strings.EqualFold(r, wanted) }); i >= 0 {
			return offered[i], true
		}
	}
	return offered[0], true
}

// encode writes words as they are hashed: in ISO 8859-1 where they have only
// its characters, otherwise in UTF-8, if the server knows that
// (RFC 2831 §2.1.2.1).
func (x *digest) encode(utf8 bool, words ...string) ([]string, error) {
	for i, word := range words {
		latin, ok := latin1(word)
		switch {
		case ok:
			words[i] = latin
		case !utf8:
			return nil, fmt.Errorf("%w: the server knows ISO 8859-1 only, and not every character is of it", ErrCredentials)
		}
	}
	return words, nil
}

// hashedRealm is the realm as it is hashed: without charset=utf-8 the server
// gives it in ISO 8859-1 (RFC 2831 §2.1.1), and it stays as it is.
func hashedRealm(realm string, utf8 bool) string {
	if latin, ok := latin1(realm); ok && utf8 {
		return latin
	}
	return realm
}

func latin1(word string) (string, bool) {
	b := make([]byte, 0, len(word))
	for _, r := range word {
		if r > 0xFF {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

// verify checks the server's rspauth. In SMTP it comes as a challenge, which an
// empty response answers (RFC 4954 §4).
func (x *digest) verify(d directives) ([]byte, error) {
	got := d.all("rspauth")
	if len(got) != 1 {
		return nil, fmt.Errorf("%w: not one rspauth (RFC 2831 §2.1.3)", ErrChallenge)
	}
	if subtle.ConstantTimeCompare([]byte(strings.ToLower(got[0])), []byte(x.rspauth)) != 1 {
		return nil, fmt.Errorf("%w: its rspauth is wrong", ErrServerSignature)
	}
	x.verified = true
	return []byte{}, nil
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// quote writes a quoted-string (RFC 2831 §7.2).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// directives are the name=value pairs of a digest-challenge, unquoted, with
// their names in lower case.
type directives []struct{ name, value string }

func (d directives) all(name string) (values []string) {
	for _, pair := range d {
		if pair.name == name {
			values = append(values, pair.value)
		}
	}
	return values
}

// check reads what every digest-challenge holds (RFC 2831 §2.1.1).
func (d directives) check() (nonce string, utf8 bool, err error) {
	nonces, algorithms, qops, charsets := d.all("nonce"), d.all("algorithm"), d.all("qop"), d.all("charset")
	switch {
	case len(nonces) != 1 || nonces[0] == "":
		return "", false, fmt.Errorf("%w: not one nonce", ErrChallenge)
	case len(algorithms) != 1 || !strings.EqualFold(algorithms[0], "md5-sess"):
		return "", false, fmt.Errorf("%w: the algorithm is not md5-sess", ErrChallenge)
	case len(charsets) > 1 || len(charsets) == 1 && !strings.EqualFold(charsets[0], "utf-8"):
		return "", false, fmt.Errorf("%w: the charset is not utf-8", ErrChallenge)
	case len(qops) > 1:
		return "", false, fmt.Errorf("%w: more than one qop", ErrChallenge)
	case len(qops) == 1 && !slices.ContainsFunc(strings.Split(qops[0], ","), func(q string) bool {
		return strings.EqualFold(strings.Trim(q, " \t"), "auth")
	}):
		return "", false, fmt.Errorf("%w: the qop auth is not on offer", ErrChallenge)
	}
	return nonces[0], len(charsets) == 1, nil
}

// parseDirectives reads 1#( name "=" ( token | quoted-string ) ), with empty
// elements and white space allowed between (RFC 2831 §7.1).
func parseDirectives(s string) (directives, error) {
	var d directives
	for {
		s = strings.TrimLeft(s, " \t\r\n,")
		if s == "" {
			return d, nil
		}
		name, rest, ok := strings.Cut(s, "=")
		name = strings.ToLower(strings.TrimRight(name, " \t\r\n"))
		if !ok || name == "" || strings.ContainsAny(name, " \t\r\n,\"") {
			return nil, fmt.Errorf("%w: a name without a value", ErrChallenge)
		}
		value, rest, err := parseValue(strings.TrimLeft(rest, " \t\r\n"))
		if err != nil {
			return nil, err
		}
		d = append(d, struct{ name, value string }{name, value})
		s = strings.TrimLeft(rest, " \t\r\n")
		if s != "" && s[0] != ',' {
			return nil, fmt.Errorf("%w: no comma behind a value", ErrChallenge)
		}
	}
}

// parseValue takes a token or a quoted-string from the front of s.
func parseValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, " \t\r\n,\"")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", fmt.Errorf("%w: a quotation mark is not closed", ErrChallenge)
}
