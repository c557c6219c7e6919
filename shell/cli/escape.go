package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// unescape reads \r \n \t \0 \xNN and \\ as what they stand for.
func unescape(text string) (string, error) {
	if !strings.Contains(text, `\`) {
		return text, nil
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		if i == len(text) {
			return "", fmt.Errorf("%q ends in a lone backslash", text)
		}
		switch text[i] {
		case 'r':
			b.WriteByte('\r')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '0':
			b.WriteByte(0)
		case '\\':
			b.WriteByte('\\')
		case 'x':
			n, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8)
			if err != nil || i+3 > len(text) {
				return "", fmt.Errorf(`%q: \x wants two hexadecimal digits`, text)
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			return "", fmt.Errorf(`%q: unknown escape \%c`, text, text[i])
		}
	}
	return b.String(), nil
}

// wholeEscapes is how many octets of a part of a line can be unescaped before
// the rest of the line is there: an escape at its end, or a CR that may belong
// to the line end, waits.
func wholeEscapes(part []byte) int {
	n := len(part)
	if n > 0 && part[n-1] == '\r' {
		n--
	}
	for i := 0; i < n; i++ {
		if part[i] != '\\' {
			continue
		}
		size := len(`\n`)
		if i+1 < n && part[i+1] == 'x' {
			size = len(`\xNN`)
		}
		if i+size > n {
			return i
		}
		i += size - 1
	}
	return n
}

// writeJSON writes one object and a line end. "<" stays "<": this is read by
// people too, and is no HTML.
func writeJSON(out io.Writer, object any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}
