package shell

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/protocol"
)

// fate is what became of one message of many.
type fate uint8

const (
	// accepted is a message that was taken for all of its recipients.
	accepted fate = iota
	// inPart is one that was taken for some of them.
	inPart
	// refused is one that a reply refused.
	refused
	// heldBack is one whose envelope cannot be sent as it is.
	heldBack
	// unreadable is one that could not be read.
	unreadable
	// lost is one that no connection carried to its end.
	lost
	// unknown is one whose end was sent, and that had no reply.
	unknown
)

// tally is what has become of the messages of a large errand.
type tally struct {
	done atomic.Int64

	mu      sync.Mutex
	fates   [unknown + 1]int
	refused map[int]int // by reply code
	took    []time.Duration
	worst   Status
	unreads []error // the first of them
	trouble string  // why the first connection that could not be used could not
}

// mostUnreads is how many messages that cannot be read are named.
const mostUnreads = 10

func (t *tally) add(f fate, code int, took time.Duration, status Status) {
	t.done.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fates[f]++
	if t.worst == StatusOK {
		t.worst = status
	}
	switch f {
	case accepted:
		t.took = append(t.took, took)
	case refused:
		if t.refused == nil {
			t.refused = map[int]int{}
		}
		t.refused[code]++
	case inPart, heldBack, unreadable, lost, unknown:
	}
}

// unread counts a message that cannot be read.
func (t *tally) unread(err error) {
	t.add(unreadable, 0, 0, StatusUsage)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.unreads) < mostUnreads {
		t.unreads = append(t.unreads, err)
	}
}

// unusable notes why a connection could not be used.
func (t *tally) unusable(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble = cmp.Or(t.trouble, strings.TrimSuffix(why, ".")+".")
}

// sum is the summary of all that there were.
func (t *tally) sum(all, connections int, took time.Duration) protocol.Summed {
	e := protocol.Summed{
		Messages: all, Connections: connections, Took: took,
		Accepted: t.fates[accepted], Partly: t.fates[inPart], Held: t.fates[heldBack], Unreadable: t.fates[unreadable],
		Lost: t.fates[lost], Unknown: t.fates[unknown], Left: all - int(t.done.Load()),
	}
	for _, code := range slices.SortedFunc(maps.Keys(t.refused), cmp.Compare) {
		e.Refused = append(e.Refused, protocol.Refusals{Code: code, Messages: t.refused[code]})
	}
	if len(t.took) > 0 {
		slices.Sort(t.took)
		at := func(percent int) time.Duration { return t.took[(len(t.took)-1)*percent/100] }
		e.Times = protocol.Times{P50: at(50), P90: at(90), P99: at(99), Longest: at(100)}
	}
	return e
}

// status is the exit status that they amount to.
func (t *tally) status() Status {
	if t.fates[accepted]+t.fates[inPart] > 0 && t.worst != StatusOK {
		return StatusNegative
	}
	return t.worst
}
