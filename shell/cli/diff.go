package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

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
			"names, numbers, words with digits in them. In JSON each thing that is compared has its\n" +
			"\"kind\" instead: different, words, or alike.\n\n" +
			"Exit status: 0 nothing is different, 1 something is, 2 a file is no record, or the\ncommand line makes no sense.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%w: diff wants two files", errUsage)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if o.output != "text" && o.output != "json" {
				return fmt.Errorf("%w: -o %q: text or json is wanted", errUsage, o.output)
			}
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
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text or json, an object for each thing compared")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
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
	contrasts := trace.Compare(sides[0], sides[1], nil)
	if o.output == "json" {
		return diffJSON(streams.Out, contrasts)
	}
	out := term.NewReader(streams.In, streams.Out)
	width := out.Width()
	if !term.IsTerminal(streams.Out) {
		width = wide
	}
	rows, same := shell.Diff(contrasts, a, b, width)
	view.NewScreen(out, colored(o) && term.IsTerminal(streams.Out)).Rows(rows...)
	if err := out.Err(); err != nil {
		return same, fmt.Errorf("%w: %w", errOutput, err)
	}
	return same, nil
}

// contrasted is the JSON form of one thing that two sessions are compared in.
type contrasted struct {
	What string  `json:"what"`
	Kind string  `json:"kind"` // "different", "words" where all that differs is what any two runs differ in, or "alike"
	A    string  `json:"a"`    // "" where there was none
	B    string  `json:"b"`
	MSA  float64 `json:"msA,omitempty"` // how long a reply took, to the microsecond
	MSB  float64 `json:"msB,omitempty"`
}

// kinds are the names of trace's.
var kinds = [...]string{trace.Alike: "alike", trace.InWords: "words", trace.Different: "different"}

func diffJSON(to io.Writer, contrasts []trace.Contrast) (same bool, err error) {
	out := bufio.NewWriter(to)
	same = true
	for _, c := range contrasts {
		same = same && c.Kind != trace.Different
		row := contrasted{c.What, kinds[c.Kind], c.A, c.B, float64(c.TookA.Microseconds()) / 1000, float64(c.TookB.Microseconds()) / 1000}
		if err := writeJSON(out, row); err != nil {
			return same, err
		}
	}
	if err := out.Flush(); err != nil {
		return same, fmt.Errorf("%w: %w", errOutput, err)
	}
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
