package smtptest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// dialogue is one connection and how far it has come.
type dialogue struct {
	nc   net.Conn
	in   *bufio.Reader
	size int // octets per write; 0 for all at once
}

// run follows the steps. A step that fails ends the dialogue, for nothing that
// comes behind it would mean what the script says.
func (d *dialogue) run(steps []step) error {
	last := 0
	for _, s := range steps {
		last = s.line
		_ = d.nc.SetDeadline(time.Now().Add(patience))
		if err := d.step(s); err != nil {
			return fmt.Errorf("script line %d: %w", s.line, err)
		}
		if s.act.final() {
			return nil
		}
	}
	d.halfClose()
	_ = d.nc.SetDeadline(time.Now().Add(patience))
	if err := d.expectEOF(); err != nil {
		return fmt.Errorf("script line %d was the last: %w", last, err)
	}
	return nil
}

// step does one thing.
func (d *dialogue) step(s step) error {
	switch s.act {
	case actSend:
		return d.send(s.text)
	case actExpect:
		return d.expect(s.text)
	case actAny:
		got, err := d.readLine()
		if err != nil {
			return fmt.Errorf("want a line, got %q and %w", got, err)
		}
	case actDrain:
		_, err := io.Copy(io.Discard, io.LimitReader(d.in, maxLine))
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
			return errors.New("want the end, but the client did not close")
		}
	case actEOF:
		return d.expectEOF()
	case actHalfClose:
		d.halfClose()
	case actReset:
		if tc, ok := d.nc.(*net.TCPConn); ok {
			_ = tc.SetLinger(0) // a close that drops what is unsent is a RST
		}
		_ = d.nc.Close()
	case actClose:
		_ = d.nc.Close()
	case actWait:
		time.Sleep(s.wait)
	case actFlushBytes:
		d.size = s.size
	}
	return nil
}

// send writes octets, in pieces where the script asked for them.
func (d *dialogue) send(b []byte) error {
	size := d.size
	if size == 0 {
		size = len(b)
	}
	for len(b) > 0 {
		n, err := d.nc.Write(b[:min(size, len(b))])
		if err != nil {
			return fmt.Errorf("send %q: %w", b[n:], err)
		}
		b = b[n:]
	}
	return nil
}

// expect reads one line and compares it byte for byte.
func (d *dialogue) expect(want []byte) error {
	got, err := d.readLine()
	switch {
	case err != nil:
		return fmt.Errorf("want %q, got %q and %w", want, got, err)
	case !bytes.Equal(got, want):
		return fmt.Errorf("want %q, got %q", want, got)
	}
	return nil
}

// expectEOF reads to the end, which may be a reset as well, and wants nothing
// to come before it.
func (d *dialogue) expectEOF() error {
	got, err := io.ReadAll(io.LimitReader(d.in, maxLine))
	switch {
	case len(got) > 0:
		return fmt.Errorf("want the end, got %q", got)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed):
		return errors.New("want the end, but the client did not close")
	}
	return nil
}

// readLine reads up to an LF, which is all that it takes for an end: whether a
// CR stands before it is part of what is compared.
func (d *dialogue) readLine() ([]byte, error) {
	var line []byte
	for len(line) < maxLine {
		part, err := d.in.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
	return line, errors.New("a line without an end")
}

// halfClose ends this side of the connection.
func (d *dialogue) halfClose() {
	if tc, ok := d.nc.(*net.TCPConn); ok {
		_ = tc.CloseWrite()
	}
}
