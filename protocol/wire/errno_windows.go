package wire

import "syscall"

// The system's error numbers, by what they mean for a connection. Winsock has
// numbers of its own; the syscall.E… names never come from it.
var (
	refusedErrnos     = []syscall.Errno{10061}               // WSAECONNREFUSED
	resetErrnos       = []syscall.Errno{10053, 10054, 10058} // WSAECONNABORTED, WSAECONNRESET, WSAESHUTDOWN
	timedOutErrnos    = []syscall.Errno{10060}               // WSAETIMEDOUT
	unreachableErrnos = []syscall.Errno{
		10051, 10065, 10050, 10064, // WSAENETUNREACH, WSAEHOSTUNREACH, WSAENETDOWN, WSAEHOSTDOWN
		10049, 10047, // WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT
	}
)
