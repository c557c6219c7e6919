package shell

import (
	"context"
	"fmt"
	"strconv"

	"smtpsh/protocol"
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
	sh.deeds.add(line.Text)
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
	sh.note(view.Caution, text)
	sh.fail(StatusHeld)
	if sh.attended() {
		sh.edit.offer = offer{text: line.Text}
		return
	}
	sh.hangUp() // what comes behind could only be taken for octets, or for commands
	sh.message.open = false
	sh.stopScript("the octets of the BDAT do not come out even")
}

// chunk sends octets, and waits for the reply once the last of them is out.
func (sh *Shell) chunk(ctx context.Context, raw string) {
	sent := protocol.Sent{Kind: protocol.SentChunk, Raw: []byte(raw), Auto: sh.echoes()}
	if sh.hub.Session().Octets() > uint64(len(raw)) {
		if sh.conn.Send(sent) != nil {
			<-sh.conn.Done()
			sh.lostMessage("")
		}
		return
	}
	if !sh.put(ctx, sent, "BDAT", true) {
		sh.lostMessage("")
		return
	}
	sh.deeds.answered(sh.hub.Session().LastCode())
	sh.afterChunk()
}

// afterChunk ends the message with its last chunk, and says what may follow
// one that is not the last.
func (sh *Shell) afterChunk() {
	s := sh.hub.Session()
	switch {
	case !s.Open():
		sh.message.open = false
	case s.Stage() == protocol.StageRcpt:
		if s.LastCode() == 250 {
			sh.hintOnce("bdat", "The next chunk is another BDAT; \"BDAT 0 LAST\" ends the message where this one did not.")
		}
	default:
		sh.message.open, sh.message.done = false, s.LastCode()/100 == 2
		sh.pointToInbox()
	}
}

// beginChunk is a BDAT that was sent and whose octets are to come.
func (sh *Shell) beginChunk() {
	if !sh.message.open {
		sh.message = message{open: true}
	}
	n := sh.hub.Session().Octets()
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
