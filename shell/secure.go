package shell

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// The ways in which a connection comes under TLS.
const (
	byUser     = ""              // when STARTTLS is typed
	byStartTLS = "starttls"      // EHLO, STARTTLS and EHLO are sent on opening
	byImplicit = "implicit"      // TLS comes before the greeting (RFC 8314 §3)
	byChance   = "opportunistic" // as byStartTLS, where the server offers it
	byNobody   = "none"          // when STARTTLS is typed, even on port 465
)

// Offered remembers which servers offered STARTTLS, so that it is noticed
// when one no longer does. A server is HOST:PORT.
type Offered interface {
	Has(server string) bool
	Add(server string)
}

// thisRun is an Offered that forgets.
type thisRun map[string]bool

func (r thisRun) Has(server string) bool { return r[server] }
func (r thisRun) Add(server string)      { r[server] = true }

// settle makes the handshake that a 220 to STARTTLS has left open, whatever
// became of the wait for it.
func (sh *Shell) settle(ctx context.Context) {
	if sh.hub.Session().Mode() == protocol.ModeHandshake && sh.conn != nil && sh.secure(ctx) {
		sh.greetAgain()
	}
}

// secure makes the TLS handshake on the parked connection, and reports
// whether it stands.
func (sh *Shell) secure(ctx context.Context) bool {
	options, err := sh.security()
	if err != nil {
		sh.note(view.Bad, "No TLS handshake was begun: "+err.Error())
		sh.fail(StatusTLS)
		sh.hangUp()
		return false
	}
	sh.logKeys(&options)
	err = sh.handshake(ctx, options)
	if err == nil {
		sh.lessonInTrust()
		return true
	}
	<-sh.conn.Done()
	sh.conn = nil
	sh.fail(StatusTLS)
	var failed *wire.HandshakeError
	if !errors.As(err, &failed) {
		return false
	}
	if len(failed.TLS.Chain) > 0 {
		sh.hub.keepTLS(failed.TLS)
		sh.rows(view.TLS(failed.TLS, time.Now(), false))
	}
	if hint := sh.afterHandshake(failed); hint != "" {
		sh.note(view.Dim, hint)
	}
	return false
}

// lessonInTrust tells a student how the practice server comes to be verified,
// so that the lesson shows both.
func (sh *Shell) lessonInTrust() {
	if _, verified := sh.hub.Session().Secured(); sh.target.Practice && !verified && sh.tls.ca == "" && sh.Source.Interactive() && sh.practiceIssued() {
		sh.note(view.Dim, "\":set tls-ca practice\" trusts the practice server's authority; :reconnect and STARTTLS again show the difference.")
	}
}

// practiceIssued reports a chain that the practice server's authority stands
// for; one of its faults is a certificate of another.
func (sh *Shell) practiceIssued() bool {
	secured, ok := sh.hub.lastTLS()
	if !ok || len(secured.Chain) == 0 || sh.server == nil || sh.server.CA() == nil {
		return false
	}
	leaf, err := x509.ParseCertificate(secured.Chain[0].Raw)
	return err == nil && leaf.CheckSignatureFrom(sh.server.CA()) == nil
}

// handshake makes it; at a terminal Ctrl-C stops it.
func (sh *Shell) handshake(ctx context.Context, options wire.Security) error {
	conn := sh.conn
	defer context.AfterFunc(ctx, func() { conn.Close(protocol.ByUser) })()
	if !sh.Source.Interactive() {
		return conn.Secure(options)
	}
	done := make(chan error, 1)
	go func() { done <- conn.Secure(options) }()
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	defer sh.Source.Status("")
	for began := time.Now(); ; {
		select {
		case err := <-done:
			return err
		case <-sh.Source.Interrupts():
			conn.Close(protocol.ByUser)
		case <-ticker.C:
			sh.Source.Status(view.Escape("TLS handshake … " + time.Since(began).Truncate(time.Second).String() + "   (Ctrl-C stops it)"))
		}
	}
}

// afterHandshake is what to try when a handshake failed.
func (sh *Shell) afterHandshake(e *wire.HandshakeError) string {
	switch {
	case e.Plaintext() && sh.startsWith(sh.target) == byImplicit:
		return "That looks like a server without TLS on this port: \":set tls none\" and :reconnect talk to it in plaintext, where STARTTLS may be offered."
	case e.Plaintext():
		return "Where the handshake belongs came plaintext: a broken server, or someone on the way. Nothing of it was used."
	case e.Unverified():
		return "\":set tls-verify warn\" goes on all the same and shows the connection as unverified; tls-ca and tls-name say who is trusted, and for which name."
	}
	return ""
}

// greetAgain says what must follow a handshake behind STARTTLS, and has it
// ready (RFC 3207 §4.2: what was learned before is forgotten).
func (sh *Shell) greetAgain() {
	if !sh.Source.Interactive() {
		return
	}
	sh.note(view.Dim, "The server has forgotten the greeting: EHLO again (RFC 3207 §4.2). Enter sends it.")
	if len(sh.edit.follow) == 0 {
		sh.edit.offer = offer{text: sh.hello(), proposal: true, idle: true}
	}
}

// hello is the greeting as it was typed last, or as this client would.
func (sh *Shell) hello() string {
	if sh.greeting != "" {
		return sh.greeting
	}
	return sh.hail()
}

// hail is this client's greeting, in the protocol that is spoken (RFC 2033
// §4.1).
func (sh *Shell) hail() string {
	s := sh.hub.Session()
	if s.LMTP() {
		return "LHLO " + s.Client
	}
	return "EHLO " + s.Client
}

// startsWith is how a connection to t comes under TLS.
func (sh *Shell) startsWith(t Target) string {
	switch wish := sh.tls.start; {
	case wish == byNobody, wish == byChance && t.TLS == byStartTLS: // less than the URL asks for, in so many words
		return wish
	case t.TLS != byUser:
		return t.TLS
	case sh.tls.start != byUser:
		return sh.tls.start
	case t.Port == "465" || strings.EqualFold(t.Port, "submissions") || strings.EqualFold(t.Port, "smtps"):
		return byImplicit // RFC 8314 §7.3: no other protocol is spoken there
	}
	return byUser
}

// upgrade is STARTTLS without being typed: each line is shown. It reports
// whether the connection is under TLS in the end. A script that is to have
// TLS has it or nothing; who sits at a prompt sees what there is, and decides.
func (sh *Shell) upgrade(ctx context.Context, start string) bool {
	fate := "stays in plaintext: everything can be read on its way"
	if start == byStartTLS && !sh.Source.Interactive() {
		fate = "is closed: it was to be under TLS. --tls opportunistic takes it in plaintext, and --tls none does not ask"
	}
	hello := sh.hail()
	if !sh.auto(ctx, hello) {
		return false
	}
	if !sh.hub.Session().Offers().Has("STARTTLS") {
		sh.note(view.Bad, "The server offers no STARTTLS, so this connection "+fate+".")
		return false
	}
	sh.auto(ctx, "STARTTLS")
	if s := sh.hub.Session(); s.Mode() != protocol.ModeHandshake || !sh.secure(ctx) {
		return false
	}
	sh.auto(ctx, hello)
	return true
}

// auto sends a line of the shell's own, which is shown, and reports whether
// the reply was positive and the connection still stands.
func (sh *Shell) auto(ctx context.Context, line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	if s := sh.hub.Session(); sh.conn == nil || !s.Open() || s.Awaiting() > 0 {
		return false
	}
	if strings.ContainsAny(line, "\r\n") { // RFC 5321 §2.3.8: it would be more than one
		return false
	}
	sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(line + "\r\n"), Auto: true}, verb)
	s := sh.hub.Session()
	return s.Open() && s.Awaiting() == 0 && s.LastCode()/100 == 2
}

// missing warns when a server that offered STARTTLS before no longer does:
// someone on the way may strip it, to read what follows.
func (sh *Shell) missing() {
	s := sh.hub.Session()
	secured, _ := s.Secured()
	if sh.Offered == nil || sh.target.Practice || sh.target.local() || secured || !s.Extended() || s.Stage() != protocol.StageGreeted || s.LastCode() != 250 {
		return // a reply out of step says nothing of what is offered
	}
	server, list := net.JoinHostPort(strings.ToLower(sh.target.Host), sh.target.Port), sh.Offered
	if s.Via() == "" && isLoopback(s.Address()) { // nobody is on the way, and the port may be another server's tomorrow
		list = sh.nearby
	}
	switch {
	case s.Offers().Has("STARTTLS"):
		list.Add(server)
	case list.Has(server):
		sh.note(view.Bad, "Warning: "+server+" offered STARTTLS before and does not now. It was reconfigured, or someone on the way strips it to read along.")
	}
}

// rows prints rows of the shell's own, folded on a screen.
func (sh *Shell) rows(rows []view.Row) {
	for _, row := range rows {
		sh.hub.note(protocol.Noted{At: sh.now(), Text: strings.TrimRight(row.String(), " ")})
	}
	if sh.Source.Interactive() {
		rows = view.Fold(rows, sh.Source.Width())
	}
	sh.Out.Rows(rows...)
}
