// Package shell is the read-eval loop: it takes lines from a term.Source,
// judges them by the session, puts them on the wire, and shows what happens.
package shell

import (
	"context"
	"errors"
	"io"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/protocol/wire"
	"smtpsh/shell/practice"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// Status is the exit status of the program. It is stable and documented in
// --help and the README.
type Status int

const (
	// StatusOK is all well.
	StatusOK Status = 0
	// StatusNegative is a reply that was not positive.
	StatusNegative Status = 1
	// StatusUsage is a command line of the program that makes no sense.
	StatusUsage Status = 2
	// StatusHeld is a line that the check held back.
	StatusHeld Status = 3
	// StatusLost is no connection, or one that was lost.
	StatusLost Status = 4
	// StatusTimeout is a connection or a reply that took too long.
	StatusTimeout Status = 5
	// StatusTLS is a connection that could not be put under TLS.
	StatusTLS Status = 6
	// StatusBanner and those behind it say at which step a message that was to
	// be sent by itself failed: a banner that is not 220.
	StatusBanner Status = 7
	// StatusEHLO is an EHLO or HELO that was refused.
	StatusEHLO Status = 8
	// StatusAuth is a login that failed, or could not be tried.
	StatusAuth Status = 9
	// StatusMail is a MAIL that was refused.
	StatusMail Status = 10
	// StatusRcpt is that every RCPT was refused.
	StatusRcpt Status = 11
	// StatusData is a DATA that was not answered with 354.
	StatusData Status = 12
	// StatusDot is a message that was refused after its end.
	StatusDot Status = 13
	// StatusRecord is that all went well, but for a record that could not be
	// written.
	StatusRecord Status = 14
	// StatusInterrupted is an end by Ctrl-C or a signal.
	StatusInterrupted Status = 130
)

// Output takes the rows that local commands and notes are made of.
type Output interface{ Rows(rows ...view.Row) }

// Config is what a Shell works with.
type Config struct {
	Source   term.Source
	Show     view.Renderer
	Out      Output
	Indent   func(prompt string)                             // told each prompt behind which a line is typed; may be nil
	SetColor func(on bool)                                   // turns colours on and off; may be nil
	Color    func() bool                                     // reports whether they are on; may be nil
	Practice func(panicked func()) (*practice.Server, error) // starts the practice server; panicked puts the terminal right
	History  interface{ Lines() []string }
	Offered  Offered       // who offered STARTTLS before; may be nil
	Hosts    Hosts         // who was connected to before; may be nil
	Client   string        // what is offered for HELO and EHLO
	Network  string        // "tcp", "tcp4" or "tcp6"
	Timeout  time.Duration // connecting; 0 is 30 s
	Patience time.Duration // a reply; 0 is RFC 5321's limit, which holds where nobody is at the prompt
	Check    Policy
	Ready    <-chan struct{} // a connection counts only once it is closed; may be nil
	Stdin    io.Reader       // for messages, where it does not hold the lines; else nil
	Script   string          // names the file of lines, where Source is one; "" for a pipe
}

// Shell is one run of the program's loop.
type Shell struct {
	Config
	hub    *hub
	assist *Assist
	status Status
	why    string // what was said last when the status became what it is
	done   bool

	conn     *wire.Conn       // nil before the first connection and after hanging up
	target   Target           // opened last, for :reconnect
	server   *practice.Server // nil until it is needed
	tls      tlsSettings
	secrets  secretSettings
	greeting string               // the EHLO typed last on this connection
	drained  bool                 // standard input was read, as a message
	raw      bool                 // messages go as they are, to the server that stands
	attached []message.Attachment // for the next message that is composed
	header   proxyHeader          // of the PROXY protocol
	path     path
	redact   []string // what records leave out, of trace.Redactions
	dns      string   // the DNS server to ask, with its port; "" for the system's
	stopped  bool     // Ctrl-C ended what was attended last
	nearby   thisRun  // the servers of this machine that offered STARTTLS
	trusted  bool     // the user waived the warning of an unverified server, for this connection

	edit     editing
	paste    pasting
	message  typed
	dialogue challenge
	script   script
	group    group
	grouping bool // pasted commands go out in groups
	deeds    deeds
	hinted   map[string]bool // notes that are given once
}

// New makes a Shell.
func New(c Config) *Shell {
	sh := &Shell{Config: c, hub: newHub(c.Client, c.Show), nearby: thisRun{}}
	sh.hub.panicked = func() { c.Source.Close() }
	sh.hub.tell = sh.unrecorded
	sh.hub.records.later = !c.Source.Interactive()
	return sh
}

// Assist is what the terminal asks about the line being edited.
func (sh *Shell) Assist() *Assist {
	if sh.assist == nil {
		sh.assist = newAssist(sh.hub, sh.Config.History, sh.Config.Hosts)
	}
	return sh.assist
}

// Run takes lines until the end of the input, :quit, or the end of ctx, and
// returns the exit status.
func (sh *Shell) Run(ctx context.Context) Status {
	defer sh.shutDown()
	defer sh.stopScript("")
	for !sh.done {
		if ctx.Err() != nil {
			break
		}
		line, err := sh.next(ctx)
		var stopped *term.Interrupted
		switch {
		case err == nil:
			sh.eval(ctx, line)
			sh.afterPaste(line)
		case errors.As(err, &stopped):
			sh.interrupted(stopped.Text)
		case errors.Is(err, io.EOF):
			sh.endOfInput(ctx)
		case ctx.Err() != nil:
			sh.done = true
		default:
			sh.note(view.Bad, "reading the line failed: "+err.Error())
			sh.fail(StatusUsage)
			sh.done = true
		}
	}
	if ctx.Err() != nil {
		sh.cutShort()
		return StatusInterrupted
	}
	sh.fail(sh.hub.outcome())
	return sh.status
}

// fail notes the first reason for an exit status that is not 0. A person who
// saw what went wrong and went on has no use for it: only a pipe has one.
func (sh *Shell) fail(s Status) {
	if s == StatusLost && sh.hub.outcome() == StatusTimeout {
		s = StatusTimeout // which is why it was lost
	}
	if sh.status == StatusOK && !sh.Source.Interactive() {
		sh.status, sh.why = s, sh.hub.lastNote()
	}
}

// next asks for a line. When the session moves meanwhile (a close, a late
// reply) the prompt is asked for again, with what was typed in it.
func (sh *Shell) next(ctx context.Context) (term.Line, error) {
	sh.settle(ctx)
	if line, ok, err := sh.scripted(ctx); ok {
		return line, err
	}
	if !sh.Source.Interactive() {
		line, err := sh.Source.Next(ctx, term.Request{})
		sh.script.name, sh.script.line = sh.Script, line.Number
		return line, err
	}
	typed := "" // when the prompt was taken down; an untouched proposal stands again
	for {
		shown := sh.hub.Session()
		request := sh.request()
		if typed != "" {
			request.Text, request.Proposal, request.Veiled = typed, false, false
		}
		if sh.Indent != nil {
			sh.Indent(request.Prompt)
		}
		asking, stop := context.WithCancel(ctx)
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			sh.watch(asking, stop, shown)
		}()
		line, err := sh.Source.Next(asking, request)
		stop()
		<-watched // it would take the tick that the next one waits for
		var cancelled *term.Cancelled
		if errors.As(err, &cancelled) && ctx.Err() == nil {
			typed = cancelled.Text
			if sh.cutOff() { // a body line must not become a command
				sh.lostMessage(typed)
				typed = ""
			}
			sh.settle(ctx)
			continue
		}
		return line, err
	}
}

// watch takes the prompt down when the session has moved from what it shows.
func (sh *Shell) watch(asking context.Context, stop func(), shown protocol.Session) {
	for {
		select {
		case <-sh.hub.moved:
			now := sh.hub.Session()
			if now.Mode() != shown.Mode() || now.Stage() != shown.Stage() || now.Awaiting() != shown.Awaiting() {
				stop()
				return
			}
		case <-asking.Done():
			return
		}
	}
}

// eval does what the mode of the session makes of the line.
func (sh *Shell) eval(ctx context.Context, line term.Line) {
	if sh.cutOff() {
		sh.lostMessage(line.Text)
		if line.Text != "." || sh.message.owed > 0 {
			sh.dropMessage(line)
		}
		return
	}
	if sh.paste.dropping.takes(sh, line) {
		return
	}
	if !sh.prepared(&line) {
		return
	}
	switch sh.hub.Session().Mode() {
	case protocol.ModeContent:
		sh.content(ctx, line)
	case protocol.ModeOctets:
		sh.octets(ctx, line)
	case protocol.ModeChallenge:
		sh.answer(ctx, line)
	case protocol.ModeClosed, protocol.ModeGreeting, protocol.ModeCommand, protocol.ModeHandshake:
		sh.command(ctx, line)
	}
}

// note prints a sentence of the shell's own, broken at spaces on a screen.
func (sh *Shell) note(style view.Style, text string) {
	sh.hub.note(protocol.Noted{At: sh.now(), Text: text})
	lines := []string{text}
	if sh.Source.Interactive() {
		lines = view.Wrap(text, sh.Source.Width()-1)
	}
	rows := make([]view.Row, len(lines))
	for i, line := range lines {
		rows[i] = view.Row{{Text: line, Style: style}}
	}
	sh.Out.Rows(rows...)
}

// Warn says something that whoever reads along should know before the session
// begins.
func (sh *Shell) Warn(text string) { sh.note(view.Caution, text) }

// shutDown leaves nothing behind: no connection, no server, no raw terminal.
func (sh *Shell) shutDown() {
	sh.hangUp()
	sh.tls.keys.close()
	sh.hub.settleRecords()
	if sh.server != nil {
		sh.server.Close()
	}
	sh.Source.Close()
}

// hangUp closes the connection, if there is one, and waits for its last
// event. A group that was kept for it goes with it.
func (sh *Shell) hangUp() {
	sh.forgetGroup()
	if sh.conn == nil {
		return
	}
	sh.conn.Close(protocol.ByUser)
	<-sh.conn.Done()
	sh.conn = nil
}

// Start opens the first connection and runs the loop. Without a terminal
// nothing can be done about a connection that fails, so that ends it.
func (sh *Shell) Start(ctx context.Context, t Target) Status {
	sh.heed(ctx)
	sh.hub.past.keep(keptPast)
	if !sh.Open(ctx, t) && !sh.Source.Interactive() {
		if ctx.Err() != nil {
			sh.cutShort()
			sh.status = StatusInterrupted
		}
		sh.fail(StatusLost)
		sh.shutDown()
		return max(sh.status, StatusLost)
	}
	return sh.Run(ctx)
}
