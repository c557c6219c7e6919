package shell

import (
	"context"
	"slices"
	"testing"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// TestReplaySpeed waits as long as it took then, or a part of that.
func TestReplaySpeed(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var events []protocol.Event
	for _, ms := range []int{0, 100, 100, 50, 1050} { // a clock may be set back
		events = append(events, protocol.Cancelled{At: protocol.At{Time: noon.Add(time.Duration(ms) * time.Millisecond)}})
	}
	for speed, want := range map[float64][]float64{0: nil, 1: {0.1, 1}, 4: {0.025, 0.25}} {
		var waits []float64
		r := Replay{Show: view.Tee{}, Speed: speed, Wait: func(_ context.Context, s float64) { waits = append(waits, s) }}
		r.Events(t.Context(), events[:2])
		r.Events(t.Context(), events[2:])
		if !slices.Equal(waits, want) {
			t.Errorf("at speed %g it waits %v, want %v", speed, waits, want)
		}
	}
}
