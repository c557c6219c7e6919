package view

import (
	"fmt"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// noted collects what a renderer is handed, in a short form.
type noted struct{ lines []string }

func (n *noted) Event(_, _ protocol.Session, e protocol.Event) {
	if s, ok := e.(protocol.Sent); ok {
		kind := ""
		if s.Kind == protocol.SentChunk {
			kind = " of a chunk"
		}
		n.lines = append(n.lines, fmt.Sprintf("%d+%d %t%s", len(s.Raw), s.Omitted, s.Last, kind))
		return
	}
	n.lines = append(n.lines, fmt.Sprintf("%T", e))
}

func TestAbridge(t *testing.T) {
	line := strings.Repeat("x", 98) + "\r\n"
	content := func(text string, last bool) protocol.Event {
		return protocol.Sent{Kind: protocol.SentContent, Raw: []byte(text), Last: last}
	}
	rows := []struct {
		name   string
		events []protocol.Event
		want   string
	}{
		{"typed lines stay", []protocol.Event{content(line, false), content(strings.Repeat("y", 900)+"\r\n", false), content(".\r\n", true)}, "100+0 false, 902+0 false, 3+0 true"},
		{"a short message", []protocol.Event{content(line+line+".\r\n", true)}, "200+0 false, 3+0 true"},
		{"a long one in one piece", []protocol.Event{content(strings.Repeat(line, 9)+".\r\n", true), protocol.Received{}}, "400+0 false, 0+500 false, 3+0 true, protocol.Received"},
		{"a long one in blocks", []protocol.Event{content(strings.Repeat(line, 5), false), content(strings.Repeat(line, 5), false), content(line+".\r\n", true)}, "400+0 false, 0+700 false, 3+0 true"},
		{"a chunk", []protocol.Event{protocol.Sent{Kind: protocol.SentChunk, Raw: []byte(strings.Repeat(line, 5))}, protocol.Received{}}, "400+0 false of a chunk, 0+100 false of a chunk, protocol.Received"},
		{"one that a record counts the end of", []protocol.Event{content(line+line, false), protocol.Sent{Kind: protocol.SentContent, Omitted: 700, Last: true}}, "200+0 false, 0+700 false, 0+0 true"},
		{"one that a record counts the middle of", []protocol.Event{content(line+line, false), protocol.Sent{Kind: protocol.SentContent, Raw: []byte(line), Omitted: 700}, content(".\r\n", true)},
			"200+0 false, 100+0 false, 0+700 false, 3+0 true"},
		{"the end of one without its dot", []protocol.Event{content("x", true)}, "1+0 false, 0+0 true"},
		{"one that breaks off", []protocol.Event{content(strings.Repeat(line, 5), false), protocol.Closed{}}, "400+0 false, 0+100 false, protocol.Closed"},
	}
	for _, row := range rows {
		n := &noted{}
		r := Abridge(n, 450)
		for _, e := range row.events {
			r.Event(protocol.Session{}, protocol.Session{}, e)
		}
		if got := strings.Join(n.lines, ", "); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}
