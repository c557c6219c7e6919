package practice

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"smtpsh/protocol"
)

// ListenTLS opens a second port, on which a connection begins with the TLS
// handshake (RFC 8314 §3.3). It may be called before Serve or while it runs,
// once; connections there are answered at once, and end with Close as all do.
func (s *Server) ListenTLS(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("practice server: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing():
		err = net.ErrClosed
	case s.tlsListener != nil:
		err = errors.New("it listens for TLS on " + s.tlsListener.Addr().String() + " already")
	}
	if err != nil {
		_ = l.Close()
		return fmt.Errorf("practice server: %w", err)
	}
	s.tlsListener = l
	s.wg.Add(1) // Close was not called yet, so nobody waits yet
	go func() {
		defer s.wg.Done()
		defer s.guard()
		defer l.Close()
		_ = s.accept(l, true) // that it gave up shows as a refused connection
	}()
	return nil
}

// TLSAddr is the address that ListenTLS opened: "127.0.0.1:40465"; "" when it
// was not called, or the server is closed.
func (s *Server) TLSAddr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tlsListener == nil || s.closing() {
		return ""
	}
	return s.tlsListener.Addr().String()
}

// starttls agrees to a handshake (RFC 3207 §4). What comes of it the
// connection tells with secured.
func (s *session) starttls(protocol.Command) answer {
	a := one(220, "2.0.0", "ready for TLS; greet again after the handshake")
	if s.row().behind != "" {
		a.raw = string(a.render()) + s.row().behind
	}
	a.then = stepHandshake
	return a
}

// knowsTLS reports a server that has STARTTLS in its mode.
func (s *session) knowsTLS() bool { return !s.row().noStartTLS }

// secured forgets all that was learned in plaintext, which anybody on the way
// may have said: the client's name, the transaction, the login (RFC 3207
// §4.2).
func (s *session) secured() {
	s.reset()
	s.helo, s.esmtp, s.authed, s.pending = "", false, false, nil
	s.tls = true
}

// handshake puts the connection under TLS. Octets that came behind the line
// STARTTLS are dropped before: what was said in plaintext is no command under
// TLS (CVE-2011-0411).
func (c *conn) handshake() error {
	config, err := c.srv.tlsConfig(c.ses.mode)
	if err != nil {
		return err
	}
	c.r.Reset(c)
	c.wait(time.Now().Add(min(c.srv.Idle, time.Minute)))
	stream := tls.Server(c.raw, config)
	if err := stream.Handshake(); err != nil {
		return err
	}
	c.nc = stream
	c.w.Reset(stream)
	c.ses.secured()
	return nil
}
