package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell"
	"smtpsh/shell/term"
)

// replaying is what "smtpsh replay" is asked for.
type replaying struct {
	options
	speed   string
	explain bool
	as      string // a tool
}

// newReplay is "smtpsh replay": a recorded session, shown again.
func newReplay(streams Streams, status *shell.Status) *cobra.Command {
	var r replaying
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "show a recorded session again",
		Long: "Shows a session that --record, :record or :export wrote as JSON Lines (.jsonl); - is\n" +
			"standard input. Of a record that was cut off the whole exchanges are shown.\n\n" +
			"Exit status: 0 the record was shown, 2 the file is none, or the command line makes no sense.",
		Example: "  smtpsh replay session.jsonl\n  smtpsh replay --speed original session.jsonl\n  smtpsh replay --explain session.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: replay wants one file", errUsage)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := r.run(cmd.Context(), streams, args[0])
			*status = s
			return err
		},
	}
	tools, _ := trace.Tools()
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&r.speed, "speed", "0", "`SPEED` is original, a number of times as fast, or 0 to wait for nothing")
	flags.BoolVar(&r.explain, "explain", false, "with the advice of the check, and each reply explained")
	flags.StringVarP(&r.output, "output", "o", "", "`FORM` is text, json (an object for each event) or pretty (as at a prompt)")
	flags.StringVar(&r.as, "as", "", "print the last transaction as a command or a program for `TOOL`: "+strings.Join(tools, ", "))
	flags.BoolVar(&r.noColor, "no-color", false, "no colours")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(tools, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("speed", cobra.FixedCompletions([]string{"original", "0", "2", "10"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// speedOf reads a speed; 0 does not wait.
func speedOf(text string) (float64, error) {
	if text == "original" {
		return 1, nil
	}
	speed, err := strconv.ParseFloat(text, 64)
	if err != nil || !(speed >= 0) || speed > 1e9 {
		return 0, fmt.Errorf("%w: --speed %q: original, 0, or how many times as fast is wanted", errUsage, text)
	}
	return speed, nil
}

func (r replaying) run(ctx context.Context, streams Streams, name string) (shell.Status, error) {
	speed, err := speedOf(r.speed)
	if err != nil {
		return shell.StatusUsage, err
	}
	if r.output != "" && !slices.Contains(outputs, r.output) {
		return shell.StatusUsage, fmt.Errorf("%w: -o %q: text, json or pretty is wanted", errUsage, r.output)
	}
	in, err := openRecord(name, streams.In)
	if err != nil {
		return shell.StatusUsage, err
	}
	defer in.Close()
	if r.as != "" {
		return r.asTool(in, name, streams)
	}
	if r.output == "" && term.IsTerminal(streams.Out) {
		r.output = "pretty"
	}
	out, err := newOutput(r.options, term.NewReader(streams.In, streams.Out), streams.Out)
	if err != nil {
		return shell.StatusUsage, err
	}
	replay := &shell.Replay{Show: out.show, Speed: speed, Wait: wait, Explain: r.explain}
	if r.output == "pretty" {
		replay.Out = out.rows
	}
	err = eachExchange(in, name, streams.Err, func(x exchangeOf) error {
		replay.Events(ctx, x)
		return ctx.Err()
	})
	if errors.Is(err, context.Canceled) {
		return shell.StatusInterrupted, nil
	}
	if err = errors.Join(err, out.close()); err != nil {
		return shell.StatusUsage, err
	}
	return shell.StatusOK, nil
}

// asTool prints the last transaction of a record for another tool.
func (r replaying) asTool(in io.Reader, name string, streams Streams) (shell.Status, error) {
	var latest trace.Latest
	var s protocol.Session
	err := eachExchange(in, name, streams.Err, func(x exchangeOf) error {
		for _, e := range x {
			before := s
			s = s.After(e)
			latest.Event(before, s, e)
		}
		return nil
	})
	if err != nil {
		return shell.StatusUsage, err
	}
	t, ok := latest.Transaction()
	if !ok {
		return shell.StatusUsage, fmt.Errorf("%w: %s: no MAIL was sent in it, so there is no transaction", errUsage, name)
	}
	text, err := trace.As(r.as, t)
	if err != nil {
		return shell.StatusUsage, fmt.Errorf("%w: --as %w", errUsage, err)
	}
	if _, err := io.WriteString(streams.Out, text); err != nil {
		return shell.StatusUsage, fmt.Errorf("writing the output: %w", err)
	}
	return shell.StatusOK, nil
}

func wait(ctx context.Context, seconds float64) {
	timer := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func openRecord(name string, in *os.File) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(in), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return file, nil
}
