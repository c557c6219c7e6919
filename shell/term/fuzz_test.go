//go:build unix

package term

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fuzzVar says how long TestKeyFuzz runs, for example "60s".
const fuzzVar = "SMTPSH_KEYFUZZ"

// trapKeys are what has crashed, hung or ended line editors.
var trapKeys = []string{
	"\x12", "\x13", "\x14", "\t", "\t\t", "\x0b", "\x15", "\x17", "\x19", "\x1a", "\x00", "\x03", "\x07", "\x1f", "\x0c", "\x1b",
	"\x01", "\x02", "\x05", "\x06", "\x08", "\x0e", "\x10", "\x0f", "\x11", "\x16", "\x18", "\x1c", "\x1d", "\x1e", "\x04", "\x7f", "\n",
	"\r", "\r", "\r\n", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[1~", "\x1b[4~", "\x1b[3~", "\x1b[3;5~",
	"\x1b[1;5C", "\x1b[1;5D", "\x1bb", "\x1bf", "\x1bd", "\x1b\x7f", "\x1bOA", "\x1bOH", "\x1b[", "\x1bO", "\x1b]11;rgb:0/0/0\x07",
	"\x1b]0;no end", "\x1b[?62;c", "\x1b[5;7R", "\x1b[<0;1;1M", "\x1b[M !!", "\x1bP1$r\x1b\\", "\x1b[[A", "\x1b[999999~", "\x1b[Z",
	"日本", "🙂", "e\u0301", "\u200d", "\u202e", "\xe9", "\xff", "\xe6\x97", "\U0010f003", "\U0010f210", "a", "b c", "mail", "many", "eh", "panic",
	"\x1b[200~", "\x1b[201~", "\x1b[200~one\rtwo\t\x03three\r\x1b[201~", "\x1b[200~rest\x1b[201~", "secret\r", "plain\r", "keyboard\r",
	"propose NOOP x\r", "initial x\r", "take\r", "cancel\r", "later\r", strings.Repeat("long ", 30), strings.Repeat("x\r", 12), "wait\r\x03",
}

// TestKeyFuzz has random keys typed at the demo while lines are printed and the window changes. The demo, which runs
// under the race detector if this test does, is to live, to say nothing of panics or races, and to answer at the end.
func TestKeyFuzz(t *testing.T) {
	lasts := 2 * time.Second
	if s := os.Getenv(fuzzVar); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		lasts = d
	}
	end := time.Now().Add(lasts)
	keys := 0
	for seed := uint64(time.Now().UnixNano()); time.Now().Before(end); seed++ {
		keys += fuzzRound(t, seed, end)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d keys", keys)
}

func fuzzRound(t *testing.T, seed uint64, end time.Time) (keys int) {
	r := rand.New(rand.NewPCG(seed, 1))
	c := start(t, 40+r.IntN(60), 8+r.IntN(30), "DEMO_NOISE=1", fmt.Sprintf("SEED=%d", seed))
	defer c.stop()
	c.mu.Lock()
	c.blind = true
	c.mu.Unlock()
	c.until("a prompt", func() bool { return strings.Contains(string(c.tail(1<<20)), "demo>") })
	sizes := [][2]int{{80, 24}, {20, 5}, {1, 1}, {3, 2}, {200, 50}, {6, 3}, {12, 4}}
	for range 150 {
		if time.Now().After(end) {
			break
		}
		if r.IntN(12) == 0 {
			size := sizes[r.IntN(len(sizes))]
			c.resize(size[0], size[1])
		}
		n := 1 + r.IntN(4)
		var burst strings.Builder
		for range n {
			burst.WriteString(trapKeys[r.IntN(len(trapKeys))])
		}
		keys += n
		c.send(burst.String())
		time.Sleep(time.Duration(r.IntN(6)) * time.Millisecond)
	}
	c.resize(80, 24)
	// End whatever is unfinished, then ask for a sign of life.
	c.send("\x1b[201~")
	sign := fmt.Sprintf("alive%d", seed%1000)
	defer func() {
		if t.Failed() { // let it say where it hangs
			_ = c.cmd.Process.Signal(syscall.SIGQUIT)
			time.Sleep(time.Second)
			t.Logf("%s", c.tail(40000))
		}
	}()
	c.until("answer after "+fmt.Sprint(seed), func() bool {
		if len(c.done) > 0 {
			t.Errorf("seed %d: the demo ended", seed)
			return true
		}
		time.Sleep(50 * time.Millisecond)
		c.send("\x03")
		time.Sleep(50 * time.Millisecond)
		c.send("\x05\x15" + sign + "\r")
		time.Sleep(50 * time.Millisecond)
		return strings.Contains(string(c.tail(4000)), `got "`+sign+`"`)
	})
	if bad := regexp.MustCompile(`panic:|DATA RACE|goroutine \d+ |fatal error`).Find(c.tail(1 << 30)); bad != nil {
		t.Errorf("seed %d: %s\n%s", seed, bad, c.tail(1<<30))
	}
	return keys
}
