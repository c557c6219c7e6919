package trace

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// MissedText says which address failed and why.
func MissedText(e protocol.Missed) string {
	why := "the reason was not kept" // a record may lack it
	if e.Err != nil {
		why = e.Err.Error()
	}
	if e.Address == "" {
		return why
	}
	return "no connection to " + e.Address + ": " + why
}

// ConnectedText is the address of a connection, and the proxy between.
func ConnectedText(e protocol.Opened) string {
	if e.Via == "" {
		return e.Address
	}
	return e.Address + " through " + e.Via
}

// TryingText says what is about to be dialled. A command is started, and
// whether that led to anything its first words tell.
func TryingText(e protocol.Trying) string {
	if command, ok := strings.CutPrefix(e.Address, "pipe:"); ok {
		return "starting " + command
	}
	return "trying " + e.Address
}

// OpenedText says that a connection stands.
func OpenedText(e protocol.Opened) string {
	if command, ok := strings.CutPrefix(e.Address, "pipe:"); ok {
		return "started " + command + ", and awaiting its greeting"
	}
	return "connected to " + ConnectedText(e)
}

// ClosedText says who ended the connection and how, and what was left without
// an answer.
func ClosedText(before protocol.Session, e protocol.Closed) string {
	var text string
	switch e.By {
	case protocol.ByPeer:
		text = "the server closed the connection"
		if e.Err != nil && !errors.Is(e.Err, io.EOF) {
			text = "the server broke the connection off: " + e.Err.Error()
		}
	case protocol.ByUser:
		text = "connection closed"
	case protocol.ByFault:
		text = "connection lost"
		switch what := before.Answers(); {
		case e.Err == nil:
		case e.Unsent > 0, before.Awaiting() == 0, !errors.Is(e.Err, os.ErrDeadlineExceeded):
			text += ": " + e.Err.Error()
		case what == "greeting":
			text += ": no greeting came in time"
		case what == "message":
			text += ": no reply to the message came in time"
		default:
			text += ": no reply to " + what + " came in time"
		}
	}
	if u, owed := before.Head(); owed && e.By == protocol.ByPeer && u.Kind == protocol.UnitCommand && u.Word != "" {
		text += ", and did not answer " + u.Word
	}
	if e.Unsent > 0 {
		text += fmt.Sprintf("; %d octets of the last line were not sent", e.Unsent)
	}
	if len(e.Tail) > 0 {
		text += fmt.Sprintf(", in the middle of a reply: %q", e.Tail)
	}
	return text
}

// DroppedText says that a reply was too long to be kept.
func DroppedText(r protocol.Reply) string {
	return strconv.Itoa(r.Dropped) + " octets of this reply are not shown"
}

// ExpectedText says what was expected, and what came instead.
func ExpectedText(e protocol.Expected) string {
	want := e.Want
	if e.Of != "" {
		want += " to " + e.Of
	}
	if e.OK {
		return "as expected: " + want
	}
	text := "expected " + want + ", got " + e.Got
	if e.Where != "" {
		text = e.Where + ": " + text
	}
	return text
}

// Duration writes a time as people read it: "under 0.1 ms", "0.4 ms", "12 ms", "3.2 s",
// "2 min 5 s".
func Duration(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 0.05:
		return "under 0.1 ms"
	case ms < 9.95:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// Octets writes a size as people read it: "900 octets", "1.5 kB", "10 MB";
// a kB has 1024 octets.
func Octets(n uint64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	size, unit := float64(n), ""
	for _, u := range units {
		if size < 1024 {
			break
		}
		size, unit = size/1024, u
	}
	if unit == "" {
		return strconv.FormatUint(n, 10) + " octets"
	}
	return strings.TrimSuffix(strconv.FormatFloat(size, 'f', 1, 64), ".0") + " " + unit
}

// SmuggledText says what came where nothing may.
func SmuggledText(e protocol.Smuggled) string {
	return fmt.Sprintf("odd: plaintext came behind the 220 to STARTTLS, before the handshake, and was dropped unread: %q. A broken server, or someone on the way puts words into its mouth (CVE-2011-0411).", e.Raw)
}

// ChallengeText is a challenge decoded; "" where there is nothing in it. RFC
// 4954 §4: the challenge is base64, and no secret.
func ChallengeText(r protocol.Reply) string {
	if r.Code != 334 || len(r.Lines) == 0 {
		return ""
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Lines[0]))
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\"" + string(text) + "\""
}

// OmittedText says how much of a message a record does not have.
func OmittedText(e protocol.Sent) string {
	return strconv.Itoa(e.Omitted) + " octets of the message are left out here"
}

// AdviceText is one piece of advice on a line, with its RFC.
func AdviceText(d protocol.Diag) string {
	text := d.Severity.String() + ": " + d.ID + ": " + d.Message
	if ref := d.Ref.String(); ref != "" {
		text += " (" + ref + ")"
	}
	return text
}

// oddities is what is odd about a reply, but for what is usual.
func oddities(before protocol.Session, r protocol.Reply) []protocol.Anomaly {
	return slices.DeleteFunc(r.Oddities(before.Answers()), func(a protocol.Anomaly) bool {
		return a.ID == "no-text" && r.Code == 334 // RFC 4954 §4: a challenge without data
	})
}

// SentLines is what was sent, line by line and without the CRLF of each; any
// other line end stays, to be shown. What is no line, and may be binary, is one
// line of escapes.
func SentLines(e protocol.Sent) []string {
	if e.Kind == protocol.SentPreamble {
		return []string{string(AppendEscaped(nil, strings.ReplaceAll(string(e.Raw), `\`, `\\`)))}
	}
	lines := make([]string, 0, 1)
	for line := range strings.Lines(string(e.Raw)) {
		if line == "\n" && len(lines) == 0 && e.Kind != protocol.SentCommand { // a long message is sent in blocks, and one may end within a CRLF
			continue
		}
		lines = append(lines, strings.TrimSuffix(line, "\r\n"))
	}
	if n := len(lines); n > 0 && e.Kind != protocol.SentCommand && !bytes.HasSuffix(e.Raw, []byte("\n")) { // the CR of such a one
		lines[n-1] = strings.TrimSuffix(lines[n-1], "\r")
	}
	return lines
}
