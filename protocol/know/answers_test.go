package know

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// measured is the file of measurements that answers.tsv is made from: server,
// state, command and reply, one a line. Without it the table is only checked.
//
//	go test ./protocol/know -run TestAnswersTable -measured server-answers.tsv
var measured = flag.String("measured", "", "make answers.tsv anew from these `measurements`")

// states gives the names of the measurements in the words of Answers.
var states = map[string]string{"banner": "connected", "ehlo": "greeted", "mail": "mail", "rcpt": "rcpt"}

// lineReply matches a reply of one command: code, enhanced code, whole lines.
var lineReply = regexp.MustCompile(`^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3}) )?.*\\r\\n(?:<closed>)*$`)

// unlike are measured commands that ask about a recipient, or about a login,
// and so tell nothing about the form of a line; and those that are no one line
// but a description, a pair of answers, or escaped octets.
var unlike = regexp.MustCompile(`\\|nosuch|rcptto550|other\.test|root|ALICE@|alice%|\+tag|Postmaster@| / |^<|<[A-Za-z] x [0-9]|in one (write|session)`)

// plain makes plain mailboxes of those that a measurement had to use.
var plain = strings.NewReplacer("mox@localhost", "a@b.test", "other@localhost", "a@b.test", "user@x", "a@b.test")

// reduce makes the table from measurements.
func reduce(tsv string) string {
	var servers []string
	cells := make(map[answerKey]map[string]string)
	for line := range strings.Lines(tsv) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != 4 || states[row[1]] == "" || unlike.MatchString(row[2]) {
			continue
		}
		shape, ok := shapeOf(plain.Replace(row[2]))
		if !ok {
			continue
		}
		if !slices.Contains(servers, row[0]) {
			servers = append(servers, row[0])
		}
		cell := "-"
		if m := lineReply.FindStringSubmatch(row[3]); m != nil {
			cell = strings.TrimSuffix(m[1]+" "+m[2], " ")
		}
		key := answerKey{states[row[1]], shape}
		if cells[key] == nil {
			cells[key] = make(map[string]string)
		}
		if have, twice := cells[key][row[0]]; twice && have != cell {
			cell = "-" // two lines of one shape and two answers: the shape does not decide
		}
		cells[key][row[0]] = cell
	}
	slices.Sort(servers)
	var b strings.Builder
	fmt.Fprintf(&b, "state\tline\t%s\n", strings.Join(servers, "\t"))
	keys := slices.SortedFunc(maps.Keys(cells), func(a, b answerKey) int {
		return strings.Compare(a.state+"\t"+a.shape, b.state+"\t"+b.shape)
	})
	for _, key := range keys {
		fmt.Fprintf(&b, "%s\t%s", key.state, key.shape)
		for _, server := range servers {
			if cells[key][server] == "" {
				cells[key][server] = "-"
			}
			b.WriteString("\t" + cells[key][server])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestAnswersTable(t *testing.T) {
	if *measured != "" {
		tsv, err := os.ReadFile(*measured)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("answers.tsv", []byte(reduce(string(tsv))), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(answersTSV) > 60_000 {
		t.Errorf("the table has %d octets", len(answersTSV))
	}
	n := strings.Count(strings.SplitN(answersTSV, "\n", 2)[0], "\t") + 1
	seen := make(map[string]bool)
	for row := range rows(answersTSV) {
		if len(row) != n || !slices.Contains([]string{"connected", "greeted", "mail", "rcpt"}, row[0]) {
			t.Fatalf("row %q", row)
		}
		example := strings.NewReplacer("addr", "a@b.test", "local", "user", "name", "client.test", "arg", "x").Replace(row[1])
		if shape, ok := shapeOf(example); !ok || shape != row[1] {
			t.Errorf("%q is not a shape: %q", row[1], shape)
		}
		if key := row[0] + " " + row[1]; seen[key] {
			t.Errorf("%s stands twice", key)
		} else {
			seen[key] = true
		}
		for _, cell := range row[2:] {
			if cell != "" && !regexp.MustCompile(`^\d{3}( [245]\.\d+\.\d+)?$`).MatchString(cell) {
				t.Errorf("%q: cell %q", row[1], cell)
			}
		}
	}
}

func TestReduce(t *testing.T) {
	got := reduce("server\tstate\tcommand\treply\n" +
		"B 1\tehlo\tMAIL FROM:<a@b.test>\t250 2.1.0 Ok\\r\\n\n" +
		"A 1\tehlo\tmail from:<mox@localhost>\t550 no\\r\\n<closed>\n" +
		"A 1\tehlo\tNOOP <x x 600>\t250 ok\\r\\n\n" +
		"A 1\tmail\tRCPT TO:<nosuch@example.test>\t550 no\\r\\n\n" +
		"A 1\tmail\tdata foo\t451<timeout>\n" +
		"B 1\tmail\tDATA x\t354-a\\r\\n354 b\\r\\n\n" +
		"B 1\tmail\tDATA y\t501 b\\r\\n\n")
	want := "state\tline\tA 1\tB 1\ngreeted\tMAIL FROM:<addr>\t550\t250 2.1.0\nmail\tDATA arg\t-\t-\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestShapeOf(t *testing.T) {
	for line, want := range map[string]string{
		"mail from joe@example.org": "MAIL FROM addr", "Mail From:<joe.b@Example.Org>": "MAIL FROM:<addr>", "mail  from:<a@b.test>": "MAIL  FROM:<addr>",
		"MAIL FROM: <a@b.test> ": "MAIL FROM: <addr> ", "MAIL FROM:<a@b.test> size=1000": "MAIL FROM:<addr> SIZE=1000", "MAIL FROM:<>": "MAIL FROM:<>",
		"mail from:user": "MAIL FROM:local", "MAIL FROM:<joe@example..org>": "MAIL FROM:<A@B..C>", "RCPT TO:<Postmaster>": "RCPT TO:<POSTMASTER>",
		"mail from:<a@@b.test>": "MAIL FROM:<A@@B.C>", "mail from:<a@-b.test>": "MAIL FROM:<A@-B.C>", "mail from:<a_b@c>": "MAIL FROM:<A_B@C>",
		"MAIL FROM:Joe <a@b.test>": "MAIL FROM:local <addr>", "MAIL FROM:<a b@c.test>": "MAIL FROM:<local addr>", "RCPT TO:<a@b.test>,<c@b.test>": "RCPT TO:<addr>,<addr>",
		"helo client.example": "HELO name", "HELO under_score": "HELO UNDER_SCORE", "helo": "HELO", "EHLO a.b c": "EHLO A.B C", "EHLO x ": "EHLO X ",
		"quit now please": "QUIT arg", "quit": "QUIT", "QUIT ": "QUIT ", "noop": "NOOP", "auth plain": "AUTH PLAIN", "AUTH PLAIN AGEAYg==": "",
		"": "", "  ": "", "  noop": "  NOOP", "mail from:<\"a b\"@c.test>": "", "noop\x00": "", "foo é": "", "x" + strings.Repeat("y", 100): "",
	} {
		if got, ok := shapeOf(line); got != want || ok != (want != "") {
			t.Errorf("shapeOf(%q) = %q, %v, want %q", line, got, ok, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct{ state, line, want string }{
		{"greeted", "mail from joe@example.org", "Postfix 3.7 answered 501 5.5.4"},
		{"greeted", "MAIL FROM: <joe@example.org>", "Postfix 3.7"},
		{"greeted", "mail from:joe@example.org", "took it"},
		{"connected", "helo me.example.org", "took it"},
		{"mail", "rcpt to:<b@example.org>", "took it"},
		{"greeted", "mail:<joe@example.org>", "Postfix 3.7 answered 221 2.7.0"},
		{"mail", "rcpt to:<joe>", "Exim 4.96"},
	} {
		answers := Answers(tt.state, tt.line)
		if s := Sentence(answers); len(answers) < 9 || !strings.Contains(s, tt.want) || strings.Contains(s, "smtp-sink") || strings.Contains(s, "mailpit") {
			t.Errorf("%s %q: %d answers, %s", tt.state, tt.line, len(answers), s)
		}
	}
	if Answers("greeted", "NEVER measured") != nil || Answers("nowhere", "noop") != nil || Sentence(nil) != "" {
		t.Error("answers from nowhere")
	}
}

func TestSentence(t *testing.T) {
	got := Sentence([]Answer{{Server: "Postfix 3.7.11", Code: 501}, {Server: "A 1.2", Code: 250, Accepted: true}, {Server: "B", Code: 250, Accepted: true},
		{Server: "C 1.0.0.1", Code: 501}, {Server: "mailpit", Code: 250, Accepted: true, Test: true}, {Server: "D 2", Code: 354, Accepted: true}})
	if want := "A 1.2, B and D 2 took it; Postfix 3.7 and C 1.0 answered 501"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
