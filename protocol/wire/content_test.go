package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"smtpsh/protocol"
)

// ragged gives what r has in pieces of random sizes, the end sometimes along
// with the last of them.
type ragged struct {
	text   []byte
	most   int
	random *rand.Rand
}

func (r *ragged) Read(b []byte) (int, error) {
	n := copy(b[:min(len(b), 1+r.random.IntN(r.most))], r.text)
	r.text = r.text[n:]
	if len(r.text) == 0 && (n == 0 || r.random.IntN(2) == 0) {
		return n, io.EOF
	}
	return n, nil
}

// took is everything that a peer took, read in pieces of random sizes.
func took(far net.Conn, most int, random *rand.Rand) <-chan []byte {
	all := make(chan []byte, 1)
	go func() {
		var got []byte
		for {
			b := make([]byte, 1+random.IntN(most))
			n, err := far.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				all <- got
				return
			}
		}
	}()
	return all
}

// transferred has send send over a pipe, and gives the octets that arrived
// and the Sent events that told of them.
func transferred(t *testing.T, most int, seed uint64, send func(*Conn, *rand.Rand) error) ([]byte, []protocol.Sent) {
	t.Helper()
	l := newLog(t)
	d, far := pipe(t, l)
	c := open(t, d, "192.0.2.1:25")
	all := took(far, most, rand.New(rand.NewPCG(seed, 1)))
	if err := send(c, rand.New(rand.NewPCG(seed, 2))); err != nil {
		t.Fatal(err)
	}
	c.Close(protocol.ByUser)
	<-c.Done()
	var told []protocol.Sent
	for _, e := range l.events {
		if s, ok := e.(protocol.Sent); ok {
			told = append(told, s)
		}
	}
	return <-all, told
}

// checkTransfer sends a message as content, raw content, and one chunk, and
// holds what arrives against it.
func checkTransfer(t *testing.T, message []byte, most int, seed uint64) {
	t.Helper()
	for _, raw := range []bool{false, true} {
		counted := int64(0)
		o := Transfer{Raw: raw, Progress: func(sent int64) { counted = sent }}
		got, told := transferred(t, most, seed, func(c *Conn, random *rand.Rand) error {
			return c.SendContent(&ragged{message, most, random}, o)
		})
		if raw {
			end, ok := bytes.CutPrefix(got, message)
			if !ok || string(end) != FinalDot && string(end) != "\r\n"+FinalDot {
				t.Fatalf("raw %.80q arrives as %.80q", message, got)
			}
		} else if text, behind, ended := received(got); !ended || len(behind) > 0 || !bytes.Equal(text, normal(message)) {
			t.Fatalf("%.80q arrives as %.80q, ended %v, with %.80q behind it", message, text, ended, behind)
		}
		var sum []byte
		for i, s := range told {
			sum = append(sum, s.Raw...)
			if s.Kind != protocol.SentContent || len(s.Raw) > block || s.Last != (i == len(told)-1) || s.Last && !bytes.HasSuffix(s.Raw, []byte(FinalDot)) {
				t.Fatalf("event %d of %d: %d octets, %.80v", i, len(told), len(s.Raw), s)
			}
		}
		if !bytes.Equal(sum, got) || counted != int64(len(got)) {
			t.Fatalf("%d octets arrived, %d were told of, %d counted", len(got), len(sum), counted)
		}
	}
	line := fmt.Sprintf("BDAT %d LAST", len(message))
	got, told := transferred(t, most, seed, func(c *Conn, random *rand.Rand) error {
		return c.SendChunk(line, &ragged{message, most, random}, int64(len(message)), Transfer{})
	})
	if want := line + "\r\n" + string(message); string(got) != want {
		t.Fatalf("%.80q arrives as %.80q", want, got)
	}
	var sum []byte
	for i, s := range told {
		sum = append(sum, s.Raw...)
		if want := protocol.SentKind(min(i, 1)) * protocol.SentChunk; s.Kind != want || s.Last || len(s.Raw) > block {
			t.Fatalf("event %d of %d: %d octets, %.80v", i, len(told), len(s.Raw), s)
		}
	}
	if !bytes.Equal(sum, got) {
		t.Fatalf("%d octets arrived, %d were told of", len(got), len(sum))
	}
}

func FuzzTransfer(f *testing.F) {
	for i, seed := range []string{"", ".", "a\r\n.\r\nQUIT\r\n", "a\n.\nb", "a\r.\rb", "\r\r\n.\n\r", "\x00\xff", strings.Repeat(".\n", 50)} {
		f.Add([]byte(seed), uint64(i))
	}
	f.Fuzz(func(t *testing.T, message []byte, seed uint64) {
		checkTransfer(t, message, 1+int(seed%7), seed)
	})
}

// TestTransferSizes sends messages around the sizes at which blocks end.
func TestTransferSizes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const alphabet = "abcdefgh.\r\n"
	for _, size := range []int{1, firstRead, wholeRead, block, 2 * wholeRead, 3 * block} {
		for n := size - 1; n <= size+1; n++ {
			message := make([]byte, n)
			for i := range message {
				message[i] = alphabet[random.IntN(len(alphabet))]
			}
			checkTransfer(t, message, 2*block, uint64(n))
		}
	}
	for _, line := range []string{".\n", "\n", "x"} {
		for n := wholeRead - 2; n <= wholeRead; n++ {
			checkTransfer(t, bytes.Repeat([]byte(line), n)[:n], block, uint64(n))
		}
	}
	// Those that leave just so much room for the dot, and one octet less.
	for n := block - 8; n <= block; n++ {
		message := bytes.Repeat([]byte("x"), n)
		for i := wholeRead; i < n; i++ {
			message[2*(i-wholeRead)] = '\n'
		}
		checkTransfer(t, message[:wholeRead], block, uint64(n))
	}
}

// writes is a connection that counts the writes.
type writes struct {
	net.Conn
	n atomic.Int32
}

func (w *writes) Write(b []byte) (int, error) {
	w.n.Add(1)
	return w.Conn.Write(b)
}

// TestOneWrite holds that what fits goes out at once.
func TestOneWrite(t *testing.T) {
	message := strings.Repeat("a line of the message\n", 50)
	for name, send := range map[string]func(*Conn) error{
		"content": func(c *Conn) error {
			return c.SendContent(iotest.OneByteReader(strings.NewReader(message)), Transfer{})
		},
		"chunk": func(c *Conn) error {
			return c.SendChunk("BDAT 1000", iotest.OneByteReader(strings.NewReader(message)), 1000, Transfer{})
		},
		"no chunk": func(c *Conn) error { return c.SendChunk("BDAT 0 LAST", strings.NewReader(message), 0, Transfer{}) },
		"group": func(c *Conn) error {
			return c.SendGroup([]protocol.Sent{command("MAIL FROM:<>"), command("RCPT TO:<a@b.example>"), command("DATA")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, far := pipe(t, newLog(t))
			whole := d.Connect
			var w *writes
			d.Connect = func(ctx context.Context, network, addr string) (net.Conn, error) {
				nc, err := whole(ctx, network, addr)
				w = &writes{Conn: nc}
				return w, err
			}
			c := open(t, d, "192.0.2.1:25")
			go func() { _, _ = io.Copy(io.Discard, far) }()
			if err := send(c); err != nil {
				t.Fatal(err)
			}
			if n := w.n.Load(); n != 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// TestTransferMemory sends much, and holds that memory does not grow with it.
func TestTransferMemory(t *testing.T) {
	const size = 64 << 20
	near, far := net.Pipe()
	defer far.Close()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	var told int
	d := &Dialer{
		Connect: func(context.Context, string, string) (net.Conn, error) { return near, nil },
		Emit: func(e protocol.Event) {
			if s, ok := e.(protocol.Sent); ok {
				told += len(s.Raw)
			}
		},
	}
	c := open(t, d, "192.0.2.1:25")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := c.SendContent(io.LimitReader(lines{}, size), Transfer{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > size/32 || told < size {
		t.Errorf("%d octets of memory for %d that were sent", grown, told)
	}
}

// lines is a message without an end.
type lines struct{}

func (lines) Read(b []byte) (int, error) {
	const line = "The quick brown fox jumps over the lazy dog.\n"
	n := 0
	for n+len(line) < len(b) {
		n += copy(b[n:], line)
	}
	return n + copy(b[n:], line[:1]), nil
}
