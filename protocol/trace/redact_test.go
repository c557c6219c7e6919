package trace

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"smtpsh/protocol"
)

func TestRedactGolden(t *testing.T) {
	golden(t, "redacted.md", record(t, "md", Options{Redact: []string{"addresses", "hosts"}}, sample()...))
}

func TestRedactText(t *testing.T) {
	for _, row := range []struct{ what, in, want string }{
		{"addresses,hosts", "alice@example.org and ALICE@Example.ORG, bob@mx.example.org", "user1@host1 and user1@host1, user2@host2"},
		{"addresses", "alice@example.org at example.org", "user1@host1 at example.org"},
		{"hosts", "alice@example.org at example.org and www.example.org.", "alice@host1 at host1 and host2."},
		{"addresses,hosts", "<\"a b\"@example.org> root@mx postmaster@example.org", "<user1@host1> user2@host2 postmaster@host1"},
		{"addresses,hosts", "rfc822;alice+40example.org alice%40example.org alice=40example.org 1=40x", "rfc822;user1+40host1 user1%40host1 user1=40host1 1=40x"},
		{"addresses,hosts", "a@[192.0.2.77] b@[IPv6:2001:db8:1::7]", "user1@[192.0.2.1] user2@[IPv6:2001:db8::1]"},
		{"hosts", "198.51.100.9:25 198.51.100.9 127.0.0.1 [2a01:4f8::2]:25 ::1 at 12:30:45 or a:b:c.example.org", "192.0.2.1:25 192.0.2.1 127.0.0.1 [2001:db8::1]:25 ::1 at 12:30:45 or a:b:host1"},
		{"hosts", "5.7.1 Postfix/3.9.1 v2.x ok 250.000 fe80::1%eth0 2a01::7.", "5.7.1 Postfix/3.9.1 v2.x ok 250.000 2001:db8::1%eth0 2001:db8::2."},
		{"hosts", "bücher.example *.example.org http://www.example.org/x", "host1 *.host2 http://host3/x"},
		{"addresses,hosts", "\xff alice@example.org \xfe", "\xff user1@host1 \xfe"},
		{"message", "alice@example.org", "alice@example.org"},
	} {
		r, err := NewRedactor(strings.Split(row.what, ",")...)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Events(protocol.Expected{Want: row.in})[0].(protocol.Expected).Want
		if got != row.want {
			t.Errorf("%s of %q:\ngot  %q\nwant %q", row.what, row.in, got, row.want)
		}
	}
	if _, err := NewRedactor("addresses", "names"); err == nil || err.Error() != `redact "names": one of addresses, hosts, message is wanted` {
		t.Errorf("%v", err)
	}
	if _, err := New("md", nil, Options{Redact: []string{"names"}}); err == nil {
		t.Error("a recorder redacts what nobody knows")
	}
}

// TestRedactCommands holds that what belongs to SMTP stays.
func TestRedactCommands(t *testing.T) {
	r, err := NewRedactor("addresses", "hosts")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ in, want string }{
		{"EHLO myhost", "EHLO host1"},
		{"MAIL FROM:<joe@myhost> SIZE=10 AUTH=joe+40myhost.net ENVID=x", "MAIL FROM:<user1@host1> SIZE=10 AUTH=user1+40host2 ENVID=x"},
		{"RCPT TO:<bob@example.org> ORCPT=rfc822;bob@example.org NOTIFY=NEVER", "RCPT TO:<user2@host3> ORCPT=rfc822;user2@host3 NOTIFY=NEVER"},
		{"vrfy carol", "vrfy user3"},
		{"XFOO carol and bob at myhost, example.org", "XFOO user3 and user2 at host1, host3"},
		{"MAIL FROM:<>", "MAIL FROM:<>"},
		{"VRFY mail", "VRFY mail"}, // a word of SMTP is nobody
	} {
		got := r.Events(protocol.Sent{Raw: []byte(row.in + "\r\n")})[0].(protocol.Sent)
		if string(got.Raw) != row.want+"\r\n" {
			t.Errorf("%q became %q, want %q", row.in, got.Raw, row.want)
		}
	}
}

func TestRedactEvents(t *testing.T) {
	r, err := NewRedactor("addresses", "hosts")
	if err != nil {
		t.Fatal(err)
	}
	one := func(e protocol.Event) protocol.Event {
		t.Helper()
		events := r.Events(e)
		if len(events) != 1 {
			t.Fatalf("%d events came of one", len(events))
		}
		return events[0]
	}
	one(protocol.Opened{Host: "relay", Address: "203.0.113.5:25"})
	if got := one(received(protocol.At{}, "220 box relay ESMTP\r\n")).(protocol.Received).Reply; string(got.Raw) != "220 host2 host1 ESMTP\r\n" || got.Lines[0] != "host2 host1 ESMTP" {
		t.Errorf("the banner became %q, %q", got.Raw, got.Lines)
	}
	masked := one(protocol.Sent{Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true}.Masked()).(protocol.Sent)
	if got := string(masked.Raw[masked.Mask.Start:masked.Mask.End]); got != "****" {
		t.Errorf("the mask is %q", got)
	}
	challenge := base64.StdEncoding.EncodeToString([]byte("<1896.6971@box.example.org>"))
	if got := one(received(protocol.At{}, "334 "+challenge+"\r\n")).(protocol.Received).Reply; ChallengeText(got) != `"<user1@host3>"` || string(got.Raw) != "334 "+got.Lines[0]+"\r\n" {
		t.Errorf("the challenge became %q", got.Raw)
	}
	if got := one(protocol.Sent{Kind: protocol.SentResponse, Raw: []byte("YWxpY2U=\r\n")}).(protocol.Sent); string(got.Raw) != "****\r\n" {
		t.Errorf("an answer became %q", got.Raw)
	}
	if got := one(protocol.Sent{Kind: protocol.SentChunk, Raw: []byte("alice@box")}).(protocol.Sent); got.Raw != nil || got.Size() != 9 {
		t.Errorf("a chunk became %+v", got)
	}
	closed := one(protocol.Closed{Err: &Error{Kind: "reset", Text: "read 203.0.113.5"}, Tail: []byte("250-relay\r\n25")}).(protocol.Closed)
	if closed.Err.Error() != "read 192.0.2.1" || kindOf(closed.Err) != "reset" || string(closed.Tail) != "250-host1\r\n25" {
		t.Errorf("the end became %v, %q", closed.Err, closed.Tail)
	}
	if noted := one(protocol.Noted{Text: "bob@relay it is"}).(protocol.Noted); noted.Text != "user2@host1 it is" {
		t.Errorf("a note became %+v", noted)
	}
	advised := one(protocol.Advised{Line: "RCPT TO: bob@relay", Diags: []protocol.Diag{{Start: 8, End: 9, Message: "bob@relay?", Fix: "RCPT TO:<bob@relay>", Then: []string{"RCPT TO:<c@relay>"}}}}).(protocol.Advised)
	if d := advised.Diags[0]; advised.Line != "RCPT TO: user2@host1" || d.Message != "user2@host1?" || d.Fix != "RCPT TO:<user2@host1>" || d.Then[0] != "RCPT TO:<user3@host1>" || d.End != len(advised.Line) {
		t.Errorf("advice became %+v", advised)
	}
}

// TestRedactProxy hides the names at both ends of a proxy.
func TestRedactProxy(t *testing.T) {
	r, err := NewRedactor("hosts")
	if err != nil {
		t.Fatal(err)
	}
	got := r.Events(protocol.Opened{Host: "relay", Address: "relay:25", Via: "socks5h://gate:1080"})[0].(protocol.Opened)
	if got.Host != "host1" || got.Address != "host1:25" || got.Via != "socks5h://host2:1080" {
		t.Errorf("a proxy became %+v", got)
	}
}

// TestRedactContent cuts a message in pieces in every way.
func TestRedactContent(t *testing.T) {
	const message = "From: alice@example.org\r\nTo: bob@example.org\r\n\r\nalice wrote\r\n.\r\n"
	const want = "From: user1@host1\r\nTo: user2@host1\r\n\r\nuser1 wrote\r\n.\r\n"
	for i := range len(message) {
		for j := i; j < len(message); j += 7 {
			r, err := NewRedactor("addresses", "hosts")
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for n, piece := range []string{message[:i], message[i:j], message[j:]} {
				for _, e := range r.Events(protocol.Sent{Kind: protocol.SentContent, Raw: []byte(piece), Last: n == 2}) {
					got += string(e.(protocol.Sent).Raw)
				}
			}
			if got != want {
				t.Fatalf("cut at %d and %d: %q", i, j, got)
			}
		}
	}
	r, _ := NewRedactor("addresses")
	r.Events(protocol.Sent{Kind: protocol.SentContent, Raw: []byte("To: bob@exam")})
	events := r.Events(protocol.Closed{})
	if len(events) != 2 || string(events[0].(protocol.Sent).Raw) != "user1@host1" {
		t.Errorf("what was held back came as %v", events)
	}
	r, _ = NewRedactor("message")
	if got := r.Events(protocol.Sent{Kind: protocol.SentContent, Raw: []byte("secret")})[0].(protocol.Sent); got.Raw != nil || got.Omitted != 6 {
		t.Errorf("a message became %+v", got)
	}
}

// TestRedactedRecords holds that no format tells a name of the session.
func TestRedactedRecords(t *testing.T) {
	names := regexp.MustCompile(`(?i)alice|bob|nobody|example\.(org|net)|Example Mail|192\.0\.2\.(25|7)\b|2001:db8::25|5a5a`)
	formats, _ := Formats()
	for _, name := range formats {
		if name == "pcapng" { // it refuses
			continue
		}
		text := record(t, name, Options{Redact: []string{"addresses", "hosts"}, Means: means}, sample()...)
		if found := names.FindString(text); found != "" {
			t.Errorf("%s tells %q", name, found)
		}
	}
	text := record(t, "txt", Options{Redact: []string{"message"}}, sample()...)
	if strings.Contains(text, "Hello") || !strings.Contains(text, "alice@example.net") {
		t.Errorf("without the message:\n%s", text)
	}
}

// FuzzRedact holds that what is redacted folds to the same state of affairs,
// and that no name that a session used is left in it.
func FuzzRedact(f *testing.F) {
	f.Add("alice", "example.org", "250 ok alice@example.org at example.org")
	f.Add("a", "b", "421 a@b\xff::1 [::ffff:1.2.3.4]")
	f.Fuzz(func(t *testing.T, local, domain, reply string) {
		r, err := NewRedactor("addresses", "hosts")
		if err != nil {
			t.Fatal(err)
		}
		plain, told := protocol.Session{}, protocol.Session{}
		for _, e := range []protocol.Event{protocol.Opened{Host: domain}, received(protocol.At{}, reply+"\r\n250 "+reply+"\r\n"), protocol.Sent{Raw: []byte("MAIL FROM:<" + local + "@" + domain + ">\r\n")},
			received(protocol.At{}, "250 <"+local+"@"+domain+"> "+reply+"\r\n")} {
			plain = plain.After(e)
			for _, e := range r.Events(e) {
				told = told.After(e)
				if sent, ok := e.(protocol.Sent); ok && len(local) > 12 && len(domain) > 12 && strings.Trim(local+domain, "abcdefghijklmnopqrstuvwxyz") == "" {
					if text := string(sent.Raw); strings.Contains(text, local) || strings.Contains(text, domain) {
						t.Fatalf("%q tells a name", text)
					}
				}
			}
			if plain.Mode() != told.Mode() || plain.Stage() != told.Stage() || plain.Awaiting() != told.Awaiting() || plain.LastCode() != told.LastCode() {
				t.Fatalf("%v gives another session", e)
			}
		}
	})
}
