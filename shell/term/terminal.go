package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chzyer/readline"
	xterm "golang.org/x/term"
)

// Terminal is a Source that asks a person.
type Terminal struct {
	cfg        Config
	queue      *queue
	screen     *screen
	tty        *tty
	interrupts chan struct{}
	signals    chan os.Signal
	done       chan struct{}
	closing    sync.Once
	released   atomic.Bool // another program has the terminal

	asking  sync.Mutex // one Next at a time
	session *session   // made by the first Next that needs it; guarded by start
	start   sync.Mutex
}

// NewTerminal takes hold of a terminal, which Close is to restore: from now on nothing is echoed, what is typed waits
// for the first Next, and Ctrl-C goes to Interrupts.
func NewTerminal(cfg Config) (*Terminal, error) {
	if !IsTerminal(cfg.In) || !IsTerminal(cfg.Out) {
		return nil, errors.New("open terminal: input and output are to be terminals")
	}
	device, err := openTTY(cfg.In)
	if err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	t := &Terminal{
		cfg:        cfg,
		queue:      newQueue(),
		tty:        device,
		interrupts: make(chan struct{}, 1),
		signals:    make(chan os.Signal, 4),
		done:       make(chan struct{}),
	}
	t.screen = &screen{out: cfg.Out, size: t.size, suspender: t.suspend, dumb: cfg.Dumb}
	signal.Notify(t.signals, watched()...)
	if err := t.tty.wait(); err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	go t.pump()
	go t.watch()
	return t, nil
}

// Interactive is true: a person is asked.
func (t *Terminal) Interactive() bool { return true }

// Pending counts the whole lines of a paste that wait.
func (t *Terminal) Pending() int { return t.queue.countLines() }

// TakePending removes and returns the pasted lines that wait, an unfinished last one included.
func (t *Terminal) TakePending() []Line { return toLines(t.queue.takePastes()) }

// PushBack puts lines in front of all input that waits.
func (t *Terminal) PushBack(lines []Line) { t.queue.pushFront(toItems(lines)) }

// Print writes whole lines of already escaped output, above the prompt if one is up.
func (t *Terminal) Print(text string) { t.screen.print(text) }

// Status shows a row below the output while no prompt is up; "" erases it.
func (t *Terminal) Status(text string) { t.screen.setStatus(text) }

// Interrupts ticks for Ctrl-C while no line is asked for.
func (t *Terminal) Interrupts() <-chan struct{} { return t.interrupts }

// Width is the number of columns.
func (t *Terminal) Width() int {
	columns, _ := t.size()
	return columns
}

// Height is the number of rows.
func (t *Terminal) Height() int {
	_, rows := t.size()
	return rows
}

// Remember appends a line to the history.
func (t *Terminal) Remember(text string) {
	if t.cfg.History != nil {
		t.cfg.History.Add(text)
	}
}

// size never gives less than one column and row, whatever the terminal says; many say 0 x 0 in a container.
func (t *Terminal) size() (columns, rows int) {
	columns, rows, err := xterm.GetSize(int(t.cfg.Out.Fd()))
	if err != nil || columns <= 0 {
		columns = 80
	}
	if err != nil || rows <= 0 {
		rows = 24
	}
	return columns, rows
}

// Next asks for a line. Of a paste it returns one line after the other without a prompt to edit.
func (t *Terminal) Next(ctx context.Context, r Request) (Line, error) {
	t.asking.Lock()
	defer t.asking.Unlock()
	if ctx.Err() != nil {
		return Line{}, &Cancelled{typed(r), ctx.Err()}
	}
	select {
	case <-t.interrupts: // too late for what it was meant for
	default:
	}
	if r.Keyboard {
		held := t.queue.takePastes()
		defer t.queue.pushFront(held)
	}
	if !r.Secret && (r.Text == "" || r.Proposal) {
		if text, ok := t.queue.takeLine(); ok {
			t.echo(r, text)
			return Line{Text: text, Pasted: true, Edited: r.Proposal}, nil
		}
	}
	if err := t.begin(); err != nil {
		return Line{}, err
	}
	defer t.end()
	defer t.cancelWith(ctx)()
	if r.Secret {
		return t.secret(ctx, r)
	}
	return t.edit(ctx, r)
}

// cancelWith ends the present line when ctx ends. The function that it returns makes sure that no later line is ended.
func (t *Terminal) cancelWith(ctx context.Context) func() {
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		t.queue.end(wasCancelled)
		close(cancelled)
	})
	return func() {
		if !stop() {
			<-cancelled
		}
	}
}

// typed is what the person has entered before any key: a proposal is not theirs.
func typed(r Request) string {
	if r.Proposal || r.Secret {
		return ""
	}
	return r.Text
}

// Release gives the terminal to another program while run runs it.
func (t *Terminal) Release(run func() error) error {
	t.asking.Lock()
	defer t.asking.Unlock()
	t.released.Store(true)
	err := t.tty.release(run)
	t.released.Store(false)
	if back := t.tty.wait(); err == nil {
		err = back
	}
	return err
}

// begin makes the terminal ready for editing.
func (t *Terminal) begin() error {
	t.queue.ask(true)
	if err := t.tty.raw(); err != nil {
		t.queue.ask(false)
		if errors.Is(err, ErrClosed) {
			return ErrClosed
		}
		return fmt.Errorf("read line: %w", err)
	}
	t.screen.bracketPastes(true)
	return nil
}

// end gives the keyboard back to the driver, which makes a signal of Ctrl-C.
func (t *Terminal) end() {
	t.queue.ask(false)
	t.screen.bracketPastes(false)
	// It fails once the terminal is gone, which reading tells, or closed.
	_ = t.tty.wait()
}

// edit asks for a line by way of readline.
func (t *Terminal) edit(ctx context.Context, r Request) (Line, error) {
	session, err := t.editor()
	if err != nil {
		return Line{}, err
	}
	line, err := session.read(r)
	text, edited := line.Text, line.Edited
	why, pasted := t.queue.outcome()
	switch {
	case why == wasClosed:
		return Line{}, ErrClosed
	case why == wasCancelled:
		if !edited && r.Proposal {
			text = ""
		}
		return Line{}, &Cancelled{text, ctx.Err()}
	case why == wasHungUp:
		return Line{}, io.EOF
	case errors.Is(err, readline.ErrInterrupt):
		if !edited && r.Proposal {
			text = ""
		}
		return Line{}, &Interrupted{text}
	case err != nil:
		return Line{}, err
	}
	line.Pasted, line.Edited = pasted, r.Proposal && edited
	return line, nil
}

// editor makes the session when it is first needed: it costs goroutines, and a paste or a secret needs none.
func (t *Terminal) editor() (*session, error) {
	t.start.Lock()
	defer t.start.Unlock()
	select {
	case <-t.done:
		return nil, ErrClosed
	default:
	}
	if t.session == nil {
		s, err := newSession(t.queue, t.screen, t.cfg, func(fault any) {
			t.Print(fmt.Sprintf("help at the prompt failed: %s", visible(fmt.Sprint(fault))))
		})
		if err != nil {
			return nil, err
		}
		t.session = s
	}
	return t.session, nil
}

// echo shows a pasted line as if it had been typed.
func (t *Terminal) echo(r Request, text string) {
	columns, _ := t.size()
	if !r.Plain && t.cfg.Assist != nil {
		text = t.redact(text)
	}
	line := toRunes(text)
	var spans []Span
	if t.cfg.Color && !r.Plain && t.cfg.Assist != nil {
		spans = t.highlight(text)
	}
	t.screen.commit(picture{prompt: promptGlyphs(r.Prompt, columns), line: lineGlyphs(nil, line, text, spans)})
}

func (t *Terminal) redact(text string) (less string) {
	defer func() {
		if recover() != nil {
			less = ""
		}
	}()
	return t.cfg.Assist.Redact(text)
}

func (t *Terminal) highlight(text string) (spans []Span) {
	defer func() {
		if recover() != nil {
			spans = nil
		}
	}()
	return t.cfg.Assist.Highlight(text)
}

// pump reads the terminal, all the time: what is typed while a command runs is kept for the next prompt. It sleeps
// unless there is something to read, but for the moments in which a sequence is unfinished.
func (t *Terminal) pump() {
	var (
		d     decoder
		burst []byte
		buf   = make([]byte, 32*1024)
	)
	deliver := func(events []event) {
		for _, e := range events {
			if !t.queue.push(e) {
				t.tick()
			}
		}
	}
	for {
		wait := d.wait()
		if len(burst) > 0 {
			wait = burstTimeout
		}
		n, err := t.tty.read(buf, wait)
		chunk := buf[:n]
		if d.state == inGround && len(d.seq) == 0 && (len(burst) > 0 || textPrefix(chunk) >= minBurst) {
			text := textPrefix(chunk)
			burst = append(burst, chunk[:text]...)
			if chunk = chunk[text:]; len(chunk) == 0 && n > 0 {
				continue
			}
			deliver([]event{{keyPaste, string(burst)}})
			burst = nil
		}
		switch {
		case len(chunk) > 0:
			deliver(d.feed(chunk))
		case n == 0 && err == nil:
			deliver(d.flush())
		}
		if err != nil {
			t.queue.end(wasHungUp)
			return
		}
	}
}

// burstTimeout is how long a burst of text may pause.
const burstTimeout = 10 * time.Millisecond

// tick tells of a Ctrl-C. One that waits already is enough.
func (t *Terminal) tick() {
	select {
	case t.interrupts <- struct{}{}:
	default:
	}
}

// watch takes signals.
func (t *Terminal) watch() {
	for {
		select {
		case <-t.done:
			return
		case sig := <-t.signals:
			switch {
			case sig == os.Interrupt:
				if !t.queue.interrupt() {
					t.tick()
				}
			case isResize(sig):
				t.screen.resized()
			case isContinue(sig):
				t.resume()
			}
		}
	}
}

// Close restores the terminal and ends a Next that waits. What the program prints afterwards begins on a new row.
func (t *Terminal) Close() error {
	var err error
	t.closing.Do(func() {
		// First what matters most and needs none of our locks but its own.
		err = t.tty.close()
		signal.Stop(t.signals)
		close(t.done)
		t.queue.end(wasClosed)
		t.start.Lock()
		defer t.start.Unlock()
		if t.session != nil {
			t.session.veil()
			t.session.stop()
		}
		t.screen.close()
	})
	return err
}

// secret asks for a line without showing it. readline has no part in it: its own password prompt leaks goroutines and
// puts what is erased where Ctrl-Y brings it back.
func (t *Terminal) secret(ctx context.Context, r Request) (Line, error) {
	columns, _ := t.size()
	p := picture{prompt: promptGlyphs(r.Prompt, columns)}
	t.screen.show(p)
	e := editor{plain: true, history: func() []string { return nil }}
	e.begin(r.Text, true)
	for {
		it, why := t.queue.next()
		switch why {
		case wasCancelled:
			t.screen.erase()
			return Line{}, &Cancelled{"", ctx.Err()}
		case wasHungUp:
			t.screen.commit(p)
			return Line{}, io.EOF
		case wasClosed:
			return Line{}, ErrClosed
		}
		switch it.key {
		case keyText:
			e.insert(toRunes(it.text))
		case keyPaste:
			e.insert(toRunes(it.text))
			if it.line {
				t.screen.commit(p)
				return Line{Text: fromRunes(e.line), Pasted: true}, nil
			}
		case keyEnter:
			t.screen.commit(p)
			return Line{Text: fromRunes(e.line)}, nil
		case keyInterrupt:
			t.screen.commit(p)
			return Line{}, &Interrupted{}
		case keyEOF:
			if len(e.line) == 0 {
				t.screen.commit(p)
				return Line{}, io.EOF
			}
		case keySuspend:
			t.screen.suspend()
		case keyClear:
			t.screen.clear()
		case keyTab, keyUndo, keyYank, keyUp, keyDown, keySearchBack, keySearchForward:
		default:
			e.apply(it.key)
		}
	}
}
