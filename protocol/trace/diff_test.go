package trace

import (
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// spoken is the events of a dialogue: "> " a command, "< " a reply of one line
// or, with " / ", of more, "T" a handshake, "=" a message, "+" a chunk, "!" the
// end. A host that begins with "lmtp" is spoken to in LMTP.
func spoken(dialogue string) []protocol.Event {
	at := noon
	var events []protocol.Event
	for _, line := range strings.Split(dialogue, "\n") {
		at = at.Add(time.Second)
		when := protocol.At{Time: at}
		text := strings.TrimSpace(line[1:])
		switch line[0] {
		case '*':
			events = append(events, protocol.Opened{At: when, Host: text, Address: "192.0.2.1:25", LMTP: strings.HasPrefix(text, "lmtp")})
		case '>':
			events = append(events, protocol.Sent{At: when, Raw: []byte(text + "\r\n"), Secret: strings.HasPrefix(text, "AUTH")})
		case '=':
			events = append(events, protocol.Sent{At: when, Kind: protocol.SentContent, Raw: []byte(text + "\r\n.\r\n"), Last: true})
		case '+':
			events = append(events, protocol.Sent{At: when, Kind: protocol.SentChunk, Raw: []byte(text)})
		case 'T':
			events = append(events, protocol.Secured{At: when, TLS: protocol.TLS{Version: text, Took: time.Second}})
		case '!':
			events = append(events, protocol.Closed{At: when, By: protocol.ByPeer})
		case '<':
			var p protocol.ReplyParser
			lines := strings.Split(text, " / ")
			raw := ""
			for i, l := range lines {
				if i < len(lines)-1 {
					l = l[:3] + "-" + l[4:]
				}
				raw += l + "\r\n"
			}
			_, reply, _ := p.Feed([]byte(raw))
			events = append(events, protocol.Received{At: when, Reply: reply})
		}
	}
	return events
}

// told is what a comparison comes to: what is not alike, with its mark.
func told(contrasts []Contrast) string {
	var all []string
	for _, c := range contrasts {
		if c.Kind != Alike {
			all = append(all, [...]string{InWords: "~", Different: "!"}[c.Kind]+" "+c.What+": "+c.A+" | "+c.B)
		}
	}
	return strings.Join(all, "\n")
}

func TestCompare(t *testing.T) {
	const one = "* mx1.example\n< 220 mx1.example ESMTP\n> EHLO me\n< 250 mx1.example hello / 250 SIZE 100 / 250 HELP\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 2.1.5 ok\n> DATA\n< 354 go\n= hi\n< 250 ok: queued as 7AB\n> QUIT\n< 221 bye\n!"
	const chunks = "* lmtp\n< 220 mx\n> LHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n> RCPT TO:<x@d>\n< 250 ok"
	const piped = "* lmtp\n< 220 mx\n> LHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n> RCPT TO:<x@d>\n> BDAT 5 LAST\n+ hello\n> QUIT"
	rows := []struct{ name, a, b, want string }{
		{"the same", one, one, ""},
		{"another name and number", one, strings.NewReplacer("mx1", "mx2", "7AB", "9CD").Replace(one),
			"~ banner: 220 mx1.example ESMTP | 220 mx2.example ESMTP\n~ EHLO me: 250 mx1.example hello | 250 mx2.example hello\n~ the message: 250 ok: queued as 7AB | 250 ok: queued as 9CD"},
		{"another code", one, strings.Replace(one, "250 2.1.5 ok", "550 5.1.1 no", 1), "! RCPT TO:<c@d>: 250 2.1.5 ok | 550 5.1.1 no"},
		{"another enhanced code", one, strings.Replace(one, "2.1.5", "2.0.0", 1), "! RCPT TO:<c@d>: 250 2.1.5 ok | 250 2.0.0 ok"},
		{"another text", one, strings.Replace(one, "354 go", "354 come", 1), "! DATA: 354 go | 354 come"},
		{"extensions", one, strings.NewReplacer("SIZE 100", "SIZE 200", "250 HELP", "250 DSN").Replace(one),
			"! offers SIZE: 100 | 200\n! offers HELP: yes | \n! offers DSN:  | yes"},
		{"a command more", one, strings.Replace(one, "> DATA", "> NOOP\n< 250 ok\n> DATA", 1), "! NOOP:  | 250 ok"},
		{"a command less", strings.Replace(one, "> DATA", "> NOOP\n< 250 ok\n> DATA", 1), one, "! NOOP: 250 ok | "},
		{"the end", one, strings.Replace(one, "> QUIT\n< 221 bye\n", "", 1), "! QUIT: 221 bye | \n! end of the connection: in good order | by peer"},
		{"an unasked reply", one, strings.Replace(one, "> QUIT", "< 421 bye\n> QUIT", 1), "! unasked:  | 421 bye"},
		{"TLS", "* mx\nT TLS 1.2\n< 220 mx\n!", "* mx\nT TLS 1.3\n< 220 mx\n!", "! TLS version: TLS 1.2 | TLS 1.3"},
		{"a secret", "* mx\n< 220 mx\n> AUTH PLAIN c2VjcmV0\n< 235 ok", "* mx\n< 220 mx\n> AUTH PLAIN ZWxzZQ==\n< 535 no", "! AUTH PLAIN ****: 235 ok | 535 no"},
		{"the last chunk of an LMTP message", chunks + "\n> BDAT 5 LAST\n+ hello\n< 250 one\n< 250 two\n> QUIT\n< 221 bye", chunks + "\n> BDAT 5 LAST\n+ other\n< 250 one\n< 550 two\n> QUIT\n< 221 bye",
			"! the message: 250 two | 550 two"},
		{"one that is pipelined", piped + "\n< 250 a\n< 250 b\n< 250 one\n< 250 two\n< 221 bye", piped + "\n< 250 a\n< 250 b\n< 250 one\n< 550 two\n< 250 bye", "! the message: 250 two | 550 two\n! QUIT: 221 bye | 250 bye"},
		{"nothing", "* mx", "* mx", ""},
	}
	for _, row := range rows {
		if got := told(Compare(spoken(row.a), spoken(row.b), nil)); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.name, got, row.want)
		}
	}
	if got := told(Compare(spoken(one), spoken("* mx1.example"), func(what string) bool { return what != "banner" })); got != "! banner: 220 mx1.example ESMTP | " {
		t.Errorf("what is ignored is compared: %s", got)
	}
	for _, c := range Compare(spoken(one), spoken(one), nil) {
		if c.What == "DATA" && (c.TookA != time.Second || c.TookB != time.Second) {
			t.Errorf("DATA took %v and %v", c.TookA, c.TookB)
		}
	}
}

// TestCompareAnything takes sessions of any events, and more turns than are
// set side by side with care.
func TestCompareAnything(t *testing.T) {
	for seed := range uint64(50) {
		Compare(seeded(seed).events(60), seeded(seed+1000).events(60), nil)
	}
	long := func(words ...string) []protocol.Event {
		text := "* mx\n< 220 mx"
		for i := range 3000 {
			text += "\n> " + words[i%len(words)] + "\n< 250 ok"
		}
		return spoken(text)
	}
	a, b := long("NOOP", "RSET"), long("RSET", "VRFY x")
	n := 0
	for _, c := range Compare(a, b, nil) {
		if c.A != "" {
			n++
		}
		if c.B != "" {
			n++
		}
	}
	if n != len(stepsOf(a))+len(stepsOf(b)) {
		t.Errorf("%d sides for %d turns and %d", n, len(stepsOf(a)), len(stepsOf(b)))
	}
}
