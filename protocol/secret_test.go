package protocol

import (
	"strings"
	"testing"
)

// plainResponse is PLAIN's answer for the user me and the password secret.
const plainResponse = "AG1lAHNlY3JldA=="

func TestCredential(t *testing.T) {
	rows := []struct{ line, want string }{ // what is left, up to the mask; "" for no credential
		{"AUTH PLAIN " + plainResponse, "AUTH PLAIN "},
		{"auth  plain\t" + plainResponse + " x", "auth  plain\t"},
		{" AUTH PLAIN " + plainResponse, " AUTH PLAIN "},
		{"AUTH LOGIN c2VjcmV0", "AUTH LOGIN "},
		{"AUTH x-own-2 c2VjcmV0", "AUTH x-own-2 "},
		{"AUTH FOOBAR c2VjcmV0", "AUTH FOOBAR "},
		{"AUTH PLAIN:c2VjcmV0", "AUTH PLAIN:"},
		{"AUTH PLAINc2VjcmV0", "AUTH PLAIN"},
		{"AUTH PLAIN-c2VjcmV0", "AUTH PLAIN-"},
		{"AUTH SCRAM-SHA-256-PLUS,c2VjcmV0", "AUTH SCRAM-SHA-256-PLUS,"},
		{"AUTH c2VjcmV0", "AUTH "},
		{"AUTH " + plainResponse, "AUTH "},
		{"AUTH PLAIN\x0b" + plainResponse, "AUTH PLAIN"},
		{"AUTH PLAIN ****", "AUTH PLAIN "},
		{"AUTH PLAIN secret in clear", "AUTH PLAIN "},

		{"AUHT PLAIN c2VjcmV0", "AUHT PLAIN "},
		{"auht c2VjcmV0", "auht "},
		{"UATH:PLAIN c2VjcmV0", "UATH:PLAIN "},
		{"AUTH:PLAIN c2VjcmV0", "AUTH:PLAIN "},
		{"AUTH=PLAIN c2VjcmV0", "AUTH=PLAIN "},
		{"AUTH=c2VjcmV0", "AUTH="},
		{"AUTHPLAIN c2VjcmV0", "AUTHPLAIN "},
		{"AUTHPLAINc2VjcmV0", "AUTHPLAIN"},
		{"AUTHc2VjcmV0", "AUTH"},
		{"AUTHENTICATE PLAIN c2VjcmV0", "AUTHENTICATE "},
		{"!AUTH PLAIN c2VjcmV0", "!AUTH PLAIN "},
		{"PLAIN c2VjcmV0", "PLAIN "},
		{"login joe secret", "login "},
		{"PASS secret", "PASS "},
		{"password: secret", "password: "},
		{"c2VjcmV0", ""},
		{"****", "-"},

		{"A TH LOGIN am9l c2VjcmV0", "A TH LOGIN "},
		{" A TH LOGIN am9l c2VjcmV0", " A TH LOGIN "},
		{"A:UTH LOGIN c2VjcmV0", "A:UTH LOGIN "},
		{"AU\x08TH LOGIN c2VjcmV0", "AU\x08TH LOGIN "},
		{"A U T H LOGIN c2VjcmV0", "A U T H LOGIN "}, {"A U T H ! LOGIN c2VjcmV0", "-"}, {"A TH LOGIN", "-"},
		{"AUHTPLAIN " + plainResponse, "AUHTPLAIN "},
		{"NOOP " + plainResponse, "NOOP "},
		{"NOOP x=" + strings.TrimRight(plainResponse, "=") + "!", "NOOP x="},
		{plainResponse + " x", ""},
		{"XAUTH dXNlcj1tZQFhdXRoPUJlYXJlciBzZWNyZXQBAQ==", "XAUTH "},                                         // user=me^Aauth=Bearer secret^A^A
		{"MIAL Yz1iaXdzLHI9YWJjLHA9eHl6", "MIAL "},                                                           // c=biws,r=abc,p=xyz
		{"X dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "X "},                                         // CRAM-MD5's, of RFC 2195 §2
		{"X Y2hhcnNldD11dGYtOCxub25jZT0iYSIscmVzcG9uc2U9ZDM4OGRhZDkwZDRiYmQ3NjBhMTUyMzIxZjIxNDNhZjc=", "X "}, // DIGEST-MD5's
		{"X eD15LHI9YWJj AA== AAAAAAAAAAA= dGhpcyBpcyBubyByZXNwb25zZSBvZiBhbnkgbWVjaGFuaXNt", "-"},           // base64, and no response
		{"smtp://joe:secret@example.org", "smtp://joe:"},
		{"NOOP imap://joe:secret@[::1]:143/x @", "NOOP imap://joe:"},
		{"smtp://example.org:25 @", "-"}, {"smtp://joe@example.org:25", "-"},
		{"MAIL FROM:<joe@example.org> AUTH=<>", "-"},
		{"MAIL FROM:<joe@example.org> AUTH=joe+40example.org", "-"},
		{"EHLO practice", "-"}, {"NOOP c2VjcmV0", "-"}, {"VRFY c2VjcmV0", "-"},
		{"AUTH", "-"}, {"AUTH PLAIN", "-"}, {"AUTH PLAIN ", "-"}, {"AUTH PLAIN =", "-"}, {"AUTH X-FOO", "-"}, {"auth gssapi", "-"},
		{"AUTH SCRAM-SHA-512-PLUS", "-"}, {"AUTH 9798-M-DSA-SHA1", "-"},
		{"XCLIENT ADDR=192.0.2.1 LOGIN=joe", "-"}, {"ehol me", "-"}, {"XFOO bar", "-"}, {"QUIT", "-"}, {"PRACTICE", "-"}, {"", "-"}, {" ", "-"},
		{"Subject: login", "-"}, {"GET / HTTP/1.1", "-"},
	}
	for _, row := range rows {
		at, ok := Credential(row.line)
		got := "-"
		if ok {
			got = row.line[:at.Start]
			if at.End != len(row.line) {
				t.Errorf("%q: a credential that ends at %d", row.line, at.End)
			}
		}
		if row.line == "****" { // what is masked already may be masked again
			continue
		}
		if got != row.want {
			t.Errorf("%q: %q, want %q", row.line, got, row.want)
		}
		masked := MaskCommand(Parse(row.line))
		if again := MaskCommand(Parse(masked)); again != masked {
			t.Errorf("%q: masked twice it is %q, and once %q", row.line, again, masked)
		}
	}
}

func TestSentMasked(t *testing.T) {
	rows := []struct {
		kind       SentKind
		raw, want  string
		credential string
		mask       Span
	}{
		{SentCommand, "AUTH PLAIN c2VjcmV0\r\n", "AUTH PLAIN ****\r\n", "c2VjcmV0", Span{11, 15}},
		{SentCommand, "auth  plain  c2VjcmV0 x \r\n", "auth  plain  ****\r\n", "c2VjcmV0 x ", Span{13, 17}},
		{SentCommand, "AUTH PLAIN\tc2VjcmV0\r\n", "AUTH PLAIN\t****\r\n", "c2VjcmV0", Span{11, 15}},
		{SentCommand, "AUHT PLAIN c2VjcmV0\r\n", "AUHT PLAIN ****\r\n", "c2VjcmV0", Span{11, 15}},
		{SentCommand, "c2VjcmV0\r\n", "****\r\n", "c2VjcmV0", Span{0, 4}},
		{SentCommand, "AUTHPLAINc2VjcmV0 x\r\n", "AUTHPLAIN****\r\n", "c2VjcmV0 x", Span{9, 13}},
		{SentResponse, "c2VjcmV0\r\n", "****\r\n", "c2VjcmV0", Span{0, 4}},
		{SentCommand, "XLOGIN c2VjcmV0\r\n", "XLOGIN ****\r\n", "c2VjcmV0", Span{7, 11}}, // called a secret by whoever sent it
	}
	for _, row := range rows {
		plain := Sent{Kind: row.kind, Raw: []byte(row.raw), Last: true, Forced: true, Auto: true}
		if got := plain.Masked(); string(got.Raw) != row.raw || got.Mask != (Span{}) || plain.Credential() != nil {
			t.Errorf("%q is no secret, and was masked: %q", row.raw, got.Raw)
		}
		plain.Secret = true
		got := plain.Masked()
		if string(got.Raw) != row.want || got.Mask != row.mask || got.Secret || !got.Last || !got.Forced || !got.Auto {
			t.Errorf("%q: %q, masked at %v, want %q at %v", row.raw, got.Raw, got.Mask, row.want, row.mask)
		}
		if c := string(plain.Credential()); c != row.credential {
			t.Errorf("%q: the credential is %q, want %q", row.raw, c, row.credential)
		}
		if again := got.Masked(); string(again.Raw) != row.want || again.Mask != row.mask {
			t.Errorf("%q masked twice: %q at %v", row.raw, again.Raw, again.Mask)
		}
		if string(plain.Raw) != row.raw {
			t.Errorf("masking wrote into the octets of the event: %q", plain.Raw)
		}
		s := Session{}.After(Opened{Host: "h"}).After(Received{Reply: reply(t, "220 hi\r\n")})
		if !s.After(plain).Equal(s.After(got)) {
			t.Errorf("%q masked gives another session", row.raw)
		}
		if head, _ := s.After(plain).Head(); strings.Contains(head.Word, "C2VJCMV0") {
			t.Errorf("%q: the session has the credential: %q", row.raw, head.Word)
		}
	}
}

func TestAdvisedMasked(t *testing.T) {
	rows := []struct{ line, fix, want, wantFix string }{
		{"AUTH PLAIN  c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUTH PLAIN  ****", "AUTH PLAIN ****"},
		{"AUHT PLAIN c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUHT PLAIN ****", "AUTH PLAIN ****"},
		{"AUTHPLAIN c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUTHPLAIN ****", "AUTH PLAIN ****"},
		{"LOGIN joe secret", "AUTH LOGIN", "LOGIN ****", "AUTH LOGIN"},
		{"AUTH PLAIN joe secret", "AUTH PLAIN AGpvZQBzZWNyZXQ=", "AUTH PLAIN ****", "AUTH PLAIN ****"},
		{"AUTH: LOGIN", "AUTH LOGIN", "AUTH: LOGIN", "AUTH LOGIN"},
		{"MAIL FROM: a@b.c", "MAIL FROM:<a@b.c>", "MAIL FROM: a@b.c", "MAIL FROM:<a@b.c>"},
		{"AUTH PLAIN", "", "AUTH PLAIN", ""},
	}
	for _, row := range rows {
		plain := Advised{Line: row.line, Diags: []Diag{{ID: "x", Fix: row.fix, End: len(row.line)}}, Held: true}
		got := plain.Masked()
		if got.Line != row.want || got.Diags[0].Fix != row.wantFix || !got.Held || got.Diags[0].End > len(got.Line) {
			t.Errorf("%q: %q and %q, want %q and %q", row.line, got.Line, got.Diags[0].Fix, row.want, row.wantFix)
		}
		if plain.Diags[0].Fix != row.fix {
			t.Errorf("masking wrote into the advice: %q", plain.Diags[0].Fix)
		}
		plain.Shown = true
		if got := plain.Masked(); got.Line != row.line || got.Diags[0].Fix != row.fix {
			t.Errorf("%q: masked although it is to be shown", row.line)
		}
		if got := plain.Blank(); got.Line != row.line {
			t.Errorf("%q: blanked although it is to be shown", row.line)
		}
	}
}

// TestAdviceHidesTheCredential looks for the credential in all that is said
// about such lines: the advice quotes words of a line.
func TestAdviceHidesTheCredential(t *testing.T) {
	s := Session{}.After(Opened{Host: "h"}).After(Received{Reply: reply(t, "220 hi\r\n")}).
		After(Sent{Raw: []byte("EHLO me\r\n")}).After(Received{Reply: reply(t, "250-h\r\n250 AUTH LOGIN\r\n")})
	for _, line := range []string{"AUTH c2VjcmV0", "AUTH c2VjcmV0=", "AUTH PLAIN c2VjcmV0 x", "AUHT c2VjcmV0", "c2VjcmV0", "AUTH:c2VjcmV0", "AUTH  PLAIN  c2VjcmV0 ", "AUTH PLAINc2VjcmV0", "AUTHc2VjcmV0 c2VjcmV0"} {
		advised := Advised{Line: line, Diags: s.Allows(Parse(line))}
		if len(advised.Diags) == 0 {
			t.Errorf("%q: nothing is said", line)
		}
		for _, shown := range []Advised{advised.Masked(), advised.Blank()} {
			for _, d := range shown.Diags {
				for _, text := range append(d.Then, shown.Line, d.Message, d.Fix) {
					if strings.Contains(strings.ToLower(text), "c2vjcmv0") {
						t.Errorf("%q: %s: %q", line, d.ID, text)
					}
				}
				if d.Start < 0 || d.Start > d.End || d.End > len(shown.Line) {
					t.Errorf("%q: %s marks [%d:%d] of %q", line, d.ID, d.Start, d.End, shown.Line)
				}
			}
		}
	}
	if b := (Advised{Line: "hunter2", Diags: []Diag{{Message: "hunter2?", Fix: "hunter2"}}}).Blank(); b.Line != "****" || b.Diags[0].Message != "****?" || b.Diags[0].Fix != "" {
		t.Errorf("blank: %+v", b)
	}
}

// FuzzCredential holds masking to what it promises for any line: what it
// leaves is the beginning of the line, and it is the same when masked again.
func FuzzCredential(f *testing.F) {
	for _, line := range []string{"AUTH PLAIN " + plainResponse, "AUHT=PLAIN:x", "c2VjcmV0", "PASS :", "AUTH \t-", "\x00AUTH x", "NOOP AAAAAAAAAAAA"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		at, ok := Credential(line)
		if !ok {
			return
		}
		if at.Start < 0 || at.Start >= len(line) || at.End != len(line) {
			t.Fatalf("%q: [%d:%d]", line, at.Start, at.End)
		}
		masked := MaskCommand(Parse(line))
		if masked != line[:at.Start]+"****" {
			t.Errorf("%q: masked %q", line, masked)
		}
		if again := MaskCommand(Parse(masked)); again != masked {
			t.Errorf("%q: masked twice %q, once %q", line, again, masked)
		}
	})
}

// TestEchoes has a server say back what was sent to it as a secret.
func TestEchoes(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, "c2VjcmV0"+string(rune('A'+i%26))+string(rune('a'+i/26))+"==")
	}
	rows := []struct {
		name         string
		sent         []string // answers, one after the other
		reply, shown string
	}{
		{"nothing sent", nil, "535 c2VjcmV0", "535 c2VjcmV0"},
		{"the last", []string{"dXNlcg==", "c2VjcmV0"}, "535 login failed for c2VjcmV0 here", "535 login failed for **** here"},
		{"one that the last begins with", []string{"aHVudGVy", "aHVudGVyMg=="}, "535 aHVudGVyMg==, aHVudGVy", "535 ****, ****"},
		{"one that begins with the last", []string{"aHVudGVyMg==", "aHVudGVy"}, "535 aHVudGVyMg==, aHVudGVy", "535 ****, ****"},
		{"the fortieth", many, "535 " + many[39] + " " + many[20], "535 **** ****"},
		{"in capitals", []string{"hunter2secret"}, "504 no mechanism HUNTER2SECRET", "504 no mechanism ****"},
		{"the password of PLAIN", []string{"AG1lAGh1bnRlcjIy"}, "535 me, hunter22 is wrong", "535 me, **** is wrong"},
		{"a password that is a word", []string{plainResponse}, "535 no secret is known of me", "535 no secret is known of me"},
		{"the password of LOGIN", []string{"bWVtZW1l", "aHVudGVyMjI="}, "535 mememe, hunter22 is wrong", "535 mememe, **** is wrong"},
		{"too short to tell", []string{"YQ="}, "535 YQ=", "535 YQ="},
	}
	for _, row := range rows {
		var x Echoes
		x.Masked(Opened{})
		x.Masked(Sent{Kind: SentCommand, Raw: []byte("AUTH LOGIN\r\n")})
		for _, text := range row.sent {
			x.Masked(Sent{Kind: SentResponse, Secret: true, Raw: []byte(text + "\r\n")})
		}
		got := x.Masked(Received{Reply: Reply{Code: 535, Raw: []byte(row.reply + "\r\n"), Lines: []string{row.reply[4:]}}}).(Received).Reply
		if string(got.Raw) != row.shown+"\r\n" || got.Lines[0] != row.shown[4:] {
			t.Errorf("%s: %q, %q, want %q", row.name, got.Raw, got.Lines, row.shown)
		}
	}
}
