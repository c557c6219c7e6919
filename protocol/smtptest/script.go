package smtptest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// step is one thing the peer does.
type step struct {
	line int // of the script, from 1
	act  action
	text []byte        // octets to send or to expect, line end included
	wait time.Duration // actWait
	size int           // actFlushBytes
}

// action is what kind of thing a step is.
type action uint8

const (
	actSend action = iota
	actExpect
	actAny
	actEOF
	actDrain
	actClose
	actHalfClose
	actReset
	actWait
	actFlushBytes
)

// final reports an action behind which nothing can follow.
func (a action) final() bool { return a == actEOF || a == actDrain || a == actClose || a == actReset }

// parse reads a script: one slice of steps for each connection. Lines that are
// sent with nothing between them become one step, and so one segment.
func parse(script string) ([][]step, error) {
	conns := [][]step{nil}
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimLeft(line, " \t")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case line == "---":
			conns = append(conns, nil)
			continue
		}
		s, err := parseStep(line)
		if err != nil {
			return nil, fmt.Errorf("script line %d: %w", i+1, err)
		}
		s.line = i + 1
		steps := &conns[len(conns)-1]
		if n := len(*steps); n > 0 {
			last := &(*steps)[n-1]
			if last.act.final() {
				return nil, fmt.Errorf("script line %d: the connection has ended in line %d", s.line, last.line)
			}
			if s.act == actSend && last.act == actSend {
				last.text = append(last.text, s.text...)
				continue
			}
		}
		*steps = append(*steps, s)
	}
	return conns, nil
}

// parseStep reads one line of a script.
func parseStep(line string) (step, error) {
	mark, rest := line[0], line[1:]
	if !strings.ContainsRune("<>*", rune(mark)) {
		return step{}, fmt.Errorf("line begins with none of <, >, * and #: %q", line)
	}
	if rest != "" && rest[0] != ' ' {
		return step{}, fmt.Errorf("no space behind the first character of %q", line)
	}
	rest = strings.TrimPrefix(rest, " ")
	switch mark {
	case '<':
		return step{act: actSend, text: []byte(rest + "\r\n")}, nil
	case '>':
		return step{act: actExpect, text: []byte(rest + "\r\n")}, nil
	}
	return parseDirective(rest)
}

// plain holds the directives without an argument.
var plain = map[string]action{
	"any": actAny, "eof": actEOF, "drain": actDrain, "close": actClose, "half-close": actHalfClose, "reset": actReset,
}

// parseDirective reads what stands behind the star.
func parseDirective(text string) (s step, err error) {
	word, arg, _ := strings.Cut(text, " ")
	switch word {
	case "wait":
		s.act = actWait
		s.wait, err = time.ParseDuration(arg)
	case "flush-bytes":
		s.act = actFlushBytes
		if s.size, err = strconv.Atoi(arg); err == nil && s.size < 0 {
			err = fmt.Errorf("negative size %d", s.size)
		}
	case "raw":
		s.act = actSend
		s.text, err = unescape(arg)
	default:
		act, known := plain[text]
		if !known {
			return step{}, fmt.Errorf("unknown directive %q", text)
		}
		s.act = act
	}
	if err != nil {
		return step{}, fmt.Errorf("directive %q: %w", word, err)
	}
	return s, nil
}

// unescape reads the escapes of a Go string; quotes stand for themselves.
func unescape(s string) ([]byte, error) {
	var out []byte
	for s != "" {
		r, multibyte, rest, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			return nil, fmt.Errorf("bad escape at %q: %w", s, err)
		}
		if multibyte {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, byte(r))
		}
		s = rest
	}
	return out, nil
}
