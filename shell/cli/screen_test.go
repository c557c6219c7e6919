//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/gdamore/tcell/v3/color"
	"github.com/gdamore/tcell/v3/vt"
	"golang.org/x/sys/unix"

	"smtpsh/protocol/smtptest"
)

// patience is how long a test waits for something that must come. Nothing is
// compared by the clock: what comes sooner is seen sooner.
const patience = 15 * time.Second

// The keys of a terminal.
const (
	enter, tab, escape   = "\r", "\t", "\x1b"
	ctrlA, ctrlC, ctrlD  = "\x01", "\x03", "\x04"
	ctrlE, ctrlU, ctrlR  = "\x05", "\x15", "\x12"
	ctrlY                = "\x19"
	up, left, right, end = "\x1b[A", "\x1b[D", "\x1b[C", "\x1b[F"
	backspace            = "\x7f"
)

// screen is a terminal emulator with the program running in it.
type screen struct {
	t     *testing.T
	state string // XDG_STATE_HOME
	env   []string
	pty   *os.File
	cmd   *exec.Cmd
	ended chan struct{}

	mu            sync.Mutex
	term          vt.MockTerm
	columns, rows int
	sizeless      bool // the program is not told the size
	raw           []byte
}

// setting changes how the program is started.
type setting func(*screen)

func sized(columns, rows int) setting {
	return func(s *screen) { s.columns, s.rows = columns, rows }
}

func with(env ...string) setting { return func(s *screen) { s.env = env } }

func stateIn(dir string) setting { return func(s *screen) { s.state = dir } }

// start runs the program with args on a terminal of its own.
func start(t *testing.T, args []string, settings ...setting) *screen {
	t.Helper()
	s := &screen{t: t, state: t.TempDir(), columns: 100, rows: 50, ended: make(chan struct{})}
	for _, set := range settings {
		set(s)
	}
	s.cmd = exec.Command(os.Args[0], args...)
	s.cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir(), "XDG_STATE_HOME="+s.state, "TERM=xterm-256color")
	s.cmd.Env = append(s.cmd.Env, s.env...)
	size := pty.Winsize{Cols: uint16(s.columns), Rows: uint16(s.rows)}
	if s.sizeless {
		size = pty.Winsize{}
	}
	f, err := pty.StartWithSize(s.cmd, &size)
	if err != nil {
		t.Fatal(err)
	}
	s.pty = pollable(t, f)
	s.term = vt.NewMockTerm(vt.MockOptSize{X: vt.Col(s.columns), Y: vt.Row(s.rows)})
	if err := s.term.Start(); err != nil {
		t.Fatal(err)
	}
	go s.pump()
	t.Cleanup(s.stop)
	return s
}

// talk runs the program against a peer that follows a script.
func talk(t *testing.T, script string, settings ...setting) *screen {
	t.Helper()
	return start(t, []string{"--helo", "me.example", smtptest.Serve(t, script)}, settings...)
}

// practise runs the program without a target, and waits for its prompt.
func practise(t *testing.T, settings ...setting) *screen {
	t.Helper()
	s := start(t, []string{"--helo", "me.example"}, settings...)
	s.at("practice.example connected> ")
	return s
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

func (s *screen) pump() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.raw = append(s.raw, buf[:n]...)
		_, _ = s.term.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			_ = s.cmd.Wait()
			close(s.ended)
			return
		}
	}
}

func (s *screen) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.pty.Close()
	<-s.ended
	_ = s.term.Stop()
	for _, trouble := range []string{"DATA RACE", "panic:", "goroutine 1 ["} {
		if strings.Contains(string(s.raw), trouble) {
			s.t.Errorf("the output has %q", trouble)
		}
	}
	if s.t.Failed() {
		s.t.Logf("screen:\n%s\nlast output: %q", s.text(), s.raw[max(0, len(s.raw)-600):])
	}
}

// row is the text of a row from column 0 up to column end; it is called with
// the lock held.
func (s *screen) row(y, end int) string {
	var b strings.Builder
	for x := 0; x < end; x++ {
		cell := s.term.GetCell(vt.Coord{X: vt.Col(x), Y: vt.Row(y)})
		if cell.C == "" {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(cell.C)
		if cell.W == 2 {
			x++
		}
	}
	return b.String()
}

// text is the whole screen, without space at the ends of rows.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []string
	for y := range s.rows {
		rows = append(rows, strings.TrimRight(s.row(y, s.columns), " "))
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// cursor is the row of the cursor, up to the cursor and from there on.
func (s *screen) cursor() (before, after string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pos := s.term.Pos()
	before, whole := s.row(int(pos.Y), int(pos.X)), s.row(int(pos.Y), s.columns)
	return before, strings.TrimRight(whole[len(before):], " ")
}

func (s *screen) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	before, after := s.cursor()
	s.t.Fatalf("no %s\ncursor between %q and %q", what, before, after)
}

// at waits until the row of the cursor reads so up to the cursor. What stands
// behind it is a hint, or the rest of the line.
func (s *screen) at(before string) {
	s.t.Helper()
	s.until("cursor behind "+before, func() bool { got, _ := s.cursor(); return got == before })
}

// between waits for what stands on both sides of the cursor.
func (s *screen) between(before, after string) {
	s.t.Helper()
	s.until("cursor between "+before+" and "+after, func() bool {
		gotBefore, gotAfter := s.cursor()
		return gotBefore == before && gotAfter == after
	})
}

// sees waits until the screen shows each text.
func (s *screen) sees(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		s.until("screen with "+text, func() bool { return strings.Contains(s.text(), text) })
	}
}

// matches waits until the screen matches a pattern.
func (s *screen) matches(pattern string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	s.until("screen that matches "+pattern, func() bool { return re.MatchString(s.text()) })
}

// lacks fails if the screen shows any of the texts.
func (s *screen) lacks(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if strings.Contains(s.text(), text) {
			s.t.Fatalf("the screen shows %q", text)
		}
	}
}

// hasColor waits until some cell at which text begins has a colour.
func (s *screen) hasColor(text string, want color.Color) {
	s.t.Helper()
	s.until("text in that colour: "+text, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for y := range s.rows {
			row := s.row(y, s.columns)
			if i := strings.Index(row, text); i >= 0 &&
				s.term.GetCell(vt.Coord{X: vt.Col(len([]rune(row[:i]))), Y: vt.Row(y)}).S.Fg() == want {
				return true
			}
		}
		return false
	})
}

// keys sends each key by itself, as a person does.
func (s *screen) keys(keys ...string) {
	s.t.Helper()
	for _, key := range keys {
		if strings.HasPrefix(key, escape) || len(key) == 1 {
			s.send(key)
			continue
		}
		for _, r := range key {
			s.press(string(r))
		}
	}
}

// press sends one key and waits a moment for what it shows, so that a machine
// under load does not make a burst of keys, and so a paste, of them.
func (s *screen) press(key string) {
	s.t.Helper()
	shown := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.raw)
	}
	before := shown()
	s.send(key)
	for range 100 { // a secret shows nothing
		if shown() != before {
			return
		}
		time.Sleep(500 * time.Microsecond)
	}
}

// line types a line and Enter.
func (s *screen) line(text string) {
	s.t.Helper()
	s.keys(text, enter)
}

// paste sends text as a terminal does that brackets its pastes.
func (s *screen) paste(text string) {
	s.t.Helper()
	s.send("\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~")
}

func (s *screen) send(octets string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(octets); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the end of the program, and checks its status and that it
// left the terminal as a terminal is found.
func (s *screen) exits(status int) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatal("the program does not end")
	}
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		s.t.Errorf("exit status %d, want %d", got, status)
	}
	s.restored()
}

// restored checks that the terminal echoes, edits lines and makes signals of
// keys again, and that its pastes are no longer bracketed.
func (s *screen) restored() {
	s.t.Helper()
	stty := exec.Command("stty", "-a")
	stty.Stdin = s.pty
	modes, err := stty.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, mode := range []string{"echo", "icanon", "isig", "iexten", "icrnl", "opost"} {
		if !regexp.MustCompile(`(^|\s)` + mode + `\b`).Match(modes) {
			s.t.Errorf("the terminal is left without %s", mode)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if on, off := bytes.LastIndex(s.raw, []byte("\x1b[?2004h")), bytes.LastIndex(s.raw, []byte("\x1b[?2004l")); on > off {
		s.t.Error("bracketed paste was left on")
	}
}

// history is what the history file holds.
func (s *screen) history() string {
	s.t.Helper()
	text, err := os.ReadFile(s.historyFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *screen) historyFile() string { return filepath.Join(s.state, "smtpsh", "history") }

func (s *screen) resize(columns, rows int) {
	s.t.Helper()
	s.mu.Lock()
	s.columns, s.rows = columns, rows
	s.term.SetSize(vt.Coord{X: vt.Col(columns), Y: vt.Row(rows)})
	s.mu.Unlock()
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}
