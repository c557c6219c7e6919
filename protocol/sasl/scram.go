package sasl

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// maxIterations is how much work a server may ask for. RFC 5802 §5.1 wants
// 4096 at least and names no upper limit; without one a server could keep the
// client busy for hours (§9).
const maxIterations = 10_000_000

// scram is the family of RFC 5802. It is written here because xdg-go/scram
// costs a millisecond at every start of the program, for the tables of
// stringprep; the tests hold this one against that one.
type scram struct {
	sealed
	name       string
	hash       func() hash.Hash
	secret     string
	nonce      string // the client's
	header     string // gs2-header
	bare       string // client-first-message-bare
	binding    []byte // cbind-data
	signature  []byte // the ServerSignature that is due; nil before the proof was sent
	iterations int    // as the server said
	verified   bool
	failed     error // the login is over, and why
}

func startSCRAM(m *Mechanism, c Credentials, o Options) (Exchange, error) {
	if err := checkNonce(o.Nonce); err != nil {
		return nil, err
	}
	user, err := prepare("the user", c.User)
	if err != nil {
		return nil, err
	}
	secret, err := prepare("the password", c.Secret)
	if err != nil {
		return nil, err
	}
	if err := checkText("the identity", c.Identity, "\x00"); err != nil {
		return nil, err
	}
	x := &scram{name: m.Name, hash: sha256.New, secret: secret, nonce: o.Nonce}
	switch strings.TrimSuffix(m.Name, "-PLUS") {
	case "SCRAM-SHA-1":
		x.hash = sha1.New
	case "SCRAM-SHA-512":
		x.hash = sha512.New
	}
	if user == "" {
		return nil, fmt.Errorf("%w: nothing is left of the user when prepared (RFC 4013 §2.1)", ErrCredentials)
	}
	if err := x.bind(m.Binds, c.Identity, o); err != nil {
		return nil, err
	}
	x.bare = "n=" + saslName(user) + ",r=" + o.Nonce
	return x, nil
}

// bind makes the gs2-header. Its flag is under the server's signature, so that
// who strikes the -PLUS mechanisms from the offer is found out: "y" says that
// the client could bind and the server seems not to, "n" that the client does
// not (RFC 5802 §6).
func (x *scram) bind(plus bool, identity string, o Options) error {
	flag := "n"
	switch {
	case plus && len(o.Bindings) == 0:
		return ErrBinding
	case plus:
		b := o.Bindings[0]
		if b.Type == "" || !printable(b.Type) || len(b.Data) == 0 {
			return fmt.Errorf("%w: the preferred one has no name or no data", ErrBinding)
		}
		flag, x.binding = "p="+b.Type, b.Data
	case len(o.Bindings) > 0 && !o.PlusOffered:
		flag = "y"
	}
	x.header = flag + ","
	if identity != "" {
		x.header += "a=" + saslName(identity)
	}
	x.header += ","
	return nil
}

// saslName writes a name with "," and "=" quoted (RFC 5802 §5.1).
func saslName(name string) string {
	return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(name)
}

func (x *scram) Initial() ([]byte, bool) { return []byte(x.header + x.bare), true }

func (x *scram) Next(challenge []byte) (response []byte, err error) {
	switch {
	case x.failed != nil:
		return nil, x.failed
	case x.verified:
		return nil, unexpected(x.name)
	case x.signature == nil:
		response, err = x.prove(string(challenge))
	default:
		response, err = x.verify(string(challenge))
	}
	if err != nil {
		x.failed = fmt.Errorf("%s: %w", x.name, err)
		return nil, x.failed
	}
	return response, nil
}

// Iterations is how often the password was hashed.
func (x *scram) Iterations() int { return x.iterations }

// Done reports a server that accepts without its signature: it may have
// accepted anything.
func (x *scram) Done() error {
	switch {
	case x.failed != nil:
		return x.failed
	case !x.verified:
		return fmt.Errorf("%s: %w: its signature never came", x.name, ErrServerSignature)
	}
	return nil
}

// prove answers the server-first-message with the client-final-message
// (RFC 5802 §3, §7).
func (x *scram) prove(first string) ([]byte, error) {
	nonce, salt, iterations, err := x.parseFirst(first)
	if err != nil {
		return nil, err
	}
	x.iterations = iterations
	salted, err := pbkdf2.Key(x.hash, x.secret, salt, iterations, x.hash().Size())
	if err != nil {
		return nil, fmt.Errorf("%w: its salt and count do not serve: %v", ErrChallenge, err)
	}
	x.secret = ""
	// cbind-input is the header, and with "p" the channel's data behind it.
	input := append([]byte(x.header), x.binding...)
	final := "c=" + base64.StdEncoding.EncodeToString(input) + ",r=" + nonce
	message := x.bare + "," + first + "," + final

	proof := x.mac(salted, "Client Key")
	h := x.hash()
	h.Write(proof)
	subtle.XORBytes(proof, proof, x.mac(h.Sum(nil), message))
	x.signature = x.mac(x.mac(salted, "Server Key"), message)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

func (x *scram) mac(key []byte, text string) []byte {
	mac := hmac.New(x.hash, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// parseFirst reads [reserved-mext ","] nonce "," salt "," iteration-count
// ["," extensions], in this order; unknown extensions at the end are ignored
// (RFC 5802 §5.1, §7).
func (x *scram) parseFirst(first string) (nonce string, salt []byte, iterations int, err error) {
	fail := func(why string) (string, []byte, int, error) {
		return "", nil, 0, fmt.Errorf("%w: %s", ErrChallenge, why)
	}
	if value, ok := strings.CutPrefix(first, "e="); ok {
		return "", nil, 0, refusal(value)
	}
	if strings.HasPrefix(first, "m=") {
		return fail("it demands an extension")
	}
	fields := strings.SplitN(first, ",", 4)
	for i, prefix := range []string{"r=", "s=", "i="} {
		if i >= len(fields) || !strings.HasPrefix(fields[i], prefix) {
			return fail("no " + prefix + " in its place")
		}
		fields[i] = fields[i][len(prefix):]
	}
	nonce = fields[0]
	// An old nonce or somebody else's would make the answer a replay
	// (RFC 5802 §5.1).
	if !strings.HasPrefix(nonce, x.nonce) || len(nonce) == len(x.nonce) || !printable(nonce) {
		return fail("its nonce does not extend the client's")
	}
	salt, ok := unbase64(fields[1])
	if !ok || len(salt) == 0 {
		return fail("its salt is no base64")
	}
	if strings.Trim(fields[2], "0123456789") != "" {
		return fail("its iteration count is no number")
	}
	iterations, err = strconv.Atoi(fields[2])
	if err != nil || iterations < 1 || iterations > maxIterations {
		return fail("its iteration count is not from 1 to " + strconv.Itoa(maxIterations))
	}
	return nonce, salt, iterations, nil
}

// verify reads the server-final-message and checks its signature. In SMTP it
// comes as a challenge, which an empty response answers (RFC 4954 §4).
func (x *scram) verify(final string) ([]byte, error) {
	field, _, _ := strings.Cut(final, ",")
	if value, ok := strings.CutPrefix(field, "e="); ok {
		return nil, refusal(value)
	}
	value, ok := strings.CutPrefix(field, "v=")
	if !ok {
		return nil, fmt.Errorf("%w: neither v= nor e= in the final one", ErrChallenge)
	}
	signature, ok := unbase64(value)
	if !ok {
		return nil, fmt.Errorf("%w: its signature is no base64", ErrChallenge)
	}
	if !hmac.Equal(signature, x.signature) {
		return nil, fmt.Errorf("%w: its signature is wrong", ErrServerSignature)
	}
	x.verified = true
	return []byte{}, nil
}

// unbase64 is strict, and as RFC 5802 §7 has it takes no line breaks, which
// Go's decoder skips.
func unbase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && !strings.ContainsAny(s, "\r\n")
}

// refusal is a server-error-value (RFC 5802 §7) as an error.
func refusal(value string) error {
	value, _, _ = strings.Cut(value, ",")
	return fmt.Errorf("%w: %s", ErrRefused, clip(value))
}
