package wire

import (
	"context"
	"net"
)

// localhost is the name that a server of this machine is asked for under TLS,
// where Security names none.
const localhost = "localhost"

// DialUnix connects to a socket of this machine, as LMTP servers have one. The
// events and the error are those of Dial, with "unix:" and the path for the
// host and the address.
func (d *Dialer) DialUnix(ctx context.Context, path string) (*Conn, error) {
	return d.local(ctx, "unix:"+path, func(ctx context.Context, _ string) (net.Conn, error) {
		var nd net.Dialer
		return nd.DialContext(ctx, "unix", path)
	})
}

// DialPipe runs a command by the system's shell and speaks to its standard
// input and output, as to "exim -bs". The events and the error are those of
// Dial, with "pipe:" and the command for the host and the address. That a
// command is no program shows only once it runs: the connection then closes at
// once.
//
// The connection ends when the command closes its standard output, and then
// the command is ended, before the Closed event: its standard input is closed,
// and if it is not gone in time it is killed, with what it started. If it
// ended by itself and failed, Closed.Err is a *CommandError. It has no part in
// the terminal's signals, and what it says on standard error is shown nowhere
// else.
func (d *Dialer) DialPipe(ctx context.Context, command string) (*Conn, error) {
	return d.local(ctx, "pipe:"+command, func(context.Context, string) (net.Conn, error) {
		return start(command)
	})
}

// local opens what needs no name resolved and no addresses raced.
func (d *Dialer) local(ctx context.Context, name string, connect func(context.Context, string) (net.Conn, error)) (*Conn, error) {
	ctx, cancel := d.limited(ctx)
	defer cancel()
	won, fail := d.alone(ctx, name, connect)
	if fail == nil {
		var c *Conn
		if c, fail = d.open(won, name); fail == nil {
			c.host = localhost
			return c, nil
		}
	}
	return nil, &DialError{Kind: fail.Kind, Host: name, Err: fail.Err}
}
