package term

import (
	"fmt"
	"io"
	"testing"
)

// benchAssist does about what a shell does.
type benchAssist struct{}

func (benchAssist) Complete(string, int) Completion { return Completion{} }
func (benchAssist) Hint(string) string              { return "SIZE=bytes BODY=8BITMIME" }
func (benchAssist) Redact(line string) string       { return line }

func (benchAssist) Highlight(line string) []Span {
	return []Span{{0, 4, "1;34"}, {5, 10, "36"}, {10, len(line), "33"}}
}

func benchSession(b *testing.B) *session {
	b.Helper()
	h, err := OpenHistory("", 10000)
	if err != nil {
		b.Fatal(err)
	}
	h.read = true
	for i := range 10000 {
		h.lines = append(h.lines, fmt.Sprintf("MAIL FROM:<sender.number.%d@example.com> SIZE=%d", i, i*31))
	}
	q := newQueue()
	s := &screen{out: io.Discard, size: func() (int, int) { return 80, 24 }}
	l, err := newSession(q, s, Config{Assist: benchAssist{}, History: h, Color: true}, func(any) {})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		q.end(wasClosed)
		l.stop()
	})
	l.prompt, l.painting = "mail.example.com 250> ", true
	return l
}

// BenchmarkKey is the work for one typed character in a line of 60, from the queue's form to the screen.
func BenchmarkKey(b *testing.B) {
	l := benchSession(b)
	line := toRunes("MAIL FROM:<sender.number.1234@example.com> SIZE=1000 BODY=8BI")
	b.ReportAllocs()
	for b.Loop() {
		for n := len(line) - 1; n <= len(line); n++ {
			l.OnChange(line[:n], n, line[n-1])
			l.Paint(line[:n], n)
		}
	}
}

// BenchmarkSearchKey is the work for one character of a search that has to look at all of a long history.
func BenchmarkSearchKey(b *testing.B) {
	l := benchSession(b)
	b.ReportAllocs()
	for b.Loop() {
		l.editor.begin("", false)
		l.editor.apply(keySearchBack)
		l.editor.searchText('~')
		l.Paint(l.editor.line, l.editor.pos)
	}
}

// BenchmarkHistoryAdd is the work for remembering a line, without the file.
func BenchmarkHistoryAdd(b *testing.B) {
	l := benchSession(b)
	lines := l.editor.history()
	b.ReportAllocs()
	for b.Loop() {
		lines = appendOnce(lines, "QUIT", 10000)
	}
}
