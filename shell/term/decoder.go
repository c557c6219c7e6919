package term

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// event is one thing that a terminal sent. A keyText carries the octets of one character, or one octet which is not
// part of any; a keyPaste carries all that was pasted.
type event struct {
	key  key
	text string
}

// The states of a decoder.
const (
	inGround  = iota
	inEscape  // after ESC
	inCSI     // after ESC [
	inConsole // after ESC [ [, as the Linux console begins its function keys
	inSS3     // after ESC O
	inMouse   // within the three bytes after ESC [ M
	inString  // within OSC, DCS, SOS, PM or APC: a reply to a question that somebody asked the terminal
	inStrEsc  // after an ESC within one of those
	inPaste   // after ESC [200~
)

const (
	escapeTimeout = 40 * time.Millisecond  // a sequence comes at once, a person's next key later
	stringTimeout = 300 * time.Millisecond // a long reply may come in parts
	pasteTimeout  = 2 * time.Second        // the end of a paste got lost
	maxSequence   = 64
)

const (
	pasteStart = "200" // the parameter of CSI ~
	pasteEnd   = "\x1b[201~"
)

// decoder turns the bytes of a terminal into events, however they are split. It is pure: time comes in by flush.
type decoder struct {
	state  int
	seq    []byte // the parameters of a sequence, the bytes of an unfinished character, or the paste
	lastCR bool   // so that CR LF is one Enter
	events []event
}

// feed decodes p and returns what is complete. The slice is valid until the next call.
func (d *decoder) feed(p []byte) []event {
	d.events = d.events[:0]
	for len(p) > 0 {
		if d.state == inPaste {
			p = d.paste(p)
			continue
		}
		d.step(p[0])
		p = p[1:]
	}
	return d.events
}

// wait says how long an unfinished sequence may stay so, and 0 if there is none.
func (d *decoder) wait() time.Duration {
	switch d.state {
	case inGround:
		if len(d.seq) > 0 {
			return escapeTimeout
		}
		return 0
	case inString, inStrEsc:
		return stringTimeout
	case inPaste:
		return pasteTimeout
	}
	return escapeTimeout
}

// flush ends what is unfinished after wait: a lone ESC is the Escape key, half a character is kept as octets.
func (d *decoder) flush() []event {
	d.events = d.events[:0]
	switch d.state {
	case inEscape:
		d.emit(keyEscape)
	case inGround:
		d.octets()
	case inPaste:
		d.endPaste(len(d.seq))
	}
	d.state, d.seq = inGround, d.seq[:0]
	return d.events
}

func (d *decoder) emit(k key) {
	if k != keyNone {
		d.events = append(d.events, event{key: k})
	}
}

func (d *decoder) text(s string) { d.events = append(d.events, event{keyText, s}) }

// octets gives up on an unfinished character.
func (d *decoder) octets() {
	for _, b := range d.seq {
		d.text(string([]byte{b}))
	}
	d.seq = d.seq[:0]
}

func (d *decoder) step(b byte) {
	switch d.state {
	case inGround:
		d.ground(b)
	case inEscape:
		d.escape(b)
	case inCSI:
		d.csi(b)
	case inSS3:
		d.state = inGround
		if b < 0x20 || b >= utf8.RuneSelf {
			d.ground(b)
			return
		}
		d.emit(finalKeys[b])
	case inConsole:
		d.state = inGround
	case inMouse:
		if d.seq = append(d.seq, b); len(d.seq) == 3 {
			d.state, d.seq = inGround, d.seq[:0]
		}
	case inString:
		switch b {
		case 0x07:
			d.state = inGround
		case 0x1b:
			d.state = inStrEsc
		case 0x03, '\r': // not part of any reply: a person is at work
			d.state = inGround
			d.ground(b)
		}
	case inStrEsc:
		d.state = inGround
		if b != '\\' {
			d.state = inEscape
			d.escape(b)
		}
	}
}

func (d *decoder) ground(b byte) {
	afterCR := d.lastCR
	d.lastCR = b == '\r'
	if len(d.seq) > 0 && utf8.RuneStart(b) {
		d.octets()
	}
	switch {
	case b == 0x1b:
		d.state = inEscape
	case b == '\n' && afterCR:
	case b < 0x20 || b == 0x7f:
		d.emit(controlKeys[b])
	case b < utf8.RuneSelf:
		d.text(string(rune(b)))
	default:
		d.seq = append(d.seq, b)
		if !utf8.FullRune(d.seq) {
			return
		}
		if utf8.Valid(d.seq) {
			d.text(string(d.seq))
			d.seq = d.seq[:0]
			return
		}
		d.octets()
	}
}

func (d *decoder) escape(b byte) {
	d.state = inGround
	switch b {
	case '[':
		d.state = inCSI
	case 'O':
		d.state = inSS3
	case ']', 'P', 'X', '^', '_':
		d.state = inString
	case 0x1b:
		d.emit(keyEscape)
		d.state = inEscape
	case 0x7f, 0x08:
		d.emit(altKeys[b])
	default:
		if b < 0x20 || b >= utf8.RuneSelf { // a control character, or one of several octets: a key of its own
			d.emit(keyEscape)
			d.ground(b)
			return
		}
		d.emit(altKeys[b])
	}
}

func (d *decoder) csi(b byte) {
	switch {
	case b == 0x1b:
		d.state, d.seq = inEscape, d.seq[:0]
		return
	case b < 0x20:
		d.state, d.seq = inGround, d.seq[:0]
		d.ground(b)
		return
	case b < 0x40:
		if len(d.seq) < maxSequence {
			d.seq = append(d.seq, b)
		}
		return
	}
	params := string(d.seq)
	d.state, d.seq = inGround, d.seq[:0]
	switch {
	case b == '[' && params == "":
		d.state = inConsole
	case b == 'M' && params == "":
		d.state = inMouse
	case b == '~' && params == pasteStart:
		d.state = inPaste
	case b == '~':
		number, modifier, _ := strings.Cut(params, ";")
		if number == "3" && modifier != "" && modifier != "1" && modifier != "2" {
			d.emit(keyKillWord)
			return
		}
		d.emit(tildeKeys[number])
	default:
		d.emit(csiKey(params, b))
	}
}

// csiKey reads what a cursor key sends, ESC [ 1 ; modifier letter; the modifier is 1 + a bit for Shift, 2 for Alt, 4
// for Ctrl. Anything else is a reply or an event of the mouse, and no key.
func csiKey(params string, final byte) key {
	number, modifier, _ := strings.Cut(params, ";")
	if strings.Trim(params, "0123456789;") != "" || (number != "" && number != "1") {
		return keyNone
	}
	if k, ok := wordKeys[final]; ok && modifier != "" && modifier != "1" && modifier != "2" {
		return k
	}
	return finalKeys[final]
}

// paste takes bytes up to the end of a paste and returns the rest.
func (d *decoder) paste(p []byte) []byte {
	from := max(0, len(d.seq)-len(pasteEnd)+1)
	d.seq = append(d.seq, p...)
	i := bytes.Index(d.seq[from:], []byte(pasteEnd))
	if i < 0 {
		return nil
	}
	end := from + i
	rest := len(d.seq) - end - len(pasteEnd)
	d.endPaste(end)
	return p[len(p)-rest:]
}

func (d *decoder) endPaste(n int) {
	d.events = append(d.events, event{keyPaste, string(d.seq[:n])})
	d.state, d.seq = inGround, nil // a paste can be large: let go of it
	d.lastCR = false
}

// minBurst is how many bytes of text in one read are no longer taken for keys. A terminal without bracketed paste
// sends a paste in no other way, and a Tab in it must not complete anything.
const minBurst = 16

// textPrefix counts the bytes in front of p that are text: no controls but Tab and line ends.
func textPrefix(p []byte) int {
	for i, b := range p {
		if b < 0x20 && b != '\t' && b != '\r' && b != '\n' || b == 0x7f {
			return i
		}
	}
	return len(p)
}
