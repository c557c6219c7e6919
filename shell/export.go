package shell

import (
	"context"
	"errors"

	"smtpsh/protocol/trace"
	"smtpsh/shell/view"
)

// runExport is :export.
func (sh *Shell) runExport(ctx context.Context, words []string) outcome {
	l, _ := findLocal(":export")
	r, err := parseRecord(l.Name, words)
	if err != nil || len(r.words) != 1 {
		return usage(l)
	}
	name := atHome(r.words[0])
	dropped, err := sh.export(name, r.format, r.force)
	if errors.Is(err, errThere) && sh.overwrites(ctx, name) {
		dropped, err = sh.export(name, r.format, true)
	}
	if err != nil {
		return complain("Not exported: " + err.Error() + forceHint(err))
	}
	rows := []view.Row{view.T("The session so far is in " + name + ".")}
	if dropped > 0 {
		rows = append(rows, view.Row{view.Caution.Of(droppedText(dropped))})
	}
	return say(rows...)
}

// export writes the session so far to a file, and returns how much of its
// beginning is no longer known.
func (sh *Shell) export(name, format string, force bool) (dropped int, err error) {
	if format, err = formatFor(name, format); err != nil {
		return 0, err
	}
	file, err := sh.hub.records.create(name, force)
	if err != nil {
		return 0, err
	}
	to, err := trace.New(format, file, sh.recordOptions())
	if err != nil {
		_ = file.Close()
		return 0, err
	}
	dropped, err = sh.hub.past.each(to.Event)
	return dropped, errors.Join(err, to.Close(), file.Close())
}
