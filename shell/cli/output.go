package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// outputs are the values of -o.
var outputs = []string{"text", "json", "pretty"}

// output is where a run without a prompt shows what happens, and what has to
// be done at its end.
type output struct {
	show view.Renderer
	rows shell.Output
	end  []func() error
}

// newOutput makes the output that -o asks for, and beside it the files that
// other flags do.
func newOutput(o options, source *term.Reader, out *os.File) (*output, error) {
	p := &output{}
	switch o.output {
	case "json":
		recorder, err := trace.New("jsonl", out, trace.Options{Live: true})
		if err != nil {
			return nil, err
		}
		p.show, p.rows = view.Abridge(recorder, view.ShownInText), notes{recorder}
		p.end = append(p.end, recorder.Close)
	case "pretty":
		screen := view.NewScreen(source, colored(o) && term.IsTerminal(out))
		terminal := view.NewTerminal(screen)
		terminal.Echo()
		p.show, p.rows = view.Abridge(terminal, view.ShownOnScreen), screen
		p.end = append(p.end, source.Err)
	default:
		text := view.NewText(out)
		p.show, p.rows = view.Abridge(text, view.ShownInText), text
		p.end = append(p.end, text.Err)
	}
	return p, nil
}

// close ends it, and gives the first thing that went wrong.
func (p *output) close() error {
	var all []error
	for _, end := range p.end {
		all = append(all, end())
	}
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// notes makes events of what the shell has to say, for JSON.
type notes struct{ to trace.Recorder }

// Rows takes rows as notes, a note each.
func (n notes) Rows(rows ...view.Row) {
	for _, row := range rows {
		n.to.Event(protocol.Session{}, protocol.Session{}, protocol.Noted{At: protocol.At{Time: time.Now()}, Text: strings.TrimRight(row.String(), " ")})
	}
}

// colored reports whether colours are wished.
func colored(o options) bool {
	_, none := os.LookupEnv("NO_COLOR")
	return !o.noColor && !none && os.Getenv("TERM") != "dumb"
}
