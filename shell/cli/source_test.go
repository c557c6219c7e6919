//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSourceStops says at a terminal in which line of a script it was that
// ended it, and that the rest is not run; FILE stands for the script itself.
func TestSourceStops(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ line, says, why string }{
		{":expect 9x", ":expect 9x: a reply code is wanted", "that is no expectation"},
		{":source no-such", "open no-such", "it was not read"},
		{":source FILE", "FILE: more than 16 scripts within one another", "it was not read"},
		{":repeat 2", ":repeat has no :end", "nothing is repeated"},
		{"mail from joe", "the line was held", "the line was held"},
	} {
		t.Run(row.line, func(t *testing.T) {
			t.Parallel()
			s := practise(t, sized(200, 60))
			file := filepath.Join(t.TempDir(), "x")
			named := func(text string) string { return strings.ReplaceAll(text, "FILE", file) }
			if err := os.WriteFile(file, []byte("NOOP\n\n"+named(row.line)+"\nNOOP behind\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			s.line(":source " + file)
			s.sees(file+" line 3: "+named(row.says), file+" line 3: "+row.why+"; the rest of the script is not run.")
			s.lacks("NOOP behind")
		})
	}
}
