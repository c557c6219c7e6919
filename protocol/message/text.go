package message

import (
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

// transfer is a content transfer encoding, by its name in the header (RFC 2045
// §6.1).
type transfer string

const (
	sevenBit        transfer = "7bit"
	eightBit        transfer = "8bit"
	quotedPrintable transfer = "quoted-printable"
	base64Transfer  transfer = "base64"
)

// textPart is the text of a message, ready to be written.
type textPart struct {
	text     string
	transfer transfer
	head     []Header // the fields of MIME that describe it; none for plain ASCII
}

// lines are the lines of a text without their ends. CRLF, LF and CR all end
// one, for none but the first may stand in a message (RFC 5322 §2.3).
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			i := strings.IndexAny(text, "\r\n")
			if i < 0 {
				yield(text)
				return
			}
			line, rest := text[:i], text[i+1:]
			if text[i] == '\r' {
				rest = strings.TrimPrefix(rest, "\n")
			}
			if !yield(line) {
				return
			}
			text = rest
		}
	}
}

// survey is what decides how a text can travel.
type survey struct {
	high    bool // octets above 127
	nul     bool
	longest int   // octets of the longest line
	size    int64 // octets with CRLF line ends
}

func surveyText(text string) survey {
	s := survey{high: !isASCII(text), nul: strings.IndexByte(text, 0) >= 0}
	for line := range lines(text) {
		s.longest = max(s.longest, len(line))
		s.size += int64(len(line)) + 2
	}
	return s
}

// plainTransfer is how the text travels unencoded; ok is false when it cannot
// (RFC 2045 §2.7, §2.8).
func (s survey) plainTransfer(allowed bool) (t transfer, ok bool) {
	switch {
	case s.nul || s.longest > maxLine || s.high && !allowed:
		return "", false
	case s.high:
		return eightBit, true
	}
	return sevenBit, true
}

// textPart says how the draft's text travels and what the header says of it.
func (d Draft) textPart() (*textPart, error) {
	s := surveyText(d.Text)
	p := &textPart{text: d.Text}
	given, typed := d.find("Content-Type")
	done, encoded := d.find("Content-Transfer-Encoding")
	if !typed && !utf8.ValidString(d.Text) {
		return nil, fmt.Errorf("text: %w", ErrEncoding)
	}
	plain, ok := s.plainTransfer(d.EightBit)
	switch {
	case ok:
		p.transfer = plain
	case encoded || isComposite(given.Value):
		// What has parts is not encoded as a whole (RFC 2045 §6.4).
		return nil, fmt.Errorf("text: %w: it has a NUL, lines over 998 octets, or 8-bit octets without 8BITMIME", ErrBody)
	default:
		p.transfer = shorter(d.Text, s)
	}
	if !typed && !encoded && p.transfer == sevenBit && len(d.Attachments) == 0 {
		return p, nil // RFC 2045 §5.2: that is what a message without MIME is
	}
	if !typed {
		given = Header{Name: "Content-Type", Value: "text/plain; charset=" + charset(s)}
	}
	p.head = append(p.head, given)
	switch {
	case encoded:
		p.head = append(p.head, done)
	case p.transfer != sevenBit: // the default (RFC 2045 §6.1)
		p.head = append(p.head, Header{Name: "Content-Transfer-Encoding", Value: string(p.transfer)})
	}
	return p, nil
}

func charset(s survey) string {
	if s.high {
		return "utf-8"
	}
	return "us-ascii"
}

// isComposite reports a content type that has parts of its own.
func isComposite(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), "/")
	kind = strings.Trim(kind, blanks)
	return kind == "multipart" || kind == "message"
}

// shorter is the encoding that makes fewer octets of the text; people can read
// quoted-printable, so a tie is its.
func shorter(text string, s survey) transfer {
	var count counter
	p := textPart{text: text, transfer: quotedPrintable}
	if err := p.write(&count); err == nil && count.n <= base64Size(s.size) {
		return quotedPrintable
	}
	return base64Transfer
}

// write writes the text, each line with its CRLF, encoded where it must be.
// The last line has one too.
func (p *textPart) write(w io.Writer) error {
	switch p.transfer {
	case quotedPrintable:
		q := quotedprintable.NewWriter(w)
		if err := p.writeLines(q); err != nil {
			return err
		}
		return q.Close()
	case base64Transfer:
		b := newBase64Writer(w)
		if err := p.writeLines(b); err != nil {
			return err
		}
		if err := b.Close(); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\r\n")
		return err
	case sevenBit, eightBit:
	}
	return p.writeLines(w)
}

func (p *textPart) writeLines(w io.Writer) error {
	for line := range lines(p.text) {
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// base64Line is how many octets stand in a line of 76 characters (RFC 2045
// §6.8).
const base64Line = 57

// base64Writer encodes into lines of 76 characters, a CRLF between each two.
// It holds on to what does not fill its buffer until it is closed.
type base64Writer struct {
	w       io.Writer
	in, out []byte
	begun   bool
}

func newBase64Writer(w io.Writer) *base64Writer {
	const atOnce = 256 // lines
	return &base64Writer{w: w, in: make([]byte, 0, atOnce*base64Line), out: make([]byte, 0, atOnce*(76+2))}
}

// Write encodes b.
func (e *base64Writer) Write(b []byte) (int, error) {
	written := len(b)
	for len(b) > 0 {
		n := copy(e.in[len(e.in):cap(e.in)], b)
		e.in, b = e.in[:len(e.in)+n], b[n:]
		if len(e.in) == cap(e.in) {
			if err := e.Close(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

// Close writes what is left, without a CRLF behind it.
func (e *base64Writer) Close() error {
	e.out = e.out[:0]
	for in := e.in; len(in) > 0; {
		if e.begun {
			e.out = append(e.out, "\r\n"...)
		}
		n := min(len(in), base64Line)
		e.out = base64.StdEncoding.AppendEncode(e.out, in[:n])
		e.begun, in = true, in[n:]
	}
	e.in = e.in[:0]
	_, err := e.w.Write(e.out)
	return err
}

// base64Size is how many octets base64Writer makes of n.
func base64Size(n int64) int64 {
	chars := (n + 2) / 3 * 4
	return chars + max(0, (chars+75)/76-1)*2
}

// counter counts what is written to it; with a writer it passes it on.
type counter struct {
	w io.Writer // nil to count alone
	n int64
}

// Write counts b.
func (c *counter) Write(b []byte) (n int, err error) {
	n = len(b)
	if c.w != nil {
		n, err = c.w.Write(b)
	}
	c.n += int64(n)
	return n, err
}
