package term

import (
	"fmt"
	"slices"
	"strings"
)

// tab completes the word at the cursor, and says what to list if that could add nothing.
func (e *editor) tab(complete func(line string, pos int) Completion) []Candidate {
	line := fromRunes(e.line)
	pos := byteOffset(e.line, e.pos)
	c := complete(line, pos)
	if len(c.Candidates) == 0 || c.Start < 0 || c.Start > c.End || c.End > len(line) {
		return nil
	}
	from, to := runeIndex(e.line, c.Start), runeIndex(e.line, c.End)
	if from < 0 || to < 0 {
		return nil
	}
	if len(c.Candidates) == 1 {
		e.completeWhole(from, to, c.Candidates[0])
		return nil
	}
	common := c.Candidates[0].Text
	for _, other := range c.Candidates[1:] {
		common = foldPrefix(common, other.Text)
	}
	if len(common) > c.End-c.Start {
		e.splice(from, to, toRunes(common))
		return nil
	}
	return c.Candidates
}

func (e *editor) completeWhole(from, to int, c Candidate) {
	text := toRunes(c.Text)
	space := !c.Partial && !strings.HasSuffix(c.Text, " ")
	if space && to < len(e.line) && e.line[to] == ' ' {
		space = false
		to++
		text = append(text, ' ')
	}
	if space {
		text = append(text, ' ')
	}
	if slices.Equal(e.line[from:to], text) {
		e.pos = to
		return
	}
	e.splice(from, to, text)
}

// listing lays candidates out in columns, from the one at skip on and within the rows there are. It returns how many
// it shows. Candidates with notes stand one in a row.
func listing(all []Candidate, skip, width, rows int) (string, int) {
	list := all[skip:]
	widest, notes := 0, false
	for _, c := range list {
		widest = max(widest, textWidth(visible(c.Text)))
		notes = notes || c.Note != ""
	}
	widest = min(widest, max(1, width-1))
	perRow := 1
	if !notes {
		perRow = max(1, width/(widest+2))
	}
	rows = max(1, rows)
	shown := min(len(list), rows*perRow)
	var b strings.Builder
	for i, c := range list[:shown] {
		cell := cutWidth(visible(c.Text), width-1)
		if pad := widest - textWidth(cell); notes || (i+1)%perRow != 0 && i+1 < shown {
			cell += strings.Repeat(" ", max(0, pad)+2)
		}
		if c.Note != "" {
			cell = cutWidth(cell+visible(c.Note), width-1)
		}
		if (i+1)%perRow == 0 || i+1 == shown {
			cell = strings.TrimRight(cell, " ") + "\n"
		}
		b.WriteString(cell)
	}
	if more := len(list) - shown; more > 0 {
		fmt.Fprintf(&b, "… %d more\n", more)
	}
	return b.String(), shown
}
