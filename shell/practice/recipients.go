package practice

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// Special is a recipient that has the server give a chosen answer, at any
// domain. One table of them drives the answers, the help and the README.
type Special struct {
	Local string // the local-part, in any case of letters: "550"
	Form  string // for people: "550@any.domain"
	What  string // what happens

	act    act
	code   int
	status string
}

// act is what a special recipient has the server do.
type act uint8

const (
	actRefuse  act = iota // answer the row's code; What is the text
	actCode               // answer the code that the local-part is
	actForward            // take it, with a code of its own
	actSlow               // take it after some seconds
	actGrey               // refuse it once
	actIdle               // take it, and soon end the connection unasked
	actDrop               // close without a word
	actGarble             // take it, in a reply that is not well formed
	actDot                // take it, and answer the code after the message
)

// specials is the table of special recipients.
var specials = []Special{
	{"251", "251@any.domain", "taken, though the user has moved: the mail will be forwarded", actForward, 251, "2.1.5"},
	{"421", "421@any.domain", "service not available, closing the connection", actRefuse, 421, "4.3.2"},
	{"450", "450@any.domain", "mailbox busy, try again later", actRefuse, 450, "4.2.1"},
	{"451", "451@any.domain", "local error, try again later", actRefuse, 451, "4.3.0"},
	{"452", "452@any.domain", "not enough storage, try again later", actRefuse, 452, "4.3.1"},
	{"full", "full@any.domain", "mailbox full, try again later", actRefuse, 452, "4.2.2"},
	{"550", "550@any.domain", "no such user here", actRefuse, 550, "5.1.1"},
	{"551", "551@any.domain", "user not local, and not forwarded", actRefuse, 551, "5.1.6"},
	{"552", "552@any.domain", "mailbox over its quota", actRefuse, 552, "5.2.2"},
	{"553", "553@any.domain", "mailbox name not allowed", actRefuse, 553, "5.1.3"},
	{"554", "554@any.domain", "relaying denied", actRefuse, 554, "5.7.1"},
	{"4yz, 5yz", "530@any.domain", "any other code of failure is answered likewise", actCode, 0, ""},
	{"slow", "slow@any.domain", "taken, after 5 seconds; slow30@ after 30", actSlow, 5, "2.1.5"},
	{"grey", "grey@any.domain", "greylisted: 450 the first time, then taken", actGrey, 450, "4.7.1"},
	{"idle", "idle@any.domain", "taken, and a second of silence later a 421 that nobody asked for", actIdle, 421, "4.4.2"},
	{"drop", "drop@any.domain", "the connection closes without a word", actDrop, 0, ""},
	{"garble", "garble@any.domain", "taken, in a reply whose lines disagree", actGarble, 0, ""},
	{"dot", "dot550@any.domain", "taken, and the message refused after the dot with this code", actDot, 0, ""},
}

// Recipients lists the special recipients, for help.
func Recipients() []Special { return append([]Special(nil), specials...) }

// findSpecial looks the local-part of a mailbox up; n is the number in it: a
// code or a count of seconds. The row is nil for an ordinary recipient.
func findSpecial(mailbox string) (row *Special, n int) {
	local := mailbox
	if i := strings.LastIndexByte(mailbox, '@'); i >= 0 {
		local = mailbox[:i]
	}
	local = strings.ToLower(local)
	for i := range specials {
		s := &specials[i]
		switch s.act {
		case actCode:
			if n = failureCode(local); n != 0 {
				return s, n
			}
		case actDot:
			if rest, ok := strings.CutPrefix(local, s.Local); ok && failureCode(rest) != 0 {
				return s, failureCode(rest)
			}
		case actSlow:
			if local == s.Local {
				return s, s.code
			}
			rest, ok := strings.CutPrefix(local, s.Local)
			if n, err := strconv.ParseUint(rest, 10, 16); ok && err == nil && n <= 600 {
				return s, int(n)
			}
		case actRefuse, actForward, actGrey, actIdle, actDrop, actGarble:
			if local == s.Local {
				return s, s.code
			}
		}
	}
	return nil, 0
}

// failureCode reads a reply code of failure (RFC 5321 §4.2, Reply-code), or 0.
func failureCode(s string) int {
	if len(s) != 3 || s[0] != '4' && s[0] != '5' || s[1] < '0' || s[1] > '5' || s[2] < '0' || s[2] > '9' {
		return 0
	}
	n, _ := strconv.Atoi(s)
	return n
}

// failure is the answer that a code of failure gets, with the text of its row
// if it has one. After a 421 the connection ends (RFC 5321 §3.8).
func failure(code int) answer {
	a := one(code, strconv.Itoa(code/100)+".0.0", "this is the "+strconv.Itoa(code)+" that you asked for")
	for _, s := range specials {
		if s.act == actRefuse && s.Local == strconv.Itoa(code) {
			a = one(code, s.status, s.What)
		}
	}
	if code == 421 {
		a.then = stepHangUp
	}
	return a
}

// special answers a RCPT for a special recipient.
func (s *session) special(row *Special, n int, mailbox string) answer {
	switch row.act {
	case actCode:
		return failure(n)
	case actRefuse:
		a := one(row.code, row.status, row.What)
		if row.code == 421 {
			a.then = stepHangUp
		}
		return a
	case actForward:
		return one(row.code, row.status, row.What)
	case actSlow:
		a := rcptTaken(mailbox)
		a.after = time.Duration(n) * s.srv.Second
		return a
	case actGrey:
		if s.srv.grey.first(s.tx.from, mailbox) {
			return one(row.code, row.status, "greylisted; say it once more")
		}
	case actIdle:
		a := rcptTaken(mailbox)
		a.within = s.srv.Second
		return a
	case actDrop:
		return answer{then: stepVanish}
	case actGarble: // the code of the last line is the one to go by (RFC 5321 §4.2.1 wants them all alike)
		return answer{code: 250, raw: "250-2.1.5 the lines of a reply\r\n550-5.1.1 should all have\r\n250 2.1.5 the same code\r\n"}
	case actDot:
	}
	return rcptTaken(mailbox)
}

func rcptTaken(mailbox string) answer { return one(250, "2.1.5", "recipient <"+mailbox+"> ok") }

// greylist remembers who was turned away once.
type greylist struct {
	mu   sync.Mutex
	seen map[[2]string]bool
}

// first reports whether this pair was never seen before, and remembers it.
func (g *greylist) first(from, to string) bool {
	key := [2]string{strings.ToLower(from), strings.ToLower(to)}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen[key] {
		return false
	}
	if g.seen == nil || len(g.seen) >= 1000 { // forgetting costs a client no more than another 450
		g.seen = map[[2]string]bool{}
	}
	g.seen[key] = true
	return true
}
