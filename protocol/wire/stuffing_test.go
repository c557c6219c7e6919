package wire

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// received undoes what DATA did to a message, the way a strict server does:
// lines end with CRLF and with nothing else, a lone dot ends the message, and
// a leading dot is taken off (RFC 5321 §4.5.2). Behind is what came after it.
func received(wire []byte) (message, behind []byte, ended bool) {
	for {
		line, rest, ok := bytes.Cut(wire, []byte("\r\n"))
		switch {
		case !ok:
			return message, nil, false
		case string(line) == ".":
			return message, rest, true
		}
		message = append(append(message, bytes.TrimPrefix(line, []byte("."))...), "\r\n"...)
		wire = rest
	}
}

// normal is a message as DATA can carry it: each line end a CRLF, and one at
// the end. It is the independent word on what Stuffing must keep.
func normal(message []byte) []byte {
	lf := []byte("\n")
	text := bytes.ReplaceAll(bytes.ReplaceAll(message, []byte("\r\n"), lf), []byte("\r"), lf)
	if len(text) > 0 && !bytes.HasSuffix(text, lf) {
		text = append(text, '\n')
	}
	return bytes.ReplaceAll(text, lf, []byte("\r\n"))
}

// stuffed sends a message through s in the blocks that cut makes of it.
func stuffed(s *Stuffing, message []byte, cut func(int) int) []byte {
	var out []byte
	for len(message) > 0 {
		n := cut(len(message))
		out = s.Append(out, message[:n])
		message = message[n:]
	}
	return s.End(out)
}

func whole(n int) int { return n }
func single(int) int  { return 1 }

func TestStuffing(t *testing.T) {
	for _, row := range []struct{ message, want, raw string }{
		{"", ".\r\n", ".\r\n"},
		{"a", "a\r\n.\r\n", "a\r\n.\r\n"},
		{"a\r\n", "a\r\n.\r\n", "a\r\n.\r\n"},
		{"a\n", "a\r\n.\r\n", "a\n\r\n.\r\n"},
		{"a\r", "a\r\n.\r\n", "a\r\r\n.\r\n"},
		{"\r\n", "\r\n.\r\n", "\r\n.\r\n"},
		{"\n", "\r\n.\r\n", "\n\r\n.\r\n"},
		{"\r", "\r\n.\r\n", "\r\r\n.\r\n"},
		{"\n\r", "\r\n\r\n.\r\n", "\n\r\r\n.\r\n"},
		{"\r\r\n", "\r\n\r\n.\r\n", "\r\r\n.\r\n"},
		{".", "..\r\n.\r\n", ".\r\n.\r\n"},
		{"a.\n.b\r..\r\n.", "a.\r\n..b\r\n...\r\n..\r\n.\r\n", "a.\n.b\r..\r\n.\r\n.\r\n"},
		{"a\n.\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n", "a\n.\nMAIL\r\n.\r\n"},
		{"a\r.\rb", "a\r\n..\r\nb\r\n.\r\n", "a\r.\rb\r\n.\r\n"},
		{"\x00\xff", "\x00\xff\r\n.\r\n", "\x00\xff\r\n.\r\n"},
	} {
		for _, cut := range []func(int) int{whole, single} {
			if got := stuffed(&Stuffing{}, []byte(row.message), cut); string(got) != row.want {
				t.Errorf("%q becomes %q, want %q", row.message, got, row.want)
			}
			if got := stuffed(&Stuffing{Raw: true}, []byte(row.message), cut); string(got) != row.raw {
				t.Errorf("raw %q becomes %q, want %q", row.message, got, row.raw)
			}
		}
	}
}

// TestStuffingAgain uses one for several messages.
func TestStuffingAgain(t *testing.T) {
	for _, raw := range []bool{false, true} {
		s := Stuffing{Raw: raw}
		for _, message := range []string{"a\r", "b", "\r\n", "\n", ""} {
			want := stuffed(&Stuffing{Raw: raw}, []byte(message), whole)
			if got := stuffed(&s, []byte(message), whole); !bytes.Equal(got, want) {
				t.Errorf("raw %v: %q becomes %q the second time, %q the first", raw, message, got, want)
			}
		}
	}
}

// checkStuffing holds what must be true of every message and every cut.
func checkStuffing(t *testing.T, message []byte, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	out := stuffed(&Stuffing{}, message, whole)
	for name, cut := range map[string]func(int) int{"octets": single, "blocks": func(n int) int { return random.IntN(n + 1) }} {
		if got := stuffed(&Stuffing{}, message, cut); !bytes.Equal(got, out) {
			t.Fatalf("%q in %s becomes %q, and %q at once", message, name, got, out)
		}
	}
	if len(out) > 2*len(message)+len("\r\n"+FinalDot) {
		t.Fatalf("%q grows to %q, which is more than twice as much", message, out)
	}
	if got, behind, ended := received(out); !ended || len(behind) > 0 || !bytes.Equal(got, normal(message)) {
		t.Fatalf("%q arrives as %q, ended %v, with %q behind it", message, got, ended, behind)
	}
	// Neither may a lax server, or a relay behind a strict one, see an end
	// before the end: no CR or LF is bare, and a lone dot is the last line.
	if text := strings.ReplaceAll(string(out), "\r\n", ""); strings.ContainsAny(text, "\r\n") {
		t.Fatalf("%q becomes %q, with a bare CR or LF", message, out)
	}
	framed := "\r\n" + string(out)
	if at := strings.Index(framed, "\r\n"+FinalDot); at != len(framed)-len("\r\n"+FinalDot) {
		t.Fatalf("%q becomes %q, where a message ends before its end", message, out)
	}
}

// TestSmuggling tries all messages of a few octets that make or break lines.
func TestSmuggling(t *testing.T) {
	const alphabet = "\r\n.a"
	message := make([]byte, 0, 7)
	var try func(int)
	try = func(more int) {
		checkStuffing(t, message, uint64(more))
		for i := range alphabet {
			if more == 0 {
				break
			}
			message = append(message, alphabet[i])
			try(more - 1)
			message = message[:len(message)-1]
		}
	}
	try(cap(message))
}

func FuzzStuffing(f *testing.F) {
	for _, seed := range []string{"", ".", "a\r\n.\r\nMAIL FROM:<>\r\n", "a\n.\nb", "a\r.\rb", "\r\r\n.\n\r", "..\r\n\x00\xff", strings.Repeat("line\r\n", 20)} {
		f.Add([]byte(seed), uint64(len(seed)))
	}
	f.Fuzz(func(t *testing.T, message []byte, seed uint64) {
		checkStuffing(t, message, seed)
		// Raw leaves every octet alone, and adds but an end that is one.
		raw := stuffed(&Stuffing{Raw: true}, message, single)
		end, ok := bytes.CutPrefix(raw, message)
		if !ok || string(end) != FinalDot && string(end) != "\r\n"+FinalDot || !bytes.HasSuffix(append([]byte("\r\n"), raw...), []byte("\r\n"+FinalDot)) {
			t.Fatalf("raw %q becomes %q", message, raw)
		}
	})
}

func TestStuffingAllocatesNothing(t *testing.T) {
	src := bytes.Repeat([]byte(".a\n"), 1000)
	dst := make([]byte, 0, 2*len(src))
	var s Stuffing
	if n := testing.AllocsPerRun(10, func() { dst = s.Append(dst[:0], src) }); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}
