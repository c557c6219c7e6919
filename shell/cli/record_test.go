//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRecordAtATerminal records what is typed, whole lines of it, and asks
// before it writes over a file.
func TestRecordAtATerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, whole := filepath.Join(dir, "there.txt"), filepath.Join(dir, "whole.txt")
	if err := os.WriteFile(there, []byte("precious\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := start(t, []string{"--record", whole}, sized(150, 40))
	s.at("practice.example connected> ")
	for _, answer := range []string{"n", ""} {
		s.line(":record " + there)
		s.at("write over it? (y/N)> ")
		s.line(answer)
		s.sees("left as it is; --force writes over it.")
		s.at("practice.example connected> ")
		s.keys("\x0c")
	}
	if got := textOf(t, there); got != "precious\n" {
		t.Fatalf("the file became %q", got)
	}
	s.line(":record " + there)
	s.at("write over it? (y/N)> ")
	s.line("yes")
	s.sees("Recorded to " + there)
	s.at("practice.example connected> ")
	s.line("NOOP hello")
	s.sees("250 ")
	s.at("practice.example connected> ")
	if got := textOf(t, there); !strings.Contains(got, "> NOOP hello\n< 250 ") { // it is on the disk as soon as it is on the screen
		t.Errorf("recorded was %q", got)
	}
	if info, err := os.Stat(there); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	s.line(":quit")
	s.exits(0)
	for _, file := range []string{there, whole} {
		if got := textOf(t, file); !strings.Contains(got, "> QUIT\n< 221 ") || strings.Contains(got, "y/N") {
			t.Errorf("%s: %s", file, got)
		}
	}
}
