package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"smtpsh/shell"
	"smtpsh/shell/term"
)

const sendLong = `Sends one message, by the steps that a careful person would type: EHLO, STARTTLS
where it was asked for, AUTH where a user was named, MAIL with the parameters that
fit, RCPT for each recipient, DATA or BDAT, QUIT. Every line is shown as it goes.

With --count, --connections or --from-dir it sends many over connections that it
keeps, pipelined where the server offers that, and sums up what became of them.`

const sendStatuses = `
Exit status, beside those of "smtpsh --help":
  1  some recipients were refused, or some messages
  7  the banner was not 220
  8  EHLO was refused
  9  the login failed
  10  MAIL was refused
  11  no recipient was taken
  12  DATA was refused
  13  the message was refused after its end
`

// newSend is "smtpsh send": one message, or many, without a hand on it.
func newSend(streams Streams, status *shell.Status) *cobra.Command {
	o := options{named: map[string]string{}}
	var e shell.Errand
	cmd := &cobra.Command{
		Use:     "send TARGET --from ADDRESS --to ADDRESS [flags]",
		Short:   "send a message, showing each step",
		Long:    sendLong,
		Example: "  smtpsh send mail.example.org --from a@example.org --to b@example.org --subject hello --body 'How are you?'\n  smtpsh send submission://mail.example.org --auth-user joe --from joe@example.org --to b@example.org --data message.eml\n  smtpsh send mx:example.org --from a@example.org --to b@example.org --stop-after rcpt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && o.pipe == "" || len(args) > 2 {
				return fmt.Errorf("%w: send wants a target: HOST, HOST:PORT, HOST PORT, a URL, mx:DOMAIN, or practice", errUsage)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := runSend(cmd.Context(), streams, o, &e, args)
			*status = s
			return err
		},
	}
	cmd.SetUsageTemplate(cmd.UsageTemplate() + sendStatuses)
	e.AddFlags(cmd.Flags())
	connectionFlags(cmd, &o)
	addOptionFlags(cmd, o.named)
	passwordFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("stop-after", cobra.FixedCompletions(shell.Stages, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("drop-after", cobra.FixedCompletions(shell.Stages, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runSend(ctx context.Context, streams Streams, o options, e *shell.Errand, args []string) (shell.Status, error) {
	if err := e.Check(); err != nil {
		return shell.StatusUsage, fmt.Errorf("%w: %w", errUsage, err)
	}
	config, target, err := configure(o, args)
	if err != nil {
		return shell.StatusUsage, err
	}
	if o.output == "" && term.IsTerminal(streams.Out) {
		o.output = "pretty"
	}
	ctx, ready, stop := orderly(ctx)
	defer stop()
	config.Ready = ready
	source := term.NewReader(streams.In, streams.Out)
	out, err := newOutput(o, source, streams.Out)
	if err != nil {
		return shell.StatusUsage, err
	}
	config.Source, config.Show, config.Out, config.Stdin = source, out.show, out.rows, streams.In
	sh := shell.New(config)
	if err := setOptions(sh, o.named); err != nil {
		return shell.StatusUsage, err
	}
	status, err := recorded(ctx, sh, o, func(ctx context.Context) shell.Status { return sh.Send(ctx, target, e) })
	return status, errors.Join(err, out.close())
}
