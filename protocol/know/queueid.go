package know

import (
	"strings"

	"smtpsh/protocol"
)

// QueueID finds the name under which a server keeps the message that it has
// just taken, in the text of the 250 behind the message. Each server writes it
// in its own way, and it is what an administrator looks for in the log.
func QueueID(text string) (id string, ok bool) {
	_, rest, _ := protocol.CutEnhanced(text)
	rest = strings.TrimSpace(rest)
	lower := strings.ToLower(rest)
	switch {
	case strings.Contains(lower, "queued as "): // Postfix: "Ok: queued as 4ABC"
		_, after, _ := cutFold(rest, "queued as ")
		id = word(after)
	case strings.Contains(lower, "queued on "): // Yandex: "Ok: queued on host as 1589-abc"
		_, after, _ := cutFold(rest, "queued on ")
		if _, after, ok = strings.Cut(after, " as "); ok {
			id = word(after)
		}
	case strings.Contains(lower, "message queued ("): // Haraka: "Message Queued (0E6A-1)"
		_, after, _ := cutFold(rest, "queued (")
		id = word(after)
	case strings.Contains(lower, " queued mail for delivery"): // Exchange: "<id> [InternalId=n, Hostname=h] Queued mail for delivery"
		id = word(rest)
	case strings.Contains(lower, "ok id="): // Exim: "OK id=1xVFex-00075N-1r"
		_, after, _ := cutFold(rest, "ok id=")
		id = word(after)
	case strings.Contains(lower, " message accepted for delivery"), // Sendmail and OpenSMTPD
		strings.Contains(lower, " mail accepted for delivery"):
		id = word(rest)
	case strings.HasSuffix(lower, " - gsmtp"): // Gmail: "OK  1234567890 abc-def.12 - gsmtp"
		if fields := strings.Fields(rest); len(fields) == 5 {
			id = fields[2]
		}
	case strings.HasSuffix(lower, " saved") && strings.HasPrefix(rest, "<"): // Dovecot: "<rcpt> id Saved"
		if fields := strings.Fields(rest); len(fields) == 3 {
			id = fields[1]
		}
	default:
		if id = generic(rest); id == "" {
			id = lone(rest)
		}
	}
	if !isQueueID(id) {
		return "", false
	}
	return id, true
}

// cutFold cuts text around sep, in any case of ASCII letters.
func cutFold(text, sep string) (before, after string, ok bool) {
	for i := 0; i+len(sep) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(sep)], sep) {
			return text[:i], text[i+len(sep):], true
		}
	}
	return text, "", false
}

// word is the first word of text, without what encloses or ends it.
func word(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		text = text[:i]
	}
	return strings.Trim(text, "<>()[]\"'.,;:")
}

// generic looks for "id=X", "id X", "queue id: X" and their like, which must
// have a digit to be taken for an id.
func generic(text string) string {
	for _, sep := range []string{"queue id", "queueid", "message id", "msg id", "ids", "id"} {
		rest := text
		for {
			before, after, ok := cutFold(rest, sep)
			if !ok {
				break
			}
			rest = after
			starts := before == "" || !isNameByte(before[len(before)-1])
			if !starts || after == "" || isNameByte(after[0]) {
				continue
			}
			if id := word(strings.TrimLeft(after, " =:")); strings.ContainsAny(id, "0123456789") {
				return id
			}
		}
	}
	return ""
}

// lone takes the one word behind "Ok" for an id when it is long and has a
// digit, as Amazon SES writes it.
func lone(text string) string {
	const long = 12
	fields := strings.Fields(text)
	if len(fields) != 2 || !strings.EqualFold(fields[0], "ok") || len(fields[1]) < long || !strings.ContainsAny(fields[1], "0123456789") {
		return ""
	}
	return fields[1]
}

// isQueueID reports what is short, printable and looks like a name: the text
// is the server's, and the id is shown and copied.
func isQueueID(id string) bool {
	if len(id) < 2 || len(id) > 200 {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}
