package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

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
			"Exit status: 0 all replies are well-formed, 1 some are not, 2 the command line makes no sense.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("%w: -o %q: text or json is wanted", errUsage, output)
			}
			if after != "" && !strings.EqualFold(after, "greeting") && protocol.FindVerb(after) == nil {
				return fmt.Errorf("%w: --after %q: a verb or \"greeting\" is wanted", errUsage, after)
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
	cmd.Flags().StringVar(&after, "after", "", "what was asked: a `VERB` or greeting")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

type decoder struct {
	json, bad bool
	after     string
	out       *bufio.Writer
}

// octets decodes a stream.
func (d *decoder) octets(in io.Reader) error {
	var p protocol.ReplyParser
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
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	for scanner.Scan() {
		text, err := unescape(strings.TrimSuffix(scanner.Text(), "\r"))
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		var p protocol.ReplyParser
		if err := d.feed(&p, []byte(text)); err != nil {
			return err
		}
		if err := d.tail(&p); err != nil {
			return err
		}
	}
	return scanner.Err()
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
	Complete   bool             `json:"complete"`
	WellFormed bool             `json:"wellFormed"`
	Anomalies  []decodedAnomaly `json:"anomalies"`
}

type decodedAnomaly struct {
	ID      string `json:"id"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func (d *decoder) print(r protocol.Reply, complete bool) error {
	anomalies := slices.Concat(r.Anomalies, r.Odd(d.after))
	whole := complete && r.WellFormed()
	d.bad = d.bad || !whole
	if !d.json {
		d.printText(r, anomalies, complete, whole)
		return nil
	}
	row := decoded{Code: r.Code, Lines: append([]string{}, r.Lines...), Complete: complete, WellFormed: whole,
		Anomalies: make([]decodedAnomaly, len(anomalies))}
	if !r.Enhanced.IsZero() {
		row.Enhanced = r.Enhanced.String()
	}
	for i, a := range anomalies {
		row.Anomalies[i] = decodedAnomaly{a.ID, a.Line, a.Message}
	}
	return writeJSON(d.out, row)
}

func (d *decoder) printText(r protocol.Reply, anomalies []protocol.Anomaly, complete, whole bool) {
	verdict := "well-formed"
	switch {
	case !complete:
		verdict = "not complete"
	case !whole:
		verdict = "not well-formed"
	}
	if short := know.Short(r.Code, d.after); short != "" {
		verdict += ", " + short
	}
	if !r.Enhanced.IsZero() {
		if entry, ok := know.Enhanced(r.Enhanced); ok {
			verdict += "; " + r.Enhanced.String() + ": " + entry.Short
		}
	}
	fmt.Fprintf(d.out, "%s: %s\n", strconv.Itoa(r.Code), verdict)
	for line := range bytes.Lines(r.Raw) {
		fmt.Fprintf(d.out, "  < %s\n", view.EscapeAll(string(line)))
	}
	for _, a := range anomalies {
		fmt.Fprintf(d.out, "  odd: line %d: %s: %s\n", a.Line, a.ID, view.Escape(a.Message))
	}
}
