package trace

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// markdown is the format for a ticket: each exchange under a heading, its
// octets in a fence, and below it what there is to say about them. All that
// came from elsewhere stands in a fence or in a code span, so nothing of it is
// markup, a link, or the mention of a user.
type markdown struct {
	Options
	collector
	begun  time.Time // the first event
	opened bool      // the document has its heading
}

func (m *markdown) event(b []byte, before, after protocol.Session, e protocol.Event) []byte {
	if x, ok := m.add(item{before, after, e}); ok {
		return m.exchange(b, x)
	}
	return b
}

func (m *markdown) end(b []byte) []byte {
	if x, ok := m.take(); ok {
		return m.exchange(b, x)
	}
	return b
}

func (m *markdown) exchange(b []byte, x exchange) []byte {
	if !m.opened {
		m.opened, m.begun = true, x.began()
		b = append(b, "# SMTP session"...)
		if host := x.items[len(x.items)-1].after.Host(); host != "" {
			b = appendCode(append(b, " with "...), host)
		}
		b = append(b, '\n')
	}
	b = m.heading(b, x)
	b = fence(b, x)
	for _, i := range x.items {
		b = m.notes(b, i)
	}
	return b
}

// heading names the exchange, its outcome and its times.
func (m *markdown) heading(b []byte, x exchange) []byte {
	b = append(b, "\n## "...)
	if x.number > 0 {
		b = append(strconv.AppendInt(b, int64(x.number), 10), ". "...)
	}
	b = appendProse(b, x.name())
	b = append(appendCodes(b, x.codes()), "\n\n"...)
	if x.began().Equal(m.begun) {
		b = append(x.began().UTC().AppendFormat(b, "2006-01-02 15:04:05.000"), " UTC"...)
	} else {
		b = append(append(b, "after "...), Duration(x.began().Sub(m.begun))...)
	}
	if took := x.ended().Sub(x.began()); took > 0 && len(x.codes()) > 1 {
		b = append(append(b, ", took "...), Duration(took)...)
	}
	return append(b, '\n')
}

// appendCodes appends the codes of replies, the first few.
func appendCodes(b []byte, codes []int) []byte {
	const few = 8
	for n, code := range codes[:min(len(codes), few)] {
		lead := ", "
		if n == 0 {
			lead = " → "
		}
		b = strconv.AppendInt(append(b, lead...), int64(code), 10)
	}
	if len(codes) > few {
		b = append(b, ", …"...)
	}
	return b
}

// fence appends the octets in the plain notation, between fences that are
// longer than any run of backticks in them (CommonMark 0.31 §4.5).
func fence(b []byte, x exchange) []byte {
	var lines []byte
	for _, i := range x.items {
		switch e := i.e.(type) {
		case protocol.Sent:
			lines = AppendText(lines, i.before, i.after, e)
		case protocol.Received:
			for line := range strings.Lines(string(e.Reply.Raw)) {
				lines = appendLine(lines, "< ", strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
			}
		}
	}
	if len(lines) == 0 {
		return b
	}
	mark := strings.Repeat("`", max(3, longestRun(lines, '`')+1))
	b = append(append(append(b, '\n'), mark...), "text\n"...)
	return append(append(append(b, lines...), mark...), '\n')
}

func longestRun[T ~string | ~[]byte](text T, of byte) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// notes appends what there is to say about an event beyond its octets.
func (m *markdown) notes(b []byte, i item) []byte {
	if e, ok := i.e.(protocol.Secured); ok {
		return tlsTables(b, e)
	}
	if offers := i.learned(); offers != nil {
		b = offersTable(b, offers)
	}
	for _, r := range m.remarks(i) {
		b = note(b, r.words, r.code)
	}
	return b
}

// offersTable is the reply to EHLO as a table.
func offersTable(b []byte, offers *protocol.Extensions) []byte {
	b = append(b, "\n| Extension | What it gives | Reference |\n|---|---|---|\n"...)
	for _, o := range offers.Offers() {
		gives, ref := offered(o)
		b = appendCell(append(b, "| "...), o.Raw)
		b = appendProse(append(b, " | "...), gives)
		b = append(append(append(b, " | "...), ref...), " |\n"...)
	}
	return b
}

// tlsTables are what a handshake settled, and the certificates.
func tlsTables(b []byte, e protocol.Secured) []byte {
	b = factsTable(b, "TLS", facts(e))
	for n, c := range e.Chain {
		b = factsTable(b, "Certificate "+strconv.Itoa(n), certificateFacts(c, e.Time))
	}
	return b
}

func factsTable(b []byte, title string, facts []fact) []byte {
	b = append(append(append(b, "\n| "...), title...), " | |\n|---|---|\n"...)
	for _, f := range facts {
		mark := ""
		if f.bad {
			mark = "**"
		}
		b = append(append(append(append(append(b, "| "...), mark...), f.name...), mark...), " | "...)
		b = append(appendCell(b, f.value), " |\n"...)
	}
	return b
}

// note appends an item of a list: our own words, and what came from elsewhere.
func note(b []byte, words, foreign string) []byte {
	b = appendProse(bullet(b), strings.TrimSpace(words))
	if foreign != "" {
		if words != "" {
			b = append(b, ' ')
		}
		b = appendCode(b, foreign)
	}
	return append(b, '\n')
}

// bullet begins an item of a list, a list behind an empty line.
func bullet(b []byte) []byte {
	line := bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n') + 1
	if !bytes.HasPrefix(b[line:], []byte("- ")) {
		b = append(b, '\n')
	}
	return append(b, "- "...)
}

// appendCode appends text as a code span (CommonMark 0.31 §6.1).
func appendCode(b []byte, text string) []byte {
	text = Escape(text)
	mark := strings.Repeat("`", longestRun(text, '`')+1)
	b = append(b, mark...)
	if strings.Trim(text, " ") != text || strings.Trim(text, "`") != text || text == "" {
		text = " " + text + " "
	}
	return append(append(b, text...), mark...)
}

// appendCell is appendCode within a table, where a bar would end the cell even
// in a code span, and cannot be escaped behind a backslash.
func appendCell(b []byte, text string) []byte {
	text = strings.ReplaceAll(Escape(text), `\|`, `\\x7c`)
	return appendCode(b, strings.ReplaceAll(text, "|", `\|`))
}

// appendProse appends text with what could be markup escaped (CommonMark 0.31
// §2.4). What a tracker would make a link or a mention of all the same, for it
// looks at the text when the markup is gone, becomes a code span.
func appendProse(b []byte, text string) []byte {
	text = Escape(text)
	if refers(text) {
		return appendCode(b, text)
	}
	for _, r := range text {
		if strings.ContainsRune("\\`*_{}[]<>|~&!", r) {
			b = append(b, '\\')
		}
		b = append(b, string(r)...)
	}
	return b
}

// refers reports text that a tracker might make a link or a mention of: an
// address, a user, an issue, and what GitLab has beside them (!12, &3, ~label,
// $4, %milestone).
func refers(text string) bool {
	if strings.ContainsAny(text, "@#") || strings.Contains(text, "://") || strings.Contains(text, "www.") {
		return true
	}
	for i := range len(text) - 1 {
		if next := text[i+1]; strings.IndexByte("!&~$%", text[i]) >= 0 && next != ' ' && (next < '!' || next > '/' || next == '"') {
			return true
		}
	}
	return false
}
