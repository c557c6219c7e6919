package shell

import (
	"context"
	"fmt"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// Replay shows a session again that was recorded.
type Replay struct {
	Show    view.Renderer
	Out     Output                         // nil where Show shows what the program itself says
	Speed   float64                        // 2 is twice as fast as it happened; 0 does not wait
	Wait    func(context.Context, float64) // waits so many seconds
	Explain bool                           // with advice on each command, and each reply in depth

	session protocol.Session
	last    time.Time
	advised bool            // the record has advice on the line that comes
	told    map[string]bool // replies that were explained
}

// Events shows events of the record, in order; it may be called again with
// those that follow.
func (r *Replay) Events(ctx context.Context, events []protocol.Event) {
	for _, e := range events {
		r.pause(ctx, e.When())
		if ctx.Err() != nil {
			return
		}
		before := r.session
		r.session = before.After(e)
		r.advise(before, e)
		if note, ok := e.(protocol.Noted); ok && r.Out != nil {
			r.Out.Rows(view.Row{view.Dim.Of(note.Text)})
		} else {
			r.Show.Event(before, r.session, e)
		}
		r.explain(before, e)
	}
}

// pause waits as long as it took then, at the speed that is asked for.
func (r *Replay) pause(ctx context.Context, at time.Time) {
	if gap := at.Sub(r.last); !r.last.IsZero() && gap > 0 && r.Speed > 0 {
		r.Wait(ctx, gap.Seconds()/r.Speed)
	}
	r.last = at
}

// advise says what the check says of a command today, where the record has
// nothing.
func (r *Replay) advise(before protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Advised:
		r.advised = true
	case protocol.Sent:
		line := strings.TrimRight(string(e.Raw), "\r\n")
		if e.Kind == protocol.SentCommand && r.Explain && !r.advised {
			if diags := before.Allows(protocol.Parse(line)); len(diags) > 0 {
				r.Show.Event(before, before, protocol.Advised{At: e.At, Line: line, Diags: diags})
			}
		}
		r.advised = false
	}
}

// explain says what is known about a reply, once for replies that are alike.
func (r *Replay) explain(before protocol.Session, e protocol.Event) {
	received, ok := e.(protocol.Received)
	if !ok || !r.Explain {
		return
	}
	after := before.Answers()
	key := fmt.Sprint(received.Reply.Code, received.Reply.Enhanced, after)
	if r.told[key] {
		return
	}
	if r.told == nil {
		r.told = map[string]bool{}
	}
	r.told[key] = true
	rows := explainReply(received.Reply, after)[1+len(received.Reply.Lines):] // the reply itself stands above
	if r.Out != nil {
		r.Out.Rows(rows...)
		return
	}
	for _, row := range rows {
		r.Show.Event(r.session, r.session, protocol.Noted{At: received.At, Text: strings.TrimRight(row.String(), " ")})
	}
}
