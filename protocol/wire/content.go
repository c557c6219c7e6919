package wire

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"smtpsh/protocol"
)

// ErrOutOfStep is returned when fewer octets went out than a BDAT announced.
// The server takes whatever comes next for the rest of them, so nothing may
// come but a Close.
var ErrOutOfStep = errors.New("octets are owed to the server")

// Transfer is how a message goes over. The zero value is a whole message, and
// nobody who looks on.
type Transfer struct {
	// Raw sends content as it is, with bare line ends and single dots: see
	// Stuffing. Chunks are always sent as they are.
	Raw bool
	// Auto is what the events say of themselves: Sent.Auto.
	Auto bool
	// Progress is told how many octets of the message have been sent, dots
	// that were put in and the final dot included, after each block; nil for
	// nobody. It runs on the caller's goroutine and must not send.
	Progress func(sent int64)
	// Stop ends the transfer when it is closed, without the final dot and
	// whatever the transfer waits for; nil for never.
	Stop <-chan struct{}
}

// SendContent sends a message after the 354: all that r has, as Stuffing has
// it, and the final dot. It tells of it as Sent events of kind SentContent with
// up to 64 KiB each, the last of which ends with the final dot and says so. A
// message that fits goes out in one write, the dot with it. The octets of an
// event are good until Emit returns: the next block takes their place.
//
// The error is of r, or ErrStopped, or as from Send. After any of them the
// message has no final dot and only Close is left: a dot that came now would
// pass half a message off as a whole one. A server that answers before the
// end is heard meanwhile, by events; whether to go on is for the caller to
// say, by Stop.
//
// R is read ahead, on a goroutine of its own, and so a Read that blocks holds
// nothing up. When SendContent returns early that Read may still be under way.
func (c *Conn) SendContent(r io.Reader, o Transfer) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	quit := make(chan struct{})
	defer close(quit)
	return c.transfer(readAhead(r, &Stuffing{Raw: o.Raw}, quit), o, protocol.SentContent, nil)
}

// SendChunk sends a BDAT, handed over without its line end, and the n octets
// from r that it announces (RFC 3030 §2): a Sent of kind SentCommand, and
// others of kind SentChunk with up to 64 KiB each. The line goes out together
// with the first octets. What r has beyond n is left in it, for the next
// chunk. R is read as SendContent reads it.
//
// An error that is ErrOutOfStep, among others, came after the line was sent:
// only Close is left then. One as from Send has ended the connection. Any other
// came before the line, and nothing was sent.
func (c *Conn) SendChunk(line string, r io.Reader, n int64, o Transfer) error {
	if strings.ContainsAny(line, "\r\n") {
		return ErrLineBreak
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	quit := make(chan struct{})
	defer close(quit)
	pieces := readAhead(&exactly{r, n}, verbatim{}, quit)
	return c.transfer(pieces, o, protocol.SentChunk, []byte(line+"\r\n"))
}

// transfer sends the pieces as they come, the first behind a command line
// where there is one.
func (c *Conn) transfer(pieces <-chan piece, o Transfer, kind protocol.SentKind, line []byte) error {
	defer c.heed(o.Stop)()
	chunk, owed := kind == protocol.SentChunk, false
	broken := func(err error) error {
		if owed {
			return fmt.Errorf("%w: %w", ErrOutOfStep, err)
		}
		return err
	}
	for sent := int64(0); ; {
		var p piece
		select {
		case p = <-pieces:
		case <-c.closing:
			return ErrClosed
		case <-o.Stop:
		}
		switch {
		case isDone(o.Stop):
			return broken(ErrStopped)
		case p.err != nil:
			return broken(fmt.Errorf("read the message: %w", p.err))
		}
		owed = chunk
		s := protocol.Sent{Kind: kind, Raw: p.raw, Last: p.last && !chunk, Auto: o.Auto}
		switch err := c.putBehind(line, s, o.Stop); {
		case errors.Is(err, ErrStopped):
			return broken(err)
		case err != nil:
			return err
		}
		line = nil
		sent += int64(len(p.raw))
		if o.Progress != nil {
			o.Progress(sent)
		}
		if p.last {
			return nil
		}
	}
}

// putBehind is put with a command line before it, which may be empty; so may
// be the octets.
func (c *Conn) putBehind(line []byte, s protocol.Sent, stop <-chan struct{}) error {
	command := protocol.Sent{Kind: protocol.SentCommand, Raw: line, Auto: s.Auto}
	switch {
	case len(line) == 0 && len(s.Raw) == 0:
		return nil
	case len(line) == 0:
		return c.put(s.Raw, stop, s)
	case len(s.Raw) == 0:
		return c.put(line, stop, command)
	}
	return c.put(slices.Concat(line, s.Raw), stop, command, s)
}

// heed makes a stop end a write that the peer does not take, until done is
// called.
func (c *Conn) heed(stop <-chan struct{}) (done func()) {
	if stop == nil {
		return func() {}
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-stop:
			_ = c.raw.SetWriteDeadline(time.Unix(1, 0))
		case <-quit:
		}
	}()
	return func() {
		close(quit)
		<-over
		_ = c.raw.SetWriteDeadline(time.Time{}) // the stop may have come too late
	}
}
