package wire

import (
	"bytes"
	"strings"
	"testing"
)

// BenchmarkStuffing turns a block of ordinary text into octets for DATA.
func BenchmarkStuffing(b *testing.B) {
	line := strings.Repeat("The quick brown fox jumps. ", 3)[:70]
	for _, row := range []struct{ name, text string }{
		{"CRLF", line + "\r\n"},
		{"LF", line + "\n"},
		{"CR", line + "\r"},
		{"dots", "." + line + "\r\n"},
		{"empty lines", "\n"},
		{"one line", line},
	} {
		b.Run(row.name, func(b *testing.B) {
			src := bytes.Repeat([]byte(row.text), block/len(row.text))
			dst := make([]byte, 0, 2*block)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				var s Stuffing
				dst = s.Append(dst[:0], src)
			}
		})
	}
}
