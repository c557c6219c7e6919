package shell

import (
	"context"
	"io"

	"smtpsh/shell/view"
)

// heed has reading a message from standard input end with the context.
func (sh *Shell) heed(ctx context.Context) {
	if sh.Stdin != nil {
		sh.Stdin = &heeding{ctx: ctx, r: sh.Stdin, ready: sh.Ready}
	}
}

// unsent is the end of an errand before anything of it was sent.
func (sh *Shell) unsent(ctx context.Context, err error) Status {
	if ctx.Err() != nil {
		sh.note(view.Caution, "Interrupted; nothing was sent.")
		return StatusInterrupted
	}
	sh.note(view.Bad, "Nothing was sent: "+err.Error()+".")
	return StatusUsage
}

// heeding is a reader whose Read returns when the context ends, also where that
// of r, a terminal or a pipe, would wait on. Nothing is read before it is asked
// for.
type heeding struct {
	ctx   context.Context
	r     io.Reader
	ready <-chan struct{} // closed once a signal ends ctx; may be nil
	in    *io.PipeReader  // nil before the first Read
}

// Read reads from r, or returns the error of the context.
func (h *heeding) Read(b []byte) (int, error) {
	if h.in == nil {
		if h.ready != nil {
			<-h.ready
		}
		in, out := io.Pipe()
		h.in = in
		context.AfterFunc(h.ctx, func() { out.CloseWithError(h.ctx.Err()) })
		go func() {
			_, err := io.Copy(out, h.r)
			out.CloseWithError(err)
		}()
	}
	return h.in.Read(b)
}
