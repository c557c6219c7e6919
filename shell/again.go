package shell

import (
	"context"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// again sends what was sent before to another server, and returns what
// happened there. Ctrl-C stops it.
func (sh *Shell) again(ctx context.Context, t Target, before []protocol.Event, message bool) (events []protocol.Event, ok bool) {
	if t.Practice {
		if t, ok = sh.openPractice(ctx, t); !ok {
			return nil, false
		}
		t.Practice = false
	}
	var kept collector
	w := sh.sibling()
	w.hub.show, w.Out = &kept, sh.Out
	do := func(ctx context.Context) {
		defer w.shutDown()
		if !w.connect(ctx, t) {
			return
		}
		w.greeted(ctx)
		ok = true
		for i := 0; i < len(before) && ctx.Err() == nil && w.hub.Session().Open(); i++ {
			if sent, is := before[i].(protocol.Sent); is {
				w.repeat(ctx, sent, message)
			}
		}
		if s := w.hub.Session(); s.Mode() == protocol.ModeCommand && !s.Leaving() {
			w.auto(ctx, "QUIT")
		}
	}
	sh.attend(ctx, "the same commands to "+t.String(), do)
	if ok {
		sh.note(view.Dim, "Sent to "+t.String()+": the commands below, and QUIT.")
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	return kept.events, ok
}

// repeat sends one thing again, and waits for the reply.
func (sh *Shell) repeat(ctx context.Context, sent protocol.Sent, message bool) {
	mode := sh.hub.Session().Mode()
	sent.Auto, sent.Omitted = true, 0
	switch sent.Kind {
	case protocol.SentCommand:
		c := protocol.Parse(strings.TrimRight(string(sent.Raw), "\r\n"))
		if mode != protocol.ModeCommand || notAgain(c.Raw, message) {
			return
		}
		sh.put(ctx, sent, c.Name.Of(c.Raw))
		if sh.hub.Session().Mode() == protocol.ModeHandshake {
			sh.secure(ctx)
		}
	case protocol.SentContent:
		if mode == protocol.ModeContent {
			sh.putContent(ctx, sent)
		}
	case protocol.SentChunk:
		if mode == protocol.ModeOctets {
			sh.putContent(ctx, sent)
		}
	case protocol.SentResponse:
	}
}

// putContent sends octets of a message as they were, and waits where they end
// it, or the chunk.
func (sh *Shell) putContent(ctx context.Context, sent protocol.Sent) {
	if sh.conn.Send(sent) != nil {
		return
	}
	if s := sh.hub.Session(); s.Awaiting() > 0 && s.Mode() != protocol.ModeOctets {
		sh.await(ctx)
	}
}
