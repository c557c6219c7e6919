package message

import (
	"fmt"
	"io"
	"strings"
)

// Template is the message as a text for an editor: the fields that people fill
// in, an empty line, and the text, with LF line ends and nothing encoded.
// Addresses stand as the envelope has them, even where a header could not
// carry them. ParseDraft reads it back.
func (d Draft) Template() (string, error) {
	h := head{utf8: true}
	h.prompt("From", []Address{d.From})
	h.prompt("To", d.To)
	if len(d.Cc) > 0 {
		h.prompt("Cc", d.Cc)
	}
	if !d.Date.IsZero() {
		h.line("Date", date(d.Date))
	}
	if d.MessageID != "" {
		h.messageID(d.MessageID)
	}
	for _, x := range d.Headers {
		h.extra(x)
	}
	if d.Subject == "" {
		h.prompt("Subject", nil)
	} else {
		h.text("Subject", d.Subject, true)
	}
	if h.err != nil {
		return "", fmt.Errorf("template: %w", h.err)
	}
	return strings.ReplaceAll(string(h.buf), "\r\n", "\n") + "\n" + d.Text, nil
}

// prompt writes mailboxes, or the name of the field for somebody to fill it
// in.
func (h *head) prompt(name string, list []Address) {
	if len(list) == 0 || list[0] == (Address{}) {
		h.buf = append(append(h.buf, name...), ": \r\n"...)
		return
	}
	h.mailboxes(name, list)
}

// ParseDraft reads a message as people write it: fields, an empty line, and
// the text, with any line ends and nothing encoded that is not yet. All fields
// become Headers, in their order, so that WriteTo writes each as it stands,
// encoded where it must be; those for addresses in which nobody is named are
// left out, as nobody filled them in. Among them is a Bcc, which WriteTo does
// not write; Envelope reads it.
func ParseDraft(text string) (Draft, error) {
	var d Draft
	r := strings.NewReader(text)
	fields := newFieldReader(r)
	for {
		f, err := fields.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Draft{}, fmt.Errorf("read draft: %w", err)
		}
		x := Header{Name: f.name, Value: f.value}
		if err := x.check(); err != nil {
			return Draft{}, fmt.Errorf("read draft: line %d: %w", f.line, err)
		}
		if x.Value == "" && kindOf(x.Name) == kindAddresses {
			continue
		}
		d.Headers = append(d.Headers, x)
	}
	d.Text = text[len(text)-r.Len()-fields.lines.r.Buffered():]
	return d, nil
}
