package shell

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"smtpsh/shell/view"
)

const (
	// progressEvery is how often the row of a transfer is drawn anew.
	progressEvery = 200 * time.Millisecond
	// asking is how long the question stands whether a transfer is to be
	// stopped; then the progress is shown again.
	asking = 5 * time.Second
)

// progress is how far a transfer has come. Sent is called by the sender, row
// by whoever shows it.
type progress struct {
	size  int64 // of the whole, -1 where that is not known
	began time.Time
	asked time.Time // when Ctrl-C was pressed last
	done  atomic.Int64
}

func (p *progress) sent(n int64) { p.done.Store(n) }

// asks reports whether the question stands.
func (p *progress) asks(now time.Time) bool {
	return !p.asked.IsZero() && now.Sub(p.asked) < asking
}

// row is a bar, the octets, the rate and the time that is left.
func (p *progress) row(now time.Time, width int) string {
	if p.asks(now) {
		return view.Escape("Ctrl-C again stops it: the connection is closed, and the server takes nothing")
	}
	n := p.done.Load()
	took := now.Sub(p.began).Seconds()
	rate := 0.0
	if took > 0 {
		rate = float64(n) / took
	}
	text := view.Octets(uint64(n))
	if p.size > 0 {
		text += " of " + view.Octets(uint64(p.size))
	}
	text += " · " + view.Octets(uint64(rate)) + "/s"
	if p.size > 0 && rate > 0 && n < p.size {
		left := time.Duration(float64(p.size-n) / rate * float64(time.Second))
		text += " · " + view.Duration(max(left.Round(time.Second), time.Second)) + " left"
	}
	const bar = 20
	if p.size > 0 && width > len(text)+bar+4 {
		full := int(min(int64(bar), n*bar/p.size))
		text = fmt.Sprintf("[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", bar-full), text)
	}
	return view.Escape(text + "   (Ctrl-C stops it)")
}
