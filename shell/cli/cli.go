// Package cli is the command line: the flags, and what is run without a
// prompt.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/shell"
	"smtpsh/shell/practice"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// Version is what --version prints.
const Version = "0.1.0"

// Streams are the standard streams of the program.
type Streams struct{ In, Out, Err *os.File }

// errOutput is when what is to be printed could not be.
var errOutput = errors.New("writing the output")

// errUsage is when the words of the command line make no sense.
var errUsage = errors.New("usage")

// options are the values of the flags.
type options struct {
	ipv4, ipv6 bool
	timeout    time.Duration
	helo       string
	noColor    bool
	check      string
	output     string            // text, json or pretty; "" for a prompt where there is a terminal
	junit      string            // a file for JUnit XML
	pipe       string            // a command to speak to, in place of a target
	file       string            // of lines to run; "" for standard input
	records    []string          // files to record to
	format     string            // of them; "" for that of each one's ending
	force      bool              // write over them
	named      map[string]string // options of the shell that flags gave, by name
}

// Main runs the program with args (without its name) and returns the exit
// status.
func Main(ctx context.Context, args []string, streams Streams) int {
	growStack()
	status := shell.StatusOK
	root := newRoot(streams, &status)
	addCommands(root, args, streams, &status)
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(streams.Err, "smtpsh: "+strings.TrimPrefix(err.Error(), errUsage.Error()+": "))
		switch {
		case errors.Is(err, errOutput):
			if status == shell.StatusOK || status == shell.StatusUsage {
				status = shell.StatusRecord
			}
		case status == shell.StatusOK || status == shell.StatusUsage:
			status = shell.StatusUsage
			fmt.Fprintln(streams.Err, "Try \"smtpsh --help\".")
		}
	}
	return int(status)
}

// growStack makes the stack at once as large as a session with TLS wants it.
// It would grow four times on the way, and each time the frames on it would
// be looked up and moved; here there are hardly any. It is a tenth of a
// millisecond, of the three to four that a session on this machine takes.
//
//go:noinline
func growStack() {
	var room [24 << 10]byte
	occupy(&room)
}

//go:noinline
func occupy(*[24 << 10]byte) {}

const long = `smtpsh is a shell for talking SMTP by hand. It connects to a mail server, checks
each line you type before it is sent, sends exactly what you typed, and explains
the replies.

Without TARGET it starts a practice server in this program and connects to that:
nothing leaves the machine. A TARGET is HOST, HOST:PORT, HOST PORT, [IPv6]:PORT
or a URL: smtp://HOST (port 25), submission://HOST (587, STARTTLS by itself),
smtps:// or submissions://HOST (465, TLS from the start), lmtp://HOST (24);
mx:DOMAIN[:PORT] is the server that takes the mail of a domain, unix:PATH and
lmtp+unix:PATH are sockets of this machine, pipe:COMMAND is a program. The port is
25 where none is given, and port 465 speaks TLS from the start.

Without a terminal (a pipe, a file) lines are taken from standard input, each
waits for its reply, and the output is plain: "> " was sent, "< " received,
"* " is a note. There a line that breaks the grammar ends the session; "!LINE"
sends LINE unchecked. -f FILE runs the lines of a file in the same way, and
":expect" among them asserts what came (:help :expect).`

const statuses = `Exit status:
  0  all went well
  1  a reply was negative (4yz or 5yz) or a script's expectation failed
  2  the command line makes no sense
  3  a line was held by the check and not sent
  4  no connection, or it was lost
  5  connecting, or a reply, took too long
  6  the connection could not be put under TLS
  14  all went well, but a record or the output could not be written
  130  interrupted by Ctrl-C, or by a signal (SIGINT, SIGTERM, SIGHUP)
In a terminal it is 0, unless interrupted by a signal or a record failed.
`

func newRoot(streams Streams, status *shell.Status) *cobra.Command {
	o := options{named: map[string]string{}}
	root := &cobra.Command{
		Use:           "smtpsh [flags] [TARGET | HOST PORT]",
		Short:         "a shell for talking SMTP by hand",
		Long:          long,
		Example:       "  smtpsh\n  smtpsh mail.example.org\n  smtpsh mail.example.org 587\n  smtpsh [2001:db8::1]:25\n  smtpsh mail.example.org < dialogue.txt",
		Version:       Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 {
				return fmt.Errorf("%w: a target is HOST, HOST:PORT or HOST PORT, not %d words", errUsage, len(args))
			}
			return switchValue(args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := runShell(cmd.Context(), streams, o, args)
			*status = s
			return err
		},
	}
	root.SetVersionTemplate("smtpsh {{.Version}}\n")
	root.SetUsageTemplate(root.UsageTemplate() + "\n" + statuses)
	flags := root.Flags()
	flags.SortFlags = false
	connectionFlags(root, &o)
	flags.StringVarP(&o.file, "file", "f", "", "run the lines of `FILE` in place of a prompt; - is standard input")
	addOptionFlags(root, o.named)
	passwordFlags(root)
	return root
}

// addCommands adds the commands where one may be meant, or help is wanted that
// lists them: a session needs none of them, and begins the sooner.
func addCommands(root *cobra.Command, args []string, streams Streams, status *shell.Status) {
	names := []string{"practice", "check", "decode", "explain", "send", "replay", "diff", "help", "completion", "--help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	if slices.ContainsFunc(args, func(arg string) bool {
		short := strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--")
		return slices.Contains(names, arg) || short && strings.Contains(arg, "h") // "-4h"
	}) {
		root.AddCommand(newPractice(streams, status), newCheck(streams, status), newDecode(streams, status), newExplain(streams), newSend(streams, status), newReplay(streams, status), newDiff(streams, status))
	}
}

// connectionFlags are those of each command that talks to a server.
func connectionFlags(cmd *cobra.Command, o *options) {
	flags := cmd.Flags()
	flags.BoolVarP(&o.ipv4, "ipv4", "4", false, "connect over IPv4 only")
	flags.BoolVarP(&o.ipv6, "ipv6", "6", false, "connect over IPv6 only")
	flags.StringVar(&o.pipe, "pipe", "", "in place of a target: speak to the standard input and output of `COMMAND`, such as \"sendmail -bs\"")
	flags.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long connecting may take")
	flags.StringVar(&o.helo, "helo", "", "this client's `NAME`, for HELO and EHLO")
	flags.StringVar(&o.check, "check", "hold", "what becomes of a line that breaks the grammar: hold, warn or off")
	flags.StringVarP(&o.output, "output", "o", "", "without a prompt: `FORM` is text, json (an object for each event) or pretty (as at a prompt)")
	flags.StringVar(&o.junit, "junit", "", "write the script's expectations to `FILE`, in the XML that CI systems read")
	flags.StringArrayVar(&o.records, "record", nil, "write the session to `FILE` as it happens; the ending says the format; may be given again")
	flags.StringVar(&o.format, "record-format", "", "the `FORMAT` of --record, whatever the ending: "+strings.Join(formatNames(), ", "))
	flags.BoolVar(&o.force, "force", false, "let --record write over a file that is there")
	flags.BoolVar(&o.noColor, "no-color", false, "no colours and no grey hints")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("record-format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("check", cobra.FixedCompletions([]string{"hold", "warn", "off"}, cobra.ShellCompDirectiveNoFileComp))
}

// runShell is the program without a subcommand.
func runShell(ctx context.Context, streams Streams, o options, args []string) (shell.Status, error) {
	config, target, err := configure(o, args)
	if err != nil {
		return shell.StatusUsage, err
	}
	if o.file == "" && o.output == "" && o.junit == "" && term.IsTerminal(streams.In) && term.IsTerminal(streams.Out) {
		return interactive(ctx, streams, o, config, target)
	}
	in := streams.In
	if o.file != "" && o.file != "-" {
		file, err := os.Open(o.file)
		if err != nil {
			return shell.StatusUsage, fmt.Errorf("%w: -f: %w", errUsage, err)
		}
		defer file.Close()
		in, config.Script, config.Stdin = file, o.file, streams.In
	}
	ctx, ready, stop := orderly(ctx)
	defer stop()
	config.Ready = ready
	source := term.NewReader(in, streams.Out)
	out, err := newOutput(o, source, streams.Out)
	if err != nil {
		return shell.StatusUsage, err
	}
	config.Source, config.Show, config.Out = source, out.show, out.rows
	sh := shell.New(config)
	if err := setOptions(sh, o.named); err != nil {
		return shell.StatusUsage, err
	}
	status, err := recorded(ctx, sh, o, func(ctx context.Context) shell.Status { return sh.Start(ctx, target) })
	return status, errors.Join(err, out.close())
}

func interactive(ctx context.Context, streams Streams, o options, config shell.Config, target shell.Target) (shell.Status, error) {
	// Ctrl-C is the terminal's affair; these end the program in good order.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	history, err := term.OpenHistory(stateFile("history"), historyLimit)
	if err != nil {
		return shell.StatusUsage, err
	}
	dumb, color := os.Getenv("TERM") == "dumb", colored(o)
	assist := &lateAssist{}
	terminal, err := term.NewTerminal(term.Config{In: streams.In, Out: streams.Out, Assist: assist, History: history, Color: color, Dumb: dumb})
	if err != nil {
		return shell.StatusUsage, err
	}
	defer terminal.Close()
	defer quitRestored(terminal)()
	screen := view.NewScreen(terminal, color)
	show := view.NewTerminal(screen)
	config.Source, config.Show, config.Out, config.History = terminal, view.Abridge(show, view.ShownOnScreen), screen, history
	show.Typed(term.Columns)
	config.Indent = func(prompt string) { show.Indent(term.PromptColumns(prompt, terminal.Width())) }
	config.SetColor, config.Color = screen.SetColor, screen.Color
	sh := shell.New(config)
	assist.Assist = sh.Assist()
	if err := setOptions(sh, o.named); err != nil {
		return shell.StatusUsage, err
	}
	status, err := recorded(ctx, sh, o, func(ctx context.Context) shell.Status { return sh.Start(ctx, target) })
	if err := history.Err(); err != nil {
		fmt.Fprintln(streams.Err, "smtpsh: the history of this session could not be kept: "+err.Error())
	}
	return status, err
}

// lateAssist breaks a circle: the terminal is made with an Assist, and the
// shell, whose Assist it is, with the terminal. It is set before the first
// line is asked for.
type lateAssist struct{ term.Assist }

// historyLimit is how many lines the history keeps.
const historyLimit = 10000

// configure turns flags and words into what the shell works with.
func configure(o options, args []string) (shell.Config, shell.Target, error) {
	config := shell.Config{
		Offered: &stateList{file: stateFile("starttls")}, Hosts: &stateList{file: stateFile("hosts")},
		Client: o.helo, Timeout: o.timeout, Network: "tcp",
		Practice: func(panicked func()) (*practice.Server, error) {
			return practice.Listen("127.0.0.1:0", func(s *practice.Server) { s.Panicked = panicked })
		},
	}
	if config.Client == "" {
		config.Client = clientName()
	} else if err := checkHelo(o.helo); err != nil {
		return config, shell.Target{}, err
	}
	switch {
	case o.ipv4 && o.ipv6:
		return config, shell.Target{}, fmt.Errorf("%w: -4 and -6 exclude each other", errUsage)
	case o.ipv4:
		config.Network = "tcp4"
	case o.ipv6:
		config.Network = "tcp6"
	}
	if o.timeout <= 0 {
		return config, shell.Target{}, fmt.Errorf("%w: --timeout: a time such as 10s is wanted", errUsage)
	}
	if o.output != "" && !slices.Contains(outputs, o.output) {
		return config, shell.Target{}, fmt.Errorf("%w: -o %q: text, json or pretty is wanted", errUsage, o.output)
	}
	policy, ok := shell.ParsePolicy(o.check)
	if !ok {
		return config, shell.Target{}, fmt.Errorf("%w: --check %q: hold, warn or off is wanted", errUsage, o.check)
	}
	config.Check = policy
	if o.pipe != "" {
		if len(args) > 0 {
			return config, shell.Target{}, fmt.Errorf("%w: --pipe is the target, and %s is another", errUsage, args[0])
		}
		return config, shell.Target{Pipe: o.pipe}, nil
	}
	if len(args) == 0 || len(args) == 1 && args[0] == "practice" {
		return config, shell.Target{Practice: true}, nil
	}
	target, err := shell.ParseTarget(args...)
	return config, target, err
}

func checkHelo(name string) error {
	for _, d := range protocol.Check(protocol.Parse("EHLO " + name)) {
		if d.Severity == protocol.Error {
			return fmt.Errorf("%w: --helo %q: %s", errUsage, name, d.Message)
		}
	}
	return nil
}

// clientName is this machine's name where it is a full one, for a bare
// "laptop" means nothing to a server.
func clientName() string {
	name, err := os.Hostname()
	if err != nil || !strings.Contains(name, ".") || strings.HasSuffix(name, ".localdomain") || len(protocol.Check(protocol.Parse("EHLO "+name))) > 0 {
		return "client.example"
	}
	return name
}
