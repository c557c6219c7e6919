package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/shell"
)

// newExplain is "smtpsh explain": what :explain knows, without a session.
func newExplain(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain TOPIC...",
		Short:   "explain a reply code, a verb, a parameter, an extension, a login mechanism or an advice, offline",
		Example: "  smtpsh explain 550 5.7.1\n  smtpsh explain MAIL\n  smtpsh explain NOTIFY\n  smtpsh explain colon-missing",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, words []string) error {
			rows, ok := shell.Explain(words)
			if !ok {
				return fmt.Errorf("%w: nothing is known about %q", errUsage, strings.Join(words, " "))
			}
			var text strings.Builder
			for _, row := range rows {
				text.WriteString(row.String() + "\n")
			}
			if _, err := streams.Out.WriteString(text.String()); err != nil {
				return fmt.Errorf("%w: %w", errOutput, err)
			}
			return nil
		},
	}
}
