package term

import "testing"

// TestColumns counts typed text and prompts as they are drawn.
func TestColumns(t *testing.T) {
	for _, row := range []struct {
		text string
		want int
	}{
		{"", 0}, {"mail", 4}, {"日本", 4}, {"a\tb", 3}, {"é", 1}, {"e\u0301", 1}, {"\u00a0", 4}, {"\x80", 4}, {"👨\u200d👩", 4},
	} {
		if got := Columns(row.text); got != row.want {
			t.Errorf("%q is drawn in %d columns, want %d", row.text, got, row.want)
		}
	}
	const prompt = "\x1b[1mmx.of.some.example\x1b[0m greeted> "
	for columns, want := range map[int]int{80: 28, 56: 28, 40: 20} {
		if got := PromptColumns(prompt, columns); got != want {
			t.Errorf("on %d columns the prompt has %d, want %d", columns, got, want)
		}
	}
}
