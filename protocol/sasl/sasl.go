// Package sasl answers the challenges of a login: the client side of the SASL
// mechanisms (RFC 4422) that SMTP's AUTH carries (RFC 4954).
//
// Every mechanism is a pure step from challenge to response. Nothing here
// opens a socket, reads a clock or draws a random number: nonces and channel
// bindings are handed in, base64 and the "=" of an empty response are the
// caller's. No error and no printed value holds a secret.
package sasl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrUnknown is returned when no mechanism of that name is in the table.
	ErrUnknown = errors.New("mechanism is unknown here")
	// ErrCredentials is returned when what the user gave cannot be used by the
	// mechanism: something is missing, or holds a character it cannot carry.
	ErrCredentials = errors.New("credentials do not fit")
	// ErrOptions is returned when the caller handed in no usable nonce.
	ErrOptions = errors.New("options do not fit")
	// ErrBinding is returned when a -PLUS mechanism is started on a connection
	// that has no channel binding.
	ErrBinding = errors.New("no channel binding on this connection")
	// ErrChallenge is returned when the server's challenge breaks the rules of
	// the mechanism, or comes when none is due.
	ErrChallenge = errors.New("bad challenge")
	// ErrRefused is returned when the challenge is the server's own word that
	// the login failed.
	ErrRefused = errors.New("server refused the login")
	// ErrServerSignature is returned when the server did not prove that it
	// knows the password.
	ErrServerSignature = errors.New("server did not prove that it knows the password, so it may be an impostor")
)

// Credentials is what a login is made of. Its Secret is masked however it is
// printed, as long as the value itself is and not a struct that hides it in an
// unexported field.
type Credentials struct {
	Identity string // the authorization identity; "" for the one that User stands for
	User     string // who logs in; ANONYMOUS sends it as trace information, NTLM splits DOMAIN\user
	Secret   string `json:"-"` // the password or the token
	Host     string // the server's name, for DIGEST-MD5 and OAUTHBEARER
	Port     int    // the server's port, for OAUTHBEARER; 0 leaves it out
}

// String writes the credentials with the secret masked.
func (c Credentials) String() string {
	mask := "none"
	if c.Secret != "" {
		mask = "***"
	}
	return fmt.Sprintf("{identity %q, user %q, secret %s, host %q, port %d}", c.Identity, c.User, mask, c.Host, c.Port)
}

// Format writes the credentials with the secret masked, whatever the verb: it
// goes before String and stands in for GoString.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// Binding ties a login to one TLS connection, so that nobody in the middle can
// pass it on.
type Binding struct {
	Type string // "tls-exporter" (RFC 9266), "tls-server-end-point" or "tls-unique" (RFC 5929)
	Data []byte
}

// Options is what the caller draws from its random source and knows of its
// connection.
type Options struct {
	Nonce       string    // printable ASCII without a comma, for SCRAM and DIGEST-MD5
	Random      []byte    // eight octets, NTLM's client challenge
	Bindings    []Binding // what the connection has, the preferred one first
	PlusOffered bool      // the server offered any SCRAM mechanism with -PLUS
}

// Exchange is one login on its way. It serves one login and one goroutine.
type Exchange interface {
	// Initial is the initial response in raw octets, to be sent with AUTH or
	// as the answer to an empty first challenge (RFC 4954 §4); Next is not
	// asked for that one. ok is false when the server speaks first.
	Initial() (response []byte, ok bool)
	// Next answers one decoded challenge. After an error the login is to be
	// cancelled with "*".
	Next(challenge []byte) (response []byte, err error)
	// Done is asked when the server said 235, and says why the login is not to
	// be trusted all the same; nil when all is well.
	Done() error
}

// Explainer is an Exchange whose server may explain a failure before its final
// reply: XOAUTH2 and OAUTHBEARER.
type Explainer interface {
	// Explained is what the server sent, JSON as a rule; "" when it sent
	// nothing. It is as little to be trusted as all that a server sends.
	Explained() string
}

// Hasher is an Exchange that hashes the password as often as the server asks:
// SCRAM. The fewer, the sooner whoever comes by what went over the wire has
// tried all passwords.
type Hasher interface {
	// Iterations is the iteration-count of RFC 5802 §5.1; 0 before it came.
	Iterations() int
}

// LeastIterations is what RFC 5802 §5.1 and RFC 7677 §4 ask of a server.
const LeastIterations = 4096

// Start begins a login with the mechanism of that name.
func Start(name string, c Credentials, o Options) (Exchange, error) {
	m := Find(name)
	if m == nil {
		return nil, fmt.Errorf("%s: %w", clip(name), ErrUnknown)
	}
	x, err := start(m, c, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	return x, nil
}

func start(m *Mechanism, c Credentials, o Options) (Exchange, error) {
	// A bearer token says whose it is, so OAUTHBEARER goes without a user
	// (RFC 7628 §3.1).
	if c.User == "" && !m.NoSecret && m.Name != "OAUTHBEARER" {
		return nil, fmt.Errorf("%w: no user", ErrCredentials)
	}
	if c.Secret == "" && m.Token {
		return nil, fmt.Errorf("%w: no token", ErrCredentials)
	}
	switch m.Name {
	case "PLAIN":
		return startPlain(c)
	case "LOGIN":
		return &login{user: c.User, secret: c.Secret}, nil
	case "EXTERNAL":
		return startExternal(c)
	case "ANONYMOUS":
		return startAnonymous(c)
	case "CRAM-MD5":
		return &cram{user: c.User, secret: c.Secret}, nil
	case "XOAUTH2":
		return startXOAuth2(c)
	case "OAUTHBEARER":
		return startBearer(c)
	case "DIGEST-MD5":
		return startDigest(c, o)
	case "NTLM":
		return startNTLM(c, o)
	}
	return startSCRAM(m, c, o)
}

// sealed makes the type that embeds it print as nothing but a name. Exchanges
// hold passwords and what is derived from them in unexported fields, which fmt
// would otherwise print as they are.
type sealed struct{}

// Format writes a name in place of the exchange.
func (sealed) Format(f fmt.State, _ rune) { fmt.Fprint(f, "sasl.Exchange") }

// unexpected is the answer to a challenge when none was due.
func unexpected(name string) error {
	return fmt.Errorf("%s: %w: none was due", name, ErrChallenge)
}

// checkText refuses what cannot stand between the separators of a message.
func checkText(what, text, separators string) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: %s is not UTF-8", ErrCredentials, what)
	case strings.ContainsAny(text, separators):
		return fmt.Errorf("%w: %s holds a control character that separates fields", ErrCredentials, what)
	}
	return nil
}

// checkNonce holds the caller to the grammar of SCRAM's nonce (RFC 5802 §7),
// which suits a quoted cnonce too.
func checkNonce(nonce string) error {
	if nonce == "" || !printable(nonce) {
		return fmt.Errorf("%w: the nonce is not printable ASCII without a comma", ErrOptions)
	}
	return nil
}

// printable is the production of RFC 5802 §7: %x21-2B / %x2D-7E.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7E || s[i] == ',' {
			return false
		}
	}
	return true
}

// clip quotes what a peer wrote, and no more than a line of it.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%.*q…", most, s)
	}
	return fmt.Sprintf("%q", s)
}
