package practice

import (
	"slices"
	"strings"

	"smtpsh/protocol"
)

// session is one client's conversation as a state machine: a line goes in, an
// answer comes out. It does no I/O and reads no clock.
type session struct {
	srv    *Server
	remote string // the client's address literal: "[127.0.0.1]"
	mode   int    // the row of Modes that holds for this connection
	tls    bool   // it is under TLS
	helo   string // how the client named itself; "" before HELO and EHLO
	esmtp  bool   // it said EHLO
	authed bool   // it logged in
	tx     transaction

	// pending takes the response to the challenge that was sent; nil outside of AUTH.
	pending func(*session, string) turn
}

// transaction is what stands between MAIL and the end of its message.
type transaction struct {
	open    bool
	from    string
	params  string
	utf8    bool // SMTPUTF8 was given (RFC 6531 §3.4)
	to      []recipient
	refused bool     // a RCPT was refused
	chunks  *content // what BDAT brought so far; nil before the first one
	failed  bool     // a chunk was refused; RSET must follow (RFC 3030 §2)
}

type recipient struct {
	mailbox string
	params  string
	dot     int // the code to answer after the message; 0 to take it
}

// offers is what EHLO can announce (RFC 5321 §4.1.1.1).
var offers = []string{"SIZE", "8BITMIME", "PIPELINING", "SMTPUTF8", "DSN", "CHUNKING", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "HELP"}

// offers reports whether the client is offered an extension now; the base
// protocol, "", it always is. Under TLS there is no STARTTLS (RFC 3207 §4.2).
func (s *session) offers(ext string) bool {
	if ext == "STARTTLS" && (s.tls || !s.knowsTLS()) {
		return false
	}
	return ext == "" || slices.Contains(offers, ext)
}

// row is what this connection's mode has the server do.
func (s *session) row() *ModeRow { return &Modes[s.mode] }

// handler answers a command whose grammar and place are right.
type handler struct {
	verb string
	do   func(*session, protocol.Command) answer
}

// handlers has a row for every verb of protocol.Verbs.
var handlers = []handler{
	{"EHLO", (*session).ehlo},
	{"HELO", (*session).ehlo},
	{"STARTTLS", (*session).starttls},
	{"AUTH", (*session).auth},
	{"MAIL", (*session).mail},
	{"RCPT", (*session).rcpt},
	{"DATA", (*session).data},
	{"BDAT", (*session).bdat},
	{"RSET", (*session).rset},
	{"VRFY", (*session).vrfy},
	{"EXPN", (*session).expn},
	{"HELP", (*session).help},
	{"NOOP", (*session).noop},
	{"QUIT", (*session).quit},
	{"LHLO", nil}, // nil: known, and not implemented here
	{"ETRN", nil},
	{"ATRN", nil},
	{"BURL", nil},
	{"SEND", nil},
	{"SOML", nil},
	{"SAML", nil},
	{"TURN", nil},
	{"XCLIENT", nil},
	{"XFORWARD", nil},
	{"VERB", nil},
}

func (s *session) greeting() answer {
	return one(220, "", s.srv.Hostname+" ESMTP smtpsh practice server") // no code in it (RFC 2034 §4)
}

// handle answers one line. Every line has exactly one answer; that of a BDAT
// comes when its octets have been read, see chunk.
func (s *session) handle(line string) answer {
	if s.pending != nil {
		return s.respond(line)
	}
	c := protocol.Parse(line)
	a := s.answer(c)
	if n, last, ok := chunkSize(c); ok {
		return s.expectChunk(n, last, a)
	}
	return a
}

func (s *session) answer(c protocol.Command) answer {
	i := -1
	if c.Verb != nil {
		i = slices.IndexFunc(handlers, func(h handler) bool { return h.verb == c.Verb.Name })
		if i < 0 || handlers[i].do == nil || c.Is("STARTTLS") && !s.knowsTLS() {
			return one(502, "5.5.1", c.Verb.Name+" is not implemented by this server")
		}
	}
	if a, bad := s.grammar(c); bad {
		return a
	}
	if c.Verb == nil {
		return one(500, "5.5.2", "unknown command; HELP lists those that are known")
	}
	if a, bad := s.order(c); bad {
		return a
	}
	if a, bad := s.params(c); bad {
		return a
	}
	return handlers[i].do(s, c)
}

// stage is how far the client has come.
func (s *session) stage() protocol.Stage {
	switch {
	case s.helo == "":
		return protocol.StageConnected
	case !s.tx.open:
		return protocol.StageGreeted
	case len(s.tx.to) == 0:
		return protocol.StageMail
	}
	return protocol.StageRcpt
}

// order answers what comes out of turn with a 503 that says what comes first
// (RFC 5321 §4.1.4).
func (s *session) order(c protocol.Command) (answer, bool) {
	stage := s.stage()
	opened := s.tx.chunks != nil || s.tx.failed
	text := ""
	switch {
	case opened && c.Is("DATA"):
		text = "DATA and BDAT do not mix within a transaction; RSET begins anew" // RFC 3030 §2
	case opened && c.Is("RCPT"):
		text = "the message has begun, so there can be no more recipients; RSET begins anew"
	case s.tx.failed && c.Is("BDAT"):
		text = "an earlier chunk was refused; RSET begins anew"
	case (c.Is("BDAT") || c.Is("AUTH")) && stage != protocol.StageConnected && !s.esmtp:
		text = c.Verb.Name + " needs EHLO; this session was greeted with HELO"
	case c.Is("STARTTLS") && s.tls:
		text = "this connection is under TLS already"
	case c.Is("AUTH") && s.authed: // RFC 4954 §4
		text = "you are logged in already"
	case c.Verb.In.Has(stage):
		return answer{}, false
	case stage == protocol.StageConnected:
		text = "greet first: EHLO, or HELO, and your name"
	case c.Is("MAIL"), c.Is("AUTH"), c.Is("STARTTLS"):
		text = "a transaction is open; RSET ends it"
	case stage == protocol.StageGreeted && c.Is("RCPT"):
		text = "MAIL FROM comes first"
	case stage == protocol.StageGreeted:
		text = "MAIL FROM and RCPT TO come first"
	case s.tx.refused: // RFC 5321 §3.3: 503 or 554; with pipelining the latter says more
		return one(554, "5.5.1", "no valid recipients"), true
	default:
		text = "RCPT TO comes first"
	}
	return one(503, "5.5.1", text), true
}

// params refuses parameters that this server does not know or did not offer
// (RFC 5321 §4.1.1.11).
func (s *session) params(c protocol.Command) (answer, bool) {
	for _, g := range c.Params {
		key := strings.ToUpper(g.Key.Of(c.Raw))
		p := protocol.FindParam(c.Verb.Name, key)
		switch {
		case !s.esmtp:
			return one(555, "5.5.4", "parameters need EHLO; this session was greeted with HELO"), true
		case p == nil:
			return one(555, "5.5.4", c.Verb.Name+" has no parameter "+key+" here"), true
		case !s.offers(p.Ext):
			return one(555, "5.5.4", "the extension "+p.Ext+" was not offered"), true
		}
	}
	return answer{}, false
}

// argument is what stands behind the verb, without parameters.
func argument(c protocol.Command) string {
	end := c.Args.End
	if len(c.Params) > 0 {
		end = max(c.Args.Start, c.Params[0].Start)
	}
	return strings.Trim(c.Raw[c.Args.Start:end], " \t")
}

// ehlo answers EHLO and HELO. Both begin anew (RFC 5321 §4.1.4), and neither
// reply carries enhanced status codes (RFC 2034 §4).
func (s *session) ehlo(c protocol.Command) answer {
	s.reset()
	s.helo, s.esmtp = argument(c), c.Is("EHLO")
	a := one(250, "", s.srv.Hostname+" greets "+s.helo)
	if !s.esmtp {
		return a
	}
	for _, o := range offers {
		switch {
		case !s.offers(o):
			continue
		case o == "SIZE":
			o += " " + decimal(s.srv.MaxSize) // RFC 1870 §3
		case o == "AUTH":
			o += " " + mechanismNames()
		}
		a.lines = append(a.lines, o)
	}
	return a
}

func (s *session) rset(protocol.Command) answer {
	s.reset()
	return one(250, "2.0.0", "the transaction is forgotten")
}

// reset ends the transaction and gives back what its message had reserved.
func (s *session) reset() {
	if s.tx.chunks != nil {
		s.tx.chunks.release()
	}
	s.tx = transaction{}
}

func (s *session) noop(protocol.Command) answer {
	return one(250, "2.0.0", "still here")
}

func (s *session) quit(protocol.Command) answer {
	s.reset()
	a := one(221, "2.0.0", s.srv.Hostname+" says goodbye")
	a.then = stepHangUp
	return a
}
