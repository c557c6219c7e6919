package view

import "strings"

// Fold breaks the rows that are wider than width at spaces. What follows
// hangs under the text: behind the label that the first span is, or under the
// first word.
func Fold(rows []Row, width int) []Row {
	var folded []Row
	for _, row := range rows {
		if Width(row.String()) < width || len(row) == 0 {
			folded = append(folded, row)
			continue
		}
		f := folding{width: max(width-1, 20), indent: hang(row, width)}
		for _, span := range row {
			f.span(span)
		}
		folded = append(folded, append(f.rows, f.row)...)
	}
	return folded
}

// hang is the column under which the rest of a row stands.
func hang(row Row, width int) int {
	label := row[0].Text
	spaces := len(label) - len(strings.TrimLeft(label, " "))
	column := spaces
	if len(row) > 1 {
		column = Width(label)
		text := row[1].Text
		column += len(text) - len(strings.TrimLeft(text, " "))
	}
	if column > width/2 {
		return min(spaces+4, width/2)
	}
	return column
}

// folding is a row on its way to being several.
type folding struct {
	width, indent int
	rows          []Row
	row           Row
	column        int
	gap           Span // spaces that are written once a word follows
}

func (f *folding) span(s Span) {
	for text := s.Text; text != ""; {
		word := strings.TrimLeft(text, " ")
		if n := len(text) - len(word); n > 0 {
			f.gap = s.Style.Of(f.gap.Text + text[:n])
		}
		end := strings.IndexByte(word, ' ')
		if end < 0 {
			end = len(word)
		}
		text = word[end:]
		if end > 0 {
			f.word(s.Style.Of(word[:end]))
		}
	}
}

// word puts a word behind what stands already, or on the next row.
func (f *folding) word(s Span) {
	w := Width(s.Text)
	if f.column > f.indent && f.column+len(f.gap.Text)+w > f.width {
		f.rows = append(f.rows, f.row)
		f.row, f.column, f.gap = nil, 0, Plain.Of(strings.Repeat(" ", f.indent))
	}
	if f.gap.Text != "" {
		f.put(f.gap)
		f.gap = Span{}
	}
	f.put(s)
}

// put joins a piece to the span before it where both look the same.
func (f *folding) put(s Span) {
	f.column += Width(s.Text)
	if n := len(f.row); n > 0 && (f.row[n-1].Style == s.Style || strings.Trim(s.Text, " ") == "") {
		f.row[n-1].Text += s.Text
		return
	}
	f.row = append(f.row, s)
}
