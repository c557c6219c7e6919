// Package term says where a line comes from: a person at a terminal, a pipe or a file.
//
// It knows nothing about SMTP. The terminal is read through chzyer/readline, which keeps the line and runs the loop
// over its runes, and which nothing else may import: what that library gets wrong (see the comments in readline.go)
// stays behind this package. In front of it stands a decoder for what a terminal sends, behind it a screen which draws.
package term

import (
	"context"
	"errors"
	"os"

	xterm "golang.org/x/term"
)

// Line is one line as it was entered, without its line end.
type Line struct {
	// Text holds the octets that were entered, byte for byte, control bytes and invalid UTF-8 included.
	Text string
	// Pasted says that the line end came out of a paste or a burst of input rather than from the Enter key.
	Pasted bool
	// Edited says, where a proposal was made, that something else than the untouched proposal was entered.
	Edited bool
	// Partial says that the input ended without a line end (pipe, file, and the unfinished rest of a paste).
	Partial bool
	// Number counts the lines of a pipe or a file from 1. It is 0 for a terminal.
	Number int
}

// Request says how the next line is asked for.
type Request struct {
	// Prompt is one row of text. It may hold SGR sequences and no other escapes.
	Prompt string
	// Text is what the edit line holds at first.
	Text string
	// Proposal makes Text a proposal: Enter accepts it as it stands, a cursor, erase or Tab key starts to edit it,
	// the first printable key or a paste replaces it.
	Proposal bool
	// Veiled keeps what Assist.Redact would leave out of Text from being seen until a key touches the line.
	Veiled bool
	// Plain asks for a line of a message: a Tab key inserts a tab, there are no hints, colours or history.
	Plain bool
	// Open has Ctrl-D end a line that is not empty as Enter does, but without a line end: the Line is Partial.
	Open bool
	// Secret asks for a line that is not shown and leaves no trace.
	Secret bool
	// Keyboard leaves the pasted lines that already wait where they are, and asks the person.
	Keyboard bool
}

// ErrInterrupt is matched by the error of Next after Ctrl-C at the prompt; that error is an *Interrupted.
var ErrInterrupt = errors.New("interrupted")

// ErrClosed is the error of Next once its Source is closed.
var ErrClosed = errors.New("source of lines is closed")

// Interrupted is the error of a Next that was ended by Ctrl-C, with what had been typed.
type Interrupted struct{ Text string }

// Error says that the line was interrupted; the text is not part of it.
func (*Interrupted) Error() string { return ErrInterrupt.Error() }

// Unwrap makes errors.Is(err, ErrInterrupt) hold.
func (*Interrupted) Unwrap() error { return ErrInterrupt }

// Cancelled is the error of a Next whose context ended. The prompt is gone from the screen; whoever asks again
// passes Text as Request.Text, so that nothing typed is lost.
type Cancelled struct {
	Text string
	Err  error
}

// Error is that of the context.
func (c *Cancelled) Error() string { return c.Err.Error() }

// Unwrap gives the context's error.
func (c *Cancelled) Unwrap() error { return c.Err }

// Source is where lines come from: a Terminal, or a Reader over a pipe or a file.
type Source interface {
	// Next asks for a line. The error is io.EOF at the end of the input and after Ctrl-D on an empty line, an
	// *Interrupted after Ctrl-C, a *Cancelled when ctx ends, and ErrClosed after Close.
	Next(ctx context.Context, r Request) (Line, error)
	// Interactive says whether a person is asked.
	Interactive() bool
	// Pending counts the whole lines of a paste that wait.
	Pending() int
	// TakePending removes and returns the pasted lines that wait, an unfinished last one (Partial) included.
	TakePending() []Line
	// PushBack puts lines in front of what waits.
	PushBack(lines []Line)
	// Print writes whole lines of already escaped output, above the prompt if one is up. It may be called from any
	// goroutine.
	Print(text string)
	// Status shows one transient row below the output while no prompt is up. Print, Next and Status("") erase it.
	Status(text string)
	// Interrupts ticks for Ctrl-C while no line is asked for. A tick that nobody took is dropped by the next Next.
	Interrupts() <-chan struct{}
	// Width is the number of columns, 80 where it is unknown.
	Width() int
	// Height is the number of rows, 24 where it is unknown.
	Height() int
	// Release gives the terminal to another program while run runs it. It must not be called while a line is asked for.
	Release(run func() error) error
	// Remember appends a line to the history.
	Remember(text string)
	// Close restores the terminal. It may be called twice, from any goroutine, and while Next waits.
	Close() error
}

// Assist is what the terminal asks about the line being edited. Its methods are called on every key, maybe from
// several goroutines: they are to be pure and fast.
type Assist interface {
	// Complete says what could stand at the byte offset pos.
	Complete(line string, pos int) Completion
	// Hint gives the text shown dimmed behind the cursor at the end of the line. It is never accepted.
	Hint(line string) string
	// Highlight gives spans in byte offsets, ascending and without overlap.
	Highlight(line string) []Span
	// Redact gives what remains of a line on the screen once it was entered: the line itself, or less of it where it
	// holds a secret.
	Redact(line string) string
}

// Span is a stretch of a line and how it is shown, for example Span{0, 4, "1;34"}.
type Span struct {
	Start, End int
	SGR        string
}

// Completion lists what line[Start:End] can be replaced with.
type Completion struct {
	Start, End int
	Candidates []Candidate
}

// Candidate is one completion. A space is added behind Text unless it ends in one or Partial says that more may
// follow directly. Note explains it in a list.
type Candidate struct {
	Text, Note string
	Partial    bool
}

// Config says what a Terminal works with. In and Out must be terminals; the rest may be left out.
type Config struct {
	In, Out *os.File
	Assist  Assist
	History *History
	// Color allows colours and dimmed text. Without it there are neither hints nor highlighting.
	Color bool
	// Dumb is for a terminal that does not know bracketed paste, and would show the sequences that ask for it.
	Dumb bool
}

// IsTerminal says whether f is a terminal.
func IsTerminal(f *os.File) bool {
	return f != nil && xterm.IsTerminal(int(f.Fd()))
}
