package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// Diff sets two sessions side by side in rows, each side under its name:
// "!" marks what is different, "~" what differs as it does from server to
// server and from run to run, names and numbers. It reports whether nothing is
// different.
func Diff(contrasts []trace.Contrast, nameA, nameB string, width int) (rows []view.Row, same bool) {
	const indent = 2
	label := 0
	for _, c := range contrasts {
		label = max(label, min(view.Width(c.What), 28))
	}
	column := max((width-indent-label-4)/2, 16)
	line := func(mark view.Span, what, a, b string, style view.Style) {
		as, bs := cell(a, column), cell(b, column)
		whats := cell(what, max(label, 16))
		for i := range max(len(whats), len(as), len(bs)) {
			row := view.Row{mark, view.Dim.Of(view.Pad(at(whats, i), max(label, 16)) + "  "), style.Of(at(as, i))}
			if b := at(bs, i); b != "" {
				row[2] = style.Of(view.Pad(at(as, i), column) + "  ")
				row = append(row, style.Of(b))
			}
			rows = append(rows, row)
			mark = view.Plain.Of("  ")
		}
	}
	line(view.Plain.Of("  "), "", nameA, nameB, view.Strong)
	different := 0
	for _, c := range contrasts {
		mark, style := view.Plain.Of("  "), view.Plain
		switch c.Kind {
		case trace.Different:
			mark, style = view.Bad.Of("! "), view.Bad
			different++
		case trace.InWords:
			mark = view.Dim.Of("~ ")
		case trace.Alike:
		}
		line(mark, c.What, side(c.A, c.TookA.Seconds() > 0, view.Duration(c.TookA)), side(c.B, c.TookB.Seconds() > 0, view.Duration(c.TookB)), style)
	}
	switch different {
	case 0:
		rows = append(rows, view.T("No difference but in names, numbers and times."))
	case 1:
		rows = append(rows, view.T("1 thing is different."))
	default:
		rows = append(rows, view.Tf("%d things are different.", different))
	}
	return rows, different == 0
}

func side(text string, timed bool, took string) string {
	switch {
	case text == "":
		return "–"
	case timed:
		return text + " · " + took
	}
	return text
}

// cell is text in lines of a column.
func cell(text string, width int) []string { return view.Wrap(text, width) }

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// collector is a Renderer that keeps events.
type collector struct {
	mu     sync.Mutex
	events []protocol.Event
}

// Event keeps e. Of content, which is only lent, it keeps nothing.
func (c *collector) Event(_, _ protocol.Session, e protocol.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if sent, ok := protocol.Masked(e).(protocol.Sent); ok {
		sent = sent.Counted()
		sent.Raw = bytes.Clone(sent.Raw)
		e = sent
	}
	c.events = append(c.events, e)
}

// runDiff is :diff.
func (sh *Shell) runDiff(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":diff")
	flags := pflag.NewFlagSet(l.Name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	message := flags.Bool("message", false, "")
	if err := flags.Parse(words); err != nil || flags.NArg() == 0 {
		return usage(l)
	}
	t, err := ParseTarget(flags.Args()...)
	if strings.EqualFold(flags.Arg(0), "practice") {
		t, err = practiceTarget(flags.Args()[1:])
	}
	if err == nil && t.MX != "" {
		err = errors.New(":diff takes a server, and not the exchangers of a domain; \":mx " + t.MX + "\" lists them")
	}
	if err != nil {
		return complain(err.Error())
	}
	mine, err := sh.lastConnection()
	if err != nil {
		return complain("The session cannot be read back: " + err.Error() + ".")
	}
	if len(mine) == 0 {
		return complain("There was no connection yet whose commands could be sent to another server.")
	}
	if *message && slices.ContainsFunc(mine, lacks) {
		return complain("A message of this connection was longer than " + view.Octets(keptContent) + " and is not kept whole, so it cannot be sent again; without --message all the rest is compared.")
	}
	theirs, ok := sh.again(ctx, t, mine, *message)
	if !ok {
		return outcome{failed: true}
	}
	left := func(what string) bool { return notAgain(what, *message) }
	rows, _ := Diff(trace.Compare(mine, theirs, left), sh.target.String(), t.String(), sh.Source.Width())
	return verbatim(rows)
}

// lacks reports octets of a message that were counted and not kept.
func lacks(e protocol.Event) bool {
	sent, ok := e.(protocol.Sent)
	return ok && sent.Omitted > 0
}

// lastConnection is what happened on the connection that was opened last.
func (sh *Shell) lastConnection() ([]protocol.Event, error) {
	var events []protocol.Event
	_, err := sh.hub.past.each(func(_, _ protocol.Session, e protocol.Event) {
		switch e.(type) {
		case protocol.Opened:
			events = nil
		case protocol.Sent, protocol.Received, protocol.Secured, protocol.Closed:
		default:
			return
		}
		events = append(events, e)
	})
	if len(events) > 0 {
		if _, opened := events[0].(protocol.Opened); !opened {
			return nil, err
		}
	}
	return events, err
}

// notAgain reports what is not sent to another server: a login, whose answers
// are not kept, and, unless it is asked for, a message, which would be
// delivered. Nor is the end compared, which has not come here yet.
func notAgain(what string, message bool) bool {
	switch word, _, _ := strings.Cut(what, " "); strings.ToUpper(word) {
	case "AUTH", "AN", "END", "QUIT":
		return true
	case "DATA", "BDAT", "THE":
		return !message
	}
	return false
}
