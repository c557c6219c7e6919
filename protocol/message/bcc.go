package message

import "io"

// WithoutBcc passes a message on without its Bcc and Resent-Bcc fields, lines
// that continue them included, so that nobody reads who the blind recipients
// are (RFC 5322 §3.6.3). All other octets stay as they are. What it reads may
// have any line ends, and where those leave a doubt whether the header goes on,
// it does. A text that does not begin with a header is passed on whole.
func WithoutBcc(r io.Reader) io.Reader { return &bccFilter{lines: newLineReader(r)} }

type bccFilter struct {
	lines lineReader
	rest  []byte // of the fragment that is being passed on
	begun bool   // a line was seen
	drop  bool   // the line belongs to a field that stays behind
	inner bool   // which began behind a bare CR
	glued bool   // and ended in LF: what follows goes on with the line before it
	soft  bool   // the header has ended for those who take a CR for a line end
	body  bool   // the header has ended
}

// Read passes on what stays.
func (f *bccFilter) Read(p []byte) (int, error) {
	for len(f.rest) == 0 && !f.body {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	if len(f.rest) > 0 {
		n := copy(p, f.rest)
		f.rest = f.rest[n:]
		return n, nil
	}
	f.lines.done()
	if f.lines.err != nil && f.lines.r.Buffered() == 0 {
		return 0, f.lines.err
	}
	return f.lines.r.Read(p)
}

// fill reads a fragment of the header and decides what becomes of it.
func (f *bccFilter) fill() error {
	fragment, begins, err := f.lines.next()
	if err != nil {
		return err
	}
	if begins && !f.soft {
		f.begin(fragment)
		f.begun = true
	}
	lf := f.lines.last == endLF
	if f.drop {
		f.glued = f.glued || f.inner && lf
		return nil
	}
	if f.rest = fragment; lf { // a line is over for those who see them end in LF alone
		f.soft, f.glued = false, false
	}
	return nil
}

// begin looks at the beginning of a line.
func (f *bccFilter) begin(line []byte) {
	if f.begun && isBlank(line[0]) { // goes on with the field before it
		return
	}
	if isEmpty(line) && !f.lines.isEnd(line) { // the LF of a line end that has a CR too many
		return
	}
	f.drop = false
	if isEmpty(line) {
		// For those who see lines end in LF alone it is empty, or no field, or
		// stands within a field.
		inside := f.glued || f.lines.prev == endCR
		f.soft, f.body = inside, !inside
		return
	}
	name, ok := fieldName(line)
	f.drop, f.inner = isAnyOf(string(name), blindFields), f.lines.prev == endCR
	f.body = !f.begun && !ok && !isMboxLine(line)
}
