package protocol

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

// TestProxyHeader has the examples of the specification (§2.1, §2.2), and the
// lengths that it gives for them.
func TestProxyHeader(t *testing.T) {
	const most6 = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
	const signature = "0d0a0d0a000d0a515549540a"
	for _, row := range []struct {
		version  int
		src, dst string
		want     string // in hexadecimal for version 2
		length   int
	}{
		{1, "192.168.0.1:56324", "192.168.0.11:443", "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", 47},
		{1, "255.255.255.255:65535", "255.255.255.255:65535", "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", 56},
		{1, most6, most6, "PROXY TCP6 " + strings.Repeat("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ", 2) + "65535 65535\r\n", 104},
		{1, "", "192.0.2.1:25", "PROXY UNKNOWN\r\n", 15},
		{1, "[2001:db8::7]:1", "[::1]:25", "PROXY TCP6 2001:db8::7 ::1 1 25\r\n", 33},
		{1, "[::ffff:192.0.2.1]:0", "192.0.2.2:25", "PROXY TCP4 192.0.2.1 192.0.2.2 0 25\r\n", 37},
		{1, "[fe80::1%eth0]:9", "[fe80::2%eth0]:25", "PROXY TCP6 fe80::1 fe80::2 9 25\r\n", 33},
		{2, "192.168.0.1:56324", "192.168.0.11:443", signature + "21" + "11" + "000c" + "c0a80001" + "c0a8000b" + "dc04" + "01bb", 16 + 12},
		{2, "[2001:db8::7]:1", "[::1]:25", signature + "21" + "21" + "0024" +
			"20010db8000000000000000000000007" + "00000000000000000000000000000001" + "0001" + "0019", 16 + 36},
		{2, "", "", signature + "20" + "00" + "0000", 16},
	} {
		src, dst := addrPort(row.src), addrPort(row.dst)
		got, err := ProxyHeader(row.version, src, dst)
		text := string(got)
		if row.version == 2 {
			text = hex.EncodeToString(got)
		}
		if err != nil || text != row.want || len(got) != row.length {
			t.Errorf("version %d, %s to %s: %q of %d octets, %v; want %q of %d", row.version, row.src, row.dst, text, len(got), err, row.want, row.length)
		}
	}
}

func TestProxyHeaderRefuses(t *testing.T) {
	for _, row := range []struct {
		version        int
		src, dst, want string
	}{
		{3, "192.0.2.1:1", "192.0.2.2:25", "PROXY header: version 3 is neither 1 nor 2"},
		{1, "192.0.2.1:1", "", "PROXY header: there is no destination for the source 192.0.2.1"},
		{2, "192.0.2.1:1", "[::1]:25", "PROXY header: the source 192.0.2.1 and the destination ::1 are of two families"},
	} {
		if got, err := ProxyHeader(row.version, addrPort(row.src), addrPort(row.dst)); err == nil || err.Error() != row.want || got != nil {
			t.Errorf("version %d, %s to %s: %q, %v; want %s", row.version, row.src, row.dst, got, err, row.want)
		}
	}
}

func addrPort(text string) netip.AddrPort {
	if text == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(text)
}
