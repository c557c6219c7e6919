package shell

import (
	"slices"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for _, row := range []struct {
		line string
		want []string // nil for an error
	}{
		{"", []string{}},
		{"  a  b ", []string{"a", "b"}},
		{`"a b" c`, []string{"a b", "c"}},
		{`a"b c"d`, []string{"ab cd"}},
		{`'a "b\' c`, []string{`a "b\`, "c"}},
		{`"a \"b\" \\"`, []string{`a "b" \`}},
		{`a\ b`, []string{"a b"}},
		{`"" x`, []string{"", "x"}},
		{`"a`, nil},
		{`'`, nil},
		{"a\tb", []string{"a", "b"}},
		{`a\`, []string{`a\`}},
	} {
		got, err := splitWords(row.line)
		if (err != nil) != (row.want == nil) || err == nil && !slices.Equal(got, row.want) {
			t.Errorf("splitWords(%q) = %q, %v; want %q", row.line, got, err, row.want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for _, word := range []string{"", "a", "a b", `a"b`, `a\b`, "it's", "a\tb", `\`, `"`} {
		got, err := splitWords("x " + quoted(word) + " y")
		if err != nil || !slices.Equal(got, []string{"x", word, "y"}) {
			t.Errorf("%q quoted is read back as %q, %v", word, got, err)
		}
	}
}
