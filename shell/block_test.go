package shell

import (
	"strings"
	"testing"
)

// TestText tells the lines of a block that are text, marked by a bar, from
// those that are commands.
func TestText(t *testing.T) {
	for _, lines := range []string{
		"DATA,|:end,|.,NOOP",
		"!data,|:end,|.,NOOP",
		"DATA,:expect 354,|:end,|.,NOOP",
		"DATA,:EXPEC\t354,|:end,|.,NOOP",
		"DATA,|# why,:Expect 5xx,NOOP",
		"DATA,|,|:expect 250,|:end,|.,NOOP",
		"DATA,|x,|:expect 5xx,|:end,|.,NOOP",
		"DATA,|:expectation,|:expect 5xx,|.,NOOP",
		"BDAT 8 LAST,|:e,|:e,NOOP",
		"!BDAT 6,|:end,BDAT 0 LAST,NOOP",
	} {
		var message text
		for line := range strings.SplitSeq(lines, ",") {
			line, want := strings.CutPrefix(line, "|")
			if got := message.takes(line); got != want {
				t.Errorf("in %q the line %q is text: %v", lines, line, got)
			}
		}
	}
}
