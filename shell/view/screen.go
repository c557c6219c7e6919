// Package view shows what happens: Screen is the one place that writes to the
// terminal, and the renderings turn events into rows for it or into plain
// text. Every octet that came from elsewhere is escaped here and nowhere
// else, so nothing a server says is ever executed by the terminal.
package view

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Style says what a span of text is; the Screen decides how that looks.
type Style uint8

const (
	// Plain is ordinary text.
	Plain Style = iota
	// Dim is what may be passed over: notes, times.
	Dim
	// Strong is a name or a heading.
	Strong
	// Good is a positive completion (2yz).
	Good
	// Ask is a positive intermediate reply (3yz).
	Ask
	// Caution is a transient failure (4yz), or a warning.
	Caution
	// Bad is a permanent failure (5yz), or an error.
	Bad
	// Mark is the caret under a fault.
	Mark
)

// sgr is how a style looks; colours of the basic eight, which every theme
// makes readable on its own background.
var sgr = [...]string{Plain: "", Dim: "2", Strong: "1", Good: "32", Ask: "36", Caution: "33", Bad: "31", Mark: "1;31"}

// SGR is the parameter of the escape sequence that shows the style.
func (s Style) SGR() string { return sgr[s] }

// Span is text in one style. The text may hold any octets: the Screen escapes
// what is not printable.
type Span struct {
	Text  string
	Style Style
}

// Row is one row of the screen; a row too long for it is wrapped by the
// terminal.
type Row []Span

// T is a row of one plain span.
func T(text string) Row { return Row{{Text: text}} }

// Tf is T with formatting.
func Tf(format string, args ...any) Row { return T(fmt.Sprintf(format, args...)) }

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
	var b strings.Builder
	for _, row := range rows {
		row.write(&b, color)
		b.WriteByte('\n')
	}
	s.out.Print(b.String())
}

// Styled is the row as text for a prompt, escaped like any other.
func (r Row) Styled(color bool) string {
	var b strings.Builder
	r.write(&b, color)
	return b.String()
}

func (r Row) write(b *strings.Builder, color bool) {
	for _, span := range r {
		code := span.Style.SGR()
		if !color || code == "" || span.Text == "" {
			b.WriteString(Escape(span.Text))
			continue
		}
		b.WriteString("\x1b[" + code + "m")
		b.WriteString(Escape(span.Text))
		b.WriteString("\x1b[0m")
	}
}

// String is the row as plain text.
func (r Row) String() string { return r.Styled(false) }

// Escape makes text safe for a terminal: what is printable stays, everything
// else (control characters, escape sequences, octets that are no UTF-8,
// direction marks) becomes visible as \r, \t, \xNN or \u{NNNN}.
func Escape(text string) string {
	if clean(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case printable(r):
			b.WriteString(text[i : i+n])
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%04x}`, r)
		}
		i += n
	}
	return b.String()
}

// EscapeAll is Escape for octets that are to be read back: a backslash is
// doubled too.
func EscapeAll(text string) string {
	return Escape(strings.ReplaceAll(text, `\`, `\\`))
}

func clean(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}

func printable(r rune) bool {
	return r == ' ' || unicode.IsPrint(r) || unicode.Is(unicode.Mn, r)
}

// Width is how many columns text takes on the screen once it is escaped.
func Width(text string) int { return displaywidth.String(Escape(text)) }

// Pad is text with spaces behind it up to a width in columns.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}
