package protocol

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// fixRow is a line of testdata/fixes.tsv: what is typed in a state, the
// verdict, the first fix, and what is offered behind it.
type fixRow struct {
	state, typed, verdict, fix string
	then                       []string
}

// fixRows reads testdata/fixes.tsv. A field in double quotes is a Go string,
// for spaces at the ends and for what an editor does not show.
func fixRows(tb testing.TB) []fixRow {
	tb.Helper()
	data, err := os.ReadFile("testdata/fixes.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var rows []fixRow
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) < 3 || len(f) > 5 {
			tb.Fatalf("line %d has %d fields: %q", n+2, len(f), line)
		}
		f = append(f, "", "")[:max(len(f), 5)]
		if f[1][0] == '"' {
			if f[1], err = strconv.Unquote(f[1]); err != nil {
				tb.Fatalf("line %d: %v", n+2, err)
			}
		}
		row := fixRow{state: f[0], typed: f[1], verdict: f[2], fix: f[3]}
		if f[4] != "" {
			row.then = strings.Split(f[4], " | ")
		}
		rows = append(rows, row)
	}
	return rows
}

// judged is the advice on a line in a state; in the state "alone" the
// grammar's only.
func judged(t *testing.T, state, typed string) []Diag {
	t.Helper()
	if state == "alone" {
		return Check(Parse(typed))
	}
	return at(t, state).Allows(Parse(typed))
}

func TestFixes(t *testing.T) {
	for _, row := range fixRows(t) {
		t.Run(row.state+"/"+row.typed, func(t *testing.T) {
			diags := judged(t, row.state, row.typed)
			want := map[string]Severity{"ok": Hint, "warn": Warning, "error": Error}[row.verdict]
			if got := Worst(diags); got != want {
				t.Errorf("verdict %v, want %v: %+v", got, want, diags)
			}
			first := worstOf(diags)
			if first.Fix != row.fix {
				t.Errorf("fix %q, want %q (%s)", first.Fix, row.fix, first.ID)
			}
			if got, want := strings.Join(first.Then, " | "), strings.Join(row.then, " | "); got != want {
				t.Errorf("then %q, want %q", got, want)
			}
		})
	}
}

// sameMailbox reports that a fix leaves the mailbox of a line as it was, where
// the line named one validly. Its brackets, its source route and those of an
// address that stands for the domain do not count.
func sameMailbox(line, fix Command) bool {
	if !line.Is("MAIL") && !line.Is("RCPT") {
		return true
	}
	was, is := line.Mailbox(), fix.Mailbox()
	at := splitMailbox(was)
	if _, utf8 := line.Param("SMTPUTF8"); at < 0 || !isMailbox(was) || !utf8 && !isASCII(was) {
		return true // nobody was named validly
	}
	if literal, bare := bareAddress(was[at+1:]); bare {
		was = was[:at+1] + literal
	}
	return was == is
}

func TestSameMailbox(t *testing.T) {
	for _, row := range []struct {
		line, fix string
		want      bool
	}{
		{"MAIL FROM:a@b.example", "MAIL FROM:<a@b.example>", true},
		{"MAIL FROM:<a@b.example>", "MAIL FROM:<b@b.example>", false},
		{"RCPT TO:<a@192.0.2.1>", "RCPT TO:<a@[192.0.2.1]>", true},
		{"RCPT TO:<@r:a@b>", "RCPT TO:<a@b>", true},
		{"RCPT TO:<a@b..c>", "RCPT TO:<a@b.c>", true}, // it named nobody validly
	} {
		if got := sameMailbox(Parse(row.line), Parse(row.fix)); got != row.want {
			t.Errorf("%q and %q: %v", row.line, row.fix, got)
		}
	}
}

func TestCheckResponse(t *testing.T) {
	for line, want := range map[string]string{"": "", "*": "", "am9l": "", "AB==": "", "=": "response-form", "joe": "response-form", "am9l\x00": "control-char", "\xe9": "not-utf8"} {
		id := ""
		if diags := CheckResponse(line); len(diags) > 0 {
			id = diags[0].ID
		}
		if id != want {
			t.Errorf("%q gets %q, want %q", line, id, want)
		}
	}
}

func TestLineCut(t *testing.T) {
	if d := LineCut("NOOP"); d.ID != "line-cut" || d.Severity != Error || d.Start != 4 || d.End != 4 || !strings.Contains(d.Message, "4 octets") {
		t.Errorf("%+v", d)
	}
}

func TestLineLimit(t *testing.T) {
	helo := fold(t, "* opened\n< 220 mx\n> HELO me\n< 250 mx")
	ehlo := fold(t, "* opened\n< 220 mx\n> EHLO me\n< 250-mx|250-SIZE|250 REQUIRETLS")
	for _, row := range []struct {
		name  string
		judge Judge
		line  string
		want  int
	}{
		{"no parameters", Judge{}, "NOOP", 512},
		{"no verb", Judge{}, "FROBNICATE", 512},
		{"VRFY", Judge{}, "VRFY x", 522},
		{"RCPT, nothing known", Judge{}, "RCPT TO:<a@b>", 512 + 28 + 500 + 33 + 7 + 460},
		{"MAIL after HELO", helo.judge(), "MAIL FROM:<a@b>", 512},
		{"MAIL with two offers", ehlo.judge(), "MAIL FROM:<a@b>", 512 + 26 + 11},
	} {
		v := verdict{judge: row.judge, c: Parse(row.line)}
		if got := v.lineLimit(); got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
	}
}

// TestNoFixWhereTheSessionRefuses offers nothing for a line that stays an error
// in its session, however it is written.
func TestNoFixWhereTheSessionRefuses(t *testing.T) {
	diags := at(t, "mail").Allows(Parse("RCPT TO: jürgen@example.org"))
	if len(diags) < 3 || Worst(diags) != Error {
		t.Errorf("%+v", diags)
	}
	for _, d := range diags {
		if d.Fix != "" || d.Then != nil {
			t.Errorf("%s offers %q, then %q", d.ID, d.Fix, d.Then)
		}
	}
}
