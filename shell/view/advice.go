package view

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"smtpsh/protocol"
	"smtpsh/protocol/know"
)

func itoa(n int) string { return strconv.Itoa(n) }

// advice shows what the shell thinks of a line: before it is sent, or in
// place of that.
func (t *Terminal) advice(s protocol.Session, e protocol.Advised) {
	if e.Held {
		t.held(s, e)
		return
	}
	var again []string
	var rows []Row
	for _, d := range e.Diags {
		if !t.first(d.ID) {
			again = append(again, d.Message)
			continue
		}
		rows = append(rows, t.finding(Caution.Of("  note: "), d)...)
	}
	news := len(rows) > 0
	if len(again) > 0 { // the whole was told before
		rows = append(rows, Row{Caution.Of("  note: "), Dim.Of(strings.Join(again, "; "))})
	}
	if len(e.Diags) > 0 && e.Diags[0].Fix != "" && e.Diags[0].Fix != e.Line {
		rows = append(rows, Row{Dim.Of("        as the RFC writes it: "), Plain.Of(e.Diags[0].Fix)})
	}
	if news {
		rows = append(rows, t.measured(s, e.Line)...)
	}
	t.screen.Rows(Fold(rows, t.screen.Width())...)
}

// shownServers are the servers whose answers stand beside advice: those that
// most mail meets. All of them would fill the screen.
var shownServers = []string{"Postfix", "Exim", "Sendmail", "OpenSMTPD"}

// measured tells what real servers did with such a line, where that was
// measured.
func (t *Terminal) measured(s protocol.Session, line string) []Row {
	state, ok := map[protocol.Stage]string{protocol.StageConnected: "connected", protocol.StageGreeted: "greeted",
		protocol.StageMail: "mail", protocol.StageRcpt: "rcpt"}[s.Stage()]
	if !ok {
		return nil
	}
	answers := slices.DeleteFunc(know.Answers(state, line), func(a know.Answer) bool {
		name, _, _ := strings.Cut(a.Server, " ")
		return !slices.Contains(shownServers, name)
	})
	sentence := know.Sentence(answers)
	if sentence == "" {
		return nil
	}
	var rows []Row
	for _, text := range Wrap("measured: "+sentence, max(20, t.screen.Width()-9)) {
		rows = append(rows, Row{Dim.Of("        " + text)})
	}
	return rows
}

// first reports whether this advice is given for the first time: later a
// short tag will do.
func (t *Terminal) first(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told[id] {
		return false
	}
	t.told[id] = true
	return true
}

// held shows a line that was not sent: a caret under the fault, the reason,
// the section of the RFC, and what the keys do now.
func (t *Terminal) held(s protocol.Session, e protocol.Advised) {
	worst := protocol.Worst(e.Diags)
	var rows []Row
	shown := 0
	for _, d := range e.Diags {
		const most = 3 // more would bury the first
		if d.Severity < worst || shown == most {
			continue
		}
		if shown == 0 {
			rows = append(rows, t.caret(e.Line, d)...)
		}
		rows = append(rows, t.finding(Bad.Of("  held: "), d)...)
		shown++
	}
	rows = append(rows, t.measured(s, e.Line)...)
	t.screen.Rows(append(rows, t.keys(e)...)...)
}

// keys says what can be done with a held line. One of a script or of an errand
// is in no edit line.
func (t *Terminal) keys(e protocol.Advised) []Row {
	if !e.Kept {
		return nil
	}
	fix := false
	for _, d := range e.Diags {
		fix = fix || d.Fix != ""
	}
	text := "! sends it as it is."
	switch full := t.first("held"); {
	case fix && full:
		text = "Enter sends the corrected line below; a cursor key or Tab edits it, Ctrl-C brings yours back, and ! sends yours as it is."
	case fix:
		text = "Enter: the corrected line. Ctrl-C: yours again. !: yours as it is."
	case full:
		text = "Your line is kept below to be corrected; ! sends it as it is."
	}
	var rows []Row
	for _, line := range Wrap(text, max(20, t.screen.Width()-9)) {
		rows = append(rows, Row{Dim.Of("        " + line)})
	}
	return rows
}

// finding is what there is to say about a line, with its RFC.
func (t *Terminal) finding(mark Span, d protocol.Diag) []Row {
	return t.paragraph(mark, d.Message, "  ", d.Ref.String())
}

// paragraph is text wrapped under itself behind a mark, and a reference behind
// it in one piece, a gap before that.
func (t *Terminal) paragraph(mark Span, text, gap, ref string) []Row {
	room := t.screen.Width() - len(mark.Text) - 1
	lines := Wrap(text, max(20, room))
	var rows []Row
	for i, line := range lines {
		row := Row{mark, Plain.Of(line)}
		if i > 0 {
			row = Row{Plain.Of(strings.Repeat(" ", len(mark.Text))), Plain.Of(line)}
		}
		if i == len(lines)-1 && ref != "" {
			if Width(line)+len(gap)+Width(ref) > room {
				rows = append(rows, row)
				row = Row{Plain.Of(strings.Repeat(" ", len(mark.Text)-len(gap)))}
			}
			row = append(row, Dim.Of(gap+ref))
		}
		rows = append(rows, row)
	}
	return rows
}

// caret marks the fault under the typed line, which stands on the screen
// behind the prompt; where that is wrapped the line is shown again.
func (t *Terminal) caret(line string, d protocol.Diag) []Row {
	t.mu.Lock()
	indent := t.indent
	t.mu.Unlock()
	width := t.screen.Width()
	start, end := min(d.Start, len(line)), min(d.End, len(line))
	tildes := func(columns int) string { return "^" + strings.Repeat("~", max(0, columns-1)) }
	under, column := tildes(t.typed(line[start:end])), t.typed(line[:start])
	if indent+t.typed(line) < width && indent+column+len(under) < width {
		return []Row{{Plain.Of(strings.Repeat(" ", indent+column)), Mark.Of(under)}}
	}
	under = tildes(Width(line[start:end]))
	// The line is wrapped: show the part around the fault on a row of its own.
	from := start
	for from > 0 && (Width(line[from:start]) < width/3 || !utf8.RuneStart(line[from])) {
		from--
	}
	to := start
	for to < len(line) && (Width(line[from:to]) < width-8 || !utf8.RuneStart(line[to])) {
		to++
	}
	under = under[:max(1, min(len(under), width-8-Width(line[from:start])))]
	return []Row{
		{Dim.Of("  … "), Plain.Of(line[from:to])},
		{Plain.Of(strings.Repeat(" ", 4+Width(line[from:start]))), Mark.Of(under)},
	}
}
