package shell

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// typed is the message typed after a 354, kept for :message whatever becomes
// of the connection.
type typed struct {
	lines []string
	text  []string // composed, and not taken: shown where no line was typed
	size  int
	more  int    // lines that were sent and are not kept
	open  bool   // begun, and neither completed nor given up
	done  bool   // completed
	owed  uint64 // octets of a BDAT that are to come

	checker message.Checker // looks at it line by line
	dotted  bool            // a pasted lone dot was asked about
	behind  []term.Line     // what stood behind that dot in the paste
	whole   bool            // its DATA came in the paste that still goes on

	leaving bool // Ctrl-C was pressed once: the next one abandons it
}

// maxMessage is how many octets of a message are kept.
const maxMessage = 4 << 20

func (m *typed) add(line string) {
	_, _ = m.checker.Write([]byte(line + "\r\n"))
	if m.more > 0 || m.size+len(line) > maxMessage { // what is kept has no hole
		m.more++
		return
	}
	m.size += len(line) + 2
	m.lines = append(m.lines, line)
}

// content sends one line of the message. It goes out at once, as from telnet.
func (sh *Shell) content(ctx context.Context, line term.Line) {
	sh.message.leaving = false
	sh.message.whole = sh.message.whole && sh.Source.Pending() > 0
	sh.edit.offer = offer{}
	if sh.insteadOfText(ctx, line) {
		return
	}
	dot := sh.answerDot(&line) // the line is the dot of the question, as text
	if line.Text == "." && !dot && !line.Partial {
		if sh.askDot(line) {
			return
		}
		sh.showFindings(&sh.message.checker)
		sent := protocol.Sent{Kind: protocol.SentContent, Raw: []byte(wire.FinalDot), Last: true, Auto: sh.echoes()}
		if !sh.put(ctx, sent, "") {
			sh.lostMessage("")
			return
		}
		sh.unanswered()
		sh.message.open, sh.message.done = false, true
		sh.deeds.addEnd(sh.hub.Session().LastCode())
		sh.deeds.answeredEach(sh.hub.answered())
		sh.pointToInbox()
		return
	}
	octets, stuffed, err := sh.asContent(line.Text)
	if errors.Is(err, wire.ErrLineBreak) {
		sh.note(view.Bad, "Not sent: a CR or LF inside the line would make two of it (RFC 5321 §2.3.8).")
		sh.fail(StatusHeld)
		sh.withoutLine(line)
		return
	}
	if err := sh.conn.Send(protocol.Sent{Kind: protocol.SentContent, Raw: octets, Auto: sh.echoes()}); err != nil {
		<-sh.conn.Done()
		sh.lostMessage(line.Text)
		sh.dropMessage(line)
		return
	}
	sh.message.add(line.Text)
	if dot && !sh.raw {
		sh.deeds.addDot()
	} else {
		sh.deeds.addText(line.Text)
	}
	if stuffed && sh.attended() {
		sh.note(view.Dim, "Sent as \""+view.Escape(short(string(octets[:len(octets)-2])))+"\": a dot is put before a leading dot, and the server takes it away.")
	}
	if line.Partial { // the input ended in the middle of a line: no dot may complete the message
		sh.truncated()
	}
}

// insteadOfText does what was asked for in the first line of a message that
// is typed: no header begins with a colon, so it cannot be meant as text. In a
// paste or a script a line of the message is text, whatever it says, but for an
// :expect behind DATA.
func (sh *Shell) insteadOfText(ctx context.Context, line term.Line) bool {
	if len(sh.message.lines) > 0 || sh.message.more > 0 {
		return false
	}
	if isExpect(line.Text) && !sh.attended() { // of the 354; whoever wrote the text can do no harm by it
		sh.local(ctx, line.Text)
		return true
	}
	if !sh.attended() || line.Pasted {
		return false
	}
	switch word, _, _ := strings.Cut(line.Text, " "); word {
	case ":data", ":edit", ":compose", ":attach", ":help":
		sh.remember(line.Text)
		sh.local(ctx, line.Text)
		return true
	}
	return false
}

// askDot asks about a lone dot in the middle of a paste: it may be text itself,
// and what stands behind it may be a second message that somebody slipped into
// the first. Only a dialogue that was pasted with its DATA, and in which a
// command follows, is taken at its word. It reports whether the dot waits for
// an answer.
func (sh *Shell) askDot(line term.Line) bool {
	if !line.Pasted || !sh.attended() || sh.Source.Pending() == 0 {
		return false
	}
	rest := sh.Source.TakePending()
	next := strings.TrimPrefix(rest[0].Text, "!")
	if next == "" && len(rest) > 1 {
		next = rest[1].Text
	}
	if c := protocol.Parse(next); sh.message.whole && (c.Verb != nil || strings.HasPrefix(next, ":")) {
		sh.Source.PushBack(rest)
		return false
	}
	sh.message.dotted, sh.message.behind = true, rest
	sh.note(view.Caution, "A lone dot stands in the paste, and more behind it: "+plural(len(rest), "line")+". Enter ends the message here and drops them; \"..\" sends the dot as text and goes on with them.")
	sh.edit.offer = offer{text: ".", proposal: true}
	return true
}

// answerDot takes the answer to the question of askDot: with ".." the line is
// the dot as text, and the paste goes on behind it. With any other answer what
// stood behind the dot is dropped: it was written as text, and kept for later
// it would be taken for commands.
func (sh *Shell) answerDot(line *term.Line) (dot bool) {
	if !sh.message.dotted {
		return false
	}
	rest := sh.message.behind
	sh.message.dotted, sh.message.behind = false, nil
	if line.Text != ".." || line.Pasted {
		sh.note(view.Dim, plural(len(rest), "pasted line")+" behind the dot dropped.")
		return false
	}
	if !sh.raw { // else it goes as it is, and the server makes one dot of the two
		line.Text = "."
	}
	sh.note(view.Dim, "Going on with "+plural(len(rest), "pasted line")+".")
	sh.Source.PushBack(rest)
	return true
}

// asContent is a line of the message as it goes out: with its leading dot
// doubled, unless the octets are to go as they are.
func (sh *Shell) asContent(text string) (octets []byte, stuffed bool, err error) {
	if sh.raw {
		return []byte(text + "\r\n"), false, nil
	}
	return wire.Stuff(text)
}

// withoutLine is a line of the message that cannot be sent. A person may put it
// right; where the next line comes by itself no dot may pass the message off as
// whole, and the connection is closed.
func (sh *Shell) withoutLine(line term.Line) {
	if sh.attended() && !line.Pasted {
		sh.edit.offer = offer{text: line.Text}
		return
	}
	sh.message.add(line.Text)
	sh.giveUp()
	sh.note(view.Caution, "The message would lack that line, so no final dot is sent and the connection is closed: the server takes nothing.")
	sh.dropMessage(line)
	sh.stopScript("a line of the message cannot be sent")
}

// pointToInbox tells, the first time, where the practice server's mail is.
func (sh *Shell) pointToInbox() {
	if !sh.target.Practice || sh.hinted["inbox"] || sh.hub.Session().LastCode() != 250 {
		return
	}
	sh.hint("inbox", "The mail is in the practice server's inbox: :inbox lists it, :inbox 1 shows it.")
}

func short(text string) string {
	const most = 24
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}

// lostMessage ends a message that the connection did not survive; the line
// that could not be sent is kept with it.
func (sh *Shell) lostMessage(unsent string) {
	if unsent != "" && (unsent != "." || sh.message.owed > 0) {
		sh.message.add(unsent)
	}
	sh.message.open = false
	sh.deeds.leaveOut(notCompleted)
	sh.note(view.Caution, "The message was not completed. Its text is kept: :message shows it.")
	sh.fail(StatusLost)
}

// afterData looks at what became of DATA: without a 354 the lines of the
// message that follow in a paste or a pipe must not run as commands.
func (sh *Shell) afterData() {
	if sh.hub.Session().Mode() == protocol.ModeContent {
		sh.deeds.begin()
		sh.message = typed{open: true, whole: sh.Source.Pending() > 0}
		return
	}
	if !sh.attended() || sh.Source.Pending() > 0 {
		sh.paste.dropping = &dropped{refused: true}
	}
}

// hintMessage says how a message is written, once its 354 is there.
func (sh *Shell) hintMessage() {
	if sh.hub.Session().Mode() == protocol.ModeContent {
		sh.hintOnce("message", "Type or paste the message. In its first line :data FILE sends a file, :edit opens an editor, :compose asks.")
	}
}

// interrupted is Ctrl-C at a prompt.
func (sh *Shell) interrupted(text string) {
	switch sh.hub.Session().Mode() {
	case protocol.ModeContent, protocol.ModeOctets:
		if sh.message.leaving {
			sh.abandon(text)
			return
		}
		sh.message.leaving = true
		sh.edit.offer = offer{text: text}
		sh.note(view.Caution, "The message is not finished. Any line goes on with it; Ctrl-C again abandons it, and closes the connection: SMTP has no other way.")
	case protocol.ModeChallenge:
		sh.cancelChallenge(text)
	case protocol.ModeClosed, protocol.ModeGreeting, protocol.ModeCommand, protocol.ModeHandshake:
		sh.dropOffer(text)
	}
}

// dropOffer takes the correction away and brings the typed line back; the
// second time that goes too.
func (sh *Shell) dropOffer(text string) {
	typed := sh.edit.offer.typed
	sh.edit.offer = offer{}
	if n := len(sh.group.commands); sh.group.open && text == "" && typed == "" {
		sh.group = group{}
		sh.note(view.Dim, "The group is forgotten; "+plural(n, "command")+" not sent.")
		return
	}
	if typed != "" && typed != text {
		sh.edit.offer = offer{text: typed}
		return
	}
	sh.edit.follow, sh.edit.kept, sh.edit.held = nil, "", ""
	if n := len(sh.paste.parked); n > 0 {
		sh.paste.parked = nil
		sh.note(view.Dim, plural(n, "pasted line")+" forgotten.")
	}
}

// notCompleted is why :save leaves out a message.
const notCompleted = "a message that was not completed."

// abandon ends the message without its dot. The line that was begun is kept
// with it, and is no command.
func (sh *Shell) abandon(begun string) {
	if begun != "" {
		sh.message.add(begun)
	}
	sh.edit.offer = offer{}
	sh.message.leaving, sh.message.open = false, false
	sh.deeds.leaveOut(notCompleted)
	sh.deeds.add(":close")
	sh.hangUp()
	sh.note(view.Caution, "Abandoned: no final dot was sent, so the server has taken nothing. :message shows the text, :reconnect begins anew.")
}

// endOfInput is Ctrl-D on an empty line, or the end of a pipe.
func (sh *Shell) endOfInput(ctx context.Context) {
	if d := sh.paste.dropping; d != nil {
		d.ended = true
		sh.report(d)
	}
	s := sh.hub.Session()
	switch mode := s.Mode(); {
	case len(sh.group.commands) > 0 && !sh.Source.Interactive(): // as if an empty line stood behind it
		sh.sendGroup(ctx)
	case sh.cutOff():
		sh.lostMessage("")
		sh.done = !sh.Source.Interactive()
	case mode == protocol.ModeContent || mode == protocol.ModeOctets:
		if sh.Source.Interactive() && !sh.message.leaving {
			sh.interrupted("")
			return
		}
		sh.truncated()
	case mode == protocol.ModeChallenge && s.Awaiting() == 0 && sh.dialogue.mechanism != "":
		sh.giveUpLogin(ctx)
	case !sh.Source.Interactive():
		sh.done = true
	case mode == protocol.ModeCommand && s.Awaiting() == 0:
		sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte("QUIT\r\n"), Auto: true}, "QUIT")
		sh.done = true
	default:
		if s.Awaiting() > 0 {
			sh.note(view.Dim, plural(s.Awaiting(), "reply")+" still owed, so the connection is closed without QUIT.")
		}
		sh.done = true
	}
}

// giveUpLogin is the end of the input where a challenge waits for its answer.
func (sh *Shell) giveUpLogin(ctx context.Context) {
	sh.note(view.Caution, "The input ended within the login, which is cancelled (RFC 4954 §4).")
	sh.fail(StatusHeld)
	if sh.put(ctx, protocol.Sent{Kind: protocol.SentResponse, Raw: []byte("*\r\n"), Auto: true}, "AUTH") && sh.Source.Interactive() {
		sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte("QUIT\r\n"), Auto: true}, "QUIT")
	}
	sh.done = true
}

// truncated is the end of the input inside a message: no dot is sent, so that
// half a message is never taken for a whole one.
func (sh *Shell) truncated() {
	text := "The input ended inside the message: no final dot is sent, and the connection is closed, so the server takes nothing."
	if owed := sh.hub.Session().Octets(); owed > 0 {
		text = "The input ended inside the message, with " + strconv.FormatUint(owed, 10) + " octets of the BDAT still owed: the connection is closed, so the server takes nothing."
	}
	sh.note(view.Caution, text)
	sh.fail(StatusLost)
	sh.giveUp()
	sh.message.leaving = false
	sh.done = !sh.Source.Interactive()
}
