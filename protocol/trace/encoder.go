package trace

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// encoder appends JSON. It never fails, and takes no memory but what it
// appends to.
type encoder struct {
	b       []byte
	scratch []byte // a string on its way to be looked at as octets
}

// key begins a field, behind a comma unless it is the first.
func (e *encoder) key(name string) {
	e.comma()
	e.b = append(e.b, '"')
	e.b = append(e.b, name...)
	e.b = append(e.b, '"', ':')
}

func (e *encoder) comma() {
	if last := e.b[len(e.b)-1]; last != '{' && last != '[' {
		e.b = append(e.b, ',')
	}
}

// list begins a field that is an array.
func (e *encoder) list(name string) {
	e.key(name)
	e.b = append(e.b, '[')
}

// object begins an object that is an element of an array.
func (e *encoder) object() {
	e.comma()
	e.b = append(e.b, '{')
}

// text is a field of text, and some one that is left out where it is empty.
func (e *encoder) text(name, text string) {
	e.key(name)
	e.str(text)
}

func (e *encoder) some(name, text string) {
	if text != "" {
		e.text(name, text)
	}
}

// octets is a field of octets, left out where there are none.
func (e *encoder) octets(name string, octets []byte) {
	if len(octets) > 0 {
		e.key(name)
		e.quote(octets)
	}
}

func (e *encoder) texts(name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	e.list(name)
	for _, text := range texts {
		e.comma()
		e.str(text)
	}
	e.b = append(e.b, ']')
}

// yes is a field of true or false, and flag one that is left out where it is
// false.
func (e *encoder) yes(name string, is bool) {
	e.key(name)
	e.b = strconv.AppendBool(e.b, is)
}

func (e *encoder) flag(name string, is bool) {
	if is {
		e.yes(name, is)
	}
}

// number is a field of a number, and count one that is left out where it is 0.
func (e *encoder) number(name string, n int) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, int64(n), 10)
}

func (e *encoder) count(name string, n int) {
	if n != 0 {
		e.number(name, n)
	}
}

func (e *encoder) time(name string, at time.Time) {
	e.key(name)
	e.b = append(e.b, '"')
	e.b = at.UTC().AppendFormat(e.b, timeForm)
	e.b = append(e.b, '"')
}

// millis is a duration in milliseconds: 12, 12.3, 0.001.
func (e *encoder) millis(name string, d time.Duration) {
	e.key(name)
	micros := d.Microseconds()
	if micros < 0 {
		e.b = append(e.b, '-')
		micros = -micros
	}
	e.b = strconv.AppendInt(e.b, micros/1000, 10)
	if rest := micros % 1000; rest != 0 {
		e.b = append(e.b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
		for e.b[len(e.b)-1] == '0' {
			e.b = e.b[:len(e.b)-1]
		}
	}
}

func (e *encoder) str(text string) {
	e.scratch = append(e.scratch[:0], text...)
	e.quote(e.scratch)
}

func (e *encoder) base64(octets []byte) {
	e.b = append(e.b, '"')
	e.b = base64.StdEncoding.AppendEncode(e.b, octets)
	e.b = append(e.b, '"')
}

// quote appends octets as the schema has them: a string, or where they are no
// UTF-8 an object. All that is not printable is written as an escape, so that
// the lines may go to a terminal, which would obey some of it.
func (e *encoder) quote(octets []byte) {
	start := len(e.b)
	e.b = append(e.b, '"')
	done := 0 // all before it is appended
	for i := 0; i < len(octets); {
		c := octets[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		e.b = append(e.b, octets[done:i]...)
		size := 1
		if c < utf8.RuneSelf {
			e.escape(c)
		} else {
			var r rune
			if r, size = utf8.DecodeRune(octets[i:]); r == utf8.RuneError && size == 1 {
				e.b = append(e.b[:start], `{"base64":`...)
				e.base64(octets)
				e.b = append(e.b, '}')
				return
			}
			e.rune(r)
		}
		i += size
		done = i
	}
	e.b = append(e.b, octets[done:]...)
	e.b = append(e.b, '"')
}

// escape appends an ASCII character that cannot stand for itself (RFC 8259 §7),
// or should not.
func (e *encoder) escape(c byte) {
	switch c {
	case '"', '\\':
		e.b = append(e.b, '\\', c)
	case '\r':
		e.b = append(e.b, `\r`...)
	case '\n':
		e.b = append(e.b, `\n`...)
	case '\t':
		e.b = append(e.b, `\t`...)
	default:
		e.unit(rune(c))
	}
}

// rune appends a character beyond ASCII, as itself where it is printable.
func (e *encoder) rune(r rune) {
	switch {
	case unicode.IsPrint(r):
		e.b = utf8.AppendRune(e.b, r)
	case r > 0xffff: // RFC 8259 §7: a pair of surrogates
		e.unit(0xd800 + (r-0x10000)>>10)
		e.unit(0xdc00 + (r-0x10000)&0x3ff)
	default:
		e.unit(r)
	}
}

func (e *encoder) unit(r rune) {
	const hex = "0123456789abcdef"
	e.b = append(e.b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
