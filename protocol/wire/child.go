package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// patience is how long a command may take to end once its standard input
	// is closed.
	patience = 2 * time.Second
	// exitWait is how long a command that closed its pipes is waited for, to
	// learn whether it failed.
	exitWait = time.Second
	// straggle is how long something that a command left behind may still
	// write to its standard error.
	straggle = 200 * time.Millisecond
	// maxSaid is how many octets are kept of what a command says on its
	// standard error, the last ones, and maxLines how many lines are told.
	maxSaid, maxLines = 4 << 10, 5
)

// CommandError is how a command failed that DialPipe spoke to.
type CommandError struct {
	State string   // "exit status 75", "signal: killed"
	Said  []string // the last lines that it wrote to standard error, without line ends
}

// Error is one line; what the command said is as the command had it.
func (e *CommandError) Error() string {
	text := "the command ended with " + e.State
	if len(e.Said) > 0 {
		text += ": " + strings.Join(e.Said, "; ")
	}
	return text
}

// child is a running command as a connection.
type child struct {
	cmd  *exec.Cmd
	in   *pipeEnd // its standard input
	out  *pipeEnd // its standard output
	said *said
	gone chan struct{} // closed when it has ended
	err  error         // how it failed; set before gone is closed
}

// start runs a command.
func start(command string) (*child, error) {
	name, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		name, flag = "cmd", "/c"
	}
	its, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer its.Close()
	out, theirs, err := os.Pipe()
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	defer theirs.Close()
	c := &child{cmd: exec.Command(name, flag, command), in: &pipeEnd{File: in}, out: &pipeEnd{File: out}, said: &said{}, gone: make(chan struct{})}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr, c.cmd.WaitDelay = its, theirs, c.said, straggle
	apart(c.cmd)
	if err := c.cmd.Start(); err != nil {
		_ = c.Close()
		return nil, err
	}
	go func() {
		defer close(c.gone)
		var failed *exec.ExitError
		if errors.As(c.cmd.Wait(), &failed) {
			c.err = &CommandError{State: failed.String(), Said: c.said.last()}
		}
	}()
	return c, nil
}

func (c *child) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if err == io.EOF {
		err = c.judged(err)
	}
	return n, err
}

func (c *child) Write(b []byte) (int, error) {
	n, err := c.in.Write(b)
	if isAny(err, []syscall.Errno{syscall.EPIPE}) {
		err = c.judged(err)
	}
	return n, err
}

// judged is how the command failed, for an end of its pipes that it may be
// the cause of, or err.
func (c *child) judged(err error) error {
	if c.ended(exitWait) && c.err != nil {
		return c.err
	}
	return err
}

// ended waits for the command to end, and reports whether it did.
func (c *child) ended(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.gone:
		return true
	case <-timer.C:
		return false
	}
}

// Close closes the pipes and waits for nothing.
func (c *child) Close() error { return errors.Join(c.in.Close(), c.out.Close()) }

// reap sees to it that the command ends.
func (c *child) reap() {
	_ = c.Close()
	if !c.ended(patience) {
		kill(c.cmd)
		c.ended(patience)
	}
}

func (c *child) LocalAddr() net.Addr  { return pipeAddr{} }
func (c *child) RemoteAddr() net.Addr { return pipeAddr{} }

func (c *child) SetReadDeadline(t time.Time) error  { c.out.expire(t); return nil }
func (c *child) SetWriteDeadline(t time.Time) error { c.in.expire(t); return nil }
func (c *child) SetDeadline(t time.Time) error      { c.out.expire(t); c.in.expire(t); return nil }

// pipeAddr is where a command is: nowhere.
type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "" }

// pipeEnd is one end of a pipe, with a deadline where the system's pipes know
// none: what takes longer has the pipe closed, after which nothing can come.
type pipeEnd struct {
	*os.File

	mu    sync.Mutex
	until time.Time
	busy  bool        // a read or write is under way
	timer *time.Timer // runs while it is
	late  bool        // the deadline closed the pipe
}

func (p *pipeEnd) Read(b []byte) (int, error)  { return p.within(p.File.Read, b) }
func (p *pipeEnd) Write(b []byte) (int, error) { return p.within(p.File.Write, b) }

func (p *pipeEnd) within(do func([]byte) (int, error), b []byte) (int, error) {
	p.run(true)
	n, err := do(b)
	p.run(false)
	if errors.Is(err, os.ErrClosed) {
		err = net.ErrClosed
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.late {
			err = os.ErrDeadlineExceeded
		}
	}
	return n, err
}

func (p *pipeEnd) run(busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = busy
	p.arm()
}

func (p *pipeEnd) expire(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = t
	p.arm()
}

// arm starts or stops the timer. It is called within mu.
func (p *pipeEnd) arm() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if !p.busy || p.until.IsZero() {
		return
	}
	var own *time.Timer
	own = time.AfterFunc(time.Until(p.until), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.timer == own { // else it was set anew, or what it was for is over
			p.late = true
			_ = p.File.Close()
		}
	})
	p.timer = own
}

// said keeps the end of what a command says.
type said struct {
	mu   sync.Mutex
	text []byte
	cut  bool // the first line has lost its beginning
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, b...)
	if over := len(s.text) - maxSaid; over > 0 {
		s.text, s.cut = append(s.text[:0], s.text[over:]...), true
	}
	return len(b), nil
}

// last is the last lines, empty ones left out.
func (s *said) last() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for line := range strings.Lines(string(s.text)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if s.cut && len(lines) > 1 {
		lines = lines[1:]
	}
	return lines[max(0, len(lines)-maxLines):]
}
