package shell

import (
	"context"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// sending is an errand on its way: the steps that a careful person would type.
type sending struct {
	sh       *Shell
	e        *Errand
	t        Target
	l        letter
	prepared bool // the connection takes a message
	grouped  bool // MAIL, the RCPTs and, but for BDAT, DATA went out together
	open     bool // the connection is the user's, and is left as it was found
	status   Status
	kept     bool // its MAIL was not sent
	held     bool // a line of its envelope was not sent, for the check
	refusal  int  // the code of the reply that it failed by, where that is known
	unknown  bool // its end was sent, and no reply came
	outcomes []recipientOutcome
}

// step is one stage of an errand. Its function reports whether to go on.
type step struct {
	stage string
	do    func(context.Context) bool
}

// Send does an errand of one message on t, showing each line, and returns the
// exit status.
func (sh *Shell) Send(ctx context.Context, t Target, e *Errand) Status {
	defer sh.shutDown()
	sh.heed(ctx)
	sh.deeds.off = true
	sh.noteNobody(e)
	if e.many() {
		return sh.sendMany(ctx, t, e)
	}
	l, err := letter{}, error(nil)
	if e.reaches("mail") {
		if l, err = sh.letter(ctx, e); err != nil {
			return sh.unsent(ctx, err)
		}
	}
	s := &sending{sh: sh, e: e, t: t, l: l}
	return s.run(ctx, s.steps())
}

func (s *sending) steps() []step {
	if s.open {
		return []step{{"ehlo", s.hello}, {"auth", s.login}, {"mail", s.mail}, {"rcpt", s.rcpt}, {"data", s.data}, {"dot", s.dot}}
	}
	return []step{{"connect", s.connect}, {"banner", s.banner}, {"ehlo", s.hello}, {"tls", s.secure}, {"auth", s.login},
		{"mail", s.mail}, {"rcpt", s.rcpt}, {"data", s.data}, {"dot", s.dot}}
}

// run takes the steps one after the other, to the end or to where the errand
// is to be broken off.
func (s *sending) run(ctx context.Context, steps []step) Status {
	for _, step := range steps {
		if !step.do(ctx) {
			break
		}
		if step.stage == s.e.DropAfter {
			s.sh.deeds.leaveOut(notCompleted)
			s.sh.deeds.add(":close")
			s.sh.note(view.Dim, "Cut off after "+step.stage+", as was asked for.")
			s.sh.hangUp()
			return s.status
		}
		if step.stage == s.e.StopAfter {
			s.sh.note(view.Dim, "Stopped after "+step.stage+", as was asked for.")
			break
		}
	}
	if ctx.Err() != nil {
		s.sh.cutShort()
	}
	s.report()
	if ctx.Err() != nil {
		return StatusInterrupted
	}
	if !s.open {
		s.quit(ctx)
	}
	if s.sh.hub.outcome() == StatusTimeout {
		return StatusTimeout
	}
	return s.status
}

// failed ends the errand with a status, the first that there is.
func (s *sending) failed(status Status) bool {
	if s.status == StatusOK {
		s.status = status
	}
	if !s.sh.hub.Session().Open() && status > StatusTLS && s.sh.hub.lostOne() {
		s.status = StatusLost
	}
	return false
}

// quit ends the session, unless a message is under way: it has no other end
// but to cut the connection.
func (s *sending) quit(ctx context.Context) {
	now := s.sh.hub.Session()
	switch {
	case !now.Open():
	case now.Mode() == protocol.ModeCommand && now.Awaiting() == 0:
		s.sh.auto(ctx, "QUIT")
	default:
		s.sh.hangUp()
	}
}

func (s *sending) connect(ctx context.Context) bool {
	connected := false
	if s.t.MX != "" {
		connected = s.sh.tryMX(ctx, s.t, s.reach)
	} else {
		connected = s.sh.connect(ctx, s.t)
	}
	if !connected {
		return s.failed(max(s.sh.status, StatusLost))
	}
	return true
}

// reach connects to one exchanger of several. One that hangs up in place of a
// greeting is passed over, so the greeting is waited for, unless the errand
// ends before it. STARTTLS is a later step.
func (s *sending) reach(ctx context.Context, t Target) bool {
	if !s.sh.connect(ctx, t) {
		return false
	}
	if s.e.reaches("banner") {
		s.sh.greeted(ctx)
	}
	return s.sh.hub.Session().Open()
}

func (s *sending) banner(ctx context.Context) bool {
	s.sh.greeted(ctx)
	if now := s.sh.hub.Session(); !now.Open() || now.LastCode() != 220 {
		return s.failed(StatusBanner)
	}
	return true
}

// hello greets the server; one that knows no EHLO gets HELO (RFC 5321 §3.2).
func (s *sending) hello(ctx context.Context) bool {
	now := s.sh.hub.Session()
	if s.open && now.Stage() >= protocol.StageGreeted {
		return true
	}
	if s.says(ctx, s.sh.hail()) {
		return true
	}
	if code := s.sh.hub.Session().LastCode(); now.LMTP() || code != 500 && code != 502 || !s.says(ctx, "HELO "+now.Client) {
		return s.failed(StatusEHLO)
	}
	return true
}

// says sends a command of the errand, notes it for :save, and reports whether
// the reply was positive.
func (s *sending) says(ctx context.Context, line string) bool {
	if now := s.sh.hub.Session(); !now.Open() || now.Awaiting() > 0 {
		return false
	}
	taken := s.sh.auto(ctx, line)
	s.sh.deeds.add(scriptLine(line, false))
	s.sh.deeds.answered(s.sh.hub.Session().LastCode())
	return taken
}

// secure puts the connection under TLS where that was asked for.
func (s *sending) secure(ctx context.Context) bool {
	how := s.sh.startsWith(s.t)
	offered := s.sh.hub.Session().Offers().Has("STARTTLS")
	if secured, _ := s.sh.hub.Session().Secured(); secured || how != byStartTLS && how != byChance {
		return true
	}
	if !offered && how == byChance {
		s.sh.note(view.Caution, "The server offers no STARTTLS, so the message goes in plaintext.")
		return true
	}
	if !offered {
		s.sh.note(view.Bad, "The server offers no STARTTLS, and TLS was asked for.")
		return s.failed(StatusTLS)
	}
	s.sh.auto(ctx, "STARTTLS")
	if s.sh.hub.Session().Mode() != protocol.ModeHandshake || !s.sh.secure(ctx) {
		return s.failed(StatusTLS)
	}
	return s.hello(ctx)
}

// login logs in where a user or a mechanism was named.
func (s *sending) login(ctx context.Context) bool {
	if s.e.Auth == "" && s.sh.secrets.user == "" || s.sh.hub.Session().Authenticated() {
		return true
	}
	var words []string
	if s.e.Insecure {
		words = append(words, "--insecure")
	}
	if s.e.Auth != "" && !strings.EqualFold(s.e.Auth, "any") {
		words = append(words, s.e.Auth)
	}
	s.sh.didLocal(strings.Join(append([]string{":auth"}, words...), " "))
	if out := s.sh.runAuth(ctx, words); len(out.rows) > 0 {
		s.sh.rows(out.rows)
	}
	if !s.sh.hub.Session().Authenticated() {
		return s.failed(StatusAuth)
	}
	return true
}

func (s *sending) mail(ctx context.Context) bool {
	if s.e.BDAT && !s.chunked() {
		s.sh.note(view.Caution, "The server does not offer CHUNKING, so the message goes by DATA and not by BDAT.")
	}
	line, err := mailLine(s.l, s.e, s.sh.hub.Session().Offers())
	if err != nil {
		s.sh.note(view.Bad, "Not sent: "+err.Error()+".")
		s.kept = true
		return s.failed(StatusMail)
	}
	if s.e.Pipeline && s.sh.hub.Session().Offers().Has("PIPELINING") && s.e.StopAfter == "" && s.e.DropAfter == "" {
		return s.together(ctx, line)
	}
	if s.holds(s.sh.hub.Session(), line) || !s.says(ctx, line) {
		return s.failed(StatusMail)
	}
	return true
}

// holds judges a line of the errand as if it were typed in a session that has
// come so far, and reports whether it is to be kept back.
func (s *sending) holds(at protocol.Session, line string) bool {
	for _, d := range at.Allows(protocol.Parse(line)) {
		// RFC 5321 §2.3.8: whatever the check, one line is one command.
		if d.Severity == protocol.Error && (s.sh.Check == Hold || strings.ContainsAny(line, "\r\n\x00")) {
			s.sh.hub.emit(protocol.Advised{At: s.sh.now(), Line: line, Diags: []protocol.Diag{d}, Held: true})
			s.held = true
			s.failed(StatusHeld)
			return true
		}
	}
	return false
}

func (s *sending) rcpt(ctx context.Context) bool {
	if s.grouped {
		return true
	}
	for _, to := range s.l.to {
		o := recipientOutcome{to: to}
		line := rcptLine(to, s.e)
		if o.held = s.holds(s.sh.hub.Session(), line); !o.held {
			s.sh.hub.ledger(true)
			s.says(ctx, line)
			for _, a := range s.sh.hub.ledger(false) {
				o.reply = a.reply
			}
		}
		s.outcomes = append(s.outcomes, o)
		if !s.sh.hub.Session().Open() || ctx.Err() != nil {
			return s.failed(StatusRcpt)
		}
	}
	if s.sh.hub.Session().RecipientCount() == 0 {
		return s.failed(StatusRcpt)
	}
	return true
}

// together sends MAIL, the RCPTs and DATA as one group (RFC 2920 §3.1).
func (s *sending) together(ctx context.Context, mail string) bool {
	s.sh.group = group{open: true, supplied: true, state: s.sh.hub.Session()}
	lines := []string{mail}
	for _, to := range s.l.to {
		lines = append(lines, rcptLine(to, s.e))
	}
	if !s.chunked() {
		lines = append(lines, "DATA")
	}
	s.sh.hub.ledger(true)
	for _, line := range lines {
		if s.holds(s.sh.group.state, line) {
			s.sh.group = group{} // no half of it may go out with the next empty line
			s.sh.hub.ledger(false)
			return false
		}
		s.sh.inGroup(ctx, line, false)
	}
	if s.sh.group.open {
		s.sh.sendGroup(ctx)
	}
	s.grouped = true
	mailTaken := true
	for _, a := range s.sh.hub.ledger(false) {
		switch a.unit.Word {
		case "MAIL":
			mailTaken = a.reply.Class() == 2
		case "RCPT":
			s.outcomes = append(s.outcomes, recipientOutcome{to: a.unit.Recipient(), reply: a.reply})
		}
	}
	now := s.sh.hub.Session()
	switch {
	case !mailTaken:
		s.failed(StatusMail)
	case now.RecipientCount() == 0:
		s.failed(StatusRcpt)
	default:
		return true
	}
	if now.Mode() == protocol.ModeContent { // RFC 2920 §3.1: a message for nobody is ended at once
		s.sh.put(ctx, protocol.Sent{Kind: protocol.SentContent, Raw: []byte(wire.FinalDot), Last: true, Auto: true}, "")
		s.sh.deeds.addMessage(&copied{}, "", false, s.sh.hub.Session().LastCode())
	}
	return false
}

func (s *sending) data(ctx context.Context) bool {
	if s.chunked() {
		return true
	}
	if s.grouped {
		return s.sh.hub.Session().Mode() == protocol.ModeContent || s.failed(StatusData)
	}
	s.sh.putData(ctx)
	if s.sh.hub.Session().Mode() != protocol.ModeContent {
		return s.failed(StatusData)
	}
	return true
}

// chunked reports whether the message goes by BDAT.
func (s *sending) chunked() bool { return s.e.BDAT && s.sh.hub.Session().Offers().Has("CHUNKING") }

func (s *sending) dot(ctx context.Context) bool {
	body, err := s.sh.openContent(ctx, s.l.content)
	switch {
	case err != nil && s.chunked():
		s.sh.note(view.Bad, "Not sent: "+err.Error()+".")
		return s.failed(StatusUsage)
	case err != nil:
		s.sh.unreadable(err)
		return s.failed(StatusDot)
	}
	defer body.Close()
	s.sh.hub.ledger(true)
	s.sh.message = typed{open: true}
	if s.chunked() {
		s.sh.chunks(ctx, s.l.content, body, s.e.Chunk)
	} else {
		s.sh.transfer(ctx, s.l.content, body)
	}
	taken := false
	for _, a := range s.sh.hub.ledger(false) {
		if to := a.unit.Recipient(); a.unit.Kind == protocol.UnitContent && to != "" {
			s.outcomes = append(s.outcomes, recipientOutcome{to: to, reply: a.reply, final: true})
		}
		taken = taken || a.reply.Class() == 2 && (a.unit.Kind == protocol.UnitContent || a.unit.Word == "BDAT" && s.sh.message.done)
	}
	for _, u := range s.sh.hub.unknown() {
		s.unknown = true
		if u.Recipient() != "" {
			s.outcomes = append(s.outcomes, recipientOutcome{to: u.Recipient(), final: true})
		}
	}
	if !taken || s.unknown {
		return s.failed(StatusDot)
	}
	return true
}
