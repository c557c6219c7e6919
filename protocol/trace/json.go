package trace

import (
	"strconv"
	"time"

	"smtpsh/protocol"
)

// jsonLines writes an object for each event, a line for each object: the
// schema's, by hand, for an encoder that looks at types takes ten times as
// long, and a session may be a million exchanges.
type jsonLines struct{ encoder }

func (j *jsonLines) end(b []byte) []byte { return b }

func (j *jsonLines) event(b []byte, before, _ protocol.Session, e protocol.Event) []byte {
	j.b = b
	switch e := e.(type) {
	case protocol.Trying:
		j.head("trying", e.Time)
		j.text("address", e.Address)
	case protocol.Missed:
		j.head("missed", e.Time)
		j.some("address", e.Address)
		j.fault(e.Err)
	case protocol.Opened:
		j.head("opened", e.Time)
		j.text("host", e.Host)
		j.text("address", e.Address)
		j.some("via", e.Via)
		j.some("local", e.Local)
		j.flag("lmtp", e.LMTP)
	case protocol.Sent:
		j.sent(e)
	case protocol.Received:
		j.reply(before, e)
	case protocol.Secured:
		j.tls(e)
	case protocol.Smuggled:
		j.head("smuggled", e.Time)
		j.octets("raw", e.Raw)
	case protocol.Closed:
		j.closed(e)
	case protocol.Cancelled:
		j.head("cancelled", e.Time)
	case protocol.Advised:
		j.advice(e)
	case protocol.Noted:
		j.head("note", e.Time)
		j.text("text", e.Text)
	case protocol.Expected:
		j.head("expectation", e.Time)
		j.text("want", e.Want)
		j.some("got", e.Got)
		j.yes("ok", e.OK)
		j.some("where", e.Where)
		j.some("of", e.Of)
	case protocol.Summed:
		j.summary(e)
	}
	b, j.b = append(j.b, "}\n"...), nil
	return b
}

// sentKinds are the names of a Sent's kinds.
var sentKinds = [...]string{protocol.SentCommand: "command", protocol.SentResponse: "response", protocol.SentContent: "content", protocol.SentChunk: "chunk", protocol.SentPreamble: "preamble"}

func (j *jsonLines) sent(e protocol.Sent) {
	j.head("sent", e.Time)
	j.text("kind", sentKinds[e.Kind])
	j.octets("raw", e.Raw)
	if e.Mask != (protocol.Span{}) {
		j.key("mask")
		j.b = append(j.b, '[')
		j.b = strconv.AppendInt(j.b, int64(e.Mask.Start), 10)
		j.b = append(j.b, ',')
		j.b = strconv.AppendInt(j.b, int64(e.Mask.End), 10)
		j.b = append(j.b, ']')
	}
	j.count("omitted", e.Omitted)
	j.flag("last", e.Last)
	j.flag("forced", e.Forced)
	j.flag("auto", e.Auto)
}

func (j *jsonLines) reply(before protocol.Session, e protocol.Received) {
	r := &e.Reply
	answers := before.Answers()
	j.head("reply", e.Time)
	j.text("answers", answers)
	if u, ok := before.Head(); ok && !u.Sent.IsZero() {
		j.millis("ms", e.Time.Truncate(time.Microsecond).Sub(u.Sent.Truncate(time.Microsecond))) // as the times of the lines have it
	}
	j.number("code", r.Code)
	if !r.Enhanced.IsZero() {
		j.key("enhanced")
		j.b = append(j.b, '"')
		j.b = strconv.AppendInt(j.b, int64(r.Enhanced.Class), 10)
		j.b = strconv.AppendInt(append(j.b, '.'), int64(r.Enhanced.Subject), 10)
		j.b = strconv.AppendInt(append(j.b, '.'), int64(r.Enhanced.Detail), 10)
		j.b = append(j.b, '"')
	}
	j.texts("lines", r.Lines)
	j.octets("raw", r.Raw)
	j.count("dropped", r.Dropped)
	j.anomalies("anomalies", r.Anomalies)
	j.anomalies("odd", r.Odd(answers))
}

func (j *jsonLines) anomalies(key string, list []protocol.Anomaly) {
	if len(list) == 0 {
		return
	}
	j.list(key)
	for _, a := range list {
		j.object()
		j.text("id", a.ID)
		j.number("line", a.Line)
		j.text("message", a.Message)
		j.b = append(j.b, '}')
	}
	j.b = append(j.b, ']')
}

func (j *jsonLines) tls(e protocol.Secured) {
	j.head("tls", e.Time)
	j.text("version", e.Version)
	j.text("cipher", e.Cipher)
	j.some("group", e.Group)
	j.flag("resumed", e.Resumed)
	j.millis("ms", e.Took)
	j.text("name", e.Name)
	j.some("client", e.TLS.Sent)
	j.flag("wanted", e.Wanted)
	if len(e.Chain) > 0 {
		j.list("chain")
		for _, c := range e.Chain {
			j.certificate(c)
		}
		j.b = append(j.b, ']')
	}
	j.some("trust", e.Trust)
	j.texts("lacks", e.Lacks)
	j.flag("lax", e.Lax)
	j.yes("verified", e.Verified())
}

func (j *jsonLines) certificate(c protocol.Certificate) {
	j.object()
	j.text("subject", c.Subject)
	j.text("issuer", c.Issuer)
	j.texts("names", c.Names)
	j.time("not_before", c.NotBefore)
	j.time("not_after", c.NotAfter)
	j.text("key", c.Key)
	j.text("signature", c.Signature)
	j.text("sha256", c.SHA256)
	if len(c.Raw) > 0 {
		j.key("der")
		j.base64(c.Raw)
	}
	j.b = append(j.b, '}')
}

// closers are the names of who ends a connection.
var closers = [...]string{protocol.ByPeer: "peer", protocol.ByUser: "user", protocol.ByFault: "fault"}

func (j *jsonLines) closed(e protocol.Closed) {
	j.head("closed", e.Time)
	j.text("by", closers[e.By])
	j.fault(e.Err)
	j.count("unsent", e.Unsent)
	j.octets("tail", e.Tail)
}

func (j *jsonLines) advice(e protocol.Advised) {
	j.head("advice", e.Time)
	j.text("line", e.Line)
	j.yes("held", e.Held)
	if len(e.Diags) == 0 {
		return
	}
	j.list("diags")
	for _, d := range e.Diags {
		j.object()
		j.text("id", d.ID)
		j.text("severity", d.Severity.String())
		j.number("start", d.Start)
		j.number("end", d.End)
		j.text("message", d.Message)
		j.count("rfc", d.Ref.RFC)
		j.some("section", d.Ref.Section)
		j.some("fix", d.Fix)
		j.texts("then", d.Then)
		j.b = append(j.b, '}')
	}
	j.b = append(j.b, ']')
}

func (j *jsonLines) summary(e protocol.Summed) {
	j.head("summary", e.Time)
	j.number("messages", e.Messages)
	j.number("connections", e.Connections)
	j.millis("ms", e.Took)
	j.key("rate")
	j.b = strconv.AppendFloat(j.b, e.Rate(), 'f', 1, 64)
	j.number("accepted", e.Accepted)
	j.number("partly", e.Partly)
	j.list("refused")
	for _, r := range e.Refused {
		j.object()
		j.number("code", r.Code)
		j.number("messages", r.Messages)
		j.b = append(j.b, '}')
	}
	j.b = append(j.b, ']')
	j.number("held", e.Held)
	j.number("unreadable", e.Unreadable)
	j.number("lost", e.Lost)
	j.number("unknown", e.Unknown)
	j.number("left", e.Left)
	if e.Times == (protocol.Times{}) {
		return
	}
	j.millis("p50", e.Times.P50)
	j.millis("p90", e.Times.P90)
	j.millis("p99", e.Times.P99)
	j.millis("longest", e.Times.Longest)
}

func (j *jsonLines) fault(err error) {
	if err == nil {
		return
	}
	j.key("error")
	j.b = append(j.b, '{')
	j.some("kind", kindOf(err))
	j.text("text", err.Error())
	j.b = append(j.b, '}')
}

// head begins an object with what all of them begin with.
func (j *jsonLines) head(event string, at time.Time) {
	j.b = append(j.b, `{"v":`...)
	j.b = strconv.AppendInt(j.b, Version, 10)
	j.text("event", event)
	j.time("time", at)
}
