package cli_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// blackhole is an address that never answers: a listener whose queue is full.
func blackhole(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	for range 16 {
		conn, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not fill")
	return ""
}

// TestInterruptedConnecting presses Ctrl-C while a connection is being made.
func TestInterruptedConnecting(t *testing.T) {
	t.Parallel()
	s := start(t, []string{blackhole(t)})
	s.sees("Trying 127.0.0.1:")
	s.keys(ctrlC)
	s.at("disconnected> ")
	s.sees("Stopped by Ctrl-C. :reconnect tries again.")
	s.line(":open practice")
	s.at("practice.example connected> ")
}

// TestConnectingTakesTooLong gives up when --timeout says so.
func TestConnectingTakesTooLong(t *testing.T) {
	t.Parallel()
	s := start(t, []string{"--timeout", "100ms", blackhole(t)})
	s.at("disconnected> ")
	s.sees("No connection: ", "a firewall drops the packets")
}
