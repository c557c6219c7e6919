package shell

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
)

// records are the files that a session is written to as it happens. What
// happens is queued: at a terminal it is written before it is shown, and
// elsewhere a goroutine writes it while the session waits for the server, for
// six formats at once take longer than a server that is near.
type records struct {
	later bool // a goroutine writes; set before the first file

	mu     sync.Mutex
	on     bool // there are files
	taps   bool // and captures among them
	over   bool // the connection has ended: what TLS says behind that is nobody's
	queue  []happening
	spare  []happening // an array for the next queue
	size   int         // octets that the queue takes
	failed []error     // not told yet
	err    error       // the first write that failed
	wake   chan struct{}
	stop   chan struct{}

	work  sync.Mutex // held by whoever writes
	files []*recording
}

const (
	// queued is how many octets may wait, or so; who brings more writes them.
	queued = 1 << 20
	// overhead is what one thing that waits takes beside its octets.
	overhead = 1 << 10
	// together is how many octets go to the system at once.
	together = 64 << 10
	// lull is how long the goroutine lets things come together. It is the most
	// that a record lacks when the program is killed.
	lull = time.Millisecond
)

// recording is one file with its recorder, whose writer it is.
type recording struct {
	name    string
	file    writeCloser
	to      trace.Recorder
	capture trace.Capture // to, where it is to see the octets of the network; else nil
	b       []byte        // not yet written
	err     error
}

// writeCloser is a file.
type writeCloser interface {
	Write(b []byte) (int, error)
	Close() error
}

// Write takes what the recorder has written.
func (f *recording) Write(b []byte) (int, error) {
	if f.b = append(f.b, b...); len(f.b) > together {
		f.flush()
	}
	return len(b), f.err
}

// flush hands it to the system.
func (f *recording) flush() {
	if len(f.b) > 0 && f.err == nil {
		_, f.err = f.file.Write(f.b)
	}
	if f.b = f.b[:0]; cap(f.b) > 4*together {
		f.b = nil
	}
}

// close ends the document and the file.
func (f *recording) close() error {
	err := f.to.Close()
	f.flush()
	for _, other := range []error{f.err, f.file.Close()} {
		if err == nil {
			err = other
		}
	}
	if err != nil {
		return fmt.Errorf("record %s: %w", f.name, err)
	}
	return nil
}

// happening is what is to be written: an event, or octets of the network, or
// keys of TLS.
type happening struct {
	before, after protocol.Session
	event         protocol.Event
	at            time.Time
	octets        []byte
	kind          octetKind
}

type octetKind uint8

const (
	octetsRead octetKind = iota
	octetsWritten
	tlsKeys
)

// event has an event written down. It returns what could not be written
// before, once: that file is given up.
func (r *records) event(before, after protocol.Session, e protocol.Event) (failed []error) {
	r.mu.Lock()
	if !r.on {
		r.mu.Unlock()
		return nil
	}
	switch sent := e.(type) {
	case protocol.Closed:
		r.over = true
	case protocol.Trying, protocol.Opened:
		r.over = false
	case protocol.Sent:
		sent.Raw = bytes.Clone(sent.Raw) // it is only lent
		e = sent
		r.size += len(sent.Raw)
	}
	r.put(happening{before: before, after: after, event: e})
	return r.failures()
}

// put queues something, and has it written. It is called within mu, and leaves
// that.
func (r *records) put(h happening) {
	r.queue = append(r.queue, h)
	r.size += overhead
	at, wake := !r.later || r.size > queued, r.wake
	r.mu.Unlock()
	if at {
		r.drain()
		return
	}
	tick(wake)
}

// failures are those that were not told yet.
func (r *records) failures() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := r.failed
	r.failed = nil
	return failed
}

// drain writes all that is queued.
func (r *records) drain() {
	r.work.Lock()
	defer r.work.Unlock()
	r.write()
}

// rescue writes what is queued before a panic ends the program, unless it came
// from there.
func (r *records) rescue() {
	if r.work.TryLock() {
		defer r.work.Unlock()
		r.write()
	}
}

// write is drain within work.
func (r *records) write() {
	for {
		r.mu.Lock()
		all := r.queue
		r.queue, r.spare, r.size = r.spare, nil, 0
		r.mu.Unlock()
		if len(all) == 0 {
			return
		}
		for i := range all {
			for _, f := range r.files {
				f.take(&all[i])
			}
		}
		for i := 0; i < len(r.files); i++ {
			if r.files[i].flush(); r.files[i].err != nil {
				r.giveUp(i)
				i--
			}
		}
		clear(all)
		r.mu.Lock()
		r.spare = all[:0]
		r.mu.Unlock()
	}
}

// take hands the recorder what is its.
func (f *recording) take(h *happening) {
	switch {
	case h.event != nil:
		f.to.Event(h.before, h.after, h.event)
	case f.capture == nil:
	case h.kind == octetsRead:
		f.capture.Read(h.at, h.octets)
	case h.kind == octetsWritten:
		f.capture.Wrote(h.at, h.octets)
	case h.kind == tlsKeys:
		_, _ = f.capture.KeyLog().Write(h.octets) // it goes to memory
	}
}

// giveUp leaves a file that cannot be written to. It is called within work.
func (r *records) giveUp(i int) {
	f := r.files[i]
	_ = f.file.Close() // it failed already
	r.files = append(r.files[:i:i], r.files[i+1:]...)
	err := fmt.Errorf("record %s: %w", f.name, f.err)
	r.mu.Lock()
	r.failed = append(r.failed, err)
	if r.err == nil {
		r.err = err
	}
	r.mu.Unlock()
	r.count()
}

// count keeps what mu knows of the files. It is called within work.
func (r *records) count() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.taps = len(r.files) > 0, false
	for _, f := range r.files {
		r.taps = r.taps || f.capture != nil
	}
}

// begin opens a file and records to it from now on.
func (r *records) begin(name, format string, force bool, o trace.Options) error {
	f, err := r.open(name, format, force, o)
	if err != nil {
		return err
	}
	r.work.Lock()
	defer r.work.Unlock()
	r.write() // what happened before is not for it
	r.files = append(r.files, f)
	if r.later && r.stop == nil {
		r.wakeBy(make(chan struct{}, 1))
		r.stop = make(chan struct{})
		go r.writer(r.wake, r.stop)
	}
	r.count() // from now on things are queued, and the writer is woken
	return nil
}

// wakeBy has the writer be woken by that channel.
func (r *records) wakeBy(wake chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake = wake
}

// writer writes what is queued, until stop.
func (r *records) writer(wake, stop <-chan struct{}) {
	for {
		select {
		case <-wake:
			r.drain()
			time.Sleep(lull)
		case <-stop:
			return
		}
	}
}

// exit tells how the run ended to the records that have a place for it.
func (r *records) exit(status int, why string) {
	r.work.Lock()
	defer r.work.Unlock()
	r.write()
	for _, f := range r.files {
		if to, ok := f.to.(trace.Exiter); ok {
			to.Exit(status, why)
		}
	}
}

// end ends all records, and returns their names.
func (r *records) end() (names []string, err error) {
	r.work.Lock()
	defer r.work.Unlock()
	r.write()
	var all []error
	for _, f := range r.files {
		names = append(names, f.name)
		all = append(all, f.close())
	}
	r.files = nil
	r.count()
	if r.stop != nil {
		close(r.stop)
		r.stop = nil
	}
	err = errors.Join(all...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	return names, err
}

// names are the files that are recorded to.
func (r *records) names() []string {
	r.work.Lock()
	defer r.work.Unlock()
	var names []string
	for _, f := range r.files {
		names = append(names, f.name)
	}
	return names
}

// whole reports that no write failed, ever.
func (r *records) whole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err == nil
}
