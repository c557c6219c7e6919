package term

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func openHistory(t *testing.T, path string, limit int) *History {
	t.Helper()
	h, err := OpenHistory(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistoryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "history")
	h := openHistory(t, path, 3)
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is there before there is anything to keep")
	}
	for _, line := range []string{"one", "two", "one", "tab\tkept out", "\xe9", "a\nb", " ", "\u009b2J", strings.Repeat("x", 5000)} {
		h.Add(line)
	}
	want := []string{"two", "one"}
	if got := h.Lines(); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if got := openHistory(t, path, 3).Lines(); !slices.Equal(got, want) {
		t.Errorf("%q, not %q, when read again", got, want)
	}
	before := h.Lines()
	h.Add("three")
	h.Add("four")
	if got := h.Lines(); !slices.Equal(got, []string{"one", "three", "four"}) || !slices.Equal(before, want) {
		t.Errorf("%q, and %q before", got, before)
	}
	if err := h.Err(); err != nil {
		t.Error(err)
	}
}

func TestHistoryIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	path := filepath.Join(t.TempDir(), "d", "history")
	mode := func(path string, want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%v %v, not %v", info.Mode().Perm(), err, want)
		}
	}
	openHistory(t, path, 10).Add("one")
	mode(path, 0o600)
	mode(filepath.Dir(path), 0o700)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	h := openHistory(t, path, 10)
	h.Add("two")
	mode(path, 0o600)
	for i := range 5000 {
		h.Add(fmt.Sprint("three", i%7))
	}
	mode(path, 0o600)
	if info, err := os.Stat(path); err != nil || info.Size() > 2*h.compactSize() {
		t.Errorf("the file has %d bytes (%v)", info.Size(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("%v %v", files, err)
	}
}

// TestHistoryOfTwo has several histories on one file, as of several programs, with the file rewritten all the time.
func TestHistoryOfTwo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var all sync.WaitGroup
	const writers, each = 4, 60
	for w := range writers {
		all.Go(func() {
			h := openHistory(t, path, writers*each+1)
			for i := range each {
				h.Add(fmt.Sprintf("writer %d line %d", w, i))
				for range 4 {
					h.Add("filler " + strings.Repeat("x", 300))
				}
			}
			if err := h.Err(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	lines := openHistory(t, path, 1000).Lines()
	if len(lines) != writers*each+1 {
		t.Errorf("%d lines are left", len(lines))
	}
}

func TestHistoryFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	binary := openHistory(t, write("binary", append(bytes.Repeat([]byte{0, 0xff, '\n', 0x1b}, 5000), "\ngood\r\n"...)), 10)
	if got := binary.Lines(); !slices.Equal(got, []string{"good"}) {
		t.Errorf("%q", got)
	}
	huge := openHistory(t, write("huge", append(bytes.Repeat([]byte("x"), maxHistoryBytes+5), "\ngood"...)), 10)
	if got := huge.Lines(); !slices.Equal(got, []string{"good"}) {
		t.Errorf("%d lines", len(got))
	}
	for _, path := range []string{dir, filepath.Join(write("file", nil), "below")} {
		h := openHistory(t, path, 10)
		h.Add("one")
		if got := h.Lines(); !slices.Equal(got, []string{"one"}) || h.Err() == nil {
			t.Errorf("%s: %q %v", path, got, h.Err())
		}
	}
	memory := openHistory(t, "", 2)
	for _, line := range []string{"one", "two", "three"} {
		memory.Add(line)
	}
	if got := memory.Lines(); !slices.Equal(got, []string{"two", "three"}) || memory.Err() != nil {
		t.Errorf("%q %v", got, memory.Err())
	}
}
