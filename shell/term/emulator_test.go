//go:build unix

package term

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/gdamore/tcell/v3/vt"
	"golang.org/x/sys/unix"
)

// console is a terminal emulator with the demo running in it.
type console struct {
	t    *testing.T
	pty  *os.File
	cmd  *exec.Cmd
	done chan error

	mu            sync.Mutex
	term          vt.MockTerm
	columns, rows int
	raw           []byte
	blind         bool // what comes is not shown: emulating costs more than all else
}

// start runs the demo on a pty of the given size; env are further settings.
func start(t *testing.T, columns, rows int, env ...string) *console {
	t.Helper()
	return startCommand(t, exec.Command(os.Args[0]), columns, rows, env...)
}

func startCommand(t *testing.T, cmd *exec.Cmd, columns, rows int, env ...string) *console {
	t.Helper()
	cmd.Env = append(os.Environ(), demoVar+"=1", "DEMO_HISTORY="+filepath.Join(t.TempDir(), "d", "history"))
	cmd.Env = append(cmd.Env, env...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	f = pollable(t, f)
	if columns == 0 || rows == 0 {
		columns, rows = 80, 24
	}
	c := newEmulator(t, columns, rows)
	c.pty, c.cmd, c.done = f, cmd, make(chan error, 1)
	go c.pump()
	t.Cleanup(c.stop)
	return c
}

// newEmulator gives a console in which nothing runs.
func newEmulator(t *testing.T, columns, rows int) *console {
	t.Helper()
	c := &console{t: t, columns: columns, rows: rows}
	c.term = vt.NewMockTerm(vt.MockOptSize{X: vt.Col(columns), Y: vt.Row(rows)})
	if err := c.term.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *console) stop() {
	_ = c.cmd.Process.Kill()
	_ = c.pty.Close()
	_ = c.term.Stop()
	if c.t.Failed() {
		c.t.Logf("screen:\n%s\nlast output: %q", c.screen(), c.tail(800))
	}
}

func (c *console) pump() {
	buf := make([]byte, 64*1024)
	for {
		n, err := c.pty.Read(buf)
		c.mu.Lock()
		c.raw = append(c.raw, buf[:n]...)
		if !c.blind {
			_, _ = c.term.Write(buf[:n])
		}
		c.mu.Unlock()
		if err != nil {
			c.done <- c.cmd.Wait()
			return
		}
	}
}

func (c *console) tail(n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.raw[max(0, len(c.raw)-n):]
}

// row gives the text of a row; it is called with the lock held.
func (c *console) row(y int) string {
	var b strings.Builder
	for x := 0; x < c.columns; x++ {
		cell := c.term.GetCell(vt.Coord{X: vt.Col(x), Y: vt.Row(y)})
		switch {
		case cell.C == "":
			b.WriteByte(' ')
		default:
			b.WriteString(cell.C)
			if cell.W == 2 {
				x++
			}
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func (c *console) screen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rows []string
	for y := range c.rows {
		rows = append(rows, c.row(y))
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// cursor gives the text of the row of the cursor, and its column.
func (c *console) cursor() (string, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pos := c.term.Pos()
	return c.row(int(pos.Y)), int(pos.X)
}

const patience = 10 * time.Second

func (c *console) until(what string, ok func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	c.t.Fatalf("no %s", what)
}

// at waits until the row of the cursor reads line and the cursor is in column x.
func (c *console) at(line string, x int) {
	c.t.Helper()
	var row string
	var col int
	defer func() {
		if c.t.Failed() {
			c.t.Logf("cursor row %q, column %d", row, col)
		}
	}()
	c.until("cursor row "+line, func() bool {
		row, col = c.cursor()
		return row == line && col == x
	})
}

// sees waits until the screen shows text.
func (c *console) sees(text string) {
	c.t.Helper()
	c.until("screen with "+text, func() bool { return strings.Contains(c.screen(), text) })
}

// never fails if the screen shows text.
func (c *console) never(text string) {
	c.t.Helper()
	if strings.Contains(c.screen(), text) {
		c.t.Fatalf("the screen shows %q", text)
	}
}

// send writes all at once, as a terminal does with a paste or a sequence.
func (c *console) send(s string) {
	c.t.Helper()
	if _, err := c.pty.WriteString(s); err != nil {
		c.t.Fatal(err)
	}
}

// types sends one byte after the other, as a person does; the pauses keep them apart.
func (c *console) types(s string) {
	c.t.Helper()
	for _, r := range s {
		c.send(string(r))
		time.Sleep(time.Millisecond)
	}
}

// ready waits for an empty prompt.
func (c *console) ready() {
	c.t.Helper()
	c.at("demo>", 6)
}

// ends waits for the demo to end.
func (c *console) ends() {
	c.t.Helper()
	select {
	case err := <-c.done:
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() != 0 {
			c.t.Fatalf("the demo ended with %v", err)
		}
		c.done <- nil
	case <-time.After(patience):
		c.t.Fatal("the demo does not end")
	}
}

// testBinary is the path of this program, for a shell.
func testBinary(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// pollable makes sure that a Close ends a Read.
func pollable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}
