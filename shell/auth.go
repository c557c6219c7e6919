package shell

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/sasl"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// login is what :auth was asked for.
type login struct {
	mechanism *sasl.Mechanism // nil for the strongest that will do
	user      string
	initial   bool // LOGIN: the user name goes with the command
	insecure  bool // whatever the connection is
}

// runAuth is :auth: a login step by step, every line of it shown.
func (sh *Shell) runAuth(ctx context.Context, words []string) outcome {
	s := sh.hub.Session()
	switch {
	case !s.Open():
		return complain("Not connected. :open HOST connects.")
	case s.Mode() != protocol.ModeCommand || s.Awaiting() > 0:
		return complain("A reply is still owed; a login must wait for it.")
	case s.Authenticated():
		return complain("This session is logged in already; a new connection takes a new login.")
	case !s.Extended():
		return complain("EHLO comes first: its answer names the mechanisms.")
	}
	l, err := parseLogin(words)
	if err != nil {
		return complain(err.Error())
	}
	if l.mechanism == nil && len(s.Offers().Args("AUTH")) == 0 {
		text := "The server offers no AUTH."
		if secured, _ := s.Secured(); !secured && s.Offers().Has("STARTTLS") {
			text += " It may do so under TLS: STARTTLS, and EHLO again."
		}
		return complain(text)
	}
	credentials, err := sh.credentials(ctx, &l)
	switch {
	case errors.Is(err, errGivenUp):
		return outcome{rows: []view.Row{{{Text: "Not logged in; nothing was sent.", Style: view.Dim}}}, failed: true}
	case err != nil:
		return complain(err.Error())
	}
	sh.login(ctx, l, credentials)
	return done()
}

// The options of :auth.
const (
	insecureFlag = "--insecure" // whatever the policy says
	initialFlag  = "--initial"  // LOGIN's user name goes with the command
)

// parseLogin reads [--insecure] [--initial] [MECHANISM] [USER].
func parseLogin(words []string) (login, error) {
	var l login
	for _, word := range words {
		switch {
		case word == insecureFlag:
			l.insecure = true
		case word == initialFlag:
			l.initial = true
		case strings.HasPrefix(word, "--"):
			return l, errors.New(":auth has the options --insecure and --initial, and no other")
		case l.mechanism == nil && l.user == "" && sasl.Find(word) != nil:
			l.mechanism = sasl.Find(word)
		case l.user == "":
			l.user = word
		default:
			return l, errors.New("usage: :auth [MECHANISM] [USER]; the password is asked for, and never stands in a line")
		}
	}
	if l.initial && (l.mechanism == nil || l.mechanism.Name != "LOGIN") {
		return l, errors.New("--initial is for LOGIN: it sends the user name with the command")
	}
	return l, nil
}

// errGivenUp is when the user answered a question with Ctrl-C or Ctrl-D.
var errGivenUp = errors.New("given up")

// credentials settles the mechanism and finds the user and the secret for it.
// What the policy would hold is held before a password is asked for.
func (sh *Shell) credentials(ctx context.Context, l *login) (sasl.Credentials, error) {
	host := sh.target.Host
	if sh.tls.wire.Name != "" {
		host = sh.tls.wire.Name
	}
	c := sasl.Credentials{Host: host, Port: portNumber(sh.target.Port)}
	found := sh.source(l.user)
	if l.mechanism == nil {
		var ok bool
		offered := sh.hub.Session().Offers().Args("AUTH")
		if l.mechanism, ok = sasl.Choose(offered, sasl.Have{Password: !sh.secrets.token, Token: sh.secrets.token, Binding: len(sh.bindings()) > 0}); !ok {
			return c, errors.New("The server offers " + strings.Join(offered, " ") + ", and none of these can be done from a password; :auth MECHANISM names one.")
		}
	}
	if id := exposed(sh.hub.Session(), l.mechanism.Name, sh.trusted); id != "" && !l.insecure {
		row := protocol.FindAdvice(id)
		if row.Severity == protocol.Error {
			sh.fail(StatusHeld)
			return c, errors.New("Held: " + l.mechanism.Name + ", and " + row.Message + ". \":auth --insecure\" does it all the same.  " + row.Ref.String())
		}
		sh.note(view.Caution, "note: "+strings.Replace(row.Message, "%s", l.mechanism.Name, 1)+"  "+row.Ref.String())
	}
	sh.trusted = sh.trusted || l.insecure
	var err error
	if c.User, err = sh.user(ctx, l, found); err != nil || l.mechanism.NoSecret {
		return c, err
	}
	c.Secret, err = sh.secret(ctx, l.mechanism, found)
	return c, err
}

// user is who logs in: as typed, as set, as ~/.netrc has it, or asked for.
func (sh *Shell) user(ctx context.Context, l *login, found found) (string, error) {
	if name := or(l.user, found.user); name != "" {
		return name, nil
	}
	if l.mechanism.Name == "EXTERNAL" {
		return "", nil // whoever the client certificate names
	}
	return sh.ask(ctx, "user name", false)
}

// ask asks a person for something that is no line of the session.
func (sh *Shell) ask(ctx context.Context, what string, secret bool) (string, error) {
	if !sh.Source.Interactive() {
		return "", errors.New("no " + what + " for :auth, and nobody to ask: see auth-user, auth-password-file, auth-password-env, auth-password-command and ~/.netrc")
	}
	if secret {
		what += notShown
	}
	line, err := sh.Source.Next(ctx, term.Request{
		Prompt: sh.styled(view.Row{{Text: what, Style: view.Ask}, {Text: "> "}}), Plain: true, Secret: secret, Keyboard: true,
	})
	if err != nil {
		return "", errGivenUp
	}
	return line.Text, nil
}

// login leads the exchange to its end, and says what it amounts to.
func (sh *Shell) login(ctx context.Context, l login, c sasl.Credentials) {
	exchange, err := sasl.Start(l.mechanism.Name, c, sasl.Options{
		Nonce: rand.Text(), Random: []byte(rand.Text()[:8]), Bindings: sh.bindings(), PlusOffered: plusOffered(sh.hub.Session().Offers()),
	})
	if err != nil {
		sh.note(view.Bad, "No login: "+err.Error())
		sh.fail(StatusUsage)
		return
	}
	initial, first := exchange.Initial()
	if l.initial {
		if initial, err = exchange.Next([]byte("User Name")); err == nil {
			first = true
		}
	}
	line := "AUTH " + l.mechanism.Name
	if whole := line + " " + encodeInitial(initial); first && len(whole) <= longestCommand {
		line, initial = whole, nil
	}
	sh.begins(challenge{mechanism: l.mechanism.Name})
	sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(line + "\r\n"), Auto: true, Secret: first && initial == nil && sh.hides()}, "AUTH", false)
	steps := exchange
	if first && initial != nil {
		steps = &delayed{exchange, initial}
	}
	sh.exchange(ctx, steps)
	if sh.hub.Session().Mode() != protocol.ModeChallenge {
		sh.begins(challenge{}) // nobody was asked for an answer that may still come
	}
	sh.loggedIn(l, c, exchange)
}

// longestCommand is how long a command line may be without its CRLF (RFC 5321
// §4.5.3.1.4). An initial response that does not fit waits for an empty
// challenge (RFC 4954 §4).
const longestCommand = 510

// delayed is an exchange whose initial response was too long to go with the
// command.
type delayed struct {
	sasl.Exchange
	initial []byte
}

func (x *delayed) Next(challenge []byte) ([]byte, error) {
	if x.initial == nil {
		return x.Exchange.Next(challenge)
	}
	response := x.initial
	x.initial = nil
	return response, nil
}

// encodeInitial is an initial response for the command line: an empty one is
// "=", to tell it from none (RFC 4954 §4).
func encodeInitial(response []byte) string {
	if len(response) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(response)
}

// exchange answers challenges while there are any.
func (sh *Shell) exchange(ctx context.Context, exchange sasl.Exchange) {
	for sh.hub.Session().Mode() == protocol.ModeChallenge {
		reply, _, _ := sh.hub.lastReply()
		response, err := answerTo(reply, exchange)
		text, secret := base64.StdEncoding.EncodeToString(response), len(response) > 0 && sh.hides()
		if err != nil {
			sh.note(view.Bad, "The login is broken off: "+err.Error())
			sh.fail(StatusNegative)
			text, secret = "*", false // RFC 4954 §4
		}
		sh.dialogue.answers++
		if !sh.put(ctx, protocol.Sent{Kind: protocol.SentResponse, Raw: []byte(text + "\r\n"), Auto: true, Secret: secret}, "AUTH", false) || err != nil {
			return
		}
	}
}

// answerTo is the response to a challenge as it came.
func answerTo(reply protocol.Reply, exchange sasl.Exchange) ([]byte, error) {
	text := ""
	if len(reply.Lines) > 0 {
		text = strings.TrimSpace(reply.Lines[0])
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the server's challenge is no base64")
	}
	return exchange.Next(decoded)
}

// loggedIn says what came of it. That the server proved nothing weighs more
// than its 235.
func (sh *Shell) loggedIn(l login, c sasl.Credentials, exchange sasl.Exchange) {
	s := sh.hub.Session()
	if x, ok := exchange.(sasl.Explainer); ok && x.Explained() != "" {
		sh.note(view.Caution, "The server's reason: "+x.Explained())
	}
	if !s.Open() || !s.Authenticated() {
		return
	}
	if err := exchange.Done(); err != nil {
		sh.note(view.Bad, "WARNING: the server took the login, and is not to be trusted all the same: "+err.Error()+".")
		sh.fail(StatusNegative)
		return
	}
	text := "Logged in by " + l.mechanism.Name
	if c.User != "" {
		text = "Logged in as " + c.User + " by " + l.mechanism.Name
	}
	if strings.HasPrefix(l.mechanism.Name, "SCRAM-") {
		text += "; the server proved that it knows the password too"
	}
	sh.note(view.Dim, text+".")
}

// bindings are what ties a login to the connection, the preferred first
// (RFC 9266 §3).
func (sh *Shell) bindings() []sasl.Binding {
	var found []sasl.Binding
	if sh.conn == nil {
		return nil
	}
	for _, kind := range []string{"tls-exporter", "tls-unique", "tls-server-end-point"} {
		if data, ok := sh.conn.Binding(kind); ok {
			found = append(found, sasl.Binding{Type: kind, Data: data})
		}
	}
	return found
}

// plusOffered reports that the server offers channel binding.
func plusOffered(offers *protocol.Extensions) bool {
	return slices.ContainsFunc(offers.Args("AUTH"), func(name string) bool { return strings.HasSuffix(strings.ToUpper(name), "-PLUS") })
}

// hides reports whether secrets are kept from the screen.
func (sh *Shell) hides() bool { return !sh.secrets.shown }
