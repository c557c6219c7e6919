package shell

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"smtpsh/protocol/wire"
)

// mostInPlace is how many octets a message may have that stands in a script
// itself; of a longer one the file is named.
const mostInPlace = 1 << 20

// copied is a message as it was read to be sent, for :save.
type copied struct {
	text []byte
	over bool // there was more than is kept
}

// Write keeps what there is room for.
func (c *copied) Write(b []byte) (int, error) {
	if c.over = c.over || len(c.text)+len(b) > mostInPlace; c.over {
		c.text = nil
		return len(b), nil
	}
	c.text = append(c.text, b...)
	return len(b), nil
}

// lines are the message as a script has it; ok is false where it is too long,
// or has octets that no line of a script can bring about.
func (c *copied) lines(raw bool) (lines []string, ok bool) {
	text := string(c.text)
	if !raw {
		normal, err := io.ReadAll(wire.LineEnds(bytes.NewReader(c.text)))
		if err != nil {
			return nil, false
		}
		text = string(normal)
	}
	if c.over || text == "" {
		return nil, !c.over
	}
	lines = strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
	if isExpect(lines[0]) { // behind DATA that would be an expectation
		return nil, false
	}
	return lines, !slices.ContainsFunc(lines, func(line string) bool { return strings.ContainsAny(line, "\r\n") })
}

// addMessage adds the message that was sent behind the DATA that was added
// last, and the code of its reply: its lines, or the command that sends its
// file.
func (d *deeds) addMessage(c *copied, file string, raw bool, code int) {
	if !d.within {
		return
	}
	lines, ok := c.lines(raw)
	switch {
	case ok:
		for _, line := range lines {
			if line == "." {
				d.addDot()
			} else {
				d.add(line)
			}
		}
		d.addEnd(code)
	case file != "": // it sends DATA itself, and so ends a group that is open
		d.cutBack()
		d.add(":data " + quoted(file))
		d.answered(code)
	default:
		d.unfit()
	}
	d.within = false
}

// cutBack takes away the message under way, with the command that began it.
func (d *deeds) cutBack() { d.lines, d.codes = d.lines[:d.message], d.codes[:d.message] }

// addGroup adds the commands of a group that was sent, each with its reply and
// what is expected of that.
func (sh *Shell) addGroup(g group, replies []answer) {
	d, expected := &sh.deeds, g.expected // in the order of the commands
	d.add(":pipeline")
	for i, c := range g.commands {
		sh.didSend(c, g.forced[i])
		if i < len(replies) {
			d.answered(replies[i].reply.Code)
		}
		for ; len(expected) > 0 && expected[0].command == i+1; expected = expected[1:] {
			if !expected[0].failed {
				d.add(scriptLine(":expect "+expected[0].text, false))
			}
		}
	}
	if !g.ends {
		d.add("")
	}
}

// chunked are the chunks of a message as a script has them.
type chunked struct {
	lines []string
	codes []int
	size  int
	no    bool // they cannot stand in a script
}

// add adds a chunk that was sent with the line, and the code of its reply.
func (k *chunked) add(line string, chunk []byte, code int) {
	if k.no {
		return
	}
	c := copied{text: chunk}
	lines, ok := c.lines(true)
	k.size += len(chunk)
	k.no = k.no || !ok || len(chunk) > 0 && !bytes.HasSuffix(chunk, []byte("\r\n")) || k.size > mostInPlace
	if k.no {
		k.lines, k.codes = nil, nil
		return
	}
	k.lines = append(append(k.lines, line), lines...)
	k.codes = append(k.codes, make([]int, len(lines)+1)...)
	k.codes[len(k.codes)-1] = code
}

// unfinished notes that chunks were sent and the message was given up.
func (d *deeds) unfinished() { d.add(leftOutAs + notCompleted) }

// addChunks adds the chunks that were sent, or the command that sends their
// file; code is that of the last reply.
func (d *deeds) addChunks(k *chunked, file string, size, code int) {
	switch {
	case !k.no:
		for i, line := range k.lines {
			d.add(line)
			d.answered(k.codes[i])
		}
	case file != "":
		d.add(fmt.Sprintf(":bdat %s --chunk %d", quoted(file), size))
		d.answered(code)
	default:
		d.add(leftOutAs + "chunks of a message that are too long to stand in a script, or do not end with a line end.")
		d.add("RSET")
	}
}
