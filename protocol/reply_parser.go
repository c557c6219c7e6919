package protocol

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// What the parser keeps of a reply, at most. A server is not trusted to end a
// line or a reply; what comes behind a limit is counted and not kept.
const (
	// MaxReplyLine is how many octets of one line are kept, its line end apart.
	MaxReplyLine = 64 << 10
	// MaxReply is how many octets of one reply are kept.
	MaxReply = 1 << 20
	// MaxReplyLines is how many lines of one reply are kept.
	MaxReplyLines = 1 << 14
)

const (
	replyLineLimit = 512      // RFC 5321 §4.5.3.1.5, code and CRLF included
	keepBuffer     = 64 << 10 // a buffer over this is not held on to between replies
)

// ReplyParser takes a stream of octets apart into replies (RFC 5321 §4.2). It
// is tolerant: every octet ends up in some reply, and what breaks a rule is
// noted there. The zero value is ready to use; set it back to the zero value
// at a TLS handshake, so that nothing crosses from plaintext into TLS
// (RFC 3207 §4.2).
//
// A line with a code and a hyphen is continued. Any other line with a code ends
// the reply, even when its code is not that of the lines before it. When codes
// differ the reply has the last one, for RFC 5321 §4.2.1 tells clients to look
// for the line with a space and to ignore those before it. A line without a
// code belongs to the reply it stands in, and where it stands alone it is a
// reply of code 0.
//
// The reply is as long as the server makes it; Pending tells a caller that
// wants to give up.
type ReplyParser struct {
	raw       []byte // what is kept of the reply
	spans     []Span // the text of each line that is kept, in raw
	anomalies []Anomaly
	lines     int  // lines ended
	coded     bool // a line had a code
	first     int  // code of the first line that has one
	code      int  // code of the last line that has one
	dropped   int
	full      bool // reply-cut was noted

	start int     // where the current line begins in raw
	seen  int     // octets of the current line, its LF apart
	head  [4]byte // the first of them, for a line of which nothing is kept
	last  byte    // the last of them
}

// Feed consumes octets up to the end of one reply, and returns those behind
// it; call it again with them. Without a whole reply all of b is consumed.
func (p *ReplyParser) Feed(b []byte) (rest []byte, reply Reply, ok bool) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			p.take(b)
			return nil, Reply{}, false
		}
		p.take(b[:i])
		b = b[i+1:]
		if p.endLine(true) {
			reply = p.build()
			p.reset()
			return b, reply, true
		}
	}
	return nil, Reply{}, false
}

// Tail is the unfinished reply that the octets so far make, for a connection
// that closed in the middle of one. It leaves the parser as it is.
func (p *ReplyParser) Tail() (Reply, bool) {
	if p.Pending() == 0 {
		return Reply{}, false
	}
	q := *p // what q adds must not land in what p holds
	q.raw, q.spans, q.anomalies = bytes.Clone(q.raw), slices.Clip(q.spans), slices.Clip(q.anomalies)
	if q.seen > 0 {
		q.endLine(false)
	}
	q.note("incomplete")
	return q.build(), true
}

// Pending is how many octets there are so far of a reply that is not finished,
// those that were not kept included.
func (p *ReplyParser) Pending() int { return p.start + p.dropped + p.seen }

// take adds octets of the current line.
func (p *ReplyParser) take(b []byte) {
	if len(b) == 0 {
		return
	}
	if p.seen < len(p.head) {
		copy(p.head[p.seen:], b)
	}
	p.seen += len(b)
	p.last = b[len(b)-1]
	if p.lines >= MaxReplyLines {
		return
	}
	// Two octets are left for the line end, so that a cut line has one too.
	room := min(MaxReplyLine-(len(p.raw)-p.start), MaxReply-2-len(p.raw), len(b))
	p.raw = append(p.raw, b[:max(room, 0)]...)
}

// endLine judges the current line and reports whether it ends the reply. A
// line without its LF is one that a close cut off.
func (p *ReplyParser) endLine(lf bool) (ends bool) {
	p.lines++
	end, size := lineEnd(lf, p.seen > 0 && p.last == '\r'), p.seen
	if strings.HasPrefix(end, "\r") {
		size--
	}
	code, skip, ends := p.classify(size, lf)
	p.keep(size, skip, end)
	if end == "\n" {
		p.note("bare-lf")
	}
	if size+2 > replyLineLimit {
		p.note("line-long")
	}
	if skip > 0 {
		p.noteCode(code)
	}
	p.start, p.seen = len(p.raw), 0
	return ends
}

// classify reads code and separator of a line of size octets: how many of them
// they take, and whether the line ends the reply.
func (p *ReplyParser) classify(size int, lf bool) (code, skip int, ends bool) {
	h := p.head
	if digits := countDigits(h[:min(size, 3)]); digits < 3 {
		if lf || digits < size { // a close may have cut off the rest of a code
			p.note("no-code")
		}
		return 0, 0, p.lines == 1
	}
	code = int(h[0]-'0')*100 + int(h[1]-'0')*10 + int(h[2]-'0')
	switch {
	case size == 3:
		return code, 3, true // RFC 5321 §4.2: the text is optional
	case h[3] == ' ':
		return code, 4, true
	case h[3] == '-':
		return code, 4, false
	}
	p.note("separator") // a fourth digit too: a code has three
	if h[3] == '\t' {   // meant as the space
		return code, 4, true
	}
	return code, 3, true
}

// noteCode compares the code of a line with those before it.
func (p *ReplyParser) noteCode(code int) {
	if code < 200 || code > 599 || code/10%10 > 5 {
		p.note("code-range")
	}
	if !p.coded {
		p.coded, p.first = true, code
	}
	if code != p.first {
		p.note("code-differs")
	}
	p.code = code
}

// keep ends the current line in raw, within the limits, and notes what is odd
// in its text.
func (p *ReplyParser) keep(size, skip int, end string) {
	if p.lines > MaxReplyLines || p.start+2 > MaxReply {
		p.dropped += size + len(end)
		p.cut()
		return
	}
	kept := min(len(p.raw)-p.start, size)
	p.raw = append(p.raw[:p.start+kept], end...)
	text := Span{p.start + min(skip, kept), p.start + kept}
	p.spans = append(p.spans, text)
	p.noteText(p.raw[text.Start:text.End], kept < size || !strings.HasSuffix(end, "\n"))
	switch {
	case kept == size:
	case kept == MaxReplyLine:
		p.note("line-cut")
	default:
		p.cut()
	}
	p.dropped += size - kept
}

// cut notes, once, that the reply is over a limit.
func (p *ReplyParser) cut() {
	if !p.full {
		p.full = true
		p.note("reply-cut")
	}
}

// lineEnd is how a line ended on the wire.
func lineEnd(lf, cr bool) string {
	switch {
	case lf && cr:
		return "\r\n"
	case lf:
		return "\n"
	case cr:
		return "\r"
	}
	return ""
}

// noteText notes what stands in a text outside "textstring", which is
// HT and the printable characters (RFC 5321 §4.2).
func (p *ReplyParser) noteText(text []byte, cut bool) {
	if isPlain(text) {
		return
	}
	var cr, nul, control, high bool
	for _, c := range text {
		switch {
		case c-' ' < 0x7f-' ' || c == '\t':
		case c >= 0x80:
			high = true
		case c == '\r':
			cr = true
		case c == 0:
			nul = true
		default:
			control = true
		}
	}
	if cr {
		p.note("bare-cr")
	}
	if nul {
		p.note("nul")
	}
	if high {
		if cut {
			text = wholeRunes(text)
		}
		// U+0080 to U+009F are controls that some terminals obey: CSI is U+009B.
		control = control || hasC1(text)
	}
	if control {
		p.note("control")
	}
	switch {
	case high && utf8.Valid(text):
		p.note("text-8bit")
	case high:
		p.note("text-not-utf8")
	}
}

// isPlain reports text of printable ASCII, as nearly all text is.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c-' ' >= 0x7f-' ' {
			return false
		}
	}
	return true
}

// hasC1 reports a C1 control character, in UTF-8 or as a bare octet.
func hasC1(text []byte) bool {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			r = rune(text[i])
		}
		if r >= 0x80 && r <= 0x9f {
			return true
		}
		i += size
	}
	return false
}

// wholeRunes drops a last rune that a limit cut in two.
func wholeRunes(text []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return text[:at]
			}
			break
		}
	}
	return text
}

// note adds an anomaly of the current line.
func (p *ReplyParser) note(id string) { p.anomalies = note(p.anomalies, id, p.lines) }

// build makes the reply of what was kept. It shares nothing with the parser.
func (p *ReplyParser) build() Reply {
	r := Reply{Code: p.code, Raw: bytes.Clone(p.raw), Dropped: p.dropped, Anomalies: slices.Clone(p.anomalies)}
	all := string(p.raw)
	r.Lines = make([]string, len(p.spans))
	empty := true
	for i, s := range p.spans {
		r.Lines[i] = s.Of(all)
		empty = empty && s.Empty()
	}
	before := len(r.Anomalies)
	// Only a reply without any text is told of: the last of several lines often
	// has none (RFC 5321 §4.2.1).
	if empty && r.Code != 0 {
		r.Anomalies = note(r.Anomalies, "no-text", 1)
	}
	r.readEnhanced()
	if len(r.Anomalies) > before {
		sortByLine(r.Anomalies)
	}
	return r
}

// readEnhanced reads the enhanced code, which every line of the reply repeats
// (RFC 2034 §4); EHLO's offers never look like one. A 3yz reply should have
// none, for there is no class 3 (RFC 3463 §2), but many servers write 2.0.0
// into their 354: it is told, and that it contradicts the reply.
func (r *Reply) readEnhanced() {
	if r.Code == 0 {
		return
	}
	for i, text := range r.Lines {
		e, _, ok := CutEnhanced(text)
		if !ok {
			continue
		}
		if r.Enhanced.IsZero() {
			r.Enhanced = e
		}
		if e != r.Enhanced {
			r.Anomalies = note(r.Anomalies, "enhanced-differs", i+1)
		}
		if e.Class != r.Code/100 {
			r.Anomalies = note(r.Anomalies, "enhanced-class", i+1)
		}
	}
}

// reset begins a new reply. A buffer of usual size serves again.
func (p *ReplyParser) reset() {
	q := ReplyParser{}
	if cap(p.raw) <= keepBuffer {
		q.raw, q.spans = p.raw[:0], p.spans[:0]
	}
	*p = q
}

// countDigits is how many digits b begins with.
func countDigits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// isDigit reports an ASCII digit.
func isDigit(b byte) bool { return b >= '0' && b <= '9' }
