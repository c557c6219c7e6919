//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOctetsByHand counts a chunk out: the prompt goes down, a line that is
// too long stays, Ctrl-D leaves the CRLF away, and nothing gets out of step.
func TestOctetsByHand(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	for _, line := range []string{"EHLO me.example", "MAIL FROM:<a@b.example>", "RCPT TO:<alice@b.example>"} {
		s.line(line)
	}
	s.at("practice.example rcpt 1> ")
	s.line("BDAT 12")
	s.sees("12 octets follow, each line with a CRLF of two.")
	s.at("12 octets> ")
	s.line("hello")
	s.at("5 octets> ")
	s.line("hello")
	s.sees("Not sent: 7 octets with its CRLF, and 5 are owed. Ctrl-D in place of Enter sends it without the CRLF.")
	s.at("5 octets> hello")
	s.keys(ctrlD)
	s.sees("250 2.0.0")
	s.at("practice.example rcpt 1> ")
	s.line("BDAT 0 LAST")
	s.sees("message accepted")
	s.at("practice.example greeted> ")
	s.line(":message")
	s.sees("hello", "hello")
}

// TestOctetsAbandoned gives up in the middle of a chunk.
func TestOctetsAbandoned(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	for _, line := range []string{"EHLO me.example", "MAIL FROM:<a@b.example>", "RCPT TO:<alice@b.example>", "BDAT 100 LAST"} {
		s.line(line)
	}
	s.at("100 octets> ")
	s.line("half of it")
	s.at("88 octets> ")
	s.keys(ctrlC)
	s.sees("The message is not finished.")
	s.keys(ctrlC)
	s.sees("Abandoned:")
	s.at("disconnected> ")
}

// TestChunksApart takes lines between chunks for commands, and the chunks of
// two messages for two.
func TestChunksApart(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.envelope()
	for _, line := range []string{"BDAT 6", "abcd", "RSET", "QUIT"} {
		s.line(line)
	}
	s.at("disconnected> ")
	s.line(":reconnect")
	s.at("practice.example connected> ")
	s.envelope()
	for _, line := range []string{"BDAT 6", "efgh", "BDAT 6 LAST", "ijkl"} {
		s.line(line)
	}
	s.sees("message accepted")
	s.line(":message")
	s.sees(":message\nefgh\nijkl\npractice.example greeted>")
}

// TestSavedOctets saves octets so that they can be counted out again, also where
// they had no line end.
func TestSavedOctets(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line("BDAT 9")
	s.at("9 octets> ")
	s.keys("abc", ctrlD)
	s.at("6 octets> ")
	s.line("defg")
	s.at("practice.example rcpt 1> ")
	s.line("BDAT 4 LAST")
	s.at("4 octets> ")
	s.keys("hijk", ctrlD)
	s.sees("message accepted")
	s.line("RSET")
	s.at("practice.example greeted> ")
	const want = "BDAT 9\nabcdefg\n# To the octets of the BDAT below a line end was added, for lines of a script have one.\nBDAT 6 LAST\nhijk\nRSET\n"
	if got := s.saved(); !strings.HasSuffix(got, want) {
		t.Errorf("saved %q, want it to end in %q", got, want)
	}
}

// TestSavedUnevenOctets saves none of the octets of a script that did not come
// out even: the commands behind them would be octets.
func TestSavedUnevenOctets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "uneven.smtp")
	if err := os.WriteFile(file, []byte("BDAT 10 LAST\nabc\nlonger\nRSET\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := practise(t, sized(120, 60))
	s.envelope()
	s.line(":source " + file)
	s.sees("so the connection is closed.", "the octets of the BDAT do not come out even")
	s.at("disconnected> ")
	s.line(":reconnect")
	s.at("practice.example connected> ")
	s.line("NOOP")
	s.at("practice.example connected> ")
	const want = "RCPT TO:<alice@example.org>\n# Left out: a message that was not completed.\n:close\n:reconnect\nNOOP\n"
	if got := s.saved(); !strings.HasSuffix(got, want) {
		t.Errorf("saved %q, want it to end in %q", got, want)
	}
}

// TestForcedChunk says that an announcement cannot be followed.
func TestForcedChunk(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 60))
	s.line("EHLO me.example")
	s.line("BDAT ten LAST")
	s.sees("held:")
	s.line("!BDAT ten LAST")
	s.sees("This BDAT names no number that could be counted out", "501 5.5.4")
}
