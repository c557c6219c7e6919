package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// stateFile is where something is kept across runs (XDG Base Directory
// Specification); "" when there is no home.
func stateFile(name string) string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "smtpsh", name)
}

// stateList is a list of short texts, each once, kept in a file a line each:
// the servers that offered STARTTLS, so that one that is stripped later is
// noticed (RFC 3207 §6), and those that were connected to. It may be used
// from several goroutines.
type stateList struct {
	file string // "" keeps it for this run only

	mu    sync.Mutex
	lines []string // oldest first
	read  bool
}

// Has reports whether line was added before, in this run or an earlier one.
func (l *stateList) Has(line string) bool { return slices.Contains(l.All(), line) }

// All lists the lines, oldest first. The slice is not to be changed.
func (l *stateList) All() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.read {
		l.read = true
		if text, err := os.ReadFile(l.file); err == nil && len(text) > 0 {
			l.lines = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		}
	}
	return l.lines
}

// Add notes a line. That it could not be kept is no reason to disturb a
// session.
func (l *stateList) Add(line string) {
	if l.Has(line) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(slices.Clip(l.lines), line)
	if l.file != "" {
		appendLine(l.file, line)
	}
}

func appendLine(name, line string) {
	if os.MkdirAll(filepath.Dir(name), 0o700) != nil {
		return
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = file.WriteString(line + "\n")
	_ = file.Close()
}
