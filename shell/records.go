package shell

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
)

// records are the files that a session is written to as it happens. Events
// come in order; files may come and go between them.
type records struct {
	mu    sync.Mutex
	files []*recording
	over  bool  // the connection has ended: what TLS says behind that is nobody's
	err   error // the first write that failed
}

// recording is one file with its recorder. It is the writer of that, so that
// a failed write is known at once.
type recording struct {
	name    string
	file    *os.File
	to      trace.Recorder
	capture trace.Capture // to, where it is to see the octets of the network; else nil
	err     error
}

// Write writes to the file, and keeps the first error.
func (r *recording) Write(b []byte) (int, error) {
	n, err := r.file.Write(b)
	if err != nil && r.err == nil {
		r.err = err
	}
	return n, err
}

// close ends the document and the file.
func (r *recording) close() error {
	err := r.to.Close()
	if closing := r.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("record %s: %w", r.name, err)
	}
	return nil
}

// event writes an event down. What could not be written is returned once:
// that file is given up.
func (r *records) event(before, after protocol.Session, e protocol.Event) (failed []error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.(type) {
	case protocol.Closed:
		r.over = true
	case protocol.Trying, protocol.Opened:
		r.over = false
	}
	for i := 0; i < len(r.files); i++ {
		f := r.files[i]
		f.to.Event(before, after, e)
		if f.err == nil {
			continue
		}
		_ = f.file.Close() // it failed already
		r.files = append(r.files[:i:i], r.files[i+1:]...)
		i--
		err := fmt.Errorf("record %s: %w", f.name, f.err)
		if r.err == nil {
			r.err = err
		}
		failed = append(failed, err)
	}
	return failed
}

// errThere is when a file would be written over.
var errThere = errors.New("it is there already, and is left as it is")

// create makes a file that only its owner can read, for a session may say
// much about people. One that is there is written over with force alone, and
// never while it is a record itself.
func (r *records) create(name string, force bool) (*os.File, error) {
	flags := os.O_CREATE | os.O_EXCL | os.O_WRONLY
	if there, err := os.Stat(name); err == nil {
		switch {
		case r.holds(there):
			return nil, fmt.Errorf("%s: it is being recorded to", name)
		case !force:
			return nil, fmt.Errorf("%s: %w", name, errThere)
		}
		flags = os.O_TRUNC | os.O_WRONLY
	}
	file, err := os.OpenFile(name, flags, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s: %w", name, errThere)
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		err = file.Chmod(0o600) // one that was there may have been open to others
		if err != nil {
			_ = file.Close()
			return nil, err
		}
	}
	return file, nil
}

// holds reports whether a file is recorded to.
func (r *records) holds(there os.FileInfo) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.files {
		if own, err := f.file.Stat(); err == nil && os.SameFile(own, there) {
			return true
		}
	}
	return false
}

func formatNames() []string {
	names, _ := trace.Formats()
	return names
}

func toolNames() []string {
	names, _ := trace.Tools()
	return names
}

// formatFor is the format of a file: the one named, or that of its ending.
func formatFor(name, format string) (string, error) {
	names := formatNames()
	if format == "" {
		known := false
		if format, known = trace.FormatOf(name); !known {
			return "", fmt.Errorf("%s: no format has this ending; there are .%s", name, strings.Join(names, ", ."))
		}
	}
	for _, known := range names {
		if strings.EqualFold(known, format) {
			return known, nil
		}
	}
	return "", fmt.Errorf("no format %q; there are %s", format, strings.Join(names, ", "))
}

// open makes a file and what writes to it. A recorder that cannot be had
// leaves no file behind.
func (r *records) open(name, format string, force bool, o trace.Options) (*recording, error) {
	format, err := formatFor(name, format)
	if err != nil {
		return nil, err
	}
	f := &recording{name: name}
	if f.to, err = trace.New(format, f, o); err != nil {
		return nil, err
	}
	if f.file, err = r.create(name, force); err != nil {
		return nil, err
	}
	if capture, ok := f.to.(trace.Capture); ok && o.Tapped {
		f.capture = capture
	}
	return f, nil
}

// begin opens a file and records to it from now on.
func (r *records) begin(name, format string, force bool, o trace.Options) error {
	f, err := r.open(name, format, force, o)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = append(r.files, f)
	return nil
}

// end ends all records, and returns their names.
func (r *records) end() (names []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []error
	for _, f := range r.files {
		names = append(names, f.name)
		all = append(all, f.close())
	}
	r.files = nil
	err = errors.Join(all...)
	if r.err == nil {
		r.err = err
	}
	return names, err
}

// names are the files that are recorded to.
func (r *records) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, f := range r.files {
		names = append(names, f.name)
	}
	return names
}

// failed reports a write that failed, ever.
func (r *records) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err != nil
}
