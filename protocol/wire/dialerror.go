package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
)

// DialKind says in what way a dial failed. The higher value is the better
// news of several: a host that refused was reached, one that is silent may be
// there.
type DialKind uint8

const (
	// Other is a failure that fits nothing else.
	Other DialKind = iota
	// Unresolvable is a name without an address, or name servers that fail.
	Unresolvable
	// ProxyUnreachable is a proxy to which there is no connection.
	ProxyUnreachable
	// Unreachable is an address to which there is no route.
	Unreachable
	// TimedOut is an address that did not answer at all.
	TimedOut
	// Reset is a connection that was cut while it was being made.
	Reset
	// Refused is a host that answered that nothing listens on the port.
	Refused
	// ProxyRefused is a proxy that was reached and made no connection.
	ProxyRefused
	// Cancelled is a dial that the user gave up.
	Cancelled
)

// String names the kind in a few words.
func (k DialKind) String() string {
	switch k {
	case Other:
		return "failed"
	case Unresolvable:
		return "name does not resolve"
	case ProxyUnreachable:
		return "the proxy cannot be reached"
	case Unreachable:
		return "no route to the host"
	case TimedOut:
		return "timed out"
	case Reset:
		return "connection reset"
	case Refused:
		return "connection refused"
	case ProxyRefused:
		return "the proxy refused"
	case Cancelled:
		return "cancelled"
	}
	return "unknown"
}

// DialError is why no connection came to be. Of several addresses it tells
// the failure that says most.
type DialError struct {
	Kind DialKind
	Host string // as asked for; "" in a Missed event, which names the address
	Port string // "" for a socket of this machine and for a command
	// Proxy is what was to be connected through, without its password; "" for
	// none, and in a Missed event.
	Proxy string
	Err   error // the cause, without addresses in its text
}

// errUnknownPort is when a port is neither a number in range nor a service
// that the system knows.
var errUnknownPort = errors.New("unknown port")

// noFamily is a host without an address of the family that was asked for.
type noFamily string

func (f noFamily) Error() string { return "no IPv" + string(f) + " address" }

// wrongFamily is an address that cannot be reached from the one that was asked
// for by Dialer.Bind.
type wrongFamily struct{ from, to netip.Addr }

func (f wrongFamily) Error() string {
	from, to := "IPv6", "IPv4"
	if f.from.Is4() {
		from, to = to, from
	}
	return fmt.Sprintf("from the %s address %s no %s address can be reached", from, f.from, to)
}

// Error is one line: what was tried, and the reason in words that do not
// depend on the system.
func (e *DialError) Error() string {
	switch {
	case e.Host == "":
		return e.Reason()
	case e.Port == "": // what is no host has its name alone
		return "connect to " + e.Host + ": " + e.Reason()
	case e.Kind == Unresolvable:
		return "resolve " + e.Host + ": " + e.Reason()
	}
	through := ""
	if e.Proxy != "" {
		through = " through " + e.Proxy
	}
	return "connect to " + net.JoinHostPort(unbracketed(e.Host), e.Port) + through + ": " + e.Reason()
}

// Reason is the error without what it was that was tried.
func (e *DialError) Reason() string {
	var dns *net.DNSError
	switch {
	case e.Err == nil:
	case e.Kind == Other, e.Kind == ProxyRefused:
		return e.Err.Error()
	case e.Kind == ProxyUnreachable:
		return e.Kind.String() + ": " + e.Err.Error()
	case e.Kind != Unresolvable:
	case notFound(e.Err):
		return "no such host"
	case classify(e.Err) == TimedOut, errors.As(e.Err, &dns) && dns.IsTimeout:
		return "name lookup timed out"
	case errors.As(e.Err, &dns):
		return "name lookup failed: " + dns.Err
	default:
		return e.Err.Error()
	}
	return e.Kind.String()
}

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// ErrorKind is the kind in one word that does not change, for a program that
// reads a record.
func (e *DialError) ErrorKind() string { return dialKinds[e.Kind] }

// dialKinds are the words of ErrorKind.
var dialKinds = [...]string{Other: "other", Unresolvable: "unresolvable", Unreachable: "unreachable", TimedOut: "timeout",
	Reset: "reset", Refused: "refused", Cancelled: "cancelled", ProxyUnreachable: "proxy-unreachable", ProxyRefused: "proxy-refused"}

// Temporary reports that trying again later may help: name servers that
// failed rather than a name that they said does not exist, and likewise a
// host that is silent or out of reach.
func (e *DialError) Temporary() bool {
	switch e.Kind {
	case Unresolvable:
		var family noFamily
		return !notFound(e.Err) && !errors.As(e.Err, &family)
	case Unreachable, TimedOut, Reset, ProxyUnreachable:
		return true
	case Other, Refused, ProxyRefused, Cancelled:
	}
	return false
}

// missOf is the error of one address.
func missOf(err error) *DialError {
	var miss *DialError
	if errors.As(err, &miss) {
		return miss
	}
	return &DialError{Kind: classify(err), Err: bare(err)}
}

// notFound reports an answer of the name servers that there is no such name,
// or no address for it.
func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// classify tells the kind of failure from an error of the net package.
func classify(err error) DialKind {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.As(err, &dns):
		return Unresolvable
	case isAny(err, refusedErrnos):
		return Refused
	case isAny(err, resetErrnos):
		return Reset
	case isAny(err, unreachableErrnos):
		return Unreachable
	case errors.Is(err, context.DeadlineExceeded), isAny(err, timedOutErrnos),
		errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	}
	return Other
}

// isAny reports whether err comes from one of the system's error numbers.
func isAny(err error, errnos []syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(errnos, errno)
}

// bare takes the addresses and the name of the system call off an error: the
// event tells the one, and the other says nothing to the reader.
func bare(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		err = file.Err
	}
	return err
}
