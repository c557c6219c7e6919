package shell

import (
	"context"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

const (
	// patience is how long the shell waits in silence before it says that it
	// waits.
	patience = time.Second
	// farewell is how long the server has to close the connection after its
	// 221 (RFC 5321 §4.1.1.10); then this side does.
	farewell = 5 * time.Second
)

func (sh *Shell) now() protocol.At { return protocol.At{Time: time.Now()} }

// deadline arms the limit that the user has set, or RFC 5321 §4.5.3.2's where
// nobody is there to press Ctrl-C.
func (sh *Shell) deadline(verb string, content bool) {
	limit := sh.Patience
	switch {
	case limit > 0:
	case sh.Source.Interactive():
		return
	default:
		limit = wire.ReplyLimit(strings.ToUpper(verb), content)
	}
	sh.conn.SetReplyDeadline(time.Now().Add(limit))
}

// undeadline sets the limit aside.
func (sh *Shell) undeadline() {
	if sh.Patience > 0 || !sh.Source.Interactive() {
		sh.conn.SetReplyDeadline(time.Time{})
	}
}

// answered waits until no more than so many replies are owed, and reports
// whether it came to that. RFC 5321 §4.5.3.2 limits the time of each reply, so
// that of the next one begins where one has come.
func (sh *Shell) answered(ctx context.Context, left int) bool {
	defer sh.undeadline()
	owed := 0
	return sh.until(ctx, 0, func(s protocol.Session) bool {
		if !s.Open() || s.Awaiting() <= left {
			return true
		}
		if u, _ := s.Head(); s.Awaiting() != owed {
			owed = s.Awaiting()
			sh.deadline(u.Word, u.Kind == protocol.UnitContent || u.Word == "BDAT")
		}
		return false
	})
}

// await waits until no reply is owed, or the user has had enough. The server
// that said it is leaving is given time to close the connection.
func (sh *Shell) await(ctx context.Context) {
	answered := sh.answered(ctx, 0)
	if s := sh.hub.Session(); answered && s.Open() && s.Leaving() {
		if sh.until(ctx, farewell, func(s protocol.Session) bool { return !s.Open() }) {
			return
		}
		sh.note(view.Caution, "The server said it was leaving and did not close the connection; closed from here.")
		sh.hangUp()
	}
}

// until waits for the session to satisfy done; false when the limit passed
// (0 is none) or the user stopped the wait.
func (sh *Shell) until(ctx context.Context, limit time.Duration, done func(protocol.Session) bool) bool {
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	var tick <-chan time.Time
	started := time.Now()
	if sh.Source.Interactive() {
		ticker := time.NewTicker(patience)
		defer ticker.Stop()
		defer sh.Source.Status("")
		tick = ticker.C
	}
	for {
		s := sh.hub.Session()
		if done(s) {
			return true
		}
		select {
		case <-sh.hub.changed:
		case <-tick:
			sh.Source.Status(waiting(s, time.Since(started)))
		case <-over:
			return false
		case <-sh.Source.Interrupts():
			sh.script.broken = len(sh.script.frames) > 0
			sh.hub.emit(protocol.Cancelled{At: sh.now()})
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// attend does what takes time; at a terminal Ctrl-C ends its context, and
// after a while the row that says what goes on is shown, where it has one.
func (sh *Shell) attend(ctx context.Context, what string, work func(context.Context)) {
	if !sh.Source.Interactive() {
		work(ctx)
		return
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sh.stopped = false
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx)
	}()
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	defer sh.Source.Status("")
	for began := time.Now(); ; {
		select {
		case <-done:
			return
		case <-ticker.C:
			if what != "" {
				sh.Source.Status(view.Escape(what + " … " + time.Since(began).Truncate(time.Second).String() + "   (Ctrl-C stops it)"))
			}
		case <-sh.Source.Interrupts():
			sh.script.broken, sh.stopped = len(sh.script.frames) > 0, true
			stop()
		}
	}
}

// waiting is the row that shows that something is waited for, and how long
// already.
func waiting(s protocol.Session, since time.Duration) string {
	what := "the server to close the connection"
	if u, ok := s.Head(); ok {
		switch {
		case u.Kind == protocol.UnitGreeting:
			what = "the server's greeting"
		case u.Kind == protocol.UnitContent:
			what = "the reply to the message"
		case u.Kind == protocol.UnitResponse:
			what = "the reply to the answer"
		default:
			what = "the reply to " + u.Word
		}
	}
	return view.Escape("waiting for " + what + " … " + since.Truncate(time.Second).String() + "   (Ctrl-C stops the wait)")
}
