package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// runeWidth is the number of columns that terminals give to r.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r == joiner, r >= 0x1160 && r <= 0x11ff, unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// glyph is what one or more cells of the screen show. Those of width 0 share the cell of the one before.
type glyph struct {
	text  string
	width int
	sgr   string
}

// Styles of what the terminal adds by itself.
const (
	sgrDim      = "2"
	sgrProposal = "4" // not as a hint is, for Enter takes it
	sgrControl  = "7"
)

// picture is what is to be seen of a line being edited.
type picture struct {
	prompt []glyph
	line   []glyph
	hint   string
	cursor int // index into line
}

// promptGlyphs cuts a prompt into glyphs: SGR sequences become styles, other control bytes nothing. A prompt over
// half of the screen keeps its end, which tells what is asked for.
func promptGlyphs(prompt string, columns int) []glyph {
	var out []glyph
	sgr, total := "", 0
	for len(prompt) > 0 {
		if rest, ok := strings.CutPrefix(prompt, "\x1b["); ok {
			if end := strings.IndexFunc(rest, func(r rune) bool { return r >= 0x40 }); end >= 0 {
				if rest[end] == 'm' {
					sgr = joinSGR(sgr, rest[:end])
				}
				prompt = rest[end+1:]
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(prompt)
		if g := shown(r, prompt[:n]); r >= 0x20 && r != 0x7f {
			g.sgr = sgr
			out = append(out, g)
			total += g.width
		}
		prompt = prompt[n:]
	}
	if limit := max(1, columns/2); total > limit {
		i := 0
		for ; total > limit-1 && i < len(out); i++ {
			total -= out[i].width
		}
		for ; i < len(out) && out[i].width == 0; i++ {
			continue
		}
		out = append([]glyph{{text: "…", width: 1}}, out[i:]...)
	}
	return out
}

// Columns is in how many columns of the screen a Terminal shows typed text.
func Columns(text string) int { return columnsOf(lineGlyphs(nil, toRunes(text), text, nil)) }

// PromptColumns is in how many it shows a prompt, which is cut where it is long, on a screen with so many columns.
func PromptColumns(prompt string, columns int) int { return columnsOf(promptGlyphs(prompt, columns)) }

func columnsOf(glyphs []glyph) int {
	n := 0
	for _, g := range glyphs {
		n += g.width
	}
	return n
}

// joinSGR adds a sequence's parameters to the style so far.
func joinSGR(sgr, add string) string {
	switch {
	case add == "" || add == "0":
		return ""
	case sgr == "" || strings.HasPrefix(add, "0;"):
		return add
	}
	return sgr + ";" + add
}

// shown is how the character r, written as text, is shown when nothing is special about it, and how otherwise.
// Nothing that could move the cursor, reorder the line or hide in it reaches the screen as itself.
func shown(r rune, text string) glyph {
	switch {
	case r >= 0x20 && r < 0x7f:
		return glyph{text: text, width: 1}
	case r < 0x20:
		return glyph{text: "^" + string(r+'@'), width: 2, sgr: sgrControl}
	case r == 0x7f:
		return glyph{text: "^?", width: 2, sgr: sgrControl}
	case r == utf8.RuneError && len(text) == 1:
		return glyph{text: fmt.Sprintf("<%02x>", text[0]), width: 4, sgr: sgrControl}
	case r == joiner:
		return glyph{text: text}
	case !unicode.IsPrint(r) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Co):
		hex := fmt.Sprintf("<%x>", r)
		return glyph{text: hex, width: len(hex), sgr: sgrControl}
	}
	return glyph{text: text, width: runeWidth(r)}
}

// lineGlyphs appends to out a glyph for each rune of a line; text is the same as octets. The spans style it.
func lineGlyphs(out []glyph, line []rune, text string, spans []Span) []glyph {
	i := 0
	for _, r := range line {
		n := runeOctets(r)
		for len(spans) > 0 && spans[0].End <= i {
			spans = spans[1:]
		}
		var g glyph
		if isOctet(r) {
			g = octetGlyph(text[i : i+n])
		} else {
			g = shown(r, text[i:i+n])
		}
		if g.sgr == "" && len(spans) > 0 && spans[0].Start <= i {
			g.sgr = spans[0].SGR
		}
		out = append(out, g)
		i += n
	}
	return out
}

// octetGlyph shows an octet that stands for no character. A tab is shown as one cell, so that it can be told from
// spaces and the line does not jump.
func octetGlyph(octet string) glyph {
	switch b := octet[0]; {
	case b == '\t':
		return glyph{text: "→", width: 1, sgr: sgrDim}
	case b < utf8.RuneSelf:
		return shown(rune(b), octet)
	}
	return shown(utf8.RuneError, octet)
}

// visible gives text in a form that the screen can show as it is, without styles.
func visible(text string) string {
	plain := true
	for i := range len(text) {
		plain = plain && text[i] >= 0x20 && text[i] < 0x7f
	}
	if plain {
		return text
	}
	var b strings.Builder
	for _, g := range lineGlyphs(nil, toRunes(text), text, nil) {
		b.WriteString(g.text)
	}
	return b.String()
}

// textWidth is the number of columns of printable text.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cutWidth cuts printable text to a number of columns.
func cutWidth(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > columns {
			return s[:i]
		}
	}
	return s
}
