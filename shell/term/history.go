package term

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// History is a list of lines kept in a file. Several programs may use the file at once.
type History struct {
	path  string
	limit int

	mu     sync.Mutex
	lines  []string // oldest first, each once; nil until they are read
	own    []string // what was added here before that
	read   bool
	failed error
}

// A line longer than this is nothing that somebody would want to bring back.
const maxHistoryLine = 4096

// OpenHistory gives the history in the file at path, with the latest limit lines. The file is not touched before it
// is needed. An empty path keeps the history in memory only.
func OpenHistory(path string, limit int) (*History, error) {
	if limit <= 0 {
		return nil, fmt.Errorf("open history: limit %d is not positive", limit)
	}
	return &History{path: path, limit: limit}, nil
}

// Err is the first error met with the file. The history works without it, but will be forgotten.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed
}

// Lines returns the lines, oldest first. The slice is not to be changed; it stays as it is.
func (h *History) Lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.load()
	return h.lines
}

// Add appends a line and writes it to the file at once. A line that was there before moves to the end. Lines with
// control bytes or invalid UTF-8 are left out: on another day they would do harm in another program.
func (h *History) Add(text string) {
	if !fitsHistory(text) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.read {
		h.lines = appendOnce(h.lines, text, h.limit)
	} else {
		h.own = append(h.own, text)
	}
	if h.path != "" {
		h.note(h.write(text))
	}
}

func (h *History) note(err error) {
	if h.failed == nil && err != nil {
		h.failed = err
	}
}

func fitsHistory(text string) bool {
	if strings.TrimSpace(text) == "" || len(text) > maxHistoryLine || !utf8.ValidString(text) {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) < 0
}

// appendOnce returns a new slice, for the old one may be in use.
func appendOnce(lines []string, text string, limit int) []string {
	out := make([]string, 0, len(lines)+1)
	for _, l := range lines {
		if l != text {
			out = append(out, l)
		}
	}
	out = append(out, text)
	return out[max(0, len(out)-limit):]
}

// load reads the file when it is first needed.
func (h *History) load() {
	if h.read {
		return
	}
	h.read = true
	if h.path != "" {
		f, err := os.Open(h.path)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			h.note(fmt.Errorf("read history: %w", err))
		default:
			defer f.Close()
			h.lines, err = readHistory(f, h.limit)
			h.note(err)
		}
	}
	for _, text := range h.own {
		h.lines = appendOnce(h.lines, text, h.limit)
	}
	h.own = nil
}

// readHistory reads the latest lines of a file, each once. Of a huge file only the end is read, and what is no proper line is left out.
func readHistory(f *os.File, limit int) ([]string, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read history: %s is not a regular file", f.Name())
	}
	start := max(0, info.Size()-maxHistoryBytes)
	data, err := io.ReadAll(io.NewSectionReader(f, start, info.Size()-start))
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if start > 0 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	all := strings.Split(string(data), "\n")
	var lines []string
	seen := make(map[string]bool, min(len(all), limit))
	for i := len(all) - 1; i >= 0; i-- {
		text := strings.TrimSuffix(all[i], "\r")
		if text == "" {
			continue
		}
		if len(lines) < limit && fitsHistory(text) && !seen[text] {
			seen[text] = true
			lines = append(lines, text)
		}
	}
	slices.Reverse(lines)
	return lines, nil
}

// maxHistoryBytes bounds what is read of a file.
const maxHistoryBytes = 8 << 20

// write appends a line to the file, and now and then writes the file anew.
func (h *History) write(text string) error {
	f, err := h.open()
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	defer f.Close()
	if _, err := f.WriteString(text + "\n"); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if info.Size() > h.compactSize() {
		return h.compact(f.File, info.Size())
	}
	return nil
}

// compactSize is how large the file may become. It has room for the lines to be long or to repeat.
func (h *History) compactSize() int64 { return int64(h.limit)*128 + 4096 }

// open locks the file for one line. Another program may have put a new file in its place while we waited for the
// lock; what is written to the old one would be lost.
func (h *History) open() (*lockedfile.File, error) {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return nil, err
	}
	for range 100 {
		f, err := lockedfile.OpenFile(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return nil, err
		}
		held, err := f.Stat()
		if err == nil {
			var there os.FileInfo
			if there, err = os.Stat(h.path); err == nil && os.SameFile(held, there) {
				return f, h.protect(f, held)
			}
		}
		f.Close()
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return nil, errors.New("the file is replaced all the time")
}

// protect makes sure that only its owner reads the file: it may hold addresses, and older programs were careless. Who
// keeps no history has a link to a device there, which is everybody's.
func (h *History) protect(f *lockedfile.File, info os.FileInfo) error {
	if info.Mode().Perm()&0o077 == 0 || !info.Mode().IsRegular() {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		f.Close()
		return err
	}
	return nil
}

// compact replaces the file, whose lock is held, by one with what is worth keeping.
func (h *History) compact(f *os.File, size int64) error {
	lines, err := readHistory(f, h.limit)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	if int64(b.Len()) > size/2 {
		return nil // long lines, not repeated ones: rewriting it each time would gain nothing
	}
	path, err := filepath.EvalSymlinks(h.path) // a link stays one
	if err != nil {
		return fmt.Errorf("compact history: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("compact history: %w", err)
	}
	_, err = temp.Write(b.Bytes())
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("compact history: %w", err)
	}
	return nil
}
