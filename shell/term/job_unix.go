//go:build unix

package term

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
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

// suspend is Ctrl-Z: the whole process group stops, as it would if the driver had seen the key. Nothing here waits for
// a resume that may never come: once the process runs again, the terminal is taken back.
func (t *Terminal) suspend() {
	if orphaned() {
		return
	}
	t.screen.bracketPastes(false)
	if t.tty.restore() != nil {
		return
	}
	_ = unix.Kill(0, unix.SIGTSTP)
	time.Sleep(stopDelay) // the signal may reach another thread first
	time.Sleep(stopDelay) // and SIGCONT is to be taken while no picture stands, or there would be two
	t.resume()
}

// orphaned says whether nobody could resume us: in a login shell or a container, no ancestor in our session is in
// another process group. The system then ignores the signal, but in the time it takes to find out the terminal would
// be in its original mode, where a key that was typed ahead could end the program.
func orphaned() bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return true
	}
	group, err := unix.Getpgid(0)
	if err != nil {
		return true
	}
	for pid := os.Getppid(); ; {
		if other, err := unix.Getsid(pid); err != nil || other != session {
			return true
		}
		if other, err := unix.Getpgid(pid); err != nil || other != group {
			return err != nil
		}
		if pid, err = parent(pid); err != nil {
			return false // not to be known here; it does no harm to try
		}
	}
}

// parent finds the parent of another process, where the system has a /proc as on Linux.
func parent(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// pid (name) state parent …, and the name may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, errors.New("read process state: too short")
	}
	return strconv.Atoi(string(fields[1]))
}

const stopDelay = 20 * time.Millisecond

// resume takes the terminal back after a stop, whoever caused it.
func (t *Terminal) resume() {
	if t.released.Load() {
		return
	}
	if !t.queue.isAsking() {
		_ = t.tty.wait()
		return
	}
	if t.tty.raw() == nil {
		t.screen.bracketPastes(true)
		t.screen.redraw()
	}
}
