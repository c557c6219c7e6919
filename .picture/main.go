// Command picture types the exercise of the README into the real program, on
// a terminal of its own, and writes what the screen then shows to
// session.svg beside this file:
//
//	go run ./.picture
//
// Ports and times differ from run to run; they are made alike, so that the
// picture changes only with the program.
package main

import (
	"fmt"
	"html"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"github.com/gdamore/tcell/v3/color"
	"github.com/gdamore/tcell/v3/vt"
)

const (
	columns, rows = 96, 60
	cellW, cellH  = 8.4, 19.0
	margin        = 18.0
	titleH        = 34.0
)

// steps are what is waited for on the screen, and what is typed then.
var steps = []struct{ wait, keys string }{
	{"connected> ", "ehlo client.example\r"},
	{"greeted> ", "mail from mcheng@example.org\r"},
	{"greeted> mail from:<mcheng@example.org>", "\r"},
	{"mail> ", "rcpt to: <mantis@example.com>\r"},
	{"rcpt 1> ", "data\r"},
	{"message> ", "Subject: by hand\r"},
	{"message> ", "\r"},
	{"message> ", "this is a test\r"},
	{"message> ", ".\r"},
	{"greeted> ", "quit\r"},
	{"disconnected> ", ":inbox\r"},
	{"disconnected> ", ""},
}

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "picture")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "smtpsh")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		log.Fatalf("build: %v\n%s", err, out)
	}
	t, err := open(program, dir)
	if err != nil {
		log.Fatal(err)
	}
	for i, step := range steps {
		if !t.waitFor(step.wait) {
			log.Fatalf("step %d: no %q on the screen:\n%s", i, step.wait, strings.Join(t.text(), "\n"))
		}
		for _, key := range step.keys {
			fmt.Fprint(t.pty, string(key))
			time.Sleep(3 * time.Millisecond) // a burst would be taken for a paste
		}
	}
	time.Sleep(200 * time.Millisecond)
	svg := t.svg()
	_ = t.cmd.Process.Kill()
	if err := os.WriteFile(filepath.Join(".picture", "session.svg"), []byte(svg), 0o644); err != nil {
		log.Fatal(err)
	}
}

// terminal is an emulator with the program in it.
type terminal struct {
	cmd *exec.Cmd
	pty *os.File
	mu  sync.Mutex
	vt  vt.MockTerm
}

func open(program, home string) (*terminal, error) {
	t := &terminal{cmd: exec.Command(program, "--helo", "client.example"), vt: vt.NewMockTerm(vt.MockOptSize{X: columns, Y: rows})}
	t.cmd.Env = []string{"HOME=" + home, "TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}
	var err error
	if t.pty, err = pty.StartWithSize(t.cmd, &pty.Winsize{Cols: columns, Rows: rows}); err != nil {
		return nil, err
	}
	if err := t.vt.Start(); err != nil {
		return nil, err
	}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := t.pty.Read(buf)
			t.mu.Lock()
			_, _ = t.vt.Write(buf[:n])
			t.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return t, nil
}

// waitFor waits until the row of the cursor ends, up to the cursor, in text.
func (t *terminal) waitFor(text string) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		t.mu.Lock()
		pos := t.vt.Pos()
		row := ""
		for x := range int(pos.X) {
			row += t.cell(x, int(pos.Y)).C
		}
		t.mu.Unlock()
		if strings.HasSuffix(row, text) {
			return true
		}
	}
	return false
}

func (t *terminal) cell(x, y int) vt.Cell {
	c := t.vt.GetCell(vt.Coord{X: vt.Col(x), Y: vt.Row(y)})
	if c.C == "" {
		c.C = " "
	}
	return c
}

func (t *terminal) text() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for y := range rows {
		line := ""
		for x := range columns {
			line += t.cell(x, y).C
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// run is a stretch of cells of one look.
type run struct {
	x          int
	text, look string
}

// alike makes what differs from run to run the same.
var alike = []struct {
	found *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:2525"},
	{regexp.MustCompile(`(under )?\d+(\.\d)? ms`), "0.3 ms"},
}

func (t *terminal) svg() string {
	lines := t.text()
	last := len(lines)
	for last > 0 && lines[last-1] == "" {
		last--
	}
	width, height := margin*2+columns*cellW, titleH+margin*1.6+float64(last)*cellH
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="A session of smtpsh with its practice server">`+"\n", width, height, width, height)
	b.WriteString(`<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#d8dee9}` +
		`.dim{fill:#7f8aa0}.b{font-weight:700;fill:#eceff4}.f1{fill:#e5707a}.f2{fill:#9ccf87}.f3{fill:#e9c46a}.f6{fill:#7fc8d8}.title{fill:#9aa5b8;text-anchor:middle}</style>` + "\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="10" fill="#20252f"/><path d="M0 %.0fV10a10 10 0 0 1 10-10H%.0fa10 10 0 0 1 10 10V%.0fz" fill="#2b313d"/>`+"\n", width, height, titleH, width-10, titleH)
	for i, fill := range []string{"#e5707a", "#e9c46a", "#9ccf87"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`, 22+i*20, fill)
	}
	fmt.Fprintf(&b, `<text class="title" x="%.0f" y="22">smtpsh</text>`+"\n", width/2)
	for y := range last {
		top := titleH + margin + float64(y)*cellH + 4
		for _, r := range t.runs(y) {
			text := r.text
			for _, a := range alike {
				text = a.found.ReplaceAllString(text, a.shown)
			}
			n := len([]rune(text))
			fmt.Fprintf(&b, `<text xml:space="preserve" x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
				margin+float64(r.x)*cellW, top, float64(n)*cellW, class(r.look), html.EscapeString(text))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func class(look string) string {
	if look == "" {
		return ""
	}
	return ` class="` + look + `"`
}

// runs cuts a row into stretches of one look, without space at their ends.
func (t *terminal) runs(y int) []run {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []run
	for x := 0; x < columns; x++ {
		c := t.cell(x, y)
		if look := lookOf(c.S); len(found) > 0 && found[len(found)-1].look == look {
			found[len(found)-1].text += c.C
		} else {
			found = append(found, run{x, c.C, look})
		}
	}
	var shown []run
	for _, r := range found {
		trimmed := strings.TrimLeft(r.text, " ")
		r.x += len(r.text) - len(trimmed)
		if r.text = strings.TrimRight(trimmed, " "); r.text != "" {
			shown = append(shown, r)
		}
	}
	return shown
}

// lookOf is the class of a cell: dim, bold, or one of the eight colours.
func lookOf(s vt.Style) string {
	if s == nil {
		return ""
	}
	var look []string
	if n := s.Fg() - color.XTerm0; n > 0 && n < 8 {
		look = append(look, fmt.Sprintf("f%d", n))
	}
	if s.Attr()&vt.Dim != 0 {
		look = append(look, "dim")
	}
	if s.Attr()&vt.Bold != 0 {
		look = append(look, "b")
	}
	return strings.Join(look, " ")
}
