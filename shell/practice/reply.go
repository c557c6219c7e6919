package practice

import (
	"strconv"
	"strings"
	"time"
)

// answer is what the server makes of a line: a reply, and what it does next.
// The state machine only says so; the connection does it.
type answer struct {
	code   int
	status string   // the enhanced status code; "" for a reply that has none
	lines  []string // one or more

	raw    string        // sent instead of all that, as it stands
	after  time.Duration // wait so long before the reply
	within time.Duration // end the connection if nothing comes within so long
	then   step
	octets uint64 // stepChunk: how many follow
	last   bool   // stepChunk: they end the message
}

// step is what the connection does after the reply, or in its place.
type step uint8

const (
	stepCommand   step = iota // read the next command
	stepHangUp                // close
	stepVanish                // close without a reply
	stepContent               // read a message up to its dot
	stepChunk                 // read counted octets; their reply comes behind them
	stepChallenge             // read the response to a challenge of AUTH
	stepHandshake             // put the connection under TLS
)

// one is an answer of one line.
func one(code int, status, text string) answer {
	return answer{code: code, status: status, lines: []string{text}}
}

// maxReply is the longest line of a reply, its CRLF included
// (RFC 5321 §4.5.3.1.5).
const maxReply = 512

// render writes the reply as it goes over the wire. Every line carries the
// enhanced status code (RFC 2034 §4), and nothing but printable ASCII, for the
// text of a reply may quote what a client sent.
func (a answer) render() []byte {
	if a.raw != "" {
		return []byte(a.raw)
	}
	var b []byte
	for i, text := range a.lines {
		start := len(b)
		b = strconv.AppendInt(b, int64(a.code), 10)
		if i < len(a.lines)-1 {
			b = append(b, '-')
		} else {
			b = append(b, ' ')
		}
		if a.status != "" {
			b = append(b, a.status...)
			b = append(b, ' ')
		}
		b = append(b, clean(text)...)
		if len(b)-start > maxReply-2 && a.then != stepChallenge { // RFC 4954 §4: a challenge has no such limit
			b = append(b[:start+maxReply-5], "..."...)
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// clean keeps printable ASCII and puts a "?" in place of every other
// character.
func clean(s string) string {
	if printable(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// printable reports a text of printable ASCII and nothing else.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// wrap breaks a text into lines of at most width characters, at spaces.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
