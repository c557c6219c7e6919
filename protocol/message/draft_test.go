package message

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// day is the date of every draft in the tests.
var day = time.Date(2024, time.January, 2, 3, 4, 5, 0, time.FixedZone("", 3600))

// usual is a draft with nothing special in it.
func usual() Draft {
	return Draft{
		From: Address{"Joe", "joe@example.org"}, To: []Address{{"", "ann@example.com"}}, Subject: "a test", Date: day,
		MessageID: "1@example.org", Text: "hello\n", Boundary: "next-part",
	}
}

// file is an attachment of these octets.
func file(name, octets string) Attachment {
	return Attachment{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(octets)), nil }}
}

// written writes a draft, with | for the line ends.
func written(t *testing.T, d Draft) string {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d octets: %v", n, b.Len(), err)
	}
	return b.String()
}

const usualHead = "Date: Tue, 2 Jan 2024 03:04:05 +0100|From: Joe <joe@example.org>|To: ann@example.com|Subject: a test|Message-ID: <1@example.org>|"

// longText is one line of 1040 octets.
var longText = strings.Repeat("a long line, ", 80)

// writeRows are drafts and what they write, with | for CRLF.
var writeRows = []struct {
	name string
	edit func(d *Draft)
	want string
}{
	{"plain", func(*Draft) {}, usualHead + "|hello|"},
	{"no text", func(d *Draft) { d.Text = "" }, usualHead + "|"},
	{"little", func(d *Draft) { *d = Draft{From: Address{"", "a@b"}, Text: "x"} }, "From: a@b||x|"},
	{"line ends", func(d *Draft) { d.Text = "a\r\nb\nc\rd\n\r\r\n.\n\ne" }, usualHead + "|a|b|c|d|||.||e|"},
	{"8-bit text, 7-bit server", func(d *Draft) { d.Text = "Viele Grüße und Küsse an alle zusammen\n" },
		usualHead + "MIME-Version: 1.0|Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: quoted-printable||Viele Gr=C3=BC=C3=9Fe und K=C3=BCsse an alle zusammen|"},
	{"8-bit text, 8BITMIME", func(d *Draft) { d.Text, d.EightBit = "Grüße\n", true },
		usualHead + "MIME-Version: 1.0|Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: 8bit||Grüße|"},
	{"text of a script that is shorter in base64", func(d *Draft) { d.Text = "日本語です\n" },
		usualHead + "MIME-Version: 1.0|Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: base64||5pel5pys6Kqe44Gn44GZDQo=|"},
	{"long line", func(d *Draft) { d.Text = longText + "\n" },
		usualHead + "MIME-Version: 1.0|Content-Type: text/plain; charset=us-ascii|Content-Transfer-Encoding: quoted-printable||" + wrapped(longText) + "=20|"},
	{"NUL", func(d *Draft) { d.Text, d.EightBit = "a\x00b", true },
		usualHead + "MIME-Version: 1.0|Content-Type: text/plain; charset=us-ascii|Content-Transfer-Encoding: quoted-printable||a=00b|"},
	{"names", func(d *Draft) {
		d.To = []Address{{"Doe, John", "j@b"}, {"A. \"X\" Y", "\"a b\"@c"}, {"J D", "d@[192.0.2.1]"}, {"", "x@[IPv6:2001:db8::1]"}}
		d.Cc = []Address{{"Jürgen", "j@b"}}
	}, "Date: Tue, 2 Jan 2024 03:04:05 +0100|From: Joe <joe@example.org>|To: \"Doe, John\" <j@b>, \"A. \\\"X\\\" Y\" <\"a b\"@c>, J D <d@[192.0.2.1]>,| x@[IPv6:2001:db8::1]|" +
		"Cc: =?utf-8?q?J=C3=BCrgen?= <j@b>|Subject: a test|Message-ID: <1@example.org>||hello|"},
	{"SMTPUTF8", func(d *Draft) {
		*d = Draft{From: Address{"Jürgen", "jürgen@bücher.example"}, Subject: "Grüße", MessageID: "<ü@b>", UTF8: true, Headers: []Header{{"X-Ort", "Köln"}}}
	}, "From: Jürgen <jürgen@bücher.example>|Subject: Grüße|Message-ID: <ü@b>|X-Ort: Köln||"},
	{"encoded subject", func(d *Draft) { *d = Draft{From: Address{"", "a@b"}, Subject: "Hello, Jürgen and all"} },
		"From: a@b|Subject: =?utf-8?q?Hello=2C_J=C3=BCrgen_and_all?=||"},
	{"what looks encoded", func(d *Draft) {
		*d = Draft{From: Address{"=?x?q?y?=", "a@b"}, Subject: "=?utf-8?q?x?=", Headers: []Header{{"X-As-Is", "=?utf-8?q?x?="}}}
	}, "From: =?utf-8?b?PT94P3E/eT89?= <a@b>|Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=|X-As-Is: =?utf-8?q?x?=||"},
	{"folded", func(d *Draft) {
		*d = Draft{From: Address{"", "a@b"}, Subject: "It folds at a space that stands alone,  not in a  run of them\tor at a tab, so this is long"}
	}, "From: a@b|Subject: It folds at a space that stands alone,  not in a  run of them\tor at a| tab, so this is long||"},
	{"folded and encoded", func(d *Draft) {
		*d = Draft{From: Address{"", "a@b"}, Subject: strings.Repeat("ä", 30)}
	}, "From: a@b|Subject: =?utf-8?b?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?=| =?utf-8?b?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpA==?=||"},
	{"replaced", func(d *Draft) {
		d.Headers = []Header{{"subject", "mine"}, {"DATE", "never"}, {"From", "Staff: a@b, c@d;"}, {"To", "Jürgen <j@b>, k@b"}, {"Message-Id", "<x>"}, {"Cc", "c@d"}}
	}, "subject: mine|DATE: never|From: Staff: a@b, c@d;|To: =?utf-8?q?J=C3=BCrgen?= <j@b>, k@b|Message-Id: <x>|Cc: c@d||hello|"},
	{"a field of free text among those of MIME", func(d *Draft) { d.Headers = []Header{{"Content-Description", "größer"}} },
		usualHead + "Content-Description: =?utf-8?b?Z3LDtsOfZXI=?=||hello|"},
	{"Bcc", func(d *Draft) {
		d.Headers = []Header{{"BCC", "x@y"}, {"Resent-bcc", "x@y"}, {"X-Bcc", "no"}, {"X-Empty", " "}}
	},
		usualHead + "X-Bcc: no|X-Empty:||hello|"},
	{"a type of one's own", func(d *Draft) {
		d.Text, d.EightBit, d.Headers = "<p>\xfc", true, []Header{{"Content-Type", "text/html; charset=iso-8859-1"}}
	}, usualHead + "MIME-Version: 1.0|Content-Type: text/html; charset=iso-8859-1|Content-Transfer-Encoding: 8bit||<p>\xfc|"},
	{"an encoding of one's own", func(d *Draft) {
		d.Text, d.Headers = "eHl6\n", []Header{{"Content-Transfer-Encoding", "base64"}, {"MIME-Version", "1.0 (by hand)"}}
	}, usualHead + "MIME-Version: 1.0 (by hand)|Content-Type: text/plain; charset=us-ascii|Content-Transfer-Encoding: base64||eHl6|"},
	{"attachment", func(d *Draft) { d.Attachments = []Attachment{file("a b.TXT", "octets")} },
		usualHead + "MIME-Version: 1.0|Content-Type: multipart/mixed; boundary=\"next-part\"||" +
			"--next-part|Content-Type: text/plain; charset=us-ascii||hello||" +
			"--next-part|Content-Type: text/plain|Content-Transfer-Encoding: base64|Content-Disposition: attachment; filename=\"a b.TXT\"||b2N0ZXRz|--next-part--|"},
	{"attachments without a text", func(d *Draft) {
		d.Text, d.Attachments = "", []Attachment{file("", ""), file("x.unknown", strings.Repeat("x", 58))}
	}, usualHead + "MIME-Version: 1.0|Content-Type: multipart/mixed; boundary=\"next-part\"||" +
		"--next-part|Content-Type: application/octet-stream|Content-Transfer-Encoding: base64|Content-Disposition: attachment|||" +
		"--next-part|Content-Type: application/octet-stream|Content-Transfer-Encoding: base64|Content-Disposition: attachment; filename=\"x.unknown\"||" +
		strings.Repeat("eHh4", 19) + "|eA==|--next-part--|"},
	{"8-bit text and an attachment", func(d *Draft) {
		d.Text, d.EightBit, d.Attachments = "ü", true, []Attachment{file("x", "x")}
		d.Attachments[0].Type = "text/x-own; charset=utf-8"
		d.Headers = []Header{{"Content-Type", "text/html; charset=utf-8"}}
	}, usualHead + "MIME-Version: 1.0|Content-Type: multipart/mixed; boundary=\"next-part\"|Content-Transfer-Encoding: 8bit||" +
		"--next-part|Content-Type: text/html; charset=utf-8|Content-Transfer-Encoding: 8bit||ü||" +
		"--next-part|Content-Type: text/x-own; charset=utf-8|Content-Transfer-Encoding: base64|Content-Disposition: attachment; filename=\"x\"||eA==|--next-part--|"},
}

func TestWriteTo(t *testing.T) {
	for _, tt := range writeRows {
		d := usual()
		tt.edit(&d)
		if got := strings.ReplaceAll(written(t, d), "\r\n", "|"); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// wrapped breaks a text as quoted-printable does, 75 octets and a "=" a line,
// less the space at its end.
func wrapped(text string) string {
	var b strings.Builder
	text = strings.TrimSuffix(text, " ")
	for len(text) > 75 {
		b.WriteString(text[:75] + "=|")
		text = text[75:]
	}
	return b.String() + text
}

func TestFileNames(t *testing.T) {
	tests := []struct{ name, want string }{
		{`a"b\c.txt`, `attachment; filename="a\"b\\c.txt"`},
		{"größe.pdf", `attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.pdf`},
		{"100% (1).pdf €", `attachment;| filename*=utf-8''100%25%20%281%29.pdf%20%E2%82%AC`},
		{strings.Repeat("x", 61), "attachment;| filename*0*=utf-8''" + strings.Repeat("x", 53) + ";| filename*1*=" + strings.Repeat("x", 8)},
		{strings.Repeat("€", 8), "attachment;| filename*0*=utf-8''" + strings.Repeat("%E2%82%AC", 5) + ";| filename*1*=" + strings.Repeat("%E2%82%AC", 3)},
	}
	for _, tt := range tests {
		part, err := file(tt.name, "").head()
		got := strings.ReplaceAll(string(part), "\r\n", "|")
		if want := "Content-Disposition: " + tt.want + "||"; err != nil || !strings.HasSuffix(got, want) {
			t.Errorf("%q: %q, %v; want %q", tt.name, got, err, want)
		}
	}
}

// refuseRows are drafts that cannot be written, and why.
var refuseRows = []struct {
	name string
	edit func(d *Draft)
	want error
}{
	{"no From", func(d *Draft) { d.From = Address{} }, ErrAddress},
	{"no domain", func(d *Draft) { d.To = []Address{{"", "postmaster"}} }, ErrAddress},
	{"two in one", func(d *Draft) { d.To = []Address{{"", `"a"@b>, <c@d`}} }, ErrAddress},
	{"a comment", func(d *Draft) { d.To = []Address{{"", "a@b(c)"}} }, ErrAddress},
	{"a name in the path", func(d *Draft) { d.From = Address{"", "Joe <a@b>"} }, ErrAddress},
	{"a path outside ASCII", func(d *Draft) { d.Cc = []Address{{"", "jürgen@b"}} }, ErrNeedsUTF8},
	{"a given field with a path outside ASCII", func(d *Draft) { d.Headers = []Header{{"Reply-To", "jürgen@b"}} }, ErrNeedsUTF8},
	{"a given field that cannot be encoded", func(d *Draft) { d.Headers = []Header{{"List-Id", "ü"}} }, ErrNeedsUTF8},
	{"a given field that is no list", func(d *Draft) { d.Headers = []Header{{"To", "jürgen"}} }, ErrAddress},
	{"a type outside ASCII", func(d *Draft) { d.UTF8, d.Headers = true, []Header{{"Content-Type", "text/ü"}} }, ErrNeedsUTF8},
	{"an identifier outside ASCII", func(d *Draft) { d.MessageID = "ü@b" }, ErrNeedsUTF8},
	{"an identifier with a space", func(d *Draft) { d.MessageID = "<a b>" }, ErrHeader},
	{"an empty identifier", func(d *Draft) { d.MessageID = "<>" }, ErrHeader},
	{"LF in the subject", func(d *Draft) { d.Subject = "a\nBcc: x@y" }, ErrControl},
	{"CR in a name", func(d *Draft) { d.From.Name = "a\rb" }, ErrControl},
	{"LF in a path", func(d *Draft) { d.From.Path = "\"a\n\"@b" }, ErrControl},
	{"LF in an identifier", func(d *Draft) { d.MessageID = "a\n@b" }, ErrControl},
	{"LF in a value", func(d *Draft) { d.Headers = []Header{{"X", "a\r\nY: b"}} }, ErrControl},
	{"LF in a type", func(d *Draft) { d.Headers = []Header{{"Content-Type", "a\r\nY: b"}} }, ErrControl},
	{"LF in the name of a field", func(d *Draft) { d.Headers = []Header{{"X: a\r\nY", "b"}} }, ErrHeader},
	{"no name of a field", func(d *Draft) { d.Headers = []Header{{"", "b"}} }, ErrHeader},
	{"a blank behind the name", func(d *Draft) { d.Headers = []Header{{"X ", "b"}} }, ErrHeader},
	{"LF in a file's name", func(d *Draft) { d.Attachments = []Attachment{file("a\nb", "")} }, ErrControl},
	{"a tab in a file's name", func(d *Draft) { d.Attachments = []Attachment{file("a\tb", "")} }, ErrControl},
	{"NUL in the subject", func(d *Draft) { d.Subject = "\x00" }, ErrControl},
	{"Latin-1 subject", func(d *Draft) { d.Subject = "\xfc" }, ErrEncoding},
	{"Latin-1 text", func(d *Draft) { d.Text, d.EightBit = "\xfc", true }, ErrEncoding},
	{"a reference too long", func(d *Draft) { d.Headers = []Header{{"References", strings.Repeat("x", 1000)}} }, ErrLineLong},
	{"a path too long", func(d *Draft) { d.From.Path = strings.Repeat("x", 1000) + "@b" }, ErrLineLong},
	{"a name of a field too long", func(d *Draft) { d.Headers = []Header{{strings.Repeat("x", 1000), "x"}} }, ErrHeader},
	{"parts of one's own that need encoding", func(d *Draft) {
		d.Text, d.Headers = "ü", []Header{{"Content-Type", "multipart/mixed; boundary=x"}}
	}, ErrBody},
	{"an encoding of one's own that is none", func(d *Draft) {
		d.Text, d.Headers = "ü", []Header{{"Content-Transfer-Encoding", "base64"}}
	}, ErrBody},
	{"no boundary", func(d *Draft) { d.Boundary, d.Attachments = "", []Attachment{file("x", "")} }, ErrBoundary},
	{"a long boundary", func(d *Draft) { d.Boundary, d.Attachments = strings.Repeat("x", 71), []Attachment{file("x", "")} }, ErrBoundary},
	{"a boundary with a quote", func(d *Draft) { d.Boundary, d.Attachments = `"`, []Attachment{file("x", "")} }, ErrBoundary},
	{"a boundary in the text", func(d *Draft) { d.Text, d.Attachments = "--next-part\n", []Attachment{file("x", "")} }, ErrBoundary},
	{"a type that has parts", func(d *Draft) { d.Attachments = []Attachment{{Type: "message/rfc822"}} }, ErrType},
	{"a type that is none", func(d *Draft) { d.Attachments = []Attachment{{Type: "text"}} }, ErrType},
}

func TestWriteToRefuses(t *testing.T) {
	missing := errors.New("it is gone")
	for _, tt := range refuseRows {
		d := usual()
		tt.edit(&d)
		var b bytes.Buffer
		if n, err := d.WriteTo(&b); !errors.Is(err, tt.want) || n != 0 || b.Len() > 0 {
			t.Errorf("%s: wrote %q, %v; want %v", tt.name, b.String(), err, tt.want)
		}
		if _, err := d.Measure(); !errors.Is(err, tt.want) {
			t.Errorf("%s: measured with %v; want %v", tt.name, err, tt.want)
		}
	}
	d := usual()
	d.Attachments = []Attachment{{Name: "x", Open: func() (io.ReadCloser, error) { return nil, missing }}}
	if _, err := d.WriteTo(io.Discard); !errors.Is(err, missing) {
		t.Errorf("an attachment that does not open: %v", err)
	}
	if _, err := d.Measure(); !errors.Is(err, missing) {
		t.Errorf("an attachment that does not open, measured: %v", err)
	}
}

func TestMeasure(t *testing.T) {
	text, euro := usual(), usual()
	euro.Text = strings.Repeat("€ \n", 400)
	raw := euro
	raw.EightBit = true
	utf8 := usual()
	utf8.UTF8, utf8.Subject = true, "ü"
	attached := raw
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 20000} {
		a := file("x", strings.Repeat("x", n))
		a.Size = int64(n)
		attached.Attachments = append(attached.Attachments, a, file("y", strings.Repeat("y", n)))
	}
	tests := []struct {
		name           string
		draft          Draft
		eightBit, utf8 bool
	}{
		{"text", text, false, false}, {"encoded", euro, false, false}, {"8-bit", raw, true, false},
		{"SMTPUTF8", utf8, false, true}, {"attachments", attached, true, false},
	}
	for _, tt := range tests {
		want := Measure{Size: int64(len(written(t, tt.draft))), EightBit: tt.eightBit, UTF8: tt.utf8}
		if got, err := tt.draft.Measure(); got != want || err != nil {
			t.Errorf("%s: measured %+v, %v; want %+v", tt.name, got, err, want)
		}
	}
	unread := usual()
	unread.Attachments = []Attachment{{Size: 2 << 30, Open: func() (io.ReadCloser, error) { return nil, errors.New("opened") }}}
	if m, err := unread.Measure(); err != nil || m.Size < 2<<30/3*4 {
		t.Errorf("a file of known size: %+v, %v", m, err)
	}
}

// fails is a writer that takes so many octets and no more.
type fails struct{ room int }

var errFull = errors.New("full")

func (f *fails) Write(b []byte) (int, error) {
	if n := f.room; n < len(b) {
		f.room = 0
		return n, errFull
	}
	f.room -= len(b)
	return len(b), nil
}

func TestWriteToFailingWriter(t *testing.T) {
	d := usual()
	d.Text = strings.Repeat("日本語\n", 9000)
	d.Attachments = []Attachment{file("x", strings.Repeat("x", 70000))}
	size := len(written(t, d))
	for room := 0; room < size; room += 5000 {
		if n, err := d.WriteTo(&fails{room}); n != int64(room) || !errors.Is(err, errFull) {
			t.Errorf("room for %d octets: wrote %d, %v", room, n, err)
		}
	}
}

// endless is a file of n octets that is nowhere.
func endless(n int64) Attachment {
	return Attachment{Name: "big.bin", Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(pattern{}, n)), nil }}
}

type pattern struct{}

func (pattern) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(i)
	}
	return len(b), nil
}

// TestMemoryDoesNotGrow holds a message of 50 MB to less than 1 MB of memory
// in all, never mind how much of it is in use at once.
func TestMemoryDoesNotGrow(t *testing.T) {
	d := usual()
	d.Attachments = []Attachment{endless(50 << 20)}
	var c Checker
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := io.Copy(&c, WithoutBcc(pipe(d)))
	runtime.ReadMemStats(&after)
	if err != nil || n < 50<<20/3*4 {
		t.Fatalf("%d octets, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d octets of memory for %d of the message", used, n)
	}
	if found := c.Findings(Terms{}); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
}

// pipe is the message as a reader.
func pipe(d Draft) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := d.WriteTo(w)
		w.CloseWithError(err)
	}()
	return r
}

func TestParseHeader(t *testing.T) {
	tests := []struct {
		line string
		want Header
		err  error
	}{
		{"X: y", Header{"X", "y"}, nil},
		{"X-Test:  a: b ", Header{"X-Test", "a: b"}, nil},
		{"X:", Header{"X", ""}, nil},
		{"X : y", Header{}, ErrHeader},
		{"X", Header{}, ErrHeader},
		{": y", Header{}, ErrHeader},
		{"a b: y", Header{}, ErrHeader},
		{"ü: y", Header{}, ErrHeader},
		{"", Header{}, ErrHeader},
		{"X: y\r\nZ: z", Header{}, ErrControl},
		{"X: \xfc", Header{}, ErrEncoding},
	}
	for _, tt := range tests {
		if got, err := ParseHeader(tt.line); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("ParseHeader(%q) = %q, %v; want %q, %v", tt.line, got, err, tt.want, tt.err)
		}
	}
}

func TestParseAddress(t *testing.T) {
	tests := []struct {
		text string
		want Address
		err  error
	}{
		{"a@b", Address{"", "a@b"}, nil},
		{" Joe Doe <joe@example.org> ", Address{"Joe Doe", "joe@example.org"}, nil},
		{`"Doe, Joe" <"a b"@c>`, Address{"Doe, Joe", `"a b"@c`}, nil},
		{"=?utf-8?q?J=C3=BCrgen?= <j@b>", Address{"Jürgen", "j@b"}, nil},
		{"=?x-nowhere?q?J?= <j@b>", Address{"J", "j@b"}, nil},
		{"j\xfcrgen <j@b>", Address{"j\ufffdrgen", "j@b"}, nil},
		{"jürgen@bücher.example", Address{"", "jürgen@bücher.example"}, nil},
		{"<a@[IPV6:2001:db8::1]>", Address{"", "a@[IPv6:2001:db8::1]"}, nil},
		{"a@[192.0.2.1]", Address{"", "a@[192.0.2.1]"}, nil},
		{"", Address{}, ErrAddress},
		{"a", Address{}, ErrAddress},
		{"a@b, c@d", Address{}, ErrAddress},
		{"nobody:;", Address{}, ErrAddress},
		{"j\xfc@b", Address{}, ErrAddress},
		{"\"a\tb\"@c", Address{"", "\"a\tb\"@c"}, nil},
		{"\"a\\\x01b\"@c", Address{}, ErrAddress},
	}
	for _, tt := range tests {
		if got, err := ParseAddress(tt.text); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q, %v", tt.text, got, err, tt.want, tt.err)
		}
	}
}
