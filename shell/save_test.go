package shell

import (
	"slices"
	"strings"
	"testing"
)

// TestDeedsAreBounded types more lines than :save keeps.
func TestDeedsAreBounded(t *testing.T) {
	var d deeds
	const lines = 1_000_000
	for range lines {
		d.add("NOOP")
	}
	if got := len(d.lines); got*(len("NOOP")+deedCost) > maxDeeds || got+d.more != lines {
		t.Errorf("%d lines are kept and %d counted of %d", got, d.more, lines)
	}
}

// TestNothingIsKeptBehindAGap has neither :save nor :message keep lines behind
// one that there was no room for: they would make another message of it.
func TestNothingIsKeptBehindAGap(t *testing.T) {
	var d deeds
	var m typed
	long := strings.Repeat("x", 9000)
	for range maxMessage/len(long) + 1 {
		d.add(long)
		m.add(long)
	}
	for _, line := range []string{"end", "."} {
		d.add(line)
		m.add(line)
	}
	if d.more < 3 || slices.Contains(d.lines, ".") {
		t.Errorf(":save keeps %d lines, and %q last, without the %d before", len(d.lines), d.lines[len(d.lines)-1], d.more)
	}
	if m.more < 3 || slices.Contains(m.lines, ".") {
		t.Errorf(":message keeps %d lines, and %q last, without the %d before", len(m.lines), m.lines[len(m.lines)-1], m.more)
	}
}

// TestRunsAgain has a shell read the file and the server as they are.
func TestRunsAgain(t *testing.T) {
	for want, of := range map[string]Target{
		"smtpsh -f 'a file'":                         {Practice: true},
		"smtpsh -f 'a file' mail.example:587":        {Host: "mail.example", Port: "587"},
		"smtpsh -f 'a file' 'pipe:sendmail -bs; id'": {Pipe: "sendmail -bs; id"},
		"smtpsh -f 'a file' unix:/run/smtp":          {Unix: "/run/smtp"},
		"smtpsh -f 'a file' 'smtps://[2001:db8::1]'": {Host: "2001:db8::1", Port: "465", TLS: byImplicit},
	} {
		if got := of.runs("a file"); got != want {
			t.Errorf("%+v runs by %s, want %s", of, got, want)
		}
	}
}
