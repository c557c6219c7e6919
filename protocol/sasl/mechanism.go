package sasl

import (
	"slices"
	"strings"

	"smtpsh/protocol"
)

// Mechanism is a row of the table of mechanisms.
type Mechanism struct {
	Name     string       // "SCRAM-SHA-256-PLUS"
	Ref      protocol.Ref // zero where no RFC describes it
	Reveals  bool         // whoever reads the exchange has the secret
	Token    bool         // the secret is an OAuth token and no password
	NoSecret bool         // no secret is asked for, so it is used only when asked for by name
	First    bool         // the client speaks first, with an initial response
	Binds    bool         // needs channel binding
	Acts     bool         // carries an authorization identity (RFC 4422 §3.4.1)
	Summary  string       // what it proves and what it reveals, in one line
}

// Mechanisms is the table of mechanisms, strongest first. SCRAM with any hash
// is the family that RFC 5802 §4 names; SHA-512 has no RFC of its own. LOGIN,
// XOAUTH2 and NTLM were never standardized. CRAM-MD5 stands behind DIGEST-MD5
// because it takes no nonce from the client, so that a server may choose all
// that is hashed.
var Mechanisms = []Mechanism{
	{Name: "SCRAM-SHA-512-PLUS", Ref: protocol.Ref{RFC: 5802, Section: "4"}, First: true, Binds: true, Acts: true,
		Summary: "both sides prove that they know the password, on this very TLS connection"},
	{Name: "SCRAM-SHA-256-PLUS", Ref: protocol.Ref{RFC: 7677, Section: "3"}, First: true, Binds: true, Acts: true,
		Summary: "both sides prove that they know the password, on this very TLS connection"},
	{Name: "SCRAM-SHA-1-PLUS", Ref: protocol.Ref{RFC: 5802, Section: "4"}, First: true, Binds: true, Acts: true,
		Summary: "both sides prove that they know the password, on this very TLS connection; the hash is old"},
	{Name: "SCRAM-SHA-512", Ref: protocol.Ref{RFC: 5802, Section: "4"}, First: true, Acts: true,
		Summary: "both sides prove that they know the password, and it is never sent"},
	{Name: "SCRAM-SHA-256", Ref: protocol.Ref{RFC: 7677, Section: "3"}, First: true, Acts: true,
		Summary: "both sides prove that they know the password, and it is never sent"},
	{Name: "SCRAM-SHA-1", Ref: protocol.Ref{RFC: 5802, Section: "4"}, First: true, Acts: true,
		Summary: "both sides prove that they know the password, and it is never sent; the hash is old"},
	{Name: "OAUTHBEARER", Ref: protocol.Ref{RFC: 7628, Section: "3.1"}, First: true, Token: true, Reveals: true, Acts: true,
		Summary: "sends an OAuth token as it is, good until it expires"},
	{Name: "XOAUTH2", First: true, Token: true, Reveals: true,
		Summary: "sends an OAuth token as it is: Google's and Microsoft's form, older than OAUTHBEARER"},
	{Name: "DIGEST-MD5", Ref: protocol.Ref{RFC: 2831, Section: "2"}, Acts: true,
		Summary: "both sides prove that they know the password; obsolete (RFC 6331), and open to guessing by who listens"},
	{Name: "CRAM-MD5", Ref: protocol.Ref{RFC: 2195, Section: "2"},
		Summary: "proves that the client knows the password; open to guessing by who listens"},
	{Name: "NTLM", First: true,
		Summary: "Windows login, version 2: proves that the client knows the password; open to guessing and relaying"},
	{Name: "PLAIN", Ref: protocol.Ref{RFC: 4616, Section: "2"}, First: true, Reveals: true, Acts: true,
		Summary: "sends the password itself; safe only within TLS"},
	{Name: "LOGIN", Reveals: true,
		Summary: "sends the password itself, as PLAIN does, in two answers; safe only within TLS"},
	{Name: "EXTERNAL", Ref: protocol.Ref{RFC: 4422, Section: "A"}, First: true, NoSecret: true, Acts: true,
		Summary: "who the client is was proved elsewhere, as by its TLS certificate"},
	{Name: "ANONYMOUS", Ref: protocol.Ref{RFC: 4505, Section: "2"}, First: true, NoSecret: true,
		Summary: "proves nothing, and leaves a trace of one's choice"},
}

// Find returns the row of a mechanism, in whatever case its name is written;
// nil when there is none.
func Find(name string) *Mechanism {
	for i := range Mechanisms {
		if strings.EqualFold(Mechanisms[i].Name, name) {
			return &Mechanisms[i]
		}
	}
	return nil
}

// Have says what is at hand for a login.
type Have struct {
	Password bool
	Token    bool // an OAuth token
	Binding  bool // the connection has a channel binding
}

// Choose returns the strongest mechanism that the server offered and that can
// be done with what is at hand; ok is false when there is none. EXTERNAL and
// ANONYMOUS are never chosen: they log in as somebody the user did not name.
func Choose(offered []string, have Have) (m *Mechanism, ok bool) {
	for i := range Mechanisms {
		m := &Mechanisms[i]
		secret := have.Password
		if m.Token {
			secret = have.Token
		}
		if !secret || m.NoSecret || m.Binds && !have.Binding {
			continue
		}
		if slices.ContainsFunc(offered, func(name string) bool { return strings.EqualFold(name, m.Name) }) {
			return m, true
		}
	}
	return nil, false
}
