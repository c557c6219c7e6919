package protocol

import "testing"

func TestSentMasked(t *testing.T) {
	rows := []struct {
		kind      SentKind
		raw, want string
		mask      Span
	}{
		{SentCommand, "AUTH PLAIN c2VjcmV0\r\n", "AUTH PLAIN ****\r\n", Span{11, 15}},
		{SentCommand, "auth  plain  c2VjcmV0 x \r\n", "auth  plain ****\r\n", Span{12, 16}},
		{SentCommand, "AUTH PLAIN\tc2VjcmV0\r\n", "AUTH PLAIN ****\r\n", Span{11, 15}},
		{SentResponse, "c2VjcmV0\r\n", "****\r\n", Span{0, 4}},
		{SentCommand, "XLOGIN c2VjcmV0\r\n", "XLOGIN ****\r\n", Span{7, 11}}, // called a secret by whoever sent it
	}
	for _, row := range rows {
		plain := Sent{Kind: row.kind, Raw: []byte(row.raw), Last: true, Forced: true, Auto: true}
		if got := plain.Masked(); string(got.Raw) != row.raw || got.Mask != (Span{}) {
			t.Errorf("%q is no secret, and was masked: %q", row.raw, got.Raw)
		}
		plain.Secret = true
		got := plain.Masked()
		if string(got.Raw) != row.want || got.Mask != row.mask || got.Secret || !got.Last || !got.Forced || !got.Auto {
			t.Errorf("%q: %q, masked at %v, want %q at %v", row.raw, got.Raw, got.Mask, row.want, row.mask)
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
	}
}

func TestAdvisedMasked(t *testing.T) {
	rows := []struct{ line, fix, want, wantFix string }{
		{"AUTH PLAIN  c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUTH PLAIN ****", "AUTH PLAIN ****"},
		{"AUHT PLAIN c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUHT ****", "AUTH PLAIN ****"},
		{"AUTHPLAIN c2VjcmV0", "AUTH PLAIN c2VjcmV0", "AUTHPLAIN ****", "AUTH PLAIN ****"},
		{"LOGIN joe secret", "AUTH LOGIN", "LOGIN ****", "AUTH LOGIN"},
		{"AUTH PLAIN joe secret", "AUTH PLAIN AGpvZQBzZWNyZXQ=", "AUTH PLAIN ****", "AUTH PLAIN ****"},
		{"AUTH: LOGIN", "AUTH LOGIN", "AUTH: LOGIN", "AUTH LOGIN"},
		{"MAIL FROM: a@b.c", "MAIL FROM:<a@b.c>", "MAIL FROM: a@b.c", "MAIL FROM:<a@b.c>"},
		{"AUTH PLAIN", "", "AUTH PLAIN", ""},
	}
	for _, row := range rows {
		plain := Advised{Line: row.line, Diags: []Diag{{ID: "x", Fix: row.fix}}, Held: true}
		got := plain.Masked()
		if got.Line != row.want || got.Diags[0].Fix != row.wantFix || !got.Held {
			t.Errorf("%q: %q and %q, want %q and %q", row.line, got.Line, got.Diags[0].Fix, row.want, row.wantFix)
		}
		if plain.Diags[0].Fix != row.fix {
			t.Errorf("masking wrote into the advice: %q", plain.Diags[0].Fix)
		}
	}
}
