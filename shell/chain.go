package shell

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
)

// mostChained is how many octets a message may have to go out together with
// the envelope of the next: it is kept in memory for that.
const mostChained = 64 << 10

// chains reports whether messages can go out one behind the other without a
// wait between them.
func (s *sending) chains() bool {
	now := s.sh.hub.Session()
	return now.Offers().Has("PIPELINING") && !now.LMTP() && !s.e.BDAT && s.chainable()
}

// chainable reports whether the message can be one of a chain: it is short,
// and no line of its envelope is to be held back.
func (s *sending) chainable() bool {
	if !s.short() {
		return false
	}
	lines, err := envelopeLines(s.l, s.e, s.sh.hub.Session().Offers())
	return err == nil && !slices.ContainsFunc(lines, func(line string) bool {
		return s.sh.Check == Hold && protocol.Worst(protocol.Check(protocol.Parse(line))) == protocol.Error
	})
}

func (s *sending) short() bool { return s.l.measure.Size > 0 && s.l.measure.Size <= mostChained }

// chain sends message after message, the content of each in one write with the
// envelope of the next: RFC 2920 §3.1 lets a group begin with the end of a
// message. So there is one wait for each. It ends with the messages, with one
// that is not chainable, which is sent by itself, and with any trouble.
func (s *sending) chain(ctx context.Context, messages *post, total *tally) {
	began := time.Now()
	answers, err := s.exchange(ctx, s.envelope(nil))
	for err == nil && s.taken(ctx, answers) {
		var group []protocol.Sent
		if group, err = s.octets(); err != nil {
			break
		}
		l, more := messages.take(total)
		next := &sending{sh: s.sh, e: s.e, t: s.t, l: l, prepared: true}
		chained := more && next.chainable()
		if chained {
			group = next.envelope(group)
		}
		answers, err = s.exchange(ctx, group)
		answers = s.judge(answers)
		s.settle(ctx, messages, total, began)
		began = time.Now()
		switch {
		case !more:
			return
		case !chained:
			next.transaction(ctx)
			next.settle(ctx, messages, total, began)
			return
		}
		s = next
	}
	if err != nil || s.status == StatusOK {
		s.failed(StatusLost)
	}
	s.settle(ctx, messages, total, began)
}

// envelope puts the commands for a message that is chainable behind what is in
// the group.
func (s *sending) envelope(group []protocol.Sent) []protocol.Sent {
	lines, _ := envelopeLines(s.l, s.e, s.sh.hub.Session().Offers())
	for _, line := range append(lines, "DATA") {
		group = append(group, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(line + "\r\n"), Auto: true})
	}
	return group
}

// octets are the content of the message, with its final dot.
func (s *sending) octets() ([]protocol.Sent, error) {
	body, err := s.l.content.open()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	var code wire.Stuffing
	raw := code.End(code.Append(make([]byte, 0, len(text)+len(text)/16+len(wire.FinalDot)+2), text))
	return []protocol.Sent{{Kind: protocol.SentContent, Raw: raw, Last: true, Auto: true}}, nil
}

// exchange sends a group and waits for all that it is owed.
func (s *sending) exchange(ctx context.Context, group []protocol.Sent) ([]answer, error) {
	s.sh.hub.ledger(true)
	switch err := s.sh.conn.SendGroup(group); {
	case errors.Is(err, wire.ErrLineBreak):
		s.sh.hub.ledger(false)
		return nil, err // nothing went out, so there is nothing to wait for
	case err != nil:
		<-s.sh.conn.Done()
	default:
		s.sh.await(ctx)
	}
	answers := s.sh.hub.ledger(false)
	if ctx.Err() != nil {
		return answers, ctx.Err()
	}
	if !s.sh.hub.Session().Open() {
		return answers, wire.ErrClosed
	}
	return answers, nil
}

// judge takes the answer to the content, and leaves those to the envelope
// behind it.
func (s *sending) judge(answers []answer) (rest []answer) {
	if len(answers) == 0 || answers[0].unit.Kind != protocol.UnitContent {
		s.unknown = len(s.sh.hub.unknown()) > 0
		s.failed(StatusLost)
		return answers
	}
	if answers[0].reply.Class() != 2 {
		s.refusal = answers[0].reply.Code
		s.failed(StatusDot)
	} else {
		s.split()
	}
	return answers[1:]
}

// taken reports whether the envelope was, so that the content comes next.
func (s *sending) taken(ctx context.Context, answers []answer) bool {
	recipients := 0
	for _, a := range answers {
		switch a.unit.Word {
		case "MAIL":
			if a.reply.Class() != 2 {
				s.refusal = a.reply.Code
				s.failed(StatusMail)
			}
		case "RCPT":
			s.outcomes = append(s.outcomes, recipientOutcome{to: a.unit.Recipient(), reply: a.reply})
			if a.reply.Class() == 2 {
				recipients++
			} else if s.refusal == 0 {
				s.refusal = a.reply.Code
			}
		default:
			if s.refusal == 0 && a.reply.Negative() { // to DATA
				s.refusal = a.reply.Code
			}
		}
	}
	now := s.sh.hub.Session()
	switch {
	case s.status != StatusOK:
	case recipients == 0:
		s.failed(StatusRcpt)
	case now.Mode() == protocol.ModeContent:
		return true
	default:
		s.failed(StatusData)
	}
	if now.Mode() == protocol.ModeContent { // a message for nobody is ended at once
		s.sh.put(ctx, protocol.Sent{Kind: protocol.SentContent, Raw: []byte(wire.FinalDot), Last: true, Auto: true}, "")
	}
	return false
}
