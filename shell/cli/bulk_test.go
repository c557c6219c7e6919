package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"smtpsh/protocol/smtptest"
)

// What a peer says and hears of a message: by itself, and in a chain.
const (
	bulkText  = "* any\n* any\n* any\n* any\n* any\n* any\n* any\n" // five fields, an empty line and the text
	bulkHello = "< 220 mx.example ESMTP\n> EHLO me.example\n< 250 mx.example\n"
	bulkRcpt  = "> MAIL FROM:<a@b.example>\n< 250 ok\n> RCPT TO:<c@d.example>\n< 250 ok\n"
	bulkSent  = bulkRcpt + "> DATA\n< 354 go\n" + bulkText + "> .\n"
	bulkTaken = bulkSent + "< 250 ok\n"
	bulkQuit  = "> QUIT\n< 221 bye\n* close\n"

	chainHello = "< 220 mx.example ESMTP\n> EHLO me.example\n< 250-mx.example\n< 250 PIPELINING\n"
	chainNext  = "> MAIL FROM:<a@b.example>\n> RCPT TO:<c@d.example>\n> DATA\n"
	chainTaken = "< 250 ok\n< 250 ok\n< 354 go\n" + bulkText + "> .\n"
)

// TestBulkConnections has connections end under a message: it is sent over the
// next one, unless its end was sent already, and is counted once.
func TestBulkConnections(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, peer string
		status     int
		want       []string
	}{
		{"421 to MAIL", bulkHello + bulkTaken + "> MAIL FROM:<a@b.example>\n< 421 enough\n* close\n---\n" + bulkHello + bulkTaken + bulkTaken + bulkQuit, 0, []string{"accepted  3\n"}},
		{"lost at RCPT", bulkHello + bulkTaken + "> MAIL FROM:<a@b.example>\n< 250 ok\n* any\n* close\n---\n" + bulkHello + bulkTaken + bulkTaken + bulkQuit, 0, []string{"accepted  3\n"}},
		{"421 behind the dot", bulkHello + bulkSent + "< 421 enough\n* close\n---\n" + bulkHello + bulkTaken + bulkTaken + bulkTaken + bulkQuit, 0, []string{"accepted  3\n"}},
		{"lost behind the dot", bulkHello + bulkSent + "* close\n---\n" + bulkHello + bulkTaken + bulkTaken + bulkQuit, 1, []string{"accepted  2\n", "unknown   1, sent to the end without a reply"}},
		{"421 to a chain", chainHello + chainNext + chainTaken + chainNext + "< 250 ok\n< 421 enough\n* close\n---\n" + chainHello + chainNext + chainTaken + chainNext + "< 250 ok\n" + chainTaken + "< 250 ok\n" + bulkQuit, 0, []string{"accepted  3\n"}},
		{"a chain lost behind a dot", chainHello + chainNext + chainTaken + chainNext + "* close\n---\n" + chainHello + chainNext + chainTaken + chainNext + "< 250 ok\n" + "< 250 ok\n< 250 ok\n< 354 go\n" + bulkText + "> .\n< 250 ok\n" + bulkQuit, 1, []string{"unknown   1, ", "accepted  2\n"}},
		{"lost again and again", strings.Repeat(bulkHello+"* any\n* close\n---\n", 3) + bulkHello + bulkTaken + bulkTaken + bulkQuit, 1, []string{"accepted  2\n", "lost      1, "}},
		{"never a greeting", "< 421 busy\n* close\n", 7, []string{"1 message in", "accepted  0\n", "refused   421: 1\n", "not tried 2\n"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			out, status := sendTo(t, "", smtptest.Serve(t, row.peer), "--from", "a@b.example", "--to", "c@d.example", "--subject", "x", "--body", "hello", "--count", "3")
			if status != row.status {
				t.Errorf("status %d, want %d", status, row.status)
			}
			for _, want := range row.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// TestBulkOneConnection sends over several connections to a server that takes
// one: the others are turned away, and burn no message.
func TestBulkOneConnection(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	var busy atomic.Int32
	both := make(chan struct{})
	go func() {
		for turnedAway := 0; ; {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			if !busy.CompareAndSwap(0, 1) {
				if turnedAway++; turnedAway == 2 {
					close(both)
				}
				fmt.Fprint(nc, "421 4.7.0 too many connections\r\n")
				_ = nc.Close()
				continue
			}
			go func() {
				defer busy.Store(0)
				defer nc.Close()
				takeAll(nc, both)
			}()
		}
	}()
	out, status := sendTo(t, "", ln.Addr().String(), "--from", "a@b.example", "--to", "c@d.example", "--body", "x", "--count", "6", "--connections", "3")
	if status != 0 || !strings.Contains(out, "6 messages") || !strings.Contains(out, "accepted  6\n") {
		t.Errorf("status %d\n%s", status, out)
	}
}

// takeAll is a server that takes everything, once two others were turned away.
func takeAll(nc net.Conn, both <-chan struct{}) {
	fmt.Fprint(nc, "220 mx.example\r\n")
	content := false
	for lines := bufio.NewScanner(nc); lines.Scan(); {
		line := lines.Text()
		switch {
		case content && line != ".":
			continue
		case line == "DATA":
			content = true
			fmt.Fprint(nc, "354 go\r\n")
		case line == "QUIT":
			fmt.Fprint(nc, "221 bye\r\n")
			return
		default:
			if content {
				<-both
				content = false
			}
			fmt.Fprint(nc, "250 ok\r\n")
		}
	}
}

// TestBulkUnreadable names the messages of a folder that cannot be sent, and
// sends the others.
func TestBulkUnreadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"1.eml": "From: a@b.example\nTo: c@d.example\n\nx\n", "2.eml": "From: a@b.example\n\nfor nobody\n", "4.eml": "From: a@b.example\nTo: c@d.example\n\ny\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("gone", filepath.Join(dir, "3.eml")); err != nil {
		t.Skip(err)
	}
	out, status := sendTo(t, "", "practice", "--from-dir", dir)
	for _, want := range []string{"2.eml: its header names no recipient", "3.eml: no such file or directory.", "4 messages in ", "accepted  2\n", "unread    2, "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if status != 1 || t.Failed() {
		t.Errorf("status %d\n%s", status, out)
	}
}

// TestBulkSummary has the summary as an object.
func TestBulkSummary(t *testing.T) {
	t.Parallel()
	out, status := sendTo(t, "", "practice", "--from", "a@b.example", "--to", "c@d.example", "--to", "550@d.example", "--body", "x", "--count", "3", "-o", "json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var sum struct {
		V                                int
		Event                            string
		Messages, Connections            int
		Accepted, Partly, Lost, Left     int
		Unknown, Held, Unreadable        int
		Refused                          []struct{ Code, Messages int }
		MS, Rate, P50, P90, P99, Longest *float64
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if status != 1 || sum.V != 1 || sum.Event != "summary" || sum.Messages != 3 || sum.Connections != 1 || sum.Partly != 3 || sum.Accepted+sum.Lost+sum.Left+sum.Unknown+sum.Held+sum.Unreadable != 0 || len(sum.Refused) != 0 || sum.MS == nil || sum.Rate == nil || sum.P50 != nil {
		t.Errorf("status %d, %+v", status, sum)
	}
	out, _ = sendTo(t, "", "practice", "--from", "a@b.example", "--to", "c@d.example", "--body", "x", "--count", "3", "-o", "json")
	if !strings.Contains(out, `"accepted":3,`) || !strings.Contains(out, `"longest":`) {
		t.Error(out)
	}
}

// TestBulkTrouble says why no connection could be used.
func TestBulkTrouble(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		target string
		args   []string
		status int
		want   []string
	}{
		{"127.0.0.1:1", nil, 4, []string{"A connection could not be used: connect to 127.0.0.1:1: connection refused.\n", "lost      1, "}},
		{"practice", []string{"--tls", "starttls", "--tls-verify", "require"}, 6, []string{"A connection could not be used: connection lost: TLS handshake failed", "lost      1, "}},
		{"practice", []string{"--auth-user", "joe"}, 9, []string{"A connection could not be used: no password for :auth", "lost      1, "}},
		{"practice", []string{"--auth-user", "joe", "--auth-password-env", "SECRET"}, 9, []string{"A connection could not be used: 535 ", ", to AUTH.\n", "refused   535: 1\n"}},
	} {
		out, status := sendTo(t, "", row.target, append([]string{"--from", "a@b.example", "--to", "c@d.example", "--body", "x", "--count", "2"}, row.args...)...)
		for _, want := range append(row.want, "not tried 1\n") {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q", row.args, want)
			}
		}
		if status != row.status || t.Failed() {
			t.Errorf("%v: status %d\n%s", row.args, status, out)
		}
	}
}
