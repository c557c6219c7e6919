package message

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// Draft is a message before it is written. The zero value of a field leaves
// its line out, but for From, without which there is no message (RFC 5322
// §3.6).
type Draft struct {
	From        Address
	To, Cc      []Address
	Subject     string
	Date        time.Time
	MessageID   string       // with or without its angle brackets
	Headers     []Header     // more fields; one of a name from above stands in its place
	Text        string       // lines with any line ends, in UTF-8
	Attachments []Attachment // each a part of its own, behind the text
	Boundary    string       // stands between the parts, and in none: letters, digits and '()+_,-./:? up to 70

	UTF8     bool // the server takes SMTPUTF8: headers may be UTF-8 (RFC 6532), else they are encoded
	EightBit bool // the server takes 8BITMIME: the text may be UTF-8 as it is, else it is encoded
}

// Measure is what a MAIL command says of a message (RFC 1870 §5, RFC 6152 §3,
// RFC 6531 §3.4).
type Measure struct {
	Size     int64 // octets with CRLF line ends, before dot-stuffing
	EightBit bool  // the body has octets above 127: BODY=8BITMIME
	UTF8     bool  // the header has: SMTPUTF8
}

// WriteTo writes the message with CRLF line ends, before dot-stuffing, and
// returns how many octets that were. Attachments are read while they are
// written. A draft that cannot be written is refused before its first octet;
// what comes after it are errors of Open, of an attachment or of w, and leave
// half a message.
//
// A Bcc among Headers is left out. Content-Type and Content-Transfer-Encoding
// among them are those of Text: with the former Text may be in any charset,
// with the latter it is encoded already and goes as it is.
func (d Draft) WriteTo(w io.Writer) (int64, error) {
	c, err := d.compose()
	if err != nil {
		return 0, fmt.Errorf("compose: %w", err)
	}
	count := &counter{w: w}
	out := bufio.NewWriterSize(count, 32<<10)
	err = c.write(out, func(a Attachment) error { return a.write(out) })
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		err = fmt.Errorf("write message: %w", err)
	}
	return count.n, err
}

// Measure tells what WriteTo will write. It reads the attachments whose Size
// is not given.
func (d Draft) Measure() (Measure, error) {
	c, err := d.compose()
	if err != nil {
		return Measure{}, fmt.Errorf("compose: %w", err)
	}
	var count counter
	err = c.write(&count, func(a Attachment) error {
		if a.Size <= 0 {
			return a.write(&count)
		}
		count.n += base64Size(a.Size)
		return nil
	})
	if err != nil {
		return Measure{}, fmt.Errorf("measure message: %w", err)
	}
	return Measure{Size: count.n, EightBit: c.text.transfer == eightBit, UTF8: !isASCII(string(c.head))}, nil
}

// find is the field of that name among Headers.
func (d Draft) find(name string) (Header, bool) {
	for _, h := range d.Headers {
		if h.is(name) {
			return h, true
		}
	}
	return Header{}, false
}

// composed is a message of which nothing is left to decide.
type composed struct {
	head     []byte // the message's own header, and the empty line
	text     *textPart
	textHead []byte
	attached []Attachment
	heads    [][]byte // of each attachment
	boundary string
}

// compose decides everything, and finds every fault that a draft can have.
func (d Draft) compose() (*composed, error) {
	text, err := d.textPart()
	if err != nil {
		return nil, err
	}
	c := &composed{text: text, attached: d.Attachments, boundary: d.Boundary}
	h, part := head{utf8: d.UTF8}, head{}
	d.fields(&h)
	for _, x := range text.head {
		part.extra(x)
	}
	h.err = cmp.Or(h.err, part.err)
	switch {
	case len(d.Attachments) > 0:
		h.err = cmp.Or(h.err, d.checkBoundary())
		d.multipart(&h, text)
		c.textHead = append(part.buf, "\r\n"...)
	case len(text.head) > 0:
		d.version(&h)
		h.buf = append(h.buf, part.buf...)
	}
	if h.err != nil {
		return nil, h.err
	}
	c.head = append(h.buf, "\r\n"...)
	for _, a := range d.Attachments {
		part, err := a.head()
		if err != nil {
			return nil, err
		}
		c.heads = append(c.heads, part)
	}
	return c, nil
}

// fields writes the header but for MIME.
func (d Draft) fields(h *head) {
	given := func(name string) bool { _, ok := d.find(name); return ok }
	if !given("Date") && !d.Date.IsZero() {
		h.line("Date", date(d.Date))
	}
	if !given("From") {
		h.addresses("From", []Address{d.From})
	}
	if !given("To") && len(d.To) > 0 {
		h.addresses("To", d.To)
	}
	if !given("Cc") && len(d.Cc) > 0 {
		h.addresses("Cc", d.Cc)
	}
	if !given("Subject") && d.Subject != "" {
		h.text("Subject", d.Subject, false)
	}
	if !given("Message-ID") && d.MessageID != "" {
		h.messageID(d.MessageID)
	}
	for _, x := range d.Headers {
		switch {
		case x.is(blindFields...): // RFC 5322 §3.6.3: who reads it must not see it
		case x.is("Content-Type", "Content-Transfer-Encoding"): // of the text
		default:
			h.extra(x)
		}
	}
}

// date writes a moment by RFC 5322 §3.3.
func date(t time.Time) string { return t.Format("Mon, 2 Jan 2006 15:04:05 -0700") }

// messageID writes the identifier within its angle brackets (RFC 5322 §3.6.4).
func (h *head) messageID(id string) {
	inner := strings.TrimSuffix(strings.TrimPrefix(strings.Trim(id, blanks), "<"), ">")
	if inner == "" || strings.ContainsAny(inner, "<> \t") {
		h.fail("Message-ID", ErrHeader)
	}
	if !h.utf8 && !isASCII(inner) {
		h.fail("Message-ID", ErrNeedsUTF8)
	}
	h.fail("Message-ID", checkText(inner))
	h.line("Message-ID", "<"+inner+">")
}

// version says that the message is one of MIME, which is said once, in its own
// header (RFC 2045 §4).
func (d Draft) version(h *head) {
	if _, ok := d.find("MIME-Version"); !ok {
		h.line("MIME-Version", "1.0")
	}
}

// multipart writes the fields of a message that has parts. Its encoding is
// that of the part that asks the most (RFC 2045 §6.4).
func (d Draft) multipart(h *head, text *textPart) {
	d.version(h)
	h.fold("Content-Type", foldLine, []string{"multipart/mixed;", `boundary="` + d.Boundary + `"`})
	if text.transfer == eightBit {
		h.line("Content-Transfer-Encoding", string(eightBit))
	}
}

// checkBoundary holds the boundary to RFC 2046 §5.1.1, less the space and the
// "=", which quoted-printable could make of something else.
func (d Draft) checkBoundary() error {
	for i := range len(d.Boundary) {
		if b := d.Boundary[i]; !isLetterOrDigit(b) && strings.IndexByte("'()+_,-./:?", b) < 0 {
			return fmt.Errorf("boundary %q: %w", d.Boundary, ErrBoundary)
		}
	}
	if d.Boundary == "" || len(d.Boundary) > 70 || strings.Contains(d.Text, "--"+d.Boundary) {
		return fmt.Errorf("boundary %q: %w", d.Boundary, ErrBoundary)
	}
	return nil
}

// write writes the message; attach writes what is in an attachment.
func (c *composed) write(w io.Writer, attach func(Attachment) error) error {
	if _, err := w.Write(c.head); err != nil {
		return err
	}
	if len(c.attached) == 0 {
		return c.text.write(w)
	}
	before := "" // the CRLF before a delimiter is its own (RFC 2046 §5.1.1)
	part := func(head []byte) error {
		_, err := io.WriteString(w, before+"--"+c.boundary+"\r\n"+string(head))
		before = "\r\n"
		return err
	}
	if c.text.text != "" {
		if err := part(c.textHead); err != nil {
			return err
		}
		if err := c.text.write(w); err != nil {
			return err
		}
	}
	for i, a := range c.attached {
		if err := part(c.heads[i]); err != nil {
			return err
		}
		if err := attach(a); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\r\n--"+c.boundary+"--\r\n")
	return err
}
