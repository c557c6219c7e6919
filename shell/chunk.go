package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// octets sends a line as octets that a BDAT has announced (RFC 3030 §2): with
// its CRLF, or without one where it was ended by Ctrl-D. A line that would go
// past the count is not sent, for what is over would be read as a command.
func (sh *Shell) octets(ctx context.Context, line term.Line) {
	sh.message.leaving = false
	sh.edit.offer = offer{}
	owed := sh.hub.Session().Octets()
	raw := line.Text
	if !line.Partial {
		raw += "\r\n"
	}
	switch n := uint64(len(raw)); {
	case n > owed:
		sh.tooLong(line, owed)
		return
	case n == 0:
		return
	case n < owed && line.Partial && !sh.attended():
		sh.chunk(ctx, raw)
		sh.truncated()
		return
	}
	sh.message.add(line.Text)
	sh.message.owed = owed - uint64(len(raw))
	sh.deeds.addOctets(line.Text, line.Partial, owed-uint64(len(raw)))
	sh.chunk(ctx, raw)
}

// tooLong says why a line is not sent, and what would fit.
func (sh *Shell) tooLong(line term.Line, owed uint64) {
	text := fmt.Sprintf("Not sent: %d octets with its CRLF, and %d are owed.", len(line.Text)+2, owed)
	switch {
	case line.Partial:
		text = fmt.Sprintf("Not sent: %d octets, and %d are owed.", len(line.Text), owed)
	case uint64(len(line.Text)) == owed && sh.attended():
		text += " Ctrl-D in place of Enter sends it without the CRLF."
	}
	if !sh.attended() {
		text = sh.where() + ": " + text + " What comes behind could be taken for commands, so the connection is closed."
	}
	sh.note(view.Caution, text)
	sh.fail(StatusHeld)
	if sh.attended() {
		sh.edit.offer = offer{text: line.Text}
		return
	}
	sh.giveUp()
	sh.stopScript("the octets of the BDAT do not come out even")
}

// chunk sends octets, and waits for the reply once the last of them is out.
func (sh *Shell) chunk(ctx context.Context, raw string) {
	sent := protocol.Sent{Kind: protocol.SentChunk, Raw: []byte(raw), Auto: sh.echoes()}
	if sh.hub.Session().Octets() > uint64(len(raw)) {
		if sh.conn.Send(sent) != nil {
			<-sh.conn.Done()
			sh.lostMessage("")
			sh.dropOctets()
		}
		return
	}
	if !sh.put(ctx, sent, "BDAT") {
		sh.lostMessage("")
		return
	}
	sh.unanswered()
	sh.deeds.answered(sh.hub.Session().LastCode())
	sh.deeds.answeredEach(sh.hub.answered())
	sh.afterChunk()
}

// afterChunk ends the message with its last chunk, and says what may follow
// one that is not the last. Between two chunks lines are commands, so none is
// under way there: RSET and QUIT may come as well.
func (sh *Shell) afterChunk() {
	s := sh.hub.Session()
	sh.message.open = false
	switch {
	case !s.Open():
	case s.Stage() == protocol.StageRcpt:
		if s.LastCode() == 250 {
			sh.hintOnce("bdat", "The next chunk is another BDAT; \"BDAT 0 LAST\" ends the message where this one did not.")
		}
	default:
		sh.message.done = sh.lastTaken()
		sh.pointToInbox()
	}
}

// beginChunk is a BDAT that was sent and whose octets are to come. They go on
// with the message where the server has taken a chunk of it (RFC 3030 §2).
func (sh *Shell) beginChunk() {
	if !sh.hub.Session().Chunked() {
		sh.message = typed{}
	}
	sh.message.open, sh.message.leaving = true, false
	sh.deeds.begin()
	n := sh.hub.Session().Octets()
	sh.message.owed = n
	sh.hintOnce("octets", strconv.FormatUint(n, 10)+" octets follow, each line with a CRLF of two. Ctrl-D behind text sends it without one; Ctrl-C twice gives up, and closes the connection.")
}

// hintOnce is a note for a person, given the first time only.
func (sh *Shell) hintOnce(id, text string) {
	if sh.attended() && !sh.hinted[id] {
		sh.hint(id, text)
	}
}

// hint is a note that pipes and scripts have too.
func (sh *Shell) hint(id, text string) {
	if sh.hinted == nil {
		sh.hinted = map[string]bool{}
	}
	sh.hinted[id] = true
	sh.note(view.Dim, text)
}

// outOfCount says, before it is sent, that a forced BDAT announces what this
// shell cannot count: the server may take for octets whatever comes next.
func (sh *Shell) outOfCount(c protocol.Command, forced bool) {
	if forced && c.Is("BDAT") && protocol.Worst(protocol.Check(c)) == protocol.Error {
		sh.note(view.Caution, "This BDAT names no number that could be counted out, so the server may take what comes next for octets, or wait for them; :close ends that.")
	}
}

// defaultChunk is how many octets a chunk of :bdat has.
const defaultChunk = 1 << 20

// runBDAT is :bdat FILE: a whole message in chunks.
func (sh *Shell) runBDAT(ctx context.Context, words []string) outcome {
	name, size, err := parseBDAT(words)
	if err != nil {
		return complain(err.Error())
	}
	s := sh.hub.Session()
	switch {
	case !s.Open():
		return complain("Not connected. :open HOST connects.")
	case s.Mode() != protocol.ModeCommand || s.Awaiting() > 0:
		return complain("A reply is still owed, or something else than a message; nothing was sent.")
	}
	c, err := sh.fileContent(name)
	if err != nil {
		return complain("Nothing was sent: " + err.Error())
	}
	body, err := sh.openContent(ctx, c)
	if err != nil {
		return complain("Nothing was sent: " + err.Error())
	}
	defer body.Close()
	if sh.group.open && !sh.endGroup(ctx, false) {
		return done()
	}
	sh.message = typed{open: true}
	sh.chunks(ctx, c, body, size)
	return done()
}

func parseBDAT(words []string) (name string, size int, err error) {
	size = defaultChunk
	for i := 0; i < len(words); i++ {
		value, ok := strings.CutPrefix(words[i], "--chunk=")
		if words[i] == "--chunk" && i+1 < len(words) {
			i++
			value, ok = words[i], true
		}
		switch {
		case ok:
			if size, err = strconv.Atoi(value); err != nil || size < 1 || size > maxChunk {
				return "", 0, fmt.Errorf("--chunk takes a number of octets from 1 to %d", maxChunk)
			}
		case name == "":
			name = words[i]
		default:
			name, i = "", len(words)
		}
	}
	if name == "" {
		return "", 0, errors.New("usage: :bdat FILE [--chunk SIZE]")
	}
	return name, size, nil
}

// maxChunk bounds a chunk, which is kept while it is sent: its length stands
// before it, and is that of the octets with their line ends put right.
const maxChunk = 16 << 20

// chunks sends a message chunk by chunk, each with its reply; one that is
// refused ends it.
func (sh *Shell) chunks(ctx context.Context, c content, body io.ReadCloser, size int) {
	r := io.Reader(body)
	if sh.hub.Session().Body() != "BINARYMIME" {
		r = sh.normal(body)
	}
	checked := &checkedReader{r: r, done: sh.showFindings}
	in := bufio.NewReaderSize(checked, 32<<10)
	chunk := make([]byte, 0, min(size, defaultChunk))
	var sent int64
	kept := chunked{no: sh.deeds.off}
	for {
		var err, more error
		sh.reading(ctx, c, body, func() {
			if chunk, err = readChunk(in, chunk[:0], size); err == nil {
				_, more = in.Peek(1)
			}
		})
		if err != nil {
			sh.note(view.Bad, "The message cannot be read to its end: "+err.Error()+".")
			sh.deeds.unfinished()
			sh.giveUp()
			return
		}
		last := errors.Is(more, io.EOF)
		line := "BDAT " + strconv.Itoa(len(chunk))
		if last {
			line += " LAST"
		}
		left := c
		if left.size >= 0 {
			left.size = max(left.size-sent, int64(len(chunk)))
		}
		err = sh.moving(ctx, left, func(o wire.Transfer) error {
			return sh.conn.SendChunk(line, bytes.NewReader(chunk), int64(len(chunk)), o)
		})
		if err != nil {
			sh.deeds.unfinished()
			sh.broken(err)
			return
		}
		sent += int64(len(chunk))
		sh.await(ctx)
		s := sh.hub.Session()
		kept.add(line, chunk, s.LastCode())
		if !s.Open() || s.LastCode()/100 != 2 || last {
			sh.deeds.addChunks(&kept, c.file, size, s.LastCode())
			sh.deeds.answeredEach(sh.hub.answered())
			sh.chunked(s, last)
			return
		}
	}
}

// chunked ends a message with the chunk that was its last, or that nothing can
// follow.
func (sh *Shell) chunked(s protocol.Session, last bool) {
	sh.message.open = false
	switch {
	case !s.Open():
		sh.unanswered()
	case last:
		sh.message.done = sh.lastTaken()
		sh.pointToInbox()
	case s.LastCode()/100 != 2:
		sh.note(view.Caution, "The chunk was refused, so the message ends here; RSET begins anew.")
	}
}

// lastTaken reports whether the message was taken with its last chunk, in LMTP
// for any recipient (RFC 2033 §4.3).
func (sh *Shell) lastTaken() bool {
	return slices.ContainsFunc(sh.hub.answered(), func(a answer) bool { return isEnd(a.unit) && a.reply.Class() == 2 })
}

// readChunk reads up to size octets.
func readChunk(r io.Reader, chunk []byte, size int) ([]byte, error) {
	for len(chunk) < size {
		if len(chunk) == cap(chunk) {
			chunk = slices.Grow(chunk, min(size-len(chunk), len(chunk)+4096))
		}
		n, err := r.Read(chunk[len(chunk):min(cap(chunk), size)])
		chunk = chunk[:len(chunk)+n]
		if errors.Is(err, io.EOF) {
			return chunk, nil
		}
		if err != nil {
			return chunk, err
		}
	}
	return chunk, nil
}
