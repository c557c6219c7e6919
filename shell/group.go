package shell

import (
	"context"
	"errors"
	"strconv"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// group is commands that are to go out together (RFC 2920 §3.1).
type group struct {
	open     bool
	commands []protocol.Command
	forced   []bool
	state    protocol.Session // as it will be if all of them are taken
}

// runPipeline is :pipeline: it opens a group.
func (sh *Shell) runPipeline(context.Context, []string) outcome {
	s := sh.hub.Session()
	switch {
	case !s.Open():
		return complain("Not connected. :open HOST connects.")
	case sh.group.open:
		return complain("A group is open already: an empty line sends it, Ctrl-C forgets it.")
	case s.Mode() != protocol.ModeCommand || s.Awaiting() > 0:
		return complain("A reply is still owed; a group must wait for it.")
	}
	sh.group = group{open: true, state: s}
	if !s.Offers().Has("PIPELINING") {
		return say(view.Row{view.Caution.Of("The server did not offer PIPELINING, so it may lose step, or take a group for an attack. It is sent all the same.")})
	}
	if sh.attended() {
		return say(view.Row{view.Dim.Of("Commands are kept until an empty line sends them all at once; Ctrl-C forgets them.")})
	}
	return done()
}

// inGroup adds a line to the group that is open. An empty one sends it, and so
// does a command that must end a group, for what follows it depends on its
// reply.
func (sh *Shell) inGroup(ctx context.Context, text string, forced bool) {
	c := protocol.Parse(text)
	if !forced {
		if _, held := sh.judged(sh.group.state, c); held {
			return
		}
	}
	sh.edit.held = ""
	g := &sh.group
	g.commands, g.forced = append(g.commands, c), append(g.forced, forced)
	g.state = assumed(g.state, c)
	if c.Verb != nil && (c.Verb.Final || c.Verb.Opens || g.state.Octets() > 0) {
		sh.hintOnce("group", c.Verb.Name+" must be the last of a group (RFC 2920 §3.1), so it goes out now.")
		sh.sendGroup(ctx)
	}
}

// assumed is the session once a command was taken.
func assumed(s protocol.Session, c protocol.Command) protocol.Session {
	s = s.After(protocol.Sent{Raw: []byte(c.Raw + "\r\n")})
	return s.After(protocol.Received{Reply: protocol.Reply{Code: 250, Lines: []string{"ok"}}})
}

// sendGroup writes the group at once, and waits for all of its replies.
func (sh *Shell) sendGroup(ctx context.Context) {
	if !sh.hub.Session().Open() {
		sh.forgetGroup()
		return
	}
	g := sh.group
	sh.group = group{}
	if len(g.commands) == 0 {
		sh.note(view.Dim, "The group is empty; nothing was sent.")
		return
	}
	sents := make([]protocol.Sent, len(g.commands))
	for i, c := range g.commands {
		sents[i] = protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(c.Raw + "\r\n"), Forced: g.forced[i], Auto: true,
			Secret: protocol.HasSecret(c) && sh.hides()}
	}
	last := g.commands[len(g.commands)-1]
	sh.begins(challengeFor(last))
	before := sh.hub.Session().RecipientCount()
	sh.deadline(last.Name.Of(last.Raw), false)
	if err := sh.conn.SendGroup(sents); err != nil {
		if !errors.Is(err, wire.ErrLineBreak) { // then nothing went out, and the connection stands
			<-sh.conn.Done()
		}
		return
	}
	for i, c := range g.commands {
		sh.didSend(c, g.forced[i])
	}
	if sh.hub.Session().Mode() == protocol.ModeOctets {
		sh.beginChunk()
		return
	}
	sh.await(ctx)
	sh.afterLogin()
	if last.Verb == nil || !last.Verb.Opens {
		return
	}
	sh.afterData()
	// RFC 2920 §3.1: a 354 may come although every RCPT was refused.
	if s := sh.hub.Session(); s.Mode() == protocol.ModeContent && s.RecipientCount() == 0 && before == 0 {
		sh.note(view.Caution, "No recipient was taken, and the server waits for a message all the same: a lone dot ends it (RFC 2920 §3.1).")
	}
}

// forgetGroup drops a group whose connection is gone: what was meant for one
// server must never reach another.
func (sh *Shell) forgetGroup() {
	n := len(sh.group.commands)
	sh.group = group{}
	if n > 0 {
		sh.note(view.Caution, "The group is forgotten with its connection; "+plural(n, "command")+" not sent.")
		sh.fail(StatusLost)
	}
}

// groupsPaste takes the lines of a paste as groups, where the user has asked
// for that and the server offers it.
func (sh *Shell) groupsPaste(line term.Line) bool {
	s := sh.hub.Session()
	return sh.grouping && line.Pasted && sh.attended() && sh.Source.Pending() > 0 && s.Offers().Has("PIPELINING") && s.Awaiting() == 0
}

// groupPrompt says how many commands wait in the group.
func groupPrompt(n int) view.Row {
	return view.Row{view.Ask.Of("group of " + strconv.Itoa(n)), view.Plain.Of("> ")}
}

// endPastedGroup sends the group once the paste has no more for it: at its
// end, or where a line was held.
func (sh *Shell) endPastedGroup(ctx context.Context) {
	if !sh.group.open || sh.Source.Pending() > 0 && sh.edit.held == "" {
		return
	}
	if len(sh.group.commands) == 0 {
		sh.group = group{}
		return
	}
	sh.sendGroup(ctx)
}
