package shell

import (
	"testing"
	"time"
)

func TestProgressRow(t *testing.T) {
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	rows := []struct {
		size, done  int64
		took, asked time.Duration // asked behind the beginning; 0 for never
		width       int
		want        string
	}{
		{10 << 20, 2560 << 10, 5 * time.Second, 0, 120, "[#####...............] 2.5 MB of 10 MB · 512 kB/s · 15s left   (Ctrl-C stops it)"},
		{10 << 20, 2560 << 10, 5 * time.Second, 0, 40, "2.5 MB of 10 MB · 512 kB/s · 15s left   (Ctrl-C stops it)"},
		{10 << 20, 10140 << 10, 5 * time.Second, 0, 40, "9.9 MB of 10 MB · 2 MB/s · a moment left   (Ctrl-C stops it)"},
		{-1, 2560 << 10, 5 * time.Second, 0, 120, "2.5 MB · 512 kB/s   (Ctrl-C stops it)"},
		{-1, 2560 << 10, 5 * time.Second, 4 * time.Second, 120, "Ctrl-C again stops the transfer: the connection is closed, and the server takes nothing"},
		{-1, 2560 << 10, 5 * time.Second, time.Second, 120, "2.5 MB · 512 kB/s   (Ctrl-C again stops it)"},
	}
	for _, row := range rows {
		p := &progress{size: row.size, began: began}
		p.sent(row.done)
		if row.asked > 0 {
			p.asked = began.Add(row.asked)
		}
		if got := p.row(began.Add(row.took), row.width); got != row.want {
			t.Errorf("%+v:\n%s", row, got)
		}
	}
}
