//go:build unix

package term

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/gdamore/tcell/v3/vt"
)

func TestTypedLine(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("EHLO me\r")
	c.sees(`got "EHLO me"`)
	c.ready()
	c.types("\x04")
	c.sees("eof")
	c.ready()
	c.types("quit\r")
	c.ends()
}

// TestKeys types each row's keys at a prompt and looks at the line and the cursor, then sends the line off.
func TestKeys(t *testing.T) {
	const (
		left, right, home, end = "\x1b[D", "\x1b[C", "\x1b[H", "\x1b[F"
		del, ctrlLeft          = "\x1b[3~", "\x1b[1;5D"
	)
	tests := []struct {
		name, keys, line string
		col              int
	}{
		{"left and insert", "abd" + left + "c", "abcd", 3},
		{"home and end by tmux", "bc\x1b[1~a\x1b[4~d", "abcd", 4},
		{"home and end", "bc" + home + "a" + end + "d", "abcd", 4},
		{"home and end by SS3", "bc\x1bOHa\x1bOFd", "abcd", 4},
		{"delete", "abc" + home + del, "bc", 0},
		{"delete at the end", "abc" + del, "abc", 3},
		{"delete on an empty line", del + "x", "x", 1},
		{"ctrl-d deletes", "abc" + home + "\x04", "bc", 0},
		{"words", "one two three" + ctrlLeft + ctrlLeft + "\x1bbX\x1bf\x1bfY", "Xone twoY three", 9},
		{"kill word", "one two" + home + "\x1bd", " two", 0},
		{"kill word back and yank", "one two\x17\x17\x19", "one ", 4},
		{"kill the end", "one two" + ctrlLeft + "\x0b" + home + "\x19", "twoone ", 3},
		{"kill the start", "one two" + ctrlLeft + "\x15", "two", 0},
		{"transpose", "a\x14\x14b\x14", "ba", 2},
		{"transpose in the middle", "abc" + left + left + "\x14", "bac", 2},
		{"undo", "one two\x17\x1f\x1f\x1f", "one", 3},
		{"NUL and unused controls", "a\x00\x0f\x11\x16\x18\x1c\x1d\x1eb", "ab", 2},
		{"replies and mouse", "a\x1b]11;rgb:0/0/0\x07\x1b[?62;c\x1b[<0;1;1M\x1b[M !!\x1bP1$r0m\x1b\\\x1b[5;7Rb", "ab", 2},
		{"unknown sequences", "a\x1b[99;9~\x1b[I\x1b[Z\x1bx\x1b[[Ab", "ab", 2},
		{"wide", "日本" + left + "x", "日x本", 3},
		{"wide deleted", "日本" + left + "\x7f", "本", 0},
		{"combining", "e\u0301x" + left + left + "a", "ae\u0301x", 1},
		{"escape sequence in parts", "ab\x1b", "ab", 2},
		{"suspend in an orphaned group", "ab\x1ac", "abc", 3},
		{"up without a history", "\x1b[Aab\x1b[B", "ab", 2},
		{"search without a history", "ab\x12\x07", "ab", 2},
		{"search forward without a history", "\x13x\x12\x07ab", "ab", 2},
		{"bell and escape", "ab\x07\x1b", "ab", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 80, 24)
			c.ready()
			for _, keys := range splitKeys(tt.keys) {
				c.send(keys)
			}
			// The emulator drops combining characters, which have no cell of their own.
			c.at(strings.TrimRight("demo> "+strings.ReplaceAll(tt.line, "\u0301", ""), " "), 6+tt.col)
			c.send("\r")
			c.sees(fmt.Sprintf("got %q", strings.ReplaceAll(tt.line, "\u0301", "")))
			c.ready()
		})
	}
}

// splitKeys gives keys in writes below the size of a burst.
func splitKeys(s string) []string {
	var out []string
	for len(s) > 10 {
		out = append(out, s[:10])
		s = s[10:]
	}
	return append(out, s)
}

func TestCompletion(t *testing.T) {
	tests := []struct {
		name, keys, line string
		col              int
	}{
		{"whole", "eh\t", "EHLO", 5},
		{"partial", "mai\t", "MAIL FROM:<", 11},
		{"common prefix", "x al\t", "x alp", 5},
		{"in the middle", "eh x\x1b[D\x1b[D\t", "EHLO x", 5},
		{"wide", "x 日\t", "x 日本語", 9},
		{"nothing", "zz\t", "zz", 2},
		{"a panic is survived", "panic\t!", "panic!", 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 80, 24)
			c.ready()
			c.types(tt.keys)
			c.at("demo> "+tt.line, 6+tt.col)
		})
	}
}

func TestCompletionList(t *testing.T) {
	c := start(t, 40, 12)
	c.ready()
	c.types("e\t")
	c.at("demo> e", 7)
	c.sees("EHLO  say hello\nEXPN  expand a list\ndemo> e")
	c.types("\x15many\t")
	c.at("demo> many0", 11)
	c.types("\t")
	c.sees("many000  many001  many002  many003\n")
	c.sees("many020  many021  many022  many023\n… 76 more\ndemo> many0")
	c.types("\t")
	c.sees("many044  many045  many046  many047\n… 52 more\ndemo> many0")
	c.types("\x0b\x0b\r")
	c.sees(`got "many0"`)
}

func TestHint(t *testing.T) {
	c := start(t, 40, 12)
	c.ready()
	c.types("mail")
	c.at("demo> mail FROM:<reverse-path> and so …", 10)
	c.mu.Lock()
	dim := c.term.GetCell(vt.Coord{X: 12, Y: 0}).S.Attr() & vt.Dim
	bold := c.term.GetCell(vt.Coord{X: 6, Y: 0}).S.Attr() & vt.Bold
	c.mu.Unlock()
	if dim == 0 || bold == 0 {
		t.Error("the hint is not dim or the verb not bold")
	}
	c.types("\x1b[D")
	c.at("demo> mail", 9)
	c.types("\x1b[C")
	c.at("demo> mail FROM:<reverse-path> and so …", 10)
	c.types("\r")
	c.sees("demo> mail\ngot \"mail\"")
	c.never("reverse")
}

func TestSearch(t *testing.T) {
	c := start(t, 80, 24)
	for _, line := range []string{"EHLO one", "MAIL two", "RCPT three"} {
		c.ready()
		c.types(line + "\r")
		c.sees(fmt.Sprintf("got %q", line))
	}
	c.ready()
	c.types("\x12o")
	c.at("(reverse-i-search)`o': MAIL two", 30)
	c.types("\x12")
	c.at("(reverse-i-search)`o': EHLO one", 26)
	c.types("\x12")
	c.at("(failed reverse-i-search)`o': EHLO one", 33)
	c.types("\x07")
	c.ready()
	c.types("\x12tWo\x1b[H")
	c.at("demo> MAIL two", 6)
	c.types("\x15\x12rcp\r")
	c.sees("got \"RCPT three\"\ndemo>")
	c.ready()
	c.types("\x1b[A\x1b[A")
	c.at("demo> MAIL two", 14)
	c.types("!\x1b[A\x1b[B")
	c.at("demo> MAIL two!", 15)
	c.types("\x1b[B\x1b[B")
	c.ready()
	c.types("\x12ehl\x03")
	c.sees(`interrupted ""`)
}

func TestHistoryIsNotOfferedInPlainLines(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("plain\r")
	c.sees(`got "plain"`)
	c.ready()
	c.types("a\x1b[A\x12mail\t.")
	c.at("demo> amail→.", 13)
	c.types("\r")
	c.sees(`got "amail\t."`)
}

func TestProposal(t *testing.T) {
	tests := []struct{ name, keys, want string }{
		{"accepted", "\r", `got "NOOP x"`},
		{"edited by a cursor key", "\x1b[D!\r", `got "NOOP !x" edited`},
		{"edited by an erase key", "\x7fy\r", `got "NOOP y" edited`},
		{"edited by tab", "\ty\r", `got "NOOP xy" edited`},
		{"replaced by a character", "!\r", `got "!" edited`},
		{"replaced by a paste", "\x1b[200~pasted\x1b[201~\r", `got "pasted" edited`},
		{"replaced by a pasted line", "\x1b[200~pasted\r\x1b[201~", `got "pasted" pasted edited`},
		{"interrupted", "\x03", `interrupted ""`},
		{"interrupted when edited", "\x7f\x03", `interrupted "NOOP "`},
		{"escape leaves it alone", "\x1b[99~\x07\r", `got "NOOP x"` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 80, 24)
			c.ready()
			c.types("propose NOOP x\r")
			c.at("demo> NOOP x", 12)
			c.send(tt.keys)
			c.sees(tt.want)
			c.ready()
		})
	}
}

func TestSecret(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("secret\r")
	c.sees(`got "secret"`)
	c.ready()
	c.types("ab\x15pass\x17hüsh\x7f\x1b[A\tx")
	c.never("h")
	c.send("\r")
	c.sees(`got "hüsx"`)
	c.ready()
	c.types("\x19ok\r")
	c.sees(`got "ok"`)
	c.ready()
	c.types("secret\r")
	c.until("two secrets", func() bool { return strings.Count(c.screen(), `got "secret"`) == 2 })
	c.ready()
	c.types("x\x03")
	c.sees(`interrupted ""`)
}

// TestSecretInALine has what Redact leaves out gone from the screen, and from what later lines can bring back, however
// the line ends.
func TestSecretInALine(t *testing.T) {
	rows := []struct{ name, keys, row, then, want string }{
		{"entered", "hush sesame\r", "demo>", "", "demo> hush ****\ngot 11 octets"},
		{"interrupted", "hush sesame\x03", "demo>", "", "demo> hush ****"},
		{"killed", "hush sesame\x17NOOP\r", "demo>", "\x19!", "demo> !"},
		{"killed whole", "hush sesame\x15NOOP\r", "demo>", "\x19!", "demo> !"},
		{"killed to the end", "hush sesame\x1bb\x0bNOOP\r", "demo>", "\x19!", "demo> !"},
		{"killed, and no secret", "noop sesam\x17NOOP\r", "demo>", "\x19!", "demo> sesam!"},
		{"veiled and entered", "veil hush sesame\r", "demo> hush ****", "\r", "got 11 octets"},
		{"veiled and interrupted", "veil hush sesame\r", "demo> hush ****", "\x03", "interrupted 11 octets"},
		{"veiled and left alone", "veil hush sesame\r", "demo> hush ****", "\x1b[99~", "demo> hush ****"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 80, 24)
			c.ready()
			c.types(row.keys)
			c.until("row "+row.row, func() bool { got, _ := c.cursor(); return got == row.row })
			c.types(row.then)
			c.sees(row.want)
			c.never("sesame")
		})
	}
	t.Run("killed and brought back in the same line", func(t *testing.T) {
		t.Parallel()
		c := start(t, 80, 24)
		c.ready()
		c.types("hush sesame\x17\x19!")
		c.at("demo> hush sesame!", 18)
	})
	t.Run("veiled and edited", func(t *testing.T) {
		t.Parallel()
		for _, key := range []string{"\x1b[D", "\t", "!"} {
			c := start(t, 80, 24)
			c.ready()
			c.types("veil hush sesame\r")
			c.at("demo> hush ****", 15)
			c.send(key)
			c.sees("demo> hush sesame")
		}
	})
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		c := start(t, 80, 24)
		c.ready()
		c.types("close\r")
		c.ready()
		c.types("hush sesame")
		<-c.done
		c.sees("demo> hush ****")
		c.never("sesame")
	})
}

func TestPrintAbovePrompt(t *testing.T) {
	c := start(t, 30, 24)
	c.ready()
	c.types("later\r")
	c.ready()
	c.types("typed\x1b[D")
	c.sees("one\ntwo\ndemo> typed")
	c.at("demo> typed", 10)
	c.types("\x05\x15later\r")
	c.ready()
	c.types("\x12lat")
	c.until("lines printed during a search", func() bool { return strings.Count(c.screen(), "two") == 2 })
	c.at("…search)`lat': later", 15)
}

func TestWaiting(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("wait\r")
	c.sees("waiting…")
	c.types("typed ah\x1b[Dea")
	c.never("typed")
	c.types("\x03")
	c.sees("stopped")
	c.at("demo> typed aeah", 15)
	c.never("waiting…")
	c.types("\r")
	c.sees(`got "typed aeah"`)
	c.ready()
	c.types("some\x03")
	c.sees("demo> some^C\ninterrupted \"some\"")
}

// TestRelease gives the terminal to another program, which reads from it alone and in the mode it had.
func TestRelease(t *testing.T) {
	c := start(t, 80, 24)
	for range 2 {
		c.ready()
		c.types("release\r")
		c.sees("1") // the driver echoes again
		c.types("to the other\r")
		c.sees("other program got to the other")
		c.sees("released: <nil>")
		c.sees(`got "release"`)
		c.ready()
		c.types("\x0cto us\r")
		c.sees(`got "to us"`)
	}
	c.ready()
	c.types("quit\r")
	c.ends()
}

// TestOpenLine ends a line by Ctrl-D where it may stay without a line end.
func TestOpenLine(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("open\r")
	c.ready()
	c.types("half\x04")
	c.sees(`got "half" open`)
	c.ready()
	c.types("open\r")
	c.ready()
	c.types("\x04")
	c.sees("eof")
	c.ready()
	c.types("open\r")
	c.ready()
	c.types("whole\r")
	c.sees(`got "whole"`)
	c.ready()
	c.types("quit\r")
	c.ends()
}

func TestCancelled(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("cancel\r")
	c.at("soon>", 6)
	c.types("kept")
	c.sees(`cancelled "kept" context deadline exceeded`)
	c.at("demo> kept", 10)
	c.never("soon>")
	c.types("!\r")
	c.sees(`got "kept!"`)
}

func TestTerminated(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("typed")
	c.at("demo> typed", 11)
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.ends()
	c.sees(`cancelled "typed"`)
	if !strings.Contains(string(c.tail(1000)), pasteOff) {
		t.Error("bracketed paste is left on")
	}
}

func TestCloseWhileNextWaits(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("close\r")
	c.ready()
	c.types("typed")
	<-c.done
	c.sees("demo> typed")
}

func TestHangup(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("typed")
	c.at("demo> typed", 11)
	_ = c.pty.Close()
	<-c.done
}

func TestSizes(t *testing.T) {
	t.Run("0x0", func(t *testing.T) {
		c := start(t, 0, 0)
		c.ready()
		c.types("ab\x1b[D\x1b[D\x1b[Dx")
		c.at("demo> xab", 7)
	})
	t.Run("long prompt", func(t *testing.T) {
		c := start(t, 20, 6, "DEMO_PROMPT=a.very.long.name.example> ")
		c.at("…example>", 10)
		c.types("abcdefghijkl\x1b[D")
		c.at("kl", 1)
		c.sees("…example> abcdefghij\nkl")
	})
	t.Run("resize", func(t *testing.T) {
		c := start(t, 80, 24)
		c.ready()
		c.types("typed")
		c.at("demo> typed", 11)
		c.resize(40, 10)
		c.types("!")
		c.at("demo> typed!", 12)
		c.types("\r")
		c.sees(`got "typed!"`)
	})
	t.Run("a line of 2000", func(t *testing.T) {
		c := start(t, 80, 24)
		c.ready()
		c.send("\x1b[200~" + strings.Repeat("0123456789", 200) + "\x1b[201~")
		c.at("456789", 6)
		c.types("\x1b[H")
		c.at("demo> "+strings.Repeat("0123456789", 8)[:74], 6)
		c.types("x\x1b[F\x7f\r")
		c.ready()
		if !strings.Contains(string(c.tail(1<<20)), "got \"x"+strings.Repeat("0123456789", 200)[:1999]+"\" ") &&
			!strings.Contains(string(c.tail(1<<20)), "got \"x"+strings.Repeat("0123456789", 200)[:1999]+"\"\r") {
			t.Error("the line did not arrive")
		}
	})
	t.Run("wide at the edge", func(t *testing.T) {
		c := start(t, 8, 6, "DEMO_PROMPT=d> ")
		c.at("d>", 3)
		c.types("日本語!")
		c.sees("d> 日本\n語!")
		c.at("語!", 3)
		c.types("\x1b[D\x1b[D\x1b[D\x7f")
		c.sees("d> 本語!")
		c.at("d> 本語!", 3)
	})
	t.Run("row exactly full", func(t *testing.T) {
		c := start(t, 7, 10, "DEMO_PROMPT=d> ")
		c.at("d>", 3)
		c.types("abcd")
		c.at("", 0)
		c.types("e\x7f\x7f")
		c.at("d> abc", 6)
		c.types("d\r")
		c.sees("d> abcd\ngot \"ab")
	})
}

func (c *console) resize(columns, rows int) {
	c.t.Helper()
	c.mu.Lock()
	c.columns, c.rows = columns, rows
	c.term.SetSize(vt.Coord{X: vt.Col(columns), Y: vt.Row(rows)})
	c.mu.Unlock()
	if err := pty.Setsize(c.pty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		c.t.Fatal(err)
	}
}
