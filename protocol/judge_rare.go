package protocol

import (
	"strings"
)

// isNode reports what ETRN names (RFC 1985 §5).
func isNode(s string) bool {
	if queue, ok := strings.CutPrefix(s, "#"); ok {
		return isAtom(queue)
	}
	id, _ := domainFault(strings.TrimPrefix(s, "@"))
	return id == "" || id == "domain-underscore"
}

// domains judges the list of ATRN (RFC 2645 §5.2).
func (v *verdict) domains(at Span) {
	for start := at.Start; start <= at.End; {
		end := at.End
		if i := strings.IndexByte(v.line[start:at.End], ','); i >= 0 {
			end = start + i
		}
		v.domain(Span{start, end}, false)
		start = end + 1
	}
}

// isIMAPURL reports what BURL may name: an absolute URL of the scheme imap or
// imaps, in printable ASCII (RFC 4468 §3.3, RFC 5092 §11).
func isIMAPURL(s string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(s), "imap://")
	if !ok {
		rest, ok = strings.CutPrefix(strings.ToLower(s), "imaps://")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte(`<>"`, s[i]) >= 0 {
			return false
		}
	}
	return ok && rest != ""
}

// attributes judges the NAME=value list of XCLIENT and XFORWARD, as Postfix
// documents it.
func (v *verdict) attributes(a Arg, at Span) {
	for start := at.Start; start < at.End; start = nextWord(v.line, start) {
		word := Span{start, min(wordEnd(v.line, start), at.End)}
		name, value, ok := strings.Cut(word.Of(v.line), "=")
		if !ok || !containsFold(a.Values, name) || value == "" || !isXtext(value) {
			v.say("attribute-form", word, orList(a.Values))
			v.noFix()
			return
		}
	}
}
