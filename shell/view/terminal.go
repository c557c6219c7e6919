package view

import (
	"net"
	"strings"
	"sync"

	"smtpsh/protocol"
	"smtpsh/protocol/know"
	"smtpsh/protocol/trace"
)

// Terminal renders events for a person: colours by the class of a reply, what
// a code means, how long it took, the reply to EHLO as a table. What was
// typed is on the screen already and is not shown again.
type Terminal struct {
	screen *Screen
	mu     sync.Mutex
	indent int // columns of the prompt before the typed line
	typed  func(string) int
	told   map[string]bool // advice that was given in full
	group  bool            // commands were sent without waiting: a reply is shown with what it answers
	echo   bool            // what was sent is shown too, for nobody typed it
}

// NewTerminal makes a Terminal that writes to screen.
func NewTerminal(screen *Screen) *Terminal {
	return &Terminal{screen: screen, told: map[string]bool{}, typed: Width}
}

// Typed says in how many columns typed text stands on the screen; Width counts
// them where it was not called. It is called before the first event.
func (t *Terminal) Typed(columns func(text string) int) { t.typed = columns }

// Echo has all that is sent shown, where nobody typed it on this screen. It
// is called before the first event.
func (t *Terminal) Echo() { t.echo = true }

// Indent says how many columns stand before the typed line, so that a caret
// can be put under a fault in it.
func (t *Terminal) Indent(columns int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.indent = columns
}

// Event shows one event.
func (t *Terminal) Event(before, after protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Trying:
		t.screen.Rows(Row{Dim.Of(capital(trace.TryingText(e)) + " …")})
	case protocol.Missed:
		if e.Address != "" {
			t.screen.Rows(Row{Dim.Of("  " + trace.MissedText(e))})
		}
	case protocol.Opened:
		row := Row{Strong.Of("Connected to " + e.Host), Dim.Of(" (" + e.Address + ")")}
		if host, _, err := net.SplitHostPort(e.Address); err == nil && host == e.Host || e.Address == e.Host {
			row = Row{Strong.Of("Connected to " + e.Address)} // once will do; a socket or a command has one name
		}
		if strings.HasPrefix(e.Address, "pipe:") {
			row = Row{Strong.Of(capital(trace.OpenedText(e)))}
		}
		if e.Via != "" {
			row = append(row, Dim.Of(" through "+e.Via))
		}
		t.screen.Rows(row)
	case protocol.Sent:
		t.group = t.group || e.Kind == protocol.SentCommand && before.Awaiting() > 0
		if e.Auto || t.echo {
			for _, line := range trace.SentLines(e.Masked()) {
				row := Row{Dim.Of("> "), Plain.Of(line)}
				if line == "" && e.Kind == protocol.SentResponse { // else an empty row says it
					row[1] = Dim.Of("(an empty line)")
				}
				t.screen.Rows(row)
			}
			if e.Omitted > 0 {
				t.screen.Rows(Row{Dim.Of("  … " + trace.OmittedText(e))})
			}
		}
	case protocol.Received:
		t.reply(before, after, e)
	case protocol.Secured:
		t.screen.Rows(Fold(TLS(e.TLS, e.When(), true), t.screen.Width())...)
	case protocol.Smuggled:
		t.screen.Rows(t.paragraph(Caution.Of("  "), trace.SmuggledText(e), "", "")...)
	case protocol.Closed:
		t.closed(before, e)
	case protocol.Cancelled:
		t.cancelled(after)
	case protocol.Advised:
		t.advice(before, e)
	case protocol.Expected:
		t.screen.Rows(T(trace.ExpectedText(e)))
	case protocol.Summed:
		t.screen.Rows(trace.Summary(e)...)
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func (t *Terminal) closed(before protocol.Session, e protocol.Closed) {
	text := capital(trace.ClosedText(before, e)) + "."
	if e.By == protocol.ByUser || before.Leaving() && e.Err == nil {
		t.screen.Rows(Row{Dim.Of(text)})
		return
	}
	row := Row{Caution.Of(text), Dim.Of(" :reconnect opens it again.")}
	if Width(row.String()) < t.screen.Width() {
		t.screen.Rows(row)
		return
	}
	t.screen.Rows(Fold([]Row{{Caution.Of(text + row[1].Text)}}, t.screen.Width())...)
}

func (t *Terminal) cancelled(s protocol.Session) {
	what := "a reply"
	if u, ok := s.Head(); ok && u.Word != "" {
		what = "the reply to " + u.Word
	} else if ok && u.Kind == protocol.UnitGreeting {
		what = "the server's greeting"
	}
	var rows []Row
	for _, line := range Wrap("Stopped waiting; "+what+" is still owed and is shown when it comes. :close ends the connection.", t.screen.Width()-1) {
		rows = append(rows, Row{Caution.Of(line)})
	}
	t.screen.Rows(rows...)
}

// style is the colour of a reply code.
func style(class int) Style {
	switch class {
	case 2:
		return Good
	case 3:
		return Ask
	case 4:
		return Caution
	}
	return Bad
}

func (t *Terminal) reply(before, after protocol.Session, e protocol.Received) {
	r := e.Reply
	unit, asked := before.Head()
	var rows []Row
	if to := unit.Recipient(); unit.Kind == protocol.UnitContent && to != "" {
		rows = append(rows, Row{Dim.Of("for <" + to + ">:")})
	}
	if t.group && unit.Kind == protocol.UnitCommand {
		rows = append(rows, Row{Dim.Of("to " + answeredCommand(unit) + ":")})
	}
	t.group = t.group && after.Awaiting() > 0
	notes := meaning(before, unit, r)
	if asked && !unit.Sent.IsZero() {
		notes = append(notes, Duration(e.When().Sub(unit.Sent)))
	}
	note := strings.Join(notes, between)
	if offers := protocol.ParseEHLO(r); asked && (unit.Word == "EHLO" || unit.Word == "LHLO") && len(offers.Offers()) > 0 {
		rows = append(rows, t.beside(replyRow(r.Code, firstLine(r), r.Class()), note)...)
		rows = append(rows, offerRows(offers, t.screen.Width())...)
		rows = append(rows, trace.Changes(before, after)...)
	} else {
		rows = append(rows, t.block(r, note)...)
	}
	if r.Dropped > 0 {
		rows = append(rows, Row{Caution.Of("  " + trace.DroppedText(r))})
	}
	if text := trace.ForeignText(r); text != "" {
		rows = append(rows, t.paragraph(Bad.Of("  "), text, "", "")...)
	}
	rows = append(rows, t.oddities(r.Oddities(before.Answers()), r)...)
	t.screen.Rows(rows...)
}

// oddities say what is odd about a reply: each kind once, in full the first
// time in a session, and then by its name.
func (t *Terminal) oddities(all []protocol.Anomaly, r protocol.Reply) []Row {
	var rows []Row
	var again []string
	seen := map[string]bool{}
	for _, a := range all {
		leaving := a.ID == "unasked" && r.Code == 421   // RFC 5321 §3.8 has the server say so at any time
		challenge := a.ID == "no-text" && r.Code == 334 // RFC 4954 §4: a challenge without data, and usual
		if seen[a.ID] || leaving || challenge {
			continue
		}
		seen[a.ID] = true
		if !t.first("odd " + a.ID) {
			again = append(again, a.ID)
			continue
		}
		rows = append(rows, t.paragraph(Caution.Of("  odd: "), a.Message, " ", "("+a.ID+")")...)
	}
	if len(again) > 0 {
		rows = append(rows, Row{Caution.Of("  odd: "), Dim.Of(strings.Join(again, ", ") + " (:explain tells more)")})
	}
	return rows
}

// answeredCommand names a command by its verb and its path.
func answeredCommand(u protocol.Unit) string {
	if to := u.Recipient(); to != "" {
		return u.Word + " <" + to + ">"
	}
	return u.Word
}

// meaning says in a few words what the reply means, and points the queue id
// out.
func meaning(before protocol.Session, u protocol.Unit, r protocol.Reply) []string {
	var notes []string
	if short := Meaning(r, before.Answers()); short != "" {
		notes = append(notes, short)
	}
	if text := trace.ChallengeText(r); text != "" {
		notes = append(notes, "it says "+text)
	}
	if u.Kind == protocol.UnitContent && r.Class() == 2 && len(r.Lines) > 0 {
		if id, ok := know.QueueID(r.Lines[len(r.Lines)-1]); ok {
			notes = append(notes, "queue id "+id)
		}
	}
	if u.Kind == protocol.UnitCommand && r.Class() == 2 && u.Word == "RCPT" && before.RecipientCount() > 0 {
		notes = append(notes, "recipient "+itoa(before.RecipientCount()+1))
	}
	return notes
}

// Meaning is what a reply means in a few words. The enhanced code of a
// refusal says more than the code itself, which servers use as they like, and
// where there is none a known wording does.
func Meaning(r protocol.Reply, after string) string {
	if !r.Negative() {
		return know.Short(r.Code, after)
	}
	later := ""
	if r.Class() == 4 {
		later = ", for now"
	}
	wording, worded := know.Refusal(r)
	entry, ok := know.Enhanced(r.Enhanced)
	switch {
	case r.Code == 421 || r.Code == 503: // about the connection and the order, whatever is behind
	case r.Code == 501 && r.Enhanced.Detail == 0 && strings.EqualFold(after, "AUTH"): // a login that was cancelled, as a rule
	case ok && entry.Short != "" && !(worded && vague(r.Enhanced)) && !(r.Enhanced.Subject == 5 && r.Enhanced.Detail == 1):
		return entry.Short + later
	case worded:
		return "probably " + wording.Short
	}
	return know.Short(r.Code, after)
}

// vague reports an enhanced code that servers give with any refusal of its
// kind, so that the wording says more: "other" (x.x.0), and x.7.1.
func vague(e protocol.Enhanced) bool {
	return e.Detail == 0 || e.Subject == 7 && e.Detail == 1
}

func firstLine(r protocol.Reply) string {
	if len(r.Lines) == 0 {
		return ""
	}
	return r.Lines[0]
}

func replyRow(code int, text string, class int) Row {
	return Row{style(class).Of(itoa(code)), Plain.Of(" " + text)}
}

// block shows every line of a reply as it came, the codes one under another.
func (t *Terminal) block(r protocol.Reply, note string) []Row {
	var rows []Row
	for line := range strings.Lines(string(r.Raw)) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		code := 0
		for code < len(line) && code < 3 && line[code] >= '0' && line[code] <= '9' {
			code++
		}
		rows = append(rows, Row{style(r.Class()).Of(line[:code]), Plain.Of(line[code:])})
	}
	if len(rows) == 0 {
		return t.beside(replyRow(r.Code, "", r.Class()), note)
	}
	last := len(rows) - 1
	return append(rows[:last], t.beside(rows[last], note)...)
}

// beside puts a note behind a row, or under it where there is no room.
func (t *Terminal) beside(row Row, note string) []Row {
	if note == "" {
		return []Row{row}
	}
	if Width(row.String())+Width(note)+4 <= t.screen.Width() {
		return []Row{append(row, Dim.Of("    "+note))}
	}
	rows := []Row{row}
	for _, line := range wrapNotes(note, max(20, t.screen.Width()-5)) {
		rows = append(rows, Row{Dim.Of("    " + line)})
	}
	return rows
}

// between stands between notes that share a row.
const between = " · "

// wrapNotes breaks notes between one another, and one within only where it is
// wider than the row: a time is not parted from its unit.
func wrapNotes(notes string, width int) []string {
	var lines []string
	line := ""
	for _, note := range strings.Split(notes, between) {
		switch {
		case line == "":
			line = note
		case Width(line)+Width(between)+Width(note) <= width:
			line += between + note
		default:
			lines = append(lines, Wrap(line, width)...)
			line = note
		}
	}
	return append(lines, Wrap(line, width)...)
}

// offerRows is the reply to EHLO as a table: what is offered, what it gives,
// and where that is written.
func offerRows(offers *protocol.Extensions, width int) []Row {
	const widest = 26
	column := 0
	for _, o := range offers.Offers() {
		if w := Width(o.Raw); w <= widest {
			column = max(column, w)
		}
	}
	var rows []Row
	for _, o := range offers.Offers() {
		gives, ref := "not known here", ""
		if row := protocol.FindExtension(o.Keyword); row != nil {
			gives, ref = row.Gives, row.Ref.String()
		}
		if limit, ok := offers.Size(); ok && strings.EqualFold(o.Keyword, "SIZE") {
			gives = "messages of up to " + Octets(limit)
		}
		head := Row{Plain.Of("    "), Strong.Of(Pad(o.Raw, column))}
		if Width(o.Raw) > column {
			rows = append(rows, head)
			head = Row{Plain.Of(strings.Repeat(" ", 4+column))}
		}
		for i, line := range wrapRef(gives, ref, max(20, width-column-7)) {
			if i > 0 {
				head = Row{Plain.Of(strings.Repeat(" ", 4+column))}
			}
			rows = append(rows, append(head, Dim.Of("  "+line)))
		}
	}
	return rows
}

// wrapRef wraps text and puts the RFC behind it, in one piece.
func wrapRef(text, ref string, width int) []string {
	lines := Wrap(text, width)
	last := len(lines) - 1
	switch {
	case ref == "":
	case Width(lines[last])+2+Width(ref) <= width:
		lines[last] += "  " + ref
	default:
		lines = append(lines, ref)
	}
	return lines
}

// Wrap breaks text at spaces into lines of at most width columns; a longer
// word keeps a line of its own.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
