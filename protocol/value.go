package protocol

import (
	"strings"
	"time"
)

// rareFault is valueFault for the kinds of the rarer extensions.
func rareFault(row *Param, text string) (fault string) {
	ok, wants := true, ""
	switch row.Kind {
	case KindDeliverBy:
		ok, wants = isDeliverBy(text), "seconds, a semicolon and R or N, with T behind it for a trace: 120;R"
	case KindSeconds:
		ok, wants = isSeconds(text), "a number of seconds of up to 9 digits, and not 0"
	case KindDateTime:
		ok, wants = isDateTime(text), "a date and time such as 2030-01-02T03:04:05Z"
	case KindDateTimeMode:
		date, mode, moded := strings.Cut(text, ";")
		ok = isDateTime(date) && (!moded || containsFold([]string{"C", "R"}, mode))
		wants = "a date and time such as 2030-01-02T03:04:05Z, and perhaps ;C or ;R"
	case KindPriority:
		ok, wants = isPriority(text), "a number from -9 to 9, without a plus sign"
	case KindCertifier:
		ok, wants = isCertifier(text), "a certifier in base64, and perhaps a colon and seconds"
	case KindSolicitation:
		ok, wants = isSolicitation(text), "names of classes with commas between them: org.example:ADV"
	case KindTransaction:
		ok, wants = isTransaction(text), "an identifier in angle brackets: <12345@example.org>"
	default: // valueFault knows the others
	}
	if ok {
		return ""
	}
	return row.Name + " takes " + wants
}

// isDeliverBy reports by-value (RFC 2852 §4). A time that is not positive
// makes no sense with the mode R, and the RFC forbids it.
func isDeliverBy(s string) bool {
	seconds, mode, ok := strings.Cut(s, ";")
	digits := strings.TrimLeft(seconds, "+-")
	if !ok || len(seconds)-len(digits) > 1 || !isDigits(digits) || len(digits) > 9 {
		return false
	}
	mode = strings.TrimSuffix(strings.ToUpper(mode), "T")
	late := seconds[0] == '-' || strings.Trim(digits, "0") == ""
	return mode == "N" || mode == "R" && !late
}

// isSeconds reports future-release-integer (RFC 4865 §3).
func isSeconds(s string) bool { return isDigits(s) && len(s) <= 9 && s[0] != '0' }

// isDateTime reports date-time (RFC 3339 §5.6), in which letters have no case.
// Each number has its two digits, which time.Parse does not insist on.
func isDateTime(s string) bool {
	s = strings.ToUpper(s)
	if len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || s[16] != ':' || strings.Contains(s, ",") {
		return false
	}
	if zone := s[len(s)-1]; zone != 'Z' && (len(s) < 25 || s[len(s)-3] != ':') {
		return false
	}
	if zone := s[len(s)-1]; zone != 'Z' && (s[len(s)-5:len(s)-3] > "23" || s[len(s)-2:] > "59") { // RFC 3339 §5.6: time-hour, time-minute
		return false
	}
	if s[17:19] == "60" { // a leap second is a time (RFC 3339 §5.6)
		s = s[:17] + "59" + s[19:]
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

// isPriority reports priority-value (RFC 6710 §6).
func isPriority(s string) bool {
	digit := strings.TrimPrefix(s, "-")
	return s == "0" || len(digit) == 1 && digit[0] >= '1' && digit[0] <= '9'
}

// isCertifier reports mtrk-certifier [":" mtrk-timeout] (RFC 3885 §4.1). The
// padding is left out, for a value has no "=".
func isCertifier(s string) bool {
	certifier, timeout, timed := strings.Cut(s, ":")
	for i := range len(certifier) {
		if !isLetDig(certifier[i]) && certifier[i] != '+' && certifier[i] != '/' {
			return false
		}
	}
	return certifier != "" && (!timed || isDigits(timeout) && len(timeout) <= 9)
}

// isSolicitation reports solicitation-keywords (RFC 3865 §2.1).
func isSolicitation(s string) bool {
	for word := range strings.SplitSeq(s, ",") {
		if word == "" || !isLetDig(word[0]) || word[0] <= '9' {
			return false
		}
		for i := range len(word) {
			if !isLetDig(word[i]) && strings.IndexByte(".-_:", word[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// isTransaction reports transid-value (RFC 1845 §2): tokens of atoms on both
// sides of "@", in angle brackets.
func isTransaction(s string) bool {
	inner := strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	local, domain, ok := strings.Cut(inner, "@")
	return ok && len(s)-len(inner) == 2 && isTransactionToken(local) && isTransactionToken(domain)
}

// isTransactionToken reports transid-token: atoms with dots between them, of
// printable ASCII without the tspecials of MIME.
func isTransactionToken(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		for i := range len(atom) {
			if atom[i] <= ' ' || atom[i] > '~' || strings.IndexByte(`()<>@,;:\"/[]?=`, atom[i]) >= 0 {
				return false
			}
		}
		if atom == "" {
			return false
		}
	}
	return true
}
