//go:build unix

package cli_test

import (
	"testing"

	"github.com/gdamore/tcell/v3/color"
)

// TestStartTLS is the lesson: STARTTLS typed, what the handshake settled, the
// lock in the prompt, and the greeting that must be said again.
func TestStartTLS(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line("EHLO me.example")
	s.at("practice.example greeted> ")
	s.line("STARTTLS")
	s.sees("go ahead with TLS", "TLS 1.3 · ", "CN=practice.example", "days left", "SHA-256 ", "UNVERIFIED the issuer is unknown here",
		"The server has forgotten the greeting")
	s.hasColor("UNVERIFIED", color.Maroon)
	s.at("practice.example connected tls unverified> EHLO me.example") // as it was said before
	s.keys(enter)
	s.sees("gone under TLS    STARTTLS")
	s.at("practice.example greeted tls unverified> ")
	s.line("STARTTLS")
	s.sees("this connection is under TLS already; 503 is likely")
	s.line(":status")
	s.sees("UNVERIFIED: the issuer is unknown here")

	s.line(":set tls-ca practice")
	s.line(":reconnect")
	s.at("practice.example connected> ")
	s.line("EHLO me.example")
	s.line("STARTTLS")
	s.sees("verified as 127.0.0.1, by smtpsh practice CA")
	s.at("practice.example connected tls> EHLO me.example")
	s.keys(ctrlC) // the suggestion goes
	s.at("practice.example connected tls> ")
	s.line(":tls")
	s.sees("verified as 127.0.0.1, by smtpsh practice CA")
	s.line("QUIT")
	s.at("disconnected> ")
}

// TestPasteThroughTLS pastes a dialogue over the handshake: the suggestion to
// greet again is no reason to stop.
func TestPasteThroughTLS(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.paste("EHLO me.example\nSTARTTLS\nEHLO you.example\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\n")
	s.at("practice.example rcpt 1 tls unverified> ")
	s.sees("gone under TLS")
	s.lacks("paste stops")
}

// TestHandshakeFails leaves a clean prompt, with the way back.
func TestHandshakeFails(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line(":open practice tls1.0")
	s.line("EHLO me.example")
	s.line("STARTTLS")
	s.sees("TLS handshake failed", "the alert protocol_version", ":reconnect opens it again.")
	s.at("disconnected> ")
	s.line(":set tls-max 1.0")
	s.line(":reconnect")
	s.line("EHLO me.example")
	s.line("STARTTLS")
	s.sees("TLS 1.0 · ")
	s.at("practice.example connected tls unverified> EHLO me.example")
	s.line("")

	s.line(":set tls-max default")
	s.line(":set tls-verify require")
	s.line(":open practice tls expired")
	s.sees("the server is not verified", "UNVERIFIED the certificate expired", "tls-verify warn")
	s.at("disconnected> ")

	s.line(":open practice injected")
	s.line("EHLO me.example")
	s.line(":set tls-verify warn")
	s.line("STARTTLS")
	s.sees("plaintext came behind the 220 to STARTTLS", `injected.example\r\n`, "CVE-2011-0411")
	s.at("practice.example connected tls unverified> EHLO me.example")
	s.line(":open practice nonsense")
	s.sees("no mode", "wrong-name")
}

// TestHandshakeInterrupted is a server that agrees and then says nothing.
func TestHandshakeInterrupted(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> EHLO me\n< 250-mx.example\n< 250 STARTTLS\n> STARTTLS\n< 220 go\n* drain")
	s.line("EHLO me")
	s.line("STARTTLS")
	s.sees("TLS handshake … 1s   (Ctrl-C stops it)")
	s.keys(ctrlC)
	s.at("disconnected> ")
}

// TestPlaintextForHandshake is a server that goes on in plaintext, in a
// segment of its own.
func TestPlaintextForHandshake(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> EHLO me\n< 250-mx.example\n< 250 STARTTLS\n> STARTTLS\n< 220 go\n* wait 300ms\n< 250 injected\n* drain", sized(120, 40))
	s.line("EHLO me")
	s.line("STARTTLS")
	s.sees(`what came is not TLS: "250 injected\r\n"`, "Nothing of it was used.")
	s.at("disconnected> ")
	s.lacks("250 injected    ")
}

// TestStartTLSPending holds STARTTLS while a reply is owed.
func TestStartTLSPending(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> EHLO me\n< 250-mx.example\n< 250-PIPELINING\n< 250 STARTTLS\n> NOOP\n* eof")
	s.line("EHLO me")
	s.at("mx.example greeted> ")
	s.line("NOOP")
	s.sees("waiting for the reply to NOOP")
	s.keys(ctrlC)
	s.at("mx.example greeted +1 owed> ")
	s.line("STARTTLS")
	s.sees("1 reply is still owed", "RFC 3207 §4.2")
}

// TestStripping warns of a server that offered STARTTLS and does not any more.
func TestStripping(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const greeting = "< 220 mx.example ESMTP\n> EHLO me\n< 250-mx.example\n< 250 "
	s := talk(t, greeting+"STARTTLS\n* eof\n---\n"+greeting+"SIZE\n* eof", stateIn(dir), sized(120, 30))
	s.line("EHLO me")
	s.at("mx.example greeted> ")
	s.line(":reconnect")
	s.line("EHLO me")
	s.sees("offered STARTTLS before and does not now", "strips it")

	// A reply out of step says nothing of what is offered.
	s = talk(t, greeting+"STARTTLS\n* eof\n---\n< 220 mx.example ESMTP\n> EHLO me\n< 220 what?\n> NOOP\n< 250 ok\n* eof", stateIn(dir), sized(120, 30))
	s.line("EHLO me")
	s.at("mx.example greeted> ")
	s.line(":reconnect")
	s.line("EHLO me")
	s.sees("220 what?")
	s.line("NOOP")
	s.sees("250 ok")
	s.lacks("offered STARTTLS before")
}
