package trace

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/practice"
)

// tshark reads a capture as Wireshark would, in the fields that are asked for,
// a line for each packet.
func tshark(t *testing.T, capture []byte, arguments ...string) string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	file := filepath.Join(t.TempDir(), "session.pcapng")
	if err := os.WriteFile(file, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"-r", file, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"}, arguments...)...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("tshark: %v\n%s", err, complaint.String())
	}
	return out.String()
}

// sound fails on a packet that is malformed, or that TCP would wonder at.
func sound(t *testing.T, capture []byte, arguments ...string) {
	t.Helper()
	const wonders = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || (tcp.analysis.flags && !tcp.analysis.window_update)"
	if odd := tshark(t, capture, append(arguments, "-Y", wonders)...); odd != "" {
		t.Errorf("tshark wonders at\n%s", odd)
	}
}

// session is a connection with a capture on it.
type session struct {
	t       *testing.T
	out     bytes.Buffer
	capture Capture
	conn    *wire.Conn
	port    string

	mu     sync.Mutex
	s      protocol.Session
	events []protocol.Event
	moved  chan struct{}
}

// dial connects to a practice server.
func dial(t *testing.T, o Options, secure bool) *session {
	t.Helper()
	server, err := practice.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.ListenTLS("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-served
	})
	address := server.Addr()
	if secure {
		address = server.TLSAddr()
	}
	c := &session{t: t, moved: make(chan struct{}, 1)}
	o.Tapped = true
	if c.capture, err = NewCapture(&c.out, o); err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(address)
	c.port = port
	d := &wire.Dialer{Emit: c.emit, Tap: c.capture, Implicit: secure}
	if c.conn, err = d.Dial(t.Context(), host, port); err != nil {
		t.Fatal(err)
	}
	if secure {
		c.handshake()
	}
	c.await()
	return c
}

func (c *session) emit(e protocol.Event) {
	c.mu.Lock()
	before := c.s
	c.s = before.After(e)
	after := c.s
	if sent, ok := e.(protocol.Sent); ok {
		sent.Raw = bytes.Clone(sent.Raw)
		e = sent
	}
	c.events = append(c.events, e)
	c.mu.Unlock()
	if after.Mode() == protocol.ModeHandshake && before.Mode() != protocol.ModeHandshake {
		c.conn.Park()
	}
	c.capture.Event(before, after, e)
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

// await waits until no reply is owed.
func (c *session) await() {
	for {
		c.mu.Lock()
		owed := c.s.Open() && c.s.Awaiting() > 0
		c.mu.Unlock()
		if !owed {
			return
		}
		<-c.moved
	}
}

func (c *session) handshake() {
	c.t.Helper()
	if err := c.conn.Secure(wire.Security{Name: "practice", Verify: wire.VerifyOff, KeyLog: c.capture.KeyLog(), Sessions: tls.NewLRUClientSessionCache(1)}); err != nil {
		c.t.Fatal(err)
	}
}

// say sends commands, content, and the dot.
func (c *session) say(lines ...string) {
	c.t.Helper()
	for _, line := range lines {
		sent := protocol.Sent{Raw: []byte(line + "\r\n"), Secret: protocol.HasSecret(protocol.Parse(line))}
		c.mu.Lock()
		if c.s.Mode() == protocol.ModeContent {
			sent.Kind, sent.Last, sent.Secret = protocol.SentContent, line == ".", false
		}
		c.mu.Unlock()
		if err := c.conn.Send(sent); err != nil {
			c.t.Fatal(err)
		}
		c.await()
	}
}

// end waits for the end and closes the capture.
func (c *session) end() []byte {
	c.t.Helper()
	<-c.conn.Done()
	if err := c.capture.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.out.Bytes()
}

var transaction = []string{"MAIL FROM:<alice@example.net> SIZE=100", "RCPT TO:<bob@example.org>", "DATA", "Subject: hello", "", "The message.", ".", "QUIT"}

// fields are what tshark finds of SMTP: the commands and the replies, in
// order.
func fields(t *testing.T, capture []byte, arguments ...string) []string {
	t.Helper()
	arguments = append(arguments, "-Y", "smtp.req.command || smtp.response.code", "-T", "fields",
		"-e", "smtp.req.command", "-e", "smtp.req.parameter", "-e", "smtp.response.code", "-e", "smtp.rsp.parameter", "-E", "separator=|", "-E", "aggregator=~")
	return strings.Split(strings.TrimRight(tshark(t, capture, arguments...), "\n"), "\n")
}

// wanted is the same of the events, as tshark writes it.
func wanted(events []protocol.Event) []string {
	var lines []string
	for _, e := range events {
		switch e := protocol.Masked(e).(type) {
		case protocol.Sent:
			if e.Kind == protocol.SentCommand {
				verb, rest, _ := strings.Cut(strings.TrimSpace(string(e.Raw)), " ")
				if verb == "STARTTLS" { // Wireshark has a verb end after four letters
					verb, rest = "STAR", "TLS"
				}
				lines = append(lines, verb+"|"+rest+"||")
			}
		case protocol.Received:
			codes := slices.Repeat([]string{fmt.Sprint(e.Reply.Code)}, len(e.Reply.Lines))
			lines = append(lines, "||"+codes[0]+"|"+strings.Join(e.Reply.Lines, "~"))
		}
	}
	return lines
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("tshark reads\n%s\nand the events are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTsharkReadsAPlainSession(t *testing.T) {
	c := dial(t, Options{}, false)
	c.say(append([]string{"EHLO client.example", "AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl"}, transaction...)...)
	capture := c.end()
	as := []string{"-d", "tcp.port==" + c.port + ",smtp"}
	sound(t, capture, as...)
	compare(t, fields(t, capture, as...), wanted(c.events))
	if found := tshark(t, capture, append(as, "-Y", "imf.subject", "-T", "fields", "-e", "imf.subject")...); strings.TrimSpace(found) != "hello" {
		t.Errorf("the message is %q", found)
	}
	stream := tshark(t, capture, "-q", "-z", "follow,tcp,ascii,0")
	for _, want := range []string{"AUTH PLAIN ****", "The message.", "221 2.0.0"} {
		if !strings.Contains(stream, want) {
			t.Errorf("%q is missing from the stream:\n%s", want, stream)
		}
	}
	if strings.Contains(string(capture), "AHByYWN0aWNl") {
		t.Error("the password is in the capture")
	}
}

func TestTsharkDecrypts(t *testing.T) {
	for _, secure := range []bool{false, true} {
		c := dial(t, Options{Keys: true}, secure)
		c.say("EHLO client.example")
		as := []string{"-d", "tcp.port==" + c.port + ",smtp"}
		if secure {
			as = []string{"-d", "tcp.port==" + c.port + ",tls", "-d", "tls.port==" + c.port + ",smtp"}
		} else {
			c.say("STARTTLS")
			c.handshake()
			c.say("EHLO client.example")
		}
		c.say(transaction...)
		capture := c.end()
		sound(t, capture, as...)
		compare(t, fields(t, capture, as...), wanted(c.events))
		stream := tshark(t, capture, append(as, "-q", "-z", "follow,tls,ascii,0")...)
		if !strings.Contains(stream, "The message.") {
			t.Errorf("implicit %t: the message is not in the stream:\n%s", secure, stream)
		}
	}
}

func TestTsharkDoesNotDecrypt(t *testing.T) {
	c := dial(t, Options{}, true)
	c.say(append([]string{"EHLO client.example"}, transaction...)...)
	capture := c.end()
	as := []string{"-d", "tcp.port==" + c.port + ",tls", "-d", "tls.port==" + c.port + ",smtp"}
	sound(t, capture, as...)
	if found := tshark(t, capture, append(as, "-Y", "smtp")...); found != "" {
		t.Errorf("without secrets tshark reads\n%s", found)
	}
	if versions := tshark(t, capture, append(as, "-Y", "tls.handshake.type == 2", "-T", "fields", "-e", "tcp.len")...); versions == "" {
		t.Error("tshark finds no handshake")
	}
}

// TestTsharkReadsEverySession has it read the packets made of events, of a
// usual session and of hostile ones, over IPv4, IPv6 and a Unix socket.
func TestTsharkReadsEverySession(t *testing.T) {
	sound(t, []byte(record(t, "pcapng", Options{}, sample()...)))
	var events []protocol.Event
	for seed := range uint64(40) {
		address := []string{"192.0.2.25:25", "[2001:db8::25]:587", "/run/lmtp"}[seed%3]
		local := []string{fmt.Sprintf("192.0.2.7:%d", 1024+seed), fmt.Sprintf("[2001:db8::7]:%d", 1024+seed), "@"}[seed%3]
		events = append(events, protocol.Opened{At: protocol.At{Time: noon}, Address: address, Local: local}, received(protocol.At{Time: noon}, "220 mx\r\n"))
		for _, e := range seeded(seed).events(40) {
			switch e := e.(type) {
			case protocol.Sent:
				if bytes.HasPrefix(e.Raw, []byte("AUTH")) {
					continue // tshark decodes a login itself, and calls nonsense in it malformed
				}
				events = append(events, e)
			case protocol.Received:
				events = append(events, e)
			}
		}
		events = append(events, protocol.Closed{At: protocol.At{Time: noon}})
	}
	sound(t, []byte(record(t, "pcapng", Options{}, events...)))
}
