package protocol

import (
	"strconv"
	"strings"
)

// value judges a parameter's value by the kind that its row names.
func (v *verdict) value(row *Param, g Given) {
	text := g.Value.Of(v.line)
	if row.Obsolete != "" {
		v.say("obsolete-parameter", g.Span, row.Name, row.Obsolete).Ref = row.Ref
	}
	if row.Kind == KindNone {
		if g.HasValue {
			v.say("parameter-no-value", g.Span, row.Name).Ref = row.Ref
			v.fix(Span{g.Key.End, g.End}, "")
		}
		return
	}
	at := g.Value
	if at.Empty() {
		at = g.Span
	}
	switch fault := valueFault(row, text); {
	case fault == "":
		v.soundValue(row, g)
		return
	case fault == neverAlone:
		v.say("notify-never", at).Ref = row.Ref
	default:
		v.say("parameter-value", at, fault).Ref = row.Ref
	}
	if other := FindParam(row.Verb, row.Either); other != nil && valueFault(other, text) == "" {
		v.fix(g.Key, like(other.Name, g.Key.Of(v.line))) // a date for HOLDFOR, seconds for HOLDUNTIL
		return
	}
	fix := meantValue(row, text)
	if fix == "" {
		v.noFix()
		return
	}
	v.fix(g.Value, fix)
}

// soundValue gives the warnings on a value that has the form of its kind.
func (v *verdict) soundValue(row *Param, g Given) {
	text := g.Value.Of(v.line)
	if row.Longest > 0 && len(text) > row.Longest {
		v.say("value-long", g.Value, row.Name, strconv.Itoa(row.Longest)).Ref = row.Ref
	}
	if row.Kind != KindXtextMailbox || text == "<>" {
		return
	}
	mailbox, _ := DecodeXtext(text)
	if id, _ := domainFault(mailbox[splitMailbox(mailbox)+1:]); id == "domain-underscore" {
		v.say(id, g.Value)
	}
}

const neverAlone = "NEVER stands alone"

// valueFault says in a sentence what is wrong with a value; "" for nothing.
func valueFault(row *Param, text string) string {
	switch row.Kind {
	case KindOctets: // RFC 1870 §3 has 20 digits at most
		if !isDigits(text) || len(text) > 20 {
			return row.Name + " takes a decimal number of octets"
		}
	case KindKeyword:
		if !containsFold(row.Values, text) {
			return row.Name + " is " + orList(row.Values)
		}
	case KindKeywordList:
		return listFault(row, text)
	case KindXtext:
		raw, ok := DecodeXtext(text)
		if !ok || raw == "" {
			return row.Name + " takes xtext: printable ASCII, with +HH for \"+\", \"=\" and the rest"
		}
		if !isPrintable(raw) { // RFC 3461 §4.4
			return row.Name + " stands for printable ASCII, once its +HH are read"
		}
	case KindAddrTypeXtext:
		if !isTypedAddress(text) {
			return row.Name + " takes an address type, a semicolon and the address: rfc822;b@example.org"
		}
	case KindXtextMailbox:
		if !isXtextMailbox(text) {
			return row.Name + " takes a mailbox in xtext, or <>"
		}
	case KindDeliverBy, KindSeconds, KindDateTime, KindDateTimeMode, KindPriority, KindCertifier, KindSolicitation, KindTransaction:
		return rareFault(row, text)
	case KindNone, KindDomain, KindDomainOrLiteral, KindReversePath, KindForwardPath, KindUser, KindList,
		KindString, KindTopic, KindMechanism, KindBase64, KindNode, KindDomains, KindURL, KindAttributes: // arguments of verbs
	}
	return ""
}

func listFault(row *Param, text string) string {
	never, n := false, 0
	for part := range strings.SplitSeq(text, ",") {
		if !containsFold(row.Values, part) {
			return row.Name + " is a list with commas: " + row.Form[len(row.Name)+1:]
		}
		never = never || strings.EqualFold(part, "NEVER")
		n++
	}
	if never && n > 1 {
		return neverAlone
	}
	return ""
}

// isTypedAddress reports addr-type ";" xtext (RFC 3461 §4.2). What the xtext
// stands for is printable. For the type utf-8 other forms exist, and UTF-8 may
// stand there as it is where SMTPUTF8 is in use (RFC 6533 §3).
func isTypedAddress(text string) bool {
	kind, rest, ok := strings.Cut(text, ";")
	if !ok || !isAtom(kind) || !isASCII(kind) {
		return false
	}
	if strings.EqualFold(kind, "utf-8") && (isUnitext(rest) || isMailbox(rest) && strings.IndexByte(rest, '=') < 0) {
		return true
	}
	raw, ok := DecodeXtext(rest)
	return ok && isPrintable(raw)
}

// isUnitext reports utf-8-addr-unitext, which takes in utf-8-addr-xtext
// (RFC 6533 §3): printable but for "\", "+" and "=", UTF-8, and "\x{HEX}".
func isUnitext(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '\\':
			end := strings.IndexByte(s[i:], '}')
			if !strings.HasPrefix(s[i:], `\x{`) || end < 5 || end > 9 {
				return false
			}
			for _, hex := range []byte(s[i+3 : i+end]) {
				if !isUpperHex(hex) {
					return false
				}
			}
			i += end
		case b <= ' ' || b == '+' || b == '=' || b == 0x7f:
			return false
		}
	}
	return s != ""
}

// isXtextMailbox reports a mailbox in xtext, or "<>" (RFC 4954 §5).
func isXtextMailbox(text string) bool {
	if text == "<>" {
		return true
	}
	mailbox, ok := DecodeXtext(text)
	return ok && mailboxSeverity(mailbox) < Error
}

// mailboxSeverity is how bad the worst fault of local-part "@" domain is, an
// address literal included.
func mailboxSeverity(s string) Severity {
	at := splitMailbox(s)
	if at < 0 {
		return Error
	}
	if id, _ := localPartFault(s[:at]); id != "" {
		return Error
	}
	if literal := s[at+1:]; literal != "" && literal[0] == '[' {
		if id, _ := literalFault(literal); id != "" {
			return FindAdvice(id).Severity
		}
		return Hint
	}
	return domainSeverity(s[at+1:])
}

// isPrintable reports ASCII of graphic characters and spaces.
func isPrintable(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' || s[i] > '~') && s[i] != '\t' {
			return false
		}
	}
	return true
}

// octetCount reads a number of octets; one too great for 64 bits is the
// greatest.
func octetCount(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 1<<64 - 1
	}
	return n
}

// orList writes words as people list them: "FULL or HDRS".
func orList(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
