package wire

import (
	"net"
	"syscall"
)

// quickAck has the kernel acknowledge at once what comes next, until something
// is written again. A server sends its session tickets behind the handshake
// (RFC 8446 §4.6.1), and where Nagle's algorithm keeps its answer to EHLO back
// until they are acknowledged, Linux would put that off by 40 ms.
func quickAck(conn net.Conn) {
	if t, ok := conn.(*tapped); ok {
		conn = t.Conn
	}
	socket, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := socket.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // a wish, never needed
		})
	}
}
