package protocol

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Credential finds the credential that a command line carries: the initial
// response of an AUTH (RFC 4954 §4), that of a line which would be an AUTH if
// it were typed right, and what gives itself away as the response of a
// mechanism wherever it stands. Where in doubt it is one: to hide a word too
// many does less harm than to show a password. All behind it is part of it.
func Credential(line string) (at Span, ok bool) { return credentialIn(line, Check) }

// credentialIn is Credential where the advice on the line is at hand.
func credentialIn(line string, advice func(Command) []Diag) (at Span, ok bool) {
	c := Parse(line)
	start := len(line)
	switch {
	case c.Is("AUTH"):
		start = behindMechanism(line, c.Args.Start)
	case c.Verb == nil:
		if start = min(mistypedAuth(c), bareAnswer(c), brokenAuth(line)); start == len(line) {
			start = correctedAuth(c, advice(c))
		}
	}
	start = min(start, response(line), PasswordInURL(line))
	if rest := strings.TrimSpace(line[start:]); rest == "" || rest == "=" { // "=" is an empty response
		return Span{}, false
	}
	return Span{start, len(line)}, true
}

// between is what may stand between an AUTH, its mechanism and a response
// when they are mistyped.
const between = " \t-_.:=,;"

// behindMechanism is where the credential of an AUTH begins whose arguments
// are at i: behind the mechanism, or at once where none is to be seen.
func behindMechanism(line string, i int) int {
	end := wordEnd(line, i)
	word := line[i:end]
	if !likeMechanism(word) {
		word = ""
		for _, name := range Mechanisms {
			if hasPrefixFold(line[i:], name) && len(name) > len(word) {
				word = name
			}
		}
		end = i + len(word)
		if word == "" {
			return end
		}
	}
	rest := strings.TrimLeft(line[end:], between)
	if rest == "" && strings.TrimSpace(line[end:]) == "=" {
		rest = "="
	}
	return len(line) - len(rest)
}

// likeMechanism reports a name of a mechanism (RFC 4422 §3.1) that is known,
// or that no base64 looks like: in letters of one case only, or with hyphens.
func likeMechanism(word string) bool {
	switch {
	case known(word):
		return true
	case !isMechanism(word), word != strings.ToUpper(word) && word != strings.ToLower(word):
		return false
	}
	return strings.ContainsAny(word, "-_") || !strings.ContainsAny(word, "0123456789")
}

// mistypedAuth is where the credential begins in a line whose first word is
// near to AUTH, runs on behind it, or is what other protocols have in its
// place.
func mistypedAuth(c Command) int {
	line, word := c.Raw, c.Name.Of(c.Raw)
	from := c.Name.End - len(strings.TrimLeftFunc(word, notLetter))
	letters := from
	for letters < c.Name.End && !notLetter(rune(line[letters])) {
		letters++
	}
	switch head := line[from:letters]; {
	case known(word):
		return c.Args.Start // a mechanism without its AUTH; LOGIN is IMAP's word too
	case strings.EqualFold(head, "PASS"), strings.EqualFold(head, "PASSWORD"):
		return len(line) - len(strings.TrimLeft(line[letters:], between))
	case hasPrefixFold(head, "AUTH"):
		return behindMechanism(line, len(line)-len(strings.TrimLeft(line[from+len("AUTH"):], between)))
	case nearestVerb(head) == FindVerb("AUTH"):
		return behindMechanism(line, len(line)-len(strings.TrimLeft(line[letters:], between)))
	}
	return len(line)
}

// brokenAuth is where the credential begins in a line whose AUTH fell apart, so
// that a mechanism is behind one letter or a few: "A TH LOGIN …", "A U T H …".
func brokenAuth(line string) int {
	i := skipSpace(line, 0)
	for range len("AUTH") {
		if i = nextWord(line, i); i < len(line) && known(line[i:wordEnd(line, i)]) {
			return behindMechanism(line, i)
		}
	}
	return len(line)
}

func notLetter(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }

// correctedAuth is where the credential begins in a line that the advice makes
// an AUTH of, with the credential in it or left out.
func correctedAuth(c Command, advice []Diag) int {
	for _, d := range advice {
		fixed := Parse(d.Fix)
		if fixed.Is("AUTH") && (behindMechanism(d.Fix, fixed.Args.Start) < len(d.Fix) || len(strings.Fields(c.Raw)) > len(strings.Fields(d.Fix))) {
			return behindMechanism(c.Raw, c.Args.Start)
		}
	}
	return len(c.Raw)
}

// bareAnswer is where a line begins that is one word, no verb, and the base64
// of some text: the answer to a challenge that never came.
func bareAnswer(c Command) int {
	word := c.Name.Of(c.Raw)
	if octets, err := base64.StdEncoding.DecodeString(word); err == nil && c.Args.Empty() && len(octets) > 2 && isText(string(octets)) && nearestVerb(word) == nil {
		return c.Name.Start
	}
	return len(c.Raw)
}

// response is where a word begins that is the response of a mechanism to see.
func response(line string) int {
	const shortest = 8
	for i := 0; i < len(line); i = nextWord(line, i) {
		word := line[i:wordEnd(line, i)]
		end := i + len(strings.TrimRightFunc(word, notBase64))
		start := i + 1 + strings.LastIndexFunc(line[i:end], notBase64)
		if end-start >= shortest && isResponse(line[start:end]) {
			return start
		}
	}
	return len(line)
}

func notBase64(r rune) bool {
	return notLetter(r) && (r < '0' || r > '9') && r != '+' && r != '/'
}

// isResponse reports unpadded base64 of what PLAIN (RFC 4616 §2), the two
// mechanisms with tokens (RFC 7628 §3.1), SCRAM (RFC 5802 §7), DIGEST-MD5 (RFC
// 2831 §2.1.2) or CRAM-MD5 (RFC 2195 §2) answer.
func isResponse(word string) bool {
	octets, err := base64.RawStdEncoding.DecodeString(word)
	if err != nil || !utf8.Valid(octets) {
		return false
	}
	text := string(octets)
	last := text[strings.LastIndexByte(text, ' ')+1:]
	const md5Hex = 32
	switch {
	case strings.Count(text, "\x00") == 2:
		return isText(strings.ReplaceAll(text, "\x00", ""))
	case strings.Contains(text, "auth=Bearer "):
	case strings.HasPrefix(text, "c=") && strings.Contains(text, ",p="):
	case strings.Contains(text, "response=") && strings.Contains(text, "nonce="):
	case len(last) == md5Hex && len(last) < len(text) && strings.Trim(last, "0123456789abcdef") == "":
	default:
		return false
	}
	return true
}

// PasswordInURL is where the password begins in "smtp://joe:password@host",
// and the length of the text for none. RFC 3986 §3.2.1 gave that form up, and
// people write it all the same.
func PasswordInURL(text string) int {
	before, rest, ok := strings.Cut(text, "://")
	authority := rest[:len(rest)-len(strings.TrimLeft(rest, "/"))]
	rest = rest[len(authority):]
	if user, _, _ := strings.Cut(rest, " "); ok && strings.Contains(user, "@") {
		if name, _, both := strings.Cut(user[:strings.LastIndexByte(user, '@')], ":"); both {
			return len(before) + len("://") + len(authority) + len(name) + 1
		}
	}
	return len(text)
}
