package protocol

import "time"

// TLS is what a handshake settled, as values: what a report, a transcript and
// the prompt have to know, without the machinery.
type TLS struct {
	Version string        // "TLS 1.3"
	Cipher  string        // "TLS_AES_128_GCM_SHA256", as IANA names it
	Group   string        // of the key exchange: "X25519MLKEM768"; "" for RSA key transport
	Resumed bool          // an earlier session went on: the chain is that session's
	Took    time.Duration // the handshake
	Name    string        // the name that was asked for, and verified
	Sent    string        // subject of the client certificate that was sent; "" for none
	Wanted  bool          // the server asked for a client certificate
	Chain   []Certificate // as the server sent it, its own first
	Trust   string        // what the chain was found to end in; "" when unverified
	Lacks   []string      // why the server is not verified, in words; several at once
	Lax     bool          // nobody looked: verification is off
	Broken  bool          // the handshake failed: the chain was shown, and that its key is there was not proved
}

// Verified reports that the server proved to be who was asked for.
func (t TLS) Verified() bool { return !t.Lax && !t.Broken && len(t.Lacks) == 0 }

// Certificate is one certificate of a chain (RFC 5280 §4.1), in words.
type Certificate struct {
	Subject   string // "CN=mx.example.org,O=Example"
	Issuer    string
	Names     []string // subject alternative names: domains and addresses
	NotBefore time.Time
	NotAfter  time.Time
	Key       string // "ECDSA P-256", "RSA 2048"
	Signature string // "SHA256-RSA"
	SHA256    string // the fingerprint of Raw, in lower case hexadecimal
	Raw       []byte // DER; not to be modified
}
