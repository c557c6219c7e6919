package cli

import (
	"errors"
	"strings"
	"testing"
)

// TestEachExchange has a record be read for what is good of it, wherever the
// damage is, and another file be called none in one line.
func TestEachExchange(t *testing.T) {
	const good = `{"v":1,"time":"2026-03-01T12:00:00.000Z","event":"note","text":"x"}` + "\n"
	const later = `{"v":9,"time":"2026-03-01T12:00:00.000Z","event":"dream"}` + "\n"
	const half = `{"v":1,"time":"2026-03-01T12:00:00.000Z","event":"sent","kind":"command","raw":"NOOP\r\n"}` + "\n"
	rows := []struct {
		name, record string
		events       int
		complaints   int
		none         bool
	}{
		{"a record", good + good, 2, 0, false},
		{"the first line damaged", good[9:] + good + good, 2, 1, false},
		{"the first lines damaged", strings.Repeat("x\n", 9) + good, 1, 6, false},
		{"the last line damaged", good + good[9:], 1, 1, false},
		{"the first line damaged, and no whole exchange", "x\n" + half, 0, 2, false},
		{"of a later version", later, 0, 2, false},
		{"nothing of it", strings.Repeat("EHLO x\n", 9), 0, 0, true},
		{"half a line", good[:20], 0, 0, true},
		{"empty", "\n", 0, 0, true},
	}
	for _, row := range rows {
		var complaints strings.Builder
		events := 0
		err := eachExchange(strings.NewReader(row.record), "x.jsonl", &complaints, func(x exchangeOf) error { events += len(x); return nil })
		if n := strings.Count(complaints.String(), "\n"); events != row.events || n != row.complaints || errors.Is(err, errNoRecord) != row.none || err != nil && !row.none {
			t.Errorf("%s: %d events, %v\n%s", row.name, events, err, complaints.String())
		}
	}
}
