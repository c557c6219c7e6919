package message

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestTemplate(t *testing.T) {
	full := Draft{
		From: Address{"Jürgen", "j@b"}, To: []Address{{"", "ann@example.com"}, {"", "postmaster"}}, Cc: []Address{{"Doe, J", "c@d"}},
		Date: day, MessageID: "1@example.org", Subject: "Grüße =?", Headers: []Header{{"X-Test", "ä"}}, Text: "text\n",
	}
	tests := []struct {
		draft Draft
		want  string
	}{
		{Draft{}, "From: \nTo: \nSubject: \n\n"},
		{full, "From: Jürgen <j@b>\nTo: ann@example.com, postmaster\nCc: \"Doe, J\" <c@d>\nDate: Tue, 2 Jan 2024 03:04:05 +0100\n" +
			"Message-ID: <1@example.org>\nX-Test: ä\nSubject: Grüße =?\n\ntext\n"},
	}
	for _, tt := range tests {
		if got, err := tt.draft.Template(); got != tt.want || err != nil {
			t.Errorf("template %q, %v; want %q", got, err, tt.want)
		}
	}
	for _, d := range []Draft{{Subject: "a\nb"}, {From: Address{"", "a\n@b"}}, {To: []Address{{"a\rb", "c@d"}}}} {
		if got, err := d.Template(); got != "" || !errors.Is(err, ErrControl) {
			t.Errorf("template %q, %v; want ErrControl", got, err)
		}
	}
}

// TestTemplateComesBack holds that a template that nobody edited makes the
// message that its draft makes.
func TestTemplateComesBack(t *testing.T) {
	d := usual()
	d.From, d.Subject, d.Text = Address{"Jürgen", "j@b"}, strings.Repeat("Grüße, ", 20)+"J.", "\nGrüße\n\n"
	for i := range 9 {
		d.To = append(d.To, Address{"Doe, " + strings.Repeat("J", i), "j@example.com"})
	}
	d.Cc = []Address{{"", "c@d"}}
	text, err := d.Template()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseDraft(text)
	if err != nil {
		t.Fatal(err)
	}
	inOrder := func(message string) []string {
		head, body, _ := strings.Cut(strings.ReplaceAll(message, "\r\n ", " "), "\r\n\r\n")
		fields := strings.Split(head, "\r\n")
		slices.Sort(fields)
		return append(fields, body)
	}
	if got, want := inOrder(written(t, back)), inOrder(written(t, d)); !slices.Equal(got, want) {
		t.Errorf("came back as\n%q\nwant\n%q", got, want)
	}
}

func TestParseDraft(t *testing.T) {
	tests := []struct {
		text string
		want []Header
		body string
		err  error
	}{
		{"From: a@b\r\nTo: \r\nCc:\nX-Empty:\nSubject: a\n  b\n\nText\r\n\nmore", []Header{{"From", "a@b"}, {"X-Empty", ""}, {"Subject", "a  b"}}, "Text\r\n\nmore", nil},
		{"Bcc: a@b\n", []Header{{"Bcc", "a@b"}}, "", nil},
		{"\ntext", nil, "text", nil},
		{"", nil, "", nil},
		{"From: a@b\n\nText\n", []Header{{"From", "a@b"}}, "Text\n", nil},
		{"From: a@b\nText\n", nil, "", ErrHeader},
		{"Text\n", nil, "", ErrHeader},
		{" From: a@b\n", nil, "", ErrHeader},
		{"X: a\x00b\n", nil, "", ErrControl},
		{"X: \xfc\n", nil, "", ErrEncoding},
	}
	for _, tt := range tests {
		d, err := ParseDraft(tt.text)
		if !slices.Equal(d.Headers, tt.want) || d.Text != tt.body || !errors.Is(err, tt.err) {
			t.Errorf("ParseDraft(%q) = %q, %q, %v; want %q, %q, %v", tt.text, d.Headers, d.Text, err, tt.want, tt.body, tt.err)
		}
	}
}
