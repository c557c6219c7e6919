package trace

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// update rewrites the goldens; read the diff.
var update = flag.Bool("update", false, "rewrite testdata")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// player makes the events of a dialogue, a time apart.
type player struct {
	now    time.Time
	events []protocol.Event
	parser protocol.ReplyParser
}

func (p *player) at(after time.Duration) protocol.At {
	p.now = p.now.Add(after)
	return protocol.At{Time: p.now}
}

func (p *player) add(e protocol.Event) { p.events = append(p.events, e) }

// play adds a dialogue: "> " a command, ">> " an answer that is a secret, ">| "
// a line of content, ">. " the final dot, "< " a line of a reply, "? " advice
// on a line that is sent, "! " on one that is held. "+5ms" lets time pass.
func (p *player) play(dialogue string) {
	for line := range strings.Lines(dialogue) {
		mark, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		octets := []byte(text + "\r\n")
		switch mark {
		case "":
		case ">":
			p.add(protocol.Sent{At: p.at(time.Millisecond), Raw: octets, Secret: protocol.HasSecret(protocol.Parse(text))})
		case ">>":
			p.add(protocol.Sent{At: p.at(time.Millisecond), Kind: protocol.SentResponse, Raw: octets, Secret: true})
		case ">|":
			p.add(protocol.Sent{At: p.at(0), Kind: protocol.SentContent, Raw: octets})
		case ">.":
			p.add(protocol.Sent{At: p.at(0), Kind: protocol.SentContent, Raw: []byte(".\r\n"), Last: true})
		case "<":
			if _, r, ok := p.parser.Feed(octets); ok {
				p.add(protocol.Received{At: p.at(0), Reply: r})
			}
		case "?", "!":
			p.add(protocol.Advised{At: p.at(time.Second), Line: text, Diags: fold(p.events).Allows(protocol.Parse(text)), Held: mark == "!"})
		default:
			d, err := time.ParseDuration(mark[1:])
			if err != nil {
				panic(err)
			}
			p.at(d)
		}
	}
}

// sample is a session with something of everything.
func sample() []protocol.Event {
	p := &player{now: noon}
	p.add(protocol.Trying{At: p.at(0), Address: "[2001:db8::25]:25"})
	p.add(protocol.Missed{At: p.at(40 * time.Millisecond), Address: "[2001:db8::25]:25", Err: &Error{Kind: "refused", Text: "connection refused"}})
	p.add(protocol.Trying{At: p.at(0), Address: "192.0.2.25:25"})
	p.add(protocol.Opened{At: p.at(20 * time.Millisecond), Host: "example.org", Address: "192.0.2.25:25", Local: "192.0.2.7:51234"})
	p.play(`
		+30ms
		< 220 mx1.example.org ESMTP Postfix; hello 192.0.2.7
		+900ms
		! EHLO alice@example.net
		+2s
		> EHLO client.example.net
		+18ms
		< 250-mx1.example.org greets client.example.net [192.0.2.7]
		< 250-PIPELINING
		< 250-SIZE 52428800
		< 250-STARTTLS
		< 250-X-NEWS today | tomorrow
		< 250 HELP
		> STARTTLS
		+17ms
		< 220 2.0.0 go ahead`)
	p.add(protocol.Secured{At: p.at(55 * time.Millisecond), TLS: protocol.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768",
		Took: 52 * time.Millisecond, Name: "example.org", Lacks: []string{"the name does not match: asked for example.org, the certificate is for mx1.example.org"},
		Chain: []protocol.Certificate{
			{Subject: "CN=mx1.example.org,O=Example Mail,C=XX", Issuer: "CN=Test CA,O=Test,C=XX", Names: []string{"mx1.example.org", "*.example.org"}, NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(0, 2, 0),
				Key: "ECDSA P-256", Signature: "SHA256-RSA", SHA256: strings.Repeat("5a", 32), Raw: []byte{0x30, 0x80}},
			{Subject: "CN=Test CA,O=Test,C=XX", Issuer: "CN=Test CA,O=Test,C=XX", NotBefore: noon.AddDate(-3, 0, 0), NotAfter: noon.AddDate(7, 0, 0), Key: "RSA 2048", Signature: "SHA256-RSA", SHA256: strings.Repeat("c3", 32)},
		}}})
	p.play(`
		> EHLO client.example.net
		+16ms
		< 250-mx1.example.org
		< 250-PIPELINING
		< 250-SIZE 52428800
		< 250-AUTH PLAIN LOGIN
		< 250 HELP
		> AUTH PLAIN AGFsaWNlAHMzY3JldA==
		+120ms
		< 235 2.7.0 Authentication successful, alice
		? MAIL FROM: <alice@example.net>
		> MAIL FROM: <alice@example.net>
		+15ms
		< 250 2.1.0 Ok
		> RCPT TO:<bob@example.org>
		> RCPT TO:<nobody@example.org>
		+60ms
		< 250 2.1.5 Ok
		+4ms
		< 550-5.1.1 <nobody@example.org>: Recipient address rejected:
		< 550 5.1.1 User unknown in local recipient table; ask postmaster@example.org
		> DATA
		+14ms
		< 354 End data with <CR><LF>.<CR><LF>
		+3s
		>| From: Alice <alice@example.net>
		>| To: bob@example.org
		>| Subject: a ` + "```" + ` fence & <b>markup</b>
		>|
		>| Hello Bob, this is alice.
		>| ..and a dot
		>. .
		+410ms
		< 250 2.0.0 Ok: queued as 4ABC123
		> QUIT
		+12ms
		< 221 2.0.0 Bye`)
	p.add(protocol.Expected{At: p.at(0), Want: "250", Got: "221", Where: "test.smtp line 7"})
	p.add(protocol.Closed{At: p.at(time.Millisecond), By: protocol.ByPeer})
	return p.events
}

// means stands in for package know.
func means(r protocol.Reply, answers string) string {
	if r.Negative() {
		return "refused <for> good"
	}
	return "done"
}
