// Command smtpsh is a shell for talking SMTP by hand.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"smtpsh/shell/cli"
)

func main() {
	// Ctrl-C is the terminal's affair; these end the program in good order.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	status := cli.Main(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(status)
}
