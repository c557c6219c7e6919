package message

import (
	"io"
	"strings"
	"testing"
)

func BenchmarkChecker(b *testing.B) {
	line := "It is a truth universally acknowledged, that a line has some sixty octets.\r\n"
	texts := []struct{ name, text string }{
		{"text", strings.Repeat(line, 1<<20/len(line))},
		{"short lines", strings.Repeat("ten octets\r\n", 1<<20/12)},
		{"8-bit", strings.Repeat("Grüße und Küsse überall, in jeder Zeile ein paar.\r\n", 1<<20/54)},
		{"one line", strings.Repeat("x", 1<<20)},
	}
	for _, bb := range texts {
		b.Run(bb.name, func(b *testing.B) {
			text := []byte(bb.text)
			var c Checker
			c.Write([]byte(plain))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				c.Write(text)
			}
		})
	}
}

func BenchmarkWriteToAttachment(b *testing.B) {
	d := usual()
	d.Attachments = []Attachment{endless(50 << 20)}
	m, err := d.Measure()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(m.Size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWithoutBcc(b *testing.B) {
	text := plain + strings.Repeat("A line of the body, of sixty octets or so, and not long.\r\n", 1<<14)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.Copy(io.Discard, WithoutBcc(strings.NewReader(text))); err != nil {
			b.Fatal(err)
		}
	}
}
