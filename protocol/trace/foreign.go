package trace

import (
	"strings"

	"smtpsh/protocol"
)

// foreign is a row of the table of protocols that are met where SMTP was
// expected, by what their servers say first.
type foreign struct{ prefix, name, hint string }

var foreigners = []foreign{
	{"SSH-", "SSH", ""},
	{"HTTP/", "HTTP", ""},
	{"<html", "HTTP", ""},
	{"<!DOCTYPE", "HTTP", ""},
	{"* OK", "IMAP", ""},
	{"* PREAUTH", "IMAP", ""},
	{"+OK", "POP3", ""},
	{"-ERR", "POP3", ""},
	{"RFB ", "VNC", ""},
	{"\x15\x03", "TLS", "Port 465 speaks it from the start: smtps://HOST or \":set tls implicit\"."},
	{"\x16\x03", "TLS", "Port 465 speaks it from the start: smtps://HOST or \":set tls implicit\"."},
}

// ForeignText names the protocol that a server speaks when its first words
// are not SMTP; "" where they are, or are nothing known.
func ForeignText(r protocol.Reply) string {
	if r.Code != 0 {
		return ""
	}
	for _, f := range foreigners {
		if strings.HasPrefix(strings.ToLower(string(r.Raw)), strings.ToLower(f.prefix)) {
			return strings.TrimSpace("This is no SMTP server: it speaks " + f.name + ". " + f.hint)
		}
	}
	return ""
}
