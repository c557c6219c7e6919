package view

import (
	"fmt"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
)

// The rows and the words of package trace, by the names that the shell knows
// them by: a transcript says the same things as the screen does.
type (
	// Style says what a span of text is; the Screen decides how that looks.
	Style = trace.Style
	// Span is text in one style.
	Span = trace.Span
	// Row is one row of the screen; a row too long for it is wrapped by the
	// terminal.
	Row = trace.Row
)

// The styles, as trace has them.
const (
	Plain   = trace.Plain
	Dim     = trace.Dim
	Strong  = trace.Strong
	Good    = trace.Good
	Ask     = trace.Ask
	Caution = trace.Caution
	Bad     = trace.Bad
	Mark    = trace.Mark
)

// T is a row of one plain span.
func T(text string) Row { return Row{{Text: text}} }

// Tf is T with formatting.
func Tf(format string, args ...any) Row { return T(fmt.Sprintf(format, args...)) }

// Escape makes text safe for a terminal.
func Escape(text string) string { return trace.Escape(text) }

// EscapeAll is Escape for octets that are to be read back.
func EscapeAll(text string) string { return trace.EscapeAll(text) }

// Duration writes a time as people read it: "0.4 ms", "3.2 s".
func Duration(d time.Duration) string { return trace.Duration(d) }

// Octets writes a size as people read it: "900 octets", "1.5 kB".
func Octets(n uint64) string { return trace.Octets(n) }

// TLS is what a handshake settled, in rows.
func TLS(t protocol.TLS, at time.Time, timed bool) []Row { return trace.TLS(t, at, timed) }
