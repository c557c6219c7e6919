package trace

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

const (
	// shownContent is how much message content of one exchange is shown to
	// people; the rest is counted.
	shownContent = 32 << 10
	// shownItems is how many events of one exchange are kept together: a
	// client may pipeline as long as it likes.
	shownItems = 2000
)

// item is an event and the session around it.
type item struct {
	before, after protocol.Session
	e             protocol.Event
}

// exchange is what belongs together for a reader: what was sent, the replies
// to it, and what happened beside them.
type exchange struct {
	number int // from 1; 0 for one in which nothing was sent or received
	items  []item
}

// collector puts exchanges together.
type collector struct {
	pace   pace
	number int
	items  []item
	shown  int  // octets of content in items
	taken  bool // items were handed out, and are not needed any more
}

// add takes one event, and returns the exchange that it completes, which is
// good until the next call.
func (c *collector) add(i item) (done exchange, ok bool) {
	if c.taken {
		clear(c.items)
		c.items, c.shown, c.taken = c.items[:0], 0, false
	}
	c.keep(i)
	whole := c.pace.whole(i.after, i.e)
	switch e := i.e.(type) {
	case protocol.Trying:
		whole = false
	case protocol.Missed:
		whole = e.Address == "" // the name itself: nothing else will be tried
	case protocol.Advised:
		whole = whole && e.Held // else the line is sent next
	case protocol.Noted:
		whole = whole && i.after.Host() != "" // else it tells of the connection that comes, whose host a title has
	}
	if !whole && len(c.items) < shownItems {
		return exchange{}, false
	}
	return c.take()
}

// take ends the exchange that is under way, whole or not; ok is false where
// there is none.
func (c *collector) take() (done exchange, ok bool) {
	if c.taken || len(c.items) == 0 {
		return exchange{}, false
	}
	c.taken = true
	done.items = c.items
	for _, i := range c.items {
		switch i.e.(type) {
		case protocol.Sent, protocol.Received:
			if done.number == 0 {
				c.number++
				done.number = c.number
			}
		}
	}
	return done, true
}

// keep adds an item. Of message content only the beginning is kept.
func (c *collector) keep(i item) {
	sent, ok := i.e.(protocol.Sent)
	if !ok {
		c.items = append(c.items, i)
		return
	}
	room := len(sent.Raw)
	if isContent(sent) {
		room = min(room, shownContent-c.shown)
		c.shown += room
	}
	// The octets are the sender's again when the event was taken.
	sent.Raw, sent.Omitted = bytes.Clone(sent.Raw[:room]), sent.Size()-room
	if n := len(c.items); room == 0 && n > 0 {
		if last, ok := c.items[n-1].e.(protocol.Sent); ok && last.Kind == sent.Kind && isContent(sent) {
			last.Omitted, last.Last = last.Omitted+sent.Omitted, sent.Last
			c.items[n-1].e, c.items[n-1].after = last, i.after
			return
		}
	}
	i.e = sent
	c.items = append(c.items, i)
}

// isContent reports octets of a message.
func isContent(e protocol.Sent) bool {
	return e.Kind == protocol.SentContent || e.Kind == protocol.SentChunk
}

// began and ended are the moments of the first and the last event.
func (x exchange) began() time.Time { return x.items[0].e.When() }
func (x exchange) ended() time.Time { return x.items[len(x.items)-1].e.When() }

// name is what a heading calls the exchange: what was asked.
func (x exchange) name() string {
	asked, more := "", 0
	for _, i := range x.items {
		word := ""
		switch e := i.e.(type) {
		case protocol.Sent:
			word = nameOf(e)
		case protocol.Opened:
			word = "Connection"
		case protocol.Secured:
			word = "TLS handshake"
		}
		switch {
		case word == "" || word == asked:
		case asked == "":
			asked = word
		default:
			more++
		}
	}
	if more > 0 {
		asked += " and " + strconv.Itoa(more) + " more"
	}
	if asked == "" {
		return x.otherName()
	}
	return asked
}

// otherName is name for an exchange in which nothing was asked.
func (x exchange) otherName() string {
	switch e := x.items[len(x.items)-1].e.(type) {
	case protocol.Received:
		return "Unasked"
	case protocol.Closed:
		return "End of the connection"
	case protocol.Trying, protocol.Missed:
		return "No connection"
	case protocol.Advised:
		if e.Held {
			return "A line that was not sent"
		}
		return "Advice"
	case protocol.Expected:
		return "Expectation"
	case protocol.Summed:
		return "Summary"
	}
	return "Note"
}

// nameOf is what a heading calls something that was sent.
func nameOf(e protocol.Sent) string {
	switch e.Kind {
	case protocol.SentCommand:
		c := protocol.Parse(strings.TrimRight(string(e.Raw), "\r\n"))
		return strings.ToUpper(c.Name.Of(c.Raw))
	case protocol.SentResponse:
		return "Answer"
	case protocol.SentContent:
		return "Message"
	case protocol.SentChunk:
		return "Octets of a chunk"
	case protocol.SentPreamble:
		return "PROXY header"
	}
	return ""
}

// codes are the codes of the replies, in order.
func (x exchange) codes() []int {
	var codes []int
	for _, i := range x.items {
		if e, ok := i.e.(protocol.Received); ok {
			codes = append(codes, e.Reply.Code)
		}
	}
	return codes
}

// answered is how long a reply took, from when what it answers was sent; ok is
// false where nothing was asked.
func (i item) answered() (took time.Duration, ok bool) {
	u, ok := i.before.Head()
	if !ok || u.Sent.IsZero() {
		return 0, false
	}
	return i.e.When().Sub(u.Sent), true
}
