package message

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var (
	fieldLine = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)
	blankLine = regexp.MustCompile(`^[ \t]`)
	blindLine = regexp.MustCompile(`(?i)(^|[\r\n])(resent-)?bcc[ \t]*:`)
)

// slowFindings finds what octets and lines are at fault for the slow way: on
// the whole message, a line at a time.
func slowFindings(message string, terms Terms) map[string]place {
	found := map[string]place{}
	note := func(id string, line int, is bool) {
		if p := found[id]; is {
			p.add(line)
			found[id] = p
		}
	}
	inHead, fields := true, 0
	for i, line := range strings.SplitAfter(message, "\n") {
		text, lf := strings.CutSuffix(line, "\n")
		if line == "" {
			break // behind the last LF
		}
		crlf := lf && strings.HasSuffix(text, "\r")
		if lf {
			text = strings.TrimSuffix(text, "\r")
		}
		isField := fieldLine.MatchString(cut(text, maxLine))
		if isField {
			fields++
		}
		if inHead && text != "" && !isField && !(fields > 0 && blankLine.MatchString(text)) && !(i == 0 && strings.HasPrefix(text, "From ")) {
			inHead = false
		}
		has8 := !isASCII(text)
		note("header-8bit", i+1, inHead && has8 && !terms.UTF8)
		note("content-8bit", i+1, !inHead && has8 && !terms.EightBit && !terms.Binary)
		if inHead || !terms.Binary {
			note("content-nul", i+1, strings.Contains(text, "\x00"))
			note("content-bare-cr", i+1, strings.Contains(text, "\r"))
			note("content-bare-lf", i+1, lf && !crlf)
			note("content-long-line", i+1, len(text) > maxLine)
		}
		note("content-dot", i+1, text == "." && !terms.Binary && !terms.Chunked)
		if text == "" {
			inHead = false
		}
	}
	return found
}

func cut(s string, n int) string { return s[:min(n, len(s))] }

// FuzzChecker holds that it makes no difference how a message is cut into
// writes, and that what the Checker finds is what is found the slow way.
func FuzzChecker(f *testing.F) {
	for i, row := range checkRows {
		f.Add([]byte(row.message), uint16(i), row.terms.EightBit, row.terms.Binary, row.terms.UTF8, row.terms.Chunked)
	}
	f.Fuzz(func(t *testing.T, message []byte, cuts uint16, eightBit, binary, utf8, chunked bool) {
		terms := Terms{EightBit: eightBit, Binary: binary, UTF8: utf8, Chunked: chunked, Limit: uint64(cuts), Declared: uint64(cuts / 2)}
		once := check(string(message), terms)
		var c Checker
		for rest, step := message, int(cuts); len(rest) > 0; step = step*31 + 7 {
			n := min(len(rest), step&0x3f)
			c.Write(rest[:n])
			rest = rest[n:]
		}
		if cut := c.Findings(terms); !slices.Equal(once, cut) {
			t.Errorf("at once %+v\nin parts %+v", once, cut)
		}
		want := slowFindings(string(message), terms)
		seen := map[string]bool{}
		for _, found := range once {
			if p, ok := want[found.ID]; ok && p != (place{found.Line, found.Count}) {
				t.Errorf("found %+v, the slow way %+v", found, p)
			}
			if seen[found.ID] || found.Count == 0 || strings.Contains(found.Message, "%!") || FindRule(found.ID) == nil {
				t.Errorf("found twice or not whole: %+v", found)
			}
			seen[found.ID] = true
			delete(want, found.ID)
		}
		if len(want) > 0 {
			t.Errorf("not found: %v", want)
		}
	})
}

// FuzzEnvelope holds that no header makes a path that is more than a path, or
// a reading that depends on how it comes in, and that no Bcc passes.
func FuzzEnvelope(f *testing.F) {
	for _, header := range []string{
		plain, "From: a@b\nTo: Staff: \"a b\"@c, d@[IPv6:::1];\nBcc: e@f,\n g@h\n\nBcc: x", "Sender: a@b\r\rBcc: a@b\rTo: c@d\r\r",
		"Resent-From: a@b\r\r\nResent-Bcc:\r\r\n c@d\r\r\n\r\r\nBcc: x", "From x\nFrom: \"\\\x00\"@b\nTo: <@a,@b:c@d>\n", " From: a@b", "From: =?x?q?=0A?= <\xfc@b>\nCc: (\r",
	} {
		f.Add([]byte(header))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		from, to, err := Envelope(bytes.NewReader(header))
		for _, path := range append(to, from) {
			if strings.ContainsAny(path, "\r\n\x00") || path != "" && (Address{Path: path}).check(true) != nil {
				t.Errorf("path %q", path)
			}
		}
		if from2, to2, err2 := Envelope(iotest.OneByteReader(bytes.NewReader(header))); from != from2 || !slices.Equal(to, to2) || (err == nil) != (err2 == nil) {
			t.Errorf("%q, %q, %v an octet at a time: %q, %q, %v", from, to, err, from2, to2, err2)
		}
		passed, err := io.ReadAll(WithoutBcc(bytes.NewReader(header)))
		if err != nil {
			t.Fatal(err)
		}
		again, err := io.ReadAll(WithoutBcc(iotest.OneByteReader(bytes.NewReader(header))))
		if err != nil || !bytes.Equal(passed, again) {
			t.Errorf("passed %q, an octet at a time %q, %v", passed, again, err)
		}
		var c Checker
		c.Write(passed)
		for _, found := range c.Findings(Terms{}) {
			if found.ID == "bcc-leak" {
				t.Errorf("a Bcc in %q", passed)
			}
		}
		if !blindLine.Match(header) && !bytes.Equal(passed, header) {
			t.Errorf("%q passed as %q", header, passed)
		}
	})
}

// FuzzDraft holds that what a draft writes is read back the same by readers
// that others wrote, and that a Checker finds nothing in it.
func FuzzDraft(f *testing.F) {
	f.Add("Joe", "joe@example.org", "Doe, Ann", "\"a b\"@c", "a test", "y", "hello\n", "a.txt", []byte("octets"), false, false)
	f.Add("Jürgen", "j@b", "=?utf-8?q?x?=", "x@[IPv6:::1]", strings.Repeat("日本語 ", 40), "Grüße", "Grüße\r\n.\n\x00", "größe.pdf", []byte{}, false, true)
	f.Add("J\t \\\"", "jürgen@b", strings.Repeat("x ", 300), "a@b", strings.Repeat("=?", 99), strings.Repeat("x", 999), strings.Repeat("ü", 999), strings.Repeat("€", 300), bytes.Repeat([]byte{1}, 99), true, true)
	f.Add("", "a@b", "\xfc", "c@d", "a\nBcc: x", "a\rb", "", "", []byte(nil), true, false)
	f.Fuzz(func(t *testing.T, fromName, fromPath, toName, toPath, subject, value, text, fileName string, octets []byte, utf8, eightBit bool) {
		d := Draft{
			From: Address{fromName, fromPath}, To: []Address{{toName, toPath}, {"", "ann@example.com"}, {toName, "bob@example.com"}},
			Subject: subject, Date: day, MessageID: "1@example.org", Headers: []Header{{"X-Test", value}}, Text: text, Boundary: "next-part",
			UTF8: utf8, EightBit: eightBit,
		}
		if octets != nil {
			d.Attachments = []Attachment{file(fileName, string(octets)), file("x", "")}
		}
		comesBack(t, d, octets)
	})
}
