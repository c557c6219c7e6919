package view

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"smtpsh/protocol"
)

// update rewrites the goldens; read the diff.
var update = flag.Bool("update", false, "rewrite testdata")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// session is a dialogue with something of everything, in the notation of the
// wire; "!" is a line that was held, "?" one that is sent with a note.
const session = `
< 220 mx.example ESMTP ready when you are
! mail from a@example.org
> EHLO client.example
< 250-mx.example greets client.example
< 250-SIZE 52428800
< 250-8BITMIME
< 250-STARTTLS
< 250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2
< 250-X-WITH-A-NAME-LONGER-THAN-THE-COLUMN and more
< 250-日本語
< 250 HELP
! MAIL FROM:<日本@example.org>
? MAIL FROM: a@example.org
> MAIL FROM: a@example.org
< 250 2.1.0 ok
? RCPT TO: b@example.org
> RCPT TO: b@example.org
< 250-2.1.5 this recipient
< 250 2.1.5 is fine
> RCPT TO:<c@example.org>
< 451 4.7.1 greylisted, see http://example.org/ for a long explanation of why that is so and what to do
> RCPT TO:<d@example.org>
< 550 5.1.1 nobody here
> DATA
< 354 go on
. .
< 250 2.0.0 Ok: queued as 4ABC123
> AUTH PLAIN c2VjcmV0
< 535 5.7.8 no
> NOOP
< 250-a
< 251 b
< 421 4.3.2 unasked
`

// perform plays a dialogue as a person at a terminal sees it: what was typed
// stands behind a prompt.
func perform(width int, color bool, dialogue string) string {
	p := &paper{width: width}
	terminal := NewTerminal(NewScreen(p, color))
	terminal.Indent(len("mx> "))
	s := protocol.Session{Client: "client.example"}
	emit := func(e protocol.Event) {
		after := s.After(e)
		terminal.Event(s, after, e)
		s = after
	}
	emit(protocol.Opened{Host: "mx.example", Address: "192.0.2.1:25"})
	var parser protocol.ReplyParser
	shown := "" // the line that stands behind the prompt
	for _, line := range strings.Split(strings.TrimSpace(dialogue), "\n") {
		mark, text := line[0], line[2:]
		switch mark {
		case '<':
			if _, r, ok := parser.Feed([]byte(text + "\r\n")); ok {
				emit(protocol.Received{Reply: r})
			}
			continue
		case '!', '?':
			p.WriteString("mx> " + text + "\n")
			shown = text
			diags := s.Allows(protocol.Parse(text))
			emit(protocol.Advised{Line: text, Diags: diags, Held: mark == '!', Kept: mark == '!'})
		case '>':
			if shown != text {
				p.WriteString("mx> " + protocol.MaskCommand(protocol.Parse(text)) + "\n")
			}
			emit(protocol.Sent{Raw: []byte(text + "\r\n"), Secret: protocol.HasSecret(protocol.Parse(text))})
		case '.':
			emit(protocol.Sent{Kind: protocol.SentContent, Raw: []byte(".\r\n"), Last: true})
		}
	}
	return p.String()
}

func TestGoldenSessions(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		got := perform(width, false, session)
		golden(t, "session-"+strconv.Itoa(width)+".txt", got)
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			known := strings.Contains(line, "451 4.7.1") || strings.HasPrefix(line, "mx> ") // as long as the server or the user made it
			if Width(line) > width && !known {
				t.Errorf("%d columns: %q has %d", width, line, Width(line))
			}
		}
	}
	golden(t, "session-color.txt", strings.ReplaceAll(perform(80, true, session), "\x1b", "␛"))
}
