package shell

import (
	"strconv"

	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// dropped counts the lines of a message that has nowhere to go: its DATA was
// refused, or its connection lost.
type dropped struct {
	lines   int
	refused bool
	begun   bool   // a line came that is no comment
	ended   bool   // the input did, before a lone dot or the last octet
	counted bool   // it is the octets of a BDAT
	owed    uint64 // of those, still to come
}

// add counts a line, and reports whether it is the last.
func (d *dropped) add(line term.Line) (over bool) {
	d.lines++
	d.begun = d.begun || beginsText(line.Text)
	if !d.counted {
		return line.Text == "."
	}
	n := uint64(len(line.Text))
	if !line.Partial {
		n += uint64(len("\r\n"))
	}
	d.owed -= min(d.owed, n)
	return d.owed == 0
}

// cutOff reports a message whose connection is gone: the lines that come now
// still belong to it, and are no commands.
func (sh *Shell) cutOff() bool { return sh.message.open && !sh.hub.Session().Open() }

// dropMessage has the rest of a message dropped whose connection is gone, where
// it comes by itself: none of it may run as a command.
func (sh *Shell) dropMessage(line term.Line) {
	if !line.Pasted && sh.attended() {
		return
	}
	d := &dropped{owed: sh.message.owed, counted: sh.message.owed > 0}
	sh.paste.dropping = d
	if over := d.add(line); over && d.counted {
		sh.report(d)
	}
}

// dropOctets has the octets dropped that are still to come of a BDAT whose
// connection is gone.
func (sh *Shell) dropOctets() {
	if !sh.attended() || sh.Source.Pending() > 0 {
		sh.paste.dropping = &dropped{owed: sh.message.owed, counted: true}
	}
}

// takes eats a line up to the lone dot, or to the last octet that was owed; it
// is safe on nil.
func (d *dropped) takes(sh *Shell, line term.Line) bool {
	if d == nil {
		return false
	}
	if sh.attended() && !line.Pasted {
		sh.report(d)
		return false
	}
	// An :expect says that the refusal was foreseen, and so that no message
	// follows: what does are commands.
	if d.refused && !d.begun && isExpect(line.Text) {
		sh.paste.dropping = nil
		return false
	}
	if d.add(line) {
		sh.report(d)
	}
	return true
}

// report says what was not sent.
func (sh *Shell) report(d *dropped) {
	sh.paste.dropping = nil
	upTo := ", up to the lone dot."
	switch {
	case d.ended && d.counted:
		upTo = ", up to the end of the input, with " + strconv.FormatUint(d.owed, 10) + " octets of the BDAT still owed."
	case d.counted && d.owed > 0:
		upTo = ", with " + strconv.FormatUint(d.owed, 10) + " octets of the BDAT still owed."
	case d.ended:
		upTo = ", up to the end of the input, for no lone dot came."
	case d.counted:
		upTo = ", up to the last octet of the BDAT."
	}
	switch {
	case d.lines == 0:
	case !d.refused:
		sh.note(view.Caution, plural(d.lines, "line")+" of the message dropped"+upTo)
	default:
		sh.note(view.Caution, "DATA was not answered with 354, so the message behind it was not sent: "+plural(d.lines, "line")+" dropped"+upTo)
	}
}
