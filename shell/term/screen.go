package term

import (
	"io"
	"strconv"
	"strings"
	"sync"
)

// screen draws: the line being edited, output above it, and a status row. All writing to the terminal is here, under
// one lock, in one write for each change; readline writes nothing. So output from anywhere meets the prompt in a
// known state and no rows are damaged.
type screen struct {
	mu        sync.Mutex
	out       io.Writer
	size      func() (columns, rows int)
	up        bool    // a picture is on the screen
	last      picture // that picture, with the hint
	now       layout  // and how it lies there
	spare     layout
	atRow     int // the row of the cursor, counted from now.top
	atCol     int // and its column, -1 where terminals differ
	status    bool
	buf       []byte
	dumb      bool   // no bracketed paste
	suspender func() // stops the process and returns when it goes on
}

const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"
)

func (s *screen) flush() {
	if len(s.buf) > 0 {
		// An error means that the terminal is gone; reading will tell.
		_, _ = s.out.Write(s.buf)
		s.buf = s.buf[:0]
	}
}

func (s *screen) add(text string) { s.buf = append(s.buf, text...) }

// bracketPastes has the terminal mark what is pasted, or no longer.
func (s *screen) bracketPastes(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brackets(on)
	s.flush()
}

func (s *screen) brackets(on bool) {
	switch {
	case s.dumb:
	case on:
		s.add(pasteOn)
	default:
		s.add(pasteOff)
	}
}

// show draws a picture, or changes the one on the screen into it.
func (s *screen) show(p picture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearStatus()
	s.draw(p)
	s.flush()
}

// commit leaves a picture on the screen for good, all of it and without a hint, and goes to the next row.
func (s *screen) commit(p picture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearStatus()
	s.finish(p)
	s.flush()
}

// finish draws all of a picture and goes to the row below. What is taller than the screen scrolls.
func (s *screen) finish(p picture) {
	p.hint, p.cursor = "", len(p.line)
	columns, rows := s.size()
	s.spare.lay(p, columns)
	if s.spare.endRow+1 < rows {
		s.draw(p)
		if s.now.endCol < columns { // otherwise it is there already
			s.add("\n")
		}
	} else {
		s.wipe()
		s.cells(&s.spare, 0, s.spare.endRow)
		s.add("\n")
	}
	s.up = false
}

// erase takes the picture away.
func (s *screen) erase() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearStatus()
	s.wipe()
	s.flush()
}

// print writes whole lines above the picture.
func (s *screen) print(text string) {
	if text == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearStatus()
	again := s.up
	s.wipe()
	s.add(text)
	if !strings.HasSuffix(text, "\n") {
		s.add("\n")
	}
	if again {
		s.draw(s.last)
	}
	s.flush()
}

// setStatus shows a row of text below the output while no picture is up.
func (s *screen) setStatus(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up {
		return
	}
	s.clearStatus()
	if text != "" {
		columns, _ := s.size()
		for _, g := range fit(promptGlyphs(text, 2*columns), columns-1) {
			s.glyph(g.text, g.sgr)
		}
		s.status = true
	}
	s.flush()
}

// fit cuts glyphs to a number of columns.
func fit(glyphs []glyph, columns int) []glyph {
	for i, g := range glyphs {
		if columns -= g.width; columns < 0 {
			return glyphs[:i]
		}
	}
	return glyphs
}

// glyph writes one piece of text in a style.
func (s *screen) glyph(text, sgr string) {
	if sgr == "" {
		s.add(text)
		return
	}
	s.add("\x1b[" + sgr + "m" + text + "\x1b[0m")
}

func (s *screen) clearStatus() {
	if s.status {
		s.add("\r\x1b[J")
		s.status = false
	}
}

// clear empties the screen and draws the picture on its first row (Ctrl-L).
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.up
	s.up, s.status = false, false
	s.add("\x1b[H\x1b[2J")
	if again {
		s.draw(s.last)
	}
	s.flush()
}

// resized draws the picture anew. Most terminals have rewrapped it by now, some have not, and neither can be asked
// cheaply. To go up too far would erase output, so it goes up by the lesser of both; the other kind of terminal is
// left with a stale row.
func (s *screen) resized() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.up {
		return
	}
	columns, _ := s.size()
	if columns == s.now.columns {
		s.refresh()
		return
	}
	s.spare.lay(s.last, columns)
	s.atRow = min(s.atRow, s.spare.cursorRow)
	s.refresh()
}

// refresh draws all of the picture again.
func (s *screen) refresh() {
	s.wipe()
	s.draw(s.last)
	s.flush()
}

// redraw draws the picture where the cursor is now, after something else has used the terminal.
func (s *screen) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up {
		s.up = false
		s.add("\r\x1b[J")
		s.draw(s.last)
		s.flush()
	}
}

// wipe erases the picture and leaves the cursor where it began.
func (s *screen) wipe() {
	if !s.up {
		return
	}
	s.add("\r")
	s.move('A', s.atRow)
	s.add("\x1b[J")
	s.up = false
}

// draw brings p to the screen. Of a picture that is there already, the leading cells that stay are not written
// again, so that a key costs little however long the line is.
func (s *screen) draw(p picture) {
	columns, rows := s.size()
	next := &s.spare
	next.lay(p, columns)
	next.window(rows, s.now.top)
	keep := 0
	if s.up && s.now.columns == columns && s.now.top == next.top {
		keep = next.common(&s.now)
	} else {
		s.wipe()
	}
	bottom := next.top + rows - 1
	if row, _ := next.place(keep); keep > 0 && row > bottom {
		for keep > 0 && next.cells[keep-1].row >= bottom {
			keep--
		}
	}
	changed := keep < len(next.cells) || keep < len(s.now.cells)
	if s.up && changed {
		row, col := next.place(keep)
		s.moveTo(max(row, next.top)-next.top, col)
		if keep < len(s.now.cells) {
			s.add("\x1b[J")
		}
	}
	if !s.up || keep < len(next.cells) {
		row, col := s.cells(next, keep, bottom)
		s.atRow, s.atCol = row-next.top, col
	}
	s.moveTo(next.cursorRow-next.top, next.cursorC)
	s.now, s.spare = s.spare, s.now
	s.up, s.last = true, p
}

// cells writes the cells from the one at i on, down to the row bottom, and returns where the cursor is left.
// A full last row is left by a space, for terminals do not agree on where the cursor is after its last cell.
func (s *screen) cells(l *layout, i, bottom int) (row, col int) {
	row, col = l.place(i)
	row = max(row, l.top)
	sgr := ""
	for _, c := range l.cells[i:] {
		if c.row < l.top {
			continue
		}
		if c.row > bottom {
			break
		}
		if c.sgr != sgr {
			s.add("\x1b[0")
			if c.sgr != "" {
				s.add(";" + c.sgr)
			}
			s.add("m")
			sgr = c.sgr
		}
		s.add(c.text)
		row, col = c.row, c.col+c.width
	}
	if sgr != "" {
		s.add("\x1b[0m")
	}
	if l.endCol >= l.columns && l.endRow == row && row < bottom {
		s.add(" \r")
		return row + 1, 0
	}
	if col >= l.columns {
		col = -1
	}
	return row, col
}

// moveTo moves the cursor within the picture.
func (s *screen) moveTo(row, col int) {
	if row == s.atRow && col == s.atCol {
		return
	}
	s.add("\r")
	s.move('A', s.atRow-row)
	s.move('B', row-s.atRow)
	s.move('C', col)
	s.atRow, s.atCol = row, col
}

func (s *screen) move(direction byte, n int) {
	if n > 0 {
		s.add("\x1b[")
		s.buf = strconv.AppendInt(s.buf, int64(n), 10)
		s.buf = append(s.buf, direction)
	}
}

// suspend gives the terminal to the shell that started us, and draws the picture again afterwards.
func (s *screen) suspend() {
	s.mu.Lock()
	again, p := s.up, s.last
	s.wipe()
	s.flush()
	s.mu.Unlock()
	s.suspender()
	if again {
		s.show(p)
	}
}

// close leaves the cursor on a row of its own, and the picture as it stands but for its hint.
func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearStatus()
	if s.up {
		s.finish(s.last)
	}
	s.brackets(false)
	s.flush()
	s.out = io.Discard
}
