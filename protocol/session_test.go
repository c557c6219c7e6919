package protocol

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// fold reads a dialogue in the notation of the project ("> " sent, "< "
// received, "* " events) and folds it into a session.
func fold(t *testing.T, dialogue string) Session {
	t.Helper()
	s := Session{}
	for line := range strings.Lines(dialogue) {
		line = strings.TrimSpace(line)
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case "":
		case "*":
			s = s.After(map[string]Event{"opened": Opened{Host: "h"}, "opened-lmtp": Opened{Host: "h", LMTP: true}, "closed": Closed{},
				"secured": Secured{}, "cancelled": Cancelled{}}[text])
		case ">":
			s = s.After(Sent{Raw: []byte(text + "\r\n")})
		case ">>": // an answer to a challenge
			s = s.After(Sent{Kind: SentResponse, Raw: []byte(text + "\r\n"), Secret: true})
		case ">.": // the end of a message
			s = s.After(Sent{Kind: SentContent, Raw: []byte(".\r\n"), Last: true})
		case ">#": // octets of a chunk
			s = s.After(Sent{Kind: SentChunk, Raw: []byte(text)})
		case "<":
			s = s.After(Received{Reply: reply(t, strings.ReplaceAll(text, "|", "\r\n")+"\r\n")})
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return s
}

func TestSessionFollowsTheDialogue(t *testing.T) {
	const greeted = "* opened\n< 220 mx.test ESMTP\n> EHLO me\n< 250-mx.test|250 SIZE 10\n"
	const mail = "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n"
	rows := []struct {
		name, dialogue string
		mode           Mode
		stage          Stage
		awaiting       int
		check          func(Session) bool
	}{
		{"never opened", "", ModeClosed, StageClosed, 0, nil},
		{"opened", "* opened", ModeGreeting, StageConnected, 1, nil},
		{"banner", "* opened\n< 220 mx.test ESMTP", ModeCommand, StageConnected, 0, func(s Session) bool { return s.Server() == "mx.test" }},
		{"no service", "* opened\n< 554 go away", ModeCommand, StageConnected, 0, nil},
		{"greeted", greeted, ModeCommand, StageGreeted, 0, func(s Session) bool { return s.Extended() && s.Offers().Has("size") }},
		{"HELO has no extensions", greeted + "> HELO me\n< 250 hi", ModeCommand, StageGreeted, 0, func(s Session) bool { return !s.Extended() && s.Offers() == nil }},
		{"refused EHLO changes nothing", greeted + "> EHLO me\n< 501 no", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.Extended() }},
		{"mail", greeted + "> MAIL FROM:<a@b>\n< 250 ok", ModeCommand, StageMail, 0, func(s Session) bool { f, ok := s.From(); return ok && f == "a@b" }},
		{"null sender", greeted + "> MAIL FROM:<>\n< 250 ok", ModeCommand, StageMail, 0, func(s Session) bool { f, ok := s.From(); return ok && f == "" }},
		{"refused rcpt", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 550 no", ModeCommand, StageMail, 0, nil},
		{"rcpt", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO: c@d\n< 250 ok\n> RCPT TO:<e@f>\n< 251 ok", ModeCommand, StageRcpt, 0,
			func(s Session) bool { return strings.Join(s.Recipients(), " ") == "c@d e@f" && s.RecipientCount() == 2 }},
		{"EHLO clears", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> EHLO me\n< 250 mx", ModeCommand, StageGreeted, 0, nil},
		{"RSET clears", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RSET\n< 250 ok", ModeCommand, StageGreeted, 0, nil},
		{"RSET before HELO", "* opened\n< 220 mx\n> RSET\n< 250 ok", ModeCommand, StageConnected, 0, nil},
		{"data", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> DATA\n< 354 go", ModeContent, StageRcpt, 0, nil},
		{"dot awaits", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> DATA\n< 354 go\n>. x", ModeCommand, StageRcpt, 1,
			func(s Session) bool { u, ok := s.Head(); return ok && u.Kind == UnitContent }},
		{"accepted", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> DATA\n< 354 go\n>. x\n< 250 ok", ModeCommand, StageGreeted, 0, nil},
		{"refused after the dot", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> DATA\n< 354 go\n>. x\n< 554 no", ModeCommand, StageGreeted, 0, nil},
		{"pipelined", greeted + "> MAIL FROM:<a@b>\n> RCPT TO:<c@d>\n> RCPT TO:<e@f>\n< 250 ok\n< 550 no\n< 250 ok", ModeCommand, StageRcpt, 0,
			func(s Session) bool { return strings.Join(s.Recipients(), " ") == "e@f" }},
		{"challenge", greeted + "> AUTH LOGIN\n< 334 VXNlcm5hbWU6", ModeChallenge, StageGreeted, 0, nil},
		{"answered", greeted + "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n>> am9l", ModeCommand, StageGreeted, 1, nil},
		{"authenticated", greeted + "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n>> am9l\n< 334 UGFzc3dvcmQ6\n>> c2VjcmV0\n< 235 ok", ModeCommand, StageGreeted, 0,
			func(s Session) bool { return s.Authenticated() }},
		{"refused AUTH", greeted + "> AUTH PLAIN AGEAYg==\n< 535 no", ModeCommand, StageGreeted, 0, func(s Session) bool { return !s.Authenticated() }},
		{"any other 3yz", greeted + "> XFOO\n< 383 more", ModeChallenge, StageGreeted, 0, nil},
		{"handshake", greeted + "> STARTTLS\n< 220 go", ModeHandshake, StageGreeted, 0, nil},
		{"no handshake behind another success", greeted + "> STARTTLS\n< 250 ok", ModeCommand, StageGreeted, 0, nil},
		{"no login by another success", greeted + "> AUTH PLAIN x\n< 250 ok", ModeCommand, StageGreeted, 0, func(s Session) bool { return !s.Authenticated() }},
		{"no login by another success at its end", greeted + "> AUTH PLAIN\n< 334 \n>> x\n< 250 ok", ModeCommand, StageGreeted, 0, func(s Session) bool { return !s.Authenticated() }},
		{"under TLS all is forgotten", greeted + "> STARTTLS\n< 220 go\n* secured", ModeCommand, StageConnected, 0,
			func(s Session) bool { on, _ := s.Secured(); return on && s.Offers() == nil }},
		{"chunk", greeted + "> BDAT 10 LAST", ModeOctets, StageGreeted, 1, func(s Session) bool { return s.Octets() == 10 }},
		{"chunk in part", greeted + "> BDAT 10 LAST\n># abc", ModeOctets, StageGreeted, 1, func(s Session) bool { return s.Octets() == 7 }},
		{"refused chunk still owes", greeted + "> BDAT 10 LAST\n< 503 no", ModeOctets, StageGreeted, 0, nil},
		{"chunk done", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> BDAT 3 LAST\n># abc\n< 250 ok", ModeCommand, StageGreeted, 0, nil},
		{"BURL LAST ends the message", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BURL imap://h/x LAST\n< 250 ok", ModeCommand, StageGreeted, 0, nil},
		{"BURL goes on", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BURL imap://h/x\n< 250 ok", ModeCommand, StageRcpt, 0, nil},
		{"a refused chunk fails the transaction", greeted + mail + "> BDAT 3\n># abc\n< 552 full", ModeCommand, StageRcpt, 0, func(s Session) bool { return s.spoiled }},
		{"a chunk that is no command says nothing of it", greeted + mail + "> BDAT abc\n< 501 no", ModeCommand, StageRcpt, 0, func(s Session) bool { return !s.spoiled && s.RecipientCount() == 1 }},
		{"nor does one before any RCPT", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> BDAT 3\n># abc\n< 554 no\n> RCPT TO:<c@d>\n< 250 ok", ModeCommand, StageRcpt, 0, func(s Session) bool { return !s.spoiled }},
		{"one behind a refused one ends nothing", greeted + mail + "> BDAT 3\n># abc\n< 552 full\n> BDAT 0 LAST\n< 503 an earlier one was refused", ModeCommand, StageRcpt, 0, func(s Session) bool { return s.spoiled }},
		{"RSET begins anew behind it", greeted + mail + "> BDAT 3\n># abc\n< 552 full\n> RSET\n< 250 ok", ModeCommand, StageGreeted, 0, func(s Session) bool { return !s.spoiled }},
		{"refused last chunk", greeted + mail + "> BDAT 3 LAST\n># abc\n< 552 full", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.RecipientCount() == 0 }},
		{"a command behind the dot", greeted + mail + "> DATA\n< 354 go\n>. x\n> NOOP\n< 250 queued", ModeCommand, StageGreeted, 1, func(s Session) bool { return s.RecipientCount() == 0 }},
		{"the next MAIL behind the dot", greeted + mail + "> DATA\n< 354 go\n>. x\n> MAIL FROM:<e@f>\n< 250 queued\n< 250 ok", ModeCommand, StageMail, 0, func(s Session) bool { f, _ := s.From(); return f == "e@f" }},
		{"an unasked line without a code", greeted + "< garbage", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.LastCode() == 250 }},
		{"SEND opens a transaction", greeted + "> SEND FROM:<a@b>\n< 250 ok", ModeCommand, StageMail, 0, func(s Session) bool { f, ok := s.From(); return ok && f == "a@b" }},
		{"XCLIENT begins anew", greeted + "> XCLIENT ADDR=192.0.2.1\n< 220 mx", ModeCommand, StageConnected, 0, func(s Session) bool { return s.Offers() == nil && !s.Extended() }},
		{"refused XCLIENT changes nothing", greeted + "> XCLIENT ADDR=192.0.2.1\n< 550 no", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.Extended() }},
		{"unsolicited", greeted + "< 421 bye", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.Leaving() && s.LastCode() == 421 }},
		{"cancelled is still owed", greeted + "> NOOP\n* cancelled", ModeCommand, StageGreeted, 1, nil},
		{"quit", greeted + "> QUIT\n< 221 bye", ModeCommand, StageGreeted, 0, func(s Session) bool { return s.Leaving() }},
		{"closed keeps the host", greeted + "> QUIT\n< 221 bye\n* closed", ModeClosed, StageClosed, 0, func(s Session) bool { return s.Host() == "h" }},
		{"LMTP has a reply for each recipient", "* opened-lmtp\n< 220 mx\n> HELO me\n< 250 hi\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> RCPT TO:<e@f>\n< 250 ok\n> DATA\n< 354 go\n>. x\n< 250 ok",
			ModeCommand, StageRcpt, 1, func(s Session) bool { u, _ := s.Head(); return u.Recipient() == "e@f" }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := fold(t, row.dialogue)
			if s.Mode() != row.mode || s.Stage() != row.stage || s.Awaiting() != row.awaiting {
				t.Errorf("mode %v stage %v awaiting %d, want %v %v %d", s.Mode(), s.Stage(), s.Awaiting(), row.mode, row.stage, row.awaiting)
			}
			if row.check != nil && !row.check(s) {
				t.Errorf("state is wrong: %+v", s)
			}
			if !s.Equal(fold(t, row.dialogue)) {
				t.Error("the same dialogue gives another state")
			}
		})
	}
}

func TestSessionIsAValue(t *testing.T) {
	before := fold(t, "* opened\n< 220 mx\n> EHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n")
	one := before.After(Received{Reply: Reply{Code: 250}})
	two := before.After(Received{Reply: Reply{Code: 550}})
	if one.RecipientCount() != 1 || two.RecipientCount() != 0 || before.Awaiting() != 1 {
		t.Error("one future changed another")
	}
	if one.Equal(two) || !one.Equal(before.After(Received{At: At{time.Now()}, Reply: Reply{Code: 250}})) {
		t.Error("Equal does not tell the futures apart")
	}
}

// TestLastChunk holds what the last octets of a BDAT change: the wait for the
// reply begins with them, and in LMTP there is one for each recipient (RFC 2033
// §4.3), also where their replies come behind the octets.
func TestLastChunk(t *testing.T) {
	sent := func(s Session, line string) Session { return s.After(Sent{Raw: []byte(line + "\r\n")}) }
	ok := Received{Reply: Reply{Code: 250}}
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	chunk := Sent{At: At{began}, Kind: SentChunk, Raw: []byte("0123456789")}
	for _, row := range []struct {
		name            string
		lmtp, pipelined bool
		recipients      []string // of the replies, in their order
	}{
		{"SMTP", false, false, []string{""}},
		{"LMTP", true, false, []string{"b@x", "c@x"}},
		{"LMTP in a group", true, true, []string{"b@x", "c@x"}},
	} {
		s := Session{}.After(Opened{LMTP: row.lmtp}).After(Received{Reply: Reply{Code: 220}})
		lines := []string{"MAIL FROM:<a@x>", "RCPT TO:<b@x>", "RCPT TO:<c@x>"}
		for _, line := range lines {
			if s = sent(s, line); !row.pipelined {
				s = s.After(ok)
			}
		}
		s = sent(s, "BDAT 10 LAST").After(chunk)
		for range lines {
			if row.pipelined {
				s = s.After(ok)
			}
		}
		for _, want := range row.recipients {
			u, owed := s.Head()
			if !owed || row.lmtp && u.Recipient() != want || !u.Sent.Equal(began) {
				t.Errorf("%s: %v is owed, sent at %v; want one for %q", row.name, u, u.Sent, want)
			}
			s = s.After(ok)
		}
		if s.Awaiting() != 0 || s.RecipientCount() != 0 {
			t.Errorf("%s: %d replies are owed in the end, and %d recipients there", row.name, s.Awaiting(), s.RecipientCount())
		}
	}
}

// TestQueueLooks has a look at a long queue copy nothing, before the first pop
// and behind it.
func TestQueueLooks(t *testing.T) {
	var q queue[int]
	for i := range 1000 {
		q = q.push(i)
	}
	for _, q := range []queue[int]{q, q.pop()} {
		if n := testing.AllocsPerRun(10, func() { q.head(); q.last() }); n > 0 {
			t.Errorf("%v allocations for a look, want none", n)
		}
	}
}

func TestQueue(t *testing.T) {
	var q queue[int]
	next := 0
	for i := range 100 {
		q = q.push(i)
		if i%3 == 0 {
			if got, ok := q.head(); !ok || got != next {
				t.Fatalf("head %d, want %d", got, next)
			}
			q = q.pop()
			next++
		}
	}
	old, was := q, q.all()
	if last, ok := q.last(); !ok || last != 99 {
		t.Errorf("last %d, want 99", last)
	}
	if q = q.amendLast(func(n int) int { return -n }); !slices.Equal(old.all(), was) {
		t.Errorf("an old queue became %v", old.all())
	}
	if last, _ := q.last(); last != -99 || q.n != len(was) {
		t.Errorf("last %d of %d, want -99 of %d", last, q.n, len(was))
	}
	q = q.amendLast(func(n int) int { return -n })
	all := q.all()
	if len(all) != q.n || all[0] != next || all[len(all)-1] != 99 {
		t.Errorf("all is %v of %d, from %d", all, q.n, next)
	}
	for range all {
		q = q.pop()
	}
	if _, ok := q.pop().head(); ok || q.n != 0 {
		t.Error("an empty queue has a head")
	}
}
