package shell

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// Policy says what the check may do to a line.
type Policy uint8

const (
	// Hold keeps back a line that breaks the grammar.
	Hold Policy = iota
	// Warn sends every line, with advice.
	Warn
	// Off sends every line without a word.
	Off
)

// policies are the names of the policies, for :set.
var policies = []string{Hold: "hold", Warn: "warn", Off: "off"}

// String is the name that :set takes.
func (p Policy) String() string { return policies[p] }

// editing is what is kept for the edit line from one line to the next.
type editing struct {
	offer  offer    // what stands in it next
	held   string   // the line that "!" alone would send
	kept   string   // typed without a connection, for after :reconnect
	follow []string // further lines to offer once the offered one was sent
}

// offer is what the next prompt puts into the edit line.
type offer struct {
	text     string
	typed    string // what Ctrl-C brings back; "" for nothing
	proposal bool
	idle     bool // a paste need not wait for it: it is but a suggestion
}

// command evaluates a line at the prompt.
func (sh *Shell) command(ctx context.Context, line term.Line) {
	if !sh.group.open && sh.groupsPaste(line) {
		sh.group = group{open: true, state: sh.hub.Session()}
		defer sh.endPastedGroup(ctx)
	} else if sh.group.open && sh.grouping && line.Pasted {
		defer sh.endPastedGroup(ctx)
	}
	accepted := sh.edit.offer.text != "" && line.Text == sh.edit.offer.text
	sh.edit.offer = offer{}
	text := line.Text
	switch {
	case strings.TrimSpace(text) == "":
		if sh.group.open {
			sh.sendGroup(ctx)
		}
		return // else it sends nothing
	case text[0] == ':':
		sh.remember(text)
		sh.local(ctx, text)
	case text[0] == '#' && !sh.attended():
	case strings.TrimRight(text, " ") == "!":
		sh.sendHeld(ctx)
	case text[0] == '!':
		sh.remember(text)
		sh.smtp(ctx, text[1:], true)
	default:
		if !accepted {
			sh.edit.follow = nil
		}
		late := sh.lateAnswer(text)
		if late && (line.Pasted || !sh.attended()) {
			where := ""
			if !sh.attended() {
				where = sh.where() + ": "
			}
			sh.note(view.Caution, where+"AUTH was not answered with a challenge, so the answer behind it was not sent.")
			return
		}
		if !late {
			sh.remember(text)
		}
		sh.smtp(ctx, text, false)
	}
}

// remember keeps a typed line in the history, without a credential. A script's
// lines are in its file already.
func (sh *Shell) remember(text string) {
	if kept := forHistory(text); kept != "" && sh.attended() {
		sh.Source.Remember(kept)
	}
}

// sendHeld is "!" alone: the line that was held goes out as it was typed.
func (sh *Shell) sendHeld(ctx context.Context) {
	if sh.edit.held == "" {
		sh.note(view.Caution, "No line is held. !LINE sends LINE as it stands.")
		return
	}
	held := sh.edit.held
	sh.note(view.Dim, "> "+view.Escape(sh.Assist().Redact(held)))
	sh.smtp(ctx, held, true)
}

// smtp judges one command line and sends it, unless it is to be held.
func (sh *Shell) smtp(ctx context.Context, text string, forced bool) {
	s := sh.hub.Session()
	c := protocol.Parse(text)
	if !s.Open() {
		sh.offline(c, forced)
		return
	}
	if strings.ContainsAny(text, "\r\n\x00") {
		forced = false // RFC 5321 §2.3.8: no "!" makes two lines of one
	}
	if sh.group.open {
		sh.inGroup(ctx, text, forced)
		return
	}
	fix := ""
	if !forced {
		var held bool
		if fix, held = sh.judged(s, c); held {
			return
		}
	}
	sh.edit.held = ""
	sh.send(ctx, c, forced)
	sh.offerFix(fix)
}

// offerFix puts the form that the RFC writes into the edit line when the
// server refused the one that was typed.
func (sh *Shell) offerFix(fix string) {
	s := sh.hub.Session()
	if fix == "" || sh.Check == Off || !sh.attended() || s.Mode() != protocol.ModeCommand || s.Awaiting() > 0 {
		return
	}
	switch s.LastCode() {
	case 500, 501, 553, 555: // the codes of syntax; others refuse for other reasons
	default:
		return
	}
	sh.note(view.Dim, "This server wants it as the RFC writes it; Enter sends that.")
	sh.edit.offer = offer{text: fix, proposal: true}
}

// judged advises on a line and reports whether it is held, and the corrected
// line of one that is only warned about.
func (sh *Shell) judged(s protocol.Session, c protocol.Command) (fix string, held bool) {
	diags := s.Allows(c)
	exposure, exposed := exposedBy(s, c, sh.trusted)
	if exposed {
		diags = append(diags, exposure)
	}
	if len(diags) == 0 {
		return "", false
	}
	held = protocol.Worst(diags) == protocol.Error && (sh.Check == Hold || strings.ContainsAny(c.Raw, "\r\n\x00")) ||
		exposed && exposure.Severity == protocol.Error // by policy and not by grammar, which is all that the check is about
	if sh.Check != Off || held {
		sh.emitAdvice(protocol.Advised{At: sh.now(), Line: c.Raw, Diags: diags, Held: held, Kept: held && sh.attended(), Shown: !sh.hides()})
	}
	if held {
		sh.hold(c, diags)
	}
	return refusable(diags), held
}

// emitAdvice shows what there is to say about a line, without a credential.
func (sh *Shell) emitAdvice(a protocol.Advised) {
	if sh.lateAnswer(a.Line) {
		a = a.Blank()
	}
	sh.hub.emit(a.Masked())
}

// refusable is the correction that may help when the server refuses the line:
// none for one that is only too long, or out of order.
func refusable(diags []protocol.Diag) string {
	for _, d := range diags {
		switch d.ID {
		case "line-long", "trailing-space":
		default:
			if d.Fix != "" {
				return d.Fix
			}
		}
	}
	return ""
}

// hold keeps a line back: the corrected one stands in the edit line next.
func (sh *Shell) hold(c protocol.Command, diags []protocol.Diag) {
	if !sh.attended() {
		sh.stopHeld("the line")
		return
	}
	sh.edit.held = c.Raw
	sh.edit.offer = offer{text: c.Raw, typed: c.Raw, proposal: true}
	for _, d := range diags {
		if d.Fix != "" {
			sh.edit.offer.text = d.Fix
			sh.edit.follow = d.Then
			break
		}
	}
}

// isLoopback reports an address of this machine, or a way to a program on it.
func isLoopback(address string) bool {
	if strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "pipe:") {
		return true
	}
	a, err := netip.ParseAddrPort(address)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// offline answers a command typed without a connection: QUIT leaves, anything
// else is kept for after :reconnect.
func (sh *Shell) offline(c protocol.Command, forced bool) {
	if word := c.Name.Of(c.Raw); c.Is("QUIT") || strings.EqualFold(word, "exit") {
		sh.done = true
		return
	}
	if !sh.attended() {
		sh.note(view.Bad, "not connected; not sent: "+sh.Assist().Redact(c.Raw))
		sh.fail(StatusLost)
		sh.stopScript("there is no connection")
		return
	}
	sh.edit.kept = c.Raw
	if forced {
		sh.edit.kept = "!" + c.Raw
	}
	if sh.target == (Target{}) {
		sh.note(view.Caution, "Not connected. :open HOST connects; your line is kept for then.")
		sh.edit.offer = offer{text: ":open ", typed: sh.edit.kept}
		return
	}
	sh.note(view.Caution, "Not connected. Enter connects to "+sh.target.String()+" again; your line is kept for then.")
	sh.edit.offer = offer{text: ":reconnect", typed: sh.edit.kept, proposal: true}
}

// send puts a command on the wire and waits for its reply.
func (sh *Shell) send(ctx context.Context, c protocol.Command, forced bool) {
	sh.outOfCount(c, forced)
	data := c.Verb != nil && c.Verb.Opens
	sh.begins(challengeFor(c))
	sh.trusted = sh.trusted || forced && c.Is("AUTH")
	if c.Is("EHLO") || c.Is("LHLO") {
		sh.greeting = c.Raw
	}
	sent := protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(c.Raw + "\r\n"), Forced: forced, Auto: sh.echoes(), Secret: protocol.HasSecret(c) && sh.hides()}
	if !sh.put(ctx, sent, c.Name.Of(c.Raw)) {
		sh.offline(c, forced)
		return
	}
	sh.didSend(c, forced)
	if s := sh.hub.Session(); s.Awaiting() == 0 {
		sh.deeds.answered(s.LastCode())
	}
	switch {
	case data:
		sh.afterData()
		sh.hintMessage()
	case sh.hub.Session().Mode() == protocol.ModeOctets:
		sh.beginChunk()
	case c.Is("BDAT"):
		sh.afterChunk()
	}
	sh.offerNext()
}

// put sends and waits for the reply; false when nothing went out, because the
// connection had just ended.
func (sh *Shell) put(ctx context.Context, sent protocol.Sent, verb string) bool {
	if strings.EqualFold(verb, "STARTTLS") {
		sh.warmRoots()
	}
	if err := sh.conn.Send(sent); err != nil {
		<-sh.conn.Done()
		return !errors.Is(err, wire.ErrClosed)
	}
	if s := sh.hub.Session(); s.Mode() == protocol.ModeOctets {
		return true // the reply comes behind the octets (RFC 3030 §2)
	}
	sh.await(ctx)
	sh.afterLogin()
	if strings.EqualFold(verb, "EHLO") {
		sh.missing()
		if sh.Source.Interactive() && sh.hub.Session().Offers().Has("STARTTLS") {
			sh.warmRoots() // while there is all the time that people take
		}
	}
	return true
}

// offerNext proposes the next of several recipients once the one before was
// answered.
func (sh *Shell) offerNext() {
	if len(sh.edit.follow) == 0 || !sh.hub.Session().Open() || !sh.attended() {
		return
	}
	sh.note(view.Dim, "The next of them:")
	sh.edit.offer = offer{text: sh.edit.follow[0], proposal: true}
	sh.edit.follow = sh.edit.follow[1:]
}

// ParsePolicy reads hold, warn or off.
func ParsePolicy(name string) (p Policy, ok bool) {
	for i, known := range policies {
		if strings.EqualFold(name, known) {
			return Policy(i), true
		}
	}
	return Hold, false
}
