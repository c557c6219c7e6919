package shell

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/protocol/sasl"
	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

func TestParseTarget(t *testing.T) {
	rows := []struct {
		words []string
		want  string // host and port, or "" for an error
	}{
		{[]string{"mail.example.org"}, "mail.example.org 25"},
		{[]string{"mail.example.org:587"}, "mail.example.org 587"},
		{[]string{"mail.example.org", "587"}, "mail.example.org 587"},
		{[]string{"192.0.2.1"}, "192.0.2.1 25"},
		{[]string{"192.0.2.1:2525"}, "192.0.2.1 2525"},
		{[]string{"2001:db8::1"}, "2001:db8::1 25"},
		{[]string{"[2001:db8::1]"}, "2001:db8::1 25"},
		{[]string{"[2001:db8::1]:587"}, "2001:db8::1 587"},
		{[]string{"2001:db8::1", "587"}, "2001:db8::1 587"},
		{[]string{"smtp://mail.example.org"}, "mail.example.org 25"},
		{[]string{"SMTP://mail.example.org:587/"}, "mail.example.org 587"},
		{[]string{"smtp://[2001:db8::1]:587"}, "2001:db8::1 587"},
		{[]string{}, ""},
		{[]string{""}, ""},
		{[]string{":25"}, ""},
		{[]string{"a", "b", "c"}, ""},
		{[]string{"host:0"}, ""},
		{[]string{"host:65536"}, ""},
		{[]string{"host:x:y"}, ""},
		{[]string{"host:"}, ""},
		{[]string{"me@example.org"}, ""},
		{[]string{"-4"}, ""},
		{[]string{"unix:"}, ""},
		{[]string{"pipe:", ""}, ""},
		{[]string{"[::1"}, ""},
		{[]string{"http://example.org"}, ""},
		{[]string{"smtp://user@example.org"}, ""},
		{[]string{"smtp://example.org/path"}, ""},
	}
	for _, row := range rows {
		got, err := ParseTarget(row.words...)
		text := got.Host + " " + got.Port
		if err != nil {
			text = ""
		}
		if text != row.want {
			t.Errorf("ParseTarget(%q) = %q, %v; want %q", row.words, text, err, row.want)
		}
	}
}

func TestForHistory(t *testing.T) {
	for in, want := range map[string]string{
		"AUTH PLAIN c2VjcmV0": "AUTH PLAIN", "auth login  am9l ": "auth login", "AUTH PLAIN": "AUTH PLAIN",
		"MAIL FROM:<a@b> AUTH=<>": "MAIL FROM:<a@b> AUTH=<>", "NOOP x": "NOOP x",
		"!AUTH PLAIN c2VjcmV0": "!AUTH PLAIN", "AUHT PLAIN c2VjcmV0": "AUHT PLAIN", "c2VjcmV0": "", "!c2VjcmV0": "", "PASS: x": "PASS",
		":b64 secret": "", ":b6 secret": "", ":B64 x": "", ":password secret": "", ":passwd=secret": "", ":password": ":password",
		":auth": ":auth", ":auth PLAIN": ":auth PLAIN", ":auth PLAIN joe": ":auth PLAIN joe", ":auth joe": ":auth joe",
		":auth PLAIN joe secret": ":auth PLAIN joe", ":auth --insecure --initial LOGIN joe secret word": ":auth --insecure --initial LOGIN joe",
		":auth joe secret": ":auth joe", ":login PLAIN joe secret": ":login PLAIN joe", ":auth --password=x": "",
		":set auth-password secret": ":set auth-password", ":set auth-password=secret": ":set auth-password", ":set auth-password-file x": ":set auth-password-file x",
		":set show-secrets on": ":set show-secrets on", ":let PASSWORD secret": ":let PASSWORD", ":let NAME x": ":let NAME x",
		":open smtp://joe:secret@host": ":open smtp://joe", ":open smtp://host:25": ":open smtp://host:25", ":open smtp://joe@host": ":open smtp://joe@host",
		"smtp://joe:secret@host": "smtp://joe", ":": ":", ":nonsense x": ":nonsense x",
	} {
		if got := forHistory(in); got != want {
			t.Errorf("forHistory(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFindLocal(t *testing.T) {
	for in, want := range map[string]string{":open": ":open", ":OPEN": ":open", ":recon": ":reconnect", ":opne": "?:open", ":h": "?:history, :help", ":exit": "?:quit", ":zzz": "?", ":": "?"} {
		l, near := findLocal(in)
		got := "?" + near
		if l != nil {
			got = l.Name
		}
		if got != want {
			t.Errorf("findLocal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLocalsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range Locals() {
		if l.Name[0] != ':' || l.Summary == "" || !slices.Contains(groups, l.Group) || l.Detail == "" || l.run == nil || seen[l.Name] {
			t.Errorf("%s is not whole, or stands twice", l.Name)
		}
		seen[l.Name] = true
	}
}

// TestExposed holds a password back that others could read, or that may go to
// anybody.
func TestExposed(t *testing.T) {
	at := func(address string, handshakes ...protocol.TLS) protocol.Session {
		s := protocol.Session{}.After(protocol.Opened{Address: address})
		for _, h := range handshakes {
			s = s.After(protocol.Secured{TLS: h})
		}
		return s
	}
	const far = "192.0.2.1:25"
	verified, unverified, unchecked := protocol.TLS{}, protocol.TLS{Lacks: []string{"expired"}}, protocol.TLS{Lax: true}
	rows := []struct {
		session protocol.Session
		line    string
		trusted bool
		want    string
	}{
		{at(far), "AUTH PLAIN", false, "secret-in-clear"},
		{at(far), "AUTH PLAIN", true, "secret-in-clear"},
		{at(far), "auth login am9l", false, "secret-in-clear"},
		{at(far), "AUTH XOAUTH2", false, "secret-in-clear"},
		{at(far), "AUTH CRAM-MD5", false, "secret-guessable"},
		{at(far), "AUTH SCRAM-SHA-256", false, "secret-guessable"},
		{at(far), "AUTH EXTERNAL =", false, ""},
		{at(far), "AUTH NOSUCH", false, ""},
		{at(far), "AUTH NOSUCH c2VjcmV0", false, "secret-in-clear"},
		{at(far), "AUTH FOO-PLAIN c2VjcmV0", false, "secret-in-clear"},
		{at(far), "AUTH FOO-PLAIN =", false, ""},
		{at(far), "AUHT LOGIN c2VjcmV0", false, "secret-in-clear"},
		{at(far, unverified), "AUTHPLAIN c2VjcmV0", false, "secret-unverified"},
		{at(far, verified), "AUTH NOSUCH c2VjcmV0", false, ""},
		{at(far), "AUTH\tPLAIN\tc2VjcmV0", false, "secret-in-clear"},
		{at(far, verified), "AUTH PLAIN", false, ""},
		{at(far, verified), "AUTH CRAM-MD5", false, ""},
		{at(far, unverified), "AUTH PLAIN", false, "secret-unverified"},
		{at(far, unchecked), "AUTH LOGIN", false, "secret-unverified"},
		{at(far, unverified), "AUTH PLAIN", true, ""},
		{at(far, unverified), "AUTH SCRAM-SHA-1", false, "secret-for-anybody"},
		{at(far, unchecked), "AUTH CRAM-MD5", false, "secret-for-anybody"},
		{at(far, unverified), "AUTH CRAM-MD5", true, ""},
		{at(far, unverified), "AUTH SCRAM-SHA-1-PLUS", false, ""},
		{at("127.0.0.1:25"), "AUTH PLAIN", false, ""},
		{at("[::1]:25"), "AUTH PLAIN", false, ""},
		{at("").After(protocol.Opened{Address: "127.0.0.1:25", Via: "socks5h://192.0.2.9:1080"}), "AUTH PLAIN", false, "secret-in-clear"},
		{at(far), "NOOP", false, ""},
	}
	for _, row := range rows {
		d, _ := exposedBy(row.session, protocol.Parse(row.line), row.trusted)
		if d.ID != row.want {
			t.Errorf("%q at %s: %q, want %q", row.line, row.session.Address(), d.ID, row.want)
		}
	}
}

// TestExposedIsHeldByPolicy holds a password back whatever the check is set to,
// which is about the grammar.
func TestExposedIsHeldByPolicy(t *testing.T) {
	for _, policy := range []Policy{Hold, Warn, Off} {
		var out strings.Builder
		text := view.NewText(&out)
		sh := New(Config{Source: term.NewReader(strings.NewReader(""), io.Discard), Show: text, Out: text, Check: policy})
		sh.hub.emit(protocol.Opened{Address: "192.0.2.1:25"})
		sh.hub.emit(reply("220 hi\r\n"))
		s := sh.hub.Session()
		if _, held := sh.judged(s, protocol.Parse("AUTH PLAIN AHUAcA==")); !held || !strings.Contains(out.String(), "secret-in-clear") {
			t.Errorf("%v: held %v\n%s", policy, held, out.String())
		}
		if _, held := sh.judged(s, protocol.Parse("AUTH CRAM-MD5")); held {
			t.Errorf("%v: CRAM-MD5 is held", policy)
		}
		if _, held := sh.judged(s, protocol.Parse("mail from joe")); held != (policy == Hold) {
			t.Errorf("%v: a line against the grammar is held: %v", policy, held)
		}
	}
}

// TestAdviseOnEveryFailure has something to try for each kind of failure.
func TestAdviseOnEveryFailure(t *testing.T) {
	for kind := wire.Unresolvable; kind <= wire.Cancelled; kind++ {
		for _, port := range []string{"25", "2525"} {
			if advise(Target{Host: "h", Port: port}, &wire.DialError{Kind: kind}) == "" {
				t.Errorf("nothing to try after %v", kind)
			}
		}
	}
}

// panicking is a Renderer with a fault.
type panicking struct{}

func (panicking) Event(_, _ protocol.Session, _ protocol.Event) { panic("fault") }

// TestPanicRestores has the terminal put right before a panic goes on.
func TestPanicRestores(t *testing.T) {
	h := newHub("", panicking{})
	restored := false
	h.panicked = func() { restored = true }
	defer func() {
		if p := recover(); p != "fault" || !restored {
			t.Errorf("recovered %v, restored %v", p, restored)
		}
	}()
	h.emit(protocol.Opened{})
}

func TestExplainKnowsEveryTable(t *testing.T) {
	var topics []string
	for i := range protocol.Verbs {
		topics = append(topics, protocol.Verbs[i].Name)
	}
	for i := range protocol.Params {
		topics = append(topics, protocol.Params[i].Name)
	}
	for i := range protocol.AdviceTable {
		topics = append(topics, protocol.AdviceTable[i].ID)
	}
	for i := range protocol.Anomalies {
		topics = append(topics, protocol.Anomalies[i].ID)
	}
	for i := range protocol.ExtensionTable {
		topics = append(topics, protocol.ExtensionTable[i].Keyword)
	}
	for i := range message.RuleTable {
		topics = append(topics, message.RuleTable[i].ID)
	}
	for i := range sasl.Mechanisms {
		topics = append(topics, strings.ToLower(sasl.Mechanisms[i].Name))
	}
	for _, topic := range append(topics, "550", "5.7.1", "250", "5", "5.7", "2.1", "greeting", "message", "5.7.31", "5.9.1", "5.9") {
		if rows, ok := Explain([]string{topic}); !ok || len(rows) < 2 {
			t.Errorf("Explain(%s) has %d rows", topic, len(rows))
		}
	}
	for _, topic := range []string{"nonsense", "6", "1", "3.7", "5.1000", "5.-1", "5.", "5.x", "5.7.", "55", "5500", "", "-5"} {
		if rows, ok := Explain([]string{"550", topic}); ok {
			t.Errorf("%q was explained: %v", topic, rows)
		}
	}
}

// TestKeyLogEnds closes the file of a key log with the connection that it was
// opened for, and not that of another.
func TestKeyLogEnds(t *testing.T) {
	sh := New(Config{Source: term.NewReader(strings.NewReader(""), io.Discard), Show: view.Tee{}, Out: unseen{}})
	sh.tls.keys.name = filepath.Join(t.TempDir(), "keys")
	if err := sh.tls.keys.open(); err != nil {
		t.Fatal(err)
	}
	file := sh.tls.keys.file
	sh.sibling().shutDown()
	if _, err := file.WriteString("# still there\n"); err != nil {
		t.Error(err)
	}
	sh.shutDown()
	if err := file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file was left open: %v", err)
	}
}

// TestLedgerEnds keeps no replies behind a message that cannot be opened.
func TestLedgerEnds(t *testing.T) {
	sh := slowly(t, "0s 220 hi")
	s := &sending{sh: sh, e: &Errand{}, l: letter{content: content{open: func() (io.ReadCloser, error) { return nil, os.ErrNotExist }}}}
	if s.dot(t.Context()) || sh.hub.ledgered || sh.message.open {
		t.Errorf("ledgered %v, in a message %v", sh.hub.ledgered, sh.message.open)
	}
}

// TestSubject lists a message by its Subject, or its first line, and takes no
// copy of it for that.
func TestSubject(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "\r\nSubject: text": "", "From: a\r\nSUBJECT:  x \r\n\r\nSubject: y": "x",
		"one\r\ntwo\r\n\r\nSubject: text": "one", "one": "one", "Subject:": "Subject:", "\r\n": "",
	} {
		if got := subject([]byte(in)); got != want {
			t.Errorf("subject(%q) = %q, want %q", in, got, want)
		}
	}
	long := []byte("From: a\r\nSubject: x\r\n\r\n" + strings.Repeat("text\r\n", 1<<16))
	if n := testing.AllocsPerRun(10, func() { _ = subject(long) }); n > 1 { // what it returns
		t.Errorf("%v allocations", n)
	}
}
