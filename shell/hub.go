package shell

import (
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// hub is where every event goes: it folds the session, has the event shown,
// collects the exchange, and publishes a snapshot for whoever reads along
// (prompt, completion, hints). Events come one at a time, from the
// connection's own goroutine or from the shell's.
type hub struct {
	mu       sync.Mutex
	session  protocol.Session
	recent   exchanges
	negative int             // replies that were negative, and that no script expected
	fresh    []answer        // those of the last exchange
	replies  []answer        // all of what was sent last
	heard    int             // replies so far
	room     int             // how many replies the group that is sent may have
	said     string          // the last note
	lost     bool            // a connection ended that neither side had said it would end
	late     bool            // it did because a reply took too long
	expired  bool            // so did the last one
	owing    []protocol.Unit // messages that were ended and have no reply
	ledgered bool            // replies are written down in answers
	answers  []answer
	silent   bool          // what was sent last has no reply yet
	lasted   time.Duration // the last exchange, from what was sent to its reply
	reply    *protocol.Reply
	after    string // what it answered
	login    int    // the code of the last reply to the AUTH that was sent last; 0 once another command was
	show     view.Renderer
	records  *records
	past     past
	tell     func(error) // says that a record failed
	quiet    bool        // the next connection is made without a word
	panicked func()
	park     func()            // makes the connection stop behind a 220 to STARTTLS
	tls      *protocol.Secured // the last handshake; nil without one
	missed   protocol.Event    // an address that failed, shown once another is tried
	echoes   protocol.Echoes   // credentials, which a server may say back

	snapshot atomic.Pointer[protocol.Session]
	changed  chan struct{} // ticks after each event; capacity 1
	moved    chan struct{} // the same, for whoever watches the prompt; capacity 1
}

func newHub(client string, show view.Renderer) *hub {
	h := &hub{show: show, records: &records{}, changed: make(chan struct{}, 1), moved: make(chan struct{}, 1)}
	h.session.Client = client
	h.publish()
	return h
}

// emit takes one event. It is the Emit of the Dialer, and is called by the
// shell for its own events too.
func (h *hub) emit(e protocol.Event) {
	defer h.guard()
	h.mu.Lock()
	e = h.echoes.Masked(e)
	before := h.session
	h.session = before.After(e)
	h.recent.add(before, e)
	h.account(before, e)
	h.ended(before, h.session, e)
	if h.session.Mode() == protocol.ModeHandshake && before.Mode() != protocol.ModeHandshake && h.park != nil {
		h.park() // here and now: what comes next on the wire is no reply
	}
	switch e := e.(type) {
	case protocol.Opened:
		h.tls = nil
	case protocol.Secured:
		h.tls = &e
	}
	after, quiet := h.session, h.quiet
	failed := h.record(before, after, e) // within mu: in the order in which the session took them
	if _, ok := e.(protocol.Received); ok {
		h.quiet = false // the banner ends the silence
	}
	h.mu.Unlock()

	h.tellOf(failed)
	if shown := h.inTurn(e); !quiet || !isDialling(e) {
		for _, e := range shown {
			h.show.Event(before, after, e)
		}
	}
	// Only now: whoever waits for the session to change may print what belongs
	// behind this event.
	h.publish()
	tick(h.changed)
	tick(h.moved)
}

// note writes a sentence of the shell's own into the records.
func (h *hub) note(e protocol.Noted) {
	h.mu.Lock()
	h.said = e.Text
	failed := h.record(h.session, h.session, e)
	h.mu.Unlock()
	h.tellOf(failed)
}

// mute reports a connection on which nothing was said, although it was waited
// for: it stands, or ended because that took too long.
func (h *hub) mute() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.silent && (h.session.Open() || h.expired)
}

// lastNote is what the shell said last.
func (h *hub) lastNote() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.said
}

func (h *hub) record(before, after protocol.Session, e protocol.Event) (failed []error) {
	h.past.event(before, after, e)
	return h.records.event(before, after, e)
}

// settleRecords writes what is queued, and tells of what could not be.
func (h *hub) settleRecords() {
	h.records.drain()
	h.tellOf(h.records.failures())
}

func (h *hub) tellOf(failed []error) {
	for _, err := range failed {
		h.tell(err)
	}
}

// account keeps what the exit status and the expectations of a script are
// about. It is called within mu.
func (h *hub) account(before protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Opened:
		h.silent, h.expired = true, false
	case protocol.Sent:
		if e.Kind == protocol.SentCommand {
			h.login = 0
		}
		if before.Awaiting() == 0 {
			h.replies = nil
			if e.Kind == protocol.SentCommand {
				h.fresh = nil
			}
			h.silent = h.silent || e.Kind != protocol.SentContent || e.Last
		}
	case protocol.Received:
		u, ok := before.Head()
		h.heard++
		h.silent = false
		a := answer{unit: u, reply: e.Reply, n: h.heard}
		if ok {
			a.took = e.When().Sub(u.Sent)
			h.lasted = a.took
			if len(h.replies) < max(h.room, mostReplies) {
				h.replies = append(h.replies, a)
			}
		}
		if !e.Reply.Positive() {
			h.negative++
			if len(h.fresh) < max(h.room, mostReplies) {
				h.fresh = append(h.fresh, a)
			}
		}
		if ok && u.Word == "AUTH" {
			h.login = e.Reply.Code
		}
		if ok && h.ledgered {
			h.answers = append(h.answers, a)
		}
		h.reply, h.after = &e.Reply, before.Answers()
	case protocol.Closed:
		u, owed := before.Head()
		owed = owed && u.Word != "QUIT" // which crossed the server's own farewell
		if e.By != protocol.ByUser && (owed || !before.Leaving()) {
			h.lost = true
			h.expired = errors.Is(e.Err, os.ErrDeadlineExceeded)
			h.late = h.late || h.expired
		}
	}
}

// excuse takes back what counts against the run: those negative replies of the
// last exchange that a script expected. One that it said nothing about still
// counts.
func (h *hub) excuse(expected func(answer) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := len(h.fresh)
	h.fresh = slices.DeleteFunc(h.fresh, expected)
	h.negative -= before - len(h.fresh)
}

// excuseEnd takes back that the connection ended, where a script expected it.
func (h *hub) excuseEnd() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost, h.late = false, false
}

// unexcused reports a negative reply in the last exchange that no script
// expected.
func (h *hub) unexcused() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.fresh) > 0
}

// answer is a reply, and what it answered.
type answer struct {
	unit  protocol.Unit
	reply protocol.Reply
	took  time.Duration
	n     int // which reply it was; 0 where none came
}

// mostReplies is how many replies are kept of an exchange that is no group: one
// that never pauses would fill the memory.
const mostReplies = 1000

// makeRoom has as many replies kept as a group will have.
func (h *hub) makeRoom(commands int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.room = commands
}

// answered are the replies to what was sent last.
func (h *hub) answered() []answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.replies)
}

// ledger begins to write replies down, or hands over those that came since and
// ends that.
func (h *hub) ledger(begin bool) []answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	answers := h.answers
	h.answers, h.ledgered = nil, begin
	return answers
}

// lostOne reports a connection that was lost.
func (h *hub) lostOne() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost
}

// guard puts the terminal right before a panic ends the program: on the
// connection's goroutine no defer of main would.
func (h *hub) guard() {
	if p := recover(); p != nil {
		h.records.rescue()
		if h.panicked != nil {
			h.panicked()
		}
		panic(p)
	}
}

// inTurn is what to show for e. That an address failed is held back until
// another one is tried: when it was the last, the shell says in one line why
// there is no connection.
func (h *hub) inTurn(e protocol.Event) []protocol.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	var shown []protocol.Event
	switch e.(type) {
	case protocol.Missed, protocol.Trying, protocol.Opened:
		if h.missed != nil {
			shown = append(shown, h.missed)
		}
		h.missed = nil
	}
	if missed, ok := e.(protocol.Missed); ok {
		h.missed = missed
		return shown
	}
	return append(shown, e)
}

// forgetMissed drops the failure that was held back.
func (h *hub) forgetMissed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.missed = nil
}

func isDialling(e protocol.Event) bool {
	switch e.(type) {
	case protocol.Trying, protocol.Opened:
		return true
	}
	return false
}

func tick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// publish makes the session as it stands the one that others read.
func (h *hub) publish() {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.session
	h.snapshot.Store(&s)
}

// Session is the session as it stands.
func (h *hub) Session() protocol.Session { return *h.snapshot.Load() }

// exchanges is a copy of what was exchanged last.
func (h *hub) last() exchanges {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent.clone()
}

// parkBy says how a connection is made to stop for a handshake.
func (h *hub) parkBy(park func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.park = park
}

// keepTLS keeps what a handshake that failed came to: its chain may tell why.
func (h *hub) keepTLS(t protocol.TLS) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tls = &protocol.Secured{TLS: t}
}

// lastTLS is the handshake of the connection that stands or stood last.
func (h *hub) lastTLS() (e protocol.Secured, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tls == nil {
		return protocol.Secured{}, false
	}
	return *h.tls, true
}

// lastReply is the last reply, and what it answered as package know names it.
func (h *hub) lastReply() (r protocol.Reply, after string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reply == nil {
		return protocol.Reply{}, "", false
	}
	return *h.reply, h.after, true
}

// loggedIn reports that the last AUTH was taken, whatever came behind the 235.
func (h *hub) loggedIn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.login == 235
}

// setClient changes the name that fixes give to HELO and EHLO.
func (h *hub) setClient(name string) {
	h.mu.Lock()
	h.session.Client = name
	h.mu.Unlock()
	h.publish()
}

// outcome is the exit status that the events alone amount to.
func (h *hub) outcome() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.late:
		return StatusTimeout
	case h.lost:
		return StatusLost
	case h.negative > 0:
		return StatusNegative
	}
	return StatusOK
}

// hush has the next connection made without a word: the practice server was
// announced already.
func (h *hub) hush() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.quiet = true
}
