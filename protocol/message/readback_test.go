package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// refusals are what a draft can be refused with.
var refusals = []error{ErrHeader, ErrControl, ErrEncoding, ErrAddress, ErrNeedsUTF8, ErrLineLong, ErrBody, ErrBoundary}

// comesBack holds that a draft is refused whole, or written as measured, with
// nothing in it for a Checker to find, and read back by readers that others
// wrote. Octets are those of its first attachment; the second is empty.
func comesBack(t *testing.T, d Draft, octets []byte) {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	m, err2 := d.Measure()
	if err != nil {
		if n != 0 || b.Len() != 0 || err2 == nil || !slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) }) {
			t.Errorf("wrote %d octets, refused with %v and %v", n, err, err2)
		}
		return
	}
	if n != int64(b.Len()) || m.Size != n || err2 != nil {
		t.Errorf("wrote %d octets of %d, measured %+v, %v", b.Len(), n, m, err2)
	}
	for _, found := range check(b.String(), Terms{EightBit: m.EightBit, UTF8: m.UTF8, Declared: uint64(n), Limit: uint64(n)}) {
		if found.ID != "content-dot" {
			t.Errorf("found %+v in\n%q", found, b.String())
		}
	}
	if m.EightBit && !d.EightBit || m.UTF8 && !d.UTF8 {
		t.Errorf("%+v is not what the server takes", m)
	}
	foldedWell(t, b.String())
	read, err := mail.ReadMessage(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%q", err, b.String())
	}
	headerComesBack(t, d, read.Header)
	bodyComesBack(t, d, read, octets)
	if t.Failed() {
		t.Logf("the message:\n%q", b.String())
	}
}

var encodedWordForm = regexp.MustCompile(`^=\?utf-8\?[qb]\?[A-Za-z0-9=!*+/_-]+\?=$`)

// foldedWell holds that a line of the header is too long only where it has no
// place to break, and that encoded words keep to RFC 2047 §2.
func foldedWell(t *testing.T, message string) {
	t.Helper()
	head, _, _ := strings.Cut(message, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		parts := words(strings.TrimPrefix(line, " "))
		if len(line) > foldLine && len(parts) > 2 || len(line) > foldLine && len(parts) > 1 && line[0] == ' ' {
			t.Errorf("not folded: %q", line)
		}
		for _, part := range parts {
			if part != "=?utf-8?q?x?=" && encodedWordForm.MatchString(part) && (len(part) > maxWord || len(line) > encodedLine) {
				t.Errorf("%d octets in an encoded word, %d in its line %q", len(part), len(line), line)
			}
		}
	}
}

func headerComesBack(t *testing.T, d Draft, header mail.Header) {
	t.Helper()
	same := func(what, got, want string) {
		t.Helper()
		if want = strings.Trim(want, blanks); got != want {
			t.Errorf("%s %q came back as %q", what, want, got)
		}
	}
	text := func(name string) string {
		var decoder mime.WordDecoder
		decoded, err := decoder.DecodeHeader(header.Get(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return decoded
	}
	same("subject", text("Subject"), d.Subject)
	for _, x := range d.Headers {
		if !strings.Contains(x.Value, "=?") {
			same("header", text(x.Name), x.Value)
		}
	}
	same("identifier", header.Get("Message-Id"), "<"+d.MessageID+">")
	if date, err := header.Date(); err != nil || !date.Equal(d.Date) {
		t.Errorf("date %v, %v", date, err)
	}
	for name, want := range map[string][]Address{"From": {d.From}, "To": d.To} {
		list, err := mail.ParseAddressList(untagged(header.Get(name)))
		if err != nil || len(list) != len(want) {
			t.Fatalf("%s: %v, %v", name, list, err)
		}
		for i, a := range list {
			alone, err := mail.ParseAddress(untagged("<" + want[i].Path + ">"))
			if err != nil {
				t.Fatal(err)
			}
			same("path", a.Address, alone.Address)
			same("name", a.Name, want[i].Name)
		}
	}
}

func bodyComesBack(t *testing.T, d Draft, read *mail.Message, octets []byte) {
	t.Helper()
	text := strings.ReplaceAll(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(d.Text), "\n", "\r\n")
	if text != "" && !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	if len(d.Attachments) == 0 {
		if got := decoded(t, read.Body, read.Header.Get("Content-Transfer-Encoding")); got != text {
			t.Errorf("text %q came back as %q", text, got)
		}
		return
	}
	kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if kind != "multipart/mixed" || err != nil {
		t.Fatalf("%s, %v", kind, err)
	}
	names, contents := []string{d.Attachments[0].Name, d.Attachments[1].Name}, []string{string(octets), ""}
	if text != "" {
		names, contents = append([]string{""}, names...), append([]string{text}, contents...)
	}
	parts := multipart.NewReader(read.Body, params["boundary"])
	for i := range contents {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if got := decoded(t, part, part.Header.Get("Content-Transfer-Encoding")); got != contents[i] {
			t.Errorf("part %d: %q came back as %q", i, contents[i], got)
		}
		if disposition := part.Header.Get("Content-Disposition"); disposition != "" {
			_, params, err := mime.ParseMediaType(disposition)
			if err != nil || params["filename"] != names[i] {
				t.Errorf("file %q came back as %q, %v", names[i], params["filename"], err)
			}
		}
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("behind the last part: %v", err)
	}
}

// decoded reads a body by its encoding.
func decoded(t *testing.T, r io.Reader, encoding string) string {
	t.Helper()
	switch encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "", "7bit", "8bit":
	default:
		t.Errorf("encoding %q", encoding)
	}
	octets, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("%s: %v", encoding, err)
	}
	return string(octets)
}

// pieces are what makes trouble in a header, a name or a text.
var pieces = []string{" ", "  ", "\t", ",", ";", ":", "<", ">", "(", ")", "[", "]", "\"", "\\", "@", ".", "=", "=?", "?=", "_", "=?utf-8?q?x?=", "a", "word", "Joe",
	"ü", "€", "日本", "\U0001f4e7", "%", "'", "*", "\n", "\r\n", "\r", "--next-part", "-", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}

// TestDraftComesBack composes drafts of such pieces, many and short or few and
// long.
func TestDraftComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 322))
	some := func(most int, without string) string {
		var b strings.Builder
		for range random.IntN(most) {
			if piece := pieces[random.IntN(len(pieces))]; !strings.ContainsAny(piece, without) {
				b.WriteString(piece)
			}
		}
		return b.String()
	}
	const control = "\r\n\t"
	paths := []string{"a@b", "\"a b\"@c.example", "x@[IPv6:::1]", "jürgen@b", "a.b+c@d-e.example", "nobody"}
	for i := range 1500 {
		most := []int{3, 8, 200}[i%3]
		d := Draft{
			From: Address{some(most, control), paths[random.IntN(len(paths))]},
			To:   []Address{{some(most, control), "a@b"}, {"", "c@d"}, {some(most, "\r\n"), "e@f"}}, Subject: some(most, "\r\n"),
			Date: day, MessageID: "1@example.org", Headers: []Header{{"X-Test", some(most, "\r\n")}}, Text: some(most*2, "-"), Boundary: "next-part",
			UTF8: random.IntN(2) == 0, EightBit: random.IntN(2) == 0,
		}
		octets := []byte(some(most*5, ""))
		if random.IntN(2) == 0 {
			d.Attachments = []Attachment{file(some(most, control), string(octets)), file("x", "")}
		}
		if comesBack(t, d, octets); t.Failed() {
			t.Fatalf("draft %d: %+v", i, d)
		}
	}
}
