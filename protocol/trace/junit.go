package trace

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smtpsh/protocol"
)

// junit is the XML that CI systems read: a test case for each assertion of a
// script, and one for each thing that went wrong without being asked about: a
// line that was held, a reply that was negative, a connection that could not
// be had or was lost. It can only be written at the end, for the head counts
// what follows.
type junit struct {
	host  string
	began time.Time
	last  time.Time // the end of the last case
	ended time.Time // the last event
	cases []junitCase
	heard string // the last reply, for what a failure says

	status int    // of the run
	why    string // it is not 0

	missed  *protocol.Missed // the last address, while none has answered
	refused []refusal        // negative replies of the last exchange, which may yet be expected
}

// refusal is a negative reply.
type refusal struct {
	code int
	of   string // what it answered
	at   time.Time
	junitCase
}

// junitCase is one test case. Trouble says what became of it: "failure",
// "error", or "" for none.
type junitCase struct {
	name, trouble, message, text string
	took                         time.Duration
}

func (j *junit) event(b []byte, before, _ protocol.Session, e protocol.Event) []byte {
	if j.began.IsZero() {
		j.began, j.last = e.When(), e.When()
	}
	j.ended = e.When()
	took := j.ended.Sub(j.last)
	switch e := e.(type) {
	case protocol.Opened:
		j.host, j.missed = e.Host, nil
	case protocol.Missed:
		j.missed = &e
	case protocol.Sent:
		if e.Kind == protocol.SentCommand && before.Awaiting() == 0 {
			j.settle()
		}
	case protocol.Received:
		j.heard = strings.TrimRight(string(AppendEscaped(nil, strings.ReplaceAll(string(e.Reply.Raw), "\r\n", " "))), " ")
		if !e.Reply.Positive() {
			asked, ok := before.Head()
			if ok && !asked.Sent.IsZero() {
				took = j.ended.Sub(asked.Sent)
			}
			j.refused = append(j.refused, refusal{e.Reply.Code, asked.String(), j.ended, junitCase{name: "reply to " + or(asked.Word, "nothing"), trouble: "failure", message: j.heard, took: took}})
		}
	case protocol.Expected:
		want := e.Want
		if e.Of != "" {
			want += " to " + e.Of
		}
		c := junitCase{name: strings.TrimSpace(e.Where + " expect " + want)}
		j.refused = slices.DeleteFunc(j.refused, func(r refusal) bool {
			return e.OK && strconv.Itoa(r.code) == e.Got && (e.Of == "" || e.Of == r.of)
		})
		if e.OK && e.Want == "closed" {
			j.cases = slices.DeleteFunc(j.cases, func(c junitCase) bool { return c.name == connection && c.trouble != "" })
		}
		if !e.OK {
			c.trouble, c.message, c.text = "failure", "expected "+want+", got "+e.Got, "the last reply was: "+j.heard
		}
		j.add(c, took, e.When())
	case protocol.Advised:
		if e.Held && len(e.Diags) > 0 { // a record may lack them
			j.trouble("held "+e.Line, AdviceText(e.Diags[0]), took, e.When())
		}
	case protocol.Closed:
		if e.By == protocol.ByUser || before.Leaving() && before.Awaiting() == 0 {
			break
		}
		j.trouble(connection, ClosedText(before, e), took, e.When())
	}
	return b
}

// connection is the test case of a connection that was lost, unless a script
// expected that, or was never had.
const connection = "connection"

// settle counts the negative replies that nothing has expected.
func (j *junit) settle() {
	for _, r := range j.refused {
		j.add(r.junitCase, r.took, r.at)
	}
	j.refused = nil
}

func (j *junit) trouble(name, text string, took time.Duration, at time.Time) {
	j.add(junitCase{name: name, trouble: "error", message: text}, took, at)
}

func (j *junit) add(c junitCase, took time.Duration, at time.Time) {
	c.took = took
	j.cases = append(j.cases, c)
	if at.After(j.last) { // a refusal is counted behind what came later
		j.last = at
	}
}

// exit takes how the run ended: where nothing of what is counted here failed and
// the run did, a test case says so.
func (j *junit) exit(status int, why string) { j.status, j.why = status, why }

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func (j *junit) end(b []byte) []byte {
	j.settle()
	if j.missed != nil {
		j.trouble(connection, "no connection: "+MissedText(*j.missed), j.ended.Sub(j.last), j.ended)
	}
	if j.status != 0 && !slices.ContainsFunc(j.cases, func(c junitCase) bool { return c.trouble != "" }) {
		j.trouble("exit status "+strconv.Itoa(j.status), or(j.why, "the run failed"), 0, j.ended)
	}
	troubles := map[string]int{}
	for _, c := range j.cases {
		troubles[c.trouble]++
	}
	began := ""
	if !j.began.IsZero() {
		began = j.began.UTC().Format("2006-01-02T15:04:05")
	}
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<testsuite"...)
	b = attributes(b, "name", strings.TrimSpace("smtpsh "+j.host), "tests", strconv.Itoa(len(j.cases)), "failures", strconv.Itoa(troubles["failure"]),
		"errors", strconv.Itoa(troubles["error"]), "time", seconds(j.ended.Sub(j.began)), "timestamp", began)
	b = append(b, ">\n"...)
	for _, c := range j.cases {
		b = attributes(append(b, "  <testcase"...), "name", c.name, "classname", "smtpsh", "time", seconds(c.took))
		if c.trouble == "" {
			b = append(b, "/>\n"...)
			continue
		}
		b = attributes(append(append(b, ">\n    <"...), c.trouble...), "message", c.message)
		b = appendXML(append(b, '>'), c.text)
		b = append(append(append(b, "</"...), c.trouble...), ">\n  </testcase>\n"...)
	}
	return append(b, "</testsuite>\n"...)
}

// attributes appends names and values; an empty value is left out.
func attributes(b []byte, pairs ...string) []byte {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			b = append(append(append(b, ' '), pairs[i]...), `="`...)
			b = append(appendXML(b, pairs[i+1]), '"')
		}
	}
	return b
}

// appendXML appends text so that it is text in XML, whatever it holds: what XML
// has no form for becomes U+FFFD. encoding/xml does the same, and costs time at
// each start of the program.
func appendXML(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&#34;"...)
		case r == '\t', r == '\n', r == '\r':
			b = append(append(b, "&#"...), strconv.Itoa(int(r))+";"...)
		case r < ' ', r == 0xfffe, r == 0xffff:
			b = append(b, "\ufffd"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
