package practice

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// Mode is how the server plays its part in an exercise about TLS. The zero
// value is ModePlain, in which all is well.
type Mode string

// ModePlain is the mode of a server that does everything right. Its word is
// "plain".
const ModePlain Mode = ""

// ModeRow is a row of the table of modes.
type ModeRow struct {
	Name    string // what one types: "expired"
	Summary string // what the server does

	cert       certificate // which one it shows
	version    uint16      // the only version of TLS that it speaks; 0 for the usual ones
	behind     string      // sent in plaintext right behind the 220 to STARTTLS
	noStartTLS bool        // it does not know STARTTLS
}

// Modes is the table of modes. ModePlain comes first.
var Modes = []ModeRow{
	{Name: "plain", Summary: "all is well, but for a certificate that only the practice CA vouches for"},
	{Name: "expired", Summary: "the certificate ran out some days ago", cert: certExpired},
	{Name: "wrong-name", Summary: "the certificate is another host's", cert: certWrongName},
	{Name: "self-signed", Summary: "the certificate vouches for itself", cert: certSelfSigned},
	{Name: "tls1.0", Summary: "TLS 1.0 and nothing newer, which RFC 8996 gave up", version: tls.VersionTLS10},
	{Name: "injected", Summary: "somebody on the way puts a reply behind the 220 to STARTTLS", behind: "250 injected.example\r\n"},
	{Name: "no-starttls", Summary: "STARTTLS is neither offered nor known", noStartTLS: true},
}

// ParseMode finds a mode by its word, in any case of letters; "" and "plain"
// are ModePlain. Its error lists the words.
func ParseMode(word string) (Mode, error) {
	switch i := findMode(word); i {
	case -1:
		var names []string
		for _, row := range Modes {
			names = append(names, row.Name)
		}
		return ModePlain, fmt.Errorf("practice server: no mode %q; there are %s", word, strings.Join(names, ", "))
	case 0:
		return ModePlain, nil
	default:
		return Mode(Modes[i].Name), nil
	}
}

// findMode is the place of a mode in the table, or -1.
func findMode(word string) int {
	if word == string(ModePlain) {
		return 0
	}
	return slices.IndexFunc(Modes, func(row ModeRow) bool { return strings.EqualFold(row.Name, word) })
}

// SetMode changes how the server treats connections from now on; those that
// are open go on as they began.
func (s *Server) SetMode(m Mode) error {
	if _, err := ParseMode(string(m)); err != nil {
		return err
	}
	s.mode.Store(int32(findMode(string(m)))) //nolint:gosec // the table is short
	return nil
}
