package trace

import (
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// junit is the XML that CI systems read: a test case for each assertion of a
// script, and one for each thing that went wrong without being asked about: a
// line that was held, a connection that was lost. It can only be written at
// the end, for the head counts what follows.
type junit struct {
	host  string
	began time.Time
	last  time.Time
	cases []junitCase
	heard string // the last reply, for what a failure says
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Began    string      `xml:"timestamp,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitTrouble `xml:"failure"`
	Error   *junitTrouble `xml:"error"`
}

type junitTrouble struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (j *junit) event(b []byte, before, _ protocol.Session, e protocol.Event) []byte {
	if j.began.IsZero() {
		j.began, j.last = e.When(), e.When()
	}
	took := e.When().Sub(j.last)
	switch e := e.(type) {
	case protocol.Opened:
		j.host = e.Host
	case protocol.Received:
		j.heard = strings.TrimRight(string(AppendEscaped(nil, strings.ReplaceAll(string(e.Reply.Raw), "\r\n", " "))), " ")
	case protocol.Expected:
		c := junitCase{Name: strings.TrimSpace(e.Where + " expect " + e.Want)}
		if !e.OK {
			c.Failure = &junitTrouble{Message: "expected " + e.Want + ", got " + e.Got, Text: "the last reply was: " + j.heard}
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
		j.trouble("connection", ClosedText(before, e), took, e.When())
	}
	return b
}

func (j *junit) trouble(name, text string, took time.Duration, at time.Time) {
	j.add(junitCase{Name: name, Error: &junitTrouble{Message: text}}, took, at)
}

func (j *junit) add(c junitCase, took time.Duration, at time.Time) {
	c.Class, c.Time = "smtpsh", seconds(took)
	j.cases, j.last = append(j.cases, c), at
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func (j *junit) end(b []byte) []byte {
	suite := junitSuite{Name: strings.TrimSpace("smtpsh " + j.host), Tests: len(j.cases), Cases: j.cases}
	if !j.began.IsZero() {
		suite.Began = j.began.UTC().Format("2006-01-02T15:04:05")
		suite.Time = seconds(j.last.Sub(j.began))
	}
	for _, c := range j.cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		}
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil { // no value of ours can make it fail
		return b
	}
	return append(append(append(b, xml.Header...), text...), '\n')
}
