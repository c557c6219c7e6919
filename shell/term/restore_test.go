//go:build unix

package term

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// TestTerminalIsRestored looks at the modes, with stty under a shell, after each way out of the demo.
func TestTerminalIsRestored(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	const show = "; stty -a | tr ' ;' '\\n\\n' | grep -cx -e echo -e icanon -e isig -e icrnl; echo over; read x"
	for name, end := range map[string]func(*console){
		"quit":   func(c *console) { c.send("quit\r") },
		"closed": func(c *console) { c.send("close\r") },
		"SIGTERM": func(c *console) {
			c.send("typed")
			c.at("demo> typed", 11) // what is read later is the next program's
			c.signal(syscall.SIGTERM)
		},
		"SIGTERM within a secret": func(c *console) {
			c.send("secret\r")
			c.sees(`got "secret"`)
			c.ready()
			c.signal(syscall.SIGTERM)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCommand(t, exec.Command(sh, "-c", testBinary(t)+show), 80, 24)
			c.ready()
			end(c)
			c.sees("\n4\nover")
			out := string(c.tail(1 << 20))
			if strings.LastIndex(out, pasteOff) < strings.LastIndex(out, pasteOn) {
				t.Error("bracketed paste is left on")
			}
		})
	}
}

// signal sends a signal to the program below the shell.
func (c *console) signal(sig syscall.Signal) {
	c.t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(c.cmd.Process.Pid)).Output()
	var pid int
	if err == nil {
		_, err = fmt.Sscan(string(out), &pid)
	}
	if err != nil {
		c.t.Skip("pgrep: ", err)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		c.t.Fatal(err)
	}
}

// TestNoRowIsDamaged enters commands while lines come all the time, and looks at every row there ever was.
func TestNoRowIsDamaged(t *testing.T) {
	c := start(t, 80, 24, "DEMO_NOISE=1")
	c.until("the prompt", func() bool { return strings.Contains(string(c.tail(1<<20)), "demo>") })
	const commands = 100
	for i := range commands {
		for _, r := range fmt.Sprintf("cmd %03d\x12cmd\x07\x1b[D\x05\r", i) {
			c.send(string(r))
			time.Sleep(300 * time.Microsecond)
		}
	}
	last := fmt.Sprintf(`got "cmd %03d"`, commands-1)
	c.until("last answer", func() bool { return strings.Contains(string(c.tail(1<<24)), last+"\r\n") })

	rows := render(t, string(c.tail(1<<24)))
	for i, row := range rows {
		if row == last {
			rows = rows[:i+1]
			break
		}
	}
	good := regexp.MustCompile(`^(demo> cmd \d+|got "cmd \d+"|noise \d+|)$`)
	answers, noise := 0, -1
	for y, row := range rows {
		var n int
		if !good.MatchString(row) {
			t.Errorf("row %d: %q", y, row)
		}
		if _, err := fmt.Sscanf(row, "noise %d", &n); err == nil {
			if n != noise+1 {
				t.Errorf("row %d: %q after %d", y, row, noise)
			}
			noise = n
		}
		if _, err := fmt.Sscanf(row, `got "cmd %d"`, &n); err == nil {
			if n != answers {
				t.Errorf("row %d: %q for %d", y, row, answers)
			}
			answers++
		}
	}
	if answers != commands {
		t.Errorf("%d answers", answers)
	}
}

// render draws output on a screen without a bottom, on which nothing scrolls away. An emulator of that height takes
// minutes. It knows what the screen of this package writes while no row is full, and fails for anything else.
func render(t *testing.T, raw string) []string {
	t.Helper()
	var rows [][]rune
	row, col := 0, 0
	sequence := regexp.MustCompile(`^\x1b\[([?\d;]*)([A-Za-z])`)
	for raw != "" {
		for len(rows) <= row {
			rows = append(rows, nil)
		}
		if m := sequence.FindStringSubmatch(raw); m != nil {
			n, _ := strconv.Atoi(m[1])
			switch m[2] {
			case "A":
				row -= n
			case "B":
				row += n
			case "C":
				col += n
			case "J":
				rows = rows[:row+1]
				rows[row] = rows[row][:min(col, len(rows[row]))]
			case "m", "h", "l":
			default:
				t.Fatalf("sequence %q", m[0])
			}
			raw = raw[len(m[0]):]
			continue
		}
		r, n := utf8.DecodeRuneInString(raw)
		raw = raw[n:]
		switch {
		case r == '\r':
			col = 0
		case r == '\n':
			row++
		case r < 0x20:
			t.Fatalf("control %q", r)
		default:
			for len(rows[row]) <= col {
				rows[row] = append(rows[row], ' ')
			}
			rows[row][col] = r
			if col++; col == 80 {
				t.Fatal("a row is full")
			}
		}
	}
	var out []string
	for _, r := range rows {
		out = append(out, strings.TrimRight(string(r), " "))
	}
	return out
}
