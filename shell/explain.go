package shell

import (
	"context"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/know"
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
		return complain("Nothing is known about " + strings.Join(words, " ") + "; a code, a verb, a parameter, an extension or the name of an advice is.")
	}
	return say(rows...)
}

// Explain is what is known about a topic: a reply code and an enhanced code
// ("550 5.7.1"), a verb, a parameter, an extension, or the ID of an advice or
// an anomaly. It needs no session.
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
	if a := protocol.FindAdvice(strings.ToLower(word)); a != nil {
		rows = append(rows, view.Row{{Text: a.ID, Style: view.Strong}, {Text: "  advice, " + a.Severity.String()}, {Text: "  " + a.Ref.String(), Style: view.Dim}})
		rows = append(rows, prose(strings.ReplaceAll(a.Message, "%s", "…")+".")...)
		rows = append(rows, prose(a.Explain)...)
	}
	if a := protocol.FindAnomaly(strings.ToLower(word)); a != nil {
		rows = append(rows, view.Row{{Text: a.ID, Style: view.Strong}, {Text: "  something odd in a reply"}, {Text: "  " + a.Ref.String(), Style: view.Dim}})
		rows = append(rows, prose(a.Message+".")...)
		rows = append(rows, prose(a.Explain)...)
	}
	return rows
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

// explainCode explains "550" or "5.7.1"; nil for what is neither.
func explainCode(word string) []view.Row {
	if code, err := strconv.Atoi(word); err == nil && len(word) == 3 {
		return codeRows(word, code, "")
	}
	if e, rest, ok := protocol.CutEnhanced(word); ok && rest == "" {
		return enhancedRows(e)
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
		return nil
	}
	class := map[int]string{2: "success", 4: "for now", 5: "for good"}[e.Class]
	entry.Short += " (" + class + ")"
	return entryRows(e.String(), entry)
}

// entryRows sets out what is known: what is certain as such, a guess as a
// guess.
func entryRows(name string, entry know.Entry) []view.Row {
	rows := []view.Row{{{Text: name, Style: view.Strong}, {Text: "  " + entry.Short}, {Text: "  " + entry.Ref.String(), Style: view.Dim}}}
	rows = append(rows, prose(entry.Meaning)...)
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
	if entry, ok := know.Wording(strings.Join(r.Lines, " ")); ok && r.Negative() {
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
