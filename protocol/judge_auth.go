package protocol

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isMechanism reports a mechanism's name (RFC 4422 §3.1). Servers and clients
// take lower case, for RFC 4954 §4 compares without case.
func isMechanism(s string) bool {
	for i := range len(s) {
		if !isLetDig(s[i]) && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 20
}

// mechanism judges what AUTH names, and finds the name in what is written
// otherwise: "CRAM MD5", "PLAIN:", "PLAIN=AGEAYg==".
func (v *verdict) mechanism(word, rest Span) {
	text := word.Of(v.line)
	if known(text) {
		return
	}
	if next := skipSpace(v.line, word.End); next < rest.End && FindVerb(text) == v.c.Verb && known(v.line[next:min(wordEnd(v.line, next), rest.End)]) { // "AUTH AUTH PLAIN"
		v.say("verb-punctuation", word, quoted(text), v.c.Verb.Name)
		v.fix(Span{word.Start, next}, "")
		v.stop = true
		return
	}
	if joined, end := v.joinedMechanism(rest); joined != "" {
		v.say("mechanism-form", Span{word.Start, end})
		v.fix(Span{word.Start, end}, joined)
		v.stop = true
		return
	}
	if isMechanism(text) {
		if near := Nearest(text, Mechanisms); near != "" && word.End == rest.End {
			v.say("mechanism-near", word, near)
			v.fix(word, like(near, text))
		}
		return
	}
	v.say("mechanism-form", word)
	v.stop = true // what follows is judged with the fix
	meant := strings.Trim(text, ":;,.=\"'<>()[]")
	switch i := strings.IndexAny(text, "=:,;/"); {
	case i > 0 && i+1 < len(text) && known(text[:i]):
		v.fix(Span{word.Start + i, word.Start + i + 1}, " ")
	case isPlainResponse(text):
		v.fix(Span{word.Start, word.Start}, like("PLAIN ", v.c.Name.Of(v.line)))
	case isMechanism(meant) && (known(meant) || !isBase64(text)):
		v.fix(word, meant)
	default:
		v.noFix()
	}
}

func known(mechanism string) bool { return containsFold(Mechanisms, mechanism) }

// joinedMechanism is the name that the first words of rest make together, and
// where they end.
func (v *verdict) joinedMechanism(rest Span) (name string, end int) {
	const words = 4 // SCRAM SHA 256 PLUS
	joined := ""
	for at, n := rest.Start, 0; at < rest.End && n < words; n++ {
		stop := min(wordEnd(v.line, at), rest.End)
		if joined += v.line[at:stop]; n > 0 && known(joined) {
			name, end = joined, stop
		}
		joined += "-"
		at = skipSpace(v.line, stop)
	}
	return name, end
}

// initialResponse judges what stands behind the mechanism: base64, or "=" for
// an empty response (RFC 4954 §4).
func (v *verdict) initialResponse(at, rest Span) {
	text := at.Of(v.line)
	mechanism := strings.ToUpper(v.line[v.c.Args.Start:wordEnd(v.line, v.c.Args.Start)])
	words := strings.Fields(rest.Of(v.line))
	good := text == "=" || isBase64(text)
	if joined := strings.Join(words, ""); len(words) > 1 && mechanism == "PLAIN" && isPlainResponse(joined) { // cut in two
		v.say("base64-form", at)
		v.stop = true
		v.fix(rest, joined)
		return
	}
	if good && len(words) == 1 {
		if mechanism == "PLAIN" && !isPlainResponse(text) {
			v.say("plain-form", at)
		}
		return
	}
	if good && (mechanism != "LOGIN" && mechanism != "PLAIN" || strings.Contains(decoded(text), "\x00")) {
		return // that nothing follows it is said of all arguments
	}
	v.say("base64-form", at)
	v.stop = true
	before := Span{v.c.Args.Start + len(mechanism), rest.End}
	switch response := meantResponse(mechanism, words); {
	case known(words[0]): // copied from the reply to EHLO
		v.fix(before, "")
	case response != "":
		v.fix(rest, response)
	case len(words) > 1: // the server will ask for it
		v.fix(before, "")
	default:
		v.noFix()
	}
}

// meantResponse is the response that the words are meant to make, in base64;
// "" where that cannot be told.
func meantResponse(mechanism string, words []string) string {
	text := words[0]
	if inner := strings.Trim(text, "\"'<>()[]`,;"); len(words) == 1 && (mechanism == "PLAIN" && isPlainResponse(inner) || mechanism != "LOGIN" && mechanism != "PLAIN" && isBase64(inner)) {
		return inner
	}
	if n := len(text) - 1; n > 1 && (text[0] == text[n] && (text[0] == '"' || text[0] == '\'') || text[0] == '<' && text[n] == '>') {
		text = text[1:n]
	}
	if len(words) == 1 {
		padded := strings.TrimRight(text, "=")
		padded += "==="[:(4-len(padded)%4)%4]
		raw, err := base64.StdEncoding.Strict().DecodeString(padded)
		if err == nil && padded != "" && (mechanism != "LOGIN" || isText(string(raw))) {
			return padded
		}
	}
	switch {
	case mechanism == "LOGIN" && len(words) == 2 && isText(decoded(text)): // the password is asked for
		return text
	case mechanism == "LOGIN" && len(words) == 1: // the user's name
		return base64.StdEncoding.EncodeToString([]byte(text))
	case mechanism == "PLAIN" && len(words) == 1 && strings.Count(text, `\0`) == 2: // as documents write NUL
		return base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(text, `\0`, "\x00")))
	case mechanism == "PLAIN" && len(words) == 2: // RFC 4616 §2: [authzid] NUL authcid NUL passwd
		return base64.StdEncoding.EncodeToString([]byte("\x00" + words[0] + "\x00" + words[1]))
	case mechanism == "PLAIN" && len(words) == 3:
		return base64.StdEncoding.EncodeToString([]byte(strings.Join(words, "\x00")))
	}
	return ""
}

// isPlainResponse reports the base64 of what PLAIN sends: [authzid] NUL authcid
// NUL passwd (RFC 4616 §2).
func isPlainResponse(s string) bool { return strings.Count(decoded(s), "\x00") == 2 }

// isText reports what a person may have typed.
func isText(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// decoded is what base64 stands for; "" for what is none.
func decoded(s string) string {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(raw)
}

// isBase64 reports base64 as RFC 4954 §8 writes it. Bits that the padding leaves
// over may be anything there.
func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil && s != ""
}

// CheckResponse is the verdict on the answer to a challenge: base64, an empty
// line, or "*", which cancels (RFC 4954 §4).
func CheckResponse(line string) []Diag {
	if line == "" || line == "*" || isBase64(line) {
		return nil
	}
	v := verdict{line: line, c: Command{Raw: line, Verb: FindVerb("AUTH")}}
	if v.octets(); len(v.diags) == 0 {
		v.say("response-form", Span{0, len(line)})
	}
	return v.diags
}
