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

// report says what became of the recipients, where it was not the same for
// all.
func (s *sending) report() {
	refused := map[string]recipientOutcome{}
	for _, o := range s.outcomes {
		if !o.taken() {
			refused[o.to] = o
		}
	}
	if len(refused) == 0 || len(s.l.to) == 0 {
		return
	}
	if s.status == StatusOK {
		s.status = StatusNegative
	}
	rows := []view.Row{{view.Strong.Of(fmt.Sprintf("%d of %d recipients were taken:", len(s.l.to)-len(refused), len(s.l.to)))}}
	for _, to := range s.l.to {
		o, bad := refused[to]
		if !bad {
			rows = append(rows, view.Row{view.Good.Of("  taken    "), view.Plain.Of("  <" + to + ">")})
			continue
		}
		rows = append(rows, o.verdict())
	}
	s.sh.rows(rows)
}
