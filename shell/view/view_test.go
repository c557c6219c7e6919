package view

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"smtpsh/protocol"
)

func TestWrap(t *testing.T) {
	if got := strings.Join(Wrap("one two  three4567 five", 9), "|"); got != "one two|three4567|five" {
		t.Errorf("Wrap: %q", got)
	}
}

// paper is a Printer that keeps what is printed.
type paper struct {
	strings.Builder
	width int
}

func (p *paper) Print(text string) { p.WriteString(text) }
func (p *paper) Width() int        { return p.width }

// shown renders events as a person sees them, in colour or not.
func shown(width int, color bool, events ...protocol.Event) string {
	p := &paper{width: width}
	terminal := NewTerminal(NewScreen(p, color))
	terminal.Indent(len("mx> "))
	play(terminal, events)
	return p.String()
}

func play(r Renderer, events []protocol.Event) {
	s := protocol.Session{}
	for _, e := range events {
		after := s.After(e)
		r.Event(s, after, e)
		s = after
	}
}

func received(raw string) protocol.Received {
	var p protocol.ReplyParser
	_, r, _ := p.Feed([]byte(raw))
	return protocol.Received{Reply: r}
}

func sent(line string) protocol.Sent { return protocol.Sent{Raw: []byte(line + "\r\n")} }

func TestTerminal(t *testing.T) {
	opened := protocol.Opened{Host: "mx", Address: "192.0.2.1:25"}
	rows := []struct {
		name   string
		events []protocol.Event
		want   string
	}{
		{"an aligned block", []protocol.Event{sent("HELP"), received("214-one\r\n214-two\r\n214 three\r\n")}, "214-one\n214-two\n214 three    help text\n"},
		{"an oddity", []protocol.Event{sent("NOOP"), received("250-a\r\n251 b\r\n")},
			"250-a\n251 b    not local; the server will forward it\n  odd: Every line of one reply must have the same code, and this one has another (code-differs)\n"},
		{"hostile octets", []protocol.Event{sent("NOOP"), received("250 \x1b]0;x\x07\x1b[2J\r\n")}, "250 \\x1b]0;x\\x07\\x1b[2J    still here\n  odd: A control character stands in the text; a terminal might have obeyed it (control)\n"},
		{"unasked", []protocol.Event{opened, received("220 mx\r\n"), received("250 bye\r\n")}, "  odd: Nobody asked for this reply (unasked)\n"},
		{"a farewell unasked", []protocol.Event{opened, received("220 mx\r\n"), received("421 bye\r\n")}, "421 bye    going away; try again later\n"},
		{"an oddity again", []protocol.Event{sent("NOOP"), received("250-a\r\n251 b\r\n"), sent("NOOP"), received("250-a\r\n251 b\r\n")},
			"251 b    not local; the server will forward it\n  odd: code-differs (:explain tells more)\n"},
		{"another protocol", []protocol.Event{opened, received("SSH-2.0-OpenSSH_9.2\r\n")},
			"  This is no SMTP server: it speaks SSH.\n  odd: This line does not begin with a three-digit code (no-code)\n  odd: A server greets with 220, or turns the client away with 421, 521 or 554 (greeting-code)\n"},
		{"what was sent by itself", []protocol.Event{protocol.Sent{Raw: []byte("QUIT\r\n"), Auto: true}}, "> QUIT\n"},
		{"a preamble", []protocol.Event{protocol.Sent{Kind: protocol.SentPreamble, Raw: []byte("\r\n\x00QUIT\n"), Auto: true}}, "> \\r\\n\\x00QUIT\\n\n"},
		{"a host", []protocol.Event{opened}, "Connected to mx (192.0.2.1:25)\n"},
		{"a proxy", []protocol.Event{protocol.Opened{Host: "mx", Address: "mx:25", Via: "http://192.0.2.9:3128"}}, "Connected to mx:25 through http://192.0.2.9:3128\n"},
		{"a command", []protocol.Event{protocol.Opened{Host: "pipe:sendmail -bs", Address: "pipe:sendmail -bs"}}, "Started sendmail -bs, and awaiting its greeting\n"},
		{"a socket", []protocol.Event{protocol.Opened{Host: "unix:/lmtp", Address: "unix:/lmtp"}}, "Connected to unix:/lmtp\n"},
		{"a broken connection", []protocol.Event{protocol.Closed{By: protocol.ByPeer, Err: errors.New("connection reset by peer"), Tail: []byte("250-x")}},
			"The server broke the connection off: connection reset by peer, in the middle of a reply: \"250-x\". :reconnect opens it\nagain.\n"},
	}
	for _, row := range rows {
		if got := shown(120, false, row.events...); !strings.HasSuffix(got, row.want) {
			t.Errorf("%s:\n%q\nwant\n%q", row.name, got, row.want)
		}
	}
}

// TestCaret puts the caret under the fault, by columns and not by octets.
func TestCaret(t *testing.T) {
	held := func(line string, start, end int) protocol.Event {
		return protocol.Advised{Line: line, Held: true, Diags: []protocol.Diag{{ID: "x", Severity: protocol.Error, Start: start, End: end, Message: "wrong", Ref: protocol.Ref{RFC: 5321}}}}
	}
	for _, row := range []struct {
		width int
		event protocol.Event
		want  string
	}{
		{80, held("ab cd", 3, 5), "       ^~\n"},
		{80, held("日本 cd", 7, 9), "         ^~\n"},
		{80, held("ab", 2, 2), "      ^\n"},
		{40, held(strings.Repeat("a", 60)+"日b", 60, 63), "  … aaaaaaaaaaaaa日b\n                 ^~\n"},
	} {
		if got := shown(row.width, false, row.event); !strings.HasPrefix(got, row.want) {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// TestCaretAsTyped puts the caret where the screen has the typed text, which may
// show characters in other columns than a row of output does.
func TestCaretAsTyped(t *testing.T) {
	p := &paper{width: 80}
	terminal := NewTerminal(NewScreen(p, false))
	terminal.Indent(len("mx> "))
	terminal.Typed(func(text string) int { return 2 * len(text) })
	play(terminal, []protocol.Event{protocol.Advised{Line: "ab cd", Held: true, Diags: []protocol.Diag{{ID: "x", Severity: protocol.Error, Start: 3, End: 5, Message: "wrong"}}}})
	if want := strings.Repeat(" ", 4+6) + "^~~~\n"; !strings.HasPrefix(p.String(), want) {
		t.Errorf("%q, want %q", p.String(), want)
	}
}

func TestTextMasksAndMarks(t *testing.T) {
	var b strings.Builder
	play(NewText(&b), []protocol.Event{
		protocol.Sent{Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true},
		protocol.Sent{Kind: protocol.SentResponse, Raw: []byte("c2VjcmV0\r\n"), Secret: true},
		protocol.Sent{Kind: protocol.SentContent, Raw: []byte("..x\r\n")},
		protocol.Sent{Kind: protocol.SentPreamble, Raw: []byte("\r\n\x00\\QUIT\n")},
		received("235-a\r\n235 b\r\n"),
	})
	if got, want := b.String(), "> AUTH PLAIN ****\n> ****\n> ..x\n> \\r\\n\\x00\\\\QUIT\\n\n< 235-a\n< 235 b\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNothingEscapes holds the screen to its promise: whatever a server sends,
// only line ends and our own colours leave as control characters.
func TestNothingEscapes(t *testing.T) {
	ours := regexp.MustCompile("\x1b\\[[0-9;]+m")
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []byte("250-AUTH SIZE \x1b[]0;\x07\x9b\xc2\x9b\xe2\x80\xae\r\n\x00\x7fé")
	for range 3000 {
		raw := make([]byte, random.IntN(80))
		for i := range raw {
			raw[i] = alphabet[random.IntN(len(alphabet))]
		}
		var p protocol.ReplyParser
		events := []protocol.Event{protocol.Opened{Host: string(raw)}, received("220 " + string(raw) + "\r\n"), sent("EHLO x")}
		for rest := append(raw, "\r\n250 end\r\n"...); len(rest) > 0; {
			more, reply, ok := p.Feed(rest)
			if ok {
				events = append(events, protocol.Received{Reply: reply})
			}
			rest = more
		}
		out := ours.ReplaceAllString(shown(60, true, events...), "")
		var plain strings.Builder
		play(NewText(&plain), events)
		for _, text := range []string{out, plain.String()} {
			for _, r := range text {
				if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e {
					t.Fatalf("%q let %q through: %q", raw, r, text)
				}
			}
		}
	}
}
