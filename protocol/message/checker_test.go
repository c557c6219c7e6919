package message

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smtpsh/protocol"
)

const plainHead = "From: joe@example.org\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: a test\r\n"

// plain is a message of which there is nothing to say.
const plain = plainHead + "\r\nThis is a test.\r\n"

// short writes findings as the tables of the tests have them: ID, line and
// count.
func short(found []Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s %d %d", f.ID, f.Line, f.Count))
	}
	return strings.Join(all, ", ")
}

func check(message string, t Terms) []Finding {
	var c Checker
	c.Write([]byte(message))
	return c.Findings(t)
}

// checkRows are messages and what is found in them.
var checkRows = []struct {
	name    string
	message string
	terms   Terms
	want    string
}{
	{"plain", plain, Terms{}, ""},
	{"last line without its end", plainHead + "\r\nthe end", Terms{}, ""},
	{"names in any case, folded", "FROM:\r\n joe@example.org\r\ndate : Mon, 1 Jan 2024\r\n 00:00 +0000\r\n\r\n", Terms{}, ""},

	{"empty", "", Terms{}, "no-header 0 1"},
	{"text alone", "this is a test\r\nsecond\r\n", Terms{}, "no-header 1 1"},
	{"empty line first", "\r\nthis is a test\r\n", Terms{}, "no-header 1 1"},
	{"a blank before the first field", " From: joe@example.org\r\n\r\n", Terms{}, "no-header 1 1"},
	{"words before a colon", "Dear Bob: hello\r\n\r\n", Terms{}, "no-header 1 1"},
	{"one octet", "x", Terms{}, "no-header 1 1"},
	{"a CR alone", "\r", Terms{}, "no-header 1 1, content-bare-cr 1 1"},
	{"mbox", "From joe@example.org Mon Jan  1 00:00:00 2024\r\n" + plain, Terms{}, "mbox-from 1 1"},
	{"mbox later", plainHead + "From joe\r\n\r\n", Terms{}, "header-broken 4 1"},
	{"mbox alone", "From joe", Terms{}, "no-header 0 1, mbox-from 1 1"},
	{"not separated", plainHead + "This is a test.\r\nTo: nobody\r\n", Terms{}, "header-broken 4 1"},
	{"no body", plainHead, Terms{}, "header-only 0 1"},
	{"no body, and the last field cut off", strings.TrimSuffix(plainHead, "\r\n"), Terms{}, "header-only 0 1"},
	{"no empty line but blanks", plainHead + "  \r\nThis is a test.\r\n", Terms{}, "header-broken 5 1"},

	{"no From", "Date: x\r\n\r\n", Terms{}, "from-missing 0 1"},
	{"empty From", "Date: x\r\nFrom: \r\n\t\r\nTo: x\r\n\r\n", Terms{}, "from-missing 0 1"},
	{"no Date", "From: x\r\n\r\nDate: x\r\n", Terms{}, "date-missing 0 1"},
	{"repeated", plainHead + "Subject: b\r\nFROM: x\r\nfrom: y\r\nX: 1\r\nX: 2\r\n\r\nFrom: z\r\n", Terms{}, "field-repeated 4 3"},
	{"repeated, far down", plainHead + strings.Repeat("Received: x\r\n", 1000) + "Message-ID: <a>\r\nmessage-id: <b>\r\n\r\n", Terms{}, "field-repeated 1005 1"},
	{"Bcc", plainHead + "Bcc: a@b\r\nResent-Bcc: c@d,\r\n e@f\r\n\r\nBcc: no\r\n", Terms{}, "bcc-leak 4 2"},
	{"Bcc folded at once", plainHead + "bcc :\r\n\ta@b\r\n\r\n", Terms{}, "bcc-leak 4 1"},
	{"Bcc with nobody", plainHead + "Bcc: \r\n \r\n\r\n", Terms{}, ""},

	{"8-bit header", "From: Jürgen <j@example.org>\r\nDate: ü\r\n\r\n", Terms{EightBit: true}, "header-8bit 1 2"},
	{"8-bit header, SMTPUTF8", "From: Jürgen <j@example.org>\r\nDate: ü\r\n\r\n", Terms{UTF8: true}, ""},
	{"Latin-1 header, SMTPUTF8", "From: J\xfcrgen <j@example.org>\r\nDate: ü\r\n\r\n\xfc", Terms{UTF8: true, EightBit: true}, "header-not-utf8 1 1"},
	{"a character behind the limit of a line", "From: x\r\nDate: " + strings.Repeat("x", 991) + "ü\r\n\r\n", Terms{UTF8: true}, "content-long-line 2 1"},
	{"8-bit body", plain + "ü\r\n\r\nä ö\r\n", Terms{UTF8: true}, "content-8bit 6 2"},
	{"8-bit body, 8BITMIME", plain + "ü\r\n\r\nä ö\r\n", Terms{EightBit: true}, ""},
	{"8-bit text without header", "ü\r\n", Terms{}, "no-header 1 1, content-8bit 1 1"},

	{"NUL", plainHead + "X: \x00\r\n\r\n\x00\r\na\x00\x00", Terms{}, "content-nul 4 3"},
	{"bare CR", plainHead + "\r\na\rb\r\n\r\r\nc\r", Terms{}, "content-bare-cr 5 3"},
	{"bare LF", "From: x\nDate: x\n\ntext\r\ntext\n", Terms{}, "content-bare-lf 1 4"},
	{"bare LF that is mended", "From: x\nDate: x\n\ntext\r\n.\n", Terms{Mended: true, Limit: 25}, "content-over-limit 0 1"},
	{"LF and CR", plainHead + "\r\na\n\rb\r\n", Terms{}, "content-bare-cr 6 1, content-bare-lf 5 1"},
	{"lines of 998 octets", plain + strings.Repeat("x", 998) + "\r\n" + strings.Repeat("x", 998), Terms{}, ""},
	{"lines of 999 octets", plain + strings.Repeat("x", 999) + "\r\n\r\n" + strings.Repeat("x", 999), Terms{}, "content-long-line 6 2"},
	{"a line in the header", "X-Long: " + strings.Repeat("x", 2000) + "\r\n" + plain, Terms{}, "content-long-line 1 1"},
	{"dots", plainHead + "\r\n.\r\n..\r\n .\r\n.x\r\n.\n.", Terms{}, "content-bare-lf 9 1, content-dot 5 3"},
	{"dot, BDAT", plainHead + "\r\n.\r\n", Terms{Chunked: true}, ""},
	{"dot at the end of the header", plainHead + ".\r\n", Terms{}, "header-broken 4 1, content-dot 4 1"},
	{"dot and CR", plainHead + "\r\n.\r\r\n\r.\r\n", Terms{}, "content-bare-cr 5 2"},

	{"octets of any kind, BINARYMIME", plainHead + "\r\n\x00\xff\r\n\r.\n" + strings.Repeat("x", 1000), Terms{Binary: true}, ""},
	{"a header, BINARYMIME", plainHead + "A: \xfc\nB: \x00\r\n\r\n\n", Terms{Binary: true}, "header-8bit 4 1, content-nul 5 1, content-bare-lf 4 1"},

	{"at the limit", plain, Terms{Limit: uint64(len(plain))}, ""},
	{"over the limit", plain, Terms{Limit: uint64(len(plain)) - 1}, "content-over-limit 0 1"},
	{"a tenth over what was declared", strings.Repeat("x", 110), Terms{Declared: 100}, "no-header 1 1"},
	{"more than that", strings.Repeat("x", 111), Terms{Declared: 100}, "no-header 1 1, content-over-declared 0 1"},
	{"under what was declared", plain, Terms{Declared: 1 << 30}, ""},
}

func TestChecker(t *testing.T) {
	for _, row := range checkRows {
		once := check(row.message, row.terms)
		if got := short(once); got != row.want {
			t.Errorf("%s: found %q, want %q", row.name, got, row.want)
		}
		var c Checker
		for i := range len(row.message) {
			c.Write([]byte(row.message[i : i+1]))
			c.Findings(row.terms) // looking changes nothing
		}
		if got := c.Findings(row.terms); !slices.Equal(got, once) {
			t.Errorf("%s, an octet at a time: found %q, want %q", row.name, short(got), row.want)
		}
	}
}

func TestEveryRuleIsFound(t *testing.T) {
	found := map[string]Finding{}
	for _, row := range checkRows {
		for _, f := range check(row.message, row.terms) {
			found[f.ID] = f
		}
	}
	seen := map[string]bool{}
	for _, r := range RuleTable {
		f, ok := found[r.ID]
		if !ok {
			t.Errorf("no test finds %s", r.ID)
		} else if f.Message == "" || strings.Contains(f.Message, "%") || f.Ref != r.Ref {
			t.Errorf("%s is found as %+v", r.ID, f)
		}
		if seen[r.ID] || r.Message == "" || r.Explain == "" || r.Ref.RFC == 0 || r.Ref.Section == "" {
			t.Errorf("%s stands twice or is not whole", r.ID)
		}
		if protocol.FindAdvice(r.ID) != nil || protocol.FindAnomaly(r.ID) != nil {
			t.Errorf("%s is advice on commands or an anomaly of replies too", r.ID)
		}
		if FindRule(r.ID).ID != r.ID {
			t.Errorf("%s is not found by its ID", r.ID)
		}
		seen[r.ID] = true
	}
	if FindRule("nothing") != nil {
		t.Error("a rule is found that is not there")
	}
}

func TestFindingMessages(t *testing.T) {
	tests := []struct {
		message string
		terms   Terms
		want    string
	}{
		{plainHead + "To: a\r\nSubject: b\r\nTo: c\r\n\r\n", Terms{}, "the header has more than one To and more than one Subject"},
		{plain + strings.Repeat("x", 1500) + "\r\n", Terms{}, "a line has more than 998 octets; the longest has 1500"},
		{plain, Terms{Limit: 50}, "the message has 97 octets, and the server takes 50"},
		{plain, Terms{Declared: 10}, "the message has 97 octets, and MAIL declared SIZE=10"},
	}
	for _, tt := range tests {
		if found := check(tt.message, tt.terms); len(found) != 1 || found[0].Message != tt.want {
			t.Errorf("found %+v, want %q", found, tt.want)
		}
	}
}

// TestCheckerGoesOn holds that looking at the findings does not end a message.
func TestCheckerGoesOn(t *testing.T) {
	var c Checker
	c.Write([]byte("From: x\r\nDate: x\r\n\r\nhalf a line\r"))
	if got := short(c.Findings(Terms{})); got != "content-bare-cr 4 1" {
		t.Errorf("found %q in the middle", got)
	}
	c.Write([]byte("\nthe end\r\n"))
	if got := short(c.Findings(Terms{})); got != "" {
		t.Errorf("found %q at the end", got)
	}
}

func TestCheckerAllocatesNothing(t *testing.T) {
	text := []byte(plain + strings.Repeat("Line after line, ü.\r\n", 100) + strings.Repeat("x", 100_000))
	var c Checker
	if allocs := testing.AllocsPerRun(10, func() { c.Write(text) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
