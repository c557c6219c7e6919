package wire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
)

// HandshakeError is why there is no TLS: how far the handshake came, and what
// ended it.
type HandshakeError struct {
	Step  string       // "after the ServerHello"
	First []byte       // the first octets that the server sent
	TLS   protocol.TLS // what was learned, the chain if it had come
	Err   error
}

// errUnverified is when verification is required and failed.
var errUnverified = errors.New("the server is not verified")

// Error is one line, without the operation's name twice.
func (e *HandshakeError) Error() string {
	return "TLS handshake failed " + e.Step + ": " + e.why()
}

// Unwrap is what ended the handshake.
func (e *HandshakeError) Unwrap() error { return e.Err }

// Plaintext reports a server that did not answer with TLS at all.
func (e *HandshakeError) Plaintext() bool {
	var header tls.RecordHeaderError
	return errors.As(e.Err, &header)
}

// Unverified reports a handshake that this side broke off, for the server was
// not verified.
func (e *HandshakeError) Unverified() bool { return errors.Is(e.Err, errUnverified) }

// Alert is what the server gave as its reason; nil when it gave none.
func (e *HandshakeError) Alert() *protocol.Alert { return alertOf(e.Err) }

// ErrorKind is "tls", as a record has it.
func (e *HandshakeError) ErrorKind() string { return "tls" }

func (e *HandshakeError) why() string {
	if a := alertOf(e.Err); a != nil {
		if e.TLS.Wanted && e.TLS.Sent == "" && slices.Contains(noCertificate, a.Name) {
			return alertText(a, "it asked for a client certificate and got none; --tls-cert and --tls-key give one")
		}
		return alertText(a, a.Meaning)
	}
	text := strings.TrimPrefix(e.Err.Error(), "tls: ")
	switch {
	case e.Plaintext():
		return fmt.Sprintf("what came is not TLS: %q", e.First)
	case e.Unverified():
		return errUnverified.Error() + ", and verification is required: " + strings.Join(e.TLS.Lacks, "; ")
	case errors.Is(e.Err, os.ErrDeadlineExceeded):
		return "the server took too long"
	case errors.Is(e.Err, net.ErrClosed):
		return "the connection was closed from here"
	case errors.Is(e.Err, io.EOF), errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "the server closed the connection"
	case classify(e.Err) == Reset:
		return "the server reset the connection"
	case strings.HasPrefix(text, unsupported):
		return "the server wants " + versionOf(text) + ", which is not allowed here: see --tls-min and --tls-max"
	}
	return text
}

// unsupported begins what crypto/tls says of a server's version; the number
// in hexadecimal follows.
const unsupported = "server selected unsupported protocol version "

func versionOf(text string) string {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, unsupported), 16, 16)
	if err != nil {
		return "another version"
	}
	return tls.VersionName(uint16(n))
}

// alertOf is the alert that the far side sent. crypto/tls keeps its type to
// itself, but says that it came from there and lets its number be printed.
func alertOf(err error) *protocol.Alert {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return nil
	}
	code, bad := strconv.ParseUint(fmt.Sprintf("%d", op.Err), 10, 8)
	if bad != nil {
		return nil
	}
	if a := protocol.FindAlert(uint8(code)); a != nil {
		return a
	}
	return &protocol.Alert{Code: uint8(code), Name: "unregistered", Meaning: "no RFC says what it means"}
}

func alertText(a *protocol.Alert, meaning string) string {
	return fmt.Sprintf("the server sent the alert %s (%d): %s", a.Name, a.Code, meaning)
}

// noCertificate are the alerts by which a server up to TLS 1.2 says that it
// will not do without a client certificate (RFC 5246 §7.4.6), where TLS 1.3
// has certificate_required.
var noCertificate = []string{"handshake_failure", "bad_certificate", "certificate_unknown", "access_denied"}
