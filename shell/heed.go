package shell

import (
	"context"
	"errors"
	"io"
	"os"

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

// Read reads from r, or returns the cause of the context's end.
func (h *heeding) Read(b []byte) (int, error) {
	if h.in == nil {
		if h.ready != nil {
			<-h.ready
		}
		in, out := io.Pipe()
		h.in = in
		context.AfterFunc(h.ctx, func() { out.CloseWithError(context.Cause(h.ctx)) })
		go func() {
			_, err := io.Copy(out, h.r)
			out.CloseWithError(err)
		}()
	}
	n, err := h.in.Read(b)
	if err != nil && h.ctx.Err() != nil { // whichever of the two came first
		err = context.Cause(h.ctx)
	}
	return n, err
}

// errStopped is when a message was not read to its end because a person or a
// signal stopped that.
var errStopped = errors.New("reading was stopped")

// slow is a file whose Read may wait for someone else, as that from a named
// pipe does for its writer. Close ends the wait.
type slow struct {
	heeding
	file *os.File
	stop context.CancelCauseFunc
}

// openSlow opens what may be no regular file.
func openSlow(name string) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(context.Background())
	return &slow{heeding: heeding{ctx: ctx, r: file}, file: file, stop: stop}, nil
}

// Close ends a Read that waits, with errStopped, and closes the file.
func (s *slow) Close() error {
	s.stop(errStopped)
	return s.file.Close()
}

// openContent opens a message. A named pipe waits for its writer there, until
// ctx ends or, at a terminal, Ctrl-C comes.
func (sh *Shell) openContent(ctx context.Context, c content) (body io.ReadCloser, err error) {
	if c.size >= 0 {
		return c.open()
	}
	if sh.Ready != nil { // a signal is to end the wait, and not the program without a word
		<-sh.Ready
	}
	type opened struct {
		body io.ReadCloser
		err  error
	}
	sh.attend(ctx, "opening "+c.name, func(ctx context.Context) {
		came := make(chan opened)
		go func() {
			body, err := c.open()
			select {
			case came <- opened{body, err}:
			case <-ctx.Done():
				if err == nil { // a writer came yet, and nobody waits for it
					_ = body.Close()
				}
			}
		}()
		select {
		case o := <-came:
			body, err = o.body, o.err
		case <-ctx.Done():
			err = errStopped
		}
	})
	return body, err
}

// reading does what reads from a message that may keep it waiting; body is
// closed when that is to be stopped.
func (sh *Shell) reading(ctx context.Context, c content, body io.Closer, read func()) {
	if c.size >= 0 {
		read()
		return
	}
	sh.attend(ctx, "reading "+c.name, func(ctx context.Context) {
		defer context.AfterFunc(ctx, func() { _ = body.Close() })()
		read()
	})
}
