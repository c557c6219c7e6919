package trace

import (
	"strconv"
	"time"
)

// timeline keeps when each exchange was, to draw all of them to scale at the
// end.
type timeline struct {
	begun time.Time // the first event
	marks []exchangeMark
}

// exchangeMark is an exchange on the timeline, or several in a row where there
// are many.
type exchangeMark struct {
	article  int // of the first
	count    int
	from, to time.Duration
	name     string // of the first
	style    Style  // of the worst
}

// mostMarks is how many marks are kept: there are no more dots on a screen.
const mostMarks = 1024

func (t *timeline) add(m exchangeMark) {
	if len(t.marks) == mostMarks {
		t.halve()
	}
	t.marks = append(t.marks, m)
}

// halve joins the marks in pairs.
func (t *timeline) halve() {
	for i := range len(t.marks) / 2 {
		m, n := t.marks[2*i], t.marks[2*i+1]
		m.count, m.to, m.style = m.count+n.count, n.to, worse(m.style, n.style)
		t.marks[i] = m
	}
	t.marks = t.marks[:len(t.marks)/2]
}

// worse is the style that an eye should find first.
func worse(a, b Style) Style {
	if a == Bad || b == Bad {
		return Bad
	}
	return max(a, b)
}

// append appends the drawing, and a link to each exchange in it.
func (t *timeline) append(b []byte) []byte {
	if len(t.marks) == 0 {
		return b
	}
	total := max(t.marks[len(t.marks)-1].to, time.Millisecond)
	b = append(b, `<nav class="timeline" aria-label="Times to scale"><svg width="100%" height="46">`...)
	step := tick(total)
	for n := range total/step + 1 {
		at := n * step
		b = percent(append(b, `<line class="tick" y1="0" y2="30" x1="`...), at, total)
		b = percent(append(b, `" x2="`...), at, total)
		b = percent(append(b, `"/><text y="43" x="`...), at, total)
		if at > total-step/2 { // a word that would reach beyond the end
			b = append(b, `" text-anchor="end`...)
		}
		b = append(append(append(b, `">`...), strconv.FormatFloat(at.Seconds(), 'f', -1, 64)...), " s</text>"...)
	}
	for _, m := range t.marks {
		b = append(strconv.AppendInt(append(b, `<a href="#x`...), int64(m.article), 10), `"><title>`...)
		b = escaped(b, m.name)
		if m.count > 1 {
			b = append(strconv.AppendInt(append(b, " and "...), int64(m.count-1), 10), " more"...)
		}
		b = append(append(append(b, ", after "...), Duration(m.from)...), ", took "...)
		b = append(append(b, Duration(m.to-m.from)...), `</title><rect y="6" height="18" rx="1" class="`...)
		width := max(m.to-m.from, total/400)
		b = percent(append(append(b, class(m.style)...), `" x="`...), min(m.from, total-width), total)
		b = percent(append(b, `" width="`...), width, total)
		b = append(b, `"/></a>`...)
	}
	return append(b, "</svg></nav>\n"...)
}

// percent appends a time as a part of the whole.
func percent(b []byte, at, total time.Duration) []byte {
	return append(strconv.AppendFloat(b, 100*float64(min(max(at, 0), total))/float64(total), 'f', 2, 64), '%')
}

// tick is the time between two marks of a scale: 1, 2 or 5 of something, four
// to ten of them in all.
func tick(total time.Duration) time.Duration {
	for step := time.Millisecond; ; step *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if total/(n*step) < 10 {
				return n * step
			}
		}
	}
}
