package message

import (
	"fmt"
	"io"
	"strings"
)

// Envelope reads a header, or a message up to the end of its header, and says
// who the message is from and who it goes to: the reverse-path out of Sender
// or From, and the forward-paths out of To, Cc and Bcc, each once and in their
// order. Where a message was resent, the Resent- fields of the last time count
// in their place (RFC 5322 §3.6.6). Paths are as the envelope has them,
// without brackets; the members of a group stand in its place.
//
// ErrNoSender and ErrNoRecipient come with what was found all the same, so
// that a caller who knows the other half can go on. Any other error is one of
// the header, and nothing is guessed from a header that is broken.
func Envelope(header io.Reader) (from string, to []string, err error) {
	plain, resent := party{}, party{once: true}
	fields := newFieldReader(header)
	for {
		f, err := fields.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", nil, fmt.Errorf("read header: %w", err)
		}
		name := strings.ToLower(f.name)
		if short, ok := strings.CutPrefix(name, "resent-"); ok {
			err = resent.take(short, f.value)
		} else {
			err = plain.take(name, f.value)
		}
		if err != nil {
			return "", nil, fmt.Errorf("read header: line %d: %s: %w", f.line, f.name, err)
		}
		// A hop puts its trace fields before all that it found (RFC 5322
		// §3.6.7), so the fields of an earlier resending stand behind them.
		if name == "received" || name == "return-path" {
			resent.closed = len(resent.names) > 0
		}
	}
	if resent.sender != "" || resent.from != "" || len(resent.to) > 0 {
		return resent.envelope()
	}
	return plain.envelope()
}

// party is who sends a message, and who is to get it.
type party struct {
	sender, from string
	to           []string
	seen         map[string]bool // of to
	once         bool            // a name that comes again belongs to an earlier resending
	names        map[string]bool
	closed       bool
}

// take reads one field, by its name in lower case.
func (p *party) take(name, value string) error {
	if p.once {
		if p.closed = p.closed || p.names[name]; p.closed {
			return nil
		}
		if p.names == nil {
			p.names = map[string]bool{}
		}
		p.names[name] = true
	}
	switch name {
	case "sender", "from", "to", "cc", "bcc":
	default:
		return nil
	}
	if value == "" { // not in the grammar but for Bcc, and harmless
		return nil
	}
	list, err := ParseAddresses(value)
	if err != nil || len(list) == 0 {
		return err
	}
	switch name {
	case "sender":
		p.sender = list[0].Path
	case "from":
		p.from = list[0].Path
	default:
		p.add(list)
	}
	return nil
}

// add adds recipients that are not there yet. The case of a domain makes no
// difference (RFC 5321 §2.4).
func (p *party) add(list []Address) {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	for _, a := range list {
		at := strings.LastIndexByte(a.Path, '@')
		key := a.Path[:at] + strings.ToLower(a.Path[at:])
		if !p.seen[key] {
			p.seen[key] = true
			p.to = append(p.to, a.Path)
		}
	}
}

// envelope is what the fields came to. Of several mailboxes in From the first
// counts; there should be a Sender then (RFC 5322 §3.6.2).
func (p *party) envelope() (from string, to []string, err error) {
	from = p.sender
	if from == "" {
		from = p.from
	}
	switch {
	case from == "":
		err = ErrNoSender
	case len(p.to) == 0:
		err = ErrNoRecipient
	}
	return from, p.to, err
}
