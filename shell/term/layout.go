package term

// cell is a glyph in its place, counted from the first cell of the prompt.
type cell struct {
	glyph
	row, col int
}

// layout is a picture laid on rows.
type layout struct {
	cells              []cell
	columns            int
	endRow, endCol     int // where the next glyph would stand
	cursorRow, cursorC int
	top                int // the first row that is on the screen, if not all fit
}

// lay puts a picture on rows of the given width, into l's own memory. The hint only gets the rest of its row, so
// that it never makes the line taller.
func (l *layout) lay(p picture, columns int) {
	l.cells, l.columns, l.top = l.cells[:0], columns, 0
	l.endRow, l.endCol = 0, 0
	for _, g := range p.prompt {
		l.put(g)
	}
	for i, g := range p.line {
		if i == p.cursor {
			l.markCursor(g.width)
		}
		l.put(g)
	}
	if p.cursor >= len(p.line) {
		l.markCursor(1)
		room := columns - l.cursorC - 1
		hint := cutWidth(p.hint, room)
		if len(hint) < len(p.hint) && room > 0 {
			hint = cutWidth(p.hint, room-1) + "…"
		}
		for _, r := range hint {
			l.put(glyph{string(r), runeWidth(r), sgrDim})
		}
	}
}

// markCursor sets the cursor to where a glyph of the given width will stand.
func (l *layout) markCursor(width int) {
	l.cursorRow, l.cursorC = l.endRow, l.endCol
	if l.cursorC+max(1, min(width, l.columns)) > l.columns {
		l.cursorRow, l.cursorC = l.cursorRow+1, 0
	}
}

// put places a glyph. One that does not fit in its row begins the next; what is left is filled, as terminals
// differ in how they would do that. A glyph wider than one cell that is not one wide character is cut like text.
func (l *layout) put(g glyph) {
	if g.width == 0 {
		if n := len(l.cells); n > 0 {
			l.cells[n-1].text += g.text
		}
		return
	}
	if n := len(g.text); g.width == n && n > 1 {
		for i := range n {
			l.put(glyph{g.text[i : i+1], 1, g.sgr})
		}
		return
	}
	if g.width > l.columns {
		g = glyph{"?", 1, g.sgr} // a screen of one column has no room for it
	}
	for l.endCol+g.width > l.columns {
		if l.endCol >= l.columns {
			l.endRow, l.endCol = l.endRow+1, 0
			break
		}
		l.cells = append(l.cells, cell{glyph{" ", 1, ""}, l.endRow, l.endCol})
		l.endCol++
	}
	l.cells = append(l.cells, cell{g, l.endRow, l.endCol})
	l.endCol += g.width
}

// window chooses the rows to show where there are more than the screen has. It moves as little as it can.
func (l *layout) window(rows, lastTop int) {
	last := max(l.endRow, l.cursorRow)
	if last < rows {
		return
	}
	l.top = min(max(lastTop, l.cursorRow-rows+1), l.cursorRow, last-rows+1)
}

// common counts the leading cells that two layouts share.
func (l *layout) common(o *layout) int {
	n := 0
	for n < len(l.cells) && n < len(o.cells) && l.cells[n] == o.cells[n] {
		n++
	}
	return n
}

// place is where the cell i stands, or would stand.
func (l *layout) place(i int) (row, col int) {
	if i < len(l.cells) {
		return l.cells[i].row, l.cells[i].col
	}
	if l.endCol >= l.columns {
		return l.endRow + 1, 0
	}
	return l.endRow, l.endCol
}
