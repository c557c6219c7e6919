//go:build unix

package cli_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestPasteOfTheExercise(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("helo mcheng\nmail from:<mcheng@example.org>\nrcpt to:<mantis@example.com>\ndata\nthis is a test\n\tand a tab\n..\n.\nquit\n")
	s.at("disconnected> ")
	s.sees("connected> helo mcheng\n250 ", "greeted> mail from:<mcheng@example.org>\n250 ", "mail> rcpt to:<mantis@example.com>\n250 ",
		"rcpt 1> data\n354 ", "message> this is a test\n", "message> .\n250 ", "greeted> quit\n221 ")
	s.line(":inbox 1")
	s.sees("\nthis is a test\n    and a tab\n..\n")
}

// TestPasteOfManyLines has each of 500 lines answered before the next goes.
func TestPasteOfManyLines(t *testing.T) {
	t.Parallel()
	const n = 500
	var script, pasted, want strings.Builder
	script.WriteString("< 220 mx ESMTP\n")
	for i := range n {
		fmt.Fprintf(&script, "> NOOP n%03d\n< 250 ok n%03d\n", i, i)
		fmt.Fprintf(&pasted, "NOOP n%03d\n", i)
		fmt.Fprintf(&want, "mx connected> NOOP n%03d\n250 ok n%03d", i, i)
	}
	s := talk(t, script.String()+"* eof", sized(100, 3*n))
	s.at("mx connected> ")
	s.paste(pasted.String())
	s.sees("250 ok n499")
	s.at("mx connected> ")
	rows := strings.Split(s.text(), "\n")
	rows = rows[3 : len(rows)-1] // behind the banner, before the prompt
	if len(rows) != 2*n {
		t.Fatalf("%d rows, want %d", len(rows), 2*n)
	}
	for i := range n {
		asked, answered := fmt.Sprintf("mx connected> NOOP n%03d", i), fmt.Sprintf("250 ok n%03d    ", i)
		if rows[2*i] != asked || !strings.HasPrefix(rows[2*i+1], answered) {
			t.Fatalf("rows %q, %q; want %q, %q", rows[2*i], rows[2*i+1], asked, answered)
		}
	}
}

func TestPasteStoppedByAHold(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("helo mcheng\nmail from mcheng@example.org\nrcpt to:<mantis@example.com>\ndata\nbody\n.\n")
	s.at("practice.example greeted> mail from:<mcheng@example.org>")
	s.sees("The paste stops here; 4 lines not sent:", "    rcpt to:<mantis@example.com>\n    data\n    body\n    .\n")
	s.lacks("queued as")
	s.keys(enter)
	s.sees("Going on with 4 pasted lines.", "queued as P1")
	s.at("practice.example greeted> ")
}

func TestPasteStoppedByAHoldAndDropped(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("mail from mcheng@example.org\nnoop one\nnoop two\n")
	s.at("practice.example connected> mail from:<mcheng@example.org>")
	s.keys(ctrlC)
	s.at("practice.example connected> mail from mcheng@example.org")
	s.keys(ctrlU)
	s.line(":drop")
	s.sees("2 pasted lines forgotten.")
	s.line("noop three")
	s.sees("noop three\n250")
	s.line(":resume")
	s.sees("No paste was stopped.")
	s.lacks("noop one\n250")
}

func TestPasteStoppedByARefusal(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("helo me\nmail from:<a@example.org>\nrcpt to:<550@example.org>\nnoop one\nnoop two\n")
	s.sees("550 5.1.1", "The paste stops here; 2 lines not sent:\n    noop one\n    noop two\n", ":resume goes on with them, :drop forgets them.")
	s.at("practice.example mail> ")
	s.line("rset") // nothing goes on by itself
	s.at("practice.example greeted> ")
	s.lacks("noop one\n250")
	s.line(":resume")
	s.sees("greeted> noop one\n250", "greeted> noop two\n250")
}

func TestPasteStoppedByAClose(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("helo me\nmail from:<a@example.org>\nrcpt to:<drop@example.org>\nnoop one\n")
	s.sees("The paste stops here; 1 line not sent:\n    noop one\n")
	s.at("disconnected> ")
	s.line(":drop")
	s.sees("1 pasted line forgotten.")
}

func TestPasteOfARefusedMessage(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx ESMTP
		> HELO me
		< 250 mx
		> DATA
		< 503 no
		> NOOP
		< 250 ok
		* eof`)
	s.at("mx connected> ")
	s.paste("HELO me\nDATA\nSubject: x\n\nRSET\n.\nNOOP\n")
	s.sees("4 lines dropped, up to the lone dot.", "NOOP\n250 ok")
	s.at("mx greeted> ")
	for _, line := range []string{"Subject: x", "RSET"} {
		if strings.Contains(s.history(), line) {
			t.Errorf("%q is in the history", line)
		}
	}
}

// TestPasteOfAPart leaves what has no line end in the edit line.
func TestPasteOfAPart(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.paste("noop one\nnoop two")
	s.sees("noop one\n250")
	s.at("practice.example connected> noop two")
	s.keys("!", enter)
	s.sees("noop two!\n250")
}

// TestBurst is a paste by a terminal that does not bracket it.
func TestBurst(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.send("noop one\rnoop two and some more\rhelo me\r")
	s.at("practice.example greeted> ")
	s.sees("noop one\n250", "noop two and some more\n")
}
