// Package view shows what happens: Screen is the one place that writes to the
// terminal, and the renderings turn events into rows for it or into plain
// text. Every octet that came from elsewhere is escaped here and nowhere
// else, so nothing a server says is ever executed by the terminal.
package view

import (
	"strings"
	"sync"

	"github.com/clipperhouse/displaywidth"
)

// Printer puts finished text on the terminal, whole rows at a time.
type Printer interface {
	Print(text string)
	Width() int
}

// Screen escapes and styles rows and hands them to a Printer.
type Screen struct {
	out   Printer
	mu    sync.Mutex
	color bool
}

// NewScreen makes a Screen that writes to out, in colour or not.
func NewScreen(out Printer, color bool) *Screen { return &Screen{out: out, color: color} }

// SetColor turns styles on or off.
func (s *Screen) SetColor(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.color = on
}

// Color reports whether styles are shown.
func (s *Screen) Color() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.color
}

// Width is the number of columns.
func (s *Screen) Width() int { return s.out.Width() }

// Rows prints rows, all together.
func (s *Screen) Rows(rows ...Row) {
	if len(rows) == 0 {
		return
	}
	color := s.Color()
	var b []byte
	for _, row := range rows {
		b = append(row.Append(b, color), '\n')
	}
	s.out.Print(string(b))
}

// Width is how many columns text takes on the screen once it is escaped.
func Width(text string) int { return displaywidth.String(Escape(text)) }

// Pad is text with spaces behind it up to a width in columns.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}
