// Command bench measures what a user waits for: from exec to the prompt, and
// a whole session through a pipe, beside a minimal Go client and nc driven in
// lock-step; a STARTTLS session beside openssl and swaks; and the processor
// time of an idle prompt. With -send it measures sending instead, beside curl,
// msmtp, swaks, Python's smtplib and smtp-source; with -record a session that is
// recorded in every format beside one that is not. Linux only.
//
//	go run ./.bench [-n RUNS] [-send | -record]
//
// The aims: under 30 ms to the prompt, under 1.2 times the minimal client for
// the session, and no processor time at the prompt. Figures of a machine that
// does other things at the same time say little.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/creack/pty"
)

const dialogue = "HELO client.example\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nNOOP\nQUIT\n"

func main() {
	log.SetFlags(0)
	runs := flag.Int("n", 41, "runs of each")
	recording := flag.Bool("record", false, "measure what recording costs")
	sending := flag.Bool("send", false, "measure the sending of messages")
	flag.Parse()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program, client := filepath.Join(dir, "smtpsh"), filepath.Join(dir, "client")
	build(program, ".")
	build(client, "./.bench/client")
	_ = os.Setenv("HOME", dir) // nothing that was kept or set up there weighs on a run
	_ = os.Unsetenv("XDG_STATE_HOME")
	switch {
	case *sending:
		compareSending(program, dir, *runs)
		return
	case *recording:
		compareRecording(program, dir, *runs)
		return
	}
	address, stop := serve(program)
	defer stop()

	report("exec to the practice prompt", measure(*runs, func() time.Duration { return toPrompt(program, dir) }), 0)
	host, port, _ := strings.Cut(address, ":")
	times := alternately(*runs, func() time.Duration { return piped(client, address) }, func() time.Duration { return piped(program, host, port) })
	base, session := times[0], times[1]
	report("a session through a pipe, minimal Go client", base, 0)
	report("a session through a pipe, smtpsh", session, median(base))
	if _, err := exec.LookPath("nc"); err == nil {
		lockstep := fmt.Sprintf(`exec 3< <(printf %q); coproc nc %s %s; read -r x <&${COPROC[0]}; while read -r l <&3; do printf '%%s\r\n' "$l" >&${COPROC[1]}; read -r x <&${COPROC[0]}; done`, dialogue, host, port)
		report("the same with nc in lock-step from bash", measure(*runs, func() time.Duration { return piped("bash", "-c", lockstep) }), median(base))
	}
	compareTLS(program, client, dir, *runs)
	idle(program, dir)
}

func build(to, from string) {
	if out, err := exec.Command("go", "build", "-o", to, from).CombinedOutput(); err != nil {
		log.Fatalf("build %s: %v\n%s", from, err, out)
	}
}

// serve runs the practice server alone, and returns where it listens.
func serve(program string, args ...string) (address string, stop func()) {
	cmd := exec.Command(program, append([]string{"practice", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		log.Fatal(err)
	}
	line := make([]byte, 256)
	n, _ := out.Read(line)
	_, rest, _ := strings.Cut(string(line[:n]), " on ")
	address, _, _ = strings.Cut(rest, " ")
	go func() { // the pipe is emptied, or the server would wait for it
		for {
			if _, err := out.Read(line); err != nil {
				return
			}
		}
	}()
	return address, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

func measure(runs int, once func() time.Duration) []time.Duration {
	return alternately(runs, once)[0]
}

// alternately measures several in turns, so that what else the machine does
// falls on them all.
func alternately(runs int, each ...func() time.Duration) [][]time.Duration {
	all := make([][]time.Duration, len(each))
	for i, once := range each {
		once() // warm the caches
		all[i] = make([]time.Duration, runs)
	}
	for n := range runs {
		for i, once := range each {
			all[i][n] = once()
		}
	}
	for _, times := range all {
		slices.Sort(times)
	}
	return all
}

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

func report(what string, sorted []time.Duration, beside time.Duration) {
	fmt.Printf("%-46s median %6.1f ms  (%.1f to %.1f)", what, ms(median(sorted)), ms(sorted[0]), ms(sorted[len(sorted)-1]))
	if beside > 0 {
		fmt.Printf("  %.2f x the minimal client", float64(median(sorted))/float64(beside))
	}
	fmt.Println()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func piped(program string, args ...string) time.Duration {
	cmd := exec.Command(program, args...)
	cmd.Stdin = strings.NewReader(dialogue)
	begun := time.Now()
	if out, err := cmd.Output(); err != nil && !errors.As(err, new(*exec.ExitError)) || len(out) == 0 && program != "bash" {
		log.Fatalf("%s: %v", program, err)
	}
	return time.Since(begun)
}

// shell starts the program on a terminal and waits for its prompt.
func shell(program, home string) (*exec.Cmd, *os.File) {
	cmd := exec.Command(program)
	cmd.Env = []string{"HOME=" + home, "TERM=xterm-256color"}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		log.Fatal(err)
	}
	var seen bytes.Buffer
	buf := make([]byte, 4096)
	for !bytes.Contains(seen.Bytes(), []byte("connected")) || !bytes.Contains(seen.Bytes(), []byte("> ")) {
		n, err := tty.Read(buf)
		if err != nil {
			log.Fatalf("the prompt: %v\n%s", err, seen.Bytes())
		}
		seen.Write(buf[:n])
	}
	return cmd, tty
}

func end(cmd *exec.Cmd, tty *os.File) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	_ = tty.Close()
}

func toPrompt(program, home string) time.Duration {
	begun := time.Now()
	cmd, tty := shell(program, home)
	taken := time.Since(begun)
	end(cmd, tty)
	return taken
}

// idle reads the processor time of the program at the prompt, before and
// after five seconds of nothing.
func idle(program, home string) {
	cmd, tty := shell(program, home)
	defer end(cmd, tty)
	time.Sleep(500 * time.Millisecond)
	ticks := func() string {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			return "unknown here"
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		return fields[11] + " user and " + fields[12] + " system ticks"
	}
	before := ticks()
	time.Sleep(5 * time.Second)
	fmt.Printf("%-46s before %s, after %s\n", "processor time of 5 s at the prompt", before, ticks())
}
