package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/protocol/message"
	"smtpsh/shell/view"
)

// runAttach is :attach.
func (sh *Shell) runAttach(_ context.Context, words []string) outcome {
	if len(words) == 1 && strings.EqualFold(words[0], "none") {
		sh.attached = nil
		return done()
	}
	var more []message.Attachment
	for _, name := range words {
		a, err := attachment(atHome(name))
		if err != nil {
			return complain("Nothing was attached: " + err.Error())
		}
		more = append(more, a)
	}
	sh.attached = append(sh.attached, more...)
	if len(sh.attached) == 0 {
		return say(view.T("Nothing is attached; :attach FILE does that, for :compose and :edit."))
	}
	var rows []view.Row
	for _, a := range sh.attached {
		rows = append(rows, view.Row{view.Plain.Of("  " + a.Name), view.Dim.Of("  " + view.Octets(uint64(a.Size)))})
	}
	return say(rows...)
}

// attachment is a file that is to go with a message.
func attachment(name string) (message.Attachment, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return message.Attachment{}, err
	case !info.Mode().IsRegular():
		return message.Attachment{}, fmt.Errorf("%s is no file", name)
	}
	file, err := os.Open(name)
	if err != nil { // now, and not after DATA
		return message.Attachment{}, err
	}
	_ = file.Close()
	return message.Attachment{Name: filepath.Base(name), Size: info.Size(), Open: func() (io.ReadCloser, error) { return os.Open(name) }}, nil
}
