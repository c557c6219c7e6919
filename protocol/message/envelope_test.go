package message

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestEnvelope(t *testing.T) {
	broken := errors.New("the disk is gone")
	tests := []struct {
		name   string
		header string // with | for CRLF
		from   string
		to     string
		err    error
	}{
		{"usual", "From: Joe <joe@example.org>|To: ann@example.com|Subject: x||To: no@body|", "joe@example.org", "ann@example.com", nil},
		{"Sender before From", "From: a@b, c@d|SENDER: e@f|To: g@h|", "e@f", "g@h", nil},
		{"From of several", "From: a@b, c@d|To: g@h|", "a@b", "g@h", nil},
		{"all recipients, each once", "From: a@b|Cc: c@d,|  c@D, \"C\" <C@d>|To: e@f|To : g@h (not x@y)|bcc: i@j, a@b, e@F|", "a@b", "c@d C@d e@f g@h i@j a@b", nil},
		{"group", "From: a@b|To: Staff: c@d, E <e@f>;, g@h|Cc: undisclosed-recipients:;|Bcc:|", "a@b", "c@d e@f g@h", nil},
		{"nobody", "From: a@b|To: undisclosed-recipients:;|", "a@b", "", ErrNoRecipient},
		{"no sender", "To: a@b||", "", "a@b", ErrNoSender},
		{"empty", "", "", "", ErrNoSender},
		{"quoted local-part", `From: "a b"@c|To: "d"@e, "f\"g"@h, "i>| j"@k|`, `"a b"@c`, `d@e "f\"g"@h "i> j"@k`, nil},
		{"address literals", "From: a@[192.0.2.1]|To: b@[IPv6:2001:db8::1], c@[ipv6:2001:db8::2]|", "a@[192.0.2.1]", "b@[IPv6:2001:db8::1] c@[IPv6:2001:db8::2]", nil},
		{"UTF-8", "From: jürgen@bücher.example|To: ann@b|", "jürgen@bücher.example", "ann@b", nil},
		{"names in old charsets", "From: J\xfcrgen <j@b>|To: =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= <k@b>, =?no?x?= <l@b>|", "j@b", "k@b l@b", nil},
		{"a path in an old charset", "From: j\xfc@b|To: ann@b|", "", "", ErrEncoding},
		{"mbox", "From joe Mon Jan 1|From: a@b|To: c@d||", "a@b", "c@d", nil},
		{"LF", "From: a@b\nTo: c@d\n\nCc: e@f\n", "a@b", "c@d", nil},
		{"CR", "From: a@b\rTo: c@d\r\rCc: e@f\r", "a@b", "c@d", nil},
		{"CR CR LF", "From: a@b\r|To: c@d\r|\r|Cc: e@f\r|", "a@b", "c@d", nil},
		{"no line end", "From: a@b|To: c@d", "a@b", "c@d", nil},
		{"a long field", "From: a@b|X: " + strings.Repeat("x", 3*lineBuffer) + "|To: " + strings.Repeat("c@d,| ", 3000) + "e@f||", "a@b", "c@d e@f", nil},

		{"resent", "Received: x|Resent-From: r@s|Resent-To: t@u|Resent-Bcc: v@w|Received: y|From: a@b|To: c@d||", "r@s", "t@u v@w", nil},
		{"resent by another", "Resent-From: r@s|Resent-Sender: q@s|Resent-Cc: t@u|From: a@b|To: c@d||", "q@s", "t@u", nil},
		{"resent twice", "Resent-Date: x|Resent-From: r@s|Resent-To: t@u|Resent-Date: y|Resent-From: v@w|Resent-Cc: x@y|From: a@b|To: c@d||", "r@s", "t@u", nil},
		{"resent twice, a hop between", "Resent-To: t@u|Resent-From: r@s|Received: x|Resent-Cc: x@y|From: a@b|To: c@d||", "r@s", "t@u", nil},
		{"resent to nobody", "Resent-From: r@s|From: a@b|To: c@d||", "r@s", "", ErrNoRecipient},
		{"resent in name alone", "Resent-Date: x|From: a@b|To: c@d||", "a@b", "c@d", nil},

		{"no header", "this is a test|", "", "", ErrHeader},
		{"not separated", "From: a@b|To: c@d|this is a test|", "", "", ErrHeader},
		{"no list", "From: a@b|To: joe||", "", "", ErrAddress},
		{"a control character", "From: a@b|To: \"c\x01\"@d||", "", "", ErrAddress},
		{"a line end within quotes", "From: a@b|To: \"c\rd\"@e||", "", "", ErrAddress},
		{"too large, and folded", "X: x|" + strings.Repeat(" x|", 17<<18), "", "", ErrTooLarge},
		{"too large", "X: " + strings.Repeat("x", 17<<20), "", "", ErrTooLarge},
	}
	for _, tt := range tests {
		header := strings.ReplaceAll(tt.header, "|", "\r\n")
		for _, r := range []io.Reader{strings.NewReader(header), iotest.OneByteReader(strings.NewReader(header)), iotest.DataErrReader(strings.NewReader(header))} {
			from, to, err := Envelope(r)
			if from != tt.from || strings.Join(to, " ") != tt.to || !errors.Is(err, tt.err) {
				t.Errorf("%s: from %q to %q, %v; want %q to %q, %v", tt.name, from, to, err, tt.from, tt.to, tt.err)
			}
			if len(header) > 1<<20 {
				break
			}
		}
	}
	if _, _, err := Envelope(io.MultiReader(strings.NewReader("From: a@b\r\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a header that cannot be read: %v", err)
	}
}

func TestWithoutBcc(t *testing.T) {
	tests := []struct{ name, message, want string }{ // with | for CRLF
		{"none", "From: a@b|To: c@d||Bcc: this is text|", "From: a@b|To: c@d||Bcc: this is text|"},
		{"one", "From: a@b|Bcc: secret@x|To: c@d||text|", "From: a@b|To: c@d||text|"},
		{"folded", "From: a@b|BCC:|  secret@x,|\tsecret@y|  |To: c@d| e@f||text|", "From: a@b|To: c@d| e@f||text|"},
		{"first, last and resent", "bcc: secret@x|From: a@b|Resent-Bcc: secret@y|Bcc : secret@z||text|", "From: a@b||text|"},
		{"like it", "X-Bcc: a|Bccx: b|Bcc-: c|Bc: d|Bcc x: e|To: f|", "X-Bcc: a|Bccx: b|Bcc-: c|Bc: d|Bcc x: e|To: f|"},
		{"nothing else", "Bcc: secret@x", ""},
		{"no header", "this is a test|Bcc: no field|", "this is a test|Bcc: no field|"},
		{"no header, blank first", " x|Bcc: no field|", " x|Bcc: no field|"},
		{"empty line first", "|Bcc: no field|", "|Bcc: no field|"},
		{"empty", "", ""},
		{"mbox", "From joe|Bcc: secret@x|To: c@d||", "From joe|To: c@d||"},
		{"a broken header", "From: a@b|oops|Bcc: secret@x||Bcc: text|", "From: a@b|oops||Bcc: text|"},
		{"LF", "From: a@b\nBcc: secret@x\n secret@y\nTo: c@d\n\nBcc: text\n", "From: a@b\nTo: c@d\n\nBcc: text\n"},
		{"CR", "From: a@b\rBcc: secret@x\r secret@y\rTo: c@d\r\rBcc: text\r", "From: a@b\rTo: c@d\r\rBcc: text\r"},
		{"CR within", "From: a@b|X: y\rBcc: secret@x\rz|To: c@d||", "From: a@b|X: y\rz|To: c@d||"},
		{"CR CR LF", "From: a@b\r|Bcc: secret@x\r| secret@y\r|To: c@d\r|\r|Bcc: text\r|", "From: a@b\r|To: c@d\r|\r|Bcc: text\r|"},
		{"an end for some", "From: a@b\r||Bcc: secret@x||", "From: a@b\r||Bcc: secret@x||"},
		{"not yet an end", "From: a@b\r|Bcc: secret@x||", "From: a@b\r||"},
		{"long lines", "X: " + strings.Repeat("x", 9000) + "|Bcc: " + strings.Repeat("secret@x,", 2000) + "|To: c@d||" + strings.Repeat("y", 9000), "X: " + strings.Repeat("x", 9000) + "|To: c@d||" + strings.Repeat("y", 9000)},
	}
	for i := lineBuffer - 8; i < lineBuffer+8; i++ { // each octet once at the edge of what is seen
		line := "X: " + strings.Repeat("x", i)
		tests = append(tests, struct{ name, message, want string }{"edge", line + "\r|Bcc: secret@x|" + line + "|Bcc: secret|| " + line, line + "\r|" + line + "|| " + line})
	}
	for _, tt := range tests {
		message, want := strings.ReplaceAll(tt.message, "|", "\r\n"), strings.ReplaceAll(tt.want, "|", "\r\n")
		for _, r := range []io.Reader{strings.NewReader(message), iotest.OneByteReader(strings.NewReader(message)), iotest.DataErrReader(strings.NewReader(message))} {
			if got, err := io.ReadAll(WithoutBcc(r)); string(got) != want || err != nil {
				t.Errorf("%s: %q passed as %q, %v; want %q", tt.name, message, got, err, want)
			}
		}
		if err := iotest.TestReader(WithoutBcc(strings.NewReader(message)), []byte(want)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	broken := errors.New("the disk is gone")
	for _, before := range []string{"", "From: a@b\r\n", "From: a@b", plain} {
		got, err := io.ReadAll(WithoutBcc(io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken))))
		if string(got) != before || !errors.Is(err, broken) {
			t.Errorf("%q and an error: %q, %v", before, got, err)
		}
	}
}
