package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// content is a whole message that is to be sent, from a file or composed.
type content struct {
	name string // for notes
	file string // the file that it is in, for :save; "" for none
	size int64  // octets in it, -1 where that is not known
	open func() (io.ReadCloser, error)

	checked *message.Checker // where the whole was looked at before; nil to look on the way
}

// fileContent is a message in a file; "-" is standard input, where that does
// not hold the lines of the session themselves.
func (sh *Shell) fileContent(name string) (content, error) {
	if name == "-" {
		if sh.Stdin == nil {
			return content{}, errors.New("standard input holds the lines of the session; with -f FILE it is free for a message")
		}
		if sh.drained {
			return content{}, errors.New("standard input has been read already, and holds one message only")
		}
		return content{name: "standard input", size: -1, open: func() (io.ReadCloser, error) {
			sh.drained = true
			return io.NopCloser(sh.Stdin), nil
		}}, nil
	}
	name = atHome(name)
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return content{}, err
	case info.IsDir():
		return content{}, fmt.Errorf("%s is a folder", name)
	}
	if !info.Mode().IsRegular() { // a pipe says nothing of its size
		return content{name: name, file: name, size: -1, open: func() (io.ReadCloser, error) { return openSlow(name) }}, nil
	}
	return content{name: name, file: name, size: info.Size(), open: func() (io.ReadCloser, error) { return os.Open(name) }}, nil
}

// runData is :data FILE: the whole message at once, with DATA before it.
func (sh *Shell) runData(ctx context.Context, words []string) outcome {
	if len(words) != 1 {
		l, _ := findLocal(":data")
		return usage(l)
	}
	c, err := sh.fileContent(words[0])
	if err != nil {
		return complain("Nothing was sent: " + err.Error())
	}
	out, _ := sh.sendContent(ctx, c)
	return out
}

// sendContent sends DATA, unless its 354 is there already, and the message. It
// reports whether the message was taken: one that was written here is lost if
// it is forgotten before that.
func (sh *Shell) sendContent(ctx context.Context, c content) (out outcome, taken bool) {
	s := sh.hub.Session()
	idle := s.Mode() == protocol.ModeCommand && s.Awaiting() == 0
	switch {
	case !s.Open():
		return complain("Not connected. :open HOST connects."), false
	case !idle && s.Mode() != protocol.ModeContent:
		return complain("A reply is still owed, or something else than a message; nothing was sent."), false
	}
	body, err := sh.openContent(ctx, c)
	switch {
	case err != nil && idle: // behind DATA there would be no way back
		return complain("Nothing was sent: " + err.Error()), false
	case err != nil:
		sh.unreadable(err)
		return done(), false
	}
	defer body.Close()
	switch {
	case idle && sh.group.open:
		if !sh.endGroup(ctx, true) {
			return done(), false
		}
	case idle:
		if !sh.putData(ctx) {
			return complain("Not connected. :open HOST connects."), false
		}
	}
	if sh.hub.Session().Mode() != protocol.ModeContent {
		sh.note(view.Caution, "DATA was not answered with 354, so the message was not sent.")
		return done(), false
	}
	sh.message = typed{open: true}
	return done(), sh.transfer(ctx, c, body)
}

// putData sends a DATA of the shell's own, and waits for its reply; false when
// nothing went out.
func (sh *Shell) putData(ctx context.Context) bool {
	if !sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte("DATA\r\n"), Auto: true}, "DATA") {
		return false
	}
	sh.deeds.add("DATA")
	sh.deeds.answered(sh.hub.Session().LastCode())
	if sh.hub.Session().Mode() == protocol.ModeContent {
		sh.deeds.begin()
	}
	return true
}

// transfer sends a message behind its 354 and waits for the reply. It reports
// whether the message was taken, in LMTP for every recipient.
func (sh *Shell) transfer(ctx context.Context, c content, body io.Reader) (taken bool) {
	refused := sh.hub.refusals()
	var kept copied
	text := sh.looked(c, body)
	if sh.deeds.within {
		text = io.TeeReader(text, &kept)
	}
	err := sh.moving(ctx, c, func(o wire.Transfer) error { return sh.conn.SendContent(text, o) })
	if err != nil {
		sh.broken(err)
		return false
	}
	sh.await(ctx)
	sh.unanswered()
	sh.deeds.addMessage(&kept, c.file, sh.raw, sh.hub.Session().LastCode())
	sh.deeds.answeredEach(sh.hub.answered())
	sh.message.open, sh.message.done = false, true
	sh.pointToInbox()
	s := sh.hub.Session()
	return s.Open() && s.Awaiting() == 0 && s.LastCode()/100 == 2 && sh.hub.refusals() == refused
}

// unreadable ends a session whose server takes nothing but a message now, where
// the message cannot be opened.
func (sh *Shell) unreadable(err error) {
	sh.note(view.Bad, "The message cannot be read, and no dot may complete it: "+err.Error()+".")
	sh.giveUp()
}

// refusals counts the negative replies so far that no script expected.
func (h *hub) refusals() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.negative
}

// looked is the message as it is to be read, with what is wrong with it said
// before its end.
func (sh *Shell) looked(c content, body io.Reader) io.Reader {
	if c.checked != nil && !sh.raw {
		sh.showFindings(c.checked)
		return body
	}
	return &checkedReader{r: body, done: sh.showFindings} // SendContent puts line ends right
}

// normal is the message with the line ends that SMTP has, unless it is to go
// as it is.
func (sh *Shell) normal(r io.Reader) io.Reader {
	if sh.raw {
		return r
	}
	return wire.LineEnds(r)
}

// broken says why a transfer ended before its end, and closes the connection:
// SMTP has no other way out of a message.
func (sh *Shell) broken(err error) {
	switch {
	case errors.Is(err, wire.ErrStopped):
		sh.note(view.Caution, "Stopped. No final dot was sent and the connection is closed, so the server has taken nothing.")
		sh.fail(StatusInterrupted)
	case errors.Is(err, wire.ErrClosed), !sh.hub.Session().Open():
		sh.note(view.Caution, "The message was not completed: the connection is gone.")
		sh.fail(StatusLost)
	default:
		sh.note(view.Bad, "The message was not completed, and no dot may pass it off as whole: "+err.Error()+".")
		sh.fail(StatusLost)
	}
	sh.giveUp()
}

func (sh *Shell) giveUp() {
	sh.message.open = false
	sh.deeds.leaveOut(notCompleted)
	sh.deeds.add(":close")
	sh.hangUp()
}

// moving runs a transfer with its progress on the status row. At a terminal
// Ctrl-C asks, and a second one soon behind it stops it.
func (sh *Shell) moving(ctx context.Context, c content, send func(wire.Transfer) error) error {
	stop := make(chan struct{})
	p := &progress{size: c.size, began: time.Now()}
	o := wire.Transfer{Raw: sh.raw, Auto: true, Stop: stop, Progress: p.sent}
	done := make(chan error, 1)
	go func() { done <- send(o) }()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	defer sh.Source.Status("")
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			sh.Source.Status(p.row(time.Now(), sh.Source.Width()-1))
		case <-sh.Source.Interrupts():
			if p.asks(time.Now()) {
				close(stop)
				return <-done
			}
			p.asked = time.Now()
			sh.Source.Status(p.row(time.Now(), sh.Source.Width()-1))
		case <-ctx.Done():
			close(stop)
			return <-done
		}
	}
}

// checkedReader is a message that is looked at on its way. Done is called at
// its end, before the final dot goes out.
type checkedReader struct {
	r       io.Reader
	checker message.Checker
	done    func(*message.Checker)
	ended   bool
}

func (c *checkedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	_, _ = c.checker.Write(b[:n])
	if errors.Is(err, io.EOF) && !c.ended {
		c.ended = true
		c.done(&c.checker)
	}
	return n, err
}

// terms is what the message that is under way is sent under.
func (sh *Shell) terms() message.Terms {
	s := sh.hub.Session()
	limit, _ := s.Offers().Size()
	return message.Terms{Mended: !sh.raw, EightBit: s.Body() == "8BITMIME", Binary: s.Body() == "BINARYMIME", UTF8: s.UTF8(),
		Chunked: s.Chunked(), Limit: limit, Declared: s.Declared()}
}

// showFindings says what is wrong with a message, before it is completed. It
// holds nothing back: the server is the judge.
func (sh *Shell) showFindings(k *message.Checker) {
	if sh.Check == Off {
		return
	}
	var rows []view.Row
	for _, f := range k.Findings(sh.terms()) {
		where := ""
		switch {
		case f.Count > 1:
			where = fmt.Sprintf(" (line %d, and %d more)", f.Line, f.Count-1)
		case f.Line > 0:
			where = fmt.Sprintf(" (line %d)", f.Line)
		}
		rows = append(rows, view.Row{view.Caution.Of("  note: "), view.Plain.Of(f.Message + where), view.Dim.Of("  " + f.Ref.String())})
	}
	sh.rows(rows)
}
