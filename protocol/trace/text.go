package trace

import (
	"strings"

	"smtpsh/protocol"
)

// plainText is the format of the plain notation, which pipes, tests and documents
// share: "> " is what was sent, "< " what was received, "* " what happened. It
// has no times, so the same dialogue gives the same text.
type plainText struct{}

func (plainText) event(b []byte, before, after protocol.Session, e protocol.Event) []byte {
	return AppendText(b, before, after, e)
}

func (plainText) end(b []byte) []byte { return b }

// AppendText appends an event in the plain notation. It does not mask: e is
// what may be shown.
func AppendText(b []byte, before, after protocol.Session, e protocol.Event) []byte {
	switch e := e.(type) {
	case protocol.Trying:
		return appendLine(b, "* ", TryingText(e))
	case protocol.Missed:
		return appendLine(b, "* ", MissedText(e))
	case protocol.Opened:
		return appendLine(b, "* ", OpenedText(e))
	case protocol.Sent:
		for _, line := range SentLines(e) {
			b = appendLine(b, "> ", line)
		}
		if e.Omitted > 0 {
			b = appendLine(b, "* ", OmittedText(e))
		}
	case protocol.Received:
		b = appendReply(b, before, e.Reply)
		return AppendRows(b, Changes(before, after)...)
	case protocol.Secured:
		return AppendRows(b, TLS(e.TLS, e.When(), false)...)
	case protocol.Smuggled:
		return appendLine(b, "* ", SmuggledText(e))
	case protocol.Closed:
		return appendLine(b, "* ", ClosedText(before, e))
	case protocol.Cancelled:
		return appendLine(b, "* ", "stopped waiting")
	case protocol.Advised:
		return appendAdvice(b, e)
	case protocol.Noted:
		return appendLine(b, "* ", e.Text)
	case protocol.Expected:
		return appendLine(b, "* ", ExpectedText(e))
	case protocol.Summed:
		return AppendRows(b, Summary(e)...)
	}
	return b
}

// AppendRows appends what there is to say beside the dialogue.
func AppendRows(b []byte, rows ...Row) []byte {
	for _, row := range rows {
		b = append(row.Append(append(b, "* "...), false), '\n')
	}
	return b
}

func appendReply(b []byte, before protocol.Session, r protocol.Reply) []byte {
	for line := range strings.Lines(string(r.Raw)) {
		b = appendLine(b, "< ", strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	}
	if said := ChallengeText(r); said != "" {
		b = appendLine(b, "* it says ", said)
	}
	if r.Dropped > 0 {
		b = appendLine(b, "* ", DroppedText(r))
	}
	if said := ForeignText(r); said != "" {
		b = appendLine(b, "* ", said)
	}
	for _, a := range oddities(before, r) {
		b = appendLine(b, "* odd: ", a.ID+": "+a.Message)
	}
	return b
}

func appendAdvice(b []byte, e protocol.Advised) []byte {
	if e.Held {
		b = appendLine(b, "* held: ", e.Line)
	}
	for _, d := range e.Diags {
		b = appendLine(b, "* ", AdviceText(d))
	}
	if len(e.Diags) > 0 && e.Diags[0].Fix != "" {
		b = appendLine(b, "* fix: ", e.Diags[0].Fix)
	}
	return b
}

func appendLine(b []byte, mark, line string) []byte {
	return append(AppendEscaped(append(b, mark...), line), '\n')
}
