package trace

import (
	"context"
	"errors"
	"io"
	"os"
)

// kinds are the kinds of error that Error.Is knows again.
var kinds = map[string]error{"eof": io.EOF, "timeout": os.ErrDeadlineExceeded, "cancelled": context.Canceled}

// kindOf names what kind of failure err was: what it calls itself (as the
// errors of package wire do), or one of kinds; "" where nothing is known.
func kindOf(err error) string {
	var named interface{ ErrorKind() string }
	switch {
	case errors.As(err, &named):
		return named.ErrorKind()
	case errors.Is(err, io.EOF):
		return "eof"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return ""
}

// Error is the text.
func (e *Error) Error() string { return string(e.Text) }

// ErrorKind is the kind, so that an error that was read back is written as it
// was.
func (e *Error) ErrorKind() string { return e.Kind }

// Is reports whether the error was target, where its kind tells.
func (e *Error) Is(target error) bool { return kinds[e.Kind] == target && target != nil }
