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
	understood, odd, later := 0, 0, 0
	say := func(text string) { fmt.Fprintln(complaints, "smtpsh: "+view.Escape(name+": "+text)) }
	for {
		events, err := x.Next()
		if reader.Later() > later {
			later = reader.Later()
			say(fmt.Sprintf("written by a later version (%d; this one knows %d): what it does not know is left out", later, trace.Version))
		}
		var line *trace.LineError
		switch {
		case err == nil:
			understood += len(events)
			if err := do(events); err != nil {
				return err
			}
		case errors.As(err, &line):
			if understood+len(x.Rest()) == 0 && !errors.Is(err, trace.ErrUnknown) {
				return fmt.Errorf("%w: %s: %w", errUsage, name, errNoRecord)
			}
			if odd++; odd <= mostComplaints {
				say(err.Error())
			}
		case errors.Is(err, io.EOF):
			if odd > mostComplaints {
				say(fmt.Sprintf("%d lines more were not understood", odd-mostComplaints))
			}
			if n := len(x.Rest()); n > 0 {
				say(fmt.Sprintf("the record breaks off in the middle of an exchange; %d events of it are left out", n))
				understood += n
			}
			if understood+odd == 0 {
				return fmt.Errorf("%w: %s: %w", errUsage, name, errNoRecord)
			}
			return nil
		default:
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}
