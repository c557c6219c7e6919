package term

import (
	"io"
	"strings"
	"sync"
)

// item is one piece of input that waits: a key, a whole line of a paste, or the unfinished rest of one.
type item struct {
	key  key // keyPaste for the lines and the rest
	text string
	line bool // text was followed by a line end
}

// reason is why the reading of a line is ended from outside.
type reason int

const (
	goOn reason = iota
	wasCancelled
	wasHungUp // the input ended
	wasClosed
)

// queue holds the input in the order it came, keys and pasted lines alike. It is also readline's standard input:
// Read gives out one item at a time, and only while a line is asked for. Because it decides what readline's own
// goroutine reads, no key is handled too early, whatever that goroutine has been told to do.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	items   []item
	asking  bool // a line is asked for: Ctrl-C is a key
	armed   bool // readline may read
	ended   reason
	why     reason   // why readline was given its last Ctrl-C
	out     []byte   // what Read has still to give out
	stop    bool     // after which it waits to be armed
	payload []string // the texts of the pastes that readline has been told of
	byPaste bool     // the last Enter was that of a pasted line
	cancel  bool
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// push takes in an event. It returns false for a Ctrl-C that belongs to no line.
func (q *queue) push(e event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case e.key == keyInterrupt && !q.asking:
		return false
	case e.key == keySuspend && !q.asking:
		return true
	case e.key == keyPaste:
		q.items = append(q.items, splitPaste(e.text)...)
	default:
		q.items = append(q.items, item{key: e.key, text: e.text})
	}
	q.changed.Broadcast()
	return true
}

// splitPaste cuts a paste at its line ends: terminals send CR for each, some CR LF, and a test program LF.
func splitPaste(s string) []item {
	var items []item
	for s != "" {
		i := strings.IndexAny(s, "\r\n")
		if i < 0 {
			items = append(items, item{key: keyPaste, text: s})
			break
		}
		items = append(items, item{key: keyPaste, text: s[:i], line: true})
		if strings.HasPrefix(s[i:], "\r\n") {
			i++
		}
		s = s[i+1:]
	}
	return items
}

// end ends the reading for good, or by wasCancelled that of the present line.
func (q *queue) end(why reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if why == wasCancelled {
		q.cancel = true
	} else if q.ended < why {
		q.ended = why
	}
	q.changed.Broadcast()
}

// ask begins or ends the time in which a line is asked for.
func (q *queue) ask(on bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asking, q.armed, q.cancel = on, false, false
	if on {
		q.why, q.byPaste, q.payload, q.out = goOn, false, nil, nil
	}
}

// arm lets readline read.
func (q *queue) arm() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed = true
	q.changed.Broadcast()
}

// isAsking says whether a line is asked for.
func (q *queue) isAsking() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.asking
}

// interrupt puts a Ctrl-C in front of everything, for one that came as a signal. It returns false if no line is
// asked for.
func (q *queue) interrupt() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.asking {
		return false
	}
	q.items = append([]item{{key: keyInterrupt}}, q.items...)
	q.changed.Broadcast()
	return true
}

// outcome says why the last line ended, and whether its Enter came from a paste.
func (q *queue) outcome() (why reason, byPaste bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended == wasClosed {
		return wasClosed, false
	}
	return q.why, q.byPaste
}

// takePayload gives the text of the paste that readline has been told of.
func (q *queue) takePayload() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.payload) == 0 {
		return ""
	}
	s := q.payload[0]
	q.payload = q.payload[1:]
	return s
}

// Read gives readline the next item: a character in UTF-8, a key as a private rune, or one of the bytes that end a
// line. After the latter, and after a Ctrl-D until it is known what that meant, it waits to be armed again.
func (q *queue) Read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.ended == wasClosed:
			return 0, io.EOF
		case !q.armed:
		case len(q.out) > 0:
			n := copy(p, q.out)
			q.out = q.out[n:]
			q.armed = len(q.out) > 0 || !q.stop
			return n, nil
		case q.cancel || (len(q.items) == 0 && q.ended == wasHungUp):
			q.why, q.armed = wasHungUp, false
			if q.cancel {
				q.why = wasCancelled
			}
			p[0] = 3
			return 1, nil
		case len(q.items) > 0:
			it := q.items[0]
			q.items = q.items[1:]
			q.encode(it)
			continue
		}
		q.changed.Wait()
	}
}

// encode fills out with an item in the form that readline reads.
func (q *queue) encode(it item) {
	q.stop = false
	switch it.key {
	case keyText:
		q.out = []byte(string(toRunes(it.text)))
	case keyEnter:
		q.out, q.stop = []byte{'\r'}, true
		q.byPaste = false
	case keyInterrupt:
		q.out, q.stop = []byte{3}, true
	case keyEOF:
		q.out, q.stop = []byte(string(keyBase+rune(keyEOF))), true
	case keyPaste:
		q.payload = append(q.payload, it.text)
		q.out = []byte(string(keyBase + rune(keyPaste)))
		if it.line {
			q.out, q.stop = append(q.out, '\r'), true
			q.byPaste = true
		}
	default:
		q.out = []byte(string(keyBase + rune(it.key)))
	}
}

// Close satisfies io.Closer for readline; the end comes by way of the Terminal.
func (q *queue) Close() error { return nil }
