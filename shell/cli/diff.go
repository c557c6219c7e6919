package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// newDiff is "smtpsh diff": two recorded sessions side by side.
func newDiff(streams Streams, status *shell.Status) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "diff A.jsonl B.jsonl",
		Short: "compare two recorded sessions",
		Long: "Sets two recorded sessions side by side: banner, extensions, replies, TLS, times. \"!\"\n" +
			"marks what is different, \"~\" what differs between any two servers or runs: their\n" +
			"names, numbers, words with digits in them.\n\n" +
			"Exit status: 0 nothing is different, 1 something is, 2 a file is no record, or the\ncommand line makes no sense.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%w: diff wants two files", errUsage)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			same, err := diff(streams, o, args[0], args[1])
			switch {
			case err != nil:
				*status = shell.StatusUsage
			case !same:
				*status = shell.StatusNegative
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours")
	return cmd
}

func diff(streams Streams, o options, a, b string) (same bool, err error) {
	var sides [2][]protocol.Event
	for i, name := range []string{a, b} {
		if sides[i], err = eventsOf(streams, name); err != nil {
			return false, err
		}
	}
	out := term.NewReader(streams.In, streams.Out)
	width := out.Width()
	if !term.IsTerminal(streams.Out) {
		width = wide
	}
	rows, same := shell.Diff(trace.Compare(sides[0], sides[1], nil), a, b, width)
	view.NewScreen(out, colored(o) && term.IsTerminal(streams.Out)).Rows(rows...)
	return same, nil
}

// wide is how many columns there are where no screen limits them.
const wide = 120

// eventsOf are the events of a record, without the content of messages.
func eventsOf(streams Streams, name string) ([]protocol.Event, error) {
	in, err := openRecord(name, streams.In)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var all []protocol.Event
	err = eachExchange(in, name, streams.Err, func(x exchangeOf) error {
		for _, e := range x {
			if sent, ok := e.(protocol.Sent); ok {
				sent = sent.Counted()
				sent.Raw = bytes.Clone(sent.Raw)
				e = sent
			}
			all = append(all, e)
		}
		return nil
	})
	return all, err
}
