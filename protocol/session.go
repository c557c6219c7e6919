package protocol

import (
	"bytes"
	"slices"
	"strings"
)

// Stage is how far a session has come, as the order of commands counts it
// (RFC 5321 §4.1.4).
type Stage uint8

const (
	// StageClosed is without a connection.
	StageClosed Stage = iota
	// StageConnected is between the connection and a HELO or EHLO that was taken.
	StageConnected
	// StageGreeted is with no transaction open.
	StageGreeted
	// StageMail is after a MAIL that was taken.
	StageMail
	// StageRcpt is after a RCPT that was taken.
	StageRcpt
)

// Mode is what the next line that is sent will be.
type Mode uint8

const (
	// ModeClosed sends nothing: there is no connection.
	ModeClosed Mode = iota
	// ModeGreeting awaits the server's banner.
	ModeGreeting
	// ModeCommand takes commands.
	ModeCommand
	// ModeChallenge takes the answer to a 334 or another 3yz but 354.
	ModeChallenge
	// ModeContent takes lines of the message.
	ModeContent
	// ModeOctets takes counted octets of a BDAT; Session.Octets says how many.
	ModeOctets
	// ModeHandshake is between the 220 to STARTTLS and the end of the TLS handshake.
	ModeHandshake
)

// Session is what both sides know of the state of a session. It is a plain
// value: After returns a new one and changes nothing, so a copy is a
// snapshot, and replaying the events gives the live state again. No secret
// is in it. The zero value is a session that was never opened.
type Session struct {
	Client string // the name that fixes and completion give to HELO and EHLO

	host, address string
	via           string // the proxy between
	server        string // as the banner has it
	stage         Stage
	mode          Mode // ModeContent, ModeChallenge, ModeHandshake, or ModeCommand for the rest
	lmtp          bool
	extended      bool // greeted with EHLO or LHLO
	secured       bool
	verified      bool
	authed        bool
	refused       bool   // the greeting was negative
	leaving       bool   // QUIT was answered with 221, or a 421 came
	utf8          bool   // MAIL carried SMTPUTF8
	body          string // what MAIL said by BODY, in upper case; "" when it did not
	declared      uint64 // octets that MAIL announced with SIZE; 0 when it did not
	chunked       bool   // a BDAT or BURL was taken in this transaction
	spoiled       bool   // one was refused, and with it the transaction
	offers        *Extensions
	plain         *Extensions // what was offered before the handshake
	from          string
	rcpts         queue[string]
	awaited       queue[Unit]
	octets        uint64 // of a BDAT, still owed
	last          int    // code of the last reply
}

// After is the session once e has happened.
func (s Session) After(e Event) Session {
	switch e := e.(type) {
	case Opened:
		return Session{Client: s.Client, host: e.Host, address: e.Address, via: e.Via, lmtp: e.LMTP, stage: StageConnected, mode: ModeCommand,
			awaited: queue[Unit]{}.push(Unit{Kind: UnitGreeting, Sent: e.When()})}
	case Sent:
		return s.afterSent(e).eachRecipient()
	case Received:
		return s.afterReply(e.Reply).eachRecipient()
	case Secured:
		// RFC 3207 §4.2: what was learned before the handshake is forgotten.
		s = s.cleared()
		s.plain, s.secured, s.verified, s.offers, s.extended, s.authed = s.offers, true, e.Verified(), nil, false, false
		s.stage, s.mode = StageConnected, ModeCommand
		if s.Mode() != ModeGreeting { // where TLS came first, the banner is still owed
			s.awaited = queue[Unit]{}
		}
	case Closed:
		return Session{Client: s.Client, host: s.host, address: s.address, last: s.last}
	case Trying, Missed, Smuggled, Cancelled, Advised, Noted, Expected, Summed:
		// nothing that the two sides share has changed
	}
	return s
}

// eachRecipient is the session with a reply awaited for each recipient, where
// the one to the last chunk of an LMTP message is awaited next (RFC 2033 §4.3):
// by then all replies to RCPT are in.
func (s Session) eachRecipient() Session {
	u, ok := s.awaited.head()
	if !s.lmtp || !ok || s.octets > 0 || u.Kind != UnitCommand || u.Word != "BDAT" || !u.last || s.RecipientCount() == 0 {
		return s
	}
	rest := s.awaited.pop().all()
	s.awaited = queue[Unit]{}
	for _, rcpt := range s.rcpts.all() {
		s.awaited = s.awaited.push(Unit{Kind: UnitContent, Sent: u.Sent, path: rcpt})
	}
	for _, u := range rest {
		s.awaited = s.awaited.push(u)
	}
	return s
}

func (s Session) afterSent(e Sent) Session {
	switch e.Kind {
	case SentCommand:
		c := Parse(string(bytes.TrimRight(e.Raw, "\r\n")))
		if c.Verb == nil { // no secret is in a session, not even as a word that is no verb
			c = Parse(MaskCommand(c))
		}
		u := Unit{Kind: UnitCommand, Verb: c.Verb, Word: strings.ToUpper(c.Name.Of(c.Raw)), Sent: e.When(), path: c.Mailbox()}
		if c.Is("MAIL") {
			body, _ := c.Param("BODY")
			u.body = strings.ToUpper(body)
			if size, ok := c.Param("SIZE"); ok && isDigits(size) {
				u.size = octetCount(size)
			}
			_, u.utf8 = c.Param("SMTPUTF8")
		}
		if c.Is("BDAT") || c.Is("BURL") {
			first, last, _ := strings.Cut(c.Args.Of(c.Raw), " ")
			u.last = strings.EqualFold(strings.TrimSpace(last), "LAST")
			if c.Is("BDAT") && isDigits(first) {
				s.octets = octetCount(first)
			}
		}
		s.awaited = s.awaited.push(u)
	case SentResponse:
		s.mode = ModeCommand
		s.awaited = s.awaited.push(Unit{Kind: UnitResponse, Verb: FindVerb("AUTH"), Word: "AUTH", Sent: e.When()})
	case SentContent:
		if !e.Last {
			break
		}
		s.mode = ModeCommand
		if !s.lmtp {
			s.awaited = s.awaited.push(Unit{Kind: UnitContent, Sent: e.When()})
			break
		}
		for _, rcpt := range s.rcpts.all() {
			s.awaited = s.awaited.push(Unit{Kind: UnitContent, Sent: e.When(), path: rcpt})
		}
	case SentChunk:
		if s.octets -= min(s.octets, uint64(e.Size())); s.octets == 0 {
			s.awaited = s.awaited.amendLast(func(u Unit) Unit { u.Sent = e.When(); return u })
		}
	case SentPreamble:
		// nothing answers it
	}
	return s
}

func (s Session) afterReply(r Reply) Session {
	u, ok := s.awaited.head()
	if r.Code == 0 && (!ok || u.Kind != UnitGreeting) {
		return s // a line without a code answers nothing; what was asked is still owed
	}
	s.awaited = s.awaited.pop()
	s.last = r.Code
	if r.Code == 421 { // RFC 5321 §3.8: whatever was asked, the server is leaving
		s.leaving = true
	}
	if !ok {
		return s
	}
	switch u.Kind {
	case UnitGreeting:
		if r.Code == 220 && len(r.Lines) > 0 {
			s.server, _, _ = strings.Cut(r.Lines[0], " ")
		}
		s.refused = r.Class() >= 4
	case UnitCommand:
		return s.afterCommand(u, r)
	case UnitResponse:
		s.authed = s.authed || r.Code == 235
		if r.Class() == 3 {
			s.mode = ModeChallenge
		}
	case UnitContent:
		if next, more := s.awaited.head(); !more || next.Kind != UnitContent {
			s = s.cleared()
		}
	}
	return s
}

// afterCommand is the effect of the reply to a command (RFC 5321 §4.1.4).
func (s Session) afterCommand(u Unit, r Reply) Session {
	switch {
	case r.Code == 354:
		s.mode = ModeContent
		return s
	case r.Class() == 3: // RFC 5321 §4.2.1: more is wanted before it can be done
		s.mode = ModeChallenge
		return s
	case r.Class() >= 4 && u.Verb != nil && (u.Verb.Name == "BDAT" || u.Verb.Name == "BURL"):
		return s.afterRefusedChunk(u, r)
	case r.Class() != 2 || u.Verb == nil:
		return s
	}
	switch u.Verb.Name {
	case "EHLO", "LHLO":
		s = s.cleared()
		s.stage, s.extended, s.offers, s.refused = StageGreeted, true, ParseEHLO(r), false
	case "HELO":
		s = s.cleared()
		s.stage, s.extended, s.offers, s.refused = StageGreeted, false, nil, false
	case "MAIL", "SEND", "SOML", "SAML":
		s = s.cleared()
		s.stage, s.from, s.utf8, s.body, s.declared = StageMail, u.path, u.utf8, u.body, u.size
	case "RCPT":
		s.stage = StageRcpt
		s.rcpts = s.rcpts.push(u.path)
	case "RSET":
		s = s.cleared()
	case "BDAT", "BURL": // RFC 4468 §3.3: the two may make one message together
		s.chunked = true
		if u.last {
			s = s.cleared()
		}
	case "XCLIENT": // Postfix begins the session anew, with this 220 for a banner
		s = s.cleared()
		s.stage, s.extended, s.offers, s.authed = StageConnected, false, nil, false
	case "AUTH": // RFC 4954 §4, RFC 3207 §4: another success answers something else
		s.authed = s.authed || r.Code == 235
	case "STARTTLS":
		if r.Code == 220 {
			s.mode = ModeHandshake
		}
	case "QUIT":
		s.leaving = true
	}
	return s
}

// afterRefusedChunk is the effect of a negative reply to a BDAT or BURL: the
// message has failed with it (RFC 3030 §2), and the transaction is over with the
// last one, as behind a dot that was refused. A reply about the command itself
// says nothing of the message.
func (s Session) afterRefusedChunk(u Unit, r Reply) Session {
	switch {
	case s.stage < StageRcpt || r.Code >= 500 && r.Code <= 504:
	case u.last && !s.spoiled:
		return s.cleared()
	default:
		s.spoiled = true
	}
	return s
}

// cleared is the session without a transaction.
func (s Session) cleared() Session {
	s.from, s.rcpts, s.utf8, s.body, s.declared, s.chunked, s.spoiled = "", queue[string]{}, false, "", 0, false, false
	s.stage = min(s.stage, StageGreeted)
	return s
}

// Mode is what the next line that is sent will be.
func (s Session) Mode() Mode {
	head, waiting := s.awaited.head()
	switch {
	case s.stage == StageClosed:
		return ModeClosed
	case waiting && head.Kind == UnitGreeting:
		return ModeGreeting
	case s.octets > 0:
		return ModeOctets
	}
	return s.mode
}

// Stage is how far the session has come.
func (s Session) Stage() Stage { return s.stage }

// Open reports whether there is a connection.
func (s Session) Open() bool { return s.stage != StageClosed }

// Host is what was asked for, as typed; it outlives the connection.
func (s Session) Host() string { return s.host }

// Address is the peer's address and port; it outlives the connection.
func (s Session) Address() string { return s.address }

// Via is the proxy that the connection goes through, without its password; ""
// for none. The address is then the one that the proxy was asked for, and says
// nothing of how near the server is.
func (s Session) Via() string { return s.via }

// Server is the name that the banner gave, raw; "" before it.
func (s Session) Server() string { return s.server }

// LMTP reports a session that is spoken in LMTP (RFC 2033).
func (s Session) LMTP() bool { return s.lmtp }

// Extended reports a session that was greeted with EHLO, so that extensions
// may be used.
func (s Session) Extended() bool { return s.extended }

// Offers is what the server's EHLO offered; nil when there was none.
func (s Session) Offers() *Extensions { return s.offers }

// Before is what the server offered in plaintext, before STARTTLS; nil when
// nothing was learned there.
func (s Session) Before() *Extensions { return s.plain }

// Secured reports a connection under TLS, and whether the peer was verified.
func (s Session) Secured() (secured, verified bool) { return s.secured, s.verified }

// Authenticated reports that an AUTH was taken.
func (s Session) Authenticated() bool { return s.authed }

// Leaving reports that the server said it will close the connection.
func (s Session) Leaving() bool { return s.leaving }

// Octets is how many octets of a BDAT are still owed.
func (s Session) Octets() uint64 { return s.octets }

// LastCode is the code of the last reply; 0 before the first.
func (s Session) LastCode() int { return s.last }

// From is the reverse-path without brackets; ok is false without a
// transaction.
func (s Session) From() (path string, ok bool) {
	return s.from, s.stage == StageMail || s.stage == StageRcpt
}

// Body is what MAIL said of the message, "8BITMIME" or another value of BODY
// in upper case, and "" when it said nothing (RFC 6152 §2).
func (s Session) Body() string { return s.body }

// Declared is the size in octets that MAIL announced for the message, 0 when
// it did not (RFC 1870 §3).
func (s Session) Declared() uint64 { return s.declared }

// Chunked reports a message that was begun with BDAT or BURL (RFC 3030 §2, RFC
// 4468 §3.3).
func (s Session) Chunked() bool { return s.chunked }

// UTF8 reports a transaction that was begun with SMTPUTF8 (RFC 6531 §3.4).
func (s Session) UTF8() bool { return s.utf8 }

// Recipients lists the forward-paths that were taken, oldest first.
func (s Session) Recipients() []string { return s.rcpts.all() }

// RecipientCount is the number of forward-paths that were taken.
func (s Session) RecipientCount() int { return s.rcpts.n }

// Awaiting is the number of replies that are owed.
func (s Session) Awaiting() int { return s.awaited.n }

// Head is what the next reply will answer; ok is false when none is owed, and
// a reply would be unsolicited.
func (s Session) Head() (u Unit, ok bool) { return s.awaited.head() }

// Owed lists what replies are awaited to, oldest first.
func (s Session) Owed() []Unit { return s.awaited.all() }

// Answers is what the next reply answers, as package know and Reply.Odd name
// it: a verb, "greeting", "message", or "unasked" when no reply is owed.
func (s Session) Answers() string {
	u, asked := s.Head()
	switch {
	case !asked:
		return "unasked"
	case u.Kind == UnitGreeting:
		return "greeting"
	case u.Kind == UnitContent:
		return "message"
	}
	return u.Word
}

// Equal reports whether two sessions are in the same state; moments aside.
func (s Session) Equal(o Session) bool {
	rcpts, awaited, offers := s.rcpts, s.awaited, s.offers
	same := slices.Equal(rcpts.all(), o.rcpts.all()) && slices.EqualFunc(awaited.all(), o.awaited.all(), Unit.equal) && offers.Equal(o.offers) && s.plain.Equal(o.plain)
	s.rcpts, s.awaited, s.offers, s.plain = queue[string]{}, queue[Unit]{}, nil, nil
	o.rcpts, o.awaited, o.offers, o.plain = queue[string]{}, queue[Unit]{}, nil, nil
	return same && s == o
}
