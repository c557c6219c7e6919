package trace

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

// What a CI system makes of the file.
type (
	junitSuite struct {
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Time     string        `xml:"time,attr"`
		Cases    []junitResult `xml:"testcase"`
	}
	junitResult struct {
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitTrouble `xml:"failure"`
		Error   *junitTrouble `xml:"error"`
	}
	junitTrouble struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// TestJUnit has a case for each expectation and for each trouble, and is XML
// whatever the server says.
func TestJUnit(t *testing.T) {
	at := func(ms int) protocol.At { return protocol.At{Time: noon.Add(time.Duration(ms) * time.Millisecond)} }
	var out bytes.Buffer
	r, err := New("xml", &out, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var s protocol.Session
	for _, e := range []protocol.Event{
		protocol.Opened{At: at(0), Host: "mx.example", Address: "192.0.2.1:25"},
		protocol.Received{At: at(5), Reply: protocol.Reply{Code: 220, Lines: []string{"mx <&>\x1b"}, Raw: []byte("220 mx <&>\x1b\r\n")}},
		protocol.Expected{At: at(10), Want: "220", Got: "220", OK: true, Where: "line 1"},
		protocol.Expected{At: at(30), Want: "250 /<x>/", Got: "220 mx <&>\x1b", Where: "line 2"},
		protocol.Advised{At: at(31), Line: "MIAL", Held: true, Diags: []protocol.Diag{{ID: "verb-near", Severity: protocol.Error, Message: "did you mean MAIL?"}}},
		protocol.Closed{At: at(1031), By: protocol.ByPeer},
	} {
		after := s.After(e)
		r.Event(s, after, e)
		s = after
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var suite junitSuite
	if err := xml.Unmarshal(out.Bytes(), &suite); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if suite.Name != "smtpsh mx.example" || suite.Tests != 4 || suite.Failures != 1 || suite.Errors != 2 || suite.Time != "1.031" || len(suite.Cases) != 4 {
		t.Errorf("%+v", suite)
	}
	if c := suite.Cases[1]; c.Name != "line 2 expect 250 /<x>/" || c.Time != "0.020" || c.Failure == nil || !strings.Contains(c.Failure.Text, `220 mx <&>\x1b`) {
		t.Errorf("%+v", c)
	}
	if c := suite.Cases[3]; c.Error == nil || c.Error.Message != "the server closed the connection" {
		t.Errorf("%+v", c)
	}
}

// FuzzXML holds the escapes to what encoding/xml reads back.
func FuzzXML(f *testing.F) {
	for _, text := range []string{"", "a<b>&\"'", "\x00\x1b\ufffe\xff", "\t\r\n", "日本"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got struct {
			Value string `xml:"a,attr"`
			Text  string `xml:",chardata"`
		}
		document := append(attributes([]byte("<x"), "a", text), '>')
		document = append(appendXML(document, text), "</x>"...)
		if err := xml.Unmarshal(document, &got); err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
				return 0xfffd
			}
			return r
		}, text)
		if got.Value != want || got.Text != want {
			t.Errorf("%q comes back as %q and %q", text, got.Value, got.Text)
		}
	})
}
