package shell

import (
	"fmt"
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
}

func (o recipientOutcome) taken() bool { return !o.held && o.reply.Class() == 2 }

// verdict is why one recipient was not taken, for the report.
func (o recipientOutcome) verdict() view.Row {
	what, style, why := "refused", view.Bad, "for good: "
	switch {
	case o.held:
		what, style, why = "not sent", view.Caution, "its RCPT was held back"
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

// verdicts are what became of the recipients, each in its place: what LMTP
// says behind the message is about those that RCPT had taken, in their order
// (RFC 2033 §4.2), and one may be named twice.
func (s *sending) verdicts() []recipientOutcome {
	var all []recipientOutcome
	var accepted []int // where those stand that the message goes to
	for _, o := range s.outcomes {
		switch {
		case !o.final:
			if o.taken() {
				accepted = append(accepted, len(all))
			}
			all = append(all, o)
		case len(accepted) > 0:
			all[accepted[0]], accepted = o, accepted[1:]
		}
	}
	for _, to := range s.l.to[min(len(all), len(s.l.to)):] {
		all = append(all, recipientOutcome{to: to})
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
	if taken == len(all) || len(s.outcomes) == 0 {
		return
	}
	if s.status == StatusOK {
		s.status = StatusNegative
	}
	rows := []view.Row{{view.Strong.Of(fmt.Sprintf("%d of %d recipients were taken:", taken, len(all)))}}
	for _, o := range all {
		if o.taken() {
			rows = append(rows, view.Row{view.Good.Of("  taken    "), view.Plain.Of("  <" + o.to + ">")})
			continue
		}
		rows = append(rows, o.verdict())
	}
	s.sh.rows(rows)
}
