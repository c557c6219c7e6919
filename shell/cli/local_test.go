//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// TestLocalCommands has each local command say what it has to say.
func TestLocalCommands(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	ask := func(line string, want ...string) {
		t.Helper()
		s.keys("\x0c") // clears the screen
		s.at("practice.example connected> ")
		s.line(line)
		s.sees(want...)
		s.at("practice.example connected> ")
	}
	ask(":help", "SMTP, sent as you type it", "MAIL FROM:<reverse-path>", "This shell, which does", ":open :close", "!LINE")
	ask(":help MAIL", "MAIL FROM:<reverse-path>", "RFC 5321 §4.1.1.2", "for example", "replies", "SIZE=", "SMTPUTF8")
	ask(":help mail", "RFC 5321 §4.1.1.2")
	ask(":help :open", "connect to a server", "closed first")
	ask(":help open", "connect to a server")
	ask(":help SIZE", "a parameter of MAIL")
	ask(":help PIPELINING", "RFC 2920")
	ask(":help practice", "alice, bob and carol", "550@any.domain", "slow@any.domain")
	ask(":help MIAL", "did you mean MAIL?")
	ask(":help :opne", "did you mean :open?")
	ask(":help nonsense", "No help on nonsense")
	ask(":opne", "No local command :opne; did you mean :open?")
	ask(":xyzzy", "No local command :xyzzy; :help lists them.")
	ask(":explain", "the server's greeting", "220")
	ask(":explain 550 5.7.1", "550", "5.7.1")
	ask(":raw", `< 220 practice.example ESMTP smtpsh practice server\r\n`)
	ask(":message", "No message was typed yet.")
	ask(":inbox", "The practice server has taken no mail yet.")
	ask(":inbox 7", "No message 7 in the inbox")
	ask(":status", "not greeted yet: EHLO or HELO comes next", "encryption")
	ask(":set", "check", "color", "helo", "me.example", "timeout")
	ask(":set helo other.example", "other.example")
	ask(":set helo a@b", "helo: ")
	ask(":set timeout soon", "timeout is a time such as 10s or 2m")
	ask(":set timeout 5", "5s")
	ask(":history nonsense", "\n  :help nonsense\n")
	ask(":history 2", "  :history nonsense\n  :history 2")
	ask(":resume", "No paste was stopped.")
	ask(":drop", "No paste was stopped.")
	ask(":reconnect", "Connection closed.\n220 practice.example")
	s.line(":quit")
	s.exits(0)
	s.sees("> QUIT\n221 ")
}

// TestWithoutColor shows neither colours nor hints where none are wanted.
func TestWithoutColor(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*screen{
		"--no-color": start(t, []string{"--no-color"}),
		"NO_COLOR":   start(t, nil, with("NO_COLOR=1")),
		"TERM=dumb":  start(t, nil, with("TERM=dumb")),
	} {
		s.at("practice.example connected> ")
		s.keys("mail ")
		s.between("practice.example connected> mail ", "")
		s.keys("x", enter)
		s.sees("held: ")
		s.keys(ctrlC, ctrlC)
		s.mu.Lock()
		raw := string(s.raw)
		s.mu.Unlock()
		for _, sgr := range []string{"\x1b[3", "\x1b[1m", "\x1b[2m", "\x1b[0;"} {
			if strings.Contains(raw, sgr) {
				t.Errorf("%s: the output has %q", name, sgr)
			}
		}
	}
}

// TestOddTerminals runs the program where the terminal has no size, or next
// to none.
func TestOddTerminals(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{0, 0}, {10, 4}, {26, 5}, {27, 5}, {28, 5}} {
		s := &screen{}
		if size[0] == 0 {
			s = start(t, []string{"--helo", "me.example"}, func(s *screen) { s.columns, s.rows, s.sizeless = 80, 24, true })
		} else {
			s = start(t, []string{"--helo", "me.example"}, sized(size[0], size[1]))
		}
		s.keys("noop one", left, left, "x", backspace, enter, ":quit", enter)
		s.exits(0)
		if got, want := s.history(), "noop one\n:quit\n"; got != want {
			t.Errorf("%v: history %q, want %q", size, got, want)
		}
	}
}

// TestLongLine types a line over many rows, and sends it whole.
func TestLongLine(t *testing.T) {
	t.Parallel()
	long := "NOOP " + strings.Repeat("abcdefghi ", 200) + "end"
	s := talk(t, "< 220 mx.example ESMTP\n> "+strings.Replace(long, "NOOP ", "NOOP x", 1)+"y\n< 250 ok\n* eof")
	s.at("mx.example connected> ")
	s.send("\x1b[200~" + long + "\x1b[201~")
	s.until("the end of the line", func() bool { before, _ := s.cursor(); return strings.HasSuffix(before, " end") })
	s.keys(ctrlA)
	s.at("mx.example connected> ")
	for range 5 {
		s.keys(right)
	}
	s.keys("x", ctrlE, "y", enter)
	s.sees("250 ok")
}

// TestHistoryOfTwo has two shells keep one history.
func TestHistoryOfTwo(t *testing.T) {
	t.Parallel()
	one := practise(t)
	two := practise(t, stateIn(one.state))
	for _, step := range []struct {
		s    *screen
		line string
	}{{one, "noop a"}, {two, "noop b"}, {one, "noop a"}, {one, "noop c"}, {two, "noop d"}} {
		step.s.line(step.line)
		step.s.sees(step.line + "\n250")
		step.s.at("practice.example connected> ")
	}
	one.signal(9)
	two.line(":quit")
	two.exits(0)
	for _, line := range []string{"noop a", "noop b", "noop c", "noop d"} {
		if strings.Count(one.history(), line+"\n") < 1 {
			t.Errorf("%q is lost:\n%s", line, one.history())
		}
	}
	three := practise(t, stateIn(one.state))
	three.line(":history noop")
	three.sees("  noop a\n", "  noop d\n")
	if n := strings.Count(three.text(), "  noop a\n"); n != 1 {
		t.Errorf("a repeated line stands %d times in the history", n)
	}
}
