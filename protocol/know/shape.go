package know

import "strings"

// shapeOf is the form of a command line, with a word in lower case for what
// differs from line to line: "Mail from:joe@example.org" has the shape "MAIL
// FROM:addr". Lines of one shape are answered alike as far as the grammar goes.
// Spaces, brackets and the colon are kept as they are, for they are what is
// asked about. It is not ok where no shape is safe: a line with quotes, with
// octets beyond printable ASCII, or longer than what was measured.
func shapeOf(line string) (shape string, ok bool) {
	const longest = 100
	if len(line) > longest || strings.Trim(line, " ") == "" {
		return "", false
	}
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' || line[i] == '"' {
			return "", false
		}
	}
	line = strings.ToUpper(line)
	verb, rest := cutVerb(line)
	switch strings.TrimLeft(verb, " ") {
	case "HELO", "EHLO", "LHLO":
		return verb + nameShape(rest), true
	case "AUTH": // what follows the mechanism is a secret, and was answered as one
		if len(strings.Fields(rest)) > 1 {
			return "", false
		}
		return line, true
	case "RSET", "DATA", "QUIT", "STARTTLS", "NOOP":
		if strings.TrimSpace(rest) != "" {
			return verb + " arg", true
		}
		return line, true
	}
	return addressShape(line), true
}

// cutVerb splits behind the first word; leading spaces stay with it.
func cutVerb(line string) (verb, rest string) {
	start := len(line) - len(strings.TrimLeft(line, " "))
	if i := strings.IndexByte(line[start:], ' '); i >= 0 {
		return line[:start+i], line[start+i:]
	}
	return line, ""
}

// nameShape puts the name behind HELO or EHLO aside when it is a plain domain.
func nameShape(rest string) string {
	name := strings.TrimSpace(rest)
	if isDomain(name) {
		return strings.Replace(rest, name, "name", 1)
	}
	return rest
}

// addressShape puts every plain mailbox aside. What stands in a path without
// a domain is "local".
func addressShape(line string) string {
	path := strings.HasPrefix(line, "MAIL ") || strings.HasPrefix(line, "RCPT ")
	var b strings.Builder
	before := byte(' ')
	for len(line) > 0 {
		n := 0
		for n < len(line) && strings.IndexByte(" <>:,=;", line[n]) < 0 {
			n++
		}
		switch word := line[:n]; {
		case n == 0:
			n = 1
			b.WriteByte(line[0])
		case strings.Contains(word, "@"):
			b.WriteString(mailboxShape(word))
		case path && (before == '<' || before == ':') && isLabels(word) && word != "POSTMASTER":
			b.WriteString("local")
		default:
			b.WriteString(word)
		}
		before = line[n-1]
		line = line[n:]
	}
	return b.String()
}

// mailboxShape is "addr" for the plainest of mailboxes, which no server takes
// offence at: letters, digits, dots and hyphens, and a domain. The faults that
// were measured have shapes of their own; anything else stays as it is.
func mailboxShape(s string) string {
	local, domain, _ := strings.Cut(s, "@")
	rest, twice := strings.CutPrefix(domain, "@")
	dots := strings.Replace(domain, "..", ".", 1)
	hyphen, hyphened := strings.CutPrefix(domain, "-")
	switch {
	case !isLabels(local):
		return s
	case isDomain(domain):
		return "addr"
	case twice && isDomain(rest):
		return "A@@B.C"
	case dots != domain && isDomain(dots):
		return "A@B..C"
	case hyphened && isDomain(hyphen):
		return "A@-B.C"
	}
	return s
}

// isDomain reports two or more plain labels.
func isDomain(s string) bool { return strings.Contains(s, ".") && isLabels(s) }

// isLabels reports labels of letters, digits and hyphens with dots between.
func isLabels(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}
