package protocol

import "strings"

// meantValue is what a broken value was probably meant to be; "" where that
// cannot be told.
func meantValue(row *Param, text string) string {
	if valueFault(row, text) == neverAlone {
		return "" // which of the two is meant, only the user knows
	}
	bare := strings.Trim(text, "\"'()[]<>,;:.!= ")
	for _, form := range []string{text, bare} {
		meant := ""
		switch row.Kind {
		case KindKeyword:
			if !strings.ContainsAny(form, ",;|/") { // of several, nobody can tell which
				meant = like(meantKeyword(row.Values, form), text)
			}
		case KindKeywordList:
			meant = like(meantList(row.Values, form), text)
		case KindXtext:
			meant = mendXtext(form)
		case KindAddrTypeXtext:
			meant = meantTypedAddress(form)
		case KindXtextMailbox:
			meant = mendXtext(form)
		case KindDeliverBy:
			meant = meantDeliverBy(form)
		case KindDateTime, KindDateTimeMode:
			date, mode, moded := strings.Cut(strings.Replace(form, ",", ";", 1), ";")
			if meant = withZoneColon(date); moded {
				meant += ";" + mode
			}
		case KindSolicitation:
			meant = strings.ReplaceAll(form, ";", ",")
		case KindCertifier:
			meant = strings.NewReplacer(";", ":", ",", ":").Replace(form)
		case KindTransaction:
			meant = "<" + form + ">"
		case KindPriority, KindSeconds, KindOctets:
			meant = plainNumber(form)
		default:
			meant = strings.TrimPrefix(form, "+")
		}
		if meant != "" && meant != text && valueFault(row, meant) == "" {
			return meant
		}
	}
	return ""
}

// valueSynonyms are words for values that no likeness tells.
var valueSynonyms = []struct{ word, value string }{
	{"HEADERS", "HDRS"}, {"HEADER", "HDRS"}, {"HEAD", "HDRS"}, {"HDR", "HDRS"}, {"BODY", "FULL"}, {"ALL", "FULL"},
	{"8", "8BITMIME"}, {"9BIT", "8BITMIME"}, {"MIME", "8BITMIME"}, {"7", "7BIT"}, {"BINARY", "BINARYMIME"},
	{"NONE", "NEVER"}, {"NO", "NEVER"}, {"ERROR", "FAILURE"}, {"LATE", "DELAY"}, {"OK", "SUCCESS"},
}

// meantKeyword is the value that was probably meant: the only one that begins
// so, the nearest, or the only one with the same beginning.
func meantKeyword(values []string, text string) string {
	text = strings.ReplaceAll(text, "-", "")
	if text == "" {
		return ""
	}
	for _, s := range valueSynonyms {
		if strings.EqualFold(text, s.word) && containsFold(values, s.value) {
			return s.value
		}
	}
	if only := onlyPrefix(values, text); only != "" {
		return only
	}
	if near := Nearest(text, values); near != "" {
		return near
	}
	const enough = 4 // "FAILED" for FAILURE
	if len(text) > enough && isLetters(text) {
		return onlyPrefix(values, text[:enough])
	}
	return ""
}

// onlyPrefix is the only value that begins with text; "" for none or several.
func onlyPrefix(values []string, text string) (only string) {
	for _, value := range values {
		if hasPrefixFold(value, text) {
			if only != "" {
				return ""
			}
			only = value
		}
	}
	return only
}

// meantList reads a list with other signs than commas, and mends its words.
func meantList(values []string, text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|+/& ", r) })
	for i, part := range parts {
		if parts[i] = meantKeyword(values, part); parts[i] == "" {
			return ""
		}
	}
	return strings.Join(parts, ",")
}

// meantTypedAddress puts the type and the semicolon before an address, and the
// address into xtext.
func meantTypedAddress(text string) string {
	const kind = "rfc822"
	if _, rest, ok := strings.Cut(text, ";"); ok && !isASCII(rest) && isMailbox(rest) {
		return "utf-8;" + rest
	}
	for _, sign := range []string{";", ",", ":", "="} {
		if hasPrefixFold(text, kind+sign) {
			return text[:len(kind)] + ";" + mendXtext(strings.Trim(text[len(kind)+1:], " "))
		}
	}
	if kind, rest, ok := strings.Cut(text, ";"); ok && isAtom(kind) {
		return kind + ";" + mendXtext(rest)
	}
	if isMailbox(text) {
		return kind + ";" + mendXtext(text)
	}
	return ""
}

// meantDeliverBy reads "120,R", "120:R", "120R", "R;120", "120;TR" and "120;R;T".
func meantDeliverBy(text string) string {
	seconds, letters, behind := "", "", false
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;:/ ", r) }) {
		digits := strings.TrimRight(part, "RNTrnt")
		if digits != "" && behind {
			return "" // two numbers
		}
		if digits != "" {
			seconds, behind = digits, true
		}
		letters += part[len(digits):]
	}
	if mode := strings.TrimLeft(letters, "Tt"); len(mode) == 1 { // by-trace stands behind by-mode
		letters = mode + letters[:len(letters)-1]
	}
	return seconds + ";" + letters
}

// withZoneColon puts the colon into the offset of "2030-01-02T03:04:05+0100".
func withZoneColon(date string) string {
	if n := len(date) - 4; n > len("2030-01-02T03:04:05") && strings.IndexByte("+-", date[n-1]) >= 0 && isDigits(date[n:]) {
		return date[:n+2] + ":" + date[n+2:]
	}
	return date
}

// plainNumber is a number without a plus sign and without zeros before it.
func plainNumber(text string) string {
	digits, minus := strings.CutPrefix(text, "-")
	digits = strings.TrimLeft(digits, "+")
	switch bare := strings.TrimLeft(digits, "0"); {
	case bare == "" && digits != "":
		return "0"
	case minus:
		return "-" + bare
	default:
		return bare
	}
}

// mendXtext writes as "+HH" whatever xtext does not allow as it stands, and
// leaves what is one already.
func mendXtext(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '+' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			b.WriteString(strings.ToUpper(text[i : i+3]))
			i += 2
			continue
		}
		b.WriteString(EncodeXtext(text[i : i+1]))
	}
	return b.String()
}
