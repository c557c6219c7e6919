package shell

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// sendMany does an errand of many messages, over connections that are kept.
func (sh *Shell) sendMany(ctx context.Context, t Target, e *Errand) Status {
	messages, all, err := (*post)(nil), e.Count, error(nil)
	if e.Dir != "" {
		messages, all, err = sh.folder(e)
	} else {
		messages, err = sh.copies(ctx, e)
	}
	if err != nil {
		return sh.unsent(ctx, err)
	}
	if len(sh.hub.records.names()) > 0 && min(e.Connections, all) > 1 {
		sh.note(view.Bad, "Nothing was sent: a record holds one connection, and these would be "+plural(min(e.Connections, all), "connection")+".")
		return StatusUsage
	}
	if t.Practice {
		var ok bool
		if t, ok = sh.openPractice(ctx, t); !ok {
			return StatusLost
		}
		t.Practice = false
	}
	// Messages make much garbage that does not live long; collecting it less
	// often costs some megabytes.
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	began := time.Now()
	var total tally
	done := make(chan struct{})
	go func() {
		defer close(done)
		sh.workers(ctx, t, e, messages, &total, min(e.Connections, all))
	}()
	sh.watchTally(&total, all, began, done)
	if ctx.Err() == nil {
		for _, r := range messages.left() {
			total.add(r.fate, r.code, 0, r.status)
		}
	}
	sh.unreadNotes(&total)
	if why := total.trouble; why != "" {
		sh.note(view.Bad, "A connection could not be used: "+why)
	}
	sum := total.sum(all, min(e.Connections, all), time.Since(began))
	sum.At = sh.now()
	sh.hub.emit(sum)
	if ctx.Err() != nil {
		sh.cutShort()
		return StatusInterrupted
	}
	return total.status()
}

// workers send the messages over so many connections. Letters that were given
// back when the other connections had ended are sent over one more, as long as
// that gets any further.
func (sh *Shell) workers(ctx context.Context, t Target, e *Errand, messages *post, total *tally, connections int) {
	for n := connections; ; n = 1 {
		before := total.done.Load()
		var all sync.WaitGroup
		for range n {
			w := sh.sibling()
			w.hub.records, w.hub.tell = sh.hub.records, sh.unrecorded
			heard := &overheard{}
			w.hub.show, w.Out = heard, heard
			all.Go(func() { w.work(ctx, t, e, messages, total, heard) })
		}
		all.Wait()
		if ctx.Err() != nil || len(messages.left()) == 0 || total.done.Load() == before {
			return
		}
	}
}

// unreadNotes names the messages that could not be read.
func (sh *Shell) unreadNotes(total *tally) {
	for _, err := range total.unreads {
		sh.note(view.Bad, "Not sent: "+err.Error()+".")
	}
	if more := total.fates[unreadable] - len(total.unreads); more > 0 {
		sh.note(view.Bad, "Not sent: "+plural(more, "more message")+" that cannot be read.")
	}
}

const gcPercent = 400

// watchTally shows how far it has come until it is done.
func (sh *Shell) watchTally(total *tally, all int, began time.Time, done <-chan struct{}) {
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	defer sh.Source.Status("")
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			n := total.done.Load()
			const bar = 30
			full := int(n) * bar / max(all, 1)
			rate := float64(n) / time.Since(began).Seconds()
			sh.Source.Status(fmt.Sprintf("[%s%s] %d of %d messages · %.0f a second", strings.Repeat("#", full), strings.Repeat(".", bar-full), n, all, rate))
		}
	}
}

// sibling is a shell with the same settings, that shows nothing and asks
// nobody: one connection of several.
func (sh *Shell) sibling() *Shell {
	c := sh.Config
	c.Source, c.Show, c.Out = term.NewReader(strings.NewReader(""), io.Discard), view.Tee{}, unseen{}
	c.Offered, c.Hosts, c.History, c.Check = nil, nil, nil, sh.Check
	w := New(c)
	w.deeds.off = true
	w.hub.setClient(sh.hub.Session().Client)
	w.tls, w.secrets, w.dns, w.header, w.path = sh.tls, sh.secrets, sh.dns, sh.header, sh.path
	w.tls.keys.file = nil // each closes its own
	return w
}

// unseen is an Output that shows nothing.
type unseen struct{}

// Rows does nothing.
func (unseen) Rows(...view.Row) {}

// overheard keeps what went wrong last in a session that is not shown.
type overheard struct {
	mu   sync.Mutex
	last string
}

// Rows keeps a note that something went wrong.
func (o *overheard) Rows(rows ...view.Row) {
	if len(rows) > 0 && len(rows[0]) > 0 && (rows[0][0].Style == view.Bad || rows[0][0].Style == view.Caution) {
		o.keep(strings.TrimPrefix(rows[0].String(), "No connection: "))
	}
}

// Event keeps a reply that was negative, or how the connection ended.
func (o *overheard) Event(before, _ protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Received:
		if !e.Reply.Positive() {
			o.keep(strings.TrimSpace(fmt.Sprintf("%d %s", e.Reply.Code, strings.Join(e.Reply.Lines, " "))) + ", to " + before.Answers())
		}
	case protocol.Closed:
		if e.By == protocol.ByFault || e.By == protocol.ByPeer && !before.Leaving() {
			o.keep(trace.ClosedText(before, e))
		}
	}
}

func (o *overheard) keep(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = text
}

func (o *overheard) what() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

// work sends messages over one connection until there are no more. One that
// is lost is made anew for the next message; where that cannot be, the others
// go on.
func (sh *Shell) work(ctx context.Context, t Target, e *Errand, messages *post, total *tally, heard *overheard) {
	defer sh.shutDown()
	own := *e
	own.Pipeline, own.StopAfter, own.DropAfter = true, "", ""
	for ctx.Err() == nil {
		l, ok := messages.take(total)
		if !ok {
			break
		}
		sh.hub.excuseEnd() // of the letter before
		s := &sending{sh: sh, e: &own, t: t, l: l}
		began := time.Now()
		if s.prepared = s.ready(ctx); !s.prepared {
			total.unusable(heard.what())
			s.settle(ctx, messages, total, began)
			return // there is no connection to be had, or none that may be used; the next would fare no better
		}
		if s.chains() {
			s.chain(ctx, messages, total)
		} else {
			s.transaction(ctx)
			s.settle(ctx, messages, total, began)
		}
		s.reset(ctx)
		sh.status = StatusOK
	}
	(&sending{sh: sh, e: &own}).quit(ctx)
}

// settle counts the letter, once, or gives it back where only its connection
// was at fault. One that was broken off is not counted: nothing was taken of
// it.
func (s *sending) settle(ctx context.Context, messages *post, total *tally, began time.Time) {
	f, code := s.fate()
	late := f == lost && s.sh.hub.outcome() == StatusTimeout // the next would wait as long
	switch {
	case ctx.Err() != nil && f != accepted && f != inPart && f != unknown:
		return
	case late:
		s.status = StatusTimeout
	case f == lost || f == refused && code == 421: // RFC 5321 §3.8: the connection ends, whatever was asked
		if s.prepared {
			s.l.tries++
		}
		if messages.giveBack(returned{s.l, f, code, s.status}) {
			return
		}
	}
	total.add(f, code, time.Since(began), s.status)
}

// fate is what became of the letter, and the code of the reply that refused
// it.
func (s *sending) fate() (f fate, code int) {
	switch {
	case s.unknown:
		s.failed(StatusDot)
		return unknown, 0
	case s.status == StatusOK:
		return accepted, 0
	case s.status == StatusNegative:
		return inPart, 0
	case s.refusal != 0:
		return refused, s.refusal
	case s.kept || s.status == StatusHeld:
		return heldBack, 0
	}
	now := s.sh.hub.Session()
	if code := now.LastCode(); code >= 400 && (now.Open() || s.status >= StatusBanner) {
		return refused, code
	}
	return lost, 0
}

// ready makes a connection that takes a message, where there is none.
func (s *sending) ready(ctx context.Context) bool {
	if now := s.sh.hub.Session(); now.Open() && !now.Leaving() {
		return true
	}
	for _, step := range s.steps()[:5] {
		if !step.do(ctx) {
			return false
		}
	}
	return true
}

// transaction sends one message on a connection that stands.
func (s *sending) transaction(ctx context.Context) {
	for _, do := range []func(context.Context) bool{s.mail, s.rcpt, s.data, s.dot} {
		if !do(ctx) {
			return
		}
	}
	s.split()
}

// reset leaves the connection without a transaction, or closes it where that
// cannot be.
func (s *sending) reset(ctx context.Context) {
	now := s.sh.hub.Session()
	switch {
	case !now.Open() || now.Mode() != protocol.ModeCommand || now.Awaiting() > 0:
		s.sh.hangUp()
	case now.Stage() >= protocol.StageMail:
		s.sh.auto(ctx, "RSET")
	}
}
