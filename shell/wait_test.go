package shell

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtpsh/protocol/wire"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// slowly connects a shell whose limit is a second to a server that follows
// steps: "600ms 250 ok" says a line after that time, and "" reads one.
func slowly(t *testing.T, steps ...string) *Shell {
	t.Helper()
	near, far := net.Pipe()
	sh := New(Config{Source: term.NewReader(strings.NewReader(""), io.Discard), Show: view.Tee{}, Out: unseen{}, Patience: time.Second})
	d := &wire.Dialer{Emit: sh.hub.emit, Connect: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	served := make(chan struct{})
	go func() {
		defer close(served)
		in := bufio.NewReader(far)
		for _, step := range steps {
			if step == "" {
				_, _ = in.ReadString('\n')
				continue
			}
			wait, line, _ := strings.Cut(step, " ")
			d, err := time.ParseDuration(wait)
			if err != nil {
				t.Error(err)
			}
			time.Sleep(d)
			_, _ = io.WriteString(far, line+"\r\n")
		}
	}()
	t.Cleanup(func() {
		sh.hangUp()
		<-served
		_ = far.Close()
	})
	var err error
	if sh.conn, err = d.Dial(t.Context(), "192.0.2.1", "25"); err != nil {
		t.Fatal(err)
	}
	sh.greeted(t.Context())
	return sh
}

// TestReplyLimit limits the time of each reply, and not that of all the replies
// to a group.
func TestReplyLimit(t *testing.T) {
	for third, status := range map[string]Status{"600ms": StatusOK, "1100ms": StatusTimeout} {
		synctest.Test(t, func(t *testing.T) {
			sh := slowly(t, "600ms 220 hi", "", "", "", "600ms 250 one", "600ms 250 two", third+" 250 three")
			sh.group = group{open: true, state: sh.hub.Session()}
			for _, line := range []string{"RSET", "RSET", "NOOP"} { // which ends the group
				sh.inGroup(t.Context(), line, true)
			}
			if s := sh.hub.Session(); sh.hub.outcome() != status || s.Open() != (status == StatusOK) {
				t.Errorf("%s: status %d, open %v, the last reply is %d", third, sh.hub.outcome(), s.Open(), s.LastCode())
			}
		})
	}
}

// TestOctetsTakeTheirTime limits the time of the server, and not that of whoever
// supplies the octets of a BDAT.
func TestOctetsTakeTheirTime(t *testing.T) {
	for _, grouped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			sh := slowly(t, "600ms 220 hi", "", "", "600ms 250 ok")
			if grouped {
				sh.group = group{open: true, supplied: true, state: sh.hub.Session()}
			}
			sh.smtp(t.Context(), "BDAT 4 LAST", true)
			time.Sleep(time.Minute)
			sh.octets(t.Context(), term.Line{Text: "ab"})
			if s := sh.hub.Session(); s.LastCode() != 250 {
				t.Errorf("grouped %v: open %v, the last reply is %d", grouped, s.Open(), s.LastCode())
			}
		})
	}
}
