package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// compareTLS times a STARTTLS session from exec to the end of QUIT, with the
// server verified, beside the minimal client and the tools that people use.
// The aims: under 1.3 times the minimal client, and less than the tools.
func compareTLS(program, client, dir string, runs int) {
	ca := filepath.Join(dir, "ca.pem")
	address, stop := serve(program, "--ca", ca)
	defer stop()
	run := func(input, program string, args ...string) time.Duration {
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(input)
		begun := time.Now()
		_ = cmd.Run() // some tools call a session without mail a failure
		return time.Since(begun)
	}
	times := alternately(runs,
		func() time.Duration { return run("", client, address, ca) },
		func() time.Duration {
			return run("QUIT\n", program, "submission://"+address, "--tls-ca", ca, "--tls-verify", "require")
		})
	base := times[0]
	report("a STARTTLS session, minimal Go client", base, 0)
	report("a STARTTLS session, smtpsh", times[1], median(base))
	host, port, _ := strings.Cut(address, ":")
	others := []struct {
		name, input string
		args        []string
	}{
		{"openssl", "QUIT\r\n", []string{"s_client", "-starttls", "smtp", "-connect", address, "-CAfile", ca, "-quiet", "-ign_eof"}},
		{"swaks", "", []string{"--server", host, "--port", port, "--tls", "--tls-ca-path", ca, "--quit-after", "TLS"}},
	}
	for _, other := range others {
		if _, err := exec.LookPath(other.name); err != nil {
			fmt.Printf("a STARTTLS session, %s: not installed\n", other.name)
			continue
		}
		report("a STARTTLS session, "+other.name, measure(runs, func() time.Duration { return run(other.input, other.name, other.args...) }), median(base))
	}
}
