package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestCheckReadsLinesOfAnyLength(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for _, tt := range []struct {
		name, in string
		want     []string // each line, with "+" behind one that was cut
	}{
		{"ends", "a\nb\r\n\nc\r", []string{"a", "b", "", "c"}},
		{"nothing", "", nil},
		{"over the buffer", strings.Repeat("y", 100_000) + "\r\nz", []string{strings.Repeat("y", 100_000), "z"}},
		{"at the limit", long + "\r\nz\n", []string{long, "z"}},
		{"over it by one", long + "x\r\nz\n", []string{long + "+", "z"}},
		{"over it at the end", long + "xx", []string{long + "+"}},
		{"far over it", long + long + long + "\nz\n", []string{long + "+", "z"}},
	} {
		var got []string
		file := newLineReader(strings.NewReader(tt.in))
		for {
			line, cut, err := file.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line)+map[bool]string{true: "+"}[cut])
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %.60q, want %.60q", tt.name, got, tt.want)
		}
		if size := cap(file.line); size > 3*maxLine {
			t.Errorf("%s: %d octets are held", tt.name, size)
		}
	}
}

// TestCheckJudgesLongLines insists that one line too long does not end the run.
func TestCheckJudgesLongLines(t *testing.T) {
	var out bytes.Buffer
	c := &checker{escaped: true, out: bufio.NewWriter(&out)}
	in := "NOOP " + strings.Repeat(`\x41`, maxLine) + "\nNOOP\n"
	if err := c.lines(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	c.out.Flush()
	if got := out.String(); !c.errors || !strings.HasPrefix(got, "error   NOOP AAA") || !strings.Contains(got, "error: line-cut") || !strings.HasSuffix(got, "\nok      NOOP\n") {
		t.Errorf("errors %v: %.80q ... %.80q", c.errors, got, got[max(0, len(got)-80):])
	}
}

// TestCheckKeepsWhatLinesSay holds a line that stood in the file before to what
// it is on its own.
func TestCheckKeepsWhatLinesSay(t *testing.T) {
	verdicts := func(in string) (string, bool) {
		var out bytes.Buffer
		c := &checker{escaped: true, json: true, out: bufio.NewWriter(&out)}
		if err := c.lines(strings.NewReader(in)); err != nil {
			t.Fatal(err)
		}
		c.out.Flush()
		return out.String(), c.errors
	}
	lines := []string{"NOOP", "MIAL FROM:<a@b.example>", "NOOP", `QUIT\t`, "", "MIAL FROM:<a@b.example>", "NOOP"}
	want, wrong := "", false
	for _, line := range lines {
		one, bad := verdicts(line + "\n")
		want, wrong = want+one, wrong || bad
	}
	if got, bad := verdicts(strings.Join(lines, "\n") + "\n"); got != want || bad != wrong {
		t.Errorf("errors %v:\n%s\nwant %v:\n%s", bad, got, wrong, want)
	}
	again := strings.Repeat("FROBNICATE x\n", 2*batchLines+1)
	if got, bad := verdicts(again); !bad || strings.Count(got, "verb-unknown") != 2*batchLines+1 {
		t.Errorf("errors %v: %d lines are unknown", bad, strings.Count(got, "verb-unknown"))
	}
}

// TestCheckForgetsRecipients bounds what a session of any length keeps.
func TestCheckForgetsRecipients(t *testing.T) {
	c := &checker{session: true, out: bufio.NewWriter(io.Discard)}
	in := "EHLO me.example\nMAIL FROM:<a@b.example>\n" + strings.Repeat("RCPT TO:<c@d.example>\n", maxRecipients+10) + "BDAT 9223372036854775807\n"
	if err := c.lines(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if n := c.state.RecipientCount(); n != maxRecipients || c.state.Octets() > 0 {
		t.Errorf("%d recipients and %d octets are kept", n, c.state.Octets())
	}
}

// TestDecodeLongLines holds a reply that the buffer cuts, within an escape or
// not, to what it is on a line of its own.
func TestDecodeLongLines(t *testing.T) {
	for shift := range 6 {
		text := strings.Repeat("a", shift) + strings.Repeat(`\x41\\`, 300_000)
		var out bytes.Buffer
		d := &decoder{json: true, out: bufio.NewWriter(&out)}
		if err := d.lines(strings.NewReader("250-" + text + "\\r\\n250 end\\r\\n\r\n\n220 next\\r\\n")); err != nil {
			t.Fatal(err)
		}
		d.out.Flush()
		got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(got) != 2 || strings.Count(got[0], `A\\`) < 3000 || !strings.Contains(got[0], `,"end"],"complete":true`) || !strings.HasPrefix(got[1], `{"code":220,`) {
			t.Errorf("shifted by %d: %d replies, %.80q", shift, len(got), got)
		}
	}
}

func TestDecodeWholeEscapes(t *testing.T) {
	for part, want := range map[string]int{"": 0, "ab": 2, `a\`: 1, `a\\`: 3, `a\\\`: 3, `\r`: 2, `\x`: 0, `\x4`: 0, `\x41`: 4, `\x41\x4`: 4, "a\r": 1, "\\\r": 0, `a\q`: 3} {
		if got := wholeEscapes([]byte(part)); got != want {
			t.Errorf("%q: %d, want %d", part, got, want)
		}
	}
}
