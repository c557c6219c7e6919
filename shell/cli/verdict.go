package cli

import (
	"unicode/utf8"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// checked is the JSON form of a verdict.
type checked struct {
	Line    string        `json:"line"`
	Base64  []byte        `json:"base64,omitempty"` // the octets of a line that is not UTF-8, which start and end count
	Verdict string        `json:"verdict"`
	Verb    string        `json:"verb,omitempty"`
	Diags   []checkedDiag `json:"diags"`
}

type checkedDiag struct {
	ID       string   `json:"id"`
	Severity string   `json:"severity"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Message  string   `json:"message"`
	RFC      int      `json:"rfc"`
	Section  string   `json:"section"`
	Fix      string   `json:"fix,omitempty"`
	Then     []string `json:"then,omitempty"`
}

func (c *checker) print(line, verdict string, command protocol.Command, diags []protocol.Diag) error {
	if c.json {
		return c.printJSON(line, verdict, command, diags)
	}
	c.write(view.Pad(verdict, 7), " ", view.Escape(line), "\n")
	var mended protocol.Diag
	for _, d := range diags {
		c.write("        ", d.Severity.String(), ": ", d.ID, ": ", view.Escape(d.Message), " (", d.Ref.String(), ")\n")
		if mended.Fix == "" {
			mended = d
		}
	}
	if mended.Fix != "" {
		c.write("        fix: ", view.Escape(mended.Fix), "\n")
	}
	for _, next := range mended.Then {
		c.write("        then: ", view.Escape(next), "\n")
	}
	return nil // a failure to write stays with the writer, until it is flushed
}

func (c *checker) write(words ...string) {
	for _, word := range words {
		c.out.WriteString(word)
	}
}

func (c *checker) printJSON(line, verdict string, command protocol.Command, diags []protocol.Diag) error {
	if verdict == "message" {
		verdict = "ok"
	}
	row := checked{Line: line, Verdict: verdict, Diags: make([]checkedDiag, len(diags))}
	if !utf8.ValidString(line) {
		row.Base64 = []byte(line)
	}
	if command.Verb != nil {
		row.Verb = command.Verb.Name
	}
	for i, d := range diags {
		row.Diags[i] = checkedDiag{d.ID, d.Severity.String(), d.Start, d.End, d.Message, d.Ref.RFC, d.Ref.Section, d.Fix, d.Then}
	}
	return writeJSON(c.out, row)
}
