package term

import (
	"fmt"
	"testing"
)

// TestLayoutOfAnySize lays all kinds of text on screens of any width: it ends (a wide character on one column once
// made it loop for ever), and nothing stands outside of the screen or in the place of something else.
func TestLayoutOfAnySize(t *testing.T) {
	text := "ab日本\u0301c🙂\te\xe9\u202e\x01語語語" + fmt.Sprint(1<<40)
	line := toRunes(text)
	for columns := 1; columns < 40; columns++ {
		for cursor := range len(line) + 1 {
			var l layout
			l.lay(picture{
				prompt: promptGlyphs("\x1b[1mprömpt \x1b[0m日> ", columns), line: lineGlyphs(nil, line, text, nil),
				hint: "hint 日本", cursor: cursor,
			}, columns)
			row, col := 0, 0
			for _, c := range l.cells {
				if c.row == row+1 && c.col == 0 {
					row, col = c.row, 0
				}
				if c.row != row || c.col != col || c.col+c.width > columns {
					t.Fatalf("%d columns: %+v at %d,%d", columns, c, row, col)
				}
				col += c.width
			}
			if l.cursorC >= columns || l.cursorRow > l.endRow+1 {
				t.Fatalf("%d columns: cursor %d,%d", columns, l.cursorRow, l.cursorC)
			}
			for rows := 1; rows < 8; rows++ {
				l.top = 0
				l.window(rows, 3)
				if l.top < 0 || l.cursorRow < l.top || l.cursorRow >= l.top+rows {
					t.Fatalf("%dx%d: cursor in row %d, first row %d", columns, rows, l.cursorRow, l.top)
				}
			}
		}
	}
}
