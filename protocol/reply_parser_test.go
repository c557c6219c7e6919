package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// feedAll takes a stream apart, given in the pieces that cut says, and returns
// every whole reply and the tail.
func feedAll(t testing.TB, stream []byte, cut func(left int) int) (replies []Reply, tail *Reply) {
	t.Helper()
	var p ReplyParser
	for len(stream) > 0 {
		n := min(max(cut(len(stream)), 1), len(stream))
		piece := bytes.Clone(stream[:n])
		stream = stream[n:]
		for rest := piece; len(rest) > 0; {
			more, r, ok := p.Feed(rest)
			if !ok {
				if len(more) != 0 {
					t.Fatalf("Feed left %q without a reply", more)
				}
				break
			}
			replies = append(replies, r)
			rest = more
		}
		for i := range piece {
			piece[i] = '#' // nothing may hold on to what was fed
		}
	}
	if r, ok := p.Tail(); ok {
		again, _ := p.Tail()
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("Tail changed the parser:\n%+v\n%+v", r, again)
		}
		tail = &r
	}
	return replies, tail
}

// feedEveryWay feeds a stream whole, octet by octet and at random splits, and
// insists on one result.
func feedEveryWay(t testing.TB, stream []byte, seed uint64) (replies []Reply, tail *Reply) {
	t.Helper()
	replies, tail = feedAll(t, stream, func(left int) int { return left })
	check := func(how string, r []Reply, end *Reply) {
		if !reflect.DeepEqual(r, replies) || !reflect.DeepEqual(end, tail) {
			t.Fatalf("%s: other replies for %.300q\n%.2000s\n%.2000s", how, stream, show(r, end), show(replies, tail))
		}
	}
	r, end := feedAll(t, stream, func(int) int { return 1 })
	check("octet by octet", r, end)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 3 {
		r, end = feedAll(t, stream, func(left int) int { return 1 + random.IntN(left) })
		check("at random splits", r, end)
	}
	return replies, tail
}

// show writes replies for a test: code, enhanced code, lines, anomalies.
func show(replies []Reply, tail *Reply) string {
	var b strings.Builder
	for _, r := range replies {
		fmt.Fprintf(&b, "%d [%v] %q %s\n", r.Code, r.Enhanced, r.Lines, ids(r.Anomalies))
	}
	if tail != nil {
		fmt.Fprintf(&b, "tail %d [%v] %q %s\n", tail.Code, tail.Enhanced, tail.Lines, ids(tail.Anomalies))
	}
	return b.String()
}

// ids writes anomalies as "id:line".
func ids(list []Anomaly) string {
	var words []string
	for _, a := range list {
		words = append(words, fmt.Sprintf("%s:%d", a.ID, a.Line))
	}
	return strings.Join(words, " ")
}

var replyTests = []struct {
	name, in, want string
	formed         bool // each whole reply is well-formed
}{
	{"one line", "250 OK\r\n", `250 [] ["OK"] `, true},
	{"enhanced", "250 2.1.0 Ok\r\n", `250 [2.1.0] ["2.1.0 Ok"] `, true},
	{"enhanced alone", "550 5.1.1\r\n", `550 [5.1.1] ["5.1.1"] `, true},
	{"many lines", "250-mx\r\n250-SIZE 10\r\n250 HELP\r\n", `250 [] ["mx" "SIZE 10" "HELP"] `, true},
	{"last line bare", "250-mx\r\n250\r\n", `250 [] ["mx" ""] `, true},
	{"empty continuation", "214-\r\n214 done\r\n", `214 [] ["" "done"] `, true},
	{"bare code", "250\r\n", `250 [] [""] no-text:1`, true},
	{"bare code and space", "250 \r\n", `250 [] [""] no-text:1`, true},
	{"empty challenge", "334 \r\n", `334 [] [""] no-text:1`, true},
	{"lines without text", "250-\r\n250\n", `250 [] ["" ""] no-text:1 bare-lf:2`, false},
	{"tab in text", "214 \tHELO\r\n", `214 [] ["\tHELO"] `, true},
	{"two replies", "250 a\r\n550 b\r\n", "250 [] [\"a\"] \n550 [] [\"b\"] ", true},
	{"multi-line refusal", "550-5.7.1 no\r\n550 5.7.1 never\r\n", `550 [5.7.1] ["5.7.1 no" "5.7.1 never"] `, true},
	{"enhanced on the second line", "550-no\r\n550 5.7.1 never\r\n", `550 [5.7.1] ["no" "5.7.1 never"] `, true},
	{"enhanced in a 354", "354 2.0.0 go\r\n", `354 [2.0.0] ["2.0.0 go"] enhanced-class:1`, true},
	{"enhanced of another class in a code out of range", "650 5.1.1 no\r\n", `650 [5.1.1] ["5.1.1 no"] code-range:1 enhanced-class:1`, false},
	{"enhanced without a code", "5.1.1 no\r\n", `0 [] ["5.1.1 no"] no-code:1`, false},
	{"no enhanced in a number", "250 2.1 ok\r\n250 2.0.0ok\r\n250 2.01.0 ok\r\n250 3.0.0 ok\r\n250 2.1.1000 ok\r\n",
		"250 [] [\"2.1 ok\"] \n250 [] [\"2.0.0ok\"] \n250 [] [\"2.01.0 ok\"] \n250 [] [\"3.0.0 ok\"] \n250 [] [\"2.1.1000 ok\"] ", true},
	{"long line", "250 " + strings.Repeat("x", 507) + "\r\n", `250 [] ["` + strings.Repeat("x", 507) + `"] line-long:1`, true},
	{"line at the limit", "250 " + strings.Repeat("x", 506) + "\r\n", `250 [] ["` + strings.Repeat("x", 506) + `"] `, true},
	{"enhanced class", "250 5.1.0 ok\r\n", `250 [5.1.0] ["5.1.0 ok"] enhanced-class:1`, true},
	{"enhanced differs", "550-5.1.1 a\r\n550 5.7.1 b\r\n", `550 [5.1.1] ["5.1.1 a" "5.7.1 b"] enhanced-differs:2`, true},
	{"order of the lines", "550-4.1.1 a\n550 5.7.1 b\n",
		`550 [4.1.1] ["4.1.1 a" "5.7.1 b"] bare-lf:1 enhanced-class:1 bare-lf:2 enhanced-differs:2`, false},

	{"codes differ", "250-a\r\n550 b\r\n250 c\r\n", "550 [] [\"a\" \"b\"] code-differs:2\n250 [] [\"c\"] ", false},
	{"code out of range", "199 a\r\n", `199 [] ["a"] code-range:1`, false},
	{"second digit out of range", "260 a\r\n", `260 [] ["a"] code-range:1`, false},
	{"code zero", "000 a\r\n", `0 [] ["a"] code-range:1`, false},
	{"no separator", "250OK\r\n", `250 [] ["OK"] separator:1`, false},
	{"wrong separator", "250_OK\r\n", `250 [] ["_OK"] separator:1`, false},
	{"tab as separator", "250\tOK\r\n", `250 [] ["OK"] separator:1`, false},
	{"bare LF", "250-a\n250 b\n", `250 [] ["a" "b"] bare-lf:1 bare-lf:2`, false},
	{"bare CR", "250 a\rb\r\n", `250 [] ["a\rb"] bare-cr:1`, false},
	{"two CR", "250 a\r\r\n", `250 [] ["a\r"] bare-cr:1`, false},
	{"NUL", "250 a\x00b\r\n", `250 [] ["a\x00b"] nul:1`, false},
	{"escape", "250 \x1b[2Jb\r\n", `250 [] ["\x1b[2Jb"] control:1`, false},
	{"DEL", "250 \x7f\r\n", `250 [] ["\x7f"] control:1`, false},
	{"C1 in UTF-8", "250 \u009b2J\r\n", `250 [] ["\u009b2J"] control:1 text-8bit:1`, false},
	{"C1 as an octet", "250 \x9b2J\r\n", `250 [] ["\x9b2J"] control:1 text-not-utf8:1`, false},
	{"UTF-8", "214 mañana\r\n", `214 [] ["mañana"] text-8bit:1`, false},
	{"Latin-1", "214 ma\xf1ana\r\n", `214 [] ["ma\xf1ana"] text-not-utf8:1`, false},
	{"garbage alone", "hello\r\n250 ok\r\n", "0 [] [\"hello\"] no-code:1\n250 [] [\"ok\"] ", false},
	{"empty line", "\r\n", `0 [] [""] no-code:1`, false},
	{"garbage within", "250-a\r\nhello\r\n250 ok\r\n", `250 [] ["a" "hello" "ok"] no-code:2`, false},
	{"four digits", "2500 bytes\r\n12345 x\r\n", "250 [] [\"0 bytes\"] separator:1\n123 [] [\"45 x\"] separator:1 code-range:1", false},
	{"two digits", "25 ok\r\n", `0 [] ["25 ok"] no-code:1`, false},

	{"tail of a line", "250-a\r\n25", `tail 250 [] ["a" "25"] incomplete:2`, true},
	{"tail of no code", "250-a\r\n2x", `tail 250 [] ["a" "2x"] no-code:2 incomplete:2`, true},
	{"tail of a short code", "25\r", `tail 0 [] ["25"] incomplete:1`, true},
	{"tail within a rune", "214 ma\xc3", `tail 214 [] ["ma\xc3"] text-8bit:1 incomplete:1`, true},
	{"tail of no UTF-8", "214 ma\xf1ana", `tail 214 [] ["ma\xf1ana"] text-not-utf8:1 incomplete:1`, true},
	{"tail between lines", "250-a\r\n", `tail 250 [] ["a"] incomplete:1`, true},
	{"tail before the LF", "451 4.3.0 sorry\r", `tail 451 [4.3.0] ["4.3.0 sorry"] incomplete:1`, true},
	{"tail of a code", "451", `tail 451 [] [""] incomplete:1 no-text:1`, true},
	{"nothing", "", ``, true},
}

func TestReplyParser(t *testing.T) {
	for _, tt := range replyTests {
		t.Run(tt.name, func(t *testing.T) {
			replies, tail := feedEveryWay(t, []byte(tt.in), 7)
			if got := strings.TrimSuffix(show(replies, tail), "\n"); got != tt.want {
				t.Errorf("%q\n got %s\nwant %s", tt.in, got, tt.want)
			}
			formed := true
			var raw []byte
			for _, r := range replies {
				raw = append(raw, r.Raw...)
				formed = formed && r.WellFormed()
			}
			if tail != nil {
				raw = append(raw, tail.Raw...)
				if tail.WellFormed() {
					t.Error("an unfinished reply is not well-formed")
				}
			}
			if string(raw) != tt.in {
				t.Errorf("octets lost: %q from %q", raw, tt.in)
			}
			if len(replies) > 0 && formed != tt.formed {
				t.Errorf("WellFormed = %v, want %v", formed, tt.formed)
			}
		})
	}
}

func TestReplyLimits(t *testing.T) {
	long := "250 " + strings.Repeat("é", MaxReplyLine) + "\r\n250 ok\r\n"
	replies, _ := feedAll(t, []byte(long), func(left int) int { return 997 })
	if r := replies[0]; len(r.Raw) != MaxReplyLine+2 || ids(r.Anomalies) != "text-8bit:1 line-cut:1 line-long:1" ||
		len(r.Raw)+r.Dropped != len(long)-len("250 ok\r\n") || r.WellFormed() {
		t.Errorf("long line: %d kept, %d dropped, %s", len(r.Raw), r.Dropped, ids(r.Anomalies))
	}
	if got := show(replies[1:], nil); got != "250 [] [\"ok\"] \n" {
		t.Errorf("behind a long line: %s", got)
	}
	fits := "250 " + strings.Repeat("x", MaxReplyLine-4) + "\r\n"
	if replies, _ = feedAll(t, []byte(fits), func(int) int { return 1 }); replies[0].Dropped != 0 || ids(replies[0].Anomalies) != "line-long:1" {
		t.Errorf("line at the limit: %d dropped, %s", replies[0].Dropped, ids(replies[0].Anomalies))
	}
}

// TestReplyEndless feeds replies that never end, or end far past the limits.
func TestReplyEndless(t *testing.T) {
	for _, line := range []string{"250-\r\n", "x\n", "250-" + strings.Repeat("y", 9000) + "\r\n", "999-\x00\x1b\xff\n"} {
		stream := []byte("250-first\r\n" + strings.Repeat(line, 3<<20/len(line)))
		stream = append(stream, "421 bye\r\n220 next\r\n"...)
		replies, tail := feedAll(t, stream, func(int) int { return 40_000 })
		if len(replies) != 2 || tail != nil {
			t.Fatalf("%.10q: %d replies", line, len(replies))
		}
		r := replies[0]
		if r.Code != 421 || len(r.Raw) > MaxReply || len(r.Lines) > MaxReplyLines || len(r.Anomalies) > maxSame*len(Anomalies) {
			t.Errorf("%.10q: code %d, %d octets, %d lines, %d anomalies", line, r.Code, len(r.Raw), len(r.Lines), len(r.Anomalies))
		}
		if got := len(r.Raw) + r.Dropped + len("220 next\r\n"); got != len(stream) {
			t.Errorf("%.10q: %d octets accounted for, of %d", line, got, len(stream))
		}
		if !slices.ContainsFunc(r.Anomalies, func(a Anomaly) bool { return a.ID == "reply-cut" }) {
			t.Errorf("%.10q: no reply-cut: %s", line, ids(r.Anomalies))
		}
	}
}

func TestOddities(t *testing.T) {
	replies, _ := feedEveryWay(t, []byte("250-!\r\n250-X_Y\n250-Z\n250 A=\r\n"), 3)
	if got, want := ids(replies[0].Oddities("EHLO")), "ehlo-domain:1 bare-lf:2 ehlo-keyword:2 bare-lf:3 ehlo-keyword:4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOdd(t *testing.T) {
	for _, tt := range []struct{ after, in, want string }{
		{"greeting", "220 mx\r\n", ""},
		{"greeting", "421 later\r\n", ""},
		{"greeting", "521 no mail here\r\n", ""},
		{"greeting", "554 go away\r\n", ""},
		{"greeting", "250 mx\r\n", "greeting-code:1"},
		{"Greeting", "SSH-2.0-x\r\n", "greeting-code:1"},
		{"EHLO", "250-mx hello\r\n250-SIZE 10\r\n250 AUTH PLAIN LOGIN\r\n", ""},
		{"ehlo", "250-mx\r\n250-SIZE\r\n250-size 5\r\n250-AUTH PLAIN\r\n250-AUTH=PLAIN\r\n250-8BITMIME\r\n250-X_Y\r\n250-A  B\r\n250 \r\n",
			"ehlo-duplicate:3 ehlo-auth-equals:5 ehlo-keyword:7 ehlo-keyword:8 ehlo-keyword:9"},
		{"EHLO", "250 hello!\r\n", "ehlo-domain:1"},
		{"EHLO", "250-\r\n250 SIZE\r\n", "ehlo-domain:1"},
		{"LHLO", "250-[192.0.2.1] hi\r\n250 SIZE\r\n", ""},
		{"unasked", "421 bye\r\n", "unasked:1"},
		{"MAIL", "354 go\r\n", "out-of-step:1"},
		{"rcpt", "221 bye\r\n", "out-of-step:1"},
		{"message", "354 go\r\n", "out-of-step:1"},
		{"message", "250 queued\r\n", ""},
		{"EHLO", "220 mx\r\n", "out-of-step:1"},
		{"MAIL", "334 \r\n", "out-of-step:1"},
		{"NOOP", "235 in\r\n", "out-of-step:1"},
		{"DATA", "250 ok\r\n", "out-of-step:1"},
		{"STARTTLS", "250 ok\r\n", "out-of-step:1"},
		{"QUIT", "250 ok\r\n", "out-of-step:1"},
		{"AUTH", "354 go\r\n", "out-of-step:1"},
		{"AUTH", "334 \r\n", ""},
		{"DATA", "354 go\r\n", ""},
		{"DATA", "503 no\r\n", ""},
		{"STARTTLS", "220 go\r\n", ""},
		{"xclient", "220 mx\r\n", ""},
		{"QUIT", "221 bye\r\n", ""},
		{"MAIL", "421 bye\r\n", ""},
		{"X-EXPS", "334 go\r\n", ""},
		{"EHLO", "550 no\r\n", ""},
		{"MAIL", "250 AUTH=x\r\n", ""},
	} {
		replies, _ := feedEveryWay(t, []byte(tt.in), 3)
		if got := ids(replies[0].Odd(tt.after)); got != tt.want {
			t.Errorf("Odd(%s) of %q = %q, want %q", tt.after, tt.in, got, tt.want)
		}
	}
}

// TestReplyMeasured reads what real servers answered.
func TestReplyMeasured(t *testing.T) {
	for _, tt := range []struct{ server, in, want string }{
		{"Postfix 3.7", "250-mx.example.test\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256\r\n250 CHUNKING\r\n",
			`250 [] ["mx.example.test" "PIPELINING" "SIZE 104857600" "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256" "CHUNKING"] `},
		{"Postfix 3.7", "221 2.7.0 Error: I can break rules, too. Goodbye.\r\n", `221 [2.7.0] ["2.7.0 Error: I can break rules, too. Goodbye."] `},
		{"Exim 4.96", "250- 0 byte chunk, total 2\r\n250 OK id=1xVFex-00075J-1K\r\n", `250 [] [" 0 byte chunk, total 2" "OK id=1xVFex-00075J-1K"] `},
		{"Sendmail 8.17", "214-2.0.0 Topics:\r\n214-2.0.0 \tHELO\tEHLO\r\n214 2.0.0 End of HELP info\r\n",
			`214 [2.0.0] ["2.0.0 Topics:" "2.0.0 \tHELO\tEHLO" "2.0.0 End of HELP info"] `},
		{"chasquid 1.11", "214 2.0.0 Hoy por ti, mañana por mi\r\n", `214 [2.0.0] ["2.0.0 Hoy por ti, mañana por mi"] text-8bit:1`},
		{"OpenSMTPD 7.4", "554 5.5.0 SMTP protocol error\r\n550 5.0.0 Command rejected\r\n",
			"554 [5.5.0] [\"5.5.0 SMTP protocol error\"] \n550 [5.0.0] [\"5.0.0 Command rejected\"] "},
		{"mox 0.0", "451", `tail 451 [] [""] incomplete:1 no-text:1`},
	} {
		if got := strings.TrimSuffix(show(feedEveryWay(t, []byte(tt.in), 5)), "\n"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.server, got, tt.want)
		}
	}
}

// TestAnomaliesSeen insists that every row of the table is met by some test.
func TestAnomaliesSeen(t *testing.T) {
	tests := fmt.Sprint(replyTests) + "unasked greeting-code out-of-step ehlo-domain ehlo-keyword ehlo-duplicate ehlo-auth-equals line-cut reply-cut"
	for _, row := range Anomalies {
		if !strings.Contains(tests, row.ID) {
			t.Errorf("%s: no test meets it", row.ID)
		}
		if row.Message == "" || strings.HasSuffix(row.Message, ".") || row.Ref.RFC == 0 || !strings.HasSuffix(row.Explain, ".") {
			t.Errorf("%s: wants a sentence without a final stop, a reference and an explanation", row.ID)
		}
	}
}

func TestCutEnhanced(t *testing.T) {
	for in, want := range map[string]string{
		"5.1.1 no": "5.1.1|no", "5.1.1": "5.1.1|", "4.7.12  x": "4.7.12| x", "2.0.0": "2.0.0|", "5.7.999 x": "5.7.999|x",
		"": "", "5": "", "5.": "", "5.1": "", "5.1.": "", "5.1. x": "", "5..1 x": "", "1.1.1 x": "", "5.1.1x": "", "5.1.1.1 x": "", "5.01.1 x": "", "5.1.1\t": "",
	} {
		e, rest, ok := CutEnhanced(in)
		if got := e.String() + "|" + rest; ok != (want != "") || ok && got != want || !ok && rest != in {
			t.Errorf("CutEnhanced(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, tt := range replyTests {
		f.Add([]byte(tt.in), uint64(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		replies, tail := feedEveryWay(t, stream, seed)
		total := 0
		if tail != nil {
			replies = append(replies, *tail)
		}
		for _, r := range replies {
			total += len(r.Raw) + r.Dropped
			if len(r.Raw) > MaxReply || len(r.Lines) > MaxReplyLines || len(r.Lines) == 0 {
				t.Fatalf("out of bounds: %d octets, %d lines", len(r.Raw), len(r.Lines))
			}
			for _, a := range append(r.Odd("greeting"), r.Oddities("EHLO")...) {
				if FindAnomaly(a.ID) == nil || a.Line < 1 {
					t.Fatalf("anomaly %+v", a)
				}
			}
		}
		if total != len(stream) {
			t.Fatalf("%d octets accounted for, of %d", total, len(stream))
		}
	})
}

// longEHLO is a reply of a hundred lines.
func longEHLO() []byte {
	var stream []byte
	for i := range 99 {
		stream = fmt.Appendf(stream, "250-X-EXTENSION-%d WITH SOME VALUES\r\n", i)
	}
	return append(stream, "250 SMTPUTF8\r\n"...)
}

// TestReplyAllocs holds a reply to what it hands out: Raw, the text, Lines.
func TestReplyAllocs(t *testing.T) {
	stream := longEHLO()
	var p ReplyParser
	if n := testing.AllocsPerRun(50, func() { p.Feed(stream) }); n > 3 {
		t.Errorf("%v allocations for a reply", n)
	}
}

func BenchmarkReplyEHLO(b *testing.B) {
	stream := longEHLO()
	var p ReplyParser
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := p.Feed(stream); !ok {
			b.Fatal("no reply")
		}
	}
}

func BenchmarkReplyShort(b *testing.B) {
	stream := []byte("250 2.1.0 Ok\r\n")
	var p ReplyParser
	b.ReportAllocs()
	for b.Loop() {
		p.Feed(stream)
	}
}
