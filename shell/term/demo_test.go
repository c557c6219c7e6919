//go:build unix

package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the program under test: with this variable set it is a small shell on its terminal.
const demoVar = "SMTPSH_TERM_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(demoVar) != "" {
		os.Exit(demo())
	}
	os.Exit(m.Run())
}

// assist is a toy for the tests.
type assist struct{}

var demoWords = []Candidate{
	{Text: "EHLO", Note: "say hello"}, {Text: "EXPN", Note: "expand a list"}, {Text: "MAIL FROM:<", Partial: true},
	{Text: "RCPT TO:<", Partial: true}, {Text: "RSET", Note: "start over"}, {Text: "NOOP"},
}

func (assist) Complete(line string, pos int) Completion {
	if strings.HasPrefix(line, "panic") {
		panic("completion\x1b[2J")
	}
	start := strings.LastIndexByte(line[:pos], ' ') + 1
	c := Completion{Start: start, End: pos}
	word := line[start:pos]
	if strings.HasPrefix(word, "many") {
		for i := range 100 {
			c.Candidates = append(c.Candidates, Candidate{Text: fmt.Sprintf("many%03d", i)})
		}
		return c
	}
	words := demoWords
	if start > 0 {
		words = []Candidate{{Text: "alpha"}, {Text: "alpine"}, {Text: "日本語"}}
	}
	for _, w := range words {
		if len(w.Text) >= len(word) && strings.EqualFold(w.Text[:len(word)], word) {
			c.Candidates = append(c.Candidates, w)
		}
	}
	return c
}

func (assist) Hint(line string) string {
	if strings.EqualFold(line, "MAIL") {
		return " FROM:<reverse-path> and so on"
	}
	return ""
}

// Redact takes out what stands behind "hush ".
func (assist) Redact(line string) string {
	before, _, secret := strings.Cut(line, hush)
	if secret {
		return before + hush + "****"
	}
	return line
}

const hush = "hush "

// told is a line as the demo tells of it, which must not tell a secret.
func told(line string) string {
	if strings.Contains(line, hush) {
		return fmt.Sprintf("%d octets", len(line))
	}
	return fmt.Sprintf("%q", line)
}

func (assist) Highlight(line string) []Span {
	verb, _, _ := strings.Cut(line, " ")
	return []Span{{0, len(verb), "1;34"}}
}

// demo reads lines and says what it got; a few of them ask it to do something.
func demo() int {
	history, err := OpenHistory(os.Getenv("DEMO_HISTORY"), 10000)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	t, err := NewTerminal(Config{In: os.Stdin, Out: os.Stdout, Assist: assist{}, History: history, Color: true})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer t.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	prompt := os.Getenv("DEMO_PROMPT")
	if prompt == "" {
		prompt = "\x1b[32mdemo>\x1b[0m "
	}
	var noisy atomic.Bool
	noisy.Store(os.Getenv("DEMO_NOISE") != "")
	go func() {
		for n := 0; noisy.Load(); n++ {
			t.Print(fmt.Sprintf("noise %d", n))
			time.Sleep(3 * time.Millisecond)
		}
	}()
	next := Request{}
	for {
		next.Prompt = prompt
		line, err := t.Next(ctx, next)
		next = Request{}
		var interrupted *Interrupted
		var cancelled *Cancelled
		switch {
		case errors.As(err, &interrupted):
			t.Print("interrupted " + told(interrupted.Text))
		case errors.As(err, &cancelled):
			t.Print(fmt.Sprintf("cancelled %q", cancelled.Text))
			return 0
		case errors.Is(err, io.EOF):
			t.Print("eof")
			if os.Getenv("DEMO_NOISE") == "" && t.queue.hungUp() {
				return 0
			}
		case err != nil:
			t.Print("error " + err.Error())
			return 1
		default:
			if line.Text == "quit" && os.Getenv("DEMO_NOISE") == "" {
				return 0
			}
			next = obey(t, line)
		}
	}
}

func obey(t *Terminal, line Line) (next Request) {
	words := strings.Fields(line.Text)
	if len(words) == 0 {
		words = []string{""}
	}
	switch words[0] {
	case "wait":
		t.Status("waiting…")
		select {
		case <-t.Interrupts():
			t.Print("stopped")
		case <-time.After(time.Second):
			t.Print("waited")
		}
	case "secret":
		next.Secret = true
	case "plain":
		next.Plain = true
	case "keyboard":
		next.Keyboard = true
	case "propose":
		next.Text, next.Proposal = strings.Join(words[1:], " "), true
	case "veil":
		next.Text, next.Veiled = strings.Join(words[1:], " "), true
	case "initial":
		next.Text = strings.Join(words[1:], " ")
	case "take":
		lines := t.TakePending()
		t.Print(fmt.Sprintf("took %+v", lines))
		t.PushBack(lines)
	case "cancel":
		ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer stop()
		_, err := t.Next(ctx, Request{Prompt: "soon> "})
		var c *Cancelled
		if errors.As(err, &c) {
			t.Print(fmt.Sprintf("cancelled %q %v", c.Text, err))
			next.Text = c.Text
		}
	case "release":
		err := t.Release(func() error {
			cmd := exec.Command("sh", "-c", "stty -a | grep -c ' echo ' ; read line; echo \"other program got $line\"")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
			return cmd.Run()
		})
		t.Print(fmt.Sprintf("released: %v", err))
	case "open":
		next.Plain, next.Open = true, true
	case "later":
		go func() {
			time.Sleep(200 * time.Millisecond)
			t.Print("one\ntwo")
		}()
	case "close":
		go func() {
			time.Sleep(200 * time.Millisecond)
			t.Close()
		}()
	}
	marks := ""
	for _, m := range []struct {
		on   bool
		name string
	}{{line.Pasted, " pasted"}, {line.Edited, " edited"}, {line.Partial, " open"}} {
		if m.on {
			marks += m.name
		}
	}
	t.Print("got " + told(line.Text) + marks)
	t.Remember(line.Text)
	return next
}

// hungUp is for the demo, which goes on after Ctrl-D.
func (q *queue) hungUp() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended == wasHungUp
}
