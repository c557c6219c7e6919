package trace

import (
	"fmt"
	"strings"
	"time"

	"smtpsh/protocol"
)

// Summary is what became of many messages, in rows.
func Summary(e protocol.Summed) []Row {
	n := e.Tried()
	label := func(name string) Span { return Dim.Of(fmt.Sprintf("  %-10s", name)) }
	rows := []Row{{Strong.Of(fmt.Sprintf("%s in %s, %.0f a second, over %s", several(n, "message"), Duration(e.Took), float64(n)/max(e.Took, time.Microsecond).Seconds(), several(e.Connections, "connection")))},
		{label("accepted"), Good.Of(fmt.Sprint(e.Accepted))}}
	if e.Partly > 0 {
		rows = append(rows, Row{label("in part"), Caution.Of(fmt.Sprintf("%d, taken for some of the recipients only", e.Partly))})
	}
	var refused []string
	if e.Held > 0 {
		refused = append(refused, fmt.Sprintf("not sent, for a line of the envelope is wrong or not taken there: %d", e.Held))
	}
	if e.Unread > 0 {
		refused = append(refused, fmt.Sprintf("not sent, for it could not be read: %d", e.Unread))
	}
	if e.Lost > 0 {
		refused = append(refused, fmt.Sprintf("lost with the connection: %d", e.Lost))
	}
	for _, r := range e.Refused {
		refused = append(refused, fmt.Sprintf("%d: %d", r.Code, r.Count))
	}
	if len(refused) > 0 {
		rows = append(rows, Row{label("refused"), Bad.Of(strings.Join(refused, ", "))})
	}
	if n < e.All {
		rows = append(rows, Row{label("not tried"), Caution.Of(fmt.Sprint(e.All - n))})
	}
	if l := e.Latency; l.Longest > 0 {
		rows = append(rows, Row{label("each took"), Plain.Of(fmt.Sprintf("50 %% up to %s, 90 %% up to %s, 99 %% up to %s, the longest %s", Duration(l.Median), Duration(l.P90), Duration(l.P99), Duration(l.Longest)))})
	}
	return rows
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
