package shell

import (
	"testing"
	"time"
)

// TestProgress shows how far it has come, and for a while the question.
func TestProgress(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := &progress{size: 4000, began: began}
	p.sent(1000)
	for _, row := range []struct {
		after time.Duration
		want  string
	}{
		{time.Second, "[#####...............] 1000 octets of 3.9 kB · 1000 octets/s · 3.0 s left   (Ctrl-C stops it)"},
		{100 * time.Millisecond, "[#####...............] 1000 octets of 3.9 kB · 9.8 kB/s · 1.0 s left   (Ctrl-C stops it)"},
	} {
		if got := p.row(began.Add(row.after), 120); got != row.want {
			t.Errorf("after %v: %q, want %q", row.after, got, row.want)
		}
	}
	p.asked = began.Add(time.Second)
	if got := p.row(began.Add(5*time.Second), 120); got != "Ctrl-C again stops it: the connection is closed, and the server takes nothing" {
		t.Errorf("asked: %q", got)
	}
	if got := p.row(began.Add(6*time.Second), 120); got != "[#####...............] 1000 octets of 3.9 kB · 166 octets/s · 18.0 s left   (Ctrl-C stops it)" || p.asks(began.Add(6*time.Second)) {
		t.Errorf("later: %q", got)
	}
}
