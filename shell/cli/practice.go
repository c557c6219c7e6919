package cli

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/shell"
	"smtpsh/shell/practice"
	"smtpsh/shell/view"
)

// practiceOptions are the flags of "smtpsh practice".
type practiceOptions struct{ listen, listenTLS, mode, ca string }

// newPractice is "smtpsh practice": the practice server alone.
func newPractice(streams Streams, status *shell.Status) *cobra.Command {
	var o practiceOptions
	cmd := &cobra.Command{
		Use:   "practice",
		Short: "run the practice server alone, until Ctrl-C",
		Long: "Runs the practice server in the foreground and prints the address it listens on,\n" +
			"then a line for each message that it takes. The mail is kept in memory only.\n" +
			"The user and the password for AUTH are both \"practice\".\n\n" + modesHelp(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := servePractice(cmd.Context(), streams, o)
			if err != nil && !errors.Is(err, errUsage) {
				*status = shell.StatusLost
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:2525", "the `ADDR` to listen on, HOST:PORT")
	cmd.Flags().StringVar(&o.listenTLS, "listen-tls", "", "a second `ADDR`, where TLS comes first")
	cmd.Flags().StringVar(&o.mode, "mode", "plain", "the fault to show, one of the `MODE`s above")
	cmd.Flags().StringVar(&o.ca, "ca", "", "write the certificate of the practice CA to `FILE`, in PEM, for clients to trust")
	_ = cmd.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions(modeNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func modeNames() []string {
	var names []string
	for _, row := range practice.Modes {
		names = append(names, row.Name)
	}
	return names
}

func modesHelp() string {
	var b strings.Builder
	b.WriteString("Modes, for exercises about TLS:\n")
	for _, row := range practice.Modes {
		fmt.Fprintf(&b, "  %-12s %s\n", row.Name, row.Summary)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func servePractice(ctx context.Context, streams Streams, o practiceOptions) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	mode, err := practice.ParseMode(o.mode)
	if err != nil {
		return fmt.Errorf("%w: --mode: %w", errUsage, err)
	}
	server, err := practice.Listen(o.listen, func(s *practice.Server) {
		s.Delivered = func(m practice.Message) {
			fmt.Fprintln(streams.Out, view.Escape(fmt.Sprintf("message %d from <%s> to <%s>, %s",
				m.N, m.From, strings.Join(m.To, ">, <"), view.Octets(uint64(len(m.Content()))))))
		}
	})
	var wrong *net.AddrError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%w: --listen %q: HOST:PORT is wanted", errUsage, o.listen)
	case err != nil:
		return err
	}
	defer server.Close()
	if err := server.SetMode(mode); err != nil {
		return err
	}
	if err := offerTLS(streams, server, o); err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "practice server on %s (Ctrl-C ends it)\n", server.Addr())
	return server.Serve(ctx)
}

// offerTLS opens the second port and writes the CA, where that is wished.
func offerTLS(streams Streams, server *practice.Server, o practiceOptions) error {
	if o.listenTLS != "" {
		if err := server.ListenTLS(o.listenTLS); err != nil {
			return err
		}
		fmt.Fprintf(streams.Out, "TLS from the start on %s\n", server.TLSAddr())
	}
	if o.ca == "" {
		return nil
	}
	ca := server.CA()
	if ca == nil {
		return errors.New("the practice CA could not be made")
	}
	if err := os.WriteFile(o.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), 0o644); err != nil { //nolint:gosec // a certificate is public
		return fmt.Errorf("--ca: %w", err)
	}
	return nil
}
