package shell

import (
	"slices"
	"testing"

	"smtpsh/protocol"
	"smtpsh/shell/term"
)

// lines is a history.
type lines []string

func (l lines) Lines() []string { return l }

// hosts are who was connected to.
type hosts []string

func (h *hosts) All() []string   { return *h }
func (h *hosts) Add(host string) { *h = append(*h, host) }

// silent shows nothing.
type silent struct{}

func (silent) Event(_, _ protocol.Session, _ protocol.Event) {}

// reply is a reply as the parser reads it.
func reply(raw string) protocol.Event {
	var p protocol.ReplyParser
	_, r, _ := p.Feed([]byte(raw))
	return protocol.Received{Reply: r}
}

func command(line string) protocol.Event {
	return protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(line + "\r\n")}
}

// assistIn is an Assist in a session that has come to a state by name.
func assistIn(state string, history ...string) *Assist {
	h := newHub("me.example", silent{})
	events := []protocol.Event{protocol.Opened{Host: "mx", Address: "192.0.2.1:25"}, reply("220 mx ESMTP\r\n"),
		command("EHLO me"), reply("250-mx\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-AUTH PLAIN LOGIN\r\n250-DSN\r\n250 X\x1b[2J\r\n"),
		command("MAIL FROM:<a@b>"), reply("250 ok\r\n"),
		command("RCPT TO:<c@d>"), reply("250 ok\r\n")}
	n := map[string]int{"closed": 0, "connected": 2, "greeted": 4, "mail": 6, "rcpt": 8}[state]
	for _, e := range events[:n] {
		h.emit(e)
	}
	return newAssist(h, lines(history), &hosts{"mail.example.org:587"})
}

var history = []string{"MAIL FROM:<alice@example.org> SIZE=1", "rcpt to:<Bob@example.com>", "!RCPT TO:<carol@example.net>", "EHLO old.example",
	"mail from nobody@example.org", "MAIL FROM:<>", ":open mail.example.org 587", "AUTH PLAIN", "NOOP \x1b[2J"}

func TestCompleteByState(t *testing.T) {
	rows := []struct {
		state, line string
		want        []string
	}{
		{"connected", "", []string{"EHLO", "HELO", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT"}},
		{"greeted", "m", []string{"mail from:<"}},
		{"greeted", "M", []string{"MAIL FROM:<"}},
		{"greeted", "r", []string{"rset", "rcpt to:<"}}, // what is in order comes first
		{"mail", "r", []string{"rcpt to:<", "rset"}},
		{"connected", "e", []string{"ehlo", "expn", "etrn"}},
		{"rcpt", "DA", []string{"DATA"}},
		{"connected", "zz", nil},
		{"connected", " ma", nil},

		{"greeted", "mail ", []string{"from:<"}},
		{"greeted", "MAIL ", []string{"FROM:<"}},
		{"greeted", "mail FR", []string{"from:<"}},
		{"greeted", "mail to", nil},
		{"greeted", "mail from:", []string{"<alice@example.org>", "<carol@example.net>", "<Bob@example.com>"}},
		{"greeted", "mail from:<", []string{"<alice@example.org>", "<carol@example.net>", "<Bob@example.com>"}},
		{"greeted", "mail from: <AL", []string{"<alice@example.org>"}},
		{"mail", "rcpt to:<", []string{"<carol@example.net>", "<Bob@example.com>", "<alice@example.org>"}},
		{"mail", "rcpt to:<x", nil},

		{"greeted", "mail from:<a@b> ", []string{"size=", "body=", "smtputf8", "auth=", "ret=", "envid="}},
		{"greeted", "mail from:<a@b> SIZE=1 s", []string{"smtputf8"}},
		{"greeted", "MAIL FROM:<a@b> B", []string{"BODY="}},
		{"greeted", "MAIL FROM:<a@b> BODY=", []string{"7BIT", "8BITMIME"}},
		{"greeted", "MAIL FROM:<a@b> RET=f", []string{"full"}},
		{"connected", "MAIL FROM:<a@b> S", nil}, // nothing was offered
		{"mail", "RCPT TO:<a@b> N", []string{"NOTIFY="}},
		{"mail", "RCPT TO:<a@b> NOTIFY=SUCCESS,", []string{"FAILURE", "DELAY"}},
		{"mail", "RCPT TO:<a@b> SIZE", nil},
		{"greeted", "MAIL FROM:<a@b> NONSENSE=", nil},

		{"connected", "ehlo ", []string{"me.example", "old.example"}},
		{"connected", "ehlo O", []string{"old.example"}},
		{"greeted", "auth ", []string{"plain", "login"}},
		{"connected", "auth ", nil},
		{"greeted", "vrfy c", []string{"carol@example.net"}},
		{"greeted", "help vr", []string{"vrfy"}},
		{"greeted", "quit ", nil},
		{"greeted", "noop ", nil},
		{"greeted", "!mai", []string{"mail from:<"}},

		{"closed", ":op", []string{":open"}},
		{"closed", ":R", []string{":reconnect", ":raw", ":resume", ":record", ":repeat"}},
		{"closed", ":open ", []string{"mail.example.org:587", "practice"}},
		{"closed", ":open p", []string{"practice"}},
		{"closed", ":set tls-v", []string{"tls-verify"}},
		{"closed", ":set tls-verify ", []string{"warn", "require", "off"}},
		{"closed", ":set check ", []string{"hold", "warn", "off"}},
		{"closed", ":set helo ", nil},
		{"closed", ":help :op", []string{":open"}},
		{"closed", ":record --f", []string{"--force", "--format"}},
		{"closed", ":export --as sw", []string{"swaks"}},
		{"closed", ":record --format j", []string{"jsonl"}},
		{"closed", ":quit ", nil},
		{"closed", ":nonsense ", nil},
	}
	for _, row := range rows {
		c := assistIn(row.state, history...).Complete(row.line, len(row.line))
		var got []string
		for _, candidate := range c.Candidates {
			got = append(got, candidate.Text)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s, %q: %q, want %q", row.state, row.line, got, row.want)
		}
		if c.Start < 0 || c.Start > c.End || c.End > len(row.line) {
			t.Errorf("%s, %q: replaces [%d:%d]", row.state, row.line, c.Start, c.End)
		}
	}
}

// TestCompleteInsertsWhatParses has every completion of a verb's beginning
// lead to that verb.
func TestCompleteInsertsWhatParses(t *testing.T) {
	a := assistIn("greeted")
	for i := range protocol.Verbs {
		name := protocol.Verbs[i].Name
		c := a.Complete(name, len(name))
		if len(c.Candidates) == 0 {
			t.Errorf("%s is not completed", name)
			continue
		}
		line := name[:c.Start] + c.Candidates[0].Text
		if parsed := protocol.Parse(line); parsed.Verb != &protocol.Verbs[i] {
			t.Errorf("%s is completed to %q", name, line)
		}
	}
}

func TestHints(t *testing.T) {
	rows := []struct{ state, line, want string }{
		{"greeted", "", ""},
		{"greeted", "ma", "il FROM:<reverse-path> [parameters]"},
		{"mail", "r", "cpt TO:<forward-path> [parameters]"},
		{"greeted", "r", "set"},
		{"greeted", "quit", ""},
		{"connected", "ehlo ", "domain"},
		{"connected", "ehlo x", ""},
		{"greeted", "MAIL ", "FROM:<reverse-path> [SIZE=n] [BODY=7BIT|8BITMIME] [SMTPUTF8] …"},
		{"connected", "MAIL ", "FROM:<reverse-path>"},
		{"greeted", "mail fr", "OM:<reverse-path>"},
		{"greeted", "mail from:", "<reverse-path>"},
		{"greeted", "mail from:<", "reverse-path>"},
		{"greeted", "mail from:<a", "@domain>"},
		{"greeted", "mail from:<a@", ""},
		{"greeted", "mail from:<a@b", ">"},
		{"greeted", "mail from:<a@b> BO", "DY=7BIT|8BITMIME"},
		{"greeted", "mail to:", ""},
		{"greeted", "!mai", ""},
		{"greeted", "zz", ""},
		{"closed", ":op", "en HOST[:PORT] | HOST PORT | URL | mx:DOMAIN | practice"},
		{"closed", ":open ", "HOST[:PORT] | HOST PORT | URL | mx:DOMAIN | practice"},
		{"closed", ":open x", ""},
		{"closed", ":zz", ""},
	}
	for _, row := range rows {
		if got := assistIn(row.state).Hint(row.line); got != row.want {
			t.Errorf("%s, %q: %q, want %q", row.state, row.line, got, row.want)
		}
	}
}

// TestHighlightSpans holds the spans to what the terminal wants: in order,
// within the line, without overlap.
func TestHighlightSpans(t *testing.T) {
	a := assistIn("greeted")
	for line, want := range map[string]int{
		"": 0, "zz": 0, "QUIT": 1, "MAIL": 1, "mail from:<a@b>": 3, "MAIL FROM:<a@b> SIZE=1 BODY=7BIT": 5, "!quit": 2, "! quit": 2,
		":help": 1, ":nonsense": 0, "!": 1, "mail from:": 0, "RCPT TO:<日本@例.example>": 3,
	} {
		spans := a.Highlight(line)
		last := 0
		for _, s := range spans {
			if s.Start < last || s.End < s.Start || s.End > len(line) || s.SGR == "" {
				t.Errorf("%q: spans %v", line, spans)
			}
			last = s.End
		}
		if line != "mail from:" && len(spans) != want {
			t.Errorf("%q: %d spans, want %d: %v", line, len(spans), want, spans)
		}
	}
}

// TestAssistNeverPanics asks about every beginning of many lines.
func TestAssistNeverPanics(t *testing.T) {
	var all []string
	for i := range protocol.Verbs {
		all = append(all, protocol.Verbs[i].Example)
	}
	for i := range protocol.Params {
		all = append(all, protocol.Params[i].Example)
	}
	all = append(all, ":set check hold x", ":open [::1]:25", "!!!mail", "mail\tfrom:<a@b>", "mail  from :<\xff>", "RCPT TO:<a@b> =", "MAIL FROM:<a@b> \u202e=日本", ": ", "  ")
	for _, state := range []string{"closed", "connected", "greeted", "mail", "rcpt"} {
		a := assistIn(state, all...)
		for _, line := range all {
			for end := range len(line) + 1 {
				var c term.Completion = a.Complete(line, end)
				if c.Start < 0 || c.Start > c.End || c.End > end {
					t.Fatalf("%s, %q: replaces [%d:%d]", state, line[:end], c.Start, c.End)
				}
				a.Hint(line[:end])
				a.Highlight(line[:end])
			}
		}
	}
}
