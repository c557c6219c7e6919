package trace

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"smtpsh/protocol"
)

// TestRecordingIsFlat holds that a session of a million exchanges, recorded in
// every format at once, needs no more memory than one of a tenth of that.
func TestRecordingIsFlat(t *testing.T) {
	exchanges := 1_000_000
	if raceDetector || testing.Short() {
		exchanges = 50_000 // the race detector takes ten times as long
	}
	names, _ := Formats()
	var to []Recorder
	for _, name := range names {
		r, err := New(name, io.Discard, Options{})
		if err != nil {
			t.Fatal(err)
		}
		to = append(to, r)
	}
	var s protocol.Session
	tell := func(e protocol.Event) {
		after := s.After(e)
		for _, r := range to {
			r.Event(s, after, e)
		}
		s = after
	}
	tell(protocol.Opened{Host: "mx.example", Address: "192.0.2.1:25"})
	tell(received(protocol.At{Time: noon}, "220 mx.example ESMTP\r\n"))
	inUse := func(n int) uint64 {
		for i := range n {
			tell(protocol.Sent{At: protocol.At{Time: noon}, Raw: fmt.Appendf(nil, "VRFY user%d\r\n", i)})
			tell(received(protocol.At{Time: noon}, "252 2.0.0 perhaps\r\n"))
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse(exchanges / 10)
	after := inUse(exchanges / 10 * 9)
	if after > before+1<<20 {
		t.Errorf("%d octets in use behind %d exchanges, and %d behind %d", before, exchanges/10, after, exchanges)
	}
}
