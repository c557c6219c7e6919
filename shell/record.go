package shell

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"smtpsh/protocol"
	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// Record writes the session to a file from now on, each exchange as it
// happens, and secrets masked unless show-secrets is on. The format is that
// of the file's ending where none is named. A file that is there already is
// an error, unless force is true.
func (sh *Shell) Record(name, format string, force bool) error {
	o := sh.recordOptions()
	o.Tapped = !sh.hub.Session().Open() // the octets of a connection are tapped from its beginning, or not at all
	return sh.hub.records.begin(name, format, force, o)
}

// EndRecords completes the files of Record. Its error is of those that could
// not be; one that failed before was told then, and Recorded still knows.
func (sh *Shell) EndRecords() error {
	_, err := sh.hub.records.end()
	return err
}

// Exit tells the records how the run ended, before EndRecords.
func (sh *Shell) Exit(status Status) {
	sh.hub.records.exit(int(status), cmp.Or(sh.why, sh.hub.lastNote()))
}

// Recorded reports whether every record is whole.
func (sh *Shell) Recorded() bool { return sh.hub.records.whole() }

// recordOptions are what all recorders of this shell are told.
func (sh *Shell) recordOptions() trace.Options {
	return trace.Options{
		Redact:  sh.redact,
		Keys:    sh.tls.keys.name != "" || sh.secrets.shown,
		Means:   view.Meaning,
		Explain: explainer(),
	}
}

// mostAlike is how many kinds of replies an explainer remembers.
const mostAlike = 256

// explainer explains replies below them, and remembers what it said: of a long
// session most replies are alike.
func explainer() func(protocol.Reply, string) []view.Row {
	type alike struct {
		code     int
		enhanced protocol.Enhanced
		after    string
	}
	said := map[alike][]view.Row{}
	return func(r protocol.Reply, answers string) []view.Row {
		explain := func() []view.Row { return explainReply(r, answers)[1+len(r.Lines):] } // the reply itself stands above
		if r.Negative() || len(r.Anomalies) > 0 || len(r.Odd(answers)) > 0 {
			return explain() // the wording of each counts
		}
		key := alike{r.Code, r.Enhanced, answers}
		rows, known := said[key]
		if !known {
			if rows = explain(); len(said) == mostAlike {
				clear(said) // a server that means harm has a new one for each reply
			}
			said[key] = rows
		}
		return rows
	}
}

// setRedact says what records leave out; those that are written already stay
// as they are.
func setRedact(sh *Shell, value string) string {
	if value == unset {
		sh.redact = nil
		return ""
	}
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	if _, err := trace.NewRedactor(words...); err != nil || len(words) == 0 {
		return "redact is a list of " + strings.Join(trace.Redactions, ", ")
	}
	sh.redact = words
	return ""
}

// unrecorded says that a file could not be written to: loudly, for whoever
// records relies on it.
func (sh *Shell) unrecorded(err error) {
	sh.note(view.Bad, "RECORDING FAILED: "+strings.TrimPrefix(err.Error(), "record ")+". What follows is not in that file; the session goes on.")
}

// recordFlags are the words behind :record and :export.
type recordFlags struct {
	format string
	as     string
	force  bool
	words  []string
}

func parseRecord(name string, words []string) (recordFlags, error) {
	var r recordFlags
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.BoolVar(&r.force, "force", false, "")
	flags.StringVar(&r.format, "format", "", "")
	if name == ":export" {
		flags.StringVar(&r.as, "as", "", "")
	}
	err := flags.Parse(words)
	r.words = flags.Args()
	return r, err
}

// runRecord is :record.
func (sh *Shell) runRecord(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":record")
	r, err := parseRecord(l.Name, words)
	switch {
	case err != nil || len(r.words) > 1:
		return usage(l)
	case len(r.words) == 0:
		if names := sh.hub.records.names(); len(names) > 0 {
			return say(view.T("Recorded to " + strings.Join(names, ", ") + ". \":record off\" ends that."))
		}
		return say(view.T("Nothing is recorded; \":record FILE\" begins it."))
	case r.words[0] == "off":
		return sh.recordOff()
	}
	name := atHome(r.words[0])
	err = sh.Record(name, r.format, r.force)
	if errors.Is(err, errThere) && sh.overwrites(ctx, name) {
		err = sh.Record(name, r.format, true)
	}
	if err != nil {
		return complain("Not recorded: " + err.Error() + ".")
	}
	text := "Recorded to " + name + " from here on; \":record off\" ends that."
	if s := sh.hub.Session(); s.Open() {
		text = "Recorded to " + name + " from here on, in the middle of a session with " + serverName(s) + " at " + s.Address() + "; \":record off\" ends that."
	}
	return say(view.T(text))
}

func (sh *Shell) recordOff() outcome {
	names, err := sh.hub.records.end()
	switch {
	case err != nil:
		return complain("Not recorded to its end: " + err.Error())
	case len(names) == 0:
		return complain("Nothing is recorded.")
	}
	return say(view.T("No longer recorded to " + strings.Join(names, ", ") + "."))
}

// overwrites asks a person whether a file is to be written over.
func (sh *Shell) overwrites(ctx context.Context, name string) bool {
	if !sh.attended() {
		return false
	}
	sh.note(view.Caution, name+" is there already.")
	answer, err := sh.ask(ctx, "write over it? (y/N)", false)
	return err == nil && strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y")
}
