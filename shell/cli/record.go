package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"smtpsh/protocol/trace"
	"smtpsh/shell"
)

func formatNames() []string {
	names, _ := trace.Formats()
	return names
}

// recorded runs the shell with the records that the flags ask for.
func recorded(ctx context.Context, sh *shell.Shell, o options, run func(context.Context) shell.Status) (shell.Status, error) {
	for _, name := range o.records {
		if err := sh.Record(name, o.format, o.force); err != nil {
			_ = sh.EndRecords()
			return shell.StatusUsage, fmt.Errorf("%w: --record: %w", errUsage, err)
		}
	}
	if o.junit != "" {
		if err := sh.Record(o.junit, "xml", true); err != nil {
			_ = sh.EndRecords()
			return shell.StatusUsage, fmt.Errorf("%w: --junit: %w", errUsage, err)
		}
	}
	status := run(ctx)
	sh.Exit(status)
	err := sh.EndRecords()
	if status == shell.StatusOK && !sh.Recorded() {
		status = shell.StatusRecord
	}
	return status, err
}

// orderly has the first signal end a run in good order: what became of the
// messages is said, and records are completed. A second one ends it as it is.
// One that is ignored, as SIGHUP is under nohup, stays ignored. Ready is closed
// when that holds: it takes as long as a reply from nearby, and a run has other
// things to prepare meanwhile.
func orderly(ctx context.Context) (_ context.Context, ready chan struct{}, stop func()) {
	ready = make(chan struct{})
	ends := slices.DeleteFunc([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	if len(ends) == 0 { // which Notify takes for all that there are
		close(ready)
		return ctx, ready, func() {}
	}
	ctx, stop = context.WithCancel(ctx)
	go func() {
		came := make(chan os.Signal, 1)
		signal.Notify(came, ends...)
		defer signal.Stop(came)
		close(ready)
		select {
		case <-came:
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx, ready, stop
}
