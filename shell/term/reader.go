package term

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	xterm "golang.org/x/term"
)

// MaxLine is the longest line that a Reader takes, in octets.
const MaxLine = 16 << 20

// ErrLineTooLong is the error of a Reader's Next for a line over MaxLine. The rest of that line is skipped.
var ErrLineTooLong = errors.New("line is too long")

// Reader is a Source over a pipe or a file. It asks nobody and writes nothing of its own.
type Reader struct {
	out    io.Writer
	print  sync.Mutex
	status bool  // a row of Status is on the screen
	failed error // of the first output that did
	asking sync.Mutex
	in     *bufio.Reader
	number int
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	pushed []Line
	ahead  chan result // a read that goes on although the Next which began it was cancelled
}

type result struct {
	line Line
	err  error
}

// NewReader gives a Source that reads lines from r, and prints to out.
func NewReader(r io.Reader, out io.Writer) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64*1024), out: out, closed: make(chan struct{})}
}

// Next reads a line. The Request is of no importance here.
func (s *Reader) Next(ctx context.Context, _ Request) (Line, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	select {
	case <-s.closed:
		return Line{}, ErrClosed
	default:
	}
	if ctx.Err() != nil {
		return Line{}, &Cancelled{"", ctx.Err()}
	}
	if line, ok := s.takePushed(); ok {
		return line, nil
	}
	if s.ahead == nil {
		if buffered, _ := s.in.Peek(s.in.Buffered()); bytes.IndexByte(buffered, '\n') >= 0 {
			return s.read() // cannot block
		}
		ahead := make(chan result, 1)
		go func() {
			line, err := s.read()
			ahead <- result{line, err}
		}()
		s.ahead = ahead
	}
	select {
	case r := <-s.ahead:
		s.ahead = nil
		return r.line, r.err
	case <-ctx.Done():
		return Line{}, &Cancelled{"", context.Cause(ctx)}
	case <-s.closed:
		return Line{}, ErrClosed
	}
}

func (s *Reader) takePushed() (Line, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pushed) == 0 {
		return Line{}, false
	}
	line := s.pushed[0]
	s.pushed = s.pushed[1:]
	return line, true
}

// read takes one line off the input: up to LF, without it and without a CR before it. A CR elsewhere is text.
func (s *Reader) read() (Line, error) {
	var text []byte
	var long bool
	for {
		part, err := s.in.ReadSlice('\n')
		if long = long || len(text)+len(part) > MaxLine; !long {
			text = append(text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0 && !long) {
			return Line{}, err
		}
		s.number++
		if long {
			return Line{Number: s.number}, fmt.Errorf("read line %d: %w", s.number, ErrLineTooLong)
		}
		line := Line{Number: s.number, Partial: err != nil}
		if !line.Partial {
			text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		}
		line.Text = string(text)
		return line, nil
	}
}

// Interactive is false: nobody is asked.
func (s *Reader) Interactive() bool { return false }

// Pending counts the lines that were pushed back; what has not been read yet is unknown.
func (s *Reader) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pushed)
}

// TakePending removes and returns the lines that were pushed back.
func (s *Reader) TakePending() []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.pushed
	s.pushed = nil
	return lines
}

// PushBack puts lines in front of what is to be read.
func (s *Reader) PushBack(lines []Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushed = append(lines[:len(lines):len(lines)], s.pushed...)
}

// Print writes whole lines of output.
func (s *Reader) Print(text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	s.print.Lock()
	defer s.print.Unlock()
	if s.status {
		s.status = false
		text = "\r\x1b[K" + text
	}
	// Whoever reads our output may have gone; the work goes on all the same.
	if _, err := io.WriteString(s.out, text); s.failed == nil {
		s.failed = err
	}
}

// Err is why the first output that failed did; nil when none did.
func (s *Reader) Err() error {
	s.print.Lock()
	defer s.print.Unlock()
	return s.failed
}

// Status shows a row on an output that is a terminal, for what takes long; "" erases it.
func (s *Reader) Status(text string) {
	f, ok := s.out.(*os.File)
	if !ok || !IsTerminal(f) {
		return
	}
	s.print.Lock()
	defer s.print.Unlock()
	s.status = text != ""
	_, _ = io.WriteString(s.out, "\r\x1b[K"+text)
}

// Interrupts never ticks: Ctrl-C has its usual effect on the program.
func (s *Reader) Interrupts() <-chan struct{} { return nil }

// Width is that of the output if it is a terminal, else 80.
func (s *Reader) Width() int {
	columns, _ := s.size()
	return columns
}

// Height is that of the output if it is a terminal, else 24.
func (s *Reader) Height() int {
	_, rows := s.size()
	return rows
}

func (s *Reader) size() (columns, rows int) {
	if f, ok := s.out.(*os.File); ok {
		if columns, rows, err := xterm.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

// Release runs the program: there is no terminal to give away.
func (s *Reader) Release(run func() error) error { return run() }

// Remember does nothing: a history is for what was typed.
func (s *Reader) Remember(string) {}

// Close ends a Next that waits. It does not close what is read from.
func (s *Reader) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}
