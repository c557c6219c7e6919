package trace

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/protocol"
)

// Summary says in rows what became of many messages. What there is none of is
// left out, but for those that were accepted.
func Summary(e protocol.Summed) []Row {
	rows := []Row{{Strong.Of(fmt.Sprintf("%s in %s, %.0f a second, over %s", several(e.Tried(), "message"), Duration(e.Took), e.Rate(), several(e.Connections, "connection")))}}
	add := func(label string, style Style, text string) {
		rows = append(rows, Row{Dim.Of(fmt.Sprintf("  %-10s", label)), style.Of(text)})
	}
	some := func(n int, label string, style Style, text string) {
		if n > 0 {
			add(label, style, strconv.Itoa(n)+text)
		}
	}
	add("accepted", Good, strconv.Itoa(e.Accepted))
	some(e.Partly, "in part", Caution, ", taken for some of the recipients only")
	if len(e.Refused) > 0 {
		list := make([]string, len(e.Refused))
		for i, r := range e.Refused {
			list[i] = fmt.Sprintf("%d: %d", r.Code, r.Messages)
		}
		add("refused", Bad, strings.Join(list, ", "))
	}
	some(e.Held, "not sent", Bad, ", for a line of the envelope is wrong or not taken there")
	some(e.Unreadable, "unread", Bad, ", for they cannot be read, and so not sent")
	some(e.Lost, "lost", Bad, ", for no connection could be used, or it ended before the message did")
	some(e.Unknown, "unknown", Bad, ", sent to the end without a reply: taken or not, and sent again it may arrive twice (RFC 1047)")
	some(e.Left, "not tried", Caution, "")
	if t := e.Times; t != (protocol.Times{}) {
		add("each took", Plain, fmt.Sprintf("50 %% up to %s, 90 %% up to %s, 99 %% up to %s, the longest %s", Duration(t.P50), Duration(t.P90), Duration(t.P99), Duration(t.Longest)))
	}
	return rows
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
