package wire

import (
	"fmt"
	"io"
	"slices"
)

// piece is octets that are ready for the wire, or why none can come. Last
// says that it ends the message, and may be empty.
type piece struct {
	raw  []byte
	last bool
	err  error
}

// coding turns a message into octets for the wire.
type coding interface {
	Append(dst, src []byte) []byte
	End(dst []byte) []byte
}

// verbatim is the coding of a chunk.
type verbatim struct{}

func (verbatim) Append(dst, src []byte) []byte { return append(dst, src...) }
func (verbatim) End(dst []byte) []byte         { return dst }

const (
	// firstRead is how much room the first read has, so that a short message
	// does not cost the memory of a long one.
	firstRead = 4 << 10
	// wholeRead is how much of r makes a piece. What DATA adds to ordinary
	// text fits into a block with it.
	wholeRead = 60 << 10
)

// ahead reads a message on a goroutine of its own, and so the next piece is
// read and made ready while the last is written.
type ahead struct {
	r      io.Reader
	code   coding
	pieces chan piece
	quit   <-chan struct{}

	in   []byte    // as read
	out  [2][]byte // as coded; they take turns
	turn int
}

// readAhead begins to read r. A piece has at most a block of octets, and is
// good until the next one is taken: 2 GB pass through two buffers, and the
// garbage collector, which cannot keep up with such a rate, has none of it.
// After the last piece, or one with an error, none comes and r is not touched;
// before that, quit ends the goroutine as soon as r lets it.
func readAhead(r io.Reader, code coding, quit <-chan struct{}) <-chan piece {
	a := &ahead{r: r, code: code, pieces: make(chan piece), quit: quit, in: make([]byte, 0, firstRead)}
	go func() {
		for a.step() {
		}
	}()
	return a.pieces
}

// step hands over what one filling of the buffer makes, and reports whether
// there is more to come.
func (a *ahead) step() bool {
	const end = len("\r\n" + FinalDot)
	var err error
	a.in, err = fill(a.in[:0], a.r)
	if err != nil && err != io.EOF {
		a.hand(piece{err: err})
		return false
	}
	// Who takes a piece is done with the one before, and so with this buffer.
	out := slices.Grow(a.out[a.turn][:0], len(a.in)+len(a.in)/16+end)
	out = a.code.Append(out, a.in)
	a.out[a.turn] = out
	a.turn = 1 - a.turn
	for ; len(out) > block; out = out[block:] {
		if !a.hand(piece{raw: out[:block]}) {
			return false
		}
	}
	if err == nil {
		return a.hand(piece{raw: out})
	}
	if len(out)+end > block { // the final dot is not to be cut in two
		if !a.hand(piece{raw: out}) {
			return false
		}
		out = nil
	}
	a.hand(piece{raw: a.code.End(out), last: true})
	return false
}

// hand gives a piece to whoever takes it, and reports whether someone did.
func (a *ahead) hand(p piece) bool {
	select {
	case a.pieces <- p:
		return true
	case <-a.quit:
		return false
	}
}

// fill reads until b is full or r is at its end. Only io.EOF is an end: what
// r calls unexpected would pass half a message off as a whole one.
func fill(b []byte, r io.Reader) ([]byte, error) {
	const patient = 100
	for idle := 0; len(b) < wholeRead; {
		if len(b) == cap(b) {
			b = slices.Grow(b, wholeRead-len(b))
		}
		n, err := r.Read(b[len(b):min(cap(b), wholeRead)])
		b = b[:len(b)+n]
		if err != nil {
			return b, err
		}
		if idle++; n > 0 {
			idle = 0
		}
		if idle == patient { // a Reader may say that it has nothing yet, but not for ever
			return b, io.ErrNoProgress
		}
	}
	return b, nil
}

// exactly is the next octets of r, as many as left says. It is an error when
// r has fewer.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(b[:min(int64(len(b)), e.left)])
	e.left -= int64(n)
	switch {
	case e.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = fmt.Errorf("%d octets fewer than announced: %w", e.left, io.ErrUnexpectedEOF)
	}
	return n, err
}
