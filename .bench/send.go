package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// sender is a program that sends a message, and how it is told to.
type sender struct {
	name string
	args func(host, port, file string) []string
	in   bool // the message goes to its standard input
}

var senders = []sender{
	{"smtpsh", func(host, port, file string) []string {
		return []string{"send", host, port, "--helo", "me.example", "--from", "a@b.example", "--to", "c@d.example", "--data", file}
	}, false},
	{"curl", func(host, port, file string) []string {
		return []string{"-s", "smtp://" + host + ":" + port, "--mail-from", "a@b.example", "--mail-rcpt", "c@d.example", "-T", file}
	}, false},
	{"msmtp", func(host, port, file string) []string {
		return []string{"--host=" + host, "--port=" + port, "-f", "a@b.example", "c@d.example"}
	}, true},
	{"swaks", func(host, port, file string) []string {
		return []string{"--server", host, "--port", port, "-f", "a@b.example", "-t", "c@d.example", "--data", "@" + file}
	}, false},
	{"python3", func(host, port, file string) []string {
		return []string{"-c", "import smtplib,sys\ns=smtplib.SMTP(sys.argv[1],int(sys.argv[2]))\ns.sendmail('a@b.example',['c@d.example'],open(sys.argv[3]).read())\ns.quit()", host, port, file}
	}, false},
}

// compareSending times one small message, one of 50 MB and a thousand small
// ones on smtp-sink, beside the tools that people use. The aims: less wall
// time than the others for the small one, no lower a rate than curl's and
// smtp-source's for the large one, no lower a rate than smtp-source's in one
// session for the thousand, and under 40 MB of memory in all of them.
func compareSending(program, dir string, runs int) {
	host, port, stop, ok := sink()
	if !ok {
		fmt.Println("smtp-sink is not installed (Debian has it in postfix), so nothing was sent")
		return
	}
	defer stop()
	small, large := message(dir, "small.eml", 1<<10), message(dir, "large.eml", 50<<20)
	for _, s := range senders {
		name := s.name
		if name == "smtpsh" {
			name = program
		}
		if _, err := exec.LookPath(name); err != nil {
			fmt.Printf("1 KB by %s: not installed\n", s.name)
			continue
		}
		report("1 KB by "+s.name, measure(runs, func() time.Duration { return send(s, name, host, port, small) }), 0)
	}
	few := max(3, runs/4)
	for _, s := range senders[:2] {
		name := s.name
		if name == "smtpsh" {
			name = program
		}
		if _, err := exec.LookPath(name); err == nil {
			report("50 MB by "+s.name, measure(few, func() time.Duration { return send(s, name, host, port, large) }), 0)
		}
	}
	source, err := exec.LookPath("smtp-source")
	if err != nil {
		source = "/usr/sbin/smtp-source"
	}
	many := append(senders[0].args(host, port, small), "--count", "1000")
	report("1000 of 1 KB by smtpsh", measure(few, func() time.Duration { return timed(nil, program, many...) }), 0)
	if _, err := os.Stat(source); err == nil {
		to := host + ":" + port
		report("50 MB by smtp-source", measure(few, func() time.Duration {
			return timed(nil, source, "-f", "a@b.example", "-t", "c@d.example", "-l", fmt.Sprint(50<<20), to)
		}), 0)
		report("1000 of 1 KB by smtp-source, one session", measure(few, func() time.Duration {
			return timed(nil, source, "-d", "-m", "1000", "-s", "1", "-l", "1024", "-f", "a@b.example", "-t", "c@d.example", to)
		}), 0)
	}
	for _, args := range [][]string{senders[0].args(host, port, small), senders[0].args(host, port, large), many} {
		fmt.Printf("peak memory, %-33s %5.1f MB\n", filepath.Base(args[len(args)-1]), float64(peak(program, args...))/1024)
	}
}

func send(s sender, program, host, port, file string) time.Duration {
	var in []byte
	if s.in {
		var err error
		if in, err = os.ReadFile(file); err != nil {
			log.Fatal(err)
		}
	}
	return timed(in, program, s.args(host, port, file)...)
}

func timed(in []byte, program string, args ...string) time.Duration {
	cmd := exec.Command(program, args...)
	cmd.Stdin = bytes.NewReader(in)
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		log.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return time.Since(begun)
}

// peak is the most memory that a run had, in kB.
func peak(program string, args ...string) int64 {
	cmd := exec.Command(program, args...)
	if err := cmd.Run(); err != nil {
		log.Fatal(err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss
}

// message makes a message of about so many octets, with the line ends of SMTP:
// not every tool puts others right. It is written line by line, for a child's
// peak of memory begins with its parent's.
func message(dir, name string, size int) string {
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprint(out, "From: a@b.example\r\nTo: c@d.example\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nSubject: measured\r\n\r\n")
	line := strings.Repeat("0123456789", 7) + "\r\n"
	for range size / len(line) {
		fmt.Fprint(out, line)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
	return file.Name()
}

// sink runs smtp-sink on a free port of loopback.
func sink() (host, port string, stop func(), ok bool) {
	program, err := exec.LookPath("smtp-sink")
	if err != nil {
		program = "/usr/sbin/smtp-sink"
	}
	if _, err := os.Stat(program); err != nil {
		return "", "", nil, false
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // smtp-sink wants a port by number
	var args []string
	if os.Getuid() == 0 {
		args = []string{"-u", "postfix"}
	}
	cmd := exec.Command(program, append(args, address, "64")...)
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	for range 200 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			host, port, _ = net.SplitHostPort(address)
			return host, port, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, true
		}
		time.Sleep(10 * time.Millisecond)
	}
	log.Fatal("smtp-sink does not start")
	return "", "", nil, false
}
