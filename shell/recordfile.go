package shell

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"smtpsh/protocol/trace"
)

// errThere is when a file would be written over.
var errThere = errors.New("it is there already, and is left as it is; --force writes over it")

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
	file, err := r.create(name, force)
	if err != nil {
		return nil, err
	}
	f.file = file
	if capture, ok := f.to.(trace.Capture); ok && o.Tapped {
		f.capture = capture
	}
	return f, nil
}

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
		if err = file.Chmod(0o600); err != nil { // one that was there may have been open to others
			_ = file.Close()
			return nil, err
		}
	}
	return file, nil
}

// holds reports whether a file is recorded to.
func (r *records) holds(there os.FileInfo) bool {
	r.work.Lock()
	defer r.work.Unlock()
	for _, f := range r.files {
		file, ok := f.file.(*os.File)
		if !ok {
			continue
		}
		if own, err := file.Stat(); err == nil && os.SameFile(own, there) {
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
