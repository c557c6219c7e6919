package shell

import (
	"slices"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// exchanges collects the last exchange: what was sent, and the replies to it.
// Content is counted beyond a few lines, and credentials are masked as they
// come in, so nothing here may not be shown.
type exchanges struct {
	parts []part
	size  int // octets kept in parts
	more  int // octets of content that were not kept
}

// part is octets that went one way.
type part struct {
	sent bool
	text string
}

// maxExchange is how many octets of one exchange are kept.
const maxExchange = 64 << 10

func (x *exchanges) add(before protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Opened:
		*x = exchanges{}
	case protocol.Sent:
		if e.Kind == protocol.SentCommand && before.Awaiting() == 0 {
			*x = exchanges{}
		}
		if x.fits(len(e.Raw)) {
			x.keep(true, string(e.Masked().Raw))
		}
	case protocol.Received:
		if x.fits(len(e.Reply.Raw)) {
			x.keep(false, string(e.Reply.Raw))
		}
	}
}

// fits reports whether so many octets can still be kept, and counts them where
// they cannot: asking before they are copied keeps a long message cheap.
func (x *exchanges) fits(n int) bool {
	if x.size+n <= maxExchange {
		return true
	}
	x.more += n
	return false
}

func (x *exchanges) keep(sent bool, text string) {
	x.size += len(text)
	x.parts = append(x.parts, part{sent, text})
}

func (x *exchanges) clone() exchanges {
	return exchanges{slices.Clone(x.parts), x.size, x.more}
}

// rows shows the octets in escaped form, line ends included.
func (x exchanges) rows() []view.Row {
	if len(x.parts) == 0 {
		return []view.Row{view.T("Nothing was exchanged yet.")}
	}
	var rows []view.Row
	for _, p := range x.parts {
		mark, style := "< ", view.Good
		if p.sent {
			mark, style = "> ", view.Ask
		}
		for _, line := range linesOf(p.text) {
			rows = append(rows, view.Row{{Text: mark, Style: style}, {Text: view.EscapeAll(line)}})
		}
	}
	if x.more > 0 {
		rows = append(rows, view.Row{{Text: view.Octets(uint64(x.more)) + " more were exchanged and are not kept", Style: view.Dim}})
	}
	return rows
}

// linesOf cuts behind each LF.
func linesOf(text string) []string {
	var lines []string
	for start, i := 0, 0; i < len(text); i++ {
		if text[i] == '\n' || i == len(text)-1 {
			lines = append(lines, text[start:i+1])
			start = i + 1
		}
	}
	return lines
}
