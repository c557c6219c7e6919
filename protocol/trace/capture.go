package trace

import (
	"errors"
	"fmt"
	"io"
	"time"

	"smtpsh/protocol"
)

// Capture is the recorder of pcapng. Made with Options.Tapped it is also the
// tap of a connection, as package wire has it.
type Capture interface {
	Recorder
	// Read takes octets that came over the network.
	Read(at time.Time, b []byte)
	// Wrote takes octets that are about to go out.
	Wrote(at time.Time, b []byte)
	// KeyLog takes the secrets of TLS, in the lines that crypto/tls writes.
	// They are kept in the capture only with Options.Keys.
	KeyLog() io.Writer
}

// errRedact is when a capture is to be redacted: a name that became longer
// would be cut out of what was sent, checksummed and acknowledged.
var errRedact = errors.New("a capture holds the octets as they were, so nothing in it can be redacted")

// NewCapture makes a recorder of pcapng, which Wireshark opens: the session as
// packets with the addresses of its connection. Without a tap the packets are
// made of the events; what was sent under TLS is then shown as a connection
// of its own, in plaintext.
func NewCapture(w io.Writer, o Options) (Capture, error) {
	if len(o.Redact) > 0 {
		return nil, fmt.Errorf("record: %w", errRedact)
	}
	p := &packets{tapped: o.Tapped, keys: o.Keys}
	return &capture{recorder: recorder{out: w, to: p, count: o.Count, live: o.Live}, packets: p}, nil
}

// capture is a recorder whose format takes octets, too.
type capture struct {
	recorder
	packets *packets
}

// Event takes an event. Before it is masked the capture learns how many octets
// of what is written next are to be masked.
func (c *capture) Event(before, after protocol.Session, e protocol.Event) {
	if sent, ok := e.(protocol.Sent); ok && c.packets.tapped {
		c.mu.Lock()
		c.packets.masks.expect(before, sent)
		c.mu.Unlock()
	}
	c.recorder.Event(before, after, e)
}

func (c *capture) Read(at time.Time, b []byte) { c.octets(at, false, b) }

func (c *capture) Wrote(at time.Time, b []byte) { c.octets(at, true, b) }

func (c *capture) octets(at time.Time, sent bool, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || !c.packets.tapped {
		return
	}
	if sent {
		b = c.packets.masks.mask(b)
	} else {
		b = c.packets.masks.hide(b)
	}
	if c.b = c.packets.octets(c.b, at, sent, b, ""); len(c.b) > held {
		c.write()
	}
}

func (c *capture) KeyLog() io.Writer { return keyLog{c} }

type keyLog struct{ c *capture }

func (k keyLog) Write(lines []byte) (int, error) {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	if p := k.c.packets; p.keys {
		p.secrets = append(p.secrets, lines...)
	}
	return len(lines), nil
}
