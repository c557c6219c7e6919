//go:build unix

package term

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// tty is the device: its modes, and reading with a time limit.
type tty struct {
	fd   int
	wake [2]int // a pipe; a byte in it ends a read

	mu       sync.Mutex
	original unix.Termios
	closed   bool
	held     chan struct{} // closed when reading may go on; nil while it may
	parked   chan struct{} // told by a read that it holds still
}

func openTTY(f *os.File) (*tty, error) {
	d := &tty{fd: int(f.Fd()), parked: make(chan struct{})}
	state, err := unix.IoctlGetTermios(d.fd, ioctlGet)
	if err != nil {
		return nil, err
	}
	d.original = *state
	if err := unix.Pipe(d.wake[:]); err != nil {
		return nil, err
	}
	unix.CloseOnExec(d.wake[0])
	unix.CloseOnExec(d.wake[1])
	return d, nil
}

// set changes the mode. It does not wait for output to drain, which could take for ever.
func (d *tty) set(change func(*unix.Termios)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	state := d.original
	change(&state)
	return unix.IoctlSetTermios(d.fd, ioctlSet, &state)
}

// common is what both modes share: no echo, no line editing by the driver, no flow control, CR as it comes. Output
// processing stays on, so that \n goes to the start of the next row.
func common(state *unix.Termios) {
	state.Iflag &^= unix.BRKINT | unix.ICRNL | unix.INLCR | unix.IGNCR | unix.INPCK | unix.ISTRIP | unix.IXON
	state.Oflag |= unix.OPOST | unix.ONLCR
	state.Cflag |= unix.CS8
	state.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	state.Cc[unix.VMIN], state.Cc[unix.VTIME] = 1, 0
}

// raw is the mode for editing: every key is a byte.
func (d *tty) raw() error {
	return d.set(func(state *unix.Termios) {
		common(state)
		state.Lflag &^= unix.ISIG
	})
}

// wait is the mode between lines: Ctrl-C is a signal. Without NOFLSH it would also discard output on its way to the
// screen. The keys for quitting and suspending are off: both would leave the terminal in this mode.
func (d *tty) wait() error {
	return d.set(func(state *unix.Termios) {
		common(state)
		state.Lflag |= unix.ISIG | unix.NOFLSH
		state.Cc[unix.VSUSP], state.Cc[unix.VQUIT] = noKey, noKey
	})
}

// restore sets the mode that the terminal was in at first.
func (d *tty) restore() error { return d.set(func(*unix.Termios) {}) }

// release gives the terminal to another program while run runs it: in its original mode, and with nobody else reading
// from it.
func (d *tty) release(run func() error) error {
	if err := d.hold(); err != nil {
		return err
	}
	err := d.restore()
	if err == nil {
		err = run()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.held)
	d.held = nil
	return err
}

// hold waits until the read that goes on holds still.
func (d *tty) hold() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return ErrClosed
	}
	d.held = make(chan struct{})
	d.mu.Unlock()
	if _, err := unix.Write(d.wake[1], []byte{0}); err != nil {
		return err
	}
	select {
	case <-d.parked:
	case <-time.After(holdTimeout): // nobody reads any more: the terminal has hung up
	}
	return nil
}

const holdTimeout = time.Second

// heldStill is a read that was woken: it waits while another program has the terminal, and reports whether it may go
// on.
func (d *tty) heldStill() bool {
	d.mu.Lock()
	held, closed := d.held, d.closed
	d.mu.Unlock()
	if closed {
		return false
	}
	_, _ = unix.Read(d.wake[0], make([]byte, 1))
	if held == nil { // it is over already
		return true
	}
	select {
	case d.parked <- struct{}{}:
	case <-held:
	}
	<-held
	return true
}

// close restores the terminal and ends a read.
func (d *tty) close() error {
	err := d.restore()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	_, _ = unix.Write(d.wake[1], []byte{0})
	return err
}

// read waits for input, for as long as limit if that is not 0, and then returns 0 and no error.
func (d *tty) read(p []byte, limit time.Duration) (int, error) {
	for {
		var timeout *unix.Timeval
		if limit > 0 {
			v := unix.NsecToTimeval(limit.Nanoseconds())
			timeout = &v
		}
		var set unix.FdSet
		set.Set(d.fd)
		set.Set(d.wake[0])
		n, err := unix.Select(max(d.fd, d.wake[0])+1, &set, nil, nil, timeout)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, nil
		case set.IsSet(d.wake[0]):
			if d.heldStill() {
				continue
			}
			return 0, io.EOF
		}
		n, err = unix.Read(d.fd, p)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err == nil && n <= 0:
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		return n, nil
	}
}
