package trace

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smtpsh/protocol"
)

const (
	// shownRung is how much of a line stands on a rung; all of it is in the
	// octets below.
	shownRung = 200
	// tallest is how high a gap between two rungs becomes, in dots of the
	// screen; a dot is 2 ms.
	tallest = 160
	dot     = 2 * time.Millisecond
)

// rung is a step of the ladder.
type rung struct {
	class string    // "sent", "got", "tls", "end"
	who   string    // for who does not see the direction
	at    time.Time // when
	code  int       // of a reply
	style Style
	text  string
	note  string
}

// ladder appends what went back and forth, with the time between to scale.
func (p *page) ladder(b []byte, x exchange) []byte {
	rungs := x.rungs()
	if len(rungs) == 0 {
		return b
	}
	b = append(b, "<ol class=\"ladder\">\n"...)
	for n, r := range rungs {
		if n > 0 {
			b = gap(b, r.at.Sub(rungs[n-1].at), r.class)
		}
		b = append(append(append(b, `<li class="`...), r.class...), ' ')
		b = append(append(append(b, class(r.style)...), `"><time>`...), p.offset(r.at)...)
		b = append(append(append(b, `</time><div class="lane"><div class="rung"><span class="who">`...), r.who...), " </span>"...)
		if r.code > 0 {
			b = append(strconv.AppendInt(append(b, "<b>"...), int64(r.code), 10), "</b> "...)
		}
		b = append(escaped(append(b, "<code>"...), r.text), "</code>"...)
		if r.note != "" {
			b = append(escaped(append(b, ` <small>`...), r.note), "</small>"...)
		}
		b = append(b, "</div></div></li>\n"...)
	}
	return append(b, "</ol>\n"...)
}

// gap appends the time before a rung: a bar on the side that it waited for.
func gap(b []byte, took time.Duration, before string) []byte {
	height := int(took / dot)
	if height < 1 {
		return b
	}
	b = append(b, `<li class="gap `...)
	b = append(append(append(b, before...), `"><time>`...), Duration(took)...)
	b = append(b, `</time><div class="lane"><svg width="10" height="`...)
	b = strconv.AppendInt(b, int64(min(height, tallest)), 10)
	b = append(b, `" aria-hidden="true"><rect width="10" height="100%"/>`...)
	if height > tallest { // broken: it would be higher
		b = append(b, `<path d="M-2 78l5-5 5 5 5-5M-2 86l5-5 5 5 5-5"/>`...)
	}
	return append(b, "</svg></div></li>\n"...)
}

// rungs are the steps of an exchange; a message is one.
func (x exchange) rungs() []rung {
	var rungs []rung
	lines, size := 0, 0
	for n, i := range x.items {
		at := i.e.When()
		switch e := i.e.(type) {
		case protocol.Opened:
			rungs = append(rungs, rung{class: "sent thin", who: "Client:", at: at, text: "connects to " + ConnectedText(e), style: Dim})
		case protocol.Sent:
			if !isContent(e) {
				rungs = append(rungs, rung{class: "sent", who: "Client:", at: at, text: short(strings.Join(SentLines(e), "\n"))})
				break
			}
			lines, size = lines+strings.Count(string(e.Raw), "\n"), size+e.Size()
			if !x.contentFollows(n) {
				rungs = append(rungs, rung{class: "sent", who: "Client:", at: at, text: "message", note: messageNote(lines, size, e)})
				lines, size = 0, 0
			}
		case protocol.Received:
			r := e.Reply
			text, note := "", ""
			if len(r.Lines) > 0 {
				text = short(r.Lines[0])
			}
			if len(r.Lines) > 1 {
				note = "and " + count(len(r.Lines)-1, "more line")
			}
			rungs = append(rungs, rung{class: "got", who: "Server:", at: at, code: r.Code, style: styleOf(r.Class()), text: text, note: note})
		case protocol.Secured:
			style := Good
			if !e.Verified() {
				style = Caution
			}
			rungs = append(rungs, rung{class: "tls", who: "Both:", at: at, text: strings.TrimSpace(e.Version + " " + e.Cipher), style: style, note: Duration(e.Took)})
		case protocol.Closed:
			class, who := "sent end", "Client:"
			if e.By == protocol.ByPeer {
				class, who = "got end", "Server:"
			}
			rungs = append(rungs, rung{class: class, who: who, at: at, text: "closes the connection", style: Dim})
		}
	}
	return rungs
}

// contentFollows reports that the next item is a piece of the same message.
func (x exchange) contentFollows(n int) bool {
	if n+1 == len(x.items) {
		return false
	}
	next, ok := x.items[n+1].e.(protocol.Sent)
	return ok && isContent(next)
}

func messageNote(lines, size int, e protocol.Sent) string {
	if e.Omitted > 0 {
		return Octets(uint64(max(size, 0)))
	}
	return count(lines, "line") + ", " + Octets(uint64(size))
}

// short is the beginning of a line.
func short(text string) string {
	if len(text) <= shownRung {
		return text
	}
	end := shownRung
	for end > shownRung-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
