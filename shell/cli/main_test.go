package cli_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"smtpsh/protocol"
	"smtpsh/shell"
	"smtpsh/shell/cli"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// programVar turns the test binary into the program, for the tests that need
// it on a terminal of its own.
const programVar = "SMTPSH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(programVar) {
	case "":
	case panicValue:
		crash()
	default:
		program()
	}
	testscript.Main(m, map[string]func(){"smtpsh": program})
}

// panicValue is the value of programVar with which the program panics at the
// first 5yz reply, and prints all that it has at hand.
const panicValue = "panic"

// crash is the program with a fault in it, which no option of the real one
// brings about.
func crash() {
	target, err := shell.ParseTarget(os.Args[1:]...)
	if err != nil {
		panic(err)
	}
	shell.New(shell.Config{Source: term.NewReader(os.Stdin, os.Stdout), Show: &faulty{}, Out: view.NewText(os.Stdout), Network: "tcp"}).
		Start(context.Background(), target)
	os.Exit(1)
}

// faulty is a Renderer that panics.
type faulty struct{ events []protocol.Event }

func (f *faulty) Event(before, after protocol.Session, e protocol.Event) {
	f.events = append(f.events, e)
	if r, ok := e.(protocol.Received); ok && r.Reply.Class() == 5 {
		panic(fmt.Sprintf("%v %+v %#v %+v", before, after, f.events, f.events))
	}
}

// program is main.main.
func program() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
