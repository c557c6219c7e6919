package cli_test

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"smtpsh/shell/cli"
)

// programVar turns the test binary into the program, for the tests that need
// it on a terminal of its own.
const programVar = "SMTPSH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVar) != "" {
		program()
	}
	testscript.Main(m, map[string]func(){"smtpsh": program})
}

// program is main.main.
func program() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
