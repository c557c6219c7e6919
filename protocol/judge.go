package protocol

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Judge holds a command line against the grammar of the RFCs. The zero value
// is ready; its fields say what is known of the session.
type Judge struct {
	Client string      // the name that a fix gives to HELO and EHLO; "client.example" when empty
	Offers *Extensions // what the server offered; nil when that is not known
	Basic  bool        // the session was greeted with HELO, so that no extension is in use
}

// Check is the verdict on a line by the grammar alone: nothing for a correct
// one. Session.Allows adds what the session has to say.
func Check(c Command) []Diag { return Judge{}.Check(c) }

// Check judges c. Where the whole line can be put right, every Diag carries
// the corrected line as its Fix; a fix breaks no rule of its own.
func (j Judge) Check(c Command) []Diag { return j.check(c, 0) }

func (j Judge) check(c Command, depth int) []Diag {
	v := verdict{judge: j, line: c.Raw, c: c, depth: depth}
	v.wholeLine()
	if !v.stop {
		v.firstWord()
	}
	if !v.stop && c.Verb != nil {
		v.arguments()
	}
	if len(v.diags) > 0 && depth < deepest {
		if !v.rewritten() {
			v.settle()
		}
		if Worst(v.diags) == Error && v.diags[0].Fix == "" {
			v.spelledOut()
		}
	}
	return v.diags
}

// verdict collects what is found about one line. A finding that can be put
// right adds an edit; one error that cannot be leaves the line without a fix.
type verdict struct {
	judge Judge
	line  string
	c     Command
	diags []Diag
	edits []edit
	lost  bool // an error without an edit: no fix is owed
	stop  bool // what is behind the fault cannot be judged
	then  []string
	depth int // how many fixes led here

	given   map[string]int // where each parameter stands first, counted from 1, once there are many
	indexed int            // how many of them are in it
}

// deepest is how many fixes are tried one upon the other: faults hide each
// other, but not for ever.
const deepest = 5

type edit struct {
	Span
	text string
}

// mostSaid is how many pieces of advice a line gets: nobody reads more, and each
// carries the whole corrected line.
const mostSaid = 100

// say adds the advice with this ID for the part of the line in at. The words
// fill the message's "%s". Past mostSaid only the first error is added.
func (v *verdict) say(id string, at Span, words ...any) *Diag {
	row := FindAdvice(id)
	if len(v.diags) >= mostSaid && (row.Severity < Error || Worst(v.diags) == Error) {
		return new(Diag)
	}
	d := Diag{ID: id, Severity: row.Severity, Start: at.Start, End: at.End, Message: row.Message, Ref: row.Ref}
	if len(words) > 0 {
		d.Message = fmt.Sprintf(row.Message, words...)
	}
	if d.Ref == (Ref{}) && v.c.Verb != nil {
		d.Ref = v.c.Verb.Ref
	}
	v.diags = append(v.diags, d)
	return &v.diags[len(v.diags)-1]
}

// fix says how the line is put right: text in the place of at.
func (v *verdict) fix(at Span, text string) { v.edits = append(v.edits, edit{at, text}) }

// noFix marks a fault that nobody but the user can put right.
func (v *verdict) noFix() { v.lost = true }

// settle applies the edits together and judges the outcome: whatever that
// still lacks is put right too, and a line that stays broken is not offered.
func (v *verdict) settle() {
	if v.lost || len(v.edits) == 0 {
		return
	}
	fixed := applyEdits(v.line, v.edits)
	if fixed == v.line {
		return
	}
	fixed, then, ok := v.judge.mended(fixed, v.depth+1)
	if !ok || fixed == v.line {
		return
	}
	for _, line := range v.then {
		if next, more, ok := v.judge.mended(line, v.depth+1); ok {
			then = append(append(then, next), more...)
		}
	}
	for i := range v.diags {
		v.diags[i].Fix = fixed
		v.diags[i].Then = then
	}
}

// mended is the line with whatever it still lacks put right, and what to
// offer behind it; ok is false for a line that stays broken.
func (j Judge) mended(line string, depth int) (fixed string, then []string, ok bool) {
	diags := j.check(Parse(line), depth)
	for _, d := range diags {
		if d.Fix != "" {
			return d.Fix, d.Then, true
		}
	}
	return line, nil, Worst(diags) < Error
}

func applyEdits(line string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at {
			continue // two findings about the same place: the first one's edit holds
		}
		b.WriteString(line[at:e.Start])
		b.WriteString(e.text)
		at = e.End
	}
	b.WriteString(line[at:])
	return b.String()
}

// wholeLine looks at what may stand in no line, and at the space around it.
func (v *verdict) wholeLine() {
	line := v.line
	if strings.Trim(line, " ") == "" {
		v.say("empty-line", Span{0, len(line)})
		v.stop = true
		return
	}
	v.octets()
	if v.stop {
		return
	}
	if v.c.Name.Start > 0 {
		v.say("leading-space", Span{0, v.c.Name.Start})
		v.fix(Span{0, v.c.Name.Start}, "")
	}
	if end := len(strings.TrimRight(line, " ")); end < len(line) {
		v.say("trailing-space", Span{end, len(line)})
		v.fix(Span{end, len(line)}, "")
	}
	if at := (Span{v.c.Name.End, v.c.Args.Start}); !v.c.Args.Empty() && at.End-at.Start > 1 {
		v.say("repeated-space", at)
		v.fix(at, " ")
	}
	if len(line) > 512-2 {
		if limit := v.lineLimit(); len(line)+2 > limit {
			v.say("line-long", Span{limit - 2, len(line)}, strconv.Itoa(len(line)+2), strconv.Itoa(limit))
		}
	}
}

// LineCut is what there is to say of a line that was not read to its end:
// line is what was kept of it.
func LineCut(line string) Diag {
	v := verdict{line: line}
	return *v.say("line-cut", Span{len(line), len(line)}, strconv.Itoa(len(line)))
}

// octets looks for control characters and for what is not UTF-8.
func (v *verdict) octets() {
	for i := 0; i < len(v.line); {
		b := v.line[i]
		switch {
		case b < ' ' || b == 0x7f:
			v.say("control-char", Span{i, i + 1}, controlName(b))
			v.control(i)
			v.stop = true
			return
		case b < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(v.line[i:])
			if r == utf8.RuneError && n == 1 {
				v.say("not-utf8", Span{i, i + 1}, fmt.Sprintf("0x%02X", b))
				v.noFix()
				v.stop = true
				return
			}
			if r <= 0x9f { // U+0080 to U+009F are controls too, and some terminals obey them
				v.say("control-char", Span{i, i + n}, fmt.Sprintf("U+%04X", r))
				v.noFix()
				v.stop = true
				return
			}
			i += n
		}
	}
}

// control puts a control character at i right where it is a slip of the
// keyboard: a tab, a line end behind the line, and what a terminal sends for
// Backspace where it does not edit the line itself.
func (v *verdict) control(i int) {
	at := Span{i, i + 1}
	switch b := v.line[i]; {
	case b == '\t':
		v.fix(at, " ")
	case strings.Trim(v.line[i:], "\r\n") == "" && i > 0:
		v.fix(Span{i, len(v.line)}, "")
	case (b == '\b' || b == 0x7f) && i > 0:
		fixed, was := erased(v.line), v.c.Mailbox()
		if mailboxSeverity(was) < Error && Parse(fixed).Mailbox() != was {
			v.noFix() // whom the line names is not for a key to say that nobody sees
			return
		}
		v.fix(Span{0, len(v.line)}, fixed)
	default:
		v.noFix()
	}
}

// erased is the line as Backspace and Delete leave it.
func erased(line string) string {
	out := make([]byte, 0, len(line))
	for i := range len(line) {
		if line[i] != '\b' && line[i] != 0x7f {
			out = append(out, line[i])
			continue
		}
		_, n := utf8.DecodeLastRune(out)
		out = out[:len(out)-n]
	}
	return string(out)
}

func controlName(b byte) string {
	switch b {
	case 0:
		return "NUL"
	case '\t':
		return "TAB"
	case '\n':
		return "LF"
	case '\r':
		return "CR"
	case 0x1b:
		return "ESC"
	}
	return fmt.Sprintf("0x%02X", b)
}

// lineLimit is how many octets the line may have, CRLF included: 512
// (RFC 5321 §4.5.3.1.4) and what each extension adds that may be in use, which
// is any as long as nothing is known. AUTH stays within 512: an initial response
// that is longer waits for a challenge (RFC 4954 §4).
func (v *verdict) lineLimit() int {
	limit := 512
	if v.c.Verb == nil || v.judge.Basic {
		return limit
	}
	for i := range Params {
		if p := &Params[i]; p.Verb == v.c.Verb.Name && (v.judge.Offers == nil || v.judge.Offers.Has(p.Ext)) {
			limit += p.Adds
		}
	}
	return limit
}

// like gives word the case of letters that typed has, where it has one.
func like(word, typed string) string {
	if typed != "" && typed == strings.ToLower(typed) && typed != strings.ToUpper(typed) {
		return strings.ToLower(word)
	}
	return word
}
