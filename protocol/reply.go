package protocol

// Reply is one whole reply of a server, single- or multi-line
// (RFC 5321 §4.2). A negative reply is a value like any other.
type Reply struct {
	Code      int       // 250; 0 when no line carried a code
	Enhanced  Enhanced  // from the first line that has one; zero when none does
	Lines     []string  // text of each line behind code and separator, the enhanced code included, raw octets
	Raw       []byte    // the octets as received, line ends included; cut at the parser's limit
	Anomalies []Anomaly // what is odd about it, in order of the lines
	Dropped   int       // octets past the limit that were counted and not kept
}

// Enhanced is an enhanced status code, class.subject.detail (RFC 3463 §2).
// The zero value means that there was none.
type Enhanced struct{ Class, Subject, Detail int }

// Anomaly is something odd in a reply: shown and flagged, never fatal.
type Anomaly struct {
	ID      string // stable name: "code-differs"
	Line    int    // 1-based line of the reply
	Message string // one sentence
}

// Class is the first digit of the code (RFC 5321 §4.2.1): 2 done, 3 go on,
// 4 failed for now, 5 failed for good; 0 for a code outside 200-599.
func (r Reply) Class() int {
	if r.Code < 200 || r.Code > 599 {
		return 0
	}
	return r.Code / 100
}

// Positive reports a 2yz or 3yz reply.
func (r Reply) Positive() bool { return r.Class() == 2 || r.Class() == 3 }

// Negative reports a 4yz or 5yz reply.
func (r Reply) Negative() bool { return r.Class() == 4 || r.Class() == 5 }
