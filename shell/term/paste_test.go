//go:build unix

package term

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPasteKeepsEveryLine pastes many lines, with and without the terminal's help.
func TestPasteKeepsEveryLine(t *testing.T) {
	var lines, want []string
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("line %d\twith a tab and \xe9 and some length to it %s", i, strings.Repeat("x", i%60)))
		want = append(want, fmt.Sprintf("%q", lines[i]))
	}
	got := regexp.MustCompile(`(?m)got (".*") pasted\r$`)
	for _, tt := range []struct{ name, before, after, end string }{
		{"bracketed", "\x1b[200~", "\x1b[201~", "\r"},
		{"bracketed CRLF", "\x1b[200~", "\x1b[201~", "\r\n"},
		{"burst", "", "", "\r"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 80, 24)
			c.ready()
			c.send(tt.before + strings.Join(lines, tt.end) + tt.end + "rest" + tt.after)
			c.at("demo> rest", 10)
			var have []string
			c.mu.Lock()
			for _, m := range got.FindAllSubmatch(c.raw, -1) {
				have = append(have, string(m[1]))
			}
			c.mu.Unlock()
			if !slices.Equal(have, want) {
				t.Fatalf("%d lines of %d came, or in another order", len(have), len(want))
			}
			c.types("!\r")
			c.sees(`got "rest!"`)
			c.ready()
		})
	}
}

func TestPasteIntoTheMiddle(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("ab\x1b[D")
	c.at("demo> ab", 7)
	c.send("\x1b[200~one\x03\x1b\ttwo\rthree\x1b[201~typed\x1b[D")
	c.sees(`got "aone\x03\x1b\ttwob" pasted`)
	c.at("demo> threetyped", 15)
	c.types("\r")
	c.sees(`got "threetyped"`)
}

func TestPasteThatWaits(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.send("\x1b[200~take\rkeyboard\rtwo\rrest\x1b[201~")
	c.sees("took [{Text:keyboard Pasted:true Edited:false Partial:false Number:0} {Text:two")
	c.sees("alse Partial:true Number:0}]")
	c.ready()
	c.types("asked\r")
	c.sees(`got "asked"`)
	c.at("demo> rest", 10)
	c.sees("demo> two\ngot \"two\" pasted")
}

func TestSplitInput(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	for _, part := range []string{"\xe6", "\x97", "\xa5", "\x1b", "[", "D", "x"} {
		c.send(part)
		time.Sleep(2 * time.Millisecond)
	}
	c.at("demo> x日", 7)
	c.send("\xe6\x97") // the rest never comes
	c.at("demo> x<e6><97>日", 15)
	c.send("\x1b")
	time.Sleep(60 * time.Millisecond)
	c.types("b") // not Alt-b
	c.at("demo> x<e6><97>b日", 16)
	c.send("\r")
	c.sees(`got "x\xe6\x97b日"`)
}

// TestJobControl stops and resumes the demo under an interactive shell.
func TestJobControl(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	c := startCommand(t, exec.Command(bash, "--norc", "--noprofile", "-i"), 80, 24, "PS1=bash$ ", "INPUTRC=/dev/null")
	c.at("bash$", 6)
	c.send(testBinary(t) + "\r")
	c.ready()
	c.types("typed")
	c.at("demo> typed", 11)
	c.types("\x1a")
	c.sees("Stopped")
	c.until("the prompt of the shell", func() bool { row, _ := c.cursor(); return row == "bash$" })
	c.send("stty -a | tr ' ;' '\\n\\n' | grep -cx -e echo -e icanon -e isig -e icrnl\r")
	c.sees("\n4\n")
	c.send("fg\r")
	c.at("demo> typed", 11)
	c.types("!\r")
	c.sees(`got "typed!"`)
	c.ready()
	c.types("quit\r")
	c.until("the prompt of the shell", func() bool { row, _ := c.cursor(); return row == "bash$" })
}
