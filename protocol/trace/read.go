package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

var (
	// ErrUnknown is when a line is an event that a later version knows; it is
	// passed over, and the next one may be read.
	ErrUnknown = errors.New("an event that this version does not know")
	// ErrTorn is when a record ends in the middle of a line: whoever wrote it
	// was stopped. What stands before it is good.
	ErrTorn = errors.New("the record breaks off in the middle of a line")
	// errRange is when a number makes no sense where it stands.
	errRange = errors.New("out of range")
	// errLong is when a line is longer than any that is written.
	errLong = errors.New("the line is too long")
)

// maxRecord is the longest line that is read: one event, which may be a
// message in one piece.
const maxRecord = 1 << 30

// LineError is what is wrong with one line of a record.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error tells the line.
func (e *LineError) Error() string { return fmt.Sprintf("record line %d: %v", e.Line, e.Err) }

// Unwrap is what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Reader reads events back from JSON Lines.
type Reader struct {
	in    *bufio.Reader
	line  int
	later int
}

// NewReader makes a Reader of what a recorder of JSON Lines wrote.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(r, 64<<10)} }

// Later is the highest version of the schema that was met above this one's;
// 0 when there was none. Such lines are read as far as they are understood.
func (r *Reader) Later() int { return r.later }

// Next is the next event. At the end its error is io.EOF. A line that is not
// understood is a *LineError, and the next call goes on behind it: with
// ErrUnknown where a later version may know more, with ErrTorn where the last
// line is not whole. Empty lines are passed over.
func (r *Reader) Next() (protocol.Event, error) {
	for {
		line, torn, err := r.read()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 && !torn {
			continue
		}
		e, err := r.event(line)
		if err != nil {
			if torn { // an object tells itself where it ends, so a line end alone may be missing
				err = ErrTorn
			}
			return nil, &LineError{r.line, err}
		}
		return e, nil
	}
}

// read is one line. It is torn where the record ends without its LF.
func (r *Reader) read() (line []byte, torn bool, err error) {
	r.line++
	for {
		part, err := r.in.ReadSlice('\n')
		if line == nil && err == nil {
			return part, false, nil
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, false, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxRecord:
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, false, fmt.Errorf("read record: line %d: %w", r.line, errLong)
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, true, nil
		case errors.Is(err, io.EOF):
			return nil, false, io.EOF
		default:
			return nil, false, fmt.Errorf("read record: %w", err)
		}
	}
}

// ReadAll is every event of a record. Lines that were not understood are in
// the error, a joined list of LineErrors; the events are good all the same.
func ReadAll(in io.Reader) ([]protocol.Event, error) {
	var events []protocol.Event
	var errs []error
	for r := NewReader(in); ; {
		e, err := r.Next()
		var line *LineError
		switch {
		case err == nil:
			events = append(events, e)
		case errors.Is(err, io.EOF):
			return events, errors.Join(errs...)
		case errors.As(err, &line):
			errs = append(errs, err)
		default:
			return events, errors.Join(append(errs, err)...)
		}
	}
}

// object is a line of the schema that makes an event.
type object interface {
	event(protocol.At) (protocol.Event, error)
}

// blank is an empty object for an event of that name; nil for an unknown one.
func blank(name string) object {
	switch name {
	case "trying":
		return &TryingLine{}
	case "missed":
		return &MissedLine{}
	case "opened":
		return &OpenedLine{}
	case "sent":
		return &SentLine{}
	case "reply":
		return &ReplyLine{}
	case "tls":
		return &TLSLine{}
	case "smuggled":
		return &SmuggledLine{}
	case "closed":
		return &ClosedLine{}
	case "cancelled":
		return &CancelledLine{}
	case "advice":
		return &AdviceLine{}
	case "note":
		return &NoteLine{}
	case "expectation":
		return &ExpectationLine{}
	case "summary":
		return &SummaryLine{}
	}
	return nil
}

func (r *Reader) event(line []byte) (protocol.Event, error) {
	var head Head
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	if head.V > Version {
		r.later = max(r.later, head.V)
	}
	o := blank(head.Event)
	if o == nil {
		return nil, fmt.Errorf("event %q: %w", head.Event, ErrUnknown)
	}
	if err := json.Unmarshal(line, o); err != nil {
		return nil, err
	}
	return o.event(protocol.At{Time: head.Time.Time})
}

func (o *TryingLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Trying{At: at, Address: string(o.Address)}, nil
}

func (o *MissedLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Missed{At: at, Address: string(o.Address), Err: o.Error.err()}, nil
}

func (o *OpenedLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Opened{At: at, Host: string(o.Host), Address: string(o.Address), Via: string(o.Via), Local: string(o.Local), LMTP: o.LMTP}, nil
}

func (o *SentLine) event(at protocol.At) (protocol.Event, error) {
	kind := slices.Index(sentKinds[:], o.Kind)
	if kind < 0 {
		return nil, fmt.Errorf("sent %q: %w", o.Kind, ErrUnknown)
	}
	if o.Omitted < 0 {
		return nil, fmt.Errorf("%d octets omitted: %w", o.Omitted, errRange)
	}
	e := protocol.Sent{At: at, Kind: protocol.SentKind(kind), Raw: o.Raw.bytes(), Omitted: o.Omitted, Last: o.Last, Forced: o.Forced, Auto: o.Auto}
	if m := o.Mask; m != nil {
		if m[0] < 0 || m[0] > m[1] || m[1] > len(e.Raw) {
			return nil, fmt.Errorf("mask %v of %d octets: %w", *m, len(e.Raw), errRange)
		}
		e.Mask = protocol.Span{Start: m[0], End: m[1]}
	}
	return e, nil
}

func (o *ReplyLine) event(at protocol.At) (protocol.Event, error) {
	r := protocol.Reply{Code: o.Code, Lines: stringsOf(o.Lines), Raw: o.Raw.bytes(), Dropped: o.Dropped}
	if o.Enhanced != "" {
		var err error
		if r.Enhanced, err = enhancedOf(o.Enhanced); err != nil {
			return nil, err
		}
	}
	for _, a := range o.Anomalies {
		r.Anomalies = append(r.Anomalies, protocol.Anomaly{ID: a.ID, Line: a.Line, Message: a.Message})
	}
	return protocol.Received{At: at, Reply: r}, nil
}

// enhancedOf reads an enhanced code, "5.1.1".
func enhancedOf(text string) (protocol.Enhanced, error) {
	var n [3]int
	words := strings.Split(text, ".")
	for i, word := range words {
		var err error
		if i < len(n) {
			n[i], err = strconv.Atoi(word)
		}
		if err != nil || len(words) != len(n) {
			return protocol.Enhanced{}, fmt.Errorf("enhanced code %q: not three numbers", text)
		}
	}
	return protocol.Enhanced{Class: n[0], Subject: n[1], Detail: n[2]}, nil
}

func (o *TLSLine) event(at protocol.At) (protocol.Event, error) {
	t := protocol.TLS{Version: o.Version, Cipher: o.Cipher, Group: o.Group, Resumed: o.Resumed, Took: time.Duration(o.MS),
		Name: string(o.Name), Sent: string(o.Client), Wanted: o.Wanted, Trust: string(o.Trust), Lacks: stringsOf(o.Lacks), Lax: o.Lax}
	for _, c := range o.Chain {
		t.Chain = append(t.Chain, protocol.Certificate{Subject: string(c.Subject), Issuer: string(c.Issuer), Names: stringsOf(c.Names),
			NotBefore: c.NotBefore.Time, NotAfter: c.NotAfter.Time, Key: c.Key, Signature: c.Signature, SHA256: c.SHA256, Raw: c.DER})
	}
	return protocol.Secured{At: at, TLS: t}, nil
}

func (o *SmuggledLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Smuggled{At: at, Raw: o.Raw.bytes()}, nil
}

func (o *ClosedLine) event(at protocol.At) (protocol.Event, error) {
	by := slices.Index(closers[:], o.By)
	if by < 0 {
		return nil, fmt.Errorf("closed by %q: %w", o.By, ErrUnknown)
	}
	return protocol.Closed{At: at, By: protocol.Closer(by), Err: o.Error.err(), Unsent: o.Unsent, Tail: o.Tail.bytes()}, nil
}

func (o *CancelledLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Cancelled{At: at}, nil
}

func (o *AdviceLine) event(at protocol.At) (protocol.Event, error) {
	e := protocol.Advised{At: at, Line: string(o.Line), Held: o.Held}
	for _, d := range o.Diags {
		severity, err := severityOf(d.Severity)
		if err != nil {
			return nil, err
		}
		if d.Start < 0 || d.Start > d.End {
			return nil, fmt.Errorf("advice on octets %d to %d: %w", d.Start, d.End, errRange)
		}
		e.Diags = append(e.Diags, protocol.Diag{ID: d.ID, Severity: severity, Start: d.Start, End: d.End, Message: string(d.Message),
			Ref: protocol.Ref{RFC: d.RFC, Section: d.Section}, Fix: string(d.Fix), Then: stringsOf(d.Then)})
	}
	return e, nil
}

func severityOf(name string) (protocol.Severity, error) {
	for s := protocol.Hint; s <= protocol.Error; s++ {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("severity %q: %w", name, ErrUnknown)
}

func (o *NoteLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Noted{At: at, Text: string(o.Text)}, nil
}

func (o *ExpectationLine) event(at protocol.At) (protocol.Event, error) {
	return protocol.Expected{At: at, Want: string(o.Want), Got: string(o.Got), OK: o.OK, Where: string(o.Where), Of: string(o.Of)}, nil
}

func (o *SummaryLine) event(at protocol.At) (protocol.Event, error) {
	e := protocol.Summed{At: at, Messages: o.Messages, Connections: o.Connections, Took: time.Duration(o.MS), Accepted: o.Accepted, Partly: o.Partly,
		Held: o.Held, Unreadable: o.Unreadable, Lost: o.Lost, Unknown: o.Unknown, Left: o.Left,
		Times: protocol.Times{P50: time.Duration(o.P50), P90: time.Duration(o.P90), P99: time.Duration(o.P99), Longest: time.Duration(o.Longest)}}
	for _, r := range o.Refused {
		e.Refused = append(e.Refused, protocol.Refusals(r))
	}
	return e, nil
}

// err is the error as an event has it: nil where there is none.
func (e *Error) err() error {
	if e == nil {
		return nil
	}
	return e
}

func (o OctetString) bytes() []byte {
	if o == "" {
		return nil
	}
	return []byte(o)
}

func stringsOf(list []OctetString) []string {
	var texts []string
	for _, text := range list {
		texts = append(texts, string(text))
	}
	return texts
}
