package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/shell"
)

// newCheck is "smtpsh check": the judge without a network.
func newCheck(streams Streams, status *shell.Status) *cobra.Command {
	var escaped, session, shown bool
	var output string
	cmd := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "judge command lines from files or standard input, one a line, without a network",
		Long: "Judges command lines, one a line, from the files or from standard input.\n\n" +
			"With --session the lines are one session: the server offers every extension,\n" +
			"every reply is positive, and what follows DATA is the message, up to the lone dot.\n" +
			"One that begins with LHLO is in LMTP.\n" +
			"What follows AUTH without all that its mechanism needs is the answers to challenges.\n\n" +
			"In JSON, start and end count octets of the line. A line that is not UTF-8 has its octets\n" +
			"in \"base64\" too, for \"line\" has U+FFFD in the place of some. Of a line over 1 MiB only\n" +
			"that much is kept, and it is an error.\n\n" +
			"A credential is ****, in the line and in what is said of it; --show-secrets shows it.\n\n" +
			"Exit status: 0 no line has an error, 1 some line has, 2 the command line makes no sense.",
		RunE: func(_ *cobra.Command, files []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("%w: -o %q: text or json is wanted", errUsage, output)
			}
			c := &checker{escaped: escaped, session: session, shown: shown, json: output == "json", out: bufio.NewWriterSize(streams.Out, 64<<10)}
			err := eachFile(files, streams.In, c.lines)
			if flushed := c.out.Flush(); flushed != nil && (err == nil || errors.Is(err, flushed)) {
				err = fmt.Errorf("%w: %w", errOutput, flushed)
			}
			if err == nil && c.errors {
				*status = shell.StatusNegative
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&escaped, "escaped", false, `read \r \n \t \0 \xNN \\ in a line as what they stand for`)
	cmd.Flags().BoolVar(&session, "session", false, "take the lines as one session")
	cmd.Flags().BoolVar(&shown, "show-secrets", false, "show passwords and responses")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json, an object a line")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// eachFile calls do for each file in turn, or for in when there is none; "-"
// is in too.
func eachFile(files []string, in io.Reader, do func(io.Reader) error) error {
	if len(files) == 0 {
		return do(in)
	}
	for _, name := range files {
		if name == "-" {
			if err := do(in); err != nil {
				return err
			}
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		err = do(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

type checker struct {
	escaped, session, json bool
	shown                  bool // credentials too
	out                    *bufio.Writer
	state                  protocol.Session
	fresh                  bool // no greeting was sent yet: LHLO makes this a session of LMTP
	login                  login
	errors                 bool
}

func (c *checker) lines(in io.Reader) error {
	if !c.session {
		return c.batches(in)
	}
	c.state, c.login, c.fresh = offeringSession(false), login{}, true
	return eachLine(in, c.unescaped)
}

// eachLine calls do for each line of in.
func eachLine(in io.Reader, do func(line []byte, cut bool) error) error {
	file := newLineReader(in)
	for {
		line, cut, err := file.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(line, cut); err != nil {
			return err
		}
	}
}

// unescaped judges a line as the file has it.
func (c *checker) unescaped(octets []byte, cut bool) error {
	if c.escaped && cut {
		octets = octets[:wholeEscapes(octets)]
	}
	line := string(octets)
	if c.escaped {
		var err error
		if line, err = unescape(line); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
	}
	return c.line(line, cut)
}

// line judges one line by where it stands.
func (c *checker) line(line string, cut bool) error {
	if c.session && c.state.Mode() == protocol.ModeContent {
		if line == "." {
			c.state = c.state.After(protocol.Sent{Kind: protocol.SentContent, Last: true})
			for c.state.Awaiting() > 0 { // one reply, and in LMTP one for each recipient
				c.state = c.state.After(positive(250))
			}
		}
		return c.print(line, "message", protocol.Command{}, nil)
	}
	if c.session && c.state.Mode() == protocol.ModeChallenge && c.answers(line) {
		advised := protocol.Advised{Line: line, Diags: c.answer(line), Shown: c.shown || line == "" || line == "*"}
		return c.judged(advised.Blank(), protocol.Command{})
	}
	command := protocol.Parse(line)
	if c.session && command.Is("LHLO") && c.fresh {
		c.state = offeringSession(true)
	}
	c.fresh = c.fresh && !command.Is("EHLO") && !command.Is("HELO")
	var diags []protocol.Diag
	switch {
	case cut:
		diags = []protocol.Diag{protocol.LineCut(line)}
	case c.session:
		diags = c.state.Allows(command)
		if protocol.Worst(diags) < protocol.Error {
			c.follow(command)
		}
	default:
		diags = protocol.Check(command)
	}
	return c.judged(protocol.Advised{Line: line, Diags: diags, Shown: c.shown}.Masked(), command)
}

// judged prints a line with the verdict that its advice makes.
func (c *checker) judged(a protocol.Advised, command protocol.Command) error {
	verdict := "ok"
	switch protocol.Worst(a.Diags) {
	case protocol.Error:
		verdict, c.errors = "error", true
	case protocol.Warning:
		verdict = "warn"
	case protocol.Hint:
	}
	return c.print(a.Line, verdict, command, a.Diags)
}

// maxRecipients is how many recipients of one transaction are kept, far beyond
// where the advice on too many begins, so that no file fills the memory.
const maxRecipients = 10_000

// follow is the session after the line got its positive reply.
func (c *checker) follow(command protocol.Command) {
	if command.Is("RCPT") && c.state.RecipientCount() >= maxRecipients {
		return
	}
	s := c.state.After(protocol.Sent{Raw: []byte(command.Raw + "\r\n")})
	code := 250
	switch {
	case command.Verb == nil:
	case command.Verb.Opens:
		code = 354
	case command.Is("STARTTLS"):
		code = 220
	case command.Is("AUTH"):
		code = 235
		if c.login = loginOf(command); c.login.left > 0 {
			code = 334
		}
	}
	if n := s.Octets(); n > 0 { // the octets of a BDAT are not in the file
		s = s.After(protocol.Sent{Kind: protocol.SentChunk, Omitted: int(min(n, math.MaxInt))})
	}
	reply := positive(code)
	if command.Is("EHLO") || command.Is("LHLO") {
		reply = offers()
	}
	s = s.After(reply)
	if s.Mode() == protocol.ModeHandshake {
		s = s.After(protocol.Secured{})
	}
	c.state = s
}

func positive(code int) protocol.Received {
	return protocol.Received{Reply: protocol.Reply{Code: code, Lines: []string{"ok"}}}
}

// offers is an EHLO reply that names every extension.
func offers() protocol.Received {
	r := protocol.Reply{Code: 250, Lines: []string{"server.example"}}
	for i := range protocol.ExtensionTable {
		switch x := &protocol.ExtensionTable[i]; x.Keyword {
		case "AUTH":
			r.Lines = append(r.Lines, "AUTH PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS GSSAPI NTLM")
		case "LIMITS":
		default:
			r.Lines = append(r.Lines, x.Keyword)
		}
	}
	return protocol.Received{Reply: r}
}

func offeringSession(lmtp bool) protocol.Session {
	return protocol.Session{}.After(protocol.Opened{LMTP: lmtp}).After(positive(220))
}
