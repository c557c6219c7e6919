package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// post is where the messages of a large errand come from, one after the other.
type post struct {
	mu   sync.Mutex
	next func() (letter, error) // io.EOF behind the last
	err  error                  // what made it end early
}

// take is the next letter; ok is false when there is none.
func (p *post) take() (l letter, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return letter{}, false
	}
	l, err := p.next()
	if err != nil {
		p.err = err
		return letter{}, false
	}
	return l, true
}

// copies are so many messages of an errand, each with a Message-ID of its own
// where it is composed.
func (sh *Shell) copies(e *Errand) (*post, error) {
	if e.Data == "" {
		text, err := sh.bodyText(e)
		if err != nil {
			return nil, err
		}
		e.text = &text
	}
	first, err := sh.letter(e) // what is wrong with it is told before anything is sent
	if err != nil {
		return nil, err
	}
	n := 0
	return &post{next: func() (letter, error) {
		n++
		switch {
		case n > e.Count:
			return letter{}, io.EOF
		case n == 1 || e.Data != "":
			return first, nil
		}
		return sh.letter(e)
	}}, nil
}

// folder is the messages of a folder, in the order of their names, each as
// often as was asked for. The envelope is that of the header, but for what the
// errand says; a Bcc field stays behind.
func (sh *Shell) folder(e *Errand) (*post, int, error) {
	files, err := filepath.Glob(filepath.Join(atHome(e.Dir), "*.eml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("--from-dir: there is no .eml in %s", e.Dir)
	}
	if err != nil {
		return nil, 0, err
	}
	all := len(files) * e.Count
	n := 0
	return &post{next: func() (letter, error) {
		if n == all {
			return letter{}, io.EOF
		}
		n++
		return sh.fileLetter(e, files[(n-1)%len(files)])
	}}, all, nil
}

func (sh *Shell) fileLetter(e *Errand, name string) (letter, error) {
	var l letter
	header, err := os.Open(name)
	if err != nil {
		return l, err
	}
	defer header.Close()
	from, to, err := message.Envelope(header)
	if err != nil && !errors.Is(err, message.ErrNoSender) && !errors.Is(err, message.ErrNoRecipient) {
		return l, fmt.Errorf("%s: %w", name, err)
	}
	size := int64(-1)
	if info, err := header.Stat(); err == nil {
		size = info.Size()
	}
	l.from, l.to = from, to
	if e.From != "" {
		if l.from, err = sender(e); err != nil {
			return l, err
		}
	}
	if given := e.recipients(); len(given) > 0 {
		if l.to, err = paths(given); err != nil {
			return l, err
		}
	}
	if len(l.to) == 0 {
		return l, fmt.Errorf("%s: its header names no recipient, and --to none either", name)
	}
	l.content = content{name: name, size: size, open: func() (io.ReadCloser, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{message.WithoutBcc(file), file}, nil
	}}
	l.measure, err = measure(&l.content)
	return l, err
}

// tally is what has become of the messages of a large errand.
type tally struct {
	done atomic.Int64

	mu       sync.Mutex
	accepted int
	partly   int         // taken for some of its recipients
	refused  map[int]int // by reply code; 0 is a lost connection
	took     []time.Duration
	worst    Status
}

func (t *tally) add(code int, took time.Duration, status Status) {
	t.done.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if status == StatusOK {
		t.accepted++
		t.took = append(t.took, took)
		return
	}
	if t.worst == StatusOK {
		t.worst = status
	}
	if status == StatusNegative {
		t.partly++
		return
	}
	if t.refused == nil {
		t.refused = map[int]int{}
	}
	t.refused[code]++
}

// sendMany does an errand of many messages, over connections that are kept.
func (sh *Shell) sendMany(ctx context.Context, t Target, e *Errand) Status {
	messages, all, err := (*post)(nil), e.Count, error(nil)
	if e.Dir != "" {
		messages, all, err = sh.folder(e)
	} else {
		messages, err = sh.copies(e)
	}
	if err != nil {
		sh.note(view.Bad, "Nothing was sent: "+err.Error()+".")
		return StatusUsage
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
	var workers sync.WaitGroup
	for range min(e.Connections, all) {
		w := sh.sibling()
		w.hub.records, w.hub.tell = sh.hub.records, sh.unrecorded
		workers.Go(func() { w.work(ctx, t, e, messages, &total) })
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	sh.watchTally(ctx, &total, all, began, done)
	sh.rows(total.rows(time.Since(began), min(e.Connections, all), all))
	switch {
	case ctx.Err() != nil:
		sh.note(view.Caution, "Interrupted.")
		return StatusInterrupted
	case messages.err != nil && !errors.Is(messages.err, io.EOF):
		sh.note(view.Bad, messages.err.Error()+"; the rest was not sent.")
		return StatusUsage
	case total.accepted+total.partly > 0 && total.worst != StatusOK:
		return StatusNegative
	}
	return total.worst
}

const gcPercent = 400

// watchTally shows how far it has come until it is done.
func (sh *Shell) watchTally(ctx context.Context, total *tally, all int, began time.Time, done <-chan struct{}) {
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
	return w
}

// unseen is an Output that shows nothing.
type unseen struct{}

// Rows does nothing.
func (unseen) Rows(...view.Row) {}

// work sends messages over one connection until there are no more. One that
// is lost is made anew for the next message.
func (sh *Shell) work(ctx context.Context, t Target, e *Errand, messages *post, total *tally) {
	defer sh.shutDown()
	own := *e
	own.Pipeline, own.StopAfter, own.DropAfter = true, "", ""
	for ctx.Err() == nil {
		l, ok := messages.take()
		if !ok {
			break
		}
		s := &sending{sh: sh, e: &own, t: t, l: l}
		began := time.Now()
		if s.prepared = s.ready(ctx); s.prepared && s.chains() {
			s.chain(ctx, messages, total)
			s.reset(ctx)
			sh.status = StatusOK
			continue
		}
		if s.prepared {
			s.transaction(ctx)
		}
		total.add(s.code(), time.Since(began), s.status)
		if !s.prepared {
			return // there is no connection to be had, or none that may be used; the next would fare no better
		}
		if s.status != StatusOK {
			s.reset(ctx)
		}
		sh.status = StatusOK
	}
	(&sending{sh: sh, e: &own}).quit(ctx)
}

// codeHeld stands in place of a reply for a letter that was held back.
const codeHeld = -1

// code is the reply that the errand failed by, 0 where the connection did.
func (s *sending) code() int {
	if s.refusal != 0 {
		return s.refusal
	}
	if s.kept || s.status == StatusHeld {
		return codeHeld
	}
	now := s.sh.hub.Session()
	if now.Awaiting() > 0 { // what would say so did not come
		return 0
	}
	if now.Open() || s.status >= StatusBanner {
		return now.LastCode()
	}
	return 0
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

// split notes of a message that was taken that it was not for every recipient.
func (s *sending) split() {
	if slices.ContainsFunc(s.outcomes, func(o recipientOutcome) bool { return !o.taken() }) {
		s.status = StatusNegative
	}
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

// rows is the summary.
func (t *tally) rows(took time.Duration, connections, all int) []view.Row {
	n := int(t.done.Load())
	label := func(name string) view.Span { return view.Dim.Of("  " + view.Pad(name, 10)) }
	rows := []view.Row{{view.Strong.Of(fmt.Sprintf("%s in %s, %.0f a second, over %s", plural(n, "message"), view.Duration(took), float64(n)/took.Seconds(), plural(connections, "connection")))},
		{label("accepted"), view.Good.Of(fmt.Sprint(t.accepted))}}
	if t.partly > 0 {
		rows = append(rows, view.Row{label("in part"), view.Caution.Of(fmt.Sprintf("%d, taken for some of the recipients only", t.partly))})
	}
	var refused []string
	for _, code := range slices.SortedFunc(maps.Keys(t.refused), cmp.Compare) {
		name := fmt.Sprint(code)
		switch code {
		case 0:
			name = "no connection, or it was lost"
		case codeHeld:
			name = "not sent, for a line of the envelope is wrong or not taken there"
		}
		refused = append(refused, fmt.Sprintf("%s: %d", name, t.refused[code]))
	}
	if len(refused) > 0 {
		rows = append(rows, view.Row{label("refused"), view.Bad.Of(strings.Join(refused, ", "))})
	}
	if n < all {
		rows = append(rows, view.Row{label("not tried"), view.Caution.Of(fmt.Sprint(all - n))})
	}
	if len(t.took) == 0 {
		return rows
	}
	slices.Sort(t.took)
	at := func(percent int) string { return view.Duration(t.took[(len(t.took)-1)*percent/100]) }
	return append(rows, view.Row{label("each took"), view.Plain.Of(fmt.Sprintf("50 %% up to %s, 90 %% up to %s, 99 %% up to %s, the longest %s", at(50), at(90), at(99), at(100)))})
}
