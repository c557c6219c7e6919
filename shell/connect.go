package shell

import (
	"context"
	"errors"
	"net"

	"smtpsh/protocol"
	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// Hosts remembers who was connected to, for completion: what :open takes,
// oldest first.
type Hosts interface {
	All() []string
	Add(target string)
}

// Open connects to t and waits for the greeting. It reports whether a
// connection stands.
func (sh *Shell) Open(ctx context.Context, t Target) bool {
	if t.MX != "" {
		return sh.openMX(ctx, t)
	}
	if !sh.connect(ctx, t) {
		return false
	}
	sh.greeted(ctx)
	switch start := sh.startsWith(sh.target); start {
	case byStartTLS:
		return sh.opened(sh.upgrade(ctx, start))
	case byChance:
		sh.upgrade(ctx, start)
	}
	return sh.hub.Session().Open()
}

// connect makes the connection, and the TLS handshake where that comes first.
// The greeting is still to come.
func (sh *Shell) connect(ctx context.Context, t Target) bool {
	sh.hangUp()
	if t.Practice {
		var ok bool
		if t, ok = sh.openPractice(ctx, t); !ok {
			return false
		}
		sh.hub.hush()
	}
	sh.target = t
	sh.trusted, sh.greeting, sh.raw = false, "", false
	start := sh.startsWith(t)
	if start == byImplicit || start == byStartTLS {
		sh.warmRoots()
	}
	conn, err := sh.dial(ctx, t, start == byImplicit)
	if err != nil {
		sh.refused(t, err)
		return false
	}
	sh.conn = conn
	if sh.deeds.target == (Target{}) {
		sh.deeds.target = t
	}
	if sh.Hosts != nil && !t.Practice && sh.Source.Interactive() {
		sh.Hosts.Add(t.String())
	}
	sh.hub.parkBy(conn.Park)
	return start != byImplicit || sh.secure(ctx)
}

// greeted waits for the greeting.
func (sh *Shell) greeted(ctx context.Context) {
	sh.await(ctx)
	if secured, _ := sh.hub.Session().Secured(); sh.hub.mute() && !secured && !sh.target.local() && ctx.Err() == nil {
		sh.note(view.Dim, "Nothing was said. A port that speaks TLS from the start waits for the client: \":open smtps://"+net.JoinHostPort(sh.target.Host, sh.target.Port)+"\" tries that.")
	}
}

// opened is whether an opened connection may be used. Where nobody is there
// to decide, one that was to be under TLS and is not may carry nothing.
func (sh *Shell) opened(secured bool) bool {
	if !secured && !sh.Source.Interactive() {
		if sh.hub.Session().Open() { // else it was lost before it came to that
			sh.fail(StatusTLS)
		}
		sh.hangUp()
	}
	return sh.hub.Session().Open()
}

// dial connects; at a terminal Ctrl-C stops it.
func (sh *Shell) dial(ctx context.Context, t Target, implicit bool) (conn *wire.Conn, err error) {
	emit := sh.hub.emit
	if sh.Ready != nil {
		emit = func(e protocol.Event) {
			if _, ok := e.(protocol.Opened); ok {
				<-sh.Ready
			}
			sh.hub.emit(e)
		}
	}
	d := &wire.Dialer{Emit: emit, Network: sh.Network, Timeout: sh.Timeout, Implicit: implicit, LMTP: t.LMTP}
	d.Bind = sh.path.bind
	if sh.hub.records.tapping() {
		d.Tap = sh.hub.records
	}
	if d.Proxy, err = sh.proxyFor(t); err != nil {
		return nil, err
	}
	if sh.header.text != "" {
		d.Preamble = sh.header.octets
	}
	if sh.dns != "" {
		d.Lookup = sh.resolver().LookupNetIP
	}
	if !sh.Source.Interactive() {
		d.WriteLimit = wire.BlockLimit // RFC 5321 §4.5.3.2.5, where nobody can press Ctrl-C
		return dialTarget(ctx, d, t)
	}
	sh.attend(ctx, "connecting to "+t.String(), func(ctx context.Context) { conn, err = dialTarget(ctx, d, t) })
	return conn, err
}

// dialTarget goes the way that a target names.
func dialTarget(ctx context.Context, d *wire.Dialer, t Target) (*wire.Conn, error) {
	switch {
	case t.Unix != "":
		return d.DialUnix(ctx, t.Unix)
	case t.Pipe != "":
		return d.DialPipe(ctx, t.Pipe)
	}
	return d.Dial(ctx, t.Host, t.Port)
}

// refused says in one line why there is no connection, and in a second what
// to try.
func (sh *Shell) refused(t Target, err error) {
	sh.hub.forgetMissed()
	sh.note(view.Bad, "No connection: "+err.Error())
	if t.Several {
		return
	}
	sh.fail(lostBy(err))
	if hint := advise(t, err); hint != "" {
		sh.note(view.Dim, hint)
	}
}

// lostBy is the exit status of a connection that did not come about.
func lostBy(err error) Status {
	var dial *wire.DialError
	if errors.As(err, &dial) && dial.Kind == wire.TimedOut {
		return StatusTimeout
	}
	return StatusLost
}

// advise is what to try when a connection failed.
func advise(t Target, err error) string {
	var dial *wire.DialError
	if !errors.As(err, &dial) {
		return ""
	}
	if t.local() {
		return "Nobody listens on that socket, or it may not be used from here: look at its path and its mode."
	}
	const practice = "; \":open practice\" needs no network at all"
	blocked := "Many providers block port 25: try the submission port, \":open " + t.Host + " 587\"" + practice + "."
	switch dial.Kind {
	case wire.Refused:
		if t.Port == defaultPort {
			return "Nothing listens on port 25 there, or a firewall refuses. " + blocked
		}
		return "The host is there, and nothing listens on port " + t.Port + ": try 25, 587 or 465" + practice + "."
	case wire.TimedOut:
		if t.Port == defaultPort {
			return "No answer at all: the host is down, or a firewall drops the packets. " + blocked
		}
		return "No answer at all: the host is down, or a firewall drops the packets" + practice + "."
	case wire.Unresolvable:
		if isAddress(t.Host) {
			return "That is an address of the other family: leave -4 or -6 out" + practice + "."
		}
		return "Check the spelling. Mail for a domain often goes to another host: \"dig MX " + t.Host + "\" tells which" + practice + "."
	case wire.Unreachable:
		return "There is no route: check the network, or force a family with -4 or -6" + practice + "."
	case wire.ProxyUnreachable:
		return "It is the proxy that does not answer: check its address" + practice + "."
	case wire.ProxyRefused:
		return "The proxy was reached and made no connection: it may not allow port " + t.Port + ", want a login, or not reach the host itself" + practice + "."
	case wire.Reset:
		return "Something cut the connection at once, often a firewall" + practice + "."
	case wire.Cancelled:
		return "Stopped by Ctrl-C. :reconnect tries again."
	case wire.Other:
	}
	return ""
}

// reconnect opens the last target again, and brings back the line that was
// typed without a connection.
func (sh *Shell) reconnect(ctx context.Context) {
	if sh.target == (Target{}) {
		sh.note(view.Caution, "Nothing was opened yet: :open HOST does.")
		return
	}
	sh.Open(ctx, sh.target)
}

// bringBack puts the kept line into the edit line once there is a connection.
func (sh *Shell) bringBack() {
	if sh.edit.kept != "" && sh.hub.Session().Mode() == protocol.ModeCommand {
		sh.edit.offer = offer{text: sh.edit.kept}
		sh.edit.kept = ""
	}
}
