package message

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// lineBuffer is how much of a line is seen at once.
const lineBuffer = 4 << 10

// ending is how a line ends.
type ending uint8

const (
	endNone ending = iota // it goes on, or the input ended
	endLF                 // LF or CRLF
	endCR                 // CR alone
)

// lineReader reads the lines of a header, a long one in fragments. A CR alone
// ends a line too: a receiver may take it for a line end, and so may whatever
// makes CRLF of it on the way.
type lineReader struct {
	r    *bufio.Reader
	used int    // octets of the last fragment, to be discarded
	last ending // how the last fragment ended
	prev ending // how the line before it ended
	err  error  // what ended the input
}

func newLineReader(r io.Reader) lineReader {
	return lineReader{r: bufio.NewReaderSize(r, lineBuffer), last: endLF}
}

// next is the next fragment with its line end, good until the next call.
// Begins says that a line begins with it; a fragment that does not end its
// line has some 4 KiB.
func (l *lineReader) next() (fragment []byte, begins bool, err error) {
	l.done()
	if begins = l.last != endNone; begins {
		l.prev = l.last
	}
	for want := 1; ; {
		if _, err := l.r.Peek(want); err != nil && l.err == nil {
			l.err = err
		}
		b, _ := l.r.Peek(l.r.Buffered())
		if len(b) == 0 {
			return nil, false, l.err
		}
		all := len(b) == lineBuffer || l.err != nil
		i := bytes.IndexAny(b, "\r\n")
		switch {
		case i < 0 && all:
			return l.cut(b, len(b), endNone), begins, nil
		case i < 0:
		case b[i] == '\n':
			return l.cut(b, i+1, endLF), begins, nil
		case i+1 < len(b) && b[i+1] == '\n':
			return l.cut(b, i+2, endLF), begins, nil
		case i+1 < len(b) || l.err != nil:
			return l.cut(b, i+1, endCR), begins, nil
		case all: // whether an LF follows is seen with the next fragment
			return l.cut(b, i, endNone), begins, nil
		}
		want = len(b) + 1
	}
}

func (l *lineReader) cut(b []byte, n int, end ending) []byte {
	l.used, l.last = n, end
	return b[:n]
}

// done discards the last fragment, so that r goes on behind it.
func (l *lineReader) done() {
	l.r.Discard(l.used) // it was peeked at, and so is there
	l.used = 0
}

// isEnd reports the empty line that ends a header. Behind a bare CR an empty
// line is none for those who see lines end in LF alone, so that the header may
// go on; only one that ends in a CR too, as all did on an old Mac, is.
func (l *lineReader) isEnd(fragment []byte) bool {
	return isEmpty(fragment) && !(l.prev == endCR && l.last == endLF)
}

// isEmpty reports a line of nothing but its end.
func isEmpty(line []byte) bool { return len(trimEnd(line)) == 0 }

// field is one field of a header, unfolded.
type field struct {
	name  string
	value string // without the blanks around it
	line  int    // where it begins, from 1
}

// fieldReader reads the fields of a header.
type fieldReader struct {
	lines lineReader
	line  int // lines begun
	read  int // octets
}

func newFieldReader(r io.Reader) *fieldReader { return &fieldReader{lines: newLineReader(r)} }

// next is the next field; io.EOF says that the header has ended, and that
// lines.r stands at the body.
func (f *fieldReader) next() (field, error) {
	line, err := f.whole()
	for err == nil && (f.line == 1 && isMboxLine(line) || isEmpty(line) && !f.lines.isEnd(line)) {
		line, err = f.whole()
	}
	if err != nil {
		return field{}, err
	}
	if f.lines.isEnd(line) {
		f.lines.done()
		return field{}, io.EOF
	}
	at := f.line
	name, ok := fieldName(line)
	if !ok {
		return field{}, fmt.Errorf("line %d: %w, and no empty line before it", at, ErrHeader)
	}
	out := field{name: string(name), line: at}
	value := trimEnd(line[bytes.IndexByte(line, ':')+1:])
	for f.continued() {
		if line, err = f.whole(); err != nil {
			return field{}, err
		}
		value = append(value, trimEnd(line)...)
	}
	out.value = strings.Trim(string(value), blanks)
	return out, nil
}

// trimEnd takes the line end off, which is all that unfolding takes (RFC 5322
// §2.2.3).
func trimEnd(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }

// continued reports that the next line begins with a blank, and so belongs to
// the field before it.
func (f *fieldReader) continued() bool {
	f.lines.done()
	b, _ := f.lines.r.Peek(1)
	return len(b) > 0 && isBlank(b[0])
}

// whole is a line in one, with its end. The end of the input ends a header
// too.
func (f *fieldReader) whole() ([]byte, error) {
	const maxHeader = 16 << 20
	var line []byte
	for {
		fragment, begins, err := f.lines.next()
		if err != nil && (err != io.EOF || len(line) == 0) {
			return nil, err
		}
		if begins && err == nil {
			f.line++
		}
		line = append(line, fragment...)
		if f.read += len(fragment); f.read > maxHeader {
			return nil, ErrTooLarge
		}
		if err != nil || f.lines.last != endNone {
			return line, nil
		}
	}
}
