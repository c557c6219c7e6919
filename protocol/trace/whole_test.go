package trace

import (
	"errors"
	"io"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// TestExchanges reads a record that was cut off behind any octet: what comes
// is its whole exchanges, and what is left no more than one.
func TestExchanges(t *testing.T) {
	events, whole := exchanges()
	text := record(t, "jsonl", Options{}, events...)
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	for cut := range len(text) + 1 {
		x := NewExchanges(NewReader(strings.NewReader(text[:cut])))
		var got []protocol.Event
		for {
			part, err := x.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, ErrTorn) {
				t.Fatalf("%d octets: %v", cut, err)
			}
			got = append(got, part...)
		}
		n, length := 0, 0 // the lines that are whole but for their end
		for n < len(lines) && length+len(strings.TrimSuffix(lines[n], "\n")) <= cut {
			length += len(lines[n])
			n++
		}
		want := 0
		for _, w := range whole {
			if w <= n {
				want = w
			}
		}
		if len(got) != want || len(x.Rest()) != n-want {
			t.Fatalf("%d octets, %d lines: %d events and %d more, want %d", cut, n, len(got), len(x.Rest()), want)
		}
	}
}
