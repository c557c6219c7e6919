package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"smtpsh/protocol"
	"smtpsh/protocol/message"
	"smtpsh/shell/view"
)

// Errand is what "smtpsh send" and :send are asked to do: one message, or many,
// from the connection to the end.
type Errand struct {
	From       string
	To, Cc     []string
	Bcc        []string
	Subject    string
	Body       string // the text, @FILE, or - for standard input
	Attach     []string
	Headers    []string // "Name: value"
	Data       string   // a file with the whole message, - for standard input
	Dir        string   // a folder with a message in each .eml
	Notify     string   // NOTIFY of each RCPT (RFC 3461 §4.1)
	Ret, EnvID string   // of MAIL (RFC 3461 §4.3, §4.4)
	UTF8       bool     // MAIL says SMTPUTF8
	Auth       string   // a mechanism, or "any"; "" logs in where a user was named
	Insecure   bool     // log in whatever the connection is
	BDAT       bool
	Chunk      int
	Pipeline   bool // MAIL, RCPT and DATA at once
	StopAfter  string
	DropAfter  string

	Count       int
	Connections int

	text *string // of Body, once it was read
}

// AddFlags gives a set of flags those of an errand.
func (e *Errand) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&e.From, "from", "", "the reverse-path, and From: `ADDRESS`, or empty for <>")
	f.StringArrayVar(&e.To, "to", nil, "a recipient, and To: `ADDRESS`; may be given again")
	f.StringArrayVar(&e.Cc, "cc", nil, "a recipient, and Cc: `ADDRESS`")
	f.StringArrayVar(&e.Bcc, "bcc", nil, "a recipient that the message does not name: `ADDRESS`")
	f.StringVar(&e.Subject, "subject", "", "the `TEXT` of Subject")
	f.StringVar(&e.Body, "body", "", "the text of the message: `TEXT`, @FILE, or - for standard input")
	f.StringArrayVar(&e.Attach, "attach", nil, "a `FILE` that goes with it")
	f.StringArrayVar(&e.Headers, "header", nil, "a `FIELD` more, such as 'Reply-To: a@example.org'; one that is there is replaced")
	f.StringVar(&e.Data, "data", "", "the whole message in `FILE`, header and all; - is standard input")
	f.StringVar(&e.Dir, "from-dir", "", "each .eml of `DIR`, with the envelope of its header where --from and --to do not say otherwise")
	f.StringVar(&e.Notify, "dsn", "", "when to report on the recipients: `LIST` is NEVER, or SUCCESS,FAILURE,DELAY")
	f.StringVar(&e.Ret, "ret", "", "what a report returns: `PART` is FULL or HDRS")
	f.StringVar(&e.EnvID, "envid", "", "an `ID` that reports carry")
	f.BoolVar(&e.UTF8, "smtputf8", false, "say SMTPUTF8, also where nothing in the message needs it")
	f.StringVar(&e.Auth, "auth", "", "log in by this `MECHANISM`, or by \"any\"; a user that is named logs in without it")
	f.BoolVar(&e.Insecure, "auth-insecure", false, "log in also where the password could be read or the server is not verified")
	f.BoolVar(&e.BDAT, "bdat", false, "send the message in chunks, where the server offers CHUNKING")
	f.IntVar(&e.Chunk, "chunk", defaultChunk, "how many `OCTETS` a chunk has")
	f.BoolVar(&e.Pipeline, "pipeline", false, "send MAIL, RCPT and DATA at once, where the server offers PIPELINING")
	f.StringVar(&e.StopAfter, "stop-after", "", "end the session in good order after `STAGE`: "+strings.Join(Stages, ", "))
	f.StringVar(&e.DropAfter, "drop-after", "", "cut the connection after `STAGE`")
	f.IntVar(&e.Count, "count", 1, "send `N` messages")
	f.IntVar(&e.Connections, "connections", 1, "over `N` connections at once")
}

// Stages are the steps of an errand, for --stop-after and --drop-after.
var Stages = []string{"connect", "banner", "ehlo", "tls", "auth", "mail", "rcpt", "data", "dot"}

// Check says what makes no sense of an errand.
func (e *Errand) Check() error {
	for flag, stage := range map[string]string{"stop-after": e.StopAfter, "drop-after": e.DropAfter} {
		if stage != "" && !slices.Contains(Stages, stage) {
			return fmt.Errorf("--%s %q: the stages are %s", flag, stage, strings.Join(Stages, ", "))
		}
	}
	if err := e.clash(); err != nil {
		return err
	}
	switch {
	case e.Count < 1 || e.Connections < 1:
		return errors.New("--count and --connections are 1 or more")
	case e.Chunk < 1 || e.Chunk > maxChunk:
		return fmt.Errorf("--chunk is from 1 to %d octets", maxChunk)
	case e.Dir == "" && len(e.recipients()) == 0 && e.reaches("rcpt"):
		return errors.New("--to names a recipient, and none was named")
	}
	for _, p := range []struct{ flag, value string }{{"dsn", e.Notify}, {"ret", e.Ret}, {"envid", e.EnvID}} {
		if !oneWord(p.value) {
			return fmt.Errorf("--%s %q: a value is one word of printable ASCII; an octet of an ID is else written in hexadecimal, such as +20 (RFC 3461 §4)", p.flag, p.value)
		}
	}
	if _, err := sender(e); err != nil {
		return err
	}
	_, err := paths(e.recipients())
	return err
}

// clash names flags that do not go together.
func (e *Errand) clash() error {
	composed := e.Subject != "" || e.Body != "" || len(e.Attach) > 0 || len(e.Headers) > 0
	switch {
	case e.StopAfter != "" && e.DropAfter != "":
		return errors.New("--stop-after and --drop-after are two ends of one session: name one of them")
	case e.many() && e.StopAfter+e.DropAfter != "":
		return errors.New("--stop-after and --drop-after are for one message: --count and --from-dir do not go with them")
	case e.Data != "" && composed:
		return errors.New("--data is the whole message: --subject, --body, --attach and --header do not go with it")
	case e.Dir != "" && (e.Data != "" || composed):
		return errors.New("--from-dir has the messages: --data, --subject, --body, --attach and --header do not go with it")
	case e.Connections > 1 && !e.many():
		return errors.New("--connections is for many messages: --count or --from-dir says which")
	}
	return nil
}

// oneWord reports what can be the value of a parameter and nothing more (RFC
// 5321 §4.1.2): a space would begin another, and a line end another command.
func oneWord(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// reaches reports whether the errand goes so far.
func (e *Errand) reaches(stage string) bool {
	end := e.StopAfter
	if e.DropAfter != "" {
		end = e.DropAfter
	}
	return end == "" || slices.Index(Stages, end) >= slices.Index(Stages, stage)
}

// many reports an errand of more than one message.
func (e *Errand) many() bool { return e.Count > 1 || e.Dir != "" }

func (e *Errand) recipients() []string { return slices.Concat(e.To, e.Cc, e.Bcc) }

// letter is one message with its envelope, ready to go.
type letter struct {
	from    string
	to      []string
	content content
	measure message.Measure
	tries   int // connections that ended under it
}

// addresses reads texts of which each is an address, or several with commas. A
// comma within a quoted name is none of those (RFC 5322 §3.4).
func addresses(texts []string) ([]message.Address, error) {
	var all []message.Address
	for _, text := range texts {
		list, err := message.ParseAddresses(text)
		switch {
		case errors.Is(err, message.ErrEncoding) || errors.Is(err, message.ErrControl):
			return nil, fmt.Errorf("%q: %w", text, err)
		case err != nil || len(list) == 0:
			return nil, fmt.Errorf("%q is %w: what is wanted is like joe@example.org, or \"Joe <joe@example.org>\"", text, message.ErrAddress)
		}
		all = append(all, list...)
	}
	return all, nil
}

// paths are addresses as the envelope has them.
func paths(texts []string) ([]string, error) {
	list, err := addresses(texts)
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.Path
	}
	return all, err
}

// letter makes the message of an errand that has one.
func (sh *Shell) letter(ctx context.Context, e *Errand) (letter, error) {
	var l letter
	var err error
	if l.from, err = sender(e); err != nil {
		return l, err
	}
	if l.to, err = paths(e.recipients()); err != nil {
		return l, err
	}
	if e.Data != "" {
		return sh.wholeLetter(ctx, l, e.Data)
	}
	return sh.composedLetter(ctx, l, e)
}

// sender is the reverse-path of an errand, "" for the empty one.
func sender(e *Errand) (string, error) {
	if e.From == "" || e.From == "<>" {
		return "", nil
	}
	list, err := addresses([]string{e.From})
	switch {
	case err != nil:
		return "", err
	case len(list) > 1:
		return "", fmt.Errorf("%q: a message has one reverse-path, and these are %d addresses", e.From, len(list))
	}
	return list[0].Path, nil
}

// composedLetter makes a message of the parts that the errand names. What the
// server takes is not known yet, so it is written for one that takes the least.
func (sh *Shell) composedLetter(ctx context.Context, l letter, e *Errand) (letter, error) {
	d := message.Draft{Subject: e.Subject, Date: time.Now(), MessageID: messageID(sh.hub.Session().Client), Boundary: boundary(), UTF8: e.UTF8}
	var err error
	if d.From, err = sh.author(e, l); err != nil {
		return l, err
	}
	for _, list := range []struct {
		from []string
		to   *[]message.Address
	}{{e.To, &d.To}, {e.Cc, &d.Cc}} {
		*list.to, _ = addresses(list.from) // checked above
	}
	if d.Text, err = sh.bodyText(ctx, e); err != nil {
		return l, err
	}
	for _, text := range e.Headers {
		h, err := message.ParseHeader(text)
		if err != nil {
			return l, fmt.Errorf("--header %q: %w", text, err)
		}
		d.Headers = append(d.Headers, h)
	}
	for _, name := range e.Attach {
		a, err := attachment(atHome(name))
		if err != nil {
			return l, fmt.Errorf("--attach: %w", err)
		}
		d.Attachments = append(d.Attachments, a)
	}
	// An address that is not ASCII can stand in no header but one of UTF-8.
	d.UTF8 = d.UTF8 || !ascii(l.from) || slices.ContainsFunc(l.to, func(path string) bool { return !ascii(path) })
	if l.content, err = draftContent(d); err != nil {
		return l, err
	}
	l.measure, err = d.Measure()
	l.measure.UTF8 = l.measure.UTF8 || e.UTF8 || d.UTF8
	return l, err
}

func ascii(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > 126 }) < 0
}

// author is who From names: the sender, or for a message of nobody's the
// postmaster here (RFC 5321 §4.5.5).
func (sh *Shell) author(e *Errand, l letter) (message.Address, error) {
	if l.from == "" {
		return message.Address{Path: "postmaster@" + sh.hub.Session().Client}, nil
	}
	return message.ParseAddress(e.From)
}

// noteNobody says of a message that is composed without a sender whom its From
// names.
func (sh *Shell) noteNobody(e *Errand) {
	composed := e.Data == "" && e.Dir == "" && e.reaches("mail")
	if from, err := sender(e); err != nil || from != "" || !composed || slices.ContainsFunc(e.Headers, func(h string) bool { return strings.HasPrefix(strings.ToLower(h), "from:") }) {
		return
	}
	sh.note(view.Caution, "No sender is named, so the reverse-path is empty (<>, as in reports), and From names postmaster@"+sh.hub.Session().Client+".")
}

// bodyText is the text of a message: as given, of a file, or of standard
// input. What can be read but once is kept.
func (sh *Shell) bodyText(ctx context.Context, e *Errand) (string, error) {
	body := e.Body
	name, isFile := strings.CutPrefix(body, "@")
	c := content{name: name, size: -1, open: func() (io.ReadCloser, error) { return openSlow(atHome(name)) }}
	switch {
	case e.text != nil:
		return *e.text, nil
	case body == "-":
		var err error
		if c, err = sh.fileContent(body); err != nil {
			return "", fmt.Errorf("--body: %w", err)
		}
	case !isFile:
		return body, nil
	}
	text, err := sh.readText(ctx, c)
	if err != nil {
		return "", fmt.Errorf("--body: %w", err)
	}
	e.text = &text
	return text, nil
}

// mostText is how many octets the text of a message may have that is composed:
// it is kept in memory, in several forms.
const mostText = 4 << 20

func (sh *Shell) readText(ctx context.Context, c content) (string, error) {
	in, err := sh.openContent(ctx, c)
	if err != nil {
		return "", err
	}
	defer in.Close()
	var text []byte
	sh.reading(ctx, c, in, func() { text, err = io.ReadAll(io.LimitReader(in, mostText+1)) })
	switch {
	case err != nil:
		return "", err
	case len(text) > mostText:
		return "", fmt.Errorf("the text has more than %d MB; --attach sends a file of any length, and --data a whole message", mostText>>20)
	}
	return string(text), nil
}

// wholeLetter is a message in a file, read once to learn what MAIL must say
// of it. Standard input can be read but once, so it goes into a file first.
func (sh *Shell) wholeLetter(ctx context.Context, l letter, name string) (letter, error) {
	var err error
	if l.content, err = sh.fileContent(name); err != nil {
		return l, err
	}
	if l.content.size < 0 {
		if l.content, err = sh.spooled(ctx, l.content); err != nil {
			return l, err
		}
	}
	l.measure, err = measure(&l.content)
	return l, err
}

// spooled is the message in a file that is gone with the program.
func (sh *Shell) spooled(ctx context.Context, c content) (content, error) {
	in, err := sh.openContent(ctx, c)
	if err != nil {
		return c, err
	}
	defer in.Close()
	file, err := os.CreateTemp("", "smtpsh-*.eml")
	if err != nil {
		return c, err
	}
	_ = os.Remove(file.Name()) // where the system allows that now, nothing is left behind; it stays open
	size := int64(0)
	sh.reading(ctx, c, in, func() { size, err = io.Copy(file, in) })
	if err != nil {
		return c, fmt.Errorf("%s: %w", c.name, err)
	}
	return content{name: c.name, size: size, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(file, 0, size)), nil
	}}, nil
}

// longRead is how much of a message is read before it is sent. One that is
// longer is not read twice: its size is estimated by its beginning (RFC 1870
// §6.1 allows that), it is announced as 8BITMIME, whatever the rest has, and it
// is looked at on its way.
const longRead = 2 << 20

// measure reads a message and says what MAIL must say of it. What else was
// found is kept with it.
func measure(c *content) (message.Measure, error) {
	r, err := c.open()
	if err != nil {
		return message.Measure{}, err
	}
	defer r.Close()
	k := &message.Checker{}
	part := &io.LimitedReader{R: r, N: longRead}
	if _, err := io.Copy(k, part); err != nil {
		return message.Measure{}, fmt.Errorf("%s: %w", c.name, err)
	}
	n := int64(k.Size(true))
	m := message.Measure{Size: n}
	if part.N > 0 || c.size == longRead {
		c.checked = k
	} else if read := longRead - part.N; c.size > read {
		m.Size, m.EightBit = int64(float64(c.size)*float64(n)/float64(read)), true
	}
	for _, f := range k.Findings(message.Terms{}) {
		switch f.ID {
		case "content-8bit":
			m.EightBit = true
		case "header-8bit":
			m.UTF8 = true
		}
	}
	return m, nil
}

// mailLine is the MAIL of a letter, with the parameters that fit what the
// server offers.
func mailLine(l letter, e *Errand, offers *protocol.Extensions) (string, error) {
	utf8 := l.measure.UTF8 || e.UTF8 || !ascii(l.from) || slices.ContainsFunc(l.to, func(path string) bool { return !ascii(path) })
	line := "MAIL FROM:<" + l.from + ">"
	if l.measure.Size > 0 && offers.Has("SIZE") {
		line += fmt.Sprintf(" SIZE=%d", l.measure.Size)
	}
	if l.measure.EightBit && offers.Has("8BITMIME") {
		line += " BODY=8BITMIME"
	}
	switch {
	case utf8 && offers.Has("SMTPUTF8"):
		line += " SMTPUTF8"
	case utf8 && !ascii(l.from+strings.Join(l.to, "")):
		return "", errors.New("the server does not offer SMTPUTF8, and an address is not ASCII (RFC 6531 §3.2)")
	}
	if e.Ret != "" {
		line += " RET=" + strings.ToUpper(e.Ret)
	}
	if e.EnvID != "" {
		line += " ENVID=" + e.EnvID
	}
	return line, nil
}

// envelopeLines are the MAIL of a letter and its RCPTs.
func envelopeLines(l letter, e *Errand, offers *protocol.Extensions) ([]string, error) {
	mail, err := mailLine(l, e, offers)
	if err != nil {
		return nil, err
	}
	lines := append(make([]string, 0, len(l.to)+2), mail) // with place for DATA
	for _, to := range l.to {
		lines = append(lines, rcptLine(to, e))
	}
	return lines, nil
}

// rcptLine is the RCPT of one recipient.
func rcptLine(to string, e *Errand) string {
	line := "RCPT TO:<" + to + ">"
	if e.Notify != "" {
		line += " NOTIFY=" + strings.ToUpper(e.Notify)
	}
	return line
}
