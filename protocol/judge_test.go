package protocol

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// at is a session in one of the states that testdata/mistakes.tsv names.
func at(t *testing.T, state string) Session {
	t.Helper()
	s := Session{}
	steps := []struct{ state, sent, reply string }{
		{"connected", "", "220 mx.example.test ESMTP\r\n"},
		{"greeted", "EHLO client.example", "250-mx.example.test\r\n250-SIZE 10000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"},
		{"mail", "MAIL FROM:<a@example.org>", "250 2.1.0 Ok\r\n"},
		{"rcpt", "RCPT TO:<b@example.org>", "250 2.1.5 Ok\r\n"},
	}
	s = s.After(Opened{Host: "mx.example.test"})
	for _, step := range steps {
		if step.sent != "" {
			s = s.After(Sent{Raw: []byte(step.sent + "\r\n")})
		}
		s = s.After(Received{Reply: reply(t, step.reply)})
		if step.state == state {
			return s
		}
	}
	t.Fatalf("no state %q", state)
	return s
}

// reply parses one whole reply.
func reply(t *testing.T, raw string) Reply {
	t.Helper()
	var p ReplyParser
	rest, r, ok := p.Feed([]byte(raw))
	if !ok || len(rest) > 0 {
		t.Fatalf("%q is not one reply", raw)
	}
	return r
}

func TestMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimRight(string(data), "\n"), "\n")[1:]
	for _, row := range rows {
		f := strings.Split(row, "\t")
		state, typed, verdict, fix, why, section := f[0], f[1], f[2], f[3], f[4], f[5]
		t.Run(state+"/"+typed, func(t *testing.T) {
			diags := at(t, state).Allows(Parse(typed))
			want := map[string]Severity{"ok": Hint, "warn": Warning, "error": Error}[verdict]
			if got := Worst(diags); got != want {
				t.Errorf("verdict %v, want %v: %+v", got, want, diags)
			}
			if verdict == "ok" {
				return
			}
			first := worstOf(diags)
			if first.Fix != fix {
				t.Errorf("fix %q, want %q (%s)", first.Fix, fix, why)
			}
			if got := strconv.Itoa(first.Ref.RFC) + " " + first.Ref.Section; got != section {
				t.Errorf("%s cites %s, want %s", first.ID, got, section)
			}
			t.Logf("%s: %s", first.ID, first.Message)
		})
	}
}

// worstOf is the first of the worst findings: the one that a hold is for.
func worstOf(diags []Diag) Diag {
	for _, d := range diags {
		if d.Severity == Worst(diags) {
			return d
		}
	}
	return Diag{}
}

func TestWhatTheServerOffered(t *testing.T) {
	offers := ParseEHLO(reply(t, "250-mx.example.test\r\n250-PRDR\r\n250-X-OWN\r\n250-8BITMIME\r\n250 DSN\r\n"))
	for _, row := range []struct {
		param string
		want  Severity
	}{
		{"PRDR", Hint},        // no registered extension, and so its own parameter
		{"X-OWN=1", Hint},     // likewise
		{"X-OTHER", Warning},  // nobody offered it
		{"8BITMIME", Warning}, // BODY is what this one offers
		{"DSN", Warning},      // RET and ENVID
	} {
		if diags := (Judge{Offers: offers}).Check(Parse("MAIL FROM:<a@example.org> " + row.param)); Worst(diags) != row.want {
			t.Errorf("%s: %+v, want %v", row.param, diags, row.want)
		}
	}
}

func TestManyFaultsInALine(t *testing.T) {
	many := "MAIL FROM:<a@example.org>"
	for i := range 300 {
		many += " X" + strconv.Itoa(i)
	}
	for _, row := range []struct {
		line, worst string
	}{
		{many, "parameter-unknown"},
		{many + " SIZE=big", "parameter-value"},
		{many + " x299", "parameter-twice"},
	} {
		diags := Check(Parse(row.line))
		if n := len(diags); n < mostSaid || n > mostSaid+1 {
			t.Errorf("%d pieces of advice on a line of %d faults", n, 300)
		}
		if id := worstOf(diags).ID; id != row.worst {
			t.Errorf("the worst is %s, want %s", id, row.worst)
		}
	}
}
