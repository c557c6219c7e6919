package shell

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// insteadOfText does what was asked for in the first line of a message that
// is typed: no header begins with a colon, so it cannot be meant as text. In a
// paste or a script a line of the message is text, whatever it says, but for an
// :expect behind DATA.
func (sh *Shell) insteadOfText(ctx context.Context, line term.Line) bool {
	if len(sh.message.lines) > 0 || sh.message.more > 0 {
		return false
	}
	word, _, _ := strings.Cut(line.Text, " ")
	if isExpect(line.Text) && !sh.attended() { // of the 354; whoever wrote the text can do no harm by it
		sh.local(ctx, line.Text)
		return true
	}
	if !sh.attended() || line.Pasted {
		return false
	}
	switch word {
	case ":data", ":edit", ":compose", ":attach", ":help":
		sh.remember(line.Text)
		sh.local(ctx, line.Text)
		return true
	}
	return false
}

// askDot asks about a lone dot in the middle of a paste: it may be text itself,
// and what stands behind it may be a second message that somebody slipped into
// the first. Only a dialogue that was pasted with its DATA, and in which a
// command follows, is taken at its word. It reports whether the dot waits for
// an answer.
func (sh *Shell) askDot(line term.Line) bool {
	if !line.Pasted || !sh.attended() || sh.Source.Pending() == 0 {
		return false
	}
	rest := sh.Source.TakePending()
	next := strings.TrimPrefix(rest[0].Text, "!")
	if next == "" && len(rest) > 1 {
		next = rest[1].Text
	}
	if c := protocol.Parse(next); sh.message.whole && (c.Verb != nil || strings.HasPrefix(next, ":")) {
		sh.Source.PushBack(rest)
		return false
	}
	sh.message.dotted, sh.message.behind = true, rest
	sh.note(view.Caution, "A lone dot stands in the paste, and more behind it: "+plural(len(rest), "line")+". Enter ends the message here and drops them; \"..\" sends the dot as text and goes on with them.")
	sh.edit.offer = offer{text: ".", proposal: true}
	return true
}

// answerDot takes the answer to the question of askDot: with ".." the line is
// the dot as text, and the paste goes on behind it. With any other answer what
// stood behind the dot is dropped: it was written as text, and kept for later
// it would be taken for commands.
func (sh *Shell) answerDot(line *term.Line) (dot bool) {
	if !sh.message.dotted {
		return false
	}
	rest := sh.message.behind
	sh.message.dotted, sh.message.behind = false, nil
	if line.Text != ".." || line.Pasted {
		sh.note(view.Dim, plural(len(rest), "pasted line")+" behind the dot dropped.")
		return false
	}
	if !sh.raw { // else it goes as it is, and the server makes one dot of the two
		line.Text = "."
	}
	sh.note(view.Dim, "Going on with "+plural(len(rest), "pasted line")+".")
	sh.Source.PushBack(rest)
	return true
}

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

// boundary stands between the parts of a message, and is in none of them.
func boundary() string { return "smtpsh_" + rand.Text() }
