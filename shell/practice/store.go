package practice

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"smtpsh/protocol"
)

// Message is a message that the server took.
type Message struct {
	N          int       // its number, counted from 1
	ID         string    // what the server called it in its reply: "P1"
	At         time.Time // when it was taken
	Helo       string    // how the client named itself
	From       string    // the reverse-path without brackets; "" for <>
	Params     string    // the parameters of MAIL, as given
	To         []string  // the recipients that were taken, in order
	RcptParams []string  // the parameters of each RCPT, as given
	Data       []byte    // as delivered: with trace lines before the content; not to be modified

	trace int // octets of trace lines at the beginning of Data
}

// Content is the message as the client sent it, without dot-stuffing and
// without the trace lines that this server put before it.
func (m Message) Content() []byte { return m.Data[m.trace:] }

// addTrace puts the trace lines of a final delivery before content: where the
// message came from, and its way here (RFC 5321 §4.4).
func (m *Message) addTrace(s *session, content []byte) {
	var b strings.Builder
	b.WriteString("Return-Path: <" + m.From + ">\r\n")
	b.WriteString("Received: from " + clean(m.Helo) + " (" + s.remote + ")\r\n\tby " + s.srv.Hostname + " with " + s.transmissionType() + " id " + m.ID)
	if len(m.To) == 1 { // with more than one, a "for" would tell each of the others (RFC 5321 §7.2)
		b.WriteString("\r\n\tfor <" + m.To[0] + ">")
	}
	b.WriteString(";\r\n\t" + m.At.Format("Mon, 2 Jan 2006 15:04:05 -0700") + "\r\n")
	if !startsWithField(content) {
		b.WriteString("\r\n") // RFC 5322 §2.1: an empty line ends the header, and the client sent none
	}
	m.trace = b.Len()
	m.Data = append([]byte(b.String()), content...)
}

// transmissionType is how a message came, as trace lines call it (RFC 3848,
// RFC 6531 §4.3): "ESMTPSA" under TLS and logged in.
func (s *session) transmissionType() string {
	with := "ESMTP"
	switch {
	case !s.esmtp:
		return "SMTP" // there are no further letters for this one
	case s.tx.utf8:
		with = "UTF8SMTP"
	}
	if s.tls {
		with += "S"
	}
	if s.authed {
		with += "A"
	}
	return with
}

// startsWithField reports content that goes on with a header: a field name
// and its colon (RFC 5322 §2.2), or the empty line behind the last of them.
func startsWithField(content []byte) bool {
	for i, b := range content {
		switch {
		case b == ':':
			return i > 0
		case b == '\r' || b == '\n':
			return i == 0
		case b <= ' ' || b > '~':
			return false
		}
	}
	return false
}

// store keeps the last messages. A number, once given, stays with its message.
type store struct {
	mu   sync.Mutex
	kept []Message
	last int // number of the newest message
	size int // octets of kept
}

// add numbers a message, has it built under that number and keeps it.
func (s *store) add(build func(n int, id string) Message) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	m := build(s.last, "P"+strconv.Itoa(s.last))
	s.kept = append(s.kept, m)
	s.size += len(m.Data)
	for len(s.kept) > maxMessages || s.size > maxKept && len(s.kept) > 1 {
		s.size -= len(s.kept[0].Data)
		s.kept[0] = Message{} // the array stays for a while; what it held need not
		s.kept = s.kept[1:]
	}
	return m
}

func (s *store) all() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.kept...)
}

func (s *store) get(n int) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := n - (s.last - len(s.kept)) - 1
	if i < 0 || i >= len(s.kept) {
		return Message{}, false
	}
	return s.kept[i], true
}

func (s *store) dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last - len(s.kept)
}

// given writes a command's parameters as they were given, one space between.
func given(c protocol.Command) string {
	words := make([]string, len(c.Params))
	for i, g := range c.Params {
		words[i] = g.Of(c.Raw)
	}
	return strings.Join(words, " ")
}
