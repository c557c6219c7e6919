package message

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// fieldCheck looks at the lines of a header.
type fieldCheck struct {
	any     bool // a field has begun
	current int  // which of singletons the current field is, or -1
	blind   bool // the current field names blind recipients
	begun   int  // the line on which it began
	valued  bool // it has a value

	present, filled, repeated names

	none    place // the line that should have been the first field
	mbox    place
	broken  place
	again   place
	bcc     place
	notUTF8 place
}

// names is a set of singletons, by their index.
type names uint16

func (s *names) add(i int) {
	if i >= 0 {
		*s |= 1 << i
	}
}

func (s names) has(i int) bool { return i >= 0 && s&(1<<i) != 0 }

// indexOf is the index of a name in singletons, or -1.
func indexOf(name string) int {
	for i, s := range singletons {
		if strings.EqualFold(s, name) {
			return i
		}
	}
	return -1
}

// line looks at line number no, of n octets with start at their beginning, and
// reports that the header has ended: the line is empty, or belongs to the body
// already.
func (f *fieldCheck) line(no, n int, start []byte) (ended bool) {
	switch {
	case n == 0:
		if !f.any {
			f.none.add(no)
		}
		return true
	case no == 1 && isMboxLine(start):
		f.mbox.add(no)
		return false
	case f.any && isBlank(start[0]):
		f.value(len(bytes.Trim(start, blanks)) > 0)
		return false
	}
	name, ok := fieldName(start)
	if !ok {
		if f.any {
			f.broken.add(no)
		} else {
			f.none.add(no)
		}
		return true
	}
	f.any, f.begun, f.valued = true, no, false
	f.current, f.blind = indexOf(string(name)), isAnyOf(string(name), blindFields)
	if f.present.has(f.current) {
		f.repeated.add(f.current)
		f.again.add(no)
	}
	f.present.add(f.current)
	f.value(len(bytes.Trim(start[bytes.IndexByte(start, ':')+1:], blanks)) > 0 || n > len(start))
	return false
}

// value notes that the current field has a value. An empty Bcc gives nobody
// away, and an empty From names nobody.
func (f *fieldCheck) value(has bool) {
	if !has || f.valued {
		return
	}
	f.valued = true
	f.filled.add(f.current)
	if f.blind {
		f.bcc.add(f.begun)
	}
}

// report adds what was found in the header; ended says that it has an end.
func (f *fieldCheck) report(found *findings, ended bool) {
	if !f.any && !ended {
		f.none = whole(true)
	}
	found.add("no-header", f.none)
	found.add("mbox-from", f.mbox)
	found.add("header-broken", f.broken)
	found.add("header-only", whole(f.any && !ended))
	found.add("from-missing", whole(f.any && !f.filled.has(indexOf("From"))))
	found.add("date-missing", whole(f.any && !f.filled.has(indexOf("Date"))))
	var again []string
	for i, name := range singletons {
		if f.repeated.has(i) {
			again = append(again, name)
		}
	}
	found.add("field-repeated", f.again, strings.Join(again, " and more than one "))
	found.add("bcc-leak", f.bcc)
}

// isUTF8 reports UTF-8 in what was kept of a line of n octets, which may be cut
// in the middle of a character.
func isUTF8(start []byte, n int) bool {
	for back := 1; n > len(start) && back < utf8.UTFMax && back <= len(start); back++ {
		if at := len(start) - back; utf8.RuneStart(start[at]) {
			if !utf8.FullRune(start[at:]) {
				start = start[:at]
			}
			break
		}
	}
	return utf8.Valid(start)
}
