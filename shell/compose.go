package shell

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"smtpsh/protocol/message"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// draft is a message with what the envelope and the session say of it.
func (sh *Shell) draft() (message.Draft, error) {
	s := sh.hub.Session()
	if len(sh.group.commands) > 0 {
		return message.Draft{}, errors.New("a group is open, and its recipients are not known to be taken: an empty line sends it")
	}
	from, ok := s.From()
	if !ok || s.RecipientCount() == 0 {
		return message.Draft{}, errors.New("MAIL and RCPT come first: the message is made out to them")
	}
	d := message.Draft{From: message.Address{Path: from}, Date: time.Now(), MessageID: messageID(s.Client), Boundary: boundary(),
		UTF8: s.UTF8(), EightBit: s.Body() == "8BITMIME" || s.Body() == "BINARYMIME", Attachments: sh.attached}
	for _, to := range s.Recipients() {
		d.To = append(d.To, message.Address{Path: to})
	}
	return d, nil
}

// draftContent is a draft as a message to be sent. What makes it impossible
// is told now, before DATA.
func draftContent(d message.Draft) (content, error) {
	m, err := d.Measure()
	if err != nil {
		return content{}, err
	}
	return content{name: "the message", size: m.Size, open: func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			_, err := d.WriteTo(w)
			w.CloseWithError(err)
		}()
		return r, nil
	}}, nil
}

// runCompose is :compose: subject, text, and the message is sent.
func (sh *Shell) runCompose(ctx context.Context, _ []string) outcome {
	if !sh.attended() {
		return complain(":compose asks, and nobody is there to answer; :data FILE sends a file, and \"smtpsh send\" composes from its flags.")
	}
	d, err := sh.draft()
	if err != nil {
		return complain(err.Error() + ".")
	}
	if d.From.Path == "" {
		d.From.Path = d.To[0].Path // "<>" is no author
		sh.note(view.Caution, "The reverse-path is empty, so From names the recipient.")
	}
	if d.Subject, err = sh.ask(ctx, "subject", false); err != nil {
		return complain("Given up; nothing was sent.")
	}
	sh.note(view.Dim, "The text; a line with only a dot ends it, Ctrl-C gives up.")
	var text strings.Builder
	for {
		line, err := sh.Source.Next(ctx, term.Request{Prompt: sh.styled(view.Row{view.Ask.Of("text"), view.Plain.Of("> ")}), Plain: true})
		if err != nil {
			sh.keepText(text.String())
			return complain("Given up; nothing was sent. :message shows the text.")
		}
		if line.Text == "." {
			break
		}
		text.WriteString(line.Text + "\n")
	}
	d.Text = text.String()
	c, err := draftContent(d)
	if err != nil {
		sh.keepText(d.Text)
		return complain("Nothing was sent: " + err.Error() + ". :message shows the text.")
	}
	out, taken := sh.sendContent(ctx, c)
	if taken {
		sh.attached = nil
		return out
	}
	sh.keepText(d.Text)
	sh.note(view.Caution, "Your text is kept: :message shows it.")
	return out
}

// keepText keeps a text that was composed and not taken, for :message. It takes
// the place of the message before it, and is no part of one that is under way.
func (sh *Shell) keepText(text string) {
	if text = strings.TrimSuffix(text, "\n"); text != "" {
		sh.message = typed{open: sh.message.open, text: strings.Split(text, "\n")}
	}
}

// runEdit is :edit: the message in the user's editor.
func (sh *Shell) runEdit(ctx context.Context, _ []string) outcome {
	if !sh.attended() {
		return complain(":edit needs a terminal; :data FILE sends a file.")
	}
	d, err := sh.draft()
	if err != nil {
		return complain(err.Error() + ".")
	}
	template, err := d.Template()
	if err != nil {
		return complain(err.Error())
	}
	file, text, err := sh.edited(template + "\n")
	switch {
	case err != nil:
		return complain("Nothing was sent: " + err.Error())
	case strings.TrimSpace(text) == "" || strings.TrimSpace(text) == strings.TrimSpace(template):
		_ = os.Remove(file)
		return complain("Nothing was written, so nothing was sent.")
	}
	written, err := message.ParseDraft(text)
	if err == nil {
		written.UTF8, written.EightBit, written.Attachments, written.Boundary = d.UTF8, d.EightBit, d.Attachments, d.Boundary
	}
	var c content
	if err == nil {
		c, err = draftContent(written)
	}
	if err != nil {
		return complain("Nothing was sent: " + err.Error() + keptIn(file))
	}
	out, taken := sh.sendContent(ctx, c)
	if !taken {
		sh.note(view.Caution, "What you wrote is kept in "+file+".")
		return out
	}
	sh.attached = nil
	_ = os.Remove(file)
	return out
}

// keptIn says where a text is that was written and not sent.
func keptIn(file string) string {
	return ". What you wrote is kept in " + file + "; :data " + quoted(file) + " sends it as it is."
}

// edited has the user's editor change a text, in a file that only the user
// can read.
func (sh *Shell) edited(text string) (name, changed string, err error) {
	file, err := os.CreateTemp("", "smtpsh-*.eml")
	if err != nil {
		return "", "", err
	}
	name = file.Name()
	_, err = file.WriteString(text)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return name, "", err
	}
	editor := or(os.Getenv("VISUAL"), or(os.Getenv("EDITOR"), defaultEditor()))
	err = sh.Source.Release(func() error {
		cmd := exec.Command("sh", "-c", editor+` "$1"`, "sh", name)
		if runtime.GOOS == "windows" {
			cmd = exec.Command("cmd", "/c", editor+" "+name)
		}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		return cmd.Run()
	})
	written, reading := os.ReadFile(name)
	if err == nil {
		return name, string(written), reading
	}
	err = fmt.Errorf("the editor %q failed: %w; $VISUAL or $EDITOR names another", editor, err)
	switch {
	case reading == nil && string(written) == text:
		_ = os.Remove(name)
	case !errors.Is(reading, os.ErrNotExist): // an editor may fail behind its work
		err = fmt.Errorf("%w%s", err, keptIn(name))
	}
	return name, "", err
}

func defaultEditor() string {
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

// boundary stands between the parts of a message, and is in none of them.
func boundary() string { return "smtpsh_" + rand.Text() }
