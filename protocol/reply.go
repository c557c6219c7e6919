package protocol

// Reply is one whole reply of a server, single- or multi-line
// (RFC 5321 §4.2). A negative reply is a value like any other.
type Reply struct {
	Code      int       // 250, of the last line that has one (see ReplyParser); 0 when no line carried a code
	Enhanced  Enhanced  // from the first line that has one; zero when none does
	Lines     []string  // text of each line behind code and separator, the enhanced code included, raw octets
	Raw       []byte    // the octets as received, line ends included; cut at the parser's limit
	Anomalies []Anomaly // what is odd about it, in order of the lines
	Dropped   int       // octets past the limit that were counted and not kept
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

// WellFormed reports whether the reply keeps to the grammar of RFC 5321 §4.2.
// A reply without text does: the text is optional, and a space before the
// missing text is what a client "SHOULD be prepared" for. So does a line over
// 512 octets, a limit and not grammar. Text beyond ASCII does not, although
// RFC 6531 §3.7.4 allows it once SMTPUTF8 is in use: who knows that it is can
// look for text-8bit alone.
func (r Reply) WellFormed() bool {
	if r.Code == 0 || len(r.Lines) == 0 {
		return false
	}
	for _, a := range r.Anomalies {
		if row := FindAnomaly(a.ID); row != nil && row.Breaks {
			return false
		}
	}
	return true
}
