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
	expected []awaited
	ends     bool             // its last command must end it
	supplied bool             // its DATA came by itself, and so does the message
	state    protocol.Session // as it will be if all of them are taken
}

// awaited is an :expect within a group: it is about the reply to one of its
// commands.
type awaited struct {
	expectation
	command int    // the how manieth it is, from 1
	where   string // the line of the script
	failed  bool
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
		g.ends = true
		if !g.supplied {
			sh.hintOnce("group", c.Verb.Name+" must be the last of a group (RFC 2920 §3.1), so it goes out now.")
		}
		sh.sendGroup(ctx)
	}
}

// assumed is the session once a command was taken.
func assumed(s protocol.Session, c protocol.Command) protocol.Session {
	s = s.After(protocol.Sent{Raw: []byte(c.Raw + "\r\n")})
	return s.After(protocol.Received{Reply: protocol.Reply{Code: 250, Lines: []string{"ok"}}})
}

// sendGroup writes the group at once, waits for all of its replies, and holds
// them against what is expected of them.
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
	before := sh.hub.Session().RecipientCount()
	err := sh.putGroup(g)
	switch {
	case errors.Is(err, wire.ErrLineBreak): // then nothing went out, and the connection stands
		return
	case err != nil:
		<-sh.conn.Done()
	}
	var replies []answer
	sent := !errors.Is(err, wire.ErrClosed)
	if sent {
		replies = sh.groupReplies(ctx, len(g.expected) > 0)
	}
	held := sh.assertGroup(ctx, g, replies)
	if sent {
		sh.addGroup(g, replies)
	}
	sh.afterGroup(g, before)
	if !held {
		sh.expectedElse()
	}
}

// assertGroup holds the replies to a group against what is expected of them,
// notes what failed, and reports whether nothing did.
func (sh *Shell) assertGroup(ctx context.Context, g group, replies []answer) bool {
	held := true
	for i, x := range g.expected {
		var of answer
		if x.command <= len(replies) {
			of = replies[x.command-1]
		} else {
			sent := protocol.Session{}.After(protocol.Sent{Raw: []byte(g.commands[x.command-1].Raw + "\r\n")})
			of.unit, _ = sent.Head()
		}
		g.expected[i].failed = !sh.assert(ctx, x.expectation, &of, x.where)
		held = held && !g.expected[i].failed
	}
	return held
}

// groupReplies waits for the replies to the group that was sent. That to a BDAT
// at its end comes behind the octets, so the ones before are waited for only
// where something is expected of them; the octets have all the time there is.
func (sh *Shell) groupReplies(ctx context.Context, expected bool) []answer {
	switch {
	case sh.hub.Session().Mode() != protocol.ModeOctets:
		sh.await(ctx)
	case expected:
		sh.answered(ctx, 1)
	}
	return sh.hub.answered()
}

// putGroup writes the commands of a group.
func (sh *Shell) putGroup(g group) error {
	sents := make([]protocol.Sent, len(g.commands))
	for i, c := range g.commands {
		sents[i] = protocol.Sent{Kind: protocol.SentCommand, Raw: []byte(c.Raw + "\r\n"), Forced: g.forced[i], Auto: true,
			Secret: protocol.HasSecret(c) && sh.hides()}
	}
	sh.hub.makeRoom(len(sents))
	sh.begins(challengeFor(g.last()))
	return sh.conn.SendGroup(sents)
}

func (g group) last() protocol.Command { return g.commands[len(g.commands)-1] }

// afterGroup looks at what came of a group; before is how many recipients there
// were without it.
func (sh *Shell) afterGroup(g group, before int) {
	sh.afterLogin()
	last := g.last()
	switch {
	case sh.hub.Session().Mode() == protocol.ModeOctets:
		sh.beginChunk()
	case last.Verb != nil && last.Verb.Opens && sh.hub.Session().Open():
		sh.afterData()
		if !g.supplied {
			sh.hintMessage()
		}
		// RFC 2920 §3.1: a 354 may come although every RCPT was refused.
		if s := sh.hub.Session(); s.Mode() == protocol.ModeContent && s.RecipientCount() == 0 && before == 0 {
			sh.note(view.Caution, "No recipient was taken, and the server waits for a message all the same: a lone dot ends it (RFC 2920 §3.1).")
		}
	}
	sh.deeds.grouped = sh.deeds.within
}

// endGroup sends the group that is open, with the DATA for a file at its end
// where the file does not go by BDAT. It reports whether the file is to go, too:
// not where an expectation in the group has ended the script.
func (sh *Shell) endGroup(ctx context.Context, data bool) bool {
	running := len(sh.script.frames)
	if sh.group.supplied = true; data {
		sh.inGroup(ctx, "DATA", false)
	} else if len(sh.group.commands) > 0 {
		sh.sendGroup(ctx)
	}
	sh.group = group{}
	sh.paste.dropping = nil // the message is the file's, and not what comes next
	if !sh.done && len(sh.script.frames) == running {
		return true
	}
	sh.note(view.Caution, "The message was not sent.")
	if sh.hub.Session().Mode() == protocol.ModeContent { // there is no other way out
		sh.deeds.leaveOut(notCompleted)
		sh.giveUp()
	}
	return false
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
