package main

import (
	"errors"
	"fmt"
	"log"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// exchangesRecorded is how long the session is that is recorded.
const exchangesRecorded = 10_000

// compareRecording measures a session through a pipe, and the same recorded
// in every format at once: in turn, so that what else the machine does falls on
// both.
func compareRecording(program, dir string, runs int) {
	address, stop := serve(program)
	defer stop()
	host, port, _ := strings.Cut(address, ":")
	plain := []string{host, port}
	recorded := []string{"--force"}
	for _, format := range []string{"txt", "jsonl", "md", "html", "pcapng", "xml"} {
		recorded = append(recorded, "--record", filepath.Join(dir, "record."+format))
	}
	recorded = append(recorded, plain...)
	lines := strings.Repeat("NOOP\n", exchangesRecorded) + "QUIT\n"
	session := func(args []string) time.Duration {
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(lines)
		begun := time.Now()
		if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			log.Fatal(err)
		}
		return time.Since(begun)
	}
	session(plain)
	session(recorded)
	var without, with []time.Duration
	for range runs {
		without = append(without, session(plain))
		with = append(with, session(recorded))
	}
	slices.Sort(without)
	slices.Sort(with)
	report(fmt.Sprintf("a session of %d exchanges", exchangesRecorded), without, 0)
	report("the same, recorded in six formats", with, 0)
	fmt.Printf("recording takes %.1f %% of the session's time; the aim is under 5 %%\n", 100*(float64(median(with))/float64(median(without))-1))
}
