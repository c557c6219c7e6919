//go:build !windows

package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtpsh/protocol"
)

// run connects to a command.
func run(t *testing.T, d *Dialer, command string) *Conn {
	t.Helper()
	c, err := d.DialPipe(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close(protocol.ByUser)
		<-c.Done()
	})
	return c
}

func TestPipe(t *testing.T) {
	noLeaks(t)
	l, tap := newLog(t), &capture{}
	const server = `printf '220 hi\r\n'; read quit; printf '221 bye\r\n'; echo noise >&2`
	c := run(t, &Dialer{Emit: l.emit, Tap: tap}, server)
	l.await(3)
	if err := c.Send(command("QUIT")); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	l.want(0, "trying pipe:"+server, "opened pipe:"+server+" pipe:"+server, `< "220 hi\r\n"`, `> "QUIT\r\n"`, `< "221 bye\r\n"`, orderly)
	if got, want := tap.String(), "<220 hi\r\n>QUIT\r\n<221 bye\r\n"; got != want {
		t.Errorf("the tap saw %q, want %q", got, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&Dialer{Emit: l.emit}).DialPipe(ctx, "exit 0")
	wantDial(t, err, Cancelled, "connect to pipe:exit 0: cancelled")
}

// TestPipeFails has commands that fail by themselves, for the reader and for
// a write to find out.
func TestPipeFails(t *testing.T) {
	for _, row := range []struct{ command, want string }{
		{"exit 75", "exit status 75"},
		{"echo one >&2; echo >&2; echo two >&2; exit 1", "exit status 1: one; two"},
		{"kill -9 $$", "signal: killed"},
		{"for i in 1 2 3 4 5 6 7 8 9; do echo $i >&2; done; exit 2", "exit status 2: 5; 6; 7; 8; 9"},
		{"printf '%09999d end' 0 >&2; exit 3", "exit status 3: " + strings.Repeat("0", maxSaid-len(" end")) + " end"},
		{"printf '%09999d\nend' 0 >&2; exit 3", "exit status 3: end"},
	} {
		for _, writes := range []bool{false, true} {
			noLeaks(t)
			l := newLog(t)
			c := run(t, &Dialer{Emit: l.emit}, row.command)
			for writes && c.Send(protocol.Sent{Raw: make([]byte, block)}) == nil {
			}
			<-c.Done()
			closed := l.closed()
			var failed *CommandError
			if closed.By != protocol.ByPeer || !errors.As(closed.Err, &failed) || closed.Err.Error() != "the command ended with "+row.want {
				t.Errorf("%s, writes %v: %.200s", row.command, writes, show(closed))
			}
		}
	}
	l := newLog(t)
	<-run(t, &Dialer{Emit: l.emit}, "/no/such/program").Done()
	if err := l.closed().Err; err == nil || !strings.HasPrefix(err.Error(), "the command ended with exit status 127: ") {
		t.Errorf("no program: %v", err)
	}
}

// TestStubbornCommand closes the connection to a command that cares for
// nothing, and to one whose own command does not.
func TestStubbornCommand(t *testing.T) {
	for name, server := range map[string]string{
		"itself": `trap '' HUP PIPE TERM; printf '220 hi\r\n'; exec 1>&- 3>FIFO; while :; do sleep 60; done`,
		"child":  `printf '220 hi\r\n'; sh -c 'sleep 600; :' 3>FIFO & wait`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fifo := filepath.Join(t.TempDir(), "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			l := newLog(t)
			c := run(t, &Dialer{Emit: l.emit}, strings.ReplaceAll(server, "FIFO", fifo))
			held, err := os.Open(fifo) // waits for the command to open it
			if err != nil {
				t.Fatal(err)
			}
			defer held.Close()
			c.Close(protocol.ByUser)
			<-c.Done()
			// Whoever held the other end is gone when this one is at its end.
			_ = held.SetReadDeadline(time.Now().Add(10 * time.Second))
			if n, err := held.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("the command still runs: %v", err)
			}
		})
	}
}

func TestPipeDeadlines(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	c := run(t, &Dialer{Emit: l.emit}, "read never")
	c.SetReplyDeadline(time.Now().Add(time.Millisecond))
	<-c.Done()
	l.want(2, `closed by 2: err wait for a reply: i/o timeout, unsent 0, tail ""`)

	l = newLog(t)
	c = run(t, &Dialer{Emit: l.emit, WriteLimit: time.Millisecond}, "exec sleep 60")
	if err := c.Send(protocol.Sent{Raw: make([]byte, 1<<20)}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Send: %v", err)
	}
	c.Close(protocol.ByUser)
	<-c.Done()
	if closed := l.closed(); closed.By != protocol.ByFault || closed.Unsent == 0 {
		t.Errorf("%s", show(closed))
	}
}

// TestPipeEnd passes deadlines while nothing is under way: they do no harm.
func TestPipeEnd(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	end := &pipeEnd{File: r}
	end.expire(time.Unix(1, 0))
	end.expire(time.Time{})
	_, _ = w.WriteString("ab")
	b := make([]byte, 1)
	if _, err := end.Read(b); err != nil {
		t.Errorf("Read: %v", err)
	}
	end.expire(time.Now().Add(time.Hour))
	if _, err := end.Read(b); err != nil {
		t.Errorf("Read: %v", err)
	}
	end.expire(time.Unix(1, 0))
	if _, err := end.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read behind the deadline: %v", err)
	}
	r2, w2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w2.Close()
	end = &pipeEnd{File: r2}
	_ = end.Close()
	if _, err := end.Read(b); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read of what is closed: %v", err)
	}
}

// TestMessageToACommand sends more than a pipe holds, and has it counted.
func TestMessageToACommand(t *testing.T) {
	noLeaks(t)
	l := newLog(t)
	reply := make(chan string, 1)
	l.on = func(e protocol.Event) {
		if r, ok := e.(protocol.Received); ok {
			reply <- string(r.Reply.Raw)
		}
	}
	c := run(t, &Dialer{Emit: l.emit}, `n=$(head -c 1000000 | wc -c); echo 250 $n; read rest`)
	if err := c.SendChunk("BDAT 999985 LAST", io.LimitReader(lines{}, 1<<20), 999985, Transfer{}); err != nil {
		t.Fatal(err)
	}
	if got := <-reply; got != "250 1000000\n" {
		t.Errorf("the command took %q", got)
	}
}
