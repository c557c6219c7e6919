package trace

import "smtpsh/protocol"

// Exchanges reads a record in whole exchanges, for a crash may have cut it off
// in the middle of one.
type Exchanges struct {
	in      *Reader
	session protocol.Session
	pace    pace
	rest    []protocol.Event
}

// NewExchanges makes Exchanges of what a Reader has.
func NewExchanges(in *Reader) *Exchanges { return &Exchanges{in: in} }

// Next is the events up to where nothing is owed and no message is half sent.
// Its errors are those of Reader.Next: behind a *LineError the next call goes
// on, and at the end, where it is io.EOF, Rest has what made no whole exchange.
func (x *Exchanges) Next() ([]protocol.Event, error) {
	for {
		e, err := x.in.Next()
		if err != nil {
			return nil, err
		}
		x.session = x.session.After(e)
		x.rest = append(x.rest, e)
		if x.pace.whole(x.session, e) {
			whole := x.rest
			x.rest = nil
			return whole, nil
		}
	}
}

// Rest is the events of an exchange that was not completed.
func (x *Exchanges) Rest() []protocol.Event { return x.rest }
