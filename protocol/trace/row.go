package trace

// Style says what a span of text is; who shows it decides how that looks.
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

// Of is text in the style.
func (s Style) Of(text string) Span { return Span{text, s} }

// Span is text in one style. The text may hold any octets: who shows it
// escapes what is not printable.
type Span struct {
	Text  string
	Style Style
}

// Row is one row of what there is to say.
type Row []Span

// Styled is the row as text, escaped: with the styles of a terminal, or plain.
func (r Row) Styled(color bool) string { return string(r.Append(nil, color)) }

// String is the row as plain text.
func (r Row) String() string { return r.Styled(false) }

// Append appends what Styled gives.
func (r Row) Append(b []byte, color bool) []byte {
	for _, span := range r {
		code := span.Style.SGR()
		if !color || code == "" || span.Text == "" {
			b = AppendEscaped(b, span.Text)
			continue
		}
		b = append(append(append(b, "\x1b["...), code...), 'm')
		b = AppendEscaped(b, span.Text)
		b = append(b, "\x1b[0m"...)
	}
	return b
}
