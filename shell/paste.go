package shell

import (
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// pasting is what became of a paste whose course was stopped.
type pasting struct {
	parked   []term.Line // not sent
	byHold   string      // the verb of the held line that stopped it; "" for a refusal or a close
	dropping *dropped    // a message that came behind a refused DATA
}

// afterPaste stops a paste when the line before the rest of it was held, was
// refused for good, or lost the connection: what follows was written for
// another course of events. The rest is kept and shown.
func (sh *Shell) afterPaste(line term.Line) {
	if !sh.Source.Interactive() {
		return
	}
	if sh.paste.dropping != nil && sh.Source.Pending() == 0 {
		sh.report(sh.paste.dropping)
	}
	s := sh.hub.Session()
	refused := s.LastCode() >= 500 || s.LastCode() >= 400 && sh.dialogue.mechanism != "" // what follows an AUTH is a secret
	stop := sh.edit.offer.proposal && !sh.edit.offer.idle || sh.dialogue.fix != "" || !s.Open() || s.Awaiting() > 0 || refused && s.Mode() == protocol.ModeCommand
	if sh.paste.dropping != nil || !line.Pasted || sh.Source.Pending() == 0 || !stop {
		sh.resumeAfter(line)
		return
	}
	rest := sh.Source.TakePending()
	sh.paste.parked = append(sh.paste.parked, rest...)
	sh.paste.byHold = ""
	switch {
	case sh.edit.held != "":
		sh.paste.byHold = meantVerb(sh.edit.held, sh.edit.offer.text)
	case s.Mode() == protocol.ModeChallenge:
		sh.paste.byHold = byAnswer
	}
	sh.showParked()
}

// resumeAfter goes on with a paste once the held line that stopped it was
// sent in some form. After a refusal or a lost connection that is for the
// user to say: there may be things to find out first.
func (sh *Shell) resumeAfter(line term.Line) {
	s := sh.hub.Session()
	text := strings.TrimPrefix(line.Text, "!")
	switch {
	case len(sh.paste.parked) == 0, line.Pasted, sh.edit.held != "", s.Mode() == protocol.ModeChallenge && sh.dialogue.fix != "":
		return
	case sh.paste.byHold == byAnswer:
	case line.Text == "", line.Text[0] == ':':
		return
	}
	put := text == "" || sh.paste.byHold == byAnswer || meantVerb(text, text) == sh.paste.byHold
	if sh.paste.byHold != "" && put && s.Open() && s.LastCode() < 400 {
		sh.resume()
		return
	}
	if sh.paste.byHold == byAnswer {
		sh.paste.byHold = "" // the login is over
	}
	sh.note(view.Dim, plural(len(sh.paste.parked), "pasted line")+" still waiting: :resume goes on with them, :drop forgets them.")
}

// byAnswer is what stands for the verb where an answer was held.
const byAnswer = "an answer"

// meantVerb is the verb of a held line, or of its correction where the line
// itself begins with none.
func meantVerb(line, fix string) string {
	for _, text := range []string{line, fix} {
		if c := protocol.Parse(text); c.Verb != nil {
			return c.Verb.Name
		}
	}
	return "?"
}

func (sh *Shell) resume() {
	rest := sh.paste.parked
	sh.paste.parked = nil
	sh.note(view.Dim, "Going on with "+plural(len(rest), "pasted line")+".")
	sh.Source.PushBack(rest)
}

func (sh *Shell) showParked() {
	const most = 6
	answering := sh.dialogue.mechanism != ""
	rows := []view.Row{{{Text: "The paste stops here; " + plural(len(sh.paste.parked), "line") + " not sent:", Style: view.Caution}}}
	for i, l := range sh.paste.parked {
		if i == most {
			rows = append(rows, view.Row{{Text: "    … and " + plural(len(sh.paste.parked)-most, "more line"), Style: view.Dim}})
			break
		}
		text := sh.Assist().Redact(l.Text)
		if answering && noCommand(l.Text) && sh.hides() {
			text = "(the answer to AUTH, not shown)"
		}
		if c := protocol.Parse(strings.TrimPrefix(l.Text, "!")); c.Verb != nil || protocol.HasSecret(c) {
			answering = c.Verb == nil || c.Is("AUTH")
		}
		rows = append(rows, view.Row{{Text: "    " + text, Style: view.Dim}})
	}
	sh.Out.Rows(rows...)
	if sh.paste.byHold != "" {
		sh.note(view.Dim, "The rest goes on once the held line is put right; :resume goes on with it as it is, :drop forgets it.")
		return
	}
	sh.note(view.Dim, ":resume goes on with the rest, :drop forgets it.")
}
