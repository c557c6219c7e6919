package trace

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// Contrast is one thing that two sessions are compared in.
type Contrast struct {
	What string // "banner", "MAIL FROM:<a@b>", "offers SIZE", "TLS version"
	A, B string // as it was in each; "" where there was none
	// TookA and TookB are how long a reply took, 0 for what is none. Times are
	// never the same and make no difference.
	TookA, TookB time.Duration
	Kind         ContrastKind
}

// ContrastKind says how far two sessions agree in something.
type ContrastKind uint8

const (
	// Alike is no difference.
	Alike ContrastKind = iota
	// InWords is a difference that every server or every run has: its own
	// name, numbers, a queue id.
	InWords
	// Different is any other.
	Different
)

// Compare sets two sessions side by side, in the order of the first: banner,
// extensions, each command with its reply, and TLS. Ignored leaves out what a
// command of that label got; nil leaves out nothing.
func Compare(a, b []protocol.Event, ignored func(what string) bool) []Contrast {
	one, two := stepsOf(a), stepsOf(b)
	if ignored != nil {
		one, two = slices.DeleteFunc(one, func(s turn) bool { return ignored(s.what) }), slices.DeleteFunc(two, func(s turn) bool { return ignored(s.what) })
	}
	var all []Contrast
	for _, pair := range aligned(one, two) {
		all = append(all, pair.contrasts()...)
	}
	return all
}

// turn is one thing a server did: a reply, or a handshake.
type turn struct {
	what   string
	reply  *protocol.Reply
	offers *protocol.Extensions // of an EHLO that was taken
	tls    *protocol.TLS
	closed string // how the connection ended
	took   time.Duration
	server string // what the server calls itself
	host   string
}

// stepsOf are the turns of a session.
func stepsOf(events []protocol.Event) []turn {
	var s protocol.Session
	var turns []turn
	var asked []string // what is owed a reply, oldest first
	for _, e := range events {
		before := s
		s = s.After(e)
		e = protocol.Masked(e)
		t := turn{server: s.Server(), host: s.Host()}
		switch e := e.(type) {
		case protocol.Opened:
			asked = []string{"banner"}
		case protocol.Sent:
			for range s.Awaiting() - before.Awaiting() {
				asked = append(asked, labelOf(e))
			}
		case protocol.Received:
			t.what, t.reply = "unasked", &e.Reply
			if u, ok := before.Head(); ok && len(asked) > 0 && (e.Reply.Code != 0 || u.Kind == protocol.UnitGreeting) {
				t.what, asked, t.took = asked[0], asked[1:], e.When().Sub(u.Sent)
				if more := s.Awaiting() - len(asked); more > 0 && len(asked) > 0 { // RFC 2033 §4.3: next is the last chunk, with a reply for each recipient
					asked = slices.Insert(asked, 1, slices.Repeat([]string{messageLabel}, more)...)
				}
			}
			if s.Offers() != before.Offers() && s.Offers() != nil {
				t.offers = s.Offers()
			}
			turns = append(turns, t)
		case protocol.Secured:
			t.what, t.tls, t.took = "TLS", &e.TLS, e.Took
			turns = append(turns, t)
			asked = asked[:min(len(asked), s.Awaiting())]
		case protocol.Closed:
			t.what, t.closed, asked = "end", "by "+closers[e.By], nil
			if e.By == protocol.ByPeer && before.Leaving() {
				t.closed = "in good order"
			}
			turns = append(turns, t)
		}
	}
	return turns
}

// messageLabel stands for a message, whose octets are nobody's label.
const messageLabel = "the message"

func labelOf(e protocol.Sent) string {
	switch e.Kind {
	case protocol.SentResponse:
		return "an answer to a challenge"
	case protocol.SentContent, protocol.SentChunk:
		return messageLabel
	case protocol.SentCommand, protocol.SentPreamble:
	}
	return strings.TrimRight(string(e.Raw), "\r\n")
}

// both is a turn of each session; nil where one has none.
type both struct{ a, b *turn }

// mostAligned is the largest table of turns by turns that is looked through
// for the best way to set two sessions side by side.
const mostAligned = 4 << 20

// aligned sets the turns side by side that answer the same: the longest
// sequence of them that both sessions have.
func aligned(a, b []turn) []both {
	var head, tail []both
	for len(a) > 0 && len(b) > 0 && a[0].what == b[0].what {
		head = append(head, both{&a[0], &b[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1].what == b[len(b)-1].what {
		tail = append(tail, both{&a[len(a)-1], &b[len(b)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(head, middle(a, b), tail)
}

func middle(a, b []turn) []both {
	length := make([][]int, len(a)+1) // of the longest sequence behind i and j
	if len(a)*len(b) <= mostAligned {
		for i := range length {
			length[i] = make([]int, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				length[i][j] = max(length[i+1][j], length[i][j+1])
				if a[i].what == b[j].what {
					length[i][j] = length[i+1][j+1] + 1
				}
			}
		}
	}
	var all []both
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].what == b[j].what:
			all = append(all, both{&a[i], &b[j]})
			i, j = i+1, j+1
		case length[i] == nil || length[i+1][j] >= length[i][j+1]:
			all = append(all, both{a: &a[i]})
			i++
		default:
			all = append(all, both{b: &b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		all = append(all, both{a: &a[i]})
	}
	for ; j < len(b); j++ {
		all = append(all, both{b: &b[j]})
	}
	return all
}

// contrasts are what there is to say about a pair.
func (p both) contrasts() []Contrast {
	some := p.a
	if some == nil {
		some = p.b
	}
	switch {
	case some.tls != nil:
		return tlsContrasts(p.a.handshake(), p.b.handshake())
	case some.reply == nil:
		return []Contrast{contrast("end of the connection", p.a.end(), p.b.end(), Different)}
	}
	c := contrast(some.what, p.a.said(), p.b.said(), Different)
	c.TookA, c.TookB = p.a.time(), p.b.time()
	if c.Kind == Different && p.a != nil && p.b != nil && p.a.steady() == p.b.steady() {
		c.Kind = InWords
	}
	all := []Contrast{c}
	if p.a != nil && p.b != nil && (p.a.offers != nil || p.b.offers != nil) {
		all = append(all, offerContrasts(p.a.offers, p.b.offers)...)
	}
	return all
}

func contrast(what, a, b string, otherwise ContrastKind) Contrast {
	c := Contrast{What: what, A: a, B: b}
	if a != b {
		c.Kind = otherwise
	}
	return c
}

func (t *turn) time() time.Duration {
	if t == nil {
		return 0
	}
	return t.took
}

func (t *turn) end() string {
	if t == nil {
		return ""
	}
	return t.closed
}

func (t *turn) handshake() *protocol.TLS {
	if t == nil {
		return nil
	}
	return t.tls
}

// said is a reply in a line: of EHLO the first, for the extensions are
// compared one by one.
func (t *turn) said() string {
	if t == nil {
		return ""
	}
	lines := t.reply.Lines
	if t.offers != nil && len(lines) > 1 {
		lines = lines[:1]
	}
	return strings.TrimRight(strconv.Itoa(t.reply.Code)+" "+strings.Join(lines, " / "), " ")
}

// steady is a reply without what differs from server to server and from run to
// run: the server's name and address, and the words with digits in them. Codes
// stay.
func (t *turn) steady() string {
	r := t.reply
	text := strings.ToLower(t.said())
	for _, name := range []string{t.server, t.host} {
		if name != "" {
			text = strings.ReplaceAll(text, strings.ToLower(name), "#")
		}
	}
	words := strings.Fields(text)
	for i, word := range words {
		if i > 0 && strings.ContainsAny(word, "0123456789") {
			words[i] = "#"
		}
	}
	return strconv.Itoa(r.Code) + " " + r.Enhanced.String() + " " + strings.Join(words, " ")
}

// offerContrasts compare the extensions, in the order of the first server.
func offerContrasts(a, b *protocol.Extensions) []Contrast {
	var all []Contrast
	words := slices.Clone(a.Keywords())
	for _, word := range b.Keywords() {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	for _, word := range words {
		all = append(all, contrast("offers "+word, offerText(a, word), offerText(b, word), Different))
	}
	return all
}

func offerText(x *protocol.Extensions, word string) string {
	if !x.Has(word) {
		return ""
	}
	if args := strings.Join(x.Args(word), " "); args != "" {
		return args
	}
	return "yes"
}

// tlsContrasts compare two handshakes. Certificates are another server's by
// right; what kind of key they have is not.
func tlsContrasts(a, b *protocol.TLS) []Contrast {
	rows := []struct {
		what string
		of   func(*protocol.TLS) string
		kind ContrastKind
	}{
		{"TLS version", func(t *protocol.TLS) string { return t.Version }, Different},
		{"TLS cipher", func(t *protocol.TLS) string { return t.Cipher }, Different},
		{"TLS group", func(t *protocol.TLS) string { return t.Group }, Different},
		{"verified", verifiedText, Different},
		{"certificate", leaf(func(c protocol.Certificate) string { return c.Subject }), InWords},
		{"issued by", leaf(func(c protocol.Certificate) string { return c.Issuer }), InWords},
		{"valid until", leaf(func(c protocol.Certificate) string { return c.NotAfter.UTC().Format(time.DateOnly) }), InWords},
		{"key", leaf(func(c protocol.Certificate) string { return c.Key + ", " + c.Signature }), Different},
	}
	var all []Contrast
	for _, row := range rows {
		var texts [2]string
		for i, t := range []*protocol.TLS{a, b} {
			if t != nil {
				texts[i] = row.of(t)
			}
		}
		if (a == nil || b == nil) && row.kind == InWords || texts == [2]string{} {
			continue // whose certificate it is compares with nothing
		}
		all = append(all, contrast(row.what, texts[0], texts[1], row.kind))
	}
	return all
}

func verifiedText(t *protocol.TLS) string {
	if t.Verified() {
		return "yes"
	}
	return "no"
}

// leaf is something of the server's own certificate.
func leaf(of func(protocol.Certificate) string) func(*protocol.TLS) string {
	return func(t *protocol.TLS) string {
		if len(t.Chain) == 0 {
			return ""
		}
		return of(t.Chain[0])
	}
}
