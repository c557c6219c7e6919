package shell

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
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
	case sh.group.open:
		return complain("A group is open, and a login is no part of one: an empty line sends it.")
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
		case l.mechanism == nil && l.user == "" && slices.ContainsFunc(protocol.Mechanisms, func(name string) bool { return strings.EqualFold(name, word) }):
			return l, unable(word)
		case l.user == "":
			l.user = word
		case l.mechanism == nil:
			return l, unable(l.user)
		default:
			return l, errors.New("usage: :auth [MECHANISM] [USER]; the password is asked for, and never stands in a line")
		}
	}
	if l.initial && (l.mechanism == nil || l.mechanism.Name != "LOGIN") {
		return l, errors.New("--initial is for LOGIN: it sends the user name with the command")
	}
	return l, nil
}

// unable is why there is no login by a mechanism.
func unable(mechanism string) error {
	names := make([]string, len(sasl.Mechanisms))
	for i := range sasl.Mechanisms {
		names[i] = sasl.Mechanisms[i].Name
	}
	return errors.New("No login by " + mechanism + " is known here: there are " + strings.Join(names, ", ") + ". \"AUTH " + mechanism + "\" begins one by hand, where each answer is base64.")
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
	if wish := sh.secrets.binding; l.mechanism == nil && wish != "" && len(sh.bindings()) == 0 && plusOffered(sh.hub.Session().Offers()) {
		return c, errors.New("auth-binding is " + wish + ", and this connection has none of that kind (TLS 1.3 has tls-exporter, TLS 1.2 tls-unique): \":set auth-binding default\" takes the best that there is.")
	}
	if l.mechanism == nil {
		var ok bool
		offered := sh.hub.Session().Offers().Args("AUTH")
		if l.mechanism, ok = sasl.Choose(offered, sasl.Have{Password: !sh.secrets.token, Token: sh.secrets.token, Binding: len(sh.bindings()) > 0}); !ok {
			return c, errors.New("The server offers " + strings.Join(offered, " ") + ", and none of these can be done from a password; :auth MECHANISM names one.")
		}
	}
	if id := exposed(sh.hub.Session(), l.mechanism, sh.trusted); id != "" && !l.insecure {
		row := protocol.FindAdvice(id)
		if row.Severity == protocol.Error {
			sh.fail(StatusHeld)
			return c, errors.New("Held: " + l.mechanism.Name + ", and " + row.Message + ". \":auth --insecure\" does it all the same, and so does --auth-insecure of \"smtpsh send\".  " + row.Ref.String())
		}
		sh.note(view.Caution, "note: "+strings.Replace(row.Message, "%s", l.mechanism.Name, 1)+"  "+row.Ref.String())
	}
	sh.trusted = sh.trusted || l.insecure
	var err error
	if c.Identity, err = sh.identity(l); err != nil {
		return c, err
	}
	if c.User, err = sh.user(ctx, l, found); err != nil || l.mechanism.NoSecret {
		return c, err
	}
	c.Secret, err = sh.secret(ctx, l.mechanism, found)
	return c, err
}

// user is who logs in: as typed, as set, as ~/.netrc has it, or asked for.
func (sh *Shell) user(ctx context.Context, l *login, found found) (string, error) {
	if l.mechanism.Name == "EXTERNAL" {
		return "", nil // whoever the client certificate names
	}
	if name := or(l.user, found.user); name != "" {
		return name, nil
	}
	if l.mechanism.Name == "ANONYMOUS" && !sh.Source.Interactive() {
		return "", nil // RFC 4505 §2: who it is may be left out
	}
	return sh.ask(ctx, "user name", false)
}

// identity is whom the login is to act for, where that is not the user. Who
// logs in by EXTERNAL is known already, so that a name is no other there
// (RFC 4422 §A.1).
func (sh *Shell) identity(l *login) (string, error) {
	name := sh.secrets.acts
	if l.mechanism.Name == "EXTERNAL" {
		name = or(l.user, name)
	}
	if name != "" && !l.mechanism.Acts {
		return "", errors.New("auth-identity is " + name + ", and " + l.mechanism.Name + " has no place for one. \":set auth-identity default\" takes it back.")
	}
	return name, nil
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
	if err != nil || secret && line.Text == "" { // no server takes an empty password, and the attempt would count
		return "", errGivenUp
	}
	return line.Text, nil
}

// login leads the exchange to its end, and says what it amounts to. A server
// that does not know the channel binding is asked again with the next one.
func (sh *Shell) login(ctx context.Context, l login, c sasl.Credentials) {
	bindings := sh.bindings()
	for {
		exchange, broken, err := sh.attempt(ctx, l, c, bindings)
		if err != nil {
			sh.note(view.Bad, "No login: "+err.Error())
			sh.fail(StatusUsage)
			return
		}
		others := sh.otherBindings(l, bindings, broken)
		if len(others) == 0 {
			if broken != nil {
				sh.fail(StatusNegative)
			}
			sh.loggedIn(l, c, exchange)
			return
		}
		sh.note(view.Caution, "The server does not know the channel binding "+bindings[0].Type+"; the same with "+others[0].Type+".")
		sh.hub.excuse(func(answer) bool { return true })
		bindings = others
	}
}

// attempt is one exchange, from AUTH to the final reply. Broken is why it was
// broken off from here; nil when it was not.
func (sh *Shell) attempt(ctx context.Context, l login, c sasl.Credentials, bindings []sasl.Binding) (exchange sasl.Exchange, broken, err error) {
	exchange, err = sasl.Start(l.mechanism.Name, c, sasl.Options{
		Nonce: rand.Text(), Random: []byte(rand.Text()[:8]), Bindings: bindings, PlusOffered: plusOffered(sh.hub.Session().Offers()),
	})
	if err != nil {
		return nil, nil, err
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
	sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(line + "\r\n"), Auto: true, Secret: protocol.HasSecret(protocol.Parse(line)) && sh.hides()}, "AUTH")
	steps := exchange
	if first && initial != nil {
		steps = &delayed{exchange, initial}
	}
	broken = sh.exchange(ctx, steps)
	if sh.hub.Session().Mode() != protocol.ModeChallenge {
		sh.begins(challenge{}) // nobody was asked for an answer that may still come
	}
	return exchange, broken, nil
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

// exchange answers challenges while there are any, and returns why it gave up.
func (sh *Shell) exchange(ctx context.Context, exchange sasl.Exchange) error {
	for sh.hub.Session().Mode() == protocol.ModeChallenge {
		reply, _, _ := sh.hub.lastReply()
		response, err := answerTo(reply, exchange)
		text, secret := base64.StdEncoding.EncodeToString(response), len(response) > 0 && sh.hides()
		if err != nil {
			warning := ""
			if errors.Is(err, sasl.ErrServerSignature) {
				warning = "WARNING: "
			}
			sh.note(view.Bad, warning+"The login is broken off: "+err.Error())
			text, secret = "*", false // RFC 4954 §4
		}
		sh.dialogue.answers++
		if !sh.put(ctx, protocol.Sent{Kind: protocol.SentResponse, Raw: []byte(text + "\r\n"), Auto: true, Secret: secret}, "AUTH") || err != nil {
			return err
		}
	}
	return nil
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
	if x, ok := exchange.(sasl.Explainer); ok && x.Explained() != "" {
		sh.note(view.Caution, "The server's reason: "+x.Explained())
	}
	if x, ok := exchange.(sasl.Hasher); ok && x.Iterations() > 0 && x.Iterations() < sasl.LeastIterations {
		sh.note(view.Caution, fmt.Sprintf("The server asks for %s of the password's hash only, where %d are the least (RFC 7677 §4): what was sent is the easier to try passwords against.", plural(x.Iterations(), "iteration"), sasl.LeastIterations))
	}
	if !sh.hub.loggedIn() {
		return
	}
	if err := exchange.Done(); err != nil {
		sh.note(view.Bad, "WARNING: the server took the login, and is not to be trusted all the same: "+err.Error()+".")
		sh.fail(StatusNegative)
		return
	}
	text := "Logged in by " + l.mechanism.Name
	switch {
	case c.User != "" && c.Identity != "":
		text = "Logged in as " + c.User + ", for " + c.Identity + ", by " + l.mechanism.Name
	case c.User != "" || c.Identity != "":
		text = "Logged in as " + c.User + c.Identity + " by " + l.mechanism.Name
	}
	if strings.HasPrefix(l.mechanism.Name, "SCRAM-") {
		text += "; the server proved that it knows the password too"
	}
	sh.note(view.Dim, text+".")
}

// hides reports whether secrets are kept from the screen.
func (sh *Shell) hides() bool { return !sh.secrets.shown }
