package practice

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smtpsh/protocol"
)

func TestEveryVerbHasAHandler(t *testing.T) {
	var verbs, handled []string
	for _, v := range protocol.Verbs {
		verbs = append(verbs, v.Name)
	}
	for _, h := range handlers {
		handled = append(handled, h.verb)
	}
	slices.Sort(verbs)
	slices.Sort(handled)
	if !slices.Equal(verbs, handled) {
		t.Errorf("handlers for %v\n     verbs are %v", handled, verbs)
	}
}

// stages are lines that take a new session to a stage.
var stages = []struct {
	name  string
	lines []string
}{
	{"connected", nil},
	{"helo", []string{"HELO client.example"}},
	{"greeted", []string{"EHLO client.example"}},
	{"mail", []string{"EHLO client.example", "MAIL FROM:<a@example.org>"}},
	{"rcpt", []string{"EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>"}},
	{"utf8", []string{"EHLO client.example", "MAIL FROM:<a@example.org> SMTPUTF8", "RCPT TO:<b@example.org>"}},
	{"chunks", []string{"EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "BDAT 0"}},
	{"failed", []string{"EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "BDAT 0 FIRST"}},
}

// reach makes a session at a stage.
func reach(t testing.TB, stage string) *session {
	t.Helper()
	s := &session{srv: testServer(), remote: "[192.0.2.1]"}
	for _, st := range stages {
		if st.name != stage {
			continue
		}
		for _, line := range st.lines {
			if a := s.handle(line); a.then == stepChunk {
				s.chunk(a)
			}
		}
		return s
	}
	t.Fatalf("no stage %q", stage)
	return nil
}

// TestMistakes holds the shell's own list of mistakes against the server: what
// the shell would hold back the server refuses, what it would warn of the
// server takes unless it is the order, and every one leaves the session alive.
func TestMistakes(t *testing.T) {
	data, err := os.ReadFile("../../protocol/testdata/mistakes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")[1:]
	if len(rows) < 70 {
		t.Fatalf("only %d mistakes", len(rows))
	}
	for _, row := range rows {
		f := strings.Split(row, "\t")
		state, line, verdict, why := f[0], f[1], f[2], f[4]
		t.Run(state+"/"+line, func(t *testing.T) {
			s := reach(t, state)
			a := s.handle(line)
			checkReply(t, a)
			if a.then != stepCommand {
				t.Errorf("the server would not read a command next: %+v", a)
			}
			refused := verdict == "error" || strings.HasPrefix(why, "order") || strings.Contains(why, "not a registered")
			if got := a.code/100 == 5; got != refused {
				t.Errorf("answered %d %s %q, want refused: %v", a.code, a.status, a.lines, refused)
			}
			if a := s.handle("NOOP"); a.code != 250 {
				t.Errorf("NOOP got %+v", a)
			}
		})
	}
}

// checkReply holds a reply against RFC 5321 §4.2 and RFC 2034 §4: one code,
// one enhanced code of the same class, printable lines that are not too long,
// and an end.
func checkReply(t testing.TB, a answer) {
	t.Helper()
	if a.then == stepVanish || a.raw != "" {
		return
	}
	raw := string(a.render())
	lines := strings.SplitAfter(raw, "\r\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" {
		t.Fatalf("no whole reply: %q", raw)
	}
	for i, line := range lines[:len(lines)-1] {
		text := strings.TrimSuffix(line, "\r\n")
		sep := byte('-')
		if i == len(lines)-2 {
			sep = ' '
		}
		if len(line) > 512 && a.then != stepChallenge || !printable(text) || len(text) < 4 || text[:3] != strconv.Itoa(a.code) || text[3] != sep {
			t.Errorf("bad line of a reply: %q", line)
		}
		if a.status != "" && a.status[0] != text[0] {
			t.Errorf("the codes disagree: %q", line)
		}
	}
}

func TestHelpOnEverything(t *testing.T) {
	topics := []string{"", practiceTopic, `"MAIL"`, "mail from"}
	for _, v := range protocol.Verbs {
		topics = append(topics, v.Name)
	}
	for _, p := range protocol.Params {
		topics = append(topics, p.Name)
	}
	for _, topic := range topics {
		a := reach(t, "connected").handle(strings.TrimSpace("HELP " + topic))
		checkReply(t, a)
		if a.code != 214 {
			t.Errorf("HELP %s: %+v", topic, a)
		}
		for _, line := range a.lines {
			if !printable(line) || len(line) > 100 {
				t.Errorf("HELP %s: a line that does not go as it stands: %q", topic, line)
			}
		}
	}
}

func TestExamplesAreTaken(t *testing.T) {
	for _, v := range protocol.Verbs {
		stage := "greeted"
		switch {
		case v.In.Has(protocol.StageGreeted):
		case v.In.Has(protocol.StageMail):
			stage = "mail"
		default:
			stage = "rcpt"
		}
		a := reach(t, stage).handle(v.Example)
		h := slices.IndexFunc(handlers, func(h handler) bool { return h.verb == v.Name })
		if want := handlers[h].do == nil; (a.code == 502) != want || !want && a.code/100 == 5 {
			t.Errorf("%s: %d %q", v.Example, a.code, a.lines)
		}
	}
}

func TestRecipients(t *testing.T) {
	for _, r := range Recipients() {
		mailbox := strings.Replace(r.Form, "any.domain", "example.org", 1)
		row, n := findSpecial(mailbox)
		if row == nil || row.Form != r.Form {
			t.Errorf("%s is not found by its own form: %+v", r.Form, row)
			continue
		}
		s := reach(t, "mail")
		a := s.special(row, n, mailbox)
		checkReply(t, a)
		if row.act != actDrop && a.code == 0 {
			t.Errorf("%s gets no answer", mailbox)
		}
	}
	for _, ordinary := range []string{"", "250@x", "4500@x", "460@x", "dot@x", "dot250@x", "slowly@x", "slow-1@x", "slow601@x", "slow99999999999@x", "x550@x", "550.x@x"} {
		if row, _ := findSpecial(ordinary); row != nil {
			t.Errorf("%q is taken for %s", ordinary, row.Form)
		}
	}
}

func TestGreylistIsBounded(t *testing.T) {
	var g greylist
	for i := range 5000 {
		g.first("a", strconv.Itoa(i))
	}
	if len(g.seen) > 1000 {
		t.Errorf("%d pairs are remembered", len(g.seen))
	}
}

// FuzzConn answers any line at any stage: no panic, and exactly one reply.
func FuzzConn(f *testing.F) {
	for _, v := range protocol.Verbs {
		f.Add(v.Example)
	}
	for _, p := range protocol.Params {
		f.Add(p.Example)
	}
	for _, r := range specials {
		f.Add("RCPT TO:<" + r.Form + ">")
	}
	for _, line := range []string{"", " ", "\x00", "\xff\xfe", "MAIL FROM:<\xc3\xbc@x> SMTPUTF8", "BDAT 99999999999999999999", "HELP \"", "VRFY <", "EHLO [", "MAIL FROM:< SIZE=1"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, st := range stages {
			s := reach(t, st.name)
			a := s.handle(line)
			switch a.then {
			case stepChunk:
				a = s.chunk(a)
			case stepHandshake:
				s.secured()
			case stepChallenge:
				if a := s.handle("*"); a.code != 501 {
					t.Errorf("%s: * got %+v", st.name, a)
				}
			}
			checkReply(t, a)
			if again := s.handle("NOOP"); again.code != 250 {
				t.Errorf("%s: NOOP got %+v", st.name, again)
			}
			s.reset()
			if n := s.srv.incoming.Load(); n != 0 {
				t.Errorf("%s: %d octets are still reserved", st.name, n)
			}
		}
	})
}
