package protocol

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// The scanners of this file follow RFC 5321 §4.1.2 and §4.1.3 with the
// characters that RFC 6531 §3.3 adds. Each returns "" for a correct text and
// otherwise the ID of the advice that names the fault, with the place of it.

// isAtext is RFC 5322's atext, and any UTF-8 (RFC 6531 §3.3).
func isAtext(b byte) bool {
	return isLetDig(b) || b >= utf8.RuneSelf || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", b) >= 0
}

func isLetDig(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isAtom reports an Atom (RFC 5321 §4.1.2).
func isAtom(s string) bool {
	for i := range len(s) {
		if !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

// isQuoted reports a Quoted-string (RFC 5321 §4.1.2): qtextSMTP is printable
// but for the quotation mark and the backslash, which a backslash quotes.
// RFC 6531 §3.3 adds UTF-8 to qtextSMTP, and not to what a backslash quotes.
func isQuoted(s string) bool {
	if len(s) < 2 || s[0] != '"' || closeQuote(s, 0) != len(s)-1 {
		return false
	}
	escaped := false
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || escaped && s[i] >= utf8.RuneSelf {
			return false
		}
		escaped = s[i] == '\\' && !escaped
	}
	return true
}

// quote makes a Quoted-string of s.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// splitMailbox cuts at the "@" that separates local-part and domain: the last
// one outside quotation marks and outside an address literal, which may hold
// some too; at is -1 when there is none.
func splitMailbox(s string) (at int) {
	at = -1
	var marks quotation
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = marks.end(s, i)
		case '@':
			at = i
			if i+1 < len(s) && s[i+1] == '[' && s[len(s)-1] == ']' {
				return at
			}
		}
	}
	return at
}

// localPartFault checks Dot-string / Quoted-string.
func localPartFault(s string) (id string, at Span) {
	all := Span{0, len(s)}
	switch {
	case s == "":
		return "local-part-missing", all
	case s[0] == '"':
		if isQuoted(s) {
			return "", all
		}
		return "local-part-quotes", all
	case s[0] == '.':
		return "local-part-dots", Span{0, 1}
	case s[len(s)-1] == '.':
		return "local-part-dots", Span{len(s) - 1, len(s)}
	}
	if i := strings.Index(s, ".."); i >= 0 {
		return "local-part-dots", Span{i, i + 2}
	}
	for i := range len(s) {
		switch {
		case s[i] == ' ':
			return "local-part-space", all
		case s[i] != '.' && !isAtext(s[i]):
			return "local-part-char", Span{i, i + 1}
		}
	}
	return "", all
}

// domainFault checks Domain: labels of letters, digits and inner hyphens,
// with dots between them.
func domainFault(s string) (id string, at Span) {
	if s == "" {
		return "domain-missing", Span{}
	}
	if s[len(s)-1] == '.' && len(s) > 1 && s[len(s)-2] != '.' {
		return "domain-final-dot", Span{len(s) - 1, len(s)}
	}
	start := 0
	for start <= len(s) {
		end := len(s)
		if i := strings.IndexByte(s[start:], '.'); i >= 0 {
			end = start + i
		}
		if start == end {
			return "domain-empty-label", Span{max(0, start-1), min(end+1, len(s))}
		}
		label, part := labelFault(s[start:end])
		part = Span{start + part.Start, start + part.End}
		switch {
		case label == "":
		case FindAdvice(label).Severity == Error:
			return label, part
		case id == "": // only a warning: something worse may follow
			id, at = label, part
		}
		start = end + 1
	}
	return id, at
}

func labelFault(label string) (id string, at Span) {
	under, high := -1, false
	for i := range len(label) {
		switch b := label[i]; {
		case isLetDig(b) || b == '-':
		case b == '_':
			under = i
		case b >= utf8.RuneSelf:
			high = true
		default:
			return "domain-char", Span{i, i + 1}
		}
	}
	switch {
	case label[0] == '-' || label[len(label)-1] == '-':
		return "domain-hyphen", Span{0, len(label)}
	case high && !isULabel(strings.ReplaceAll(label, "_", "a")): // the underscore is looked at last
		return "u-label", Span{0, len(label)}
	case under >= 0: // no more than a warning
		return "domain-underscore", Span{under, under + 1}
	case len(label) > 63:
		return "label-long", Span{0, len(label)} // RFC 1035 §2.3.4
	case !high && hasACEPrefix(label) && !isALabel(label):
		return "a-label", Span{0, len(label)}
	}
	return "", Span{0, len(label)}
}

// bareAddress makes the literal of an address that stands without brackets:
// "192.0.2.1" -> "[192.0.2.1]", "2001:db8::1" -> "[IPv6:2001:db8::1]".
func bareAddress(s string) (literal string, ok bool) {
	if s == "" || strings.IndexByte(s, ':') < 0 && (s[len(s)-1] < '0' || s[len(s)-1] > '9') {
		return "", false // most names are told at a glance
	}
	addr, err := netip.ParseAddr(s)
	switch {
	case err != nil || addr.Zone() != "":
		return "", false
	case addr.Is4():
		return "[" + s + "]", true
	}
	return "[IPv6:" + s + "]", true
}

// literalFault checks an address-literal, brackets included
// (RFC 5321 §4.1.3); fixed is what should stand in its place, if known.
func literalFault(s string) (id, fixed string) {
	if s[len(s)-1] != ']' {
		return "literal-open", s + "]"
	}
	in := s[1 : len(s)-1]
	tag, rest, tagged := strings.Cut(in, ":")
	switch {
	case tagged && strings.EqualFold(tag, "IPv6"):
		if !isIPv6(rest) || !fewGroups(rest) {
			return "literal-ipv6", ""
		}
		return "", ""
	case isIPv6(in):
		return "literal-untagged", "[IPv6:" + in + "]"
	case tagged && strings.EqualFold(tag, "IPv4") && isIPv4(rest):
		return "literal-unregistered", "[" + rest + "]" // an IPv4 address goes without a tag
	case tagged:
		return generalLiteralFault(tag, rest), meantLiteral(in)
	}
	if !isIPv4(in) {
		return "literal-ipv4", ""
	}
	return "", ""
}

// isIPv4 reports IPv4-address-literal: four Snum, each of one to three digits
// and at most 255. Unlike elsewhere, leading zeros are in the grammar.
func isIPv4(s string) bool {
	numbers, n, digits := 0, 0, 0
	for i := range len(s) + 1 {
		switch {
		case i < len(s) && isDigit(s[i]):
			n = n*10 + int(s[i]-'0')
			if digits++; digits > 3 {
				return false
			}
		case i < len(s) && s[i] != '.' || digits == 0 || n > 255:
			return false
		default:
			numbers, n, digits = numbers+1, 0, 0
		}
	}
	return numbers == 4
}

// fewGroups holds an IPv6 address to IPv6-comp and IPv6v4-comp: "::" stands
// for two groups at least, so at most six others are written, or four and an
// IPv4 address.
func fewGroups(s string) bool {
	if !strings.Contains(s, "::") {
		return true
	}
	groups := len(strings.FieldsFunc(s, func(r rune) bool { return r == ':' }))
	if strings.Contains(s, ".") {
		return groups <= 5
	}
	return groups <= 6
}

// routeFault checks A-d-l ":", the source route before a mailbox
// (RFC 5321 §4.1.2).
func routeFault(s string) bool {
	for host := range strings.SplitSeq(strings.TrimSuffix(s, ":"), ",") {
		domain, at := strings.CutPrefix(host, "@")
		if id, _ := domainFault(domain); !at || id != "" && FindAdvice(id).Severity == Error {
			return true
		}
	}
	return false
}

// isIPv6 reports IPv6-addr (RFC 5321 §4.1.3). Its IPv4 part is made of Snum,
// which may have leading zeros, although package netip takes none.
func isIPv6(s string) bool {
	if strings.Count(s, ":") < 2 {
		return false
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.IndexByte(s[i:], '.') > 0 {
		if !isIPv4(s[i+1:]) {
			return false
		}
		s = s[:i+1] + "0.0.0.0"
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// generalLiteralFault checks Standardized-tag ":" 1*dcontent. The tag is an
// Ldh-str, which may begin with a hyphen and not end with one.
func generalLiteralFault(tag, rest string) string {
	if tag == "" || tag[len(tag)-1] == '-' || rest == "" {
		return "literal-tag"
	}
	for i := range len(tag) {
		if !isLetDig(tag[i]) && tag[i] != '-' {
			return "literal-tag"
		}
	}
	for i := range len(rest) {
		if b := rest[i]; b < '!' || b > '~' || b == '[' || b == ']' || b == '\\' {
			return "literal-tag"
		}
	}
	return "literal-unregistered"
}
