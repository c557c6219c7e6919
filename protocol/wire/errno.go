//go:build !windows

package wire

import "syscall"

// The system's error numbers, by what they mean for a connection.
var (
	refusedErrnos     = []syscall.Errno{syscall.ECONNREFUSED}
	resetErrnos       = []syscall.Errno{syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE}
	timedOutErrnos    = []syscall.Errno{syscall.ETIMEDOUT}
	unreachableErrnos = []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN,
		// A machine without an address of the family says one of these.
		syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
	}
)
