package shell

import (
	"context"
	"net"
	"strings"

	"smtpsh/shell/practice"
	"smtpsh/shell/view"
)

// startPractice starts the built-in server, once.
func (sh *Shell) startPractice(ctx context.Context) bool {
	if sh.server != nil {
		return true
	}
	server, err := sh.Practice(func() { sh.Source.Close() })
	if err != nil {
		sh.note(view.Bad, err.Error())
		sh.fail(StatusLost)
		return false
	}
	sh.server = server
	go server.Serve(context.WithoutCancel(ctx)) //nolint:errcheck // it ends with Close; a failure shows as a refused connection
	sh.note(view.Plain, "Practice server on "+server.Addr()+": nothing leaves this machine, mail stays in memory. :open HOST opens a real server.")
	return true
}

// openPractice has the practice server ready as t wants it, and gives t its
// address.
func (sh *Shell) openPractice(ctx context.Context, t Target) (Target, bool) {
	if !sh.startPractice(ctx) {
		return t, false
	}
	mode, err := practice.ParseMode(t.Mode)
	if err == nil {
		err = sh.server.SetMode(mode)
	}
	addr := sh.server.Addr()
	if err == nil && sh.startsWith(t) == byImplicit {
		if sh.server.TLSAddr() == "" {
			err = sh.server.ListenTLS("127.0.0.1:0")
		}
		addr = sh.server.TLSAddr()
	}
	if err != nil {
		sh.note(view.Bad, err.Error())
		sh.fail(StatusUsage)
		return t, false
	}
	t.Host, t.Port, _ = net.SplitHostPort(addr)
	return t, true
}

// practiceModes are the names of the faults to study.
func practiceModes() []string {
	var names []string
	for _, m := range practice.Modes[1:] {
		names = append(names, m.Name)
	}
	return names
}

// practiceTarget reads what stands behind ":open practice": "tls" for TLS from
// the start, and a mode.
func practiceTarget(words []string) (Target, error) {
	t := Target{Practice: true}
	for _, word := range words {
		if strings.EqualFold(word, "tls") {
			t.TLS = byImplicit
			continue
		}
		if _, err := practice.ParseMode(word); err != nil {
			return t, err
		}
		t.Mode = strings.ToLower(word)
	}
	return t, nil
}
