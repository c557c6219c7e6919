package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/shell"
	"smtpsh/shell/view"
)

// maxLine is the longest line that check and decode take from a file.
const maxLine = 1 << 20

// newCheck is "smtpsh check": the judge without a network.
func newCheck(streams Streams, status *shell.Status) *cobra.Command {
	var escaped, session bool
	var output string
	cmd := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "judge command lines from files or standard input, one a line, without a network",
		Long: "Judges command lines, one a line, from the files or from standard input.\n\n" +
			"With --session the lines are one session: the server offers every extension,\n" +
			"every reply is positive, and what follows DATA is the message, up to the lone dot.\n\n" +
			"Exit status: 0 no line has an error, 1 some line has, 2 the command line makes no sense.",
		RunE: func(_ *cobra.Command, files []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("%w: -o %q: text or json is wanted", errUsage, output)
			}
			c := &checker{escaped: escaped, session: session, json: output == "json", out: bufio.NewWriterSize(streams.Out, 64<<10)}
			err := eachFile(files, streams.In, c.lines)
			if flushed := c.out.Flush(); err == nil {
				err = flushed
			}
			if err == nil && c.errors {
				*status = shell.StatusNegative
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&escaped, "escaped", false, `read \r \n \t \0 \xNN \\ in a line as what they stand for`)
	cmd.Flags().BoolVar(&session, "session", false, "take the lines as one session")
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
	out                    *bufio.Writer
	state                  protocol.Session
	errors                 bool
}

func (c *checker) lines(in io.Reader) error {
	if c.session {
		c.state = offeringSession()
	}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	for scanner.Scan() {
		line := strings.TrimSuffix(scanner.Text(), "\r")
		if c.escaped {
			var err error
			if line, err = unescape(line); err != nil {
				return fmt.Errorf("%w: %w", errUsage, err)
			}
		}
		if err := c.line(line); err != nil {
			return err
		}
	}
	return scanner.Err()
}

func (c *checker) line(line string) error {
	if c.session && c.state.Mode() == protocol.ModeContent {
		if line == "." {
			c.state = c.state.After(protocol.Sent{Kind: protocol.SentContent, Last: true}).After(positive(250))
		}
		return c.print(line, "message", protocol.Command{}, nil)
	}
	command := protocol.Parse(line)
	var diags []protocol.Diag
	if c.session {
		diags = c.state.Allows(command)
		if protocol.Worst(diags) < protocol.Error {
			c.follow(command)
		}
	} else {
		diags = protocol.Check(command)
	}
	verdict := "ok"
	switch protocol.Worst(diags) {
	case protocol.Error:
		verdict, c.errors = "error", true
	case protocol.Warning:
		verdict = "warn"
	case protocol.Hint:
	}
	return c.print(line, verdict, command, diags)
}

// follow is the session after the line got its positive reply.
func (c *checker) follow(command protocol.Command) {
	s := c.state.After(protocol.Sent{Raw: []byte(command.Raw + "\r\n")})
	code := 250
	switch {
	case command.Verb == nil:
	case command.Verb.Opens:
		code = 354
	case command.Is("AUTH"):
		code = 235
	}
	if n := s.Octets(); n > 0 { // the octets of a BDAT are not in the file
		s = s.After(protocol.Sent{Kind: protocol.SentChunk, Raw: make([]byte, min(n, maxLine))})
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

func offeringSession() protocol.Session {
	return protocol.Session{}.After(protocol.Opened{}).After(positive(220))
}

// checked is the JSON form of a verdict.
type checked struct {
	Line    string        `json:"line"`
	Verdict string        `json:"verdict"`
	Verb    string        `json:"verb,omitempty"`
	Diags   []checkedDiag `json:"diags"`
}

type checkedDiag struct {
	ID       string   `json:"id"`
	Severity string   `json:"severity"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Message  string   `json:"message"`
	RFC      int      `json:"rfc"`
	Section  string   `json:"section"`
	Fix      string   `json:"fix,omitempty"`
	Then     []string `json:"then,omitempty"`
}

func (c *checker) print(line, verdict string, command protocol.Command, diags []protocol.Diag) error {
	if c.json {
		return c.printJSON(line, verdict, command, diags)
	}
	fmt.Fprintf(c.out, "%-7s %s\n", verdict, view.Escape(line))
	fix := ""
	for _, d := range diags {
		fmt.Fprintf(c.out, "        %s: %s: %s (%s)\n", d.Severity, d.ID, view.Escape(d.Message), d.Ref)
		if fix == "" {
			fix = d.Fix
		}
	}
	if fix != "" {
		fmt.Fprintf(c.out, "        fix: %s\n", view.Escape(fix))
	}
	return nil
}

func (c *checker) printJSON(line, verdict string, command protocol.Command, diags []protocol.Diag) error {
	if verdict == "message" {
		verdict = "ok"
	}
	row := checked{Line: line, Verdict: verdict, Diags: make([]checkedDiag, len(diags))}
	if command.Verb != nil {
		row.Verb = command.Verb.Name
	}
	for i, d := range diags {
		row.Diags[i] = checkedDiag{d.ID, d.Severity.String(), d.Start, d.End, d.Message, d.Ref.RFC, d.Ref.Section, d.Fix, d.Then}
	}
	return writeJSON(c.out, row)
}
