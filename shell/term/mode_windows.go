package term

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/windows"
)

// tty is the console: its modes, and reading with a time limit.
type tty struct {
	in, out  windows.Handle
	chunks   chan []byte
	rest     []byte
	stop     chan struct{}
	mu       sync.Mutex
	original [2]uint32
	closed   bool
}

func openTTY(f *os.File) (*tty, error) {
	d := &tty{in: windows.Handle(f.Fd()), chunks: make(chan []byte), stop: make(chan struct{})}
	if err := windows.GetConsoleMode(d.in, &d.original[0]); err != nil {
		return nil, err
	}
	out, err := windows.GetStdHandle(windows.STD_OUTPUT_HANDLE)
	if err != nil {
		return nil, err
	}
	d.out = out
	if err := windows.GetConsoleMode(d.out, &d.original[1]); err != nil {
		return nil, err
	}
	go d.pump(f)
	return d, nil
}

// pump reads in a goroutine of its own, for a read of the console cannot be ended. It is left behind by close.
func (d *tty) pump(f *os.File) {
	defer close(d.chunks)
	for {
		buf := make([]byte, 4096)
		n, err := f.Read(buf)
		if n > 0 {
			select {
			case d.chunks <- buf[:n]:
			case <-d.stop:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (d *tty) set(in uint32) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	const vt = windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.ENABLE_PROCESSED_OUTPUT
	if err := windows.SetConsoleMode(d.out, d.original[1]|vt); err != nil {
		return err
	}
	return windows.SetConsoleMode(d.in, in|windows.ENABLE_VIRTUAL_TERMINAL_INPUT)
}

const cooked = windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT

func (d *tty) raw() error { return d.set(d.original[0] &^ cooked) }

func (d *tty) wait() error {
	return d.set(d.original[0]&^cooked | windows.ENABLE_PROCESSED_INPUT)
}

// release runs another program. One that reads the console would share the keys with us: a read of it cannot be ended.
// An editor with a window of its own does not.
func (d *tty) release(run func() error) error { return run() }

func (d *tty) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	close(d.stop)
	_ = windows.SetConsoleMode(d.out, d.original[1])
	return windows.SetConsoleMode(d.in, d.original[0])
}

// read waits for input, for as long as limit if that is not 0, and then returns 0 and no error.
func (d *tty) read(p []byte, limit time.Duration) (int, error) {
	if len(d.rest) == 0 {
		var late <-chan time.Time
		if limit > 0 {
			timer := time.NewTimer(limit)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case chunk, ok := <-d.chunks:
			if !ok {
				return 0, io.EOF
			}
			d.rest = chunk
		case <-late:
			return 0, nil
		case <-d.stop:
			return 0, io.EOF
		}
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// watched are the signals that a Terminal takes. The console tells of no change of size.
func watched() []os.Signal { return []os.Signal{os.Interrupt} }

func isResize(os.Signal) bool   { return false }
func isContinue(os.Signal) bool { return false }

// suspend does nothing: there is no job control.
func (t *Terminal) suspend() {}

func (t *Terminal) resume() {}
