package shell

import (
	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// pasting is what became of a paste whose course was stopped.
type pasting struct {
	parked   []term.Line // not sent
	byHold   bool        // a held line stopped it, and not a refusal or a close
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
	stop := sh.edit.offer.proposal && !sh.edit.offer.idle || !s.Open() || s.Awaiting() > 0 || s.LastCode() >= 500 && s.Mode() == protocol.ModeCommand
	if sh.paste.dropping != nil || !line.Pasted || sh.Source.Pending() == 0 || !stop {
		sh.resumeAfter(line)
		return
	}
	rest := sh.Source.TakePending()
	sh.paste.parked = append(sh.paste.parked, rest...)
	sh.paste.byHold = sh.edit.held != ""
	sh.showParked()
}

// resumeAfter goes on with a paste once the held line that stopped it was
// sent in some form. After a refusal or a lost connection that is for the
// user to say: there may be things to find out first.
func (sh *Shell) resumeAfter(line term.Line) {
	s := sh.hub.Session()
	if len(sh.paste.parked) == 0 || !sh.paste.byHold || sh.edit.held != "" || line.Pasted || !s.Open() || s.LastCode() >= 400 ||
		len(line.Text) == 0 || line.Text[0] == ':' {
		return
	}
	sh.resume()
}

func (sh *Shell) resume() {
	rest := sh.paste.parked
	sh.paste.parked = nil
	sh.note(view.Dim, "Going on with "+plural(len(rest), "pasted line")+".")
	sh.Source.PushBack(rest)
}

func (sh *Shell) showParked() {
	const most = 6
	rows := []view.Row{{{Text: "The paste stops here; " + plural(len(sh.paste.parked), "line") + " not sent:", Style: view.Caution}}}
	for i, l := range sh.paste.parked {
		if i == most {
			rows = append(rows, view.Row{{Text: "    … and " + plural(len(sh.paste.parked)-most, "more line"), Style: view.Dim}})
			break
		}
		rows = append(rows, view.Row{{Text: "    " + l.Text, Style: view.Dim}})
	}
	sh.Out.Rows(rows...)
	if sh.paste.byHold {
		sh.note(view.Dim, "The rest goes on once the held line is put right; :drop forgets it.")
		return
	}
	sh.note(view.Dim, ":resume goes on with the rest, :drop forgets it.")
}
