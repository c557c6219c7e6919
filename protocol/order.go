package protocol

import (
	"strconv"
	"strings"
)

// Allows is what there is to say about sending c now: the grammar's verdict,
// and, as warnings, what the order of commands and the server's extensions
// have against it. The server stays the judge of those.
func (s Session) Allows(c Command) []Diag {
	diags := s.judge().Check(c)
	if c.Verb == nil || !s.Open() {
		return diags
	}
	v := verdict{line: c.Raw, c: c}
	s.order(&v)
	s.pipelined(&v)
	s.offered(&v)
	for _, d := range v.diags {
		if d.Severity == Error && d.Fix == "" { // however the line is put right, this remains
			for i := range diags {
				diags[i].Fix, diags[i].Then = "", nil
			}
		}
	}
	return append(diags, v.diags...)
}

// judge is the judge of this session's lines.
func (s Session) judge() Judge {
	return Judge{Client: s.Client, Offers: s.offers, Basic: s.stage >= StageGreeted && !s.extended}
}

// order holds the command against the order of RFC 5321 §4.1.4.
func (s Session) order(v *verdict) {
	verb, at := v.c.Verb, v.c.Name
	switch {
	case s.Mode() == ModeGreeting:
		v.say("order-banner", at)
	case s.leaving:
		v.say("order-quit", at)
	case s.refused && s.stage == StageConnected:
		if verb.Name != "QUIT" {
			v.say("order-refused", at)
		}
	case verb.Name == "LHLO" && !s.lmtp:
		v.say("lhlo-smtp", at)
	case (verb.Name == "EHLO" || verb.Name == "HELO") && s.lmtp:
		v.say("ehlo-lmtp", at, verb.Name)
	case verb.Name == "AUTH" && s.authed:
		v.say("auth-twice", at)
	case verb.Name == "STARTTLS" && s.secured:
		v.say("tls-twice", at)
	case verb.In.Has(s.stage):
	case s.stage == StageConnected && s.secured && s.plain != nil:
		v.say("order-greet-again", at)
	case s.stage == StageConnected:
		v.say("order-greeting", at)
	case verb.Name == "MAIL":
		v.say("order-open", at)
	case verb.Name == "RCPT":
		v.say("order-mail", at)
	case verb.In == inRcpt && s.stage == StageGreeted:
		v.say("order-mail-rcpt", at)
	case verb.In == inRcpt:
		v.say("order-rcpt", at)
	default:
		v.say("order-transaction", at, verb.Name)
	}
	switch verb.Name {
	case "RCPT":
		s.recipient(v)
	case "DATA", "BDAT", "BURL":
		s.carrier(v)
	}
}

// carrier holds what brings a message against what the transaction was begun
// for, and against what became of its chunks.
func (s Session) carrier(v *verdict) {
	switch {
	case s.spoiled:
		v.say("bdat-failed", v.c.Name)
	case v.c.Verb.Name != "DATA":
	case s.chunked:
		v.say("data-after-bdat", v.c.Name)
	case s.body == "BINARYMIME":
		v.say("data-binary", v.c.Name)
	}
}

// pipelined holds a command that does not wait for a reply against RFC 2920
// §3.1.
func (s Session) pipelined(v *verdict) {
	if s.awaited.n == 0 || s.Mode() == ModeGreeting {
		return
	}
	last, _ := s.awaited.last()
	switch {
	case v.c.Verb.Name == "STARTTLS":
		v.say("tls-pending", v.c.Name, plural(s.awaited.n, "reply is", "replies are"))
	case !s.offers.Has("PIPELINING"):
		v.say("pipelining", v.c.Name)
	case last.Verb != nil && last.Verb.Final:
		v.say("pipelining-end", v.c.Name, last.Word)
	}
}

func (s Session) recipient(v *verdict) {
	if path := v.c.Path; !s.utf8 && s.stage >= StageMail && !isASCII(path.Of(v.line)) {
		d := v.say("rcpt-utf8", path.Span)
		if line, _ := plain(v.line); isASCII(line) { // beyond ASCII by a typesetter only
			if fixed, then, ok := s.judge().mended(line, 1); ok {
				d.Fix, d.Then = fixed, then
			}
		}
	}
	for _, g := range v.c.Params {
		if !s.utf8 && s.stage >= StageMail && !isASCII(g.Of(v.line)) {
			v.say("rcpt-utf8", g.Span)
		}
	}
	if most, taken := s.mostRecipients(); s.rcpts.n >= most {
		v.say("rcpt-many", v.c.Name, strconv.Itoa(s.rcpts.n+1), taken)
	}
}

// offered holds the command against what the server's EHLO offered.
func (s Session) offered(v *verdict) {
	if s.stage == StageConnected {
		return // nothing is known yet
	}
	verb := v.c.Verb
	if verb.Ext != "" {
		s.needs(v, verb.Ext, verb.Name, v.c.Name, "500 or 502")
	}
	if verb.Name == "AUTH" && s.offers.Has("AUTH") {
		mechanism := v.c.Args.Of(v.c.Raw)
		mechanism = mechanism[:wordEnd(mechanism, 0)]
		if mechanism != "" && !containsFold(s.offers.Args("AUTH"), mechanism) {
			v.say("not-offered", Span{v.c.Args.Start, v.c.Args.Start + len(mechanism)}, strings.ToUpper(mechanism), "504")
		}
	}
	for _, g := range v.c.Params {
		row := FindParam(verb.Name, g.Key.Of(v.c.Raw))
		if row == nil {
			continue
		}
		ext := row.Ext
		if strings.EqualFold(g.Value.Of(v.c.Raw), "BINARYMIME") {
			ext = "BINARYMIME" // RFC 3030 §3: a value of BODY with an extension of its own
		}
		s.needs(v, ext, row.Name, g.Span, "555")
		if limit, ok := s.offers.Size(); ok && row.Name == "SIZE" && limit > 0 && isDigits(g.Value.Of(v.c.Raw)) &&
			octetCount(g.Value.Of(v.c.Raw)) > limit {
			v.say("size-over", g.Span, strconv.FormatUint(limit, 10)).Ref = row.Ref
		}
	}
}

// needs holds what belongs to an extension against the offers.
func (s Session) needs(v *verdict, ext, what string, at Span, likely string) {
	switch {
	case !s.extended:
		if likely != "555" { // a verb, and not a parameter
			likely = "500, 502 or 503"
		}
		v.say("helo-no-extensions", at, what, likely)
	case !s.offers.Has(ext):
		v.say("not-offered", at, ext, likely)
	}
}

// mostRecipients is how many recipients one transaction may have, by what LIMITS
// says (RFC 9422 §4.2) or what each server must take (RFC 5321 §4.5.3.1.8), and
// which of these it is.
func (s Session) mostRecipients() (n int, taken string) {
	for _, limit := range s.offers.Args("LIMITS") {
		name, value, _ := strings.Cut(limit, "=")
		if n, err := strconv.Atoi(value); err == nil && n > 0 && strings.EqualFold(name, "RCPTMAX") {
			return n, "the " + value + " that the server says it takes"
		}
	}
	return 100, "the 100 that each server must take"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
