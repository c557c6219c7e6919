//go:build unix

package term

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestHistoryElsewhere has a link where the history is: to what is no file, as
// of those who keep none, which stays everybody's, and to a file, which the
// link goes on to lead to when it is written anew.
func TestHistoryElsewhere(t *testing.T) {
	dir := t.TempDir()
	pipe, file, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for _, target := range []string{pipe, file} {
		_ = os.Remove(link)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(target, 0o666); err != nil {
			t.Fatal(err)
		}
		far, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that the pipe is taken from
		if err != nil {
			t.Fatal(err)
		}
		h := openHistory(t, link, 10)
		n := 3
		if target == file {
			n = 5000
		}
		for i := range n {
			h.Add(fmt.Sprint("line", i%7))
		}
		far.Close()
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link to %s is %v, %v", filepath.Base(target), info.Mode(), err)
		}
		want := os.FileMode(0o600)
		if target == pipe {
			want = 0o666
		}
		if info, err := os.Stat(target); err != nil || info.Mode().Perm() != want || info.Size() > 2*h.compactSize() {
			t.Errorf("%s: %v, %d octets, %v; want mode %v", filepath.Base(target), info.Mode().Perm(), info.Size(), err, want)
		}
	}
}
