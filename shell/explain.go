package shell

import (
	"context"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/know"
	"smtpsh/protocol/message"
	"smtpsh/protocol/sasl"
	"smtpsh/shell/view"
)

func (sh *Shell) runExplain(_ context.Context, words []string) outcome {
	if len(words) == 0 {
		reply, after, ok := sh.hub.lastReply()
		if !ok {
			return say(view.T("No reply yet. :explain 550 5.7.1, :explain MAIL or :explain NOTIFY explain a topic."))
		}
		return say(explainReply(reply, after)...)
	}
	rows, ok := Explain(words)
	if !ok {
		return complain("Nothing is known about " + strings.Join(words, " ") + "; a code, a verb, a parameter, an extension, a login mechanism or the name of an advice is.")
	}
	return say(rows...)
}

// Explain is what is known about a topic: a reply code and an enhanced code
// ("550 5.7.1") or the beginning of one ("5", "5.7"), "greeting" and "message",
// a verb, a parameter, an extension, a login mechanism, or the ID of an advice,
// of an anomaly or of what is found in a message. It needs no session.
func Explain(words []string) (rows []view.Row, ok bool) {
	for _, word := range words {
		found := explainCode(word)
		if found == nil {
			found = explainName(word)
		}
		if found == nil {
			return nil, false
		}
		if rows != nil {
			rows = append(rows, view.T(""))
		}
		rows = append(rows, found...)
	}
	return rows, rows != nil
}

func explainName(word string) []view.Row {
	var rows []view.Row
	if verb := protocol.FindVerb(word); verb != nil {
		rows = append(rows, helpVerb(verb)...)
	}
	rows = append(rows, helpParam(word)...)
	if x := protocol.FindExtension(word); x != nil {
		rows = append(rows, explainExtension(x)...)
	}
	if m := sasl.Find(word); m != nil {
		rows = append(rows, explainMechanism(m)...)
	}
	id := strings.ToLower(word)
	if a := protocol.FindAdvice(id); a != nil {
		rows = append(rows, explainID(a.ID, "advice, "+a.Severity.String(), a.Ref, a.Message, a.Explain)...)
	}
	if a := protocol.FindAnomaly(id); a != nil {
		rows = append(rows, explainID(a.ID, "something odd in a reply", a.Ref, a.Message, a.Explain)...)
	}
	if r := message.FindRule(id); r != nil {
		rows = append(rows, explainID(r.ID, "something found in a message", r.Ref, r.Message, r.Explain)...)
	}
	return append(rows, explainMoment(id)...)
}

// explainID explains what has an ID: what it is, its sentence, and more.
func explainID(id, kind string, ref protocol.Ref, sentence, more string) []view.Row {
	rows := heading(id, kind, ref)
	rows = append(rows, prose(strings.ToUpper(sentence[:1])+strings.ReplaceAll(sentence[1:], "%s", "…")+".")...)
	return append(rows, prose(more)...)
}

// heading is a name, what it is, and where that stands; a zero ref stands
// nowhere.
func heading(name, kind string, ref protocol.Ref) []view.Row {
	row := view.Row{{Text: name, Style: view.Strong}, {Text: "  " + kind}}
	if ref.RFC != 0 {
		row = append(row, view.Span{Text: "  " + ref.String(), Style: view.Dim})
	}
	return []view.Row{row}
}

// explainMechanism explains a way to log in.
func explainMechanism(m *sasl.Mechanism) []view.Row {
	rows := append(heading(m.Name, "a login mechanism", m.Ref), prose(strings.ToUpper(m.Summary[:1])+m.Summary[1:]+".")...)
	first := "The server speaks first: AUTH " + m.Name + " alone begins it."
	if m.First {
		first = "The client speaks first: its answer may stand on the line of AUTH " + m.Name + " or follow the 334."
	}
	rows = append(rows, prose(first)...)
	switch {
	case m.Token:
		rows = append(rows, prose("The secret is an OAuth token, and no password.")...)
	case m.NoSecret:
		rows = append(rows, prose("No secret is asked for.")...)
	}
	return rows
}

// moments are where a reply answers no command.
var moments = []struct {
	name, title, text string
	ref               protocol.Ref
	codes             []int
}{
	{"greeting", "the server's first reply", "The server speaks first, as soon as the connection stands. Nothing is sent before it has come.",
		protocol.Ref{RFC: 5321, Section: "3.1"}, []int{220, 421, 521, 554}},
	{"message", "the reply to the message", "After the line with only a dot, or after BDAT LAST, one reply tells what became of the message; in LMTP one reply for each recipient that was taken.",
		protocol.Ref{RFC: 5321, Section: "4.1.1.4"}, []int{250, 450, 451, 452, 550, 552, 554}},
}

// explainMoment lists what answers the connection or the message.
func explainMoment(name string) []view.Row {
	for _, m := range moments {
		if m.name != name {
			continue
		}
		rows := append(heading(m.name, m.title, m.ref), prose(m.text)...)
		for _, code := range m.codes {
			rows = append(rows, labelled(strconv.Itoa(code), know.Short(code, m.name), 0))
		}
		return rows
	}
	return nil
}

func explainExtension(x *protocol.Extension) []view.Row {
	kind := "  an extension"
	switch {
	case x.Obsolete:
		kind = "  an extension, obsolete"
	case x.Private:
		kind = "  an extension, not registered"
	}
	return append([]view.Row{{{Text: x.Form, Style: view.Strong}, {Text: kind}, {Text: "  " + x.Ref.String(), Style: view.Dim}}},
		prose(strings.ToUpper(x.Gives[:1])+x.Gives[1:]+".")...)
}

// prose is text wrapped and set in, as help has it.
func prose(text string) []view.Row {
	var rows []view.Row
	for _, line := range view.Wrap(text, 76) {
		rows = append(rows, view.T("  "+line))
	}
	return rows
}

// explainCode explains "550" or "5.7.1", and what they begin with: "5", "5.7".
// It is nil for what is none of these.
func explainCode(word string) []view.Row {
	if e, rest, ok := protocol.CutEnhanced(word); ok && rest == "" {
		return enhancedRows(e)
	}
	first, second, two := strings.Cut(word, ".")
	n, err := strconv.Atoi(first)
	switch {
	case err != nil:
	case two:
		class, known := know.Class(n)
		subject, err := strconv.Atoi(second)
		if !known || err != nil || subject < 0 || subject > 999 || n == 3 { // RFC 3463 §3.1 has 2, 4 and 5
			return nil
		}
		entry, ok := know.Subject(subject)
		if !ok {
			return entryRows(word, unregistered(class, subject))
		}
		entry.Short += ": " + class.Short
		return entryRows(word, entry)
	case len(word) == 3:
		return codeRows(word, n, "")
	case len(word) == 1:
		if entry, ok := know.Class(n); ok {
			return entryRows(word, entry)
		}
	}
	return nil
}

func codeRows(name string, code int, after string) []view.Row {
	entry, ok := know.After(code, after)
	if !ok {
		short := know.Short(code, after)
		if short == "" {
			return nil
		}
		return []view.Row{{{Text: name, Style: view.Strong}, {Text: "  " + short + "; no RFC gives this code a meaning of its own"}}}
	}
	return entryRows(name, entry)
}

func enhancedRows(e protocol.Enhanced) []view.Row {
	entry, ok := know.Enhanced(e)
	if !ok {
		class, _ := know.Class(e.Class)
		return entryRows(e.String(), unregistered(class, e.Subject))
	}
	class := map[int]string{2: "success", 4: "for now", 5: "for good"}[e.Class]
	entry.Short += " (" + class + ")"
	if !know.Registered(e) {
		entry.Meaning += " The code itself is not registered: what the server means by it, its text has to say."
	}
	return entryRows(e.String(), entry)
}

// unregistered is what the class of an enhanced code says by itself, for a code
// whose subject nobody has registered (RFC 3463 §3, RFC 5248 §2).
func unregistered(class know.Entry, subject int) know.Entry {
	class.Short += ", of a subject that is not registered"
	class.Meaning += " No subject " + strconv.Itoa(subject) + " is registered, so only the first digit says something: what else the server means, its text has to say."
	class.Ref = protocol.Ref{RFC: 3463, Section: "3"}
	return class
}

// entryRows sets out what is known: what is certain as such, a guess as a
// guess.
func entryRows(name string, entry know.Entry) []view.Row {
	rows := append(heading(name, entry.Short, entry.Ref), prose(entry.Meaning)...)
	sure := "likely"
	if !entry.Certain {
		sure = "a guess"
	}
	for i, cause := range entry.Causes {
		rows = append(rows, labelled("comes from ("+sure+")", cause, i))
	}
	for i, try := range entry.Try {
		rows = append(rows, labelled("to try", try, i))
	}
	return rows
}

func labelled(label, text string, i int) view.Row {
	if i > 0 {
		label = ""
	}
	return view.Row{{Text: "  " + view.Pad(label, 22), Style: view.Dim}, {Text: text}}
}

// explainReply is a reply in depth: its code, its enhanced code, its wording
// where that is a known one, and all that is odd about it.
func explainReply(r protocol.Reply, after string) []view.Row {
	title := "the reply to " + after
	switch after {
	case "unasked":
		title = "a reply that nobody asked for"
	case "greeting":
		title = "the server's greeting"
	case "message":
		title = "the reply to the message"
	}
	rows := []view.Row{{{Text: title, Style: view.Dim}}}
	for _, line := range r.Lines {
		rows = append(rows, view.Row{{Text: "  " + strconv.Itoa(r.Code) + " " + line, Style: view.Ask}})
	}
	rows = append(rows, codeRows(strconv.Itoa(r.Code), r.Code, after)...)
	if !r.Enhanced.IsZero() {
		rows = append(rows, enhancedRows(r.Enhanced)...)
	}
	finer, _ := know.Enhanced(r.Enhanced)
	if entry, ok := know.Refusal(r); ok && entry.Short != finer.Short { // else it says the same again
		rows = append(rows, entryRows("the wording", entry)...)
	}
	for _, a := range r.Oddities(after) {
		row := view.Row{{Text: "odd", Style: view.Caution}, {Text: "  " + a.Message}, {Text: " (" + a.ID + ")", Style: view.Dim}}
		if known := protocol.FindAnomaly(a.ID); known != nil {
			row = append(row, view.Span{Text: "  " + known.Ref.String(), Style: view.Dim})
		}
		rows = append(rows, row)
	}
	return rows
}
