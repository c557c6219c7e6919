package shell

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// TestExcuseOne takes back the replies that were expected, in any order, and
// no other.
func TestExcuseOne(t *testing.T) {
	for _, row := range []struct{ excused, left []int }{
		{nil, []int{2, 3, 5, 6}},
		{[]int{2, 3, 5, 6}, nil},
		{[]int{6, 5, 3, 2}, nil},
		{[]int{5, 5, 4, 1, 7}, []int{2, 3, 6}},
		{[]int{3, 2}, []int{5, 6}},
	} {
		h := newHub("", view.Tee{})
		for _, e := range []protocol.Event{protocol.Opened{}, reply("220 hi\r\n"), command("NOOP"), reply("500 a\r\n"), reply("500 b\r\n"), reply("250 c\r\n"), reply("500 d\r\n"), reply("500 e\r\n")} {
			h.emit(e)
		}
		for _, n := range row.excused {
			h.excuseOne(n)
		}
		var left []int
		for _, a := range h.fresh {
			left = append(left, a.n)
		}
		if !slices.Equal(left, row.left) || h.negative != len(row.left) {
			t.Errorf("without %v there are %v and %d in all, want %v", row.excused, left, h.negative, row.left)
		}
	}
}

// BenchmarkGroup is what it costs to hold the replies to a group against what
// is expected of each, and to note it for :save.
func BenchmarkGroup(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			x, err := parseExpectation("500")
			if err != nil {
				b.Fatal(err)
			}
			g := group{forced: make([]bool, n)}
			h := newHub("", view.Tee{})
			h.makeRoom(n)
			for i := range n {
				g.commands = append(g.commands, protocol.Parse("XYZZY"))
				g.expected = append(g.expected, awaited{expectation: x, command: i + 1})
				h.emit(command("XYZZY"))
			}
			for range n {
				h.emit(reply("500 no\r\n"))
			}
			replies, negative := h.answered(), h.fresh
			sh := New(Config{Source: term.NewReader(strings.NewReader(""), io.Discard), Show: view.Tee{}, Out: view.NewText(io.Discard)})
			sh.hub = h
			b.ReportAllocs()
			for b.Loop() {
				sh.deeds, h.fresh, h.negative = deeds{}, slices.Clone(negative), n
				if !sh.assertGroup(b.Context(), g, replies) || h.negative != 0 {
					b.Fatalf("%d replies of %d are not excused", h.negative, n)
				}
				sh.addGroup(g, replies)
			}
		})
	}
}
