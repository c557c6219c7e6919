package shell

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// standing are the stages that a connection has behind it when :send begins.
var standing = []string{"connect", "banner", "tls"}

// runSend is :send: the same on the connection that stands. What is missing
// is asked for.
func (sh *Shell) runSend(ctx context.Context, words []string) outcome {
	var e Errand
	flags := pflag.NewFlagSet(":send", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	e.AddFlags(flags)
	switch err := flags.Parse(words); {
	case errors.Is(err, pflag.ErrHelp):
		return say(sendHelp(flags)...)
	case err != nil:
		return complain(err.Error() + "; :send --help lists the flags.")
	case flags.NArg() > 0:
		return complain(":send takes flags only, and " + flags.Arg(0) + " is none; it sends on the connection that stands.")
	}
	if why := sh.unready(&e); why != "" {
		return complain(why)
	}
	if err := sh.askErrand(ctx, &e, flags); err != nil {
		return complain("Given up; nothing was sent.")
	}
	if err := e.Check(); err != nil {
		return complain("Nothing was sent: " + err.Error() + ".")
	}
	l, err := sh.letter(ctx, &e)
	if err != nil {
		return complain("Nothing was sent: " + err.Error() + ".")
	}
	sh.noteNobody(&e)
	sending := &sending{sh: sh, e: &e, t: sh.target, l: l, open: true}
	sh.fail(sending.run(ctx, sending.steps()))
	sh.paste.dropping = nil // the message is the errand's own, and not what comes next
	if sending.held && !sh.attended() {
		sh.stopHeld("a line of the message's envelope")
	}
	return done()
}

// unready says why an errand cannot begin on the connection that stands; "" where
// it can.
func (sh *Shell) unready(e *Errand) string {
	s := sh.hub.Session()
	switch end := cmp.Or(e.StopAfter, e.DropAfter); {
	case !s.Open():
		return "Not connected. :open HOST connects."
	case sh.group.open:
		return "A group is open: an empty line sends it. Nothing was sent."
	case s.Mode() != protocol.ModeCommand || s.Awaiting() > 0:
		return "A reply is still owed, or something else is under way; nothing was sent."
	case e.many():
		return "Many messages are for \"smtpsh send\"; :send sends one."
	case slices.Contains(standing, end):
		return "The connection stands, so :send has no stage " + end + "; nothing was sent."
	case s.Stage() >= protocol.StageMail:
		return "A transaction is open: RSET ends it, and :data FILE or :compose completes it."
	}
	return ""
}

// askErrand asks a person for what an errand needs and lacks. An answer that
// cannot be used is asked for again.
func (sh *Shell) askErrand(ctx context.Context, e *Errand, flags *pflag.FlagSet) error {
	if !sh.attended() {
		return nil
	}
	to := ""
	questions := []struct {
		flag, what string
		at         *string
		check      func() error
	}{
		{"from", "from (an address, or nothing for <>)", &e.From, func() error { _, err := sender(e); return err }},
		{"to", "to (several with commas)", &to, func() error { _, err := paths([]string{to}); return err }},
		{"subject", "subject", &e.Subject, nil},
		{"body", "text (a line, or @FILE)", &e.Body, func() error { _, err := sh.bodyText(ctx, e); return err }},
	}
	for _, q := range questions {
		given := flags.Changed(q.flag) || q.at == &to && len(e.recipients()) > 0 || e.Data != "" && (q.flag == "subject" || q.flag == "body")
		for again := !given; again; {
			answer, err := sh.ask(ctx, q.what, false)
			if err != nil {
				return err
			}
			*q.at, again = strings.TrimSpace(answer), false
			if q.check == nil {
				continue
			}
			if err := q.check(); err != nil {
				sh.note(view.Caution, "Once more: "+err.Error()+".")
				again = true
			}
		}
	}
	if to != "" {
		e.To = []string{to}
	}
	return nil
}

func sendHelp(flags *pflag.FlagSet) []view.Row {
	var rows []view.Row
	for line := range strings.Lines(flags.FlagUsages()) {
		rows = append(rows, view.T(strings.TrimRight(line, "\n")))
	}
	return rows
}
