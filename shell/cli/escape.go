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

// writeJSON writes one object and a line end. "<" stays "<": this is read by
// people too, and is no HTML.
func writeJSON(out io.Writer, object any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}
