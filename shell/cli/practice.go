package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/shell"
	"smtpsh/shell/practice"
	"smtpsh/shell/view"
)

// newPractice is "smtpsh practice": the practice server alone.
func newPractice(streams Streams, status *shell.Status) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "practice",
		Short: "run the practice server alone, until Ctrl-C",
		Long: "Runs the practice server in the foreground and prints the address it listens on,\n" +
			"then a line for each message that it takes. The mail is kept in memory only.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := servePractice(cmd.Context(), streams, listen)
			if err != nil {
				*status = shell.StatusLost
			}
			return err
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:2525", "the `ADDR` to listen on, HOST:PORT")
	return cmd
}

func servePractice(ctx context.Context, streams Streams, listen string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	server, err := practice.Listen(listen, func(s *practice.Server) {
		s.Delivered = func(m practice.Message) {
			fmt.Fprintln(streams.Out, view.Escape(fmt.Sprintf("message %d from <%s> to <%s>, %s",
				m.N, m.From, strings.Join(m.To, ">, <"), view.Octets(uint64(len(m.Content()))))))
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "practice server on %s (Ctrl-C ends it)\n", server.Addr())
	return server.Serve(ctx)
}
