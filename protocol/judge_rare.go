package protocol

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// node judges what ETRN names (RFC 1985 §5): a host, "@" and a domain, or "#"
// and the name of a queue, which is the server's own affair.
func (v *verdict) node(at, rest Span) {
	name := at.Of(v.line)
	inner := strings.TrimRight(strings.Trim(name, "<>\"'()"), ",;:!?")
	_, host, url := strings.Cut(name, "://")
	host, _, _ = strings.Cut(host, "/")
	switch next := skipSpace(v.line, at.End); {
	case (name == "#" || name == "@") && next < rest.End: // "@ example.org"
		v.say("node-form", at)
		v.fix(Span{at.End, next}, "")
		v.stop = true
	case name == "#" || name == "@" || name[0] == '[' || inner == "":
		v.say("node-form", at)
		v.noFix()
	case url && host != "":
		v.say("node-form", at)
		v.fix(at, host)
	case name[0] == '#':
	case inner != name:
		v.say("node-form", at)
		v.fix(at, inner)
	case name[0] == '@':
		v.labels(Span{at.Start + 1, at.End}, false)
	case strings.Contains(name, "@"):
		v.say("node-form", at)
		v.noFix() // a mailbox: the server holds mail for hosts and domains
	case !isASCII(name):
		v.say("node-form", at)
		v.asASCII(at)
	default:
		v.labels(at, false)
	}
}

// asASCII puts A-labels in the place of a domain beyond ASCII.
func (v *verdict) asASCII(at Span) {
	if ascii, err := idna.Lookup.ToASCII(at.Of(v.line)); err == nil {
		v.fix(at, ascii)
		return
	}
	v.noFix()
}

// domains judges the list of ATRN, which has commas and no spaces
// (RFC 2645 §5.2.1).
func (v *verdict) domains(at Span) {
	text := at.Of(v.line)
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	if list := strings.Join(words, ","); list != text {
		v.say("domains-form", at)
		if list == "" {
			v.noFix()
		}
		v.fix(at, list)
		return
	}
	for start := at.Start; start <= at.End; {
		end := at.End
		if i := strings.IndexByte(v.line[start:at.End], ','); i >= 0 {
			end = start + i
		}
		v.labels(Span{start, end}, false)
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
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte("<>\"\\^`{|}", s[i]) >= 0 {
			return false
		}
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) { // RFC 3986 §2.1
			return false
		}
	}
	return ok && rest != "" && rest[0] != '/'
}

func isHex(b byte) bool { return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }

// attributes judges the NAME=value list of XCLIENT and XFORWARD, as Postfix
// documents it in XCLIENT_README and XFORWARD_README.
func (v *verdict) attributes(a Arg, at Span) {
	seen := make([]string, 0, 8)
	for start, before := at.Start, at.Start; start < at.End; start = skipSpace(v.line, before) {
		if start-before > 1 {
			v.say("repeated-space", Span{before, start})
			v.fix(Span{before, start}, " ")
		}
		word := Span{start, min(wordEnd(v.line, start), at.End)}
		before = word.End
		name, value, valued := strings.Cut(word.Of(v.line), "=")
		name = strings.ToUpper(name)
		if v.attributeSign(a, word, at.End, valued) {
			v.stop = true
			return
		}
		switch fault, meant := v.attributeFault(a, name, value); {
		case fault != "":
			v.say("attribute-form", word, fault)
			if meant == "" {
				v.noFix()
			}
			v.fix(Span{start + len(name) + 1, word.End}, meant)
		case slices.Contains(seen, name):
			v.say("attribute-twice", word, name)
		default:
			seen = append(seen, name)
		}
	}
}

// attributeSign knows another sign than "=" behind the name, "ADDR:192.0.2.1" and
// "ADDR 192.0.2.1", and a comma between attributes, "NAME=a,ADDR=192.0.2.1".
func (v *verdict) attributeSign(a Arg, word Span, end int, valued bool) bool {
	const longest = 16 // no name is longer
	text := word.Of(v.line)
	at, sign := Span{}, ""
	if i := strings.IndexByte(text, ':'); !valued && i > 0 && containsFold(a.Values, text[:i]) {
		at, sign = Span{word.Start + i, word.Start + i + 1}, "="
	}
	if next := skipSpace(v.line, word.End); !valued && next < end && containsFold(a.Values, text) {
		at, sign = Span{word.End, next}, "="
	}
	for i := range len(text) {
		name, _, more := strings.Cut(text[i+1:min(len(text), i+longest)], "=")
		if (text[i] == ',' || text[i] == ';') && more && containsFold(a.Values, name) {
			at, sign = Span{word.Start + i, word.Start + i + 1}, " "
			break
		}
	}
	if at.Empty() {
		return false
	}
	v.say("attribute-form", at, "an attribute is NAME=value, and the names here are "+orList(a.Values))
	v.fix(at, sign)
	return true
}

// attributeFault says what is wrong with an attribute, and what its value
// should be where that can be told.
func (v *verdict) attributeFault(a Arg, name, value string) (fault, meant string) {
	const unknown, later = "[UNAVAILABLE]", "[TEMPUNAVAIL]"
	text, ok := DecodeXtext(value)
	named := name == "NAME" || name == "REVERSE_NAME"
	switch {
	case !slices.Contains(a.Values, name) || value == "":
		return "an attribute is NAME=value, and the names here are " + orList(a.Values), ""
	case !ok || len(text) > 255:
		return name + " takes xtext of at most 255 characters", ""
	case strings.EqualFold(value, unknown) && (name != "PROTO" || v.c.Is("XFORWARD")), strings.EqualFold(value, later) && named:
	case named && domainSeverity(text) == Error:
		return name + " takes a host name, " + unknown + " or " + later, ""
	case (name == "ADDR" || name == "DESTADDR") && !isAttributeAddress(text):
		if isIPv6(text) {
			meant = "IPV6:" + text
		} else if inner := strings.Trim(text, "[]"); isAttributeAddress(inner) {
			meant = inner
		}
		return name + " takes an IPv4 address, IPV6: and an IPv6 address, or " + unknown, meant
	case (name == "PORT" || name == "DESTPORT") && (!isDigits(text) || octetCount(text) > 65535):
		return name + " takes a number up to 65535, or " + unknown, ""
	case name == "PROTO" && v.c.Is("XCLIENT") && !strings.EqualFold(text, "SMTP") && !strings.EqualFold(text, "ESMTP"):
		return "PROTO is SMTP or ESMTP", ""
	case name == "PROTO" && len(text) > 64:
		return "PROTO takes at most 64 characters", ""
	case name == "SOURCE" && !strings.EqualFold(text, "LOCAL") && !strings.EqualFold(text, "REMOTE"):
		return "SOURCE is LOCAL, REMOTE or " + unknown, ""
	}
	return "", ""
}

// domainSeverity is how bad the worst fault of a domain is.
func domainSeverity(s string) Severity {
	id, _ := domainFault(s)
	if id == "" {
		return Hint
	}
	return FindAdvice(id).Severity
}

// isAttributeAddress reports an address as XCLIENT writes it, without
// brackets.
func isAttributeAddress(s string) bool {
	if hasPrefixFold(s, "IPV6:") {
		return isIPv6(s[len("IPV6:"):])
	}
	return isIPv4(s)
}
