package shell

import (
	"context"
	"errors"
	"strings"

	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// runExport is :export.
func (sh *Shell) runExport(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":export")
	r, err := parseRecord(l.Name, words)
	switch {
	case err == nil && r.as != "" && r.format == "" && len(r.words) <= 1:
		return sh.exportAs(ctx, r)
	case err != nil || r.as != "" || len(r.words) != 1:
		return usage(l)
	}
	name := atHome(r.words[0])
	dropped, err := sh.export(name, r.format, r.force)
	if errors.Is(err, errThere) && sh.overwrites(ctx, name) {
		dropped, err = sh.export(name, r.format, true)
	}
	if err != nil {
		return complain("Not exported: " + err.Error() + ".")
	}
	rows := []view.Row{view.T("The session so far is in " + name + ".")}
	if dropped > 0 {
		rows = append(rows, view.Row{view.Caution.Of(droppedText(dropped))})
	}
	return say(rows...)
}

// exportAs is :export --as TOOL: the last transaction by other means, on the
// screen or in a file.
func (sh *Shell) exportAs(ctx context.Context, r recordFlags) outcome {
	var latest trace.Latest
	if _, err := sh.hub.past.each(latest.Event); err != nil {
		return complain("Not exported: " + err.Error() + ".")
	}
	t, ok := latest.Transaction()
	if !ok {
		return complain("No MAIL was sent yet, so there is no transaction to export.")
	}
	text, err := trace.As(strings.ToLower(r.as), t)
	if err != nil {
		return complain("Not exported: " + err.Error() + ".")
	}
	if len(r.words) == 0 {
		var rows []view.Row
		for line := range strings.Lines(text) {
			rows = append(rows, view.T(strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    ")))
		}
		return verbatim(rows)
	}
	name := atHome(r.words[0])
	err = sh.write(name, text, r.force)
	if errors.Is(err, errThere) && sh.overwrites(ctx, name) {
		err = sh.write(name, text, true)
	}
	if err != nil {
		return complain("Not exported: " + err.Error() + ".")
	}
	return say(view.T("The last transaction is in " + name + "."))
}

func (sh *Shell) write(name, text string, force bool) error {
	file, err := sh.hub.records.create(name, force)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// export writes the session so far to a file, and returns how much of its
// beginning is no longer known.
func (sh *Shell) export(name, format string, force bool) (dropped int, err error) {
	f, err := sh.hub.records.open(name, format, force, sh.recordOptions())
	if err != nil {
		return 0, err
	}
	dropped, err = sh.hub.past.each(f.to.Event)
	return dropped, errors.Join(err, f.close())
}
