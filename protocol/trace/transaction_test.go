package trace

import (
	"bytes"
	"errors"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// played is the last transaction of a dialogue: "> " is a command, "= " a line
// of content, "." the end of it, "+ " a chunk, "< " a reply.
func played(dialogue string) (Transaction, bool) {
	var latest Latest
	var s protocol.Session
	for line := range strings.Lines(strings.TrimSpace(dialogue) + "\n") {
		mark, text := line[0], strings.TrimPrefix(line[1:], " ")
		text = strings.ReplaceAll(text, "\n", "\r\n")
		var e protocol.Event
		switch mark {
		case '*':
			e = protocol.Opened{Host: "mx.example", Address: "192.0.2.1:25", LMTP: strings.Contains(text, "lmtp")}
			if strings.Contains(text, "via") {
				e = protocol.Opened{Host: "mx.example", Address: "192.0.2.1:25", Via: "socks5://proxy.example"}
			}
		case 'P':
			e = protocol.Sent{Kind: protocol.SentPreamble, Raw: []byte(text), Auto: true}
		case 'T':
			e = protocol.Secured{TLS: protocol.TLS{Name: "mx.example", Lacks: []string{"trust"}}}
		case '>':
			e = protocol.Sent{Raw: []byte(text)}
		case '=':
			e = protocol.Sent{Kind: protocol.SentContent, Raw: []byte(text)}
		case '.':
			e = protocol.Sent{Kind: protocol.SentContent, Raw: []byte(".\r\n"), Last: true}
		case '+':
			e = protocol.Sent{Kind: protocol.SentChunk, Raw: []byte(text)}
		case '<':
			var p protocol.ReplyParser
			_, reply, _ := p.Feed([]byte(text))
			e = protocol.Received{Reply: reply}
		case '!':
			e = protocol.Closed{}
		}
		before := s
		s = s.After(e)
		latest.Event(before, s, e)
	}
	return latest.Transaction()
}

func TestLastTransaction(t *testing.T) {
	link := Transaction{Host: "mx.example", Port: "25", Greeting: "EHLO me"}
	with := func(change func(*Transaction)) Transaction {
		t := link
		change(&t)
		return t
	}
	const begin = "*\n< 220 mx\n> EHLO me\n< 250 mx\n"
	const one = begin + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> RCPT TO:<x@d>\n< 550 no\n> DATA\n< 354 go\n= one\n= ..two\n.\n< 250 ok\n"
	whole := with(func(t *Transaction) {
		t.Mail, t.Rcpts, t.Verb, t.Whole, t.Message = "MAIL FROM:<a@b>", []Rcpt{{"RCPT TO:<c@d>", false}, {"RCPT TO:<x@d>", true}}, "DATA", true, []byte("one\r\n.two\r\n")
	})
	rows := []struct {
		name, dialogue string
		want           Transaction
	}{
		{"a message", one, whole},
		{"nothing behind it", one + "> RSET\n< 250 ok\n> NOOP\n< 250 ok\n> QUIT\n< 221 bye\n!", whole},
		{"a second one that is refused is none that is open", one + "> MAIL FROM:<z@b>\n< 550 no\n> RCPT TO:<c@d>\n< 503 no",
			with(func(t *Transaction) { t.Mail = "MAIL FROM:<z@b>" })},
		{"MAIL within one", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> MAIL FROM:<z@b>\n< 503 no", with(func(t *Transaction) { t.Mail = "MAIL FROM:<a@b>" })},
		{"pipelined", begin + "> MAIL FROM:<a@b>\n> RCPT TO:<x@d>\n> RCPT TO:<c@d>\n> DATA\n< 250 ok\n< 550 no\n< 250 ok\n< 354 go\n= hi",
			with(func(t *Transaction) {
				t.Mail, t.Rcpts, t.Verb, t.Message = "MAIL FROM:<a@b>", []Rcpt{{"RCPT TO:<x@d>", true}, {"RCPT TO:<c@d>", false}}, "DATA", []byte("hi\r\n")
			})},
		{"MAIL within one that is taken", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<x@d>\n< 250 ok\n> MAIL FROM:<z@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok",
			with(func(t *Transaction) { t.Mail, t.Rcpts = "MAIL FROM:<z@b>", []Rcpt{{"RCPT TO:<c@d>", false}} })},
		{"MAIL within one, and a message", strings.Replace(one, "> RCPT TO:<x@d>", "> MAIL FROM:<z@b>\n< 503 no\n> RCPT TO:<x@d>", 1), whole},
		{"DATA behind the message", one + "> DATA\n< 503 no", whole},
		{"RCPT before it", begin + "> RCPT TO:<y@d>\n> MAIL FROM:<a@b>\n> RCPT TO:<c@d>\n> RCPT TO:<x@d>\n< 503 no\n< 250 ok\n< 250 ok\n< 550 no",
			with(func(t *Transaction) {
				t.Mail, t.Rcpts = "MAIL FROM:<a@b>", []Rcpt{{"RCPT TO:<c@d>", false}, {"RCPT TO:<x@d>", true}}
			})},
		{"DATA before it, and a first MAIL that is refused late", begin + "> DATA\n< 503 no\n> MAIL FROM:<a@b>\n> RSET\n> MAIL FROM:<z@b>\n< 550 no\n< 250 ok\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok",
			with(func(t *Transaction) { t.Mail, t.Rcpts = "MAIL FROM:<z@b>", []Rcpt{{"RCPT TO:<c@d>", false}} })},
		{"DATA between chunks", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> BDAT 4\n+ ab\n< 250 ok\n> DATA\n< 503 no",
			with(func(t *Transaction) { t.Mail, t.Verb, t.Message = "MAIL FROM:<a@b>", "BDAT", []byte("ab\r\n") })},
		{"the next MAIL pipelined behind the last chunk", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> BDAT 4 LAST\n+ ab\n> MAIL FROM:<z@b>\n> BDAT 8\n+ cd\n< 250 ok\n< 250 ok\n+ ef\n< 250 ok",
			with(func(t *Transaction) { t.Mail, t.Verb, t.Message = "MAIL FROM:<z@b>", "BDAT", []byte("cd\r\nef\r\n") })},
		{"STARTTLS within one", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> STARTTLS\n< 220 go\nT\n> RCPT TO:<c@d>\n< 503 no\n> HELO me\n< 250 mx", with(func(t *Transaction) { t.Mail = "MAIL FROM:<a@b>" })},
		{"DATA that is refused", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> DATA\n< 503 no", with(func(t *Transaction) { t.Mail = "MAIL FROM:<a@b>" })},
		{"chunks", begin + "> MAIL FROM:<a@b>\n< 250 ok\n> BDAT 4\n+ ab\n< 250 ok\n> BDAT 4 LAST\n+ .c\n< 250 ok\n> BDAT 2 LAST\n+ x\n< 503 no",
			with(func(t *Transaction) {
				t.Mail, t.Verb, t.Whole, t.Message = "MAIL FROM:<a@b>", "BDAT", true, []byte("ab\r\n.c\r\n")
			})},
		{"a login", begin + "> AUTH plain ****\n< 235 ok\n> MAIL FROM:<a@b>\n< 250 ok", with(func(t *Transaction) { t.Mechanism, t.Mail = "PLAIN", "MAIL FROM:<a@b>" })},
		{"a login that failed", begin + "> AUTH LOGIN\n< 535 no\n> MAIL FROM:<a@b>\n< 250 ok", with(func(t *Transaction) { t.LoginLost, t.Mail = "LOGIN", "MAIL FROM:<a@b>" })},
		{"a proxy, on the second of two connections", one + "> QUIT\n< 221 bye\n!\n* via\nP PROXY UNKNOWN\n< 220 mx\n> EHLO me\n< 250 mx\n> MAIL FROM:<>\n< 250 ok",
			with(func(t *Transaction) { t.Via, t.Preamble, t.Mail = "socks5://proxy.example", true, "MAIL FROM:<>" })},
		{"a proxy on the first", "* via\nP PROXY UNKNOWN\n< 220 mx\n!\n" + begin + "> MAIL FROM:<>\n< 250 ok", with(func(t *Transaction) { t.Mail = "MAIL FROM:<>" })},
		{"STARTTLS", begin + "> STARTTLS\n< 220 go\nT\n> HELO me\n< 250 mx\n> MAIL FROM:<>\n< 250 ok",
			with(func(t *Transaction) {
				t.Security, t.TLSName, t.Greeting, t.Mail = ByStartTLS, "mx.example", "HELO me", "MAIL FROM:<>"
			})},
		{"TLS from the start", "* lmtp\nT\n< 220 mx\n> LHLO me\n< 250 mx\n> MAIL FROM:<>\n< 250 ok",
			with(func(t *Transaction) {
				t.Security, t.TLSName, t.LMTP, t.Greeting, t.Mail = FromStart, "mx.example", true, "LHLO me", "MAIL FROM:<>"
			})},
	}
	for _, row := range rows {
		if got, ok := played(row.dialogue); !ok || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %t\n%+v\nwant\n%+v", row.name, ok, got, row.want)
		}
	}
	for _, none := range []string{"> RCPT TO:<c@d>\n< 503 no", "> DATA\n< 503 no", "> BDAT 4 LAST\n+ ab\n< 503 no"} {
		if _, ok := played(begin + none); ok {
			t.Errorf("%q: a transaction without MAIL", none)
		}
	}
}

// TestLastTransactionOfAnything takes sessions of any events: a record may have
// been written by hand.
func TestLastTransactionOfAnything(t *testing.T) {
	for seed := range uint64(200) {
		var latest Latest
		var s protocol.Session
		mails := 0
		for _, e := range seeded(seed).events(60) {
			before := s
			s = s.After(e)
			latest.Event(before, s, e)
			if sent, ok := e.(protocol.Sent); ok && sent.Kind == protocol.SentCommand && protocol.Parse(string(bytes.TrimRight(sent.Raw, "\r\n"))).Is("MAIL") {
				mails++
			}
		}
		if _, ok := latest.Transaction(); ok != (mails > 0) {
			t.Errorf("seed %d: %d MAIL, and there is a transaction: %t", seed, mails, ok)
		}
	}
}

// TestStuffing takes the dots off that it put on.
func TestStuffing(t *testing.T) {
	for message, content := range map[string]string{
		"": ".\r\n", "a\r\n": "a\r\n.\r\n", "a": "a\r\n.\r\n", ".\r\n": "..\r\n.\r\n", "a\r\n.b\r\n..c\r\n": "a\r\n..b\r\n...c\r\n.\r\n", "a\n.b\r\n": "a\n.b\r\n.\r\n",
	} {
		got := stuffed([]byte(message))
		if string(got) != content {
			t.Errorf("%q stuffed is %q", message, got)
		}
		back := unstuffed(bytes.TrimSuffix(got, []byte(".\r\n")))
		if string(back) != message && string(back) != message+"\r\n" {
			t.Errorf("%q came back as %q", message, back)
		}
	}
}

// TestShellWords has the shell read back what was written for it, and do
// nothing else.
func TestShellWords(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	words := []string{"", "a@b", "o'brien", "$(touch x)", "`id`", "a b", "-n", "~", "*", "!x", "\\", "\"", "é", "\xff\xfe", "a\x1b[31m", "tab\there", "%s%n", "\u202e", "#x", "a;b|c&d", "$HOME", "''"}
	var script strings.Builder
	for _, word := range words {
		script.WriteString("printf '%s\\0' " + ShellWord(word) + "\n")
	}
	out, err := exec.Command(sh, "-c", script.String()).CombinedOutput()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !reflect.DeepEqual(got, words) {
		t.Errorf("%v: %q", err, got)
	}
	var all [512]byte
	for i := range all {
		all[i] = byte(i)
	}
	r := seeded(7)
	for i := range 40 {
		octets := all[:]
		if i > 0 {
			octets = append(append(r.octets(), "\r\n"...), r.octets()...)
		}
		out, err := exec.Command(sh, "-c", "{\n"+shellPrint(octets)+"}").CombinedOutput()
		if len(octets) > 0 && (err != nil || !bytes.Equal(out, octets)) {
			t.Fatalf("%v: %q came out as %q, by %s", err, octets, out, shellPrint(octets))
		}
	}
}

// TestAs is about what each tool cannot do, and about what is in no script.
func TestAs(t *testing.T) {
	base := Transaction{Host: "mx.example", Port: "25", Greeting: "EHLO me", Mail: "MAIL FROM:<a@b>", Rcpts: []Rcpt{{"RCPT TO:<c@d>", false}}, Verb: "DATA", Whole: true, Message: []byte("hi\r\n")}
	with := func(change func(*Transaction)) Transaction {
		t := base
		change(&t)
		return t
	}
	rows := []struct {
		name  string
		t     Transaction
		tools string // "" for all
		want  string // in the text, or in the error
	}{
		{"HELO", with(func(t *Transaction) { t.Greeting = "HELO me" }), "curl", "The session said HELO; curl says EHLO."},
		{"HELO", with(func(t *Transaction) { t.Greeting = "HELO me" }), "swaks", "--protocol SMTP"},
		{"LMTP", with(func(t *Transaction) { t.LMTP = true }), "curl", "it does not speak LMTP"},
		{"LMTP", with(func(t *Transaction) { t.LMTP = true }), "python", "smtplib.LMTP"},
		{"LMTP", with(func(t *Transaction) { t.LMTP = true }), "go", "for range taken"},
		{"parameters", with(func(t *Transaction) {
			t.Mail += " BODY=8BITMIME SIZE=9"
			t.Rcpts = []Rcpt{{"RCPT TO:<c@d> NOTIFY=NEVER", false}}
		}), "swaks curl", "cannot give these parameters: BODY=8BITMIME SIZE=9, NOTIFY=NEVER."},
		{"BDAT", with(func(t *Transaction) { t.Verb = "BDAT" }), "swaks curl", "sends it with DATA."},
		{"BDAT", with(func(t *Transaction) { t.Verb = "BDAT" }), "openssl telnet python go", "BDAT 4 LAST"},
		{"a login it lacks", with(func(t *Transaction) { t.Mechanism = "SCRAM-SHA-512" }), "", "cannot log in by SCRAM-SHA-512, so there is no login here."},
		{"a login", with(func(t *Transaction) { t.Mechanism = "PLAIN" }), "", "SMTP_PASSWORD"},
		{"a failed login", with(func(t *Transaction) { t.LoginLost = "PLAIN" }), "", "The login by PLAIN failed in the session, and is left out."},
		{"no message", with(func(t *Transaction) { t.Verb = "" }), "curl", "it cannot end before the message"},
		{"no message", with(func(t *Transaction) { t.Verb = "" }), "swaks", "--quit-after RCPT"},
		{"no message", with(func(t *Transaction) { t.Verb = "" }), "openssl telnet python go", "this ends before it."},
		{"half a message", with(func(t *Transaction) { t.Whole = false }), "", "The message was not completed"},
		{"counted", with(func(t *Transaction) { t.Omitted = 7 }), "", "7 octets of the message were not recorded"},
		{"refused", with(func(t *Transaction) { t.Rcpts = append([]Rcpt{{"RCPT TO:<x@d>", true}}, t.Rcpts...) }), "", "Refused in the session: <x@d>."},
		{"in clear", base, "openssl", "this says STARTTLS first."},
		{"under TLS", with(func(t *Transaction) { t.Security = ByStartTLS }), "telnet", "it does not speak TLS"},
		{"not verified", with(func(t *Transaction) { t.Security = FromStart }), "swaks curl openssl python go", "was not verified"},
		{"verified", with(func(t *Transaction) { t.Security, t.Verified, t.TLSName = FromStart, true, "mx.example" }), "openssl", "-verify_return_error -verify_hostname mx.example"},
		{"through a proxy", with(func(t *Transaction) { t.Via = "socks5://proxy.example:1080" }), "", "The session went through socks5://proxy.example:1080; this connects without a proxy."},
		{"behind one", with(func(t *Transaction) { t.Preamble = true }), "", "began with a header of the PROXY protocol"},
		{"a comma", with(func(t *Transaction) { t.Mail = `MAIL FROM:<"a,b"@c>` }), "swaks", "would part two recipients"},
		{"a port that is none", with(func(t *Transaction) { t.Port = "25)\nevil(" }), "", "with no host of a network"},
		{"no host", with(func(t *Transaction) { t.Host = "" }), "", "with no host of a network"},
	}
	names, _ := Tools()
	for _, row := range rows {
		for _, name := range names {
			if row.tools != "" && !strings.Contains(" "+row.tools+" ", " "+name+" ") {
				continue
			}
			text, err := As(name, row.t)
			if err != nil {
				text += err.Error()
			}
			if !strings.Contains(text, row.want) {
				t.Errorf("%s with %s: no %q in\n%s", row.name, name, row.want, text)
			}
		}
	}
	if _, err := As("pigeon", base); err == nil || !strings.Contains(err.Error(), `no tool "pigeon": one of swaks, `) {
		t.Errorf("%v", err)
	}
	for _, host := range []string{"mx\nrm -rf x\n.example", "-n/tmp/x", "coding=raw_unicode_escape", "coding:utf-7", "fe80::1%coding=utf-7", "a b", "*", "mx\u202e"} {
		for _, name := range names {
			if text, err := As(name, with(func(t *Transaction) { t.Host = host })); !errors.Is(err, ErrNotWith) {
				t.Errorf("%s takes %q for a host: %v\n%s", name, host, err, text)
			}
		}
	}
	for _, host := range []string{"mx_1.example.", "b\u00fccher.example", "192.0.2.1", "2001:db8::1", "fe80::1%eth0"} {
		if _, err := As("python", with(func(t *Transaction) { t.Host = host })); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}
