//go:build unix

package term

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// watched are the signals that a Terminal takes.
func watched() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGWINCH, syscall.SIGCONT}
}

func isResize(sig os.Signal) bool   { return sig == syscall.SIGWINCH }
func isContinue(sig os.Signal) bool { return sig == syscall.SIGCONT }

// suspend is Ctrl-Z: the whole process group stops, as it would if the driver had seen the key. In an orphaned group
// (a login shell, a container) the system ignores it, so nothing here waits for a resume that may never come: once
// the process runs again, the terminal is taken back.
func (t *Terminal) suspend() {
	t.screen.raw(pasteOff)
	if t.tty.restore() != nil {
		return
	}
	_ = unix.Kill(0, unix.SIGTSTP)
	time.Sleep(stopDelay) // the signal may reach another thread first
	t.resume()
}

const stopDelay = 20 * time.Millisecond

// resume takes the terminal back after a stop, whoever caused it.
func (t *Terminal) resume() {
	if !t.queue.isAsking() {
		_ = t.tty.wait()
		return
	}
	if t.tty.raw() == nil {
		t.screen.raw(pasteOn)
		t.screen.redraw()
	}
}
