//go:build !linux

package wire

import "net"

// quickAck has the kernel acknowledge at once what comes next, on systems that
// can be asked.
func quickAck(net.Conn) {}
