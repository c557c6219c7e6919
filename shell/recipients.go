package shell

import (
	"fmt"
	"slices"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// recipientOutcome is what became of one recipient.
type recipientOutcome struct {
	to    string
	reply protocol.Reply
	final bool // of LMTP's reply behind the message, and not of RCPT
	held  bool // the RCPT was not sent
	asked bool // it was, or was held
}

func (o recipientOutcome) taken() bool { return o.asked && !o.held && o.reply.Class() == 2 }

// verdict is why one recipient was not taken, for the report.
func (o recipientOutcome) verdict() view.Row {
	what, style, why := "refused", view.Bad, "for good: "
	switch {
	case o.taken():
		return view.Row{view.Good.Of("  taken    "), view.Plain.Of("  <" + o.to + ">")}
	case !o.asked:
		what, style, why = "not asked", view.Caution, "the session ended before its RCPT"
	case o.held:
		what, style, why = "not sent", view.Caution, "its RCPT was held back"
	case o.reply.Code == 0 && o.final:
		what, why = "unknown", "no reply came behind the message: taken or not"
	case o.reply.Code == 0:
		what, why = "unknown", "no reply came"
	case o.reply.Class() == 4:
		style, why = view.Caution, "for now: "
	}
	if o.reply.Code != 0 {
		why += strings.TrimSpace(fmt.Sprint(o.reply.Code) + " " + strings.Join(o.reply.Lines, " "))
	}
	return view.Row{style.Of("  " + view.Pad(what, 9)), view.Plain.Of("  <" + o.to + ">"), view.Dim.Of("  " + why)}
}

// verdicts are what became of the recipients, in their order: the replies to
// RCPT, and in LMTP those behind the message, which come in the order of the
// recipients that were taken (RFC 2033 §4.2). One that is named twice has two.
func (s *sending) verdicts() []recipientOutcome {
	all := make([]recipientOutcome, len(s.l.to))
	for i, to := range s.l.to {
		all[i].to = to
	}
	asked, behind := 0, 0
	for _, o := range s.outcomes {
		o.asked = true
		if !o.final {
			if asked < len(all) {
				all[asked] = o
			}
			asked++
			continue
		}
		for behind < len(all) && !all[behind].taken() {
			behind++
		}
		if behind < len(all) {
			all[behind] = o
			behind++
		}
	}
	return all
}

// report says what became of the recipients, where it was not the same for
// all.
func (s *sending) report() {
	all := s.verdicts()
	taken := 0
	for _, o := range all {
		if o.taken() {
			taken++
		}
	}
	if len(s.outcomes) == 0 || taken == len(all) {
		return
	}
	if s.status == StatusOK {
		s.status = StatusNegative
	}
	rows := []view.Row{{view.Strong.Of(fmt.Sprintf("%d of %s taken:", taken, wereRecipients(len(all))))}}
	for _, o := range all {
		rows = append(rows, o.verdict())
	}
	s.sh.rows(rows)
}

func wereRecipients(n int) string {
	if n == 1 {
		return "1 recipient was"
	}
	return plural(n, "recipient") + " were"
}

// split notes of a message that was taken that it was not for every recipient.
func (s *sending) split() {
	if slices.ContainsFunc(s.verdicts(), func(o recipientOutcome) bool { return !o.taken() }) {
		s.status = StatusNegative
	}
}
