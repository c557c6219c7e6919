package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"smtpsh/protocol/message"
)

// post is where the messages of a large errand come from, one after the other.
type post struct {
	mu       sync.Mutex
	next     func() (letter, error) // io.EOF behind the last; another error is of one message
	returned []returned             // to be tried again
}

// returned is a letter that a connection ended under, and by what.
type returned struct {
	letter letter
	fate   fate
	code   int
	status Status
}

// mostTries is how many connections may end under one letter.
const mostTries = 3

// take is the next letter; ok is false when there is none. A letter that cannot
// be read is passed over, and counted.
func (p *post) take(total *tally) (l letter, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		l, err := p.upcoming()
		switch {
		case errors.Is(err, io.EOF):
			return letter{}, false
		case err == nil:
			err = l.readable()
		}
		if err == nil {
			return l, true
		}
		total.unread(err)
	}
}

// upcoming is a letter that was given back, or else the next one. It is called
// within mu.
func (p *post) upcoming() (l letter, err error) {
	if n := len(p.returned); n > 0 {
		l = p.returned[n-1].letter
		p.returned = p.returned[:n-1]
		return l, nil
	}
	return p.next()
}

// readable looks whether the file of a letter is still there, before MAIL: once
// a 354 has come there is no way out but to cut the connection.
func (l letter) readable() error {
	if l.content.file == "" {
		return nil
	}
	file, err := os.Open(l.content.file)
	if err != nil {
		return err
	}
	return file.Close()
}

// giveBack has a letter tried again on another connection, and reports whether
// it will be.
func (p *post) giveBack(r returned) bool {
	if r.letter.tries >= mostTries {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.returned = append(p.returned, r)
	return true
}

// left are the letters that were given back and that nobody took again.
func (p *post) left() []returned {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.returned
}

// copies are so many messages of an errand, each with a Message-ID of its own
// where it is composed.
func (sh *Shell) copies(ctx context.Context, e *Errand) (*post, error) {
	first, err := sh.letter(ctx, e) // what is wrong with it is told before anything is sent
	if err != nil {
		return nil, err
	}
	n := 0
	return &post{next: func() (letter, error) {
		n++
		switch {
		case n > e.Count:
			return letter{}, io.EOF
		case n == 1 || e.Data != "":
			return first, nil
		}
		return sh.letter(ctx, e)
	}}, nil
}

// folder is the messages of a folder, in the order of their names, each as
// often as was asked for. The envelope is that of the header, but for what the
// errand says; a Bcc field stays behind.
func (sh *Shell) folder(e *Errand) (*post, int, error) {
	entries, err := os.ReadDir(atHome(e.Dir))
	if err != nil {
		return nil, 0, fmt.Errorf("--from-dir: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".eml" {
			files = append(files, filepath.Join(atHome(e.Dir), entry.Name()))
		}
	}
	if len(files) == 0 {
		return nil, 0, fmt.Errorf("--from-dir: there is no .eml in %s", e.Dir)
	}
	all := len(files) * e.Count
	n := 0
	return &post{next: func() (letter, error) {
		if n == all {
			return letter{}, io.EOF
		}
		n++
		return sh.fileLetter(e, files[(n-1)%len(files)])
	}}, all, nil
}

func (sh *Shell) fileLetter(e *Errand, name string) (letter, error) {
	var l letter
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return l, err
	case !info.Mode().IsRegular(): // a pipe could be read but once, and may have no writer
		return l, fmt.Errorf("%s is no file", name)
	}
	header, err := os.Open(name)
	if err != nil {
		return l, err
	}
	defer header.Close()
	from, to, err := message.Envelope(header)
	if err != nil && !errors.Is(err, message.ErrNoSender) && !errors.Is(err, message.ErrNoRecipient) {
		return l, fmt.Errorf("%s: %w", name, err)
	}
	l.from, l.to = from, to
	if e.From != "" {
		if l.from, err = sender(e); err != nil {
			return l, err
		}
	}
	if given := e.recipients(); len(given) > 0 {
		if l.to, err = paths(given); err != nil {
			return l, err
		}
	}
	if len(l.to) == 0 {
		return l, fmt.Errorf("%s: its header names no recipient, and --to none either", name)
	}
	l.content = content{name: name, file: name, size: info.Size(), open: func() (io.ReadCloser, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{message.WithoutBcc(file), file}, nil
	}}
	l.measure, err = measure(&l.content)
	return l, err
}
