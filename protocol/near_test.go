package protocol

import (
	"strings"
	"testing"
)

// alignment is the distance as textbooks have it, to hold changes against.
func alignment(a, b string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		table[i][0] = i
		for j := range len(b) {
			table[0][j+1] = j + 1
		}
	}
	for i := range len(a) {
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			n := min(table[i][j+1]+1, table[i+1][j]+1, table[i][j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				n = min(n, table[i-1][j-1]+1)
			}
			table[i+1][j+1] = n
		}
	}
	return table[len(a)][len(b)]
}

func TestNearest(t *testing.T) {
	names := []string{"MAIL", "RCPT", "DATA", "STARTTLS", "", "HELO", "EHLO", "Quit", strings.Repeat("X", 70)}
	for word, want := range map[string]string{
		"MIAL": "MAIL", "mial": "MAIL", "MALI": "MAIL", "AIL": "MAIL", "MAILX": "MAIL", "RCTP": "RCPT", "STRATTLS": "STARTTLS", "STATLS": "STARTTLS",
		"HLEO": "HELO", "ELHO": "EHLO", "EELO": "EHLO", "quti": "Quit", "MAIL": "MAIL", "FROBNICATE": "", "M": "", "": "", "XYZW": "", strings.Repeat("x", 65): "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if n := testing.AllocsPerRun(50, func() { Nearest("FROBNICATE", names) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("STRATTLS", "STARTTLS", 3)
	f.Add("abcd", "badc", 2)
	f.Add("\xff\x00", "RCPT", 1)
	f.Fuzz(func(t *testing.T, a, b string, most int) {
		if most < 0 || most > longestName || len(a) > longestName || len(b) > longestName {
			t.Skip()
		}
		got, want := changes([]byte(a), []byte(b), most), alignment(a, b)
		if got != want && (got <= most || want <= most) {
			t.Errorf("changes(%q, %q, %d) = %d, want %d", a, b, most, got, want)
		}
	})
}

func BenchmarkNearest(b *testing.B) {
	names := make([]string, len(Verbs))
	for i := range Verbs {
		names[i] = Verbs[i].Name
	}
	b.ReportAllocs()
	for b.Loop() {
		Nearest("FROBNICATE", names)
		Nearest("MIAL", names)
	}
}
