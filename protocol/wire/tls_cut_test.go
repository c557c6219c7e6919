package wire

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// cutting is a connection on which the server's octets end in the middle of a
// handshake: behind so many whole records of TLS, and half of the next one.
type cutting struct {
	net.Conn
	records int
	half    bool
	ready   []byte // of the present record
}

const recordHeader = 5 // RFC 8446 §5.1

func (c *cutting) Read(b []byte) (int, error) {
	if len(c.ready) == 0 {
		if c.records == 0 && !c.half {
			return 0, io.EOF
		}
		header := make([]byte, recordHeader)
		if _, err := io.ReadFull(c.Conn, header); err != nil {
			return 0, err
		}
		body := make([]byte, binary.BigEndian.Uint16(header[3:]))
		if _, err := io.ReadFull(c.Conn, body); err != nil {
			return 0, err
		}
		if c.ready = append(header, body...); c.records == 0 {
			c.ready, c.half = c.ready[:len(c.ready)/2], false
		} else {
			c.records--
		}
	}
	n := copy(b, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// TestHandshakeCut cuts the handshake behind each record of the server's, and
// in the middle of each. The step is the furthest that came whole.
func TestHandshakeCut(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	leaf := issue(t, paper{name: peerName}, root)
	// Of TLS 1.3 the records are the ServerHello, a change of the cipher that
	// means nothing, and one each for the extensions, the certificate, the
	// signature and the Finished; of TLS 1.2 the ServerHello, the certificate,
	// which is looked at with what follows it, its part of the key exchange, its
	// end, and behind the client's part a change of the cipher and the Finished.
	steps := map[uint16][]string{
		tls.VersionTLS13: {"with no answer to the ClientHello", "after the ServerHello", "after the ServerHello", "after the ServerHello", "after the server's certificate", "after the server's certificate"},
		tls.VersionTLS12: {"with no answer to the ClientHello", "after the ServerHello", "after the ServerHello", "after the server's certificate", "after the key exchange, before the server's Finished", "after the key exchange, before the server's Finished"},
	}
	for version, wants := range steps {
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*leaf}, MaxVersion: version})
		for records := 0; ; records++ {
			if records == len(wants) { // behind the last one all is well
				_, _, err := secure(t, address, Security{Roots: pool(root)}, func(c net.Conn) net.Conn { return &cutting{Conn: c, records: records + 1} })
				if err != nil {
					t.Errorf("%s has more than %d records: %v", tls.VersionName(version), records+1, err)
				}
				break
			}
			for _, half := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s behind %d, half %v", tls.VersionName(version), records, half), func(t *testing.T) {
					l, c, err := secure(t, address, Security{Roots: pool(root)}, func(c net.Conn) net.Conn { return &cutting{Conn: c, records: records, half: half} })
					want := wants[records]
					if half && records == 0 {
						want = "within the ServerHello"
					}
					h := failed(t, l, c, err, "TLS handshake failed "+want+": the server closed the connection")
					if shown := len(h.TLS.Chain) > 0; shown != (strings.Contains(want, "certificate") || strings.Contains(want, "key exchange")) {
						t.Errorf("the chain is shown: %v", shown)
					}
				})
			}
		}
	}
}

// TestRecordCut cuts a connection within a record behind the handshake.
func TestRecordCut(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	config := &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}, MaxVersion: tls.VersionTLS12}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		raw, err := l.Accept()
		if err == nil && tls.Server(raw, config).Handshake() == nil {
			_, _ = raw.Write([]byte{23, 3, 3, 0, 90, 1, 2, 3}) // RFC 5246 §6.2.1: 90 octets of data are announced
			_ = raw.Close()
		}
	}()
	log, c, err := secure(t, l.Addr().String(), Security{Roots: pool(root)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if closed := log.closed(); closed.By != protocol.ByPeer || closed.Err == nil || closed.Err.Error() != "the connection was cut in the middle of a TLS record" {
		t.Errorf("closed by %d: %v", closed.By, closed.Err)
	}
}

// TestServerWithoutTheKey shows the certificate of another: the chain is good,
// and the signature over the handshake is not.
func TestServerWithoutTheKey(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	theirs := *issue(t, paper{name: peerName, key: keys.rsa()}, root)
	theirs.PrivateKey = must(rsa.GenerateKey(rand.Reader, 2048))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{theirs}, MaxVersion: version})
		l, c, err := secure(t, address, Security{Roots: pool(root)}, nil)
		h := failed(t, l, c, err, "TLS handshake failed after the server's certificate: ")
		if len(h.TLS.Lacks) > 0 || h.TLS.Trust != "Root" || !h.TLS.Broken {
			t.Errorf("%s: the chain itself is good: %q, by %q", tls.VersionName(version), h.TLS.Lacks, h.TLS.Trust)
		}
	}
}

// drops is a connection that moves an octet at a time, both ways.
type drops struct{ net.Conn }

func (c drops) Read(b []byte) (int, error) { return c.Conn.Read(b[:min(1, len(b))]) }

func (c drops) Write(b []byte) (n int, err error) {
	for i := range b {
		if _, err := c.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

func TestHandshakeByOctets(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		address, _ := tlsPeer(t, &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}, MaxVersion: version})
		l, _, err := secure(t, address, Security{Roots: pool(root)}, func(c net.Conn) net.Conn { return drops{c} })
		if err != nil {
			t.Fatal(err)
		}
		l.await(4)
		l.want(3, `< "220 hi\r\n"`)
	}
}

// TestInjected puts plaintext between the 220 to STARTTLS and the handshake:
// in one segment with the 220 it is told of and dropped, in a later one it
// breaks the handshake, and in neither case is it a reply.
func TestInjected(t *testing.T) {
	noLeaks(t)
	root := issue(t, paper{name: "Root", ca: true}, nil)
	config := &tls.Config{Certificates: []tls.Certificate{*issue(t, paper{name: peerName}, root)}}
	security := Security{Name: peerName, Roots: pool(root)}
	for _, injected := range []string{"250 injected\r\n", "250-half", "\x16\x03\x03"} {
		l, c, far := parking(t)
		go func() {
			_, _ = io.WriteString(far, "220 go\r\n"+injected)
			stream := tls.Server(far, config)
			if stream.Handshake() == nil {
				_, _ = io.WriteString(stream, "250 real\r\n")
				_, _ = io.Copy(io.Discard, stream)
			}
		}()
		if err := c.Secure(security); err != nil {
			t.Fatalf("%.20q: %v", injected, err)
		}
		l.await(6) // trying, opened, the 220, smuggled, secured and the reply
		l.want(2, `< "220 go\r\n"`, "protocol.Smuggled", "protocol.Secured", `< "250 real\r\n"`)
		l.mu.Lock()
		if s, ok := l.events[3].(protocol.Smuggled); !ok || !strings.HasPrefix(injected, string(s.Raw)) || len(s.Raw) == 0 {
			t.Errorf("smuggled %.20q of %.20q", s.Raw, injected)
		}
		l.mu.Unlock()
	}
	l, c, far := parking(t)
	go func() {
		_, _ = io.WriteString(far, "220 go\r\n")
		_, _ = far.Read(make([]byte, 1)) // the ClientHello has begun
		go func() { _, _ = io.Copy(io.Discard, far) }()
		_, _ = io.WriteString(far, "250 injected\r\n")
	}()
	err := c.Secure(security)
	h, ok := err.(*HandshakeError)
	if !ok || !h.Plaintext() || !strings.HasSuffix(err.Error(), `what came is not TLS: "250 injected\r\n"`) {
		t.Errorf("in a later segment: %v", err)
	}
	<-c.Done()
	if strings.Contains(l.String(), "injected\\r\\n\"\n<") || strings.Contains(l.String(), `< "250`) {
		t.Errorf("it was taken for a reply:\n%s", l)
	}
}
