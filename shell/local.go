package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// Local is a row of the table of local commands: what begins with ":" and is
// done here. The table drives dispatch, completion, help and the README.
type Local struct {
	Name    string // ":open"
	Group   string // of groups: "connect"
	Args    string // for people: "HOST[:PORT]"
	Summary string
	Detail  string
	Takes   argument // what completion offers behind it
	run     func(sh *Shell, ctx context.Context, words []string) outcome
}

// groups are what local commands are for, in the order of :help.
var groups = []string{"connect", "messages", "look", "records", "scripts", "shell"}

// argument says what a local command is followed by, for completion.
type argument uint8

const (
	takesNothing argument = iota
	takesHost
	takesTopic
	takesOption
	takesMechanism
	takesDomain
	takesErrand // flags, some of them with files
	takesFile
	takesSave // "save", and a file
	takesPolicy
	takesRecord // flags, and a file or "off"
	takesText   // one word: all that stands behind it, with its spaces
)

// outcome is what a local command returns: rows to show, and whether it went
// wrong.
type outcome struct {
	rows     []view.Row
	failed   bool
	noted    bool   // :save knows of it already, or is not to
	verbatim bool   // the rows are somebody's text: they are not broken at spaces
	stops    string // why it ends what runs without a person; "" where it does not
}

func say(rows ...view.Row) outcome     { return outcome{rows: rows} }
func verbatim(rows []view.Row) outcome { return outcome{rows: rows, verbatim: true} }
func complain(text string) outcome {
	return outcome{rows: []view.Row{{{Text: text, Style: view.Caution}}}, failed: true}
}
func done() outcome          { return outcome{} }
func usage(l *Local) outcome { return complain("usage: " + strings.TrimSpace(l.Name+" "+l.Args)) }

// complainAndStop is complain where nothing may run behind it in a script.
func complainAndStop(text, why string) outcome {
	out := complain(text)
	out.stops = why
	return out
}

// Locals is the table of local commands.
func Locals() []Local {
	return []Local{
		{":open", "connect", "HOST[:PORT] | HOST PORT | URL | mx:DOMAIN | practice", "connect to a server", "Port 25 where none is given, behind mx:DOMAIN too; an IPv6 address stands in brackets before a port. A URL is smtp://, smtps://, submission:// or submissions://, the last three under TLS, or lmtp://. unix:PATH and lmtp+unix:PATH are sockets of this machine, pipe:COMMAND is a program such as \"sendmail -bs\". \":open practice\" is the built-in server, which needs no network; behind it may stand \"tls\" for TLS from the start, and a fault to study (:help practice). An open connection is closed first, without QUIT.", takesHost, (*Shell).runOpen},
		{":close", "connect", "", "close the connection, without QUIT", "The connection is cut as it stands. QUIT is the polite way.", takesNothing, (*Shell).runClose},
		{":reconnect", "connect", "", "connect to the same server again", "A line that was typed without a connection comes back into the edit line.", takesNothing, (*Shell).runReconnect},
		{":mx", "connect", "DOMAIN", "who takes the mail of a domain", "The exchangers in the order in which they are tried, with their addresses. \":open mx:DOMAIN\" connects to the first that answers.", takesDomain, (*Shell).runMX},
		{":status", "look", "", "what is known of the session", "The server, the state, the envelope so far and what the server offers.", takesNothing, (*Shell).runStatus},
		{":explain", "look", "[TOPIC]", "the last reply in depth, or a topic", "A topic is a reply code with or without an enhanced code (550 5.7.1), a verb, a parameter, an extension, or the name of an advice. What is a guess is marked as one, for servers use the codes as they like.", takesTopic, (*Shell).runExplain},
		{":raw", "look", "", "the last exchange as octets, both ways", "Escaped, with the line ends; > was sent, < received.", takesNothing, (*Shell).runRaw},
		{":message", "look", "", "the message typed last, whatever became of it", "As it was typed, before dots were stuffed.", takesNothing, (*Shell).runMessage},
		{":pipeline", "messages", "", "send several commands at once", "Opens a group: commands are kept until an empty line, then written at once, and the replies are shown against them. One that must end a group (DATA, EHLO, VRFY …) sends it at once (RFC 2920 §3.1). \":set paste pipeline\" does it with pasted commands.", takesNothing, (*Shell).runPipeline},
		{":send", "messages", "[FLAGS]", "send a message by itself, showing each step", "EHLO where it is missing, MAIL with the parameters that fit, RCPT for each recipient, DATA and the message. What the flags do not say is asked for; \":send --help\" lists them, and they are those of \"smtpsh send\".", takesErrand, (*Shell).runSend},
		{":data", "messages", "FILE", "send a whole message from a file", "DATA is sent and shown first, unless its 354 is there already; then the file goes, with its line ends put right and dots doubled, and the final dot. \"-\" is standard input, with -f FILE. What is wrong with the message is said before it is completed, and holds nothing back. In the first line of a message typed after DATA it does the same.", takesFile, (*Shell).runData},
		{":bdat", "messages", "FILE [--chunk SIZE]", "send a whole message in chunks, with BDAT", "SIZE is in octets, 1 MB where it is not given. The last chunk says LAST. Line ends are put right, unless MAIL said BODY=BINARYMIME.", takesFile, (*Shell).runBDAT},
		{":edit", "messages", "", "write the message in an editor, and send it", "$VISUAL or $EDITOR, on a message with From, To, Date, Message-ID and Subject. What you save is sent; unchanged or empty, it is not.", takesNothing, (*Shell).runEdit},
		{":compose", "messages", "", "write a message by answering questions, and send it", "Asks for the subject and the text, and makes a message of them, with what :attach named.", takesNothing, (*Shell).runCompose},
		{":attach", "messages", "[FILE... | none]", "files that go with the next message", "For :compose and :edit. Without a file it lists them, and \"none\" forgets them.", takesFile, (*Shell).runAttach},
		{":inbox", "look", "[NUMBER]", "the mail that the practice server took", "Without a number a list; with one that message, as it was delivered.", takesNothing, (*Shell).runInbox},
		{":history", "look", "[TEXT | NUMBER]", "lines typed before", "The last 20, the last NUMBER, or those that contain TEXT. Ctrl-R searches while typing.", takesNothing, (*Shell).runHistory},
		{":auth", "connect", "[MECHANISM] [USER]", "log in, step by step", "By the strongest mechanism that both sides have, or the one named. The password is asked for and not shown, or comes from auth-password-file, auth-password-env, auth-password-command or ~/.netrc; see :help :set. Each line that is sent is shown, the secret masked. --insecure does what is otherwise held: a password over a connection that is not encrypted or not verified. --initial has LOGIN send the user name with the command.", takesMechanism, (*Shell).runAuth},
		{":b64", "connect", "TEXT", "answer a challenge with the base64 of TEXT", "\\0 and \\xNN are octets: \":b64 \\0user\\0password\" is the answer of PLAIN.", takesNothing, (*Shell).runB64},
		{":tls", "connect", "[save FILE]", "what the TLS handshake settled, and the server's certificates", "The version, the cipher suite, the chain, and the verdict on it in words. \":tls save FILE\" writes the chain in PEM.", takesSave, (*Shell).runTLS},
		{":set", "shell", "[OPTION VALUE]", "show or change an option", "\"default\" takes a value back where there is one to go back to. The options, with what they mean:", takesOption, (*Shell).runSet},
		{":resume", "shell", "", "go on with a paste that was stopped", "A line that was held, refused for good or lost its connection stops a paste.", takesNothing, (*Shell).runResume},
		{":drop", "shell", "", "forget the rest of a paste that was stopped", "Nothing of it was sent.", takesNothing, (*Shell).runDrop},
		{":source", "scripts", "FILE", "run the lines of a file", "As if they were typed, each waiting for its reply; lines that begin with # are comments. ${NAME} stands for the value of a variable there (:let). A line that is held, or an expectation that fails, ends it.", takesFile, (*Shell).runSource},
		{":expect", "scripts", "CODE | /PATTERN/ | ext NAME | closed | < TIME", "assert what happened last", "CODE is 250, 2xx or 250|251, with an enhanced code (5.7.1, 5.7.x) and a /pattern/ for the text behind it. It is about the last reply. Where several came at once, \"for ADDRESS\" behind it names the recipient that the reply is about: the reply to its RCPT in a group, or LMTP's behind the message. In a group that is open, an :expect is kept with it, and is about the reply to the command before it. \"ext NAME [VALUE]\" and \"no ext NAME\" are about what the server offers, \"tls\" and \"verified\" about the connection, \"closed\" waits for its end, \"< 200ms\" is about the time of the last exchange. A negative reply that is expected is no failure.", takesText, (*Shell).runExpect},
		{":save", "scripts", "[--expect] FILE", "write what was typed as a script", "The lines that were sent, those of :send, :compose, :edit, :data and groups among them, each message in place, and the local commands that took effect, for \"smtpsh -f FILE\" and :source. Of a message over 1 MB, and of octets that no lines can have, the file is named. --expect puts an :expect with the reply behind each. Credentials are left out. A file that is there is never overwritten.", takesFile, (*Shell).runSave},
		{":record", "records", "[--force] [--format FORMAT] FILE | off", "write the session to a file as it happens", "The file's ending says the format, or --format does: " + strings.Join(formatNames(), ", ") + ". Each exchange is written when it is complete, secrets masked unless show-secrets is on. A file that is there is written over only with --force, or when you say so. Several may be written at once; \"off\" ends them all, and without a word it says which they are.", takesRecord, (*Shell).runRecord},
		{":export", "records", "[--force] [--format FORMAT] FILE | --as TOOL [FILE]", "write the session so far to a file, or as another tool's", "The formats, and the care for files and secrets, are those of :record. Of a long session the last 64 MB are kept, and of a message the first MB; it is said how much was dropped. --as makes a command or a program that does what the last transaction did, with the user name and the password left to SMTP_USER and SMTP_PASSWORD; the tools are " + strings.Join(toolNames(), ", ") + ". What a tool cannot do is said in a comment.", takesRecord, (*Shell).runExport},
		{":diff", "records", "[--message] HOST[:PORT] | URL | practice", "send the same commands to another server, and compare", "What was sent on this connection goes to the other server in the same order, each command waiting for its reply, and QUIT behind it; then both stand side by side: banner, extensions, replies, TLS, times. Different things are marked with \"!\", those that differ between any two servers or runs with \"~\". AUTH is left out, for its answers are not kept, and a message too, for it would be delivered: --message sends it. \"smtpsh diff A.jsonl B.jsonl\" compares two records.", takesHost, (*Shell).runDiff},
		{":let", "scripts", "[NAME VALUE]", "set a variable, or list them", "A script has the value by ${NAME}. Typed lines and messages are never changed.", takesText, (*Shell).runLet},
		{":sleep", "scripts", "TIME", "wait", "A time is 500ms or 2s.", takesNothing, (*Shell).runSleep},
		{":repeat", "scripts", "N", "run the lines up to :end N times", "In a script only.", takesNothing, (*Shell).runRepeat},
		{":end", "scripts", "", "end a :repeat", "In a script only.", takesNothing, (*Shell).runEnd},
		{":on-error", "scripts", "stop|continue|default", "what ends a script", "By default an expectation that failed does. \"stop\" ends it with a negative reply that no :expect follows too, \"continue\" with neither. A line that is held always ends it.", takesPolicy, (*Shell).runOnError},
		{":help", "shell", "[VERB | :COMMAND | commands | practice]", "help on SMTP and on this shell", "HELP, without the colon, asks the server.", takesTopic, (*Shell).runHelp},
		{":quit", "shell", "", "leave the shell", "An open connection is closed with QUIT first.", takesNothing, (*Shell).runQuit},
	}
}

// findLocal looks up a local command; an unambiguous beginning will do.
func findLocal(name string) (found *Local, near string) {
	locals := Locals()
	names := make([]string, len(locals))
	for i := range locals {
		names[i] = locals[i].Name
		if strings.EqualFold(locals[i].Name, name) {
			return &locals[i], ""
		}
	}
	var starts []*Local
	for i := range locals {
		if len(name) > 1 && strings.HasPrefix(locals[i].Name, strings.ToLower(name)) {
			starts = append(starts, &locals[i])
		}
	}
	switch len(starts) {
	case 0:
		if other, ok := otherNames[strings.ToLower(name)]; ok {
			return nil, other
		}
		return nil, protocol.Nearest(name, names)
	case 1:
		return starts[0], ""
	}
	list := make([]string, len(starts))
	for i, l := range starts {
		list[i] = l.Name
	}
	return nil, strings.Join(list, ", ")
}

// otherNames are what other programs call these commands.
var otherNames = map[string]string{
	":exit": ":quit", ":q": ":quit", ":q!": ":quit", ":bye": ":quit", ":x": ":quit", ":connect": ":open", ":telnet": ":open",
	":disconnect": ":close", ":login": ":auth", ":starttls": "STARTTLS", ":info": ":status", ":show": ":status", ":log": ":history",
	":wait": ":sleep", ":run": ":source", ":load": ":source", ":mail": ":inbox", ":unset": ":set", ":?": ":help",
}

// noLocal says that there is no such local command, and what may be meant.
func noLocal(name, near string) string {
	if near == "" {
		return "No local command " + name + "; :help lists them."
	}
	return "No local command " + name + "; did you mean " + near + "? :help lists them."
}

// local runs a local command.
func (sh *Shell) local(ctx context.Context, text string) {
	words := strings.Fields(text)
	l, near := findLocal(words[0])
	where := "" // of a line that nobody typed
	if !sh.attended() {
		where = sh.where()
	}
	var out outcome
	switch {
	case l == nil:
		out = complain(noLocal(strings.TrimSuffix(masked(words[0]), mask), near))
	case l.Args == "" && len(words) > 1:
		out = usage(l)
	default:
		out = sh.runLocal(ctx, l, text, words)
		if !out.failed && !out.noted && slices.Contains(saved, l.Name) {
			sh.didLocal(text)
		}
		if out.failed && l.Name == ":auth" && sh.attended() {
			sh.begins(challenge{mechanism: "AUTH"}) // the password may be typed all the same, where nobody asked
		}
	}
	sh.showOutcome(out, where)
}

// showOutcome shows what a local command returned, and does what that asks for.
func (sh *Shell) showOutcome(out outcome, where string) {
	if out.failed && len(out.rows) > 0 && where != "" {
		out.rows[0] = append(view.Row{view.Caution.Of(where + ": ")}, out.rows[0]...)
	}
	if out.verbatim {
		sh.Out.Rows(out.rows...)
	} else {
		sh.rows(out.rows)
	}
	if out.failed {
		sh.fail(StatusUsage) // behind the rows that say why
	}
	if out.stops != "" && where != "" {
		sh.stopRest(out.stops)
	}
}

// runLocal hands a local command its words. Where they may be names of files
// or text of a message, quotation marks keep spaces in them.
func (sh *Shell) runLocal(ctx context.Context, l *Local, text string, words []string) outcome {
	switch l.Takes {
	case takesFile, takesSave, takesErrand, takesRecord:
		var err error
		if words, err = splitWords(text); err != nil {
			return complain(err.Error() + ": " + text)
		}
	case takesText:
		if text = strings.TrimSpace(text[len(words[0]):]); text == "" {
			return l.run(sh, ctx, nil)
		}
		return l.run(sh, ctx, []string{text})
	case takesNothing, takesHost, takesTopic, takesOption, takesMechanism, takesDomain, takesPolicy:
	}
	return l.run(sh, ctx, words[1:])
}

func (sh *Shell) runOpen(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":open")
	if len(words) == 0 {
		return usage(l)
	}
	t, err := ParseTarget(words...)
	if strings.EqualFold(words[0], "practice") {
		t, err = practiceTarget(words[1:])
	}
	if err != nil {
		return complain(err.Error())
	}
	if sh.Open(ctx, t) {
		sh.bringBack()
	}
	return done()
}

func (sh *Shell) runClose(context.Context, []string) outcome {
	if !sh.hub.Session().Open() {
		return complain("There is no connection.")
	}
	sh.hangUp()
	return done()
}

func (sh *Shell) runReconnect(ctx context.Context, _ []string) outcome {
	sh.reconnect(ctx)
	sh.bringBack()
	return done()
}

func (sh *Shell) runRaw(context.Context, []string) outcome { return verbatim(sh.hub.last().rows()) }

func (sh *Shell) runMessage(context.Context, []string) outcome {
	m := sh.message
	if len(m.lines) == 0 {
		m.lines = m.text
	}
	if len(m.lines) == 0 {
		return say(view.T("No message was typed yet."))
	}
	rows := []view.Row{}
	for _, line := range m.lines {
		rows = append(rows, view.T(line))
	}
	if m.more > 0 {
		rows = append(rows, view.Row{{Text: plural(m.more, "more line") + " not kept", Style: view.Dim}})
	}
	if !m.done {
		rows = append(rows, view.Row{{Text: "(not completed)", Style: view.Dim}})
	}
	return verbatim(rows)
}

func (sh *Shell) runHistory(_ context.Context, words []string) outcome {
	if sh.History == nil {
		return complain("There is no history without a terminal.")
	}
	lines := sh.History.Lines()
	text, most := strings.Join(words, " "), 20
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		text, most = "", n
	}
	var found []view.Row
	for _, line := range lines {
		if strings.Contains(strings.ToLower(line), strings.ToLower(text)) {
			found = append(found, view.T("  "+line))
		}
	}
	if len(found) == 0 {
		return say(view.T("Nothing in the history."))
	}
	return verbatim(found[max(0, len(found)-most):])
}

func (sh *Shell) runResume(context.Context, []string) outcome {
	if len(sh.paste.parked) == 0 {
		return complain("No paste was stopped.")
	}
	sh.edit.held = ""
	sh.resume()
	return done()
}

func (sh *Shell) runDrop(context.Context, []string) outcome {
	n := len(sh.paste.parked)
	if n == 0 {
		return complain("No paste was stopped.")
	}
	sh.paste.parked = nil
	return say(view.Row{{Text: plural(n, "pasted line") + " forgotten.", Style: view.Dim}})
}

func (sh *Shell) runQuit(ctx context.Context, _ []string) outcome {
	if s := sh.hub.Session(); s.Mode() == protocol.ModeCommand && s.Awaiting() == 0 {
		sh.put(ctx, protocol.Sent{Kind: protocol.SentCommand, Raw: []byte("QUIT\r\n"), Auto: true}, "QUIT")
	}
	sh.done = true
	return done()
}
