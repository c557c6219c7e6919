package shell

import (
	"io"
	"strings"
	"testing"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// TestOctetsLost loses the connection within the octets of a BDAT: those that
// were owed are dropped, dots and all, and what follows runs.
func TestOctetsLost(t *testing.T) {
	const commands = ":on-error continue\nNOOP\n"
	rows := []struct{ name, behind, want string }{
		{"to the last octet", ":drop\n\n.\nabcd\n" + commands, "4 lines of the message dropped, up to the last octet of the BDAT."},
		{"at once", "0123456789abcdef\n" + commands, "1 line of the message dropped, up to the last octet of the BDAT."},
		{"to the end of the input", ".\n:quit\n", "2 lines of the message dropped, up to the end of the input, with 8 octets of the BDAT still owed."},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var out strings.Builder
			text := view.NewText(&out)
			sh := New(Config{Source: term.NewReader(strings.NewReader(row.behind), io.Discard), Show: text, Out: text})
			for _, e := range []protocol.Event{protocol.Opened{}, reply("220 hi\r\n"), command("BDAT 18 LAST")} {
				sh.hub.emit(e)
			}
			sh.beginChunk()
			sh.hub.emit(protocol.Closed{})
			sh.Run(t.Context())
			if got := out.String(); !strings.Contains(got, row.want) || strings.Contains(got, "pasted") ||
				strings.Contains(got, "not sent: NOOP") != strings.HasSuffix(row.behind, commands) {
				t.Errorf("no %q in\n%s", row.want, got)
			}
		})
	}
}

// TestReport says where what is dropped ends.
func TestReport(t *testing.T) {
	for want, d := range map[string]*dropped{
		"2 lines of the message dropped, up to the lone dot.":                  {lines: 2},
		"2 lines of the message dropped, up to the last octet of the BDAT.":    {lines: 2, counted: true},
		"1 line of the message dropped, with 7 octets of the BDAT still owed.": {lines: 1, counted: true, owed: 7},
		"2 lines dropped, up to the end of the input, for no lone dot came.":   {lines: 2, refused: true, ended: true},
	} {
		var out strings.Builder
		text := view.NewText(&out)
		New(Config{Source: term.NewReader(strings.NewReader(""), io.Discard), Show: text, Out: text}).report(d)
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
}
