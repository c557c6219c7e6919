package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// realServer is a server that ../shared/servers can start on loopback, and
// what is its own about it.
type realServer struct {
	name, port string
	strict     bool   // refuses a path without angle brackets, and a message without a header
	login      bool   // offers AUTH PLAIN and LOGIN without TLS
	web        string // begins what it says to "GET / HTTP/1.0"
	webStatus  int    // of a session that says that and then QUIT
}

var realServers = []realServer{
	// Postfix says 221 and hangs up, which nobody asked for: the connection is lost.
	{name: "postfix", port: "25001", login: true, web: "221 2.7.0", webStatus: 4},
	{name: "exim", port: "25002", login: true, web: "500 ", webStatus: 1},
	{name: "sendmail", port: "25003", login: true, web: "421 4.7.0", webStatus: 1},
	{name: "opensmtpd", port: "25004", strict: true, web: "500 5.5.1", webStatus: 1},
}

// TestServers has the program talk with real servers, through a pipe.
func TestServers(t *testing.T) {
	serverScripts(t)
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			startServer(t, server.name, server.port)
			t.Run("exercise", server.exercise)
			t.Run("a held line, and the same forced", server.heldAndForced)
			t.Run("parameters and octets", server.parameters)
			t.Run("HTTP", server.http)
			if server.login {
				t.Run("login", server.loginByHand)
			}
		})
	}
}

// exercise is the student's: the lines as people type them.
func (server realServer) exercise(t *testing.T) {
	mail, header := "mail from: mcheng@example.org", []string(nil)
	if server.strict {
		out, status := server.talk(t, "helo mcheng", mail, "quit")
		if status != 1 || !strings.Contains(out, "\n< 553 ") {
			t.Fatalf("a bare address was not refused with 553, status %d:\n%s", status, out)
		}
		mail = fixOffered(t, out)
		out, status = server.talk(t, "helo mcheng", mail, "rcpt to: <alice@example.test>", "data", "this is a test", ".", "quit")
		if status != 1 || !strings.Contains(out, "\n> .\n< 550 ") {
			t.Errorf("a message without a header was not refused with 550, status %d:\n%s", status, out)
		}
		header = []string{"Subject: exercise", ""}
	}
	mark := nonce(t)
	lines := append([]string{"helo mcheng", mail, "rcpt to: <alice@example.test>", "data"}, header...)
	out, status := server.talk(t, append(lines, "this is a test "+mark, ".dotted", ".", "quit")...)
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, out)
	}
	for _, want := range []string{"> helo mcheng\n", "> " + mail + "\n", "> ..dotted\n", "\n< 354 "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the output:\n%s", want, out)
		}
	}
	checkFarewell(t, out)
	if text := delivered(t, server.name, mark); !bytes.HasSuffix(text, []byte("this is a test "+mark+"\n.dotted\n")) {
		t.Errorf("the message did not arrive as typed:\n%s", text)
	}
}

func (server realServer) heldAndForced(t *testing.T) {
	const broken = "mail from mcheng@example.org"
	out, status := server.talk(t, "helo mcheng", broken, "quit")
	if status != 3 || strings.Contains(out, "\n> mail") || fixOffered(t, out) != "mail from:<mcheng@example.org>" {
		t.Errorf("not held, status %d:\n%s", status, out)
	}
	out, status = server.talk(t, "helo mcheng", "!"+broken, "quit")
	if status != 1 || !strings.Contains(out, "\n> "+broken+"\n< 50") {
		t.Errorf("not sent as typed and refused, status %d:\n%s", status, out)
	}
	checkFarewell(t, out)
}

// parameters sends a message with what the server offers, of octets that
// transports like to change, and finds it octet for octet.
func (server realServer) parameters(t *testing.T) {
	offers, _ := server.talk(t, "EHLO client.example", "QUIT")
	mail, rcpt := "MAIL FROM:<mcheng@example.org> SIZE=4000 BODY=8BITMIME", "RCPT TO:<alice@example.test>"
	subject := "Subject: parameters"
	if strings.Contains(offers, "SMTPUTF8\n") {
		mail += " SMTPUTF8"
		subject = "Subject: Grüße, 日本"
	}
	if strings.Contains(offers, "DSN\n") {
		mail += " RET=HDRS ENVID=q+2Bx"
		rcpt += " NOTIFY=FAILURE,DELAY ORCPT=rfc822;alice@example.test"
	}
	mark := nonce(t)
	body := []string{"Grüße " + mark, "", ".one dot", "..two dots", " .", "\ttab and space \t ", "latin 1: \xe4\xf6\xfc\xff",
		"From the start", strings.Repeat("long ", 190), "", "", "end"}
	lines := append([]string{"EHLO client.example", mail, rcpt, "DATA", "From: mcheng@example.org", subject, ""}, body...)
	out, status := server.talk(t, append(lines, ".", "QUIT")...)
	if status != 0 || strings.Contains(out, "* warning") {
		t.Fatalf("status %d:\n%s", status, out)
	}
	text := delivered(t, server.name, mark)
	if !bytes.HasSuffix(text, []byte("\n\n"+strings.Join(body, "\n")+"\n")) || !bytes.Contains(text, []byte("\n"+subject+"\n")) {
		t.Errorf("the message did not arrive as sent:\n%q", text)
	}
}

// http forces a line that Postfix and Sendmail end the session for.
func (server realServer) http(t *testing.T) {
	const line = "GET / HTTP/1.0"
	out, status := server.talk(t, line, "QUIT")
	if status != 3 || strings.Contains(out, "> GET") {
		t.Errorf("not held, status %d:\n%s", status, out)
	}
	out, status = server.talk(t, "!"+line, "QUIT")
	// The QUIT may still meet the connection that Postfix ends.
	ended := strings.Contains(out, "\n* the server closed the connection") || strings.Contains(out, "\n* the server broke the connection off")
	if status != server.webStatus || !strings.Contains(out, "\n> "+line+"\n< "+server.web) || !ended {
		t.Errorf("status %d, want %d:\n%s", status, server.webStatus, out)
	}
}

func (server realServer) loginByHand(t *testing.T) {
	const user, password, plain, wrong = "YWxpY2U=", "c2VjcmV0", "AGFsaWNlAHNlY3JldA==", "AGFsaWNlAHdyb25n"
	rows := []struct {
		lines  []string
		status int
		want   string
	}{
		{[]string{"AUTH LOGIN", user, password}, 0, "\n> ****\n< 235 "},
		{[]string{"AUTH PLAIN " + plain}, 0, "\n> AUTH PLAIN ****\n< 235 "},
		{[]string{"AUTH PLAIN", plain}, 0, "\n> ****\n< 235 "},
		{[]string{"AUTH PLAIN", wrong}, 1, "\n> ****\n< 535 "},
		{[]string{"AUTH LOGIN", "*"}, 1, "\n> *\n< 501 "},
	}
	for _, row := range rows {
		lines := slices.Concat([]string{"EHLO client.example"}, row.lines, []string{"QUIT"})
		out, status := server.talk(t, lines...)
		if status != row.status || !strings.Contains(out, row.want) {
			t.Errorf("%q: status %d, want %d and %q:\n%s", row.lines, status, row.status, row.want, out)
		}
		for _, secret := range []string{password, plain, wrong} {
			if strings.Contains(out, secret) {
				t.Errorf("%q: the password is shown:\n%s", row.lines, out)
			}
		}
		checkFarewell(t, out)
	}
}

// talk runs the program on the server with lines on its standard input.
func (server realServer) talk(t *testing.T, lines ...string) (output string, status int) {
	t.Helper()
	return piped(t, []string{"127.0.0.1", server.port}, lines...)
}

func checkFarewell(t *testing.T, output string) {
	t.Helper()
	_, last, ok := strings.Cut(strings.ToUpper(output), "\n> QUIT\n")
	if !ok || !strings.HasPrefix(last, "< 221 ") || !strings.HasSuffix(last, "\n* THE SERVER CLOSED THE CONNECTION\n") {
		t.Errorf("QUIT was not answered with 221 and a close:\n%s", output)
	}
}

// TestServerFailures sees the right status at each stage where a server
// refuses or hangs up, and that no line of a message reaches it as a command.
func TestServerFailures(t *testing.T) {
	serverScripts(t)
	dialogue := []string{"EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA",
		"NOOP in the message", ":open practice", "!VRFY x", ".", "QUIT"}
	rows := []struct {
		options string // of smtp-sink
		status  int
		want    string
	}{
		{"", 0, "< 221"},
		{"-f CONNECT", 1, "< 500"},
		{"-Q CONNECT", 4, "< 421"},
		{"-q CONNECT", 4, "closed the connection"},
		{"-f EHLO", 1, "< 500"},
		{"-Q EHLO", 4, "not connected; not sent: MAIL"},
		{"-q EHLO", 4, "not connected; not sent: MAIL"},
		{"-r MAIL", 1, "< 450"},
		{"-f MAIL", 1, "4 lines dropped"},
		{"-Q MAIL", 4, "not connected; not sent: RCPT"},
		{"-q MAIL", 4, "not connected; not sent: RCPT"},
		{"-f RCPT", 1, "4 lines dropped"},
		{"-Q RCPT", 4, "not connected; not sent: DATA"},
		{"-q RCPT", 4, "not connected; not sent: DATA"},
		{"-r DATA", 1, "4 lines dropped"},
		{"-f DATA", 1, "4 lines dropped"},
		{"-Q DATA", 1, "4 lines dropped"},
		{"-q DATA", 4, "closed the connection"},
		{"-r .", 1, "< 450"},
		{"-f .", 1, "< 500"},
		{"-Q .", 1, "< 421"},
		{"-q .", 4, "closed the connection"},
		{"-Q QUIT", 1, "< 421"},
		{"-q QUIT", 4, "closed the connection"},
	}
	for _, row := range rows {
		t.Run(row.options, func(t *testing.T) {
			t.Parallel()
			address, log := startSink(t, strings.Fields(row.options)...)
			out, status := piped(t, []string{address}, dialogue...)
			if status != row.status || !strings.Contains(out, row.want) {
				t.Errorf("status %d, want %d and %q:\n%s", status, row.status, row.want, out)
			}
			for line := range strings.Lines(log()) {
				if text := strings.TrimPrefix(line, "smtp-sink: "); strings.HasPrefix(text, "NOOP") || strings.HasPrefix(text, ":") || strings.HasPrefix(text, "VRFY") {
					t.Errorf("the server took a line of the message for a command: %s\n%s", text, out)
				}
			}
		})
	}
}

// startSink runs smtp-sink with options. log is what it saw until then; the
// lines of a message are not in it.
func startSink(t *testing.T, options ...string) (address string, log func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	listener.Close() // smtp-sink wants a port by number
	program, err := exec.LookPath("smtp-sink")
	if err != nil {
		program = "/usr/sbin/smtp-sink"
	}
	args := slices.Concat([]string{"-v", "-h", "mx.example.test"}, options, []string{address, "16"})
	if os.Getuid() == 0 {
		args = append([]string{"-u", "postfix"}, args...)
	}
	file := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(program, args...)
	cmd.Stderr, err = os.Create(file)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	log = func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	// Connecting to find out whether it is there would be a session.
	for end := time.Now().Add(10 * time.Second); !strings.Contains(log(), "trying..."); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("smtp-sink does not start:\n%s", log())
		}
	}
	return address, log
}

// serverScripts is the folder of start-NAME.sh and stop-NAME.sh, or a skip.
func serverScripts(t *testing.T) string {
	t.Helper()
	if os.Getenv("SMTPSH_SERVERS") != "1" {
		t.Skip("real servers are tried when SMTPSH_SERVERS=1")
	}
	dir := os.Getenv("SMTPSH_SERVERS_DIR")
	if dir == "" {
		dir = filepath.Join(moduleTop(t), "..", "shared", "servers")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the scripts that start servers: %v; SMTPSH_SERVERS_DIR names their folder", err)
	}
	return dir
}

// moduleTop is the folder of go.mod.
func moduleTop(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			err = errors.New("no go.mod in any folder above")
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal(err)
	return ""
}

// startServer starts a server for one test. One that is up already belongs to
// somebody else and is left running.
func startServer(t *testing.T, name, port string) {
	t.Helper()
	dir := serverScripts(t)
	if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		c.Close()
		return
	}
	// A daemon keeps the script's output open: a file lets the script be all
	// that is waited for.
	said, err := os.Create(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	start := exec.Command(filepath.Join(dir, "start-"+name+".sh"))
	start.Stdout, start.Stderr = said, said
	err = start.Run()
	text, _ := os.ReadFile(said.Name())
	if err != nil || !bytes.Contains(text, []byte(name+" ready on "+port)) {
		t.Fatalf("start %s: %v\n%s", name, err, text)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(filepath.Join(dir, "stop-"+name+".sh")).CombinedOutput(); err != nil {
			t.Errorf("stop %s: %v\n%s", name, err, out)
		}
	})
}

// piped runs the program with lines on its standard input.
func piped(t *testing.T, args []string, lines ...string) (output string, status int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// delivered waits for a message that holds nonce in alice's mailbox.
func delivered(t *testing.T, server, nonce string) []byte {
	t.Helper()
	lab := os.Getenv("LAB")
	if lab == "" {
		lab = filepath.Join(os.TempDir(), "smtpsh-lab")
	}
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(lab, server, "mail", "alice", "new", "*"))
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(nonce)) {
				return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
			}
		}
	}
	t.Fatalf("%s: no message with %q in the mailbox", server, nonce)
	return nil
}

func nonce(t *testing.T) string {
	return fmt.Sprintf("nonce-%d-%s", time.Now().UnixNano(), strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()))
}

// fixOffered is the corrected line that the program printed first.
func fixOffered(t *testing.T, output string) string {
	t.Helper()
	_, rest, ok := strings.Cut(output, "\n* fix: ")
	if !ok {
		t.Fatalf("no fix was offered:\n%s", output)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return line
}
