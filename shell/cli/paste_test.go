//go:build unix

package cli_test

import (
	"fmt"
	"strings"
	"testing"
)

const dialogue = "EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\nSubject: a\ttab\n\n.dot\nQUIT\n.\nQUIT\n"

func TestPasteOfADialogue(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste(dialogue)
	s.at("disconnected> ")
	s.sees("message> QUIT", "queue id P1", "The server closed the connection.")
	s.line(":inbox 1")
	s.sees("\n\n.dot\nQUIT\n")
}

func TestPasteOf500Lines(t *testing.T) {
	t.Parallel()
	var script, lines strings.Builder
	script.WriteString("< 220 mx.example ESMTP\n")
	for i := range 500 {
		fmt.Fprintf(&script, "> NOOP n%d\n< 250 reply %d\n", i, i)
		fmt.Fprintf(&lines, "NOOP n%d\n", i)
	}
	s := talk(t, script.String()+"* eof", sized(100, 1200))
	s.at("mx.example connected> ")
	s.paste(lines.String())
	s.sees("250 reply 499")
	s.at("mx.example connected> ")
	text, from := s.text(), 0
	for i := range 500 {
		want := fmt.Sprintf("mx.example connected> NOOP n%d\n250 reply %d ", i, i)
		at := strings.Index(text[from:], want)
		if at < 0 {
			t.Fatalf("line %d is not in its place", i)
		}
		from += at
	}
}

// TestPasteStops stops at a hold, a refusal and a close; the rest is kept.
func TestPasteStops(t *testing.T) {
	t.Parallel()
	t.Run("at a held line", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> NOOP\n< 250 one\n> mail from:<a@example.org>\n< 250 two\n> RSET\n< 250 three\n* eof")
		s.at("mx.example connected> ")
		s.paste("NOOP\nmail from a@example.org\nRSET\n")
		s.at("mx.example connected> mail from:<a@example.org>")
		s.sees("250 one", "The paste stops here; 1 line not sent:\n    RSET")
		s.keys(enter)
		s.sees("250 two", "250 three")
		s.at("mx.example greeted> ")
	})
	t.Run("at a held line that is dropped", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n* eof")
		s.at("mx.example connected> ")
		s.paste("mail from a@example.org\nRSET\nNOOP\n")
		s.at("mx.example connected> mail from:<a@example.org>")
		s.keys(ctrlC)
		s.at("mx.example connected> mail from a@example.org")
		s.keys(ctrlC)
		s.at("mx.example connected> ")
		s.sees("2 pasted lines forgotten.")
	})
	t.Run("at a refusal", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> NOOP\n< 550 no\n> NOOP again\n< 250 yes\n* eof")
		s.at("mx.example connected> ")
		s.paste("NOOP\nNOOP again\n")
		s.sees("550 no", "The paste stops here; 1 line not sent:\n    NOOP again", ":resume goes on with the rest, :drop forgets it.")
		s.at("mx.example connected> ")
		s.line(":resume")
		s.sees("250 yes")
		s.line(":drop")
		s.sees("No paste was stopped.")
	})
	t.Run("at a close", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> NOOP\n< 250 yes\n* close")
		s.at("mx.example connected> ")
		s.paste("NOOP\nNOOP 1\nNOOP 2\n")
		// Whether the next line meets the close or comes before it is chance.
		s.sees("The paste stops here", "\ndisconnected>")
		if strings.Contains(s.text(), "250 reply") {
			t.Error("something was answered after the close")
		}
	})
	t.Run("and drops a message without its 354", func(t *testing.T) {
		t.Parallel()
		s := talk(t, "< 220 mx.example ESMTP\n> DATA\n< 503 no\n* eof")
		s.at("mx.example connected> ")
		s.paste("DATA\nRSET\nQUIT\n.\nNOOP\n")
		s.sees("503 no", "3 lines dropped", "The paste stops here; 1 line not sent:\n    NOOP")
		s.at("mx.example connected> ")
	})
}

// TestPasteOfAPart leaves what has no line end in the edit line.
func TestPasteOfAPart(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("noop one\nnoop two")
	s.sees("noop one\n250")
	s.at("practice.example connected> noop two")
	s.keys("s", enter)
	s.sees("noop twos\n250")
}

// TestBurst is a paste by a terminal that does not bracket it.
func TestBurst(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.send("noop one\rnoop two\thas a tab\rhelo me\r")
	s.at(`practice.example connected> noop "two has a tab"`)
	s.sees("noop one\n250", "held: a control character (TAB)", "The paste stops here; 1 line not sent:\n    helo me")
	s.keys(enter)
	s.at("practice.example greeted> ")
}

// TestPasteIntoTheMessage takes what looks like commands for text, and stuffs
// dots.
func TestPasteIntoTheMessage(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("HELO me\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\n")
	s.at("message> ")
	s.paste(":quit\n!RSET\n#\n..\nhalf")
	s.at("message> half")
	s.keys(" a", tab, "line", enter)
	s.line(".")
	s.at("practice.example greeted> ")
	s.line(":inbox 1")
	s.sees("\n:quit\n!RSET\n#\n..\nhalf a    line\n")
	if strings.Contains(s.history(), "half") || strings.Contains(s.history(), "RSET") {
		t.Errorf("the message is in the history:\n%s", s.history())
	}
}

// TestPasteOfALogin answers challenges by what was pasted, unseen where it is
// a secret.
func TestPasteOfALogin(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> am9l\n< 334 UGFzc3dvcmQ6\n> aHVudGVyMg==\n< 235 ok\n> NOOP\n< 250 still\n* eof")
	s.at("mx.example connected> ")
	s.paste("AUTH LOGIN\nam9l\naHVudGVyMg==\nNOOP\n")
	s.sees("235 ok", "250 still")
	s.at("mx.example connected> ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(string(s.raw), "aHVudGVyMg") {
		t.Error("the password was shown")
	}
	if strings.Contains(s.history(), "aHVudGVyMg") || strings.Contains(s.history(), "am9l") {
		t.Errorf("an answer is in the history:\n%s", s.history())
	}
}

// TestPasteStoppedByCtrlC forgets the rest.
func TestPasteStoppedByCtrlC(t *testing.T) {
	t.Parallel()
	s := talk(t, "< 220 mx.example ESMTP\n> NOOP 1\n* wait 3s\n< 250 one\n> NOOP 9\n< 250 nine\n* eof")
	s.at("mx.example connected> ")
	s.paste("NOOP 1\nNOOP 2\nNOOP 3\n")
	s.sees("waiting for the reply to NOOP")
	s.keys(ctrlC)
	s.sees("Stopped waiting", "250 one")
	s.at("mx.example connected> ")
	s.line("NOOP 9")
	s.sees("250 nine")
}
