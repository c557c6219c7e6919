package term

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	const in = "R\tb\r\n\xe9\x00\x1b[A\nlone\rCR\n\n" + "last"
	want := []Line{
		{Text: "R\tb", Number: 1}, {Text: "\xe9\x00\x1b[A", Number: 2}, {Text: "lone\rCR", Number: 3}, {Number: 4},
		{Text: "last", Partial: true, Number: 5},
	}
	for name, r := range map[string]io.Reader{
		"whole":        strings.NewReader(in),
		"byte by byte": iotest.OneByteReader(strings.NewReader(in)),
	} {
		var out strings.Builder
		s := NewReader(r, &out)
		var got []Line
		for {
			line, err := s.Next(t.Context(), Request{Prompt: "> ", Secret: true})
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
		s.Status("x")
		s.Print("a")
		s.Print("b\n")
		if out.String() != "a\nb\n" || s.Width() != 80 || s.Height() != 24 || s.Interactive() {
			t.Errorf("%q", out.String())
		}
	}
}

func TestReaderLongLines(t *testing.T) {
	fits, long := strings.Repeat("x", MaxLine-1), strings.Repeat("x", MaxLine)
	s := NewReader(strings.NewReader(fits+"\n"+long+"\nnext\n"+long+"x"), io.Discard)
	if line, err := s.Next(t.Context(), Request{}); err != nil || line.Text != fits {
		t.Error(err)
	}
	if line, err := s.Next(t.Context(), Request{}); !errors.Is(err, ErrLineTooLong) || line.Number != 2 {
		t.Error(err)
	}
	if line, err := s.Next(t.Context(), Request{}); err != nil || line.Text != "next" || line.Number != 3 {
		t.Error(line.Number, err)
	}
	if _, err := s.Next(t.Context(), Request{}); !errors.Is(err, ErrLineTooLong) {
		t.Error(err)
	}
	if _, err := s.Next(t.Context(), Request{}); err != io.EOF {
		t.Error(err)
	}
}

func TestReaderIsEnded(t *testing.T) {
	in, feed := io.Pipe()
	s := NewReader(in, io.Discard)
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := s.Next(ctx, Request{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	go io.WriteString(feed, "one\ntwo\n")
	for _, want := range []string{"one", "two"} {
		if line, err := s.Next(t.Context(), Request{}); err != nil || line.Text != want {
			t.Error(line, err)
		}
	}
	s.PushBack([]Line{{Text: "again"}, {Text: "and again"}})
	if s.Pending() != 2 {
		t.Error(s.Pending())
	}
	if line, err := s.Next(t.Context(), Request{}); err != nil || line.Text != "again" {
		t.Error(line, err)
	}
	if lines := s.TakePending(); len(lines) != 1 || s.Pending() != 0 {
		t.Error(lines)
	}
	go s.Close()
	if _, err := s.Next(t.Context(), Request{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := s.Next(t.Context(), Request{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
