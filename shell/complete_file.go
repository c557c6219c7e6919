package shell

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// mostFiles is how many entries of a folder are looked at: a Tab must not
// take long.
const mostFiles = 2000

// completeFile offers the files that begin as the last word does. A folder
// ends in a slash, for more follows.
func completeFile(start int, rest string) term.Completion {
	if i := strings.LastIndexByte(rest, ' '); i >= 0 {
		start, rest = start+i+1, rest[i+1:]
	}
	c := term.Completion{Start: start, End: start + len(rest)}
	dir, prefix := filepath.Split(rest)
	folder, err := os.Open(atHome(or(dir, ".")))
	if err != nil {
		return c
	}
	defer folder.Close()
	entries, _ := folder.ReadDir(mostFiles) // what was read before an error will do
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, ".") && prefix == "" || strings.Contains(name, " ") || view.Escape(name) != name {
			continue
		}
		if info, err := os.Stat(filepath.Join(atHome(or(dir, ".")), name)); err == nil && info.IsDir() {
			c.Candidates = append(c.Candidates, term.Candidate{Text: dir + name + "/", Partial: true})
			continue
		}
		c.Candidates = append(c.Candidates, term.Candidate{Text: dir + name, Partial: true})
	}
	return c
}

// completeErrand offers the flags of :send, and files behind those that take
// one.
func completeErrand(start int, rest string) term.Completion {
	words := strings.Split(rest, " ")
	last := words[len(words)-1]
	if len(words) > 1 {
		switch words[len(words)-2] {
		case "--data", "--attach", "--from-dir":
			return completeFile(start, rest)
		}
	}
	var names []string
	var e Errand
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	e.AddFlags(flags)
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	c := matching(start+len(rest)-len(last), last, names)
	for i := range c.Candidates {
		c.Candidates[i].Partial = false
	}
	return c
}

// completeRecord offers the flags of :record and :export, the values they
// take, and files.
func completeRecord(start int, rest string) term.Completion {
	words := strings.Split(rest, " ")
	last := words[len(words)-1]
	at := start + len(rest) - len(last)
	if len(words) > 1 {
		switch words[len(words)-2] {
		case "--format":
			return matching(at, last, formatNames())
		case "--as":
			return matching(at, last, toolNames())
		}
	}
	if strings.HasPrefix(last, "-") {
		return matching(at, last, []string{"--force", "--format", "--as"})
	}
	return completeFile(start, rest)
}

// atHome is a path with its "~/" put in full.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}
