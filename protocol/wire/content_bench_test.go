package wire

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// discarding is a connection over loopback to a peer that takes everything.
func discarding(b *testing.B) *Conn {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if far, err := ln.Accept(); err == nil {
			buf := make([]byte, 1<<20)
			for err == nil {
				_, err = far.Read(buf)
			}
			_ = far.Close()
		}
	}()
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	c, err := (&Dialer{Emit: func(protocol.Event) {}}).Dial(b.Context(), host, port)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		c.Close(protocol.ByUser)
		<-c.Done()
	})
	return c
}

// BenchmarkContent sends messages over loopback.
func BenchmarkContent(b *testing.B) {
	line := strings.Repeat("The quick brown fox jumps. ", 3)[:70] + "\n"
	for _, row := range []struct {
		name string
		size int
	}{{"1K", 1 << 10}, {"50M", 50 << 20}} {
		text := bytes.Repeat([]byte(line), row.size/len(line))
		run := func(name string, send func(*Conn, io.Reader) error) {
			b.Run(name+"/"+row.name, func(b *testing.B) {
				c := discarding(b)
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					if err := send(c, bytes.NewReader(text)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("DATA", func(c *Conn, r io.Reader) error { return c.SendContent(r, Transfer{}) })
		run("BDAT", func(c *Conn, r io.Reader) error { return c.SendChunk("BDAT", r, int64(len(text)), Transfer{}) })
	}
}
