package protocol

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seedLines are the mistakes and every example of the tables.
func seedLines(tb testing.TB) []string {
	tb.Helper()
	data, err := os.ReadFile("testdata/mistakes.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var lines []string
	for row := range strings.Lines(string(data)) {
		if f := strings.Split(row, "\t"); len(f) > 3 {
			lines = append(lines, f[1], f[3])
		}
	}
	for _, row := range fixRows(tb) {
		lines = append(lines, row.typed)
	}
	for i := range Verbs {
		lines = append(lines, Verbs[i].Example, Verbs[i].Syntax(), Verbs[i].Name)
	}
	for i := range Params {
		lines = append(lines, Params[i].Example)
	}
	return append(lines, "MAIL FROM:<\"a\\\" b\"@x> SIZE = 1  BODY= 8BIT", "RCPT TO:<@a,@b:c@d>, e@f", "EHLO [IPv6:::1", "\xff\x00",
		"MAIL FROM:\"\\", "to:<b>,<c>", "AUTH PLAIN =", "NOOP \"", "mail from:(a@b)>", "RCPT TO:<<>>", "MAIL FROM:<a@b>>>", "MAIL FROM:Joe<a@b> x=<y>")
}

// FuzzJudge holds for any line what a fix promises: it is another line, it
// breaks no rule of its own, and judging never panics nor points outside.
func FuzzJudge(f *testing.F) {
	for _, line := range seedLines(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c := Parse(line)
		if c.Raw != line || c.Name.End > c.Args.Start || c.Args.End > len(line) || c.Path.End > len(line) {
			t.Fatalf("%q: spans out of order: %+v", line, c)
		}
		s := Session{}.After(Opened{}).After(Received{Reply: Reply{Code: 220}})
		for _, d := range s.Allows(c) {
			if d.Start < 0 || d.End < d.Start || d.End > len(line) {
				t.Errorf("%q: %s points at [%d,%d)", line, d.ID, d.Start, d.End)
			}
			if FindAdvice(d.ID) == nil || d.Message == "" || d.Ref.RFC == 0 || strings.Contains(d.Message, "%!") {
				t.Errorf("%q: %s is not whole: %q %v", line, d.ID, d.Message, d.Ref)
			}
			for _, fix := range append([]string{d.Fix}, d.Then...) {
				if fix == "" {
					continue
				}
				if fix == line {
					t.Errorf("%q: %s offers the line itself", line, d.ID)
				}
				if again := Check(Parse(fix)); Worst(again) == Error {
					t.Errorf("%q: the fix %q has an error: %+v", line, fix, again)
				}
			}
			if d.Fix != "" && !sameMailbox(c, Parse(d.Fix)) {
				t.Errorf("%q: the fix %q has another mailbox", line, d.Fix)
			}
		}
	})
}

// FuzzXtext holds that xtext comes back as it was.
func FuzzXtext(f *testing.F) {
	f.Add("a+b=c d\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		if back, ok := DecodeXtext(EncodeXtext(text)); !ok || back != text {
			t.Errorf("%q comes back as %q, %v", text, back, ok)
		}
	})
}

func TestTablesAreWhole(t *testing.T) {
	check := func(kind, name string, ref Ref, example string) {
		if name == "" || ref.RFC == 0 {
			t.Errorf("%s %q lacks a name or a reference", kind, name)
		}
		diags := slices.DeleteFunc(Check(Parse(example)), func(d Diag) bool { return strings.HasPrefix(d.ID, "obsolete-") })
		if example == "" || len(diags) > 0 {
			t.Errorf("%s %s: the example %q gets %+v", kind, name, example, diags)
		}
	}
	seen := map[string]bool{}
	for _, v := range Verbs {
		check("verb", v.Name, v.Ref, v.Example)
		if seen[v.Name] || v.Summary == "" || v.Detail == "" || len(v.Good) == 0 || v.In == 0 {
			t.Errorf("verb %s stands twice or is not whole", v.Name)
		}
		if v.Ext != "" && FindExtension(v.Ext) == nil {
			t.Errorf("verb %s: no extension %s", v.Name, v.Ext)
		}
		seen[v.Name] = true
	}
	for _, p := range Params {
		check("parameter", p.Verb+" "+p.Name, p.Ref, p.Example)
		if key := p.Verb + " " + p.Name; seen[key] || p.Summary == "" || FindVerb(p.Verb) == nil || FindExtension(p.Ext) == nil {
			t.Errorf("parameter %s stands twice or is not whole", key)
		} else {
			seen[key] = true
		}
	}
	for _, a := range AdviceTable {
		if seen[a.ID] || a.Message == "" || a.Explain == "" {
			t.Errorf("advice %s stands twice or is not whole", a.ID)
		}
		seen[a.ID] = true
	}
}

// adviceRows has a line for every piece of advice that mistakes.tsv does not
// produce, by the state it is typed in.
var adviceRows = []struct{ id, state, line string }{
	{"empty-line", "greeted", "  "},
	{"control-char", "greeted", "NOOP\tx"},
	{"control-char", "greeted", "NOOP\x00"},
	{"control-char", "greeted", "NOOP \u0085"},
	{"not-utf8", "greeted", "NOOP \xe9"},
	{"leading-space", "greeted", " noop"},
	{"trailing-space", "greeted", "noop "},
	{"repeated-space", "greeted", "mail  from:<a@b.example>"},
	{"repeated-space", "greeted", "mail from:<a@b.example>  SIZE=1"},
	{"line-long", "greeted", "VRFY " + strings.Repeat("x", 600)},
	{"verb-punctuation", "greeted", "EHLO:me"},
	{"at-word", "greeted", "MAIL FROM:<a at b.example>"},
	{"client-url", "connected", "EHLO https://me.example/"},
	{"client-punctuation", "connected", "EHLO me.example,"},
	{"source-route-form", "greeted", "MAIL FROM:<@:a@b.example>"},
	{"utf8-needs-smtputf8", "greeted", "VRFY jürgen"},
	{"obsolete-verb", "greeted", "TURN"},
	{"obsolete-parameter", "greeted", "MAIL FROM:<a@b.example> SUBMITTER=c@d.example"},
	{"lhlo-smtp", "connected", "LHLO me.example"},
	{"node-form", "greeted", "ETRN #"},
	{"url-form", "rcpt", "BURL http://x/"},
	{"attribute-form", "greeted", "XCLIENT COLOUR=red"},
	{"client-mailbox", "connected", "ehlo a@b.example"},
	{"helo-literal", "connected", "HELO [192.0.2.1]"},
	{"help-text", "greeted", "HELP mail from"},
	{"user-brackets", "greeted", "VRFY <alice>"},
	{"mechanism-form", "greeted", "AUTH PL*IN"},
	{"keyword-form", "rcpt", "BDAT 5 LSAT"},
	{"path-missing", "greeted", "MAIL FROM:"},
	{"path-word-wrong", "greeted", "MAIL FORM:<a@b.example>"},
	{"brackets-space", "greeted", "MAIL FROM:< a@b.example>"},
	{"brackets-wrong", "greeted", "MAIL FROM:(a@b.example)"},
	{"path-punctuation", "mail", "RCPT TO:<a@b.example>,"},
	{"mailbox-two-at", "greeted", "MAIL FROM:<a@@b.example>"},
	{"mailto", "greeted", "MAIL FROM:<mailto:a@b.example>"},
	{"local-part-missing", "greeted", "MAIL FROM:<@b.example>"},
	{"local-part-quotes", "greeted", "MAIL FROM:<\"a@b.example>"},
	{"local-part-char", "greeted", "MAIL FROM:<a(b)@c.example>"},
	{"local-part-long", "greeted", "MAIL FROM:<" + strings.Repeat("a", 65) + "@c.example>"},
	{"path-long", "greeted", "MAIL FROM:<a@" + strings.Repeat("b.", 130) + "example>"},
	{"domain-missing", "greeted", "MAIL FROM:<a@>"},
	{"domain-final-dot", "greeted", "MAIL FROM:<a@b.example.>"},
	{"domain-hyphen", "greeted", "MAIL FROM:<a@-b.example>"},
	{"domain-char", "greeted", "MAIL FROM:<a@b!.example>"},
	{"domain-long", "greeted", "MAIL FROM:<a@" + strings.Repeat("b.", 130) + "example>"},
	{"domain-utf8", "connected", "EHLO müller.example"},
	{"label-long", "connected", "EHLO " + strings.Repeat("a", 64) + ".example"},
	{"literal-ipv6", "connected", "EHLO [IPv6:1::2::3]"},
	{"literal-tag", "connected", "EHLO [-:x]"},
	{"literal-unregistered", "connected", "EHLO [x:y]"},
	{"parameter-form", "greeted", "MAIL FROM:<a@b.example> =x"},
	{"parameter-no-value", "greeted", "MAIL FROM:<a@b.example> SMTPUTF8=1"},
	{"parameter-twice", "greeted", "MAIL FROM:<a@b.example> SIZE=1 SIZE=1"},
	{"parameter-value", "greeted", "MAIL FROM:<a@b.example> ENVID=a+zz"},
	{"parameter-value", "mail", "RCPT TO:<a@b.example> ORCPT=x"},
	{"parameter-value", "greeted", "MAIL FROM:<a@b.example> AUTH=a=b"},
	{"parameter-either", "greeted", "MAIL FROM:<a@b.example> HOLDFOR=60 HOLDUNTIL=2030-01-02T03:04:05Z"},
	{"value-long", "greeted", "MAIL FROM:<a@b.example> ENVID=" + strings.Repeat("x", 101)},
	{"value-long", "mail", "RCPT TO:<a@b.example> ORCPT=rfc822;" + strings.Repeat("x", 500)},
	{"value-long", "greeted", "MAIL FROM:<a@b.example> SOLICIT=" + strings.Repeat("x", 1001)},
	{"line-long", "greeted", "VRFY " + strings.Repeat("x", 507) + " SMTPUTF8"},
	{"line-long", "greeted", "RCPT TO:<a@b.example> ORCPT=rfc822;" + strings.Repeat("x", 1010)},
	{"order-rcpt", "mail", "DATA"},
	{"order-transaction", "mail", "AUTH PLAIN"},
	{"not-offered", "greeted", "AUTH CRAM-MD5"},
	{"not-offered", "greeted", "MAIL FROM:<a@b.example> BODY=BINARYMIME"},
	{"size-over", "greeted", "MAIL FROM:<a@b.example> SIZE=20000"},
	{"rcpt-utf8", "mail", "RCPT TO:<ü@b.example>"},
}

// adviceElsewhere is policy, and tested in package shell.
var adviceElsewhere = []string{"secret-in-clear", "secret-unverified", "secret-guessable", "secret-for-anybody", "line-cut", "response-form"}

func TestEveryAdviceIsGiven(t *testing.T) {
	given := map[string]bool{}
	for _, id := range adviceElsewhere {
		given[id] = true
	}
	for _, row := range sessionAdvice() { // TestAdviceOfTheSession sees that it is
		given[row.id] = true
	}
	for _, row := range adviceRows {
		found := false
		for _, d := range at(t, row.state).Allows(Parse(row.line)) {
			given[d.ID] = true
			found = found || d.ID == row.id
		}
		if !found {
			t.Errorf("%s: %q does not get %s", row.state, row.line, row.id)
		}
	}
	for _, row := range fixRows(t) {
		for _, d := range judged(t, row.state, row.typed) {
			given[d.ID] = true
		}
	}
	data, err := os.ReadFile("testdata/mistakes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(data)) {
		f := strings.Split(row, "\t")
		if f[0] == "state" {
			continue
		}
		for _, d := range at(t, f[0]).Allows(Parse(f[1])) {
			given[d.ID] = true
		}
	}
	for _, a := range AdviceTable {
		if !given[a.ID] {
			t.Errorf("no test gives the advice %s", a.ID)
		}
	}
}

// sessionAdvice is advice that needs a session of its own.
func sessionAdvice() []struct{ id, dialogue, line string } {
	const greeted = "* opened\n< 220 mx\n> EHLO me\n< 250-mx|250 AUTH PLAIN\n"
	return []struct{ id, dialogue, line string }{
		{"order-banner", "* opened", "EHLO me"},
		{"ehlo-lmtp", "* opened-lmtp\n< 220 mx", "EHLO me"},
		{"ehlo-lmtp", "* opened-lmtp\n< 220 mx", "HELO me"},
		{"pipelining", greeted + "> NOOP", "NOOP"},
		{"tls-pending", greeted + "> NOOP", "STARTTLS"},
		{"pipelining-end", "* opened\n< 220 mx\n> EHLO me\n< 250-mx|250 PIPELINING\n> DATA", "NOOP"},
		{"data-after-bdat", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BDAT 3\n># abc\n< 250 ok", "DATA"},
		{"data-binary", greeted + "> MAIL FROM:<a@b> BODY=binarymime\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok", "DATA"},
		{"data-after-bdat", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BURL imap://h/x\n< 250 ok", "DATA"},
		{"rcpt-many", "* opened\n< 220 mx\n> EHLO me\n< 250-mx|250 LIMITS RCPTMAX=1\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n", "RCPT TO:<e@f>"},
		{"bdat-failed", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BDAT 3\n># abc\n< 552 full", "BDAT 5 LAST"},
		{"bdat-failed", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> BDAT 3\n># abc\n< 552 full", "DATA"},
		{"order-refused", "* opened\n< 554 go away", "EHLO me"},
		{"order-greet-again", greeted + "> STARTTLS\n< 220 go\n* secured", "MAIL FROM:<a@b>"},
		{"order-refused", "* opened\n< 554 go away", "MAIL FROM:<a@b>"},
		{"order-quit", greeted + "> QUIT\n< 221 bye", "NOOP"},
		{"auth-twice", greeted + "> AUTH PLAIN AGEAYg==\n< 235 ok", "AUTH PLAIN"},
		{"tls-twice", "* opened\n< 220 mx\n* secured\n> EHLO me\n< 250 mx", "STARTTLS"},
		{"helo-no-extensions", "* opened\n< 220 mx\n> HELO me\n< 250 mx", "MAIL FROM:<a@b.example> SIZE=1"},
		{"rcpt-many", greeted + "> MAIL FROM:<a@b>\n< 250 ok\n" + strings.Repeat("> RCPT TO:<c@d>\n< 250 ok\n", 100), "RCPT TO:<e@f>"},
	}
}

// TestRefusedGreeting has a server that refused by its greeting take EHLO all
// the same: it serves, also behind a handshake.
func TestRefusedGreeting(t *testing.T) {
	s := fold(t, "* opened\n< 554 go away\n> EHLO me\n< 250-mx|250 STARTTLS\n> STARTTLS\n< 220 go\n* secured")
	for _, line := range []string{"EHLO me", "MAIL FROM:<a@b>"} {
		for _, d := range s.Allows(Parse(line)) {
			if d.ID == "order-refused" {
				t.Errorf("%s: %s", line, d.Message)
			}
		}
	}
}

func TestAdviceOfTheSession(t *testing.T) {
	for _, row := range sessionAdvice() {
		found := false
		for _, d := range fold(t, row.dialogue).Allows(Parse(row.line)) {
			found = found || d.ID == row.id
		}
		if !found {
			t.Errorf("%q does not get %s", row.line, row.id)
		}
	}
}

// TestJudgeAllocates holds the judge to no allocation on a clean line beyond
// the parameters of the command itself.
func TestJudgeAllocates(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		Check(Parse("MAIL FROM:<someone@mail.example.org> SIZE=12345 BODY=8BITMIME"))
	})
	if allocs > 1 && !raceDetector { // which allocates itself
		t.Errorf("%v allocations", allocs)
	}
}

// BenchmarkJudgeHostileLine judges lines that were quadratic once. Octets a
// second are to be the same for both lengths.
func BenchmarkJudgeHostileLine(b *testing.B) {
	for _, row := range []struct{ name, head, again string }{
		{"marks", "VRFY ", `\"`}, {"words", "MAIL FROM:", `"a".`}, {"at and marks", "MAIL FROM:", `@\"`}, {"literals", "RCPT TO:", "@["},
		{"recipients", "RCPT TO:", "<a@b.example>,"}, {"parameters", "MAIL FROM:<a@b.example> ", "X=1 "}, {"scripts", "NOOP ", "“"},
	} {
		for _, size := range []int{16 << 10, 256 << 10} {
			line := row.head + strings.Repeat(row.again, size/len(row.again))
			b.Run(row.name+" "+strconv.Itoa(size>>10)+"K", func(b *testing.B) {
				b.SetBytes(int64(len(line)))
				for b.Loop() {
					Check(Parse(line))
					Credential(line)
				}
			})
		}
	}
}

func BenchmarkJudgeCleanLine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if len(Check(Parse("MAIL FROM:<someone@mail.example.org> SIZE=12345 BODY=8BITMIME"))) > 0 {
			b.Fatal("advice on a clean line")
		}
	}
}
