package shell

import "testing"

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
