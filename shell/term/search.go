package term

import "strings"

// search is an incremental search through the history (Ctrl-R, Ctrl-S).
type search struct {
	query  []rune
	back   bool
	failed bool
	at     int // the entry that matches, len(lines) before there is any
	lines  []string
	before state // what Ctrl-G brings back
}

// searchKey begins a search or goes on to the next match.
func (e *editor) searchKey(back bool) {
	if e.plain {
		return
	}
	if e.search == nil {
		lines := e.history()
		e.search = &search{back: back, at: len(lines), lines: lines, before: e.state}
		return
	}
	s := e.search
	s.back = back
	if len(s.query) > 0 {
		e.find(s.at + s.step())
	}
}

func (s *search) step() int {
	if s.back {
		return -1
	}
	return +1
}

// searchText adds a typed character to what is searched for.
func (e *editor) searchText(r rune) {
	s := e.search
	s.query = append(s.query, r)
	at := s.at
	if at == len(s.lines) {
		at--
	}
	e.find(at)
}

// searchErase takes the last character back and searches anew.
func (e *editor) searchErase() {
	s := e.search
	if len(s.query) == 0 {
		return
	}
	s.query = s.query[:len(s.query)-1]
	s.failed = false
	if len(s.query) == 0 {
		s.at, e.state = len(s.lines), s.before
		return
	}
	e.find(len(s.lines) - 1)
}

// find looks for the query from entry at on.
func (e *editor) find(at int) {
	s := e.search
	query := fromRunes(s.query)
	for ; at >= 0 && at < len(s.lines); at += s.step() {
		if i := indexFold(s.lines[at], query); i >= 0 {
			s.at, s.failed = at, false
			line := toRunes(s.lines[at])
			e.state = state{line, len(toRunes(s.lines[at][:i]))}
			return
		}
	}
	s.failed = true
}

// acceptSearch ends a search with what it found in the line.
func (e *editor) acceptSearch() {
	if s := e.search; s != nil {
		found := e.state
		e.search, e.state = nil, s.before
		e.change(found.line, found.pos)
	}
}

// abandonSearch ends a search and brings the line back that was there before.
func (e *editor) abandonSearch() {
	if s := e.search; s != nil {
		e.search, e.state = nil, s.before
	}
}

// label is what stands in place of the prompt during a search.
func (s *search) label() string {
	name := "reverse-i-search"
	if !s.back {
		name = "i-search"
	}
	if s.failed {
		name = "failed " + name
	}
	return "(" + name + ")`" + fromRunes(s.query) + "': "
}

// indexFold is strings.Index without regard to ASCII case, and without allocating: it runs over the whole history
// on a key.
func indexFold(s, sub string) int {
	if sub == "" {
		return 0
	}
	first := lower(sub[0])
	for i := 0; i+len(sub) <= len(s); i++ {
		if lower(s[i]) == first && equalFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

func equalFold(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// foldPrefix is the longest common prefix of a and b without regard to ASCII case, as a has it and never ending
// within a character.
func foldPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && lower(a[n]) == lower(b[n]) {
		n++
	}
	return strings.ToValidUTF8(a[:n], "")
}
