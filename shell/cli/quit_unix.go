//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"

	"smtpsh/shell/term"
)

// quitRestored has SIGQUIT do what it always does in Go, end the program with
// the stacks of its goroutines, but with the terminal put right first. The
// function that it returns ends that.
func quitRestored(terminal *term.Terminal) func() {
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	over := make(chan struct{})
	go func() {
		select {
		case <-quit:
			_ = terminal.Close()
			signal.Reset(syscall.SIGQUIT)
			_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(quit)
		close(over)
	}
}
