// Command smtpsh is a shell for talking SMTP by hand.
package main

import (
	"context"
	"os"

	"smtpsh/shell/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
