package shell

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

const (
	// keptPast is how many octets of a session are kept for :export.
	keptPast = 64 << 20
	// pastBlock is how much of it is dropped at once when it is too long.
	pastBlock = 256 << 10
	// keptContent is how much of one message is kept: a long one would push all
	// the rest out, and take the memory that it has not to take on its way.
	keptContent = 1 << 20
)

// past is the session so far, secrets masked: as JSON Lines, for these are a
// fraction of the memory that the events are, hold no pointers for the
// collector to follow, and need no copy of octets that are only lent. The
// oldest of it is dropped when there is too much.
type past struct {
	mu      sync.Mutex
	limit   int // octets; 0 keeps nothing
	to      trace.Recorder
	blocks  []pastOf
	size    int
	dropped int // octets
	content int // octets of the message that is under way
	counted int // of those, the ones that no event has told of yet
}

// pastOf is a part of it, with the session that it begins in.
type pastOf struct {
	start protocol.Session
	lines []byte
}

// keep has so many octets kept from now on.
func (p *past) keep(octets int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = octets
}

// event keeps an event.
func (p *past) event(before, after protocol.Session, e protocol.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limit == 0 {
		return
	}
	if p.to == nil {
		p.to, _ = trace.New("jsonl", p, trace.Options{Live: true}) // there is such a format
	}
	if n := len(p.blocks); n == 0 || len(p.blocks[n-1].lines) > pastBlock {
		p.blocks = append(p.blocks, pastOf{start: before})
	}
	if e = p.shortened(before, e); e == nil {
		return
	}
	if p.counted > 0 {
		p.to.Event(before, before, protocol.Sent{At: protocol.At{Time: e.When()}, Kind: protocol.SentContent, Omitted: p.counted})
		p.counted = 0
	}
	p.to.Event(before, after, e)
	for p.size > p.limit && len(p.blocks) > 1 {
		n := len(p.blocks[0].lines)
		p.size, p.dropped = p.size-n, p.dropped+n
		p.blocks[0] = pastOf{} // the array lives on
		p.blocks = p.blocks[1:]
	}
}

// shortened counts what a message has beyond what is kept of one. Lines of it
// that come one by one are counted together: nil for what is told of later.
func (p *past) shortened(before protocol.Session, e protocol.Event) protocol.Event {
	sent, ok := e.(protocol.Sent)
	if !ok {
		return e
	}
	if sent.Kind == protocol.SentCommand && !before.Chunked() {
		p.content = 0
	}
	if sent.Kind != protocol.SentContent && sent.Kind != protocol.SentChunk {
		return e
	}
	if p.content += sent.Size(); p.content > keptContent {
		sent = sent.Counted()
	}
	if sent.Last {
		p.content = 0
	}
	if sent.Kind == protocol.SentContent && sent.Omitted > 0 {
		p.counted += sent.Omitted
		if sent.Omitted = p.counted; !sent.Last {
			return nil
		}
		p.counted = 0
	}
	return sent
}

// Write takes what the recorder has of one event. It is called within event.
func (p *past) Write(b []byte) (int, error) {
	last := &p.blocks[len(p.blocks)-1]
	last.lines = append(last.lines, b...)
	p.size += len(b)
	return len(b), nil
}

// each hands over the events that are kept, oldest first; where the beginning
// was dropped, a note that says so stands before them. It returns how many
// octets of record that was. What happens meanwhile is not among them.
func (p *past) each(do func(before, after protocol.Session, e protocol.Event)) (dropped int, err error) {
	p.mu.Lock()
	blocks := slices.Clone(p.blocks) // what stands in a block does not change
	dropped = p.dropped
	p.mu.Unlock()
	if len(blocks) == 0 {
		return dropped, nil
	}
	s, told := blocks[0].start, dropped == 0
	for _, block := range blocks {
		events, err := trace.ReadAll(bytes.NewReader(block.lines))
		if err != nil {
			return dropped, err
		}
		for _, e := range events {
			if !told {
				do(s, s, protocol.Noted{At: protocol.At{Time: e.When()}, Text: droppedText(dropped)})
				told = true
			}
			before := s
			s = s.After(e)
			do(before, s, e)
		}
	}
	return dropped, nil
}

// droppedText says that the beginning of a session was not kept.
func droppedText(dropped int) string {
	return fmt.Sprintf("The beginning of this session, %s of it, was dropped: only the last %s are kept for :export. --record keeps all.",
		view.Octets(uint64(dropped)), view.Octets(keptPast))
}
