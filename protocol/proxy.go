package protocol

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// proxySignature begins a header of version 2. It is no text of any protocol
// that a server may wait for (proxy-protocol §2.2).
const proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

// ProxyHeader is the header of the PROXY protocol, which a proxy puts before
// the first octet of a connection to tell a server whose it is: version 1 is a
// line of text, version 2 is binary. Src is the client to speak for and dst
// the address that it connected to, both of TCP and of one family. Without a
// src the header says nothing of a client: "UNKNOWN" in version 1, the command
// LOCAL in version 2. The specification is HAProxy's doc/proxy-protocol.txt.
func ProxyHeader(version int, src, dst netip.AddrPort) ([]byte, error) {
	if version != 1 && version != 2 {
		return nil, fmt.Errorf("PROXY header: version %d is neither 1 nor 2", version)
	}
	if !src.IsValid() {
		if version == 1 {
			return []byte("PROXY UNKNOWN\r\n"), nil
		}
		return append([]byte(proxySignature), 0x20, 0, 0, 0), nil
	}
	from, to := src.Addr().Unmap().WithZone(""), dst.Addr().Unmap().WithZone("")
	switch {
	case !to.IsValid():
		return nil, fmt.Errorf("PROXY header: there is no destination for the source %s", from)
	case from.Is4() != to.Is4():
		return nil, fmt.Errorf("PROXY header: the source %s and the destination %s are of two families", from, to)
	case version == 1:
		family := "TCP6"
		if from.Is4() {
			family = "TCP4"
		}
		return fmt.Appendf(nil, "PROXY %s %s %s %d %d\r\n", family, from, to, src.Port(), dst.Port()), nil
	}
	header := append([]byte(proxySignature), 0x21) // version 2, the command PROXY
	if from.Is4() {
		header = append(header, 0x11, 0, 2*4+2*2)
	} else {
		header = append(header, 0x21, 0, 2*16+2*2)
	}
	header = append(append(header, from.AsSlice()...), to.AsSlice()...)
	header = binary.BigEndian.AppendUint16(header, src.Port())
	return binary.BigEndian.AppendUint16(header, dst.Port()), nil
}
