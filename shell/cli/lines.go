package cli

import (
	"bufio"
	"io"
)

// maxLine is how many octets of a line of a file check and decode hold; what
// is behind them is counted and passed over, so that no file fills the memory.
const maxLine = 1 << 20

// lineReader reads a file line by line in bounded memory, where bufio.Scanner
// gives up on a line that is too long.
type lineReader struct {
	in   *bufio.Reader
	line []byte
}

func newLineReader(in io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10)}
}

// next is one line without its LF or CR LF, good until the next call; cut says
// that it went on. At the end of the file the error is io.EOF.
func (r *lineReader) next() (line []byte, cut bool, err error) {
	part, err := r.in.ReadSlice('\n')
	if err == nil { // the whole line at once, as nearly always
		return trimEnd(part), false, nil
	}
	r.line = r.line[:0]
	for {
		room := min(len(part), maxLine+len("\r\n")-len(r.line))
		r.line = append(r.line, part[:room]...)
		cut = cut || room < len(part)
		if err != bufio.ErrBufferFull {
			break
		}
		part, err = r.in.ReadSlice('\n')
	}
	if err != nil && (err != io.EOF || len(r.line) == 0) {
		return nil, false, err
	}
	if line = r.line; !cut {
		line = trimEnd(line)
	}
	return line[:min(len(line), maxLine)], cut || len(line) > maxLine, nil
}

// trimEnd takes LF or CR LF away; a CR at the end of a file counts as one.
func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}
