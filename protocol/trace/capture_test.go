package trace

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"smtpsh/protocol"
)

// dissected is what another reader of pcapng finds in a capture.
type dissected struct {
	comment string
	streams map[string]string // the octets that an end sent, in order, by "address:port"
	times   []time.Time       // of the packets with data
	sizes   []int             // of their data
	flags   []string          // of each packet: "S", "SA", "PA"
}

// dissect reads a capture with gopacket, and holds that every packet is sound:
// its checksums, and its numbers against those of the packets before it.
func dissect(t *testing.T, capture []byte) dissected {
	t.Helper()
	d := dissected{streams: map[string]string{}}
	next := map[string]uint32{}
	options := pcapgo.DefaultNgReaderOptions
	r, err := pcapgo.NewNgReader(bytes.NewReader(capture), options)
	if err != nil {
		t.Fatal(err)
	}
	d.comment = r.SectionInfo().Comment
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(data, layers.LinkTypeRaw, gopacket.Default)
		if failed := packet.ErrorLayer(); failed != nil {
			t.Fatal(failed.Error())
		}
		tcp := packet.TransportLayer().(*layers.TCP)
		if err := tcp.SetNetworkLayerForChecksum(packet.NetworkLayer()); err != nil {
			t.Fatal(err)
		}
		if err, mismatches := packet.VerifyChecksums(); err != nil || len(mismatches) > 0 {
			t.Fatalf("checksums: %v %v", err, mismatches)
		}
		from := packet.NetworkLayer().NetworkFlow().Src().String() + ":" + tcp.TransportFlow().Src().String()
		to := packet.NetworkLayer().NetworkFlow().Dst().String() + ":" + tcp.TransportFlow().Dst().String()
		d.flags = append(d.flags, flagsOf(tcp))
		if want, known := next[from]; known && !tcp.SYN && tcp.Seq != want {
			t.Fatalf("%s sent number %d, and %d is next", from, tcp.Seq, want)
		}
		if want, known := next[to]; known && tcp.ACK && tcp.Ack != want {
			t.Fatalf("%s acknowledged %d, and %d is next", from, tcp.Ack, want)
		}
		next[from] = tcp.Seq + uint32(len(tcp.Payload))
		if tcp.SYN || tcp.FIN {
			next[from]++
		}
		if len(tcp.Payload) > 0 {
			d.streams[from] += string(tcp.Payload)
			d.times, d.sizes = append(d.times, info.Timestamp.UTC()), append(d.sizes, len(tcp.Payload))
		}
	}
	return d
}

func flagsOf(tcp *layers.TCP) string {
	flags := ""
	for _, f := range []struct {
		set  bool
		name string
	}{{tcp.SYN, "S"}, {tcp.FIN, "F"}, {tcp.RST, "R"}, {tcp.PSH, "P"}, {tcp.ACK, "A"}} {
		if f.set {
			flags += f.name
		}
	}
	return flags
}

// capturing is a capture that is tapped, and the session that it is told of.
type capturing struct {
	Capture
	out bytes.Buffer
	s   protocol.Session
}

func capturingWith(t *testing.T, o Options) *capturing {
	t.Helper()
	c := &capturing{}
	var err error
	if c.Capture, err = NewCapture(&c.out, o); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *capturing) emit(e protocol.Event) {
	after := c.s.After(e)
	c.Event(c.s, after, e)
	c.s = after
}

func TestCaptureOfATap(t *testing.T) {
	for _, row := range []struct{ address, local, client, server, comment string }{
		{"192.0.2.25:25", "192.0.2.7:51234", "192.0.2.7:51234", "192.0.2.25:25", ""},
		{"[2001:db8::25]:25", "[2001:db8::7]:51234", "2001:db8::7:51234", "2001:db8::25:25", ""},
		{"[fe80::25%eth0]:2525", "[fe80::7%eth0]:51234", "fe80::7:51234", "fe80::25:2525", "tcp.port==2525,smtp"},
		{"/run/lmtp", "@", "127.0.0.1:49152", "127.0.0.1:25", "The peer was /run/lmtp, which is no address of the Internet; it is shown on the loopback."},
		{"192.0.2.25:25", "", "0.0.0.0:49152", "192.0.2.25:25", "The address of this end is not known."},
		{"[2001:db8::25]:25", "192.0.2.7:1", ":::49152", "2001:db8::25:25", "The address of this end is not known."},
	} {
		c := capturingWith(t, Options{Tapped: true})
		at := protocol.At{Time: noon}
		message := strings.Repeat("x", 200_000)
		c.emit(protocol.Trying{At: at, Address: row.address})
		c.emit(protocol.Opened{At: protocol.At{Time: noon.Add(time.Millisecond)}, Host: "mx", Address: row.address, Local: row.local})
		c.Read(noon.Add(2*time.Millisecond+3), []byte("220 m"))
		c.Read(noon.Add(3*time.Millisecond), []byte("x\r\n"))
		c.emit(received(at, "220 mx\r\n"))
		c.emit(protocol.Sent{At: at, Kind: protocol.SentContent, Raw: []byte(message)})
		c.Wrote(noon.Add(4*time.Millisecond), []byte(message))
		c.emit(protocol.Closed{At: at, By: protocol.ByUser})
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		d := dissect(t, c.out.Bytes())
		if d.streams[row.client] != message || d.streams[row.server] != "220 mx\r\n" || len(d.streams) != 2 {
			t.Errorf("%s: the streams are of %d and %d octets, %d of them", row.address, len(d.streams[row.client]), len(d.streams[row.server]), len(d.streams))
		}
		if got := strings.Join(d.flags, " "); got != "S SA A PA PA PA PA PA PA FA FA A" {
			t.Errorf("%s: the packets are %s", row.address, got)
		}
		if len(d.sizes) != 6 || d.sizes[0] != 5 || d.sizes[2] != maxSegment || !d.times[0].Equal(noon.Add(2*time.Millisecond+3)) || !d.times[5].Equal(noon.Add(4*time.Millisecond)) {
			t.Errorf("%s: sizes %v at %v", row.address, d.sizes, d.times)
		}
		if !strings.Contains(d.comment, "reconstructed") || !strings.Contains(c.out.String(), row.comment) {
			t.Errorf("%s: the comments say %q", row.address, d.comment)
		}
	}
}

func TestCaptureOfTheEnd(t *testing.T) {
	for _, row := range []struct {
		closed protocol.Closed
		want   string
	}{
		{protocol.Closed{By: protocol.ByPeer}, "FA FA A"},
		{protocol.Closed{By: protocol.ByPeer, Err: io.EOF}, "FA FA A"},
		{protocol.Closed{By: protocol.ByPeer, Err: io.ErrShortWrite}, "RA"},
		{protocol.Closed{By: protocol.ByFault, Err: io.ErrShortWrite}, "FA FA A"},
	} {
		c := capturingWith(t, Options{})
		c.emit(protocol.Opened{Address: "192.0.2.25:25", Local: "192.0.2.7:51234"})
		c.emit(row.closed)
		c.emit(row.closed) // there is no connection any more
		if d := dissect(t, c.out.Bytes()); strings.Join(d.flags, " ") != "S SA A "+row.want {
			t.Errorf("%+v: %v", row.closed, d.flags)
		}
	}
}

// TestCaptureOfEvents makes packets of events alone, and of a session under
// TLS a second connection.
func TestCaptureOfEvents(t *testing.T) {
	d := dissect(t, []byte(record(t, "pcapng", Options{}, sample()...)))
	server, before, under := d.streams["192.0.2.25:25"], d.streams["192.0.2.7:51234"], d.streams["192.0.2.7:51235"]
	if before != "EHLO client.example.net\r\nSTARTTLS\r\n" || !strings.HasPrefix(under, "EHLO client.example.net\r\nAUTH PLAIN ****\r\nMAIL FROM: <alice") || !strings.HasSuffix(under, "\r\n.\r\nQUIT\r\n") {
		t.Errorf("the client sent %q and %q", before, under)
	}
	if !strings.HasPrefix(server, "220 mx1") || !strings.HasSuffix(server, "221 2.0.0 Bye\r\n") {
		t.Errorf("the server sent %q", server)
	}
	counted := record(t, "pcapng", Options{Count: true}, sample()...)
	if strings.Contains(counted, "Hello") || !strings.Contains(counted, "octets were counted and not recorded") {
		t.Error("the message was not counted")
	}
	dissect(t, []byte(counted))
}

// TestCaptureBeginsInTheMiddle records a connection that stood before.
func TestCaptureBeginsInTheMiddle(t *testing.T) {
	c := capturingWith(t, Options{Tapped: true})
	c.s = fold([]protocol.Event{protocol.Opened{Host: "mx", Address: "192.0.2.25:25"}, received(protocol.At{}, "220 mx\r\n")})
	c.emit(protocol.Sent{Raw: []byte("NOOP\r\n")})
	c.Wrote(noon, []byte("NOOP\r\n"))
	c.Read(noon, []byte("250 ok\r\n"))
	_ = c.Close()
	c.Read(noon, []byte("behind the end"))
	d := dissect(t, c.out.Bytes())
	if d.streams["192.0.2.25:25"] != "250 ok\r\n" || !strings.Contains(c.out.String(), "the recording began in the middle of the connection") {
		t.Errorf("%q", d.streams)
	}
}

// TestCaptureMasks cuts a login into writes in every way.
func TestCaptureMasks(t *testing.T) {
	sent := []protocol.Sent{{Raw: []byte("EHLO me\r\n")}, {Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true}, {Kind: protocol.SentResponse, Raw: []byte("cGFzc3dvcmQ=\r\n"), Secret: true}, {Raw: []byte("NOOP\r\n")}}
	var all []byte
	for _, s := range sent {
		all = append(all, s.Raw...)
	}
	const want = "EHLO me\r\nAUTH PLAIN ****\r\n****\r\nNOOP\r\nbeyond"
	for i := range all {
		for j := i; j <= len(all); j++ {
			c := capturingWith(t, Options{Tapped: true})
			c.emit(protocol.Opened{Address: "192.0.2.25:25", Local: "192.0.2.7:51234"})
			for _, s := range sent {
				c.emit(s)
			}
			for _, piece := range [][]byte{all[:i], all[i:j], all[j:], []byte("beyond")} {
				c.Wrote(noon, piece)
			}
			_ = c.Close()
			if got := dissect(t, c.out.Bytes()).streams["192.0.2.7:51234"]; got != want {
				t.Fatalf("written in pieces at %d and %d: %q", i, j, got)
			}
		}
	}
}

// TestCaptureMasksEchoes has a server say a login back, in pieces cut in every
// way.
func TestCaptureMasksEchoes(t *testing.T) {
	const reply = "500-unknown: AUHT PLAIN c2VjcmV0\r\n500 c2VjcmV0"
	for i := range reply {
		c := capturingWith(t, Options{Tapped: true})
		c.emit(protocol.Opened{Address: "192.0.2.25:25", Local: "192.0.2.7:51234"})
		login := protocol.Sent{Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true}
		c.emit(login)
		c.Wrote(noon, login.Raw)
		c.Read(noon, []byte(reply[:i]))
		c.Read(noon, []byte(reply[i:]))
		c.emit(protocol.Closed{})
		_ = c.Close()
		if got, want := dissect(t, c.out.Bytes()).streams["192.0.2.25:25"], "500-unknown: AUHT PLAIN ****\r\n500 ****"; got != want {
			t.Fatalf("read in pieces at %d: %q", i, got)
		}
	}
}

// TestCaptureMasksEchoesInALongLine has a server say logins back in a line that
// does not end: no more of it waits than a line may have, and wherever it is cut
// no credential is.
func TestCaptureMasksEchoesInALongLine(t *testing.T) {
	const short, long = "c2VjcmV0", "c2VjcmV0LWFuZC1tb3Jl"
	for shift := range 2 * len(long) {
		c := capturingWith(t, Options{Tapped: true})
		c.emit(protocol.Opened{Address: "192.0.2.25:25", Local: "192.0.2.7:51234"})
		for _, secret := range []string{short, long} {
			login := protocol.Sent{Raw: []byte("AUTH PLAIN " + secret + "\r\n"), Secret: true}
			c.emit(login)
			c.Wrote(noon, login.Raw)
		}
		pad := strings.Repeat("x", shift)
		n := 3 * keptLine / len(pad+long+short[:5])
		told, want := strings.Repeat(pad+long+short[:5], n), strings.Repeat(pad+"****"+short[:5], n)
		told, want = told+short+"\r\n", want+"****\r\n"
		for b := []byte(told); len(b) > 0; {
			n := min(len(b), 4096)
			c.Read(noon, b[:n])
			if b = b[n:]; len(c.Capture.(*capture).packets.masks.kept) > keptLine {
				t.Fatalf("%d octets wait for the end of a line", len(c.Capture.(*capture).packets.masks.kept))
			}
		}
		c.emit(protocol.Closed{})
		_ = c.Close()
		if got := dissect(t, c.out.Bytes()).streams["192.0.2.25:25"]; got != want {
			t.Fatalf("shift %d: %d octets, want %d; a credential is in it: %t", shift, len(got), len(want), strings.Contains(got, short))
		}
	}
}

// TestCaptureHoldsAHandshake holds that the packets of a handshake stand behind
// its secrets, and that without being asked for these are not there at all.
func TestCaptureHoldsAHandshake(t *testing.T) {
	const secret = "CLIENT_RANDOM 00 11\n"
	for _, keys := range []bool{false, true} {
		c := capturingWith(t, Options{Tapped: true, Keys: keys, Live: true})
		c.emit(protocol.Opened{Address: "192.0.2.25:465", Local: "192.0.2.7:51234"})
		c.Wrote(noon, []byte("\x16hello"))
		c.Read(noon, []byte("\x16server"))
		if _, err := c.KeyLog().Write([]byte(secret)); err != nil {
			t.Fatal(err)
		}
		if held := !strings.Contains(c.out.String(), "hello"); held != keys {
			_ = c.Flush()
			if held = !strings.Contains(c.out.String(), "hello"); held != keys {
				t.Errorf("keys %t: held %t", keys, held)
			}
		}
		c.emit(protocol.Secured{})
		c.Wrote(noon, []byte("\x17data"))
		_ = c.Close()
		text := c.out.String()
		if at := strings.Index(text, secret); (at >= 0) != keys || keys && at > strings.Index(text, "\x16hello") {
			t.Errorf("keys %t: the secrets are at %d", keys, at)
		}
		if d := dissect(t, c.out.Bytes()); d.streams["192.0.2.7:51234"] != "\x16hello\x17data" {
			t.Errorf("%q", d.streams)
		}
	}
	c := capturingWith(t, Options{Tapped: true, Keys: true})
	c.emit(protocol.Opened{Address: "192.0.2.25:465", Local: "192.0.2.7:51234"})
	c.Wrote(noon, append([]byte{22}, make([]byte, maxWaiting)...)) // no handshake is that long
	if len(c.out.Bytes()) < maxWaiting {
		t.Error("what never ends is held without an end")
	}
	if _, err := NewCapture(io.Discard, Options{Redact: []string{"hosts"}}); !errors.Is(err, errRedact) {
		t.Errorf("%v", err)
	}
}

func BenchmarkCapture(b *testing.B) {
	c, err := NewCapture(io.Discard, Options{Tapped: true})
	if err != nil {
		b.Fatal(err)
	}
	opened := protocol.Opened{Address: "192.0.2.25:25", Local: "192.0.2.7:51234"}
	before := protocol.Session{}.After(opened)
	c.Event(protocol.Session{}, before, opened)
	var sent, reply protocol.Event = protocol.Sent{Raw: []byte("NOOP\r\n")}, received(protocol.At{Time: noon}, "250 ok\r\n")
	between := before.After(sent)
	b.ReportAllocs()
	for b.Loop() {
		c.Event(before, between, sent)
		c.Wrote(noon, []byte("NOOP\r\n"))
		c.Read(noon, []byte("250 ok\r\n"))
		c.Event(between, before, reply)
	}
}
