package shell

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"smtpsh/shell/view"
)

// netrc is an entry of ~/.netrc.
type netrc struct{ login, password string }

// fromNetrc is what ~/.netrc has for the server, and for the user where one is
// named.
func (sh *Shell) fromNetrc(user string) (netrc, bool) {
	home, err := os.UserHomeDir()
	if err != nil {
		return netrc{}, false
	}
	file := filepath.Join(home, ".netrc")
	text, err := os.ReadFile(file)
	if err != nil {
		return netrc{}, false
	}
	entry, ok := findNetrc(string(text), sh.target.Host, user)
	if !ok {
		return netrc{}, false
	}
	sh.warnReadable(file, "~/.netrc")
	return entry, true
}

// warnReadable warns of a file with a password that others may read.
func (sh *Shell) warnReadable(file, name string) {
	const others = 0o077
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&others != 0 && runtime.GOOS != "windows" {
		sh.note(view.Dim, fmt.Sprintf("The password is from %s, which others on this machine may read (mode %04o): chmod 600 %s.", name, info.Mode().Perm(), name))
	}
}

// findNetrc finds the first entry for the machine, or the default one; one
// for another login than the user's does not count. The format is that of
// ftp(1): words, whatever the lines.
func findNetrc(text, machine, user string) (netrc, bool) {
	var entry netrc
	matches := false
	words := netrcWords(text)
	fits := func() bool {
		return matches && entry.password != "" && (user == "" || entry.login == "" || entry.login == user)
	}
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch words[i] {
		case "machine", "default":
			if fits() {
				return entry, true
			}
			entry, matches = netrc{}, words[i] == "default" || strings.EqualFold(value, machine)
			if words[i] == "default" {
				continue
			}
		case "login":
			entry.login = value
		case "password":
			entry.password = value
		case "account":
		default:
			continue
		}
		i++
	}
	return entry, fits()
}

// netrcWords splits the file, comments and macros left out. A word in
// quotation marks may hold spaces, and \" and \\ in it are what stands behind
// the backslash, as curl(1) and GNU Emacs write them.
func netrcWords(text string) []string {
	var words []string
	macro := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case macro && line == "":
			macro = false
		case macro, strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "macdef"):
			macro = true
		default:
			for line != "" {
				var word string
				word, line = netrcWord(line)
				words = append(words, word)
			}
		}
	}
	return words
}

// netrcWord cuts the first word off a line that begins with one.
func netrcWord(line string) (word, rest string) {
	if line[0] != '"' {
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			return line, ""
		}
		return line[:end], strings.TrimLeft(line[end:], " \t")
	}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return b.String(), strings.TrimLeft(line[i+1:], " \t")
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return line, "" // a password may begin with a quotation mark
}
