package trace

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"smtpsh/protocol"
)

func TestMarkdownGolden(t *testing.T) {
	golden(t, "session.md", record(t, "md", Options{Means: means}, sample()...))
}

// TestMarkdownIsInert holds that nothing in a hostile session is markup, by
// what a Markdown parser makes of it.
func TestMarkdownIsInert(t *testing.T) {
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	for seed := range uint64(200) {
		r := seeded(seed)
		events := r.events(30)
		for range 5 {
			events = append(events, protocol.Advised{Line: r.text() + "|`\\|" + r.text(), Held: true, Diags: []protocol.Diag{{ID: "x", Message: r.text() + "www.example.org @alice <b>"}}},
				protocol.Sent{Raw: []byte("NOOP ````\r\n```\r\n" + r.text() + "\r\n")}, received(protocol.At{}, "250-ok\r\n250-"+strings.Repeat("`", r.IntN(9))+"\r\n250 ~~~\r\n"),
				protocol.Closed{})
		}
		source := []byte(record(t, "md", Options{Means: means}, events...))
		fenced := inert(t, source, parser.Parse(text.NewReader(source)))
		if want := notation(events); fenced != want {
			t.Fatalf("seed %d: the fences hold\n%q\nwant\n%q", seed, fenced, want)
		}
	}
}

// inert fails on all that the format does not write itself, and returns what
// stands in the fences.
func inert(t *testing.T, source []byte, doc ast.Node) (fenced string) {
	t.Helper()
	var columns int
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				if text := line.Value(source); text[0] != '*' { // what is omitted of several is one sum
					fenced += string(text)
				}
			}
		case *east.TableRow:
			if n.ChildCount() != columns {
				t.Errorf("a row has %d cells under %d columns", n.ChildCount(), columns)
			}
		case *east.TableHeader:
			columns = n.ChildCount()
		case *ast.Emphasis: // what is bad of a table of facts
			if got := string(n.FirstChild().(*ast.Text).Segment.Value(source)); got != "Unverified" && got != "Verified" && got != "Valid" {
				t.Errorf("%q is emphasized", got)
			}
		case *ast.Heading, *ast.Paragraph, *ast.Document, *ast.Text, *ast.CodeSpan, *ast.List, *ast.ListItem, *ast.TextBlock, *east.Table, *east.TableCell, *ast.String:
		default:
			t.Errorf("%s is in the document", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fenced
}

// notation is what was sent and received in the plain notation.
func notation(events []protocol.Event) string {
	var b []byte
	s := protocol.Session{}
	for _, e := range events {
		switch e.(type) {
		case protocol.Sent, protocol.Received:
			for line := range bytes.Lines(AppendText(nil, s, s, e)) {
				if line[0] != '*' {
					b = append(b, line...)
				}
			}
		}
	}
	return string(b)
}

// TestProseRefersToNothing has a code span around what a tracker would look at
// behind the markup, and nothing but escapes elsewhere.
func TestProseRefersToNothing(t *testing.T) {
	for prose, want := range map[string]string{
		"see !12": "`see !12`", "&3": "`&3`", "a ~label": "`a ~label`", `~"a label"`: "`~\"a label\"`", "$4": "`$4`", "%1.0": "`%1.0`", "x@y": "`x@y`", "#1": "`#1`", "http://x": "`http://x`", "www.x": "`www.x`", "!\u00fc": "`!\u00fc`",
		"done!": `done\!`, "a & b": `a \& b`, "~": `\~`, "90 %, or $": "90 %, or $", "a*b": `a\*b`, "": "",
	} {
		if got := string(appendProse(nil, prose)); got != want {
			t.Errorf("%q became %s, want %s", prose, got, want)
		}
	}
}

// TestMarkdownCountsContent holds that a long message is cut, and all of it
// counted.
func TestMarkdownCountsContent(t *testing.T) {
	p := &player{now: noon}
	p.play("> DATA\n< 354 go\n")
	line := protocol.Sent{Kind: protocol.SentContent, Raw: []byte(strings.Repeat("x", 998) + "\r\n")}
	for range 500 {
		p.add(line)
	}
	p.play(">. .\n< 250 ok\n")
	got := record(t, "md", Options{}, p.events...)
	const want = "* 467235 octets of the message are left out here\n" // 500 lines and the dot, less 32 KiB
	if len(got) > 2*shownContent || strings.Count(got, "left out here") != 1 || !strings.Contains(got, want) {
		t.Errorf("%d octets, that end with\n%s", len(got), got[len(got)-400:])
	}
}
