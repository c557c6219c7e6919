package trace

import (
	"encoding/xml"
	"errors"
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
	suite := junitOf(t,
		protocol.Opened{At: at(0), Host: "mx.example", Address: "192.0.2.1:25"},
		protocol.Received{At: at(5), Reply: protocol.Reply{Code: 220, Lines: []string{"mx <&>\x1b"}, Raw: []byte("220 mx <&>\x1b\r\n")}},
		protocol.Expected{At: at(10), Want: "220", Got: "220", OK: true, Where: "line 1"},
		protocol.Expected{At: at(30), Want: "250 /<x>/", Got: "220 mx <&>\x1b", Where: "line 2"},
		protocol.Advised{At: at(31), Line: "MIAL", Held: true, Diags: []protocol.Diag{{ID: "verb-near", Severity: protocol.Error, Message: "did you mean MAIL?"}}},
		protocol.Closed{At: at(1031), By: protocol.ByPeer},
	)
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

// junitOf is what a CI system makes of a session.
func junitOf(t *testing.T, events ...protocol.Event) (suite junitSuite) {
	t.Helper()
	if err := xml.Unmarshal([]byte(record(t, "xml", Options{}, events...)), &suite); err != nil {
		t.Fatal(err)
	}
	return suite
}

// TestJUnitTimes has each reply take from its own command on, and the suite from
// the first event to the last.
func TestJUnitTimes(t *testing.T) {
	p := &player{now: noon}
	p.add(protocol.Opened{At: p.at(0), Host: "mx.example", Address: "192.0.2.1:25"})
	p.play("< 220 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n+500ms\n< 550 no\n> RCPT TO:<d@d>\n+500ms\n< 550 no\n> NOOP\n+1s\n< 250 ok")
	p.add(protocol.Expected{At: p.at(time.Millisecond), Want: "250", Got: "250", OK: true})
	p.play("> QUIT\n+2s\n< 221 bye")
	suite := junitOf(t, p.events...)
	times := suite.Time
	for _, c := range suite.Cases {
		times += " " + c.Time
	}
	if want := "4.006 0.500 0.500 1.002"; times != want { // a command is sent a millisecond behind what came before
		t.Errorf("the times are %s, want %s", times, want)
	}
	suite = junitOf(t, protocol.Trying{At: protocol.At{Time: noon}, Address: "192.0.2.1:25"}, protocol.Missed{At: protocol.At{Time: noon.Add(3 * time.Second)}, Address: "192.0.2.1:25", Err: errors.New("refused")})
	if len(suite.Cases) != 1 || suite.Cases[0].Time != "3.000" || suite.Time != "3.000" {
		t.Errorf("%+v", suite)
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
