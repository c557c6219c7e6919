package term

import (
	"slices"
	"testing"
)

func keys(list ...any) (events []event) {
	for _, k := range list {
		switch k := k.(type) {
		case key:
			events = append(events, event{key: k})
		case string:
			events = append(events, event{keyText, k})
		}
	}
	return events
}

// TestDecoder decodes each row whole and one byte at a time.
func TestDecoder(t *testing.T) {
	tests := []struct {
		in   string
		want []event
	}{
		{"ab", keys("a", "b")},
		{"é日🙂", keys("é", "日", "🙂")},
		{"\xe9a", keys("\xe9", "a")},
		{"\xe6\x97a", keys("\xe6", "\x97", "a")},
		{"\xff\xe6\x97\xa5", keys("\xff", "日")},
		{"\xe6\x97\x1b[D", keys("\xe6", "\x97", keyLeft)},
		{"\r\n\n\r", keys(keyEnter, keyEnter, keyEnter)},
		{"\x00\x0f\x11\x16\x18\x1c\x1d\x1e", nil},
		{"\x01\x05\x03\x04\x09\x7f\x08", keys(keyHome, keyEnd, keyInterrupt, keyEOF, keyTab, keyBackspace, keyBackspace)},
		{"\x1b[A\x1bOB\x1b[1;5C\x1b[1;3D\x1b[1;2D\x1b[3~\x1b[3;5~", keys(keyUp, keyDown, keyWordRight, keyWordLeft, keyLeft,
			keyDelete, keyKillWord)},
		{"\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[H\x1b[F\x1bOH\x1bOF", keys(keyHome, keyEnd, keyHome, keyEnd, keyHome, keyEnd,
			keyHome, keyEnd)},
		{"\x1b\u00e9\x1bO\u00e9", keys(keyEscape, "\u00e9", "\u00e9")},
		{"\x1bb\x1bf\x1bd\x1b\x7f\x1bx", keys(keyWordLeft, keyWordRight, keyKillWord, keyKillWordBack)},
		{"\x1b\x1b[D", keys(keyEscape, keyLeft)},
		{"\x1b\r", keys(keyEscape, keyEnter)},
		{"\x1b[12\x1b[D", keys(keyLeft)},
		{"\x1b[12\x03", keys(keyInterrupt)},
		{"\x1b]11;rgb:1/2/3\x07a\x1b]0;x\x1b\\b", keys("a", "b")},
		{"\x1b]52;c;\x03a", keys(keyInterrupt, "a")},
		{"\x1bP1$r0m\x1b\\a\x1b_x\x1b\\b\x1b^y\x1b[D", keys("a", "b", keyLeft)},
		{"\x1b[?62;4c\x1b[5;7R\x1b[<0;1;1M\x1b[<0;1;1m\x1b[M !!a", keys("a")},
		{"\x1b[[Aa\x1b[99;99~\x1b[Z\x1b[I", keys("a")},
		{"\x1b[200~a\r\n\t\x03\x1b[D\xe9\x1b[201~b", []event{{keyPaste, "a\r\n\t\x03\x1b[D\xe9"}, {keyText, "b"}}},
		{"\x1b[200~\x1b[20\x1b[201~\x1b[200~x\x1b[201~", []event{{keyPaste, "\x1b[20"}, {keyPaste, "x"}}},
		{"\x1b[201~a", keys("a")},
	}
	for _, tt := range tests {
		var whole, split decoder
		got := slices.Clone(whole.feed([]byte(tt.in)))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q whole: %v, not %v", tt.in, got, tt.want)
		}
		got = nil
		for i := range len(tt.in) {
			got = append(got, split.feed([]byte{tt.in[i]})...)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q byte by byte: %v, not %v", tt.in, got, tt.want)
		}
		if whole.wait() != 0 {
			t.Errorf("%q is left unfinished", tt.in)
		}
	}
}

func TestDecoderFlush(t *testing.T) {
	tests := []struct {
		in   string
		want []event
	}{
		{"\x1b", keys(keyEscape)},
		{"\x1b[1;", nil},
		{"\x1bO", nil},
		{"\x1b]11;", nil},
		{"\xe6\x97", keys("\xe6", "\x97")},
		{"\x1b[200~abc\x1b[20", []event{{keyPaste, "abc\x1b[20"}}},
		{"\x1b[M a", nil},
	}
	for _, tt := range tests {
		var d decoder
		if got := d.feed([]byte(tt.in)); len(got) > 0 || d.wait() == 0 {
			t.Errorf("%q: %v before its time", tt.in, got)
		}
		if got := d.flush(); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v, not %v", tt.in, got, tt.want)
		}
		if got := d.feed([]byte("a")); !slices.Equal(got, keys("a")) || d.wait() != 0 {
			t.Errorf("%q: %v for the next key", tt.in, got)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("a\x1b[1;5D\x1b[200~x\r\x1b[201~\xe6\x97\xa5\x1b]0;\x07"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var whole, split decoder
		want := slices.Clone(whole.feed(in))
		var got []event
		for _, b := range in {
			got = append(got, split.feed([]byte{b})...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("byte by byte: %v, whole: %v", got, want)
		}
	})
}

func FuzzCodec(f *testing.F) {
	f.Add("a\xe9\x00\t\x7f日\U0010f003\U0010ffff")
	f.Fuzz(func(t *testing.T, s string) {
		line := toRunes(s)
		if got := fromRunes(line); got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if got := fromRunes([]rune(string(line))); got != s {
			t.Fatalf("%q became %q by way of UTF-8", s, got)
		}
		if byteOffset(line, len(line)) != len(s) || runeIndex(line, len(s)) != len(line) {
			t.Fatalf("offsets of %q", s)
		}
		if got := lineGlyphs(nil, line, s, nil); len(got) != len(line) {
			t.Fatalf("%d glyphs for %d runes", len(got), len(line))
		}
		for _, r := range visible(s) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q shows %x", s, r)
			}
		}
	})
}

func TestSplitPaste(t *testing.T) {
	tests := []struct {
		in   string
		want []item
	}{
		{"a", []item{{keyPaste, "a", false}}},
		{"a\r", []item{{keyPaste, "a", true}}},
		{"a\r\nb\n\nc\r\rd", []item{{keyPaste, "a", true}, {keyPaste, "b", true}, {keyPaste, "", true}, {keyPaste, "c", true},
			{keyPaste, "", true}, {keyPaste, "d", false}}},
		{"", nil},
	}
	for _, tt := range tests {
		if got := splitPaste(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v", tt.in, got)
		}
	}
}
