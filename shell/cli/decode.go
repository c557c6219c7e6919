package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"smtpsh/protocol"
	"smtpsh/protocol/know"
	"smtpsh/shell"
	"smtpsh/shell/view"
)

// newDecode is "smtpsh decode": the reply parser on octets from a file.
func newDecode(streams Streams, status *shell.Status) *cobra.Command {
	var escaped bool
	var output, after string
	cmd := &cobra.Command{
		Use:   "decode [FILE]",
		Short: "take apart the raw octets of a server's replies",
		Long: "Takes apart what a server sent, from the file or from standard input, octet for octet.\n" +
			"A multi-line reply is one reply; octets behind the last complete reply make one more,\n" +
			"which is not complete.\n\n" +
			"With --after the first reply answers what was asked; what follows a 354 answers the\n" +
			"message, what follows another 3yz the same as before, and any other was not asked for.\n" +
			"With --escaped each line of the file begins anew.\n\n" +
			"In JSON a reply that is not UTF-8 has its octets in \"base64\" too, for \"lines\" have\n" +
			"U+FFFD in the place of some.\n\n" +
			"Exit status: 0 all replies are well-formed, 1 some are not, 2 the command line makes no sense.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("%w: -o %q: text or json is wanted", errUsage, output)
			}
			if after != "" && !strings.EqualFold(after, "greeting") && !strings.EqualFold(after, "message") && protocol.FindVerb(after) == nil {
				return fmt.Errorf("%w: --after %q: a verb, \"greeting\" or \"message\" is wanted", errUsage, after)
			}
			d := &decoder{json: output == "json", after: after, out: bufio.NewWriterSize(streams.Out, 64<<10)}
			do := d.octets
			if escaped {
				do = d.lines
			}
			err := eachFile(files, streams.In, do)
			if flushed := d.out.Flush(); err == nil {
				err = flushed
			}
			if err == nil && d.bad {
				*status = shell.StatusNegative
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&escaped, "escaped", false, `read one reply a line, with \r \n \t \0 \xNN \\ as escapes`)
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json, an object a reply")
	cmd.Flags().StringVar(&after, "after", "", "what was asked: a `VERB`, greeting, or message (the dot that ends one)")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

type decoder struct {
	json, bad bool
	after     string // what was asked; "" when that is not known
	next      string // what the next reply answers
	out       *bufio.Writer
}

// octets decodes a stream.
func (d *decoder) octets(in io.Reader) error {
	var p protocol.ReplyParser
	d.next = d.after
	buf := make([]byte, 64<<10)
	for {
		n, err := in.Read(buf)
		if failed := d.feed(&p, buf[:n]); failed != nil {
			return failed
		}
		if err == io.EOF {
			return d.tail(&p)
		}
		if err != nil {
			return err
		}
	}
}

// lines decodes one reply a line, escaped.
func (d *decoder) lines(in io.Reader) error {
	file := bufio.NewReaderSize(in, 64<<10)
	for {
		err := d.line(file)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// line decodes the next line of a file. It is fed as it is read, so that it may
// have any length. Behind the last line the error is io.EOF.
func (d *decoder) line(file *bufio.Reader) error {
	if _, err := file.Peek(1); err != nil {
		return err
	}
	var p protocol.ReplyParser
	d.next = d.after
	var held []byte // of an escape that the buffer cut in two
	for more := true; more; {
		part, err := file.ReadSlice('\n')
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return err
		}
		part = append(held, part...)
		if more = err == bufio.ErrBufferFull; more {
			whole := wholeEscapes(part)
			part, held = part[:whole], bytes.Clone(part[whole:])
		} else {
			part = trimEnd(part)
		}
		text, err := unescape(string(part))
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if err := d.feed(&p, []byte(text)); err != nil {
			return err
		}
	}
	return d.tail(&p)
}

func (d *decoder) feed(p *protocol.ReplyParser, octets []byte) error {
	for len(octets) > 0 {
		rest, reply, ok := p.Feed(octets)
		if ok {
			if err := d.print(reply, true); err != nil {
				return err
			}
		}
		octets = rest
	}
	return nil
}

func (d *decoder) tail(p *protocol.ReplyParser) error {
	if reply, ok := p.Tail(); ok {
		return d.print(reply, false)
	}
	return nil
}

// decoded is the JSON form of a reply.
type decoded struct {
	Code       int              `json:"code"`
	Enhanced   string           `json:"enhanced"`
	Lines      []string         `json:"lines"`
	Base64     []byte           `json:"base64,omitempty"` // the octets of a reply that is not UTF-8, line ends included
	Complete   bool             `json:"complete"`
	WellFormed bool             `json:"wellFormed"`
	Anomalies  []decodedAnomaly `json:"anomalies"`
}

type decodedAnomaly struct {
	ID      string `json:"id"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// answers is what a reply answers, and sets what the next one does.
func (d *decoder) answers(r protocol.Reply) string {
	after := d.next
	switch {
	case after == "" || r.Code == 0 && !strings.EqualFold(after, "greeting"): // without a code it answers nothing
	case r.Code == 354:
		d.next = "message"
	case r.Class() != 3: // what the client sends between a 334 and the next reply is not in the file
		d.next = "unasked"
	}
	return after
}

func (d *decoder) print(r protocol.Reply, complete bool) error {
	after := d.answers(r)
	anomalies := r.Anomalies
	if complete || r.Code != 0 { // the beginning of a code says nothing yet
		anomalies = r.Oddities(after)
	}
	whole := complete && r.WellFormed()
	d.bad = d.bad || !whole
	if !d.json {
		d.printText(r, after, anomalies, complete, whole)
		return nil
	}
	row := decoded{Code: r.Code, Lines: append([]string{}, r.Lines...), Complete: complete, WellFormed: whole,
		Anomalies: make([]decodedAnomaly, len(anomalies))}
	if !r.Enhanced.IsZero() {
		row.Enhanced = r.Enhanced.String()
	}
	if !utf8.Valid(r.Raw) {
		row.Base64 = r.Raw
	}
	for i, a := range anomalies {
		row.Anomalies[i] = decodedAnomaly{a.ID, a.Line, a.Message}
	}
	return writeJSON(d.out, row)
}

func (d *decoder) printText(r protocol.Reply, after string, anomalies []protocol.Anomaly, complete, whole bool) {
	verdict := "well-formed"
	switch {
	case !complete:
		verdict = "not complete"
	case !whole:
		verdict = "not well-formed"
	}
	if short := know.Short(r.Code, after); short != "" {
		verdict += ", " + short
	}
	if !r.Enhanced.IsZero() {
		if entry, ok := know.Enhanced(r.Enhanced); ok {
			verdict += "; " + r.Enhanced.String() + ": " + entry.Short
			if !know.Registered(r.Enhanced) {
				verdict += " (not registered)"
			}
		}
	}
	if entry, ok := know.Refusal(r); ok {
		verdict += "; probably " + entry.Short
	}
	fmt.Fprintf(d.out, "%s: %s\n", strconv.Itoa(r.Code), verdict)
	for line := range bytes.Lines(r.Raw) {
		fmt.Fprintf(d.out, "  < %s\n", view.EscapeAll(string(line)))
	}
	for _, a := range anomalies {
		fmt.Fprintf(d.out, "  odd: line %d: %s: %s\n", a.Line, a.ID, view.Escape(a.Message))
	}
}
