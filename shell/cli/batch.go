package cli

import (
	"bufio"
	"bytes"
	"io"
	"runtime"

	"smtpsh/protocol"
)

// What a batch holds at most, so that memory stays constant however long the
// lines are.
const (
	batchLines  = 512
	batchOctets = 256 << 10
)

// batch is a run of lines that are judged together, each for itself.
type batch struct {
	octets []byte // the lines, one behind the other
	ends   []int  // where in octets each ends
	cut    []bool
	out    bytes.Buffer
	errors bool
	err    error
	done   chan struct{}
}

// batches judges the lines of in on all processors and writes the verdicts in
// the order of the lines. It is for lines that do not depend on each other.
func (c *checker) batches(in io.Reader) error {
	queue := make(chan *batch, runtime.GOMAXPROCS(0))
	failed, written := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		for b := range queue {
			if <-b.done; err != nil {
				continue
			}
			if err = c.take(b); err != nil {
				close(failed)
			}
		}
		written <- err
	}()
	b := newBatch()
	read := eachLine(in, func(line []byte, cut bool) error {
		b.octets = append(b.octets, line...)
		b.ends, b.cut = append(b.ends, len(b.octets)), append(b.cut, cut)
		if len(b.ends) < batchLines && len(b.octets) < batchOctets {
			return nil
		}
		select {
		case <-failed:
			return io.ErrClosedPipe // take has the error that counts
		case queue <- b:
		}
		go b.judge(c)
		b = newBatch()
		return nil
	})
	queue <- b
	go b.judge(c)
	close(queue)
	if err := <-written; err != nil {
		return err
	}
	return read
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// judge writes the verdicts on the lines into the batch's own buffer. Lines of a
// log are often the same, so what was printed for one is kept for the next like
// it.
func (b *batch) judge(c *checker) {
	defer close(b.done)
	own := &checker{escaped: c.escaped, shown: c.shown, json: c.json, out: bufio.NewWriter(&b.out)}
	printed := make(map[string]protocol.Span, batchLines)
	begin := 0
	for i, end := range b.ends {
		line := b.octets[begin:end]
		begin = end
		if before, ok := printed[string(line)]; ok && !b.cut[i] {
			if b.err = own.out.Flush(); b.err != nil {
				break
			}
			b.out.Write(b.out.Bytes()[before.Start:before.End])
			continue
		}
		start := b.out.Len() + own.out.Buffered()
		if b.err = own.unescaped(line, b.cut[i]); b.err != nil {
			break
		}
		if !b.cut[i] {
			printed[string(line)] = protocol.Span{Start: start, End: b.out.Len() + own.out.Buffered()}
		}
	}
	if err := own.out.Flush(); b.err == nil {
		b.err = err
	}
	b.errors = own.errors
}

// take adds a batch to what was printed so far.
func (c *checker) take(b *batch) error {
	c.errors = c.errors || b.errors
	if _, err := c.out.Write(b.out.Bytes()); err != nil {
		return err
	}
	return b.err
}
