package cli

import (
	"errors"
	"fmt"
	"io"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// exchangeOf is the events of one exchange, or of more that are complete
// together.
type exchangeOf = []protocol.Event

// errNoRecord is when a file holds no event at all.
var errNoRecord = errors.New("this is no record of a session in JSON Lines, which --record FILE.jsonl writes")

// mostComplaints is how many lines that are not understood are named.
const mostComplaints = 5

// eachExchange hands over a record, exchange by exchange. What of it was not
// understood is said in complaints; the rest is good all the same.
func eachExchange(in io.Reader, name string, complaints io.Writer, do func(exchangeOf) error) error {
	reader := trace.NewReader(in)
	x := trace.NewExchanges(reader)
	c := complaining{out: complaints, name: name}
	later := 0
	for {
		events, err := x.Next()
		if reader.Later() > later {
			later = reader.Later()
			c.say(fmt.Sprintf("written by a later version (%d; this one knows %d): what it does not know is left out", later, trace.Version))
		}
		var line *trace.LineError
		switch {
		case err == nil:
			c.isRecord()
			if err := do(events); err != nil {
				return err
			}
		case errors.As(err, &line):
			if c.odd++; c.odd <= mostComplaints {
				c.say(err.Error())
			}
			if errors.Is(err, trace.ErrUnknown) {
				c.isRecord()
			}
		case errors.Is(err, io.EOF):
			if c.odd > mostComplaints {
				c.say(fmt.Sprintf("%d lines more were not understood", c.odd-mostComplaints))
			}
			if n := len(x.Rest()); n > 0 {
				c.isRecord()
				c.say(fmt.Sprintf("the record breaks off in the middle of an exchange; %d events of it are left out", n))
			}
			if !c.record {
				return fmt.Errorf("%w: %s: %w", errUsage, name, errNoRecord)
			}
			return nil
		default:
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// complaining says what of a file was not understood, once it is known to be a
// record: of another file there is one thing to say.
type complaining struct {
	out    io.Writer
	name   string
	odd    int  // lines that were not understood
	record bool // at least one was
	held   []string
}

func (c *complaining) say(text string) {
	if !c.record {
		c.held = append(c.held, text)
		return
	}
	fmt.Fprintln(c.out, "smtpsh: "+view.Escape(c.name+": "+text))
}

func (c *complaining) isRecord() {
	c.record = true
	for _, text := range c.held {
		c.say(text)
	}
	c.held = nil
}
