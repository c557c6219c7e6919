package cli_test

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"smtpsh/protocol/smtptest"
)

// update rewrites the expected output in the scripts; read the diff.
var update = flag.Bool("update", false, "rewrite the expected output of testdata/script")

// TestScripts runs testdata/script: whole runs of the program without a
// terminal. Beside testscript's own commands they have:
//
//	run STATUS ARGS...  run smtpsh; it must exit with STATUS. What it printed
//	                    is in stdout, and without ports and dates in "out"
//	peer FILE           start a peer that follows the dialogue in FILE; it is
//	                    at $PEER, that is $HOST and $PORT
//	followed [FILE]     the dialogue was followed to its end; FILE takes
//	                    every octet that the peer received
//	refusing            have $PEER, $HOST and $PORT refuse connections
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_STATE_HOME", "")
			if race, ok := os.LookupEnv("GORACE"); ok {
				env.Setenv("GORACE", race)
			}
			env.Values[peerKey{}] = new(*smtptest.Peer)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "ipv6":
				return hasIPv6(), nil
			case "full": // a disk that is
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run": runProgram, "peer": startPeer, "followed": followed, "refusing": refusing,
		},
	})
}

func hasIPv6() bool {
	ln, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	_ = ln.Close()
	return true
}

// peerKey is where a script keeps its peer.
type peerKey struct{}

func peerOf(ts *testscript.TestScript) **smtptest.Peer { return ts.Value(peerKey{}).(**smtptest.Peer) }

// unsteady is what differs from run to run.
var unsteady = []struct{ pattern, steady string }{
	{`(127\.0\.0\.1|\[::1\]):\d+`, "$1:PORT"},
	{`(on port) \d{4,5}:`, "$1 PORT:"},
	{`[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [-+]\d{4}`, "DATE"},
}

func runProgram(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: run STATUS ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec("smtpsh", args[1:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
	out := ts.ReadFile("stdout")
	for _, u := range unsteady {
		out = regexp.MustCompile(u.pattern).ReplaceAllString(out, u.steady)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(out), 0o600))
}

func startPeer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: peer FILE")
	}
	p, err := smtptest.Start(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = p.Close() })
	*peerOf(ts) = p
	pointTo(ts, p.Addr())
}

func pointTo(ts *testscript.TestScript, addr string) {
	host, port, err := net.SplitHostPort(addr)
	ts.Check(err)
	ts.Setenv("PEER", addr)
	ts.Setenv("HOST", host)
	ts.Setenv("PORT", port)
}

func followed(ts *testscript.TestScript, neg bool, args []string) {
	p := *peerOf(ts)
	if neg || p == nil || len(args) > 1 {
		ts.Fatalf("usage: followed [FILE], after peer")
	}
	ts.Check(p.Close())
	if len(args) == 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(p.Received()), 0o600))
	}
}

func refusing(ts *testscript.TestScript, neg bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	pointTo(ts, ln.Addr().String())
	ts.Check(ln.Close())
}
