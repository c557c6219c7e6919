package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell"
	"smtpsh/shell/practice"
)

const readme = "../../README.md"

// TestREADME holds the generated parts of the README to the tables and to
// what the program prints.
func TestREADME(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, part := range []struct{ name, want string }{
		{"exercise", "```\n" + exerciseOutput(t) + "```\n"},
		{"statuses", statusTable(t, "Exit status:", "--help")},
		{"sendstatuses", statusTable(t, "Exit status, beside those of \"smtpsh --help\":", "send", "--help")},
		{"options", optionTable()},
		{"practice", practiceTable()},
		{"modes", modeTable()},
		{"schema", schemaTable()},
		{"reference", reference()},
	} {
		begin, end := "<!-- "+part.name+" -->\n", "<!-- /"+part.name+" -->"
		before, rest, ok := strings.Cut(text, begin)
		got, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("README has no part %q", part.name)
		}
		if got != part.want && !*update {
			is, should := firstDifference(got, part.want)
			t.Errorf("the part %q of the README is not current; go test ./shell/cli -run README -update writes it anew.\n  it has    %s\n  should be %s", part.name, is, should)
		}
		text = before + begin + part.want + end + after
	}
	if *update {
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// firstDifference is the first line that two texts do not share.
func firstDifference(a, b string) (inA, inB string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := 0; i < len(as) && i < len(bs); i++ {
		if as[i] != bs[i] {
			return as[i], bs[i]
		}
	}
	return fmt.Sprintf("%d lines", len(as)), fmt.Sprintf("%d lines", len(bs))
}

// TestREADMENamesWhatExists looks for every file and folder that the README
// names.
func TestREADMENamesWhatExists(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`(?m)(?:^    |\(|`+"`"+`|/)((?:main\.go|shell/|protocol/|\.picture|\.ci|\.bench)[\w./]*)`).FindAllStringSubmatch(string(data), -1) {
		if _, err := os.Stat(filepath.Join("..", "..", name[1])); err != nil {
			t.Errorf("the README names %s: %v", name[1], err)
		}
	}
}

func run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func exerciseOutput(t *testing.T) string {
	out := run(t, "helo mcheng\nmail from: mcheng@example.org\nrcpt to: <mantis@example.com>\ndata\nthis is a test\n.\nquit\n")
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out, "127.0.0.1:2525")
}

// optionTable is the flags that the table of options makes.
func optionTable() string {
	var b strings.Builder
	b.WriteString("| option | what it does |\n|---|---|\n")
	for _, o := range shell.Options() {
		if o.Flag {
			form := " " + o.Arg
			if o.Arg == "on|off" {
				form = "[=on|off]"
			}
			fmt.Fprintf(&b, "| `--%s%s` | %s |\n", o.Name, strings.ReplaceAll(form, "|", "\\|"), o.Help)
		}
	}
	return b.String()
}

// modeTable is the faults that the practice server can show.
func modeTable() string {
	var b strings.Builder
	b.WriteString("| mode | what it shows |\n|---|---|\n")
	for _, m := range practice.Modes[1:] {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m.Name, m.Summary)
	}
	return b.String()
}

// statusTable is the exit statuses as --help lists them.
func statusTable(t *testing.T, title string, args ...string) string {
	_, list, ok := strings.Cut(run(t, "", args...), title+"\n")
	if !ok {
		t.Fatal("--help lists no exit statuses")
	}
	var b strings.Builder
	b.WriteString("| status | meaning |\n|---|---|\n")
	for line := range strings.Lines(list) {
		status, meaning, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			break
		}
		fmt.Fprintf(&b, "| %s | %s |\n", status, strings.TrimSpace(meaning))
	}
	return b.String()
}

func practiceTable() string {
	var b strings.Builder
	b.WriteString("| recipient | what happens |\n|---|---|\n")
	for _, s := range practice.Recipients() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", s.Form, s.What)
	}
	return b.String()
}

// reference is every verb, parameter, local command, extension and advice.
func reference() string {
	var b strings.Builder
	b.WriteString("### Verbs\n\n| form | what it does | RFC |\n|---|---|---|\n")
	for i := range protocol.Verbs {
		v := &protocol.Verbs[i]
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell(v.Syntax()), cell(v.Summary), v.Ref)
	}
	b.WriteString("\n### Parameters\n\n| of | form | what it says | RFC |\n|---|---|---|---|\n")
	for i := range protocol.Params {
		p := &protocol.Params[i]
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", p.Verb, cell(p.Form), cell(p.Summary), p.Ref)
	}
	b.WriteString("\n### Local commands\n\n| form | what it does |\n|---|---|\n")
	for _, l := range shell.Locals() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(strings.TrimSpace(l.Name+" "+l.Args)), cell(l.Summary))
	}
	b.WriteString("\n### Extensions\n\n| offer | what it gives | RFC |\n|---|---|---|\n")
	for i := range protocol.ExtensionTable {
		x := &protocol.ExtensionTable[i]
		note := x.Ref.String()
		switch {
		case x.Obsolete:
			note += " obsolete"
		case x.Private:
			note += " not registered"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell(x.Form), cell(x.Gives), strings.TrimSpace(note))
	}
	b.WriteString("\n### Advice\n\nAn error holds the line, a warning sends it with a note.\n\n| name | | message | RFC |\n|---|---|---|---|\n")
	for i := range protocol.AdviceTable {
		a := &protocol.AdviceTable[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a.ID, a.Severity, cell(strings.ReplaceAll(a.Message, "%s", "…")), a.Ref)
	}
	return b.String()
}

// cell escapes what Markdown takes for the border of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// schemaTable is the objects of -o json, as package trace has them.
func schemaTable() string {
	var b strings.Builder
	b.WriteString("| event | fields behind `v`, `event` and `time` |\n|---|---|\n")
	for _, row := range []struct {
		event string
		line  any
	}{
		{"trying", trace.TryingLine{}}, {"missed", trace.MissedLine{}}, {"opened", trace.OpenedLine{}}, {"sent", trace.SentLine{}},
		{"reply", trace.ReplyLine{}}, {"tls", trace.TLSLine{}}, {"smuggled", trace.SmuggledLine{}}, {"closed", trace.ClosedLine{}},
		{"cancelled", trace.CancelledLine{}}, {"advice", trace.AdviceLine{}}, {"note", trace.NoteLine{}}, {"expectation", trace.ExpectationLine{}},
		{"summary", trace.SummaryLine{}},
	} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", row.event, strings.Join(fieldsOf(reflect.TypeOf(row.line)), ", "))
	}
	return b.String()
}

// fieldsOf names the JSON fields of a struct; those that may be left out have
// a question mark.
func fieldsOf(t reflect.Type) []string {
	var fields []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			continue
		}
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if rest == "omitempty" {
			name += "?"
		}
		inner := f.Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeOf(trace.Time{}) {
			name += " {" + strings.Join(fieldsOf(inner), ", ") + "}"
		}
		fields = append(fields, name)
	}
	return fields
}
