package term

import (
	"slices"
	"unicode"
)

// state is a line and the place of the cursor in it.
type state struct {
	line []rune
	pos  int
}

// editor does what keys do to a line. readline itself inserts characters and hands the line over; the rest is here,
// because its own keys lose text, crash or step into the middle of characters. It is pure but for the history that
// it is given, and is used by one goroutine at a time.
type editor struct {
	state
	plain   bool
	history func() []string        // oldest first; asked for when first needed
	secret  func(line []rune) bool // reports one that holds a secret; nil where none can
	kill    []rune                 // what Ctrl-Y brings back; it outlives the line, unless
	brief   bool                   // it was cut from one with a secret
	undo    []state
	typing  bool // the last change was a typed character: the next joins it in one step of undo
	browse  browsing
	search  *search
}

// browsing is a walk through the history. What was changed in its lines is kept as long as the walk goes on.
type browsing struct {
	lines  []string
	at     int
	edited map[int][]rune
}

// begin starts a new line.
func (e *editor) begin(text string, plain bool) {
	line := toRunes(text)
	e.state = state{line, len(line)}
	e.plain, e.undo, e.typing, e.search = plain, nil, false, nil
	e.browse = browsing{}
	if e.brief {
		e.kill, e.brief = nil, false
	}
}

// inserted is told of a line that readline has changed by a typed character.
func (e *editor) inserted(line []rune, pos int) {
	blank := pos > 0 && pos <= len(line) && line[pos-1] == ' '
	if !e.typing || blank {
		e.keep()
	}
	e.typing = !blank
	e.state = state{line, pos}
}

// keep remembers the present state for undo. States are never changed in place.
func (e *editor) keep() {
	const depth = 200
	if len(e.undo) >= depth {
		e.undo = slices.Delete(e.undo, 0, 1)
	}
	e.undo = append(e.undo, e.state)
}

// change replaces the line as one step of undo.
func (e *editor) change(line []rune, pos int) {
	e.keep()
	e.typing = false
	e.state = state{line, pos}
}

// insert puts text at the cursor.
func (e *editor) insert(text []rune) {
	e.splice(e.pos, e.pos, text)
}

// splice replaces line[from:to] and puts the cursor behind the new text.
func (e *editor) splice(from, to int, text []rune) {
	line := make([]rune, 0, len(e.line)+len(text)-(to-from))
	line = append(append(append(line, e.line[:from]...), text...), e.line[to:]...)
	e.change(line, from+len(text))
}

// cut removes line[from:to] and keeps it for Ctrl-Y.
func (e *editor) cut(from, to int) {
	if from < to {
		e.kill = slices.Clone(e.line[from:to])
		e.brief = e.secret != nil && e.secret(e.line)
		e.splice(from, to, nil)
	}
}

// apply does what k does. The keys that end a line, and those that need the screen, are not its business.
func (e *editor) apply(k key) {
	if e.search != nil && k != keySearchBack && k != keySearchForward && k != keyBackspace &&
		k != keyCancel && k != keyEscape {
		e.acceptSearch()
	}
	switch k {
	case keySearchBack, keySearchForward:
		e.searchKey(k == keySearchBack)
	case keyCancel, keyEscape:
		e.abandonSearch()
	case keyUp:
		e.walk(-1)
	case keyDown:
		e.walk(+1)
	case keyUndo:
		if n := len(e.undo); n > 0 {
			e.state, e.undo, e.typing = e.undo[n-1], e.undo[:n-1], false
		}
	case keyLeft, keyRight, keyHome, keyEnd, keyWordLeft, keyWordRight:
		e.pos, e.typing = e.motion(k), false
	default:
		e.erase(k)
	}
}

// motion is where a cursor key leads.
func (e *editor) motion(k key) int {
	switch k {
	case keyLeft:
		return before(e.line, e.pos)
	case keyRight:
		return after(e.line, e.pos)
	case keyHome:
		return 0
	case keyEnd:
		return len(e.line)
	case keyWordLeft:
		return wordBefore(e.line, e.pos, isWord)
	case keyWordRight:
		return wordAfter(e.line, e.pos)
	}
	return e.pos
}

// erase does the keys that remove, move and bring back text.
func (e *editor) erase(k key) {
	switch k {
	case keyBackspace:
		if e.search != nil {
			e.searchErase()
			return
		}
		if from := before(e.line, e.pos); from < e.pos {
			e.splice(from, e.pos, nil)
		}
	case keyDelete:
		if to := after(e.line, e.pos); to > e.pos {
			e.splice(e.pos, to, nil)
			e.pos = min(e.pos, len(e.line))
		}
	case keyKillEnd:
		e.cut(e.pos, len(e.line))
	case keyKillStart:
		e.cut(0, e.pos)
	case keyKillWord:
		e.cut(e.pos, wordAfter(e.line, e.pos))
	case keyKillWordBack:
		e.cut(wordBefore(e.line, e.pos, isWord), e.pos)
	case keyKillBlankBack:
		e.cut(wordBefore(e.line, e.pos, isNotBlank), e.pos)
	case keyYank:
		if len(e.kill) > 0 {
			e.insert(e.kill)
		}
	case keyTranspose:
		e.transpose()
	}
}

// transpose swaps the character before the cursor with the one under it, at the end of the line the last two.
func (e *editor) transpose() {
	at := e.pos
	if at == len(e.line) {
		at = before(e.line, at)
	}
	from, to := before(e.line, at), after(e.line, at)
	if from == at || at == to {
		return
	}
	swapped := slices.Concat(e.line[at:to], e.line[from:at])
	e.splice(from, to, swapped)
}

// walk moves through the history by one line.
func (e *editor) walk(by int) {
	if e.plain {
		return
	}
	b := &e.browse
	if b.edited == nil {
		*b = browsing{lines: e.history(), edited: map[int][]rune{}}
		b.at = len(b.lines)
	}
	to := b.at + by
	if to < 0 || to > len(b.lines) {
		return
	}
	b.edited[b.at] = e.line
	line, ok := b.edited[to]
	if !ok {
		line = toRunes(b.lines[to])
	}
	b.at = to
	e.change(line, len(line))
}

const joiner = 0x200d

// before is the start of the character that ends at pos: what has no width of its own belongs to what it stands on.
func before(line []rune, pos int) int {
	if pos == 0 {
		return 0
	}
	pos--
	for pos > 0 && (runeWidth(line[pos]) == 0 || line[pos-1] == joiner) {
		pos--
	}
	return pos
}

// after is the end of the character that starts at pos.
func after(line []rune, pos int) int {
	if pos >= len(line) {
		return len(line)
	}
	pos++
	for pos < len(line) && (runeWidth(line[pos]) == 0 || line[pos-1] == joiner) {
		pos++
	}
	return pos
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || runeWidth(r) == 0
}

func isNotBlank(r rune) bool { return r != ' ' && r != octetBase+'\t' }

func wordBefore(line []rune, pos int, in func(rune) bool) int {
	for pos > 0 && !in(line[pos-1]) {
		pos--
	}
	for pos > 0 && in(line[pos-1]) {
		pos--
	}
	return pos
}

func wordAfter(line []rune, pos int) int {
	for pos < len(line) && !isWord(line[pos]) {
		pos++
	}
	for pos < len(line) && isWord(line[pos]) {
		pos++
	}
	return pos
}
