package trace

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ShellWord is text as one word of a POSIX shell, whatever it holds; NUL
// alone has no place in one, and ends it.
func ShellWord(text string) string {
	text, _, _ = strings.Cut(text, "\x00")
	switch {
	case text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-") == "":
		return text
	case printable(text):
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return `"$(printf ` + shellFormat([]byte(text)) + `)"`
}

// shellFormat is octets as the format of printf, in single quotes: nothing in
// it but letters, digits and a few marks stands for itself, and it is no
// option either.
func shellFormat(octets []byte) string {
	b := []byte{'\''}
	for _, c := range octets {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(" .,:;@<>()=_+/", c) >= 0:
			b = append(b, c)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, fmt.Sprintf(`\%03o`, c)...)
		}
	}
	return string(append(b, '\''))
}

// printable reports text that can stand in a script as it is.
func printable(text string) bool {
	for _, r := range text {
		if r == utf8.RuneError || r != ' ' && !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}

// shellPrint is commands that print octets, indented: lines as they read where
// that can be, and the rest octet by octet.
func shellPrint(octets []byte) string {
	var b strings.Builder
	group := false
	for line := range bytes.Lines(octets) {
		text, whole := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case whole && printable(string(text)) && group:
			b.WriteString(" \\\n    " + quoteAlways(string(text)))
		case whole && printable(string(text)):
			b.WriteString("  printf '%s\\r\\n' " + quoteAlways(string(text)))
			group = true
		default:
			if group {
				b.WriteString("\n")
			}
			b.WriteString("  printf " + shellFormat(line) + "\n")
			group = false
		}
	}
	if group {
		b.WriteString("\n")
	}
	return b.String()
}

func quoteAlways(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// address is host and port, as the tools take it.
func (d *draft) address() string { return net.JoinHostPort(d.Host, d.Port) }

// option adds an argument on a line of its own.
func (d *draft) option(words ...string) {
	d.add(" \\\n  %s", strings.Join(words, " "))
}

// swaksLogins are the mechanisms of swaks, by their names there.
var swaksLogins = map[string]string{"PLAIN": "PLAIN", "LOGIN": "LOGIN", "CRAM-MD5": "CRAM-MD5", "DIGEST-MD5": "DIGEST-MD5", "NTLM": "NTLM"}

func (d *draft) swaks() error {
	from, _ := path(d.Mail)
	if from == "" {
		from = "<>"
	}
	for _, to := range append(d.recipients(), from) {
		if strings.Contains(to, ",") {
			return fmt.Errorf("%w: a comma in <%s> would part two recipients", ErrNotWith, to)
		}
	}
	if d.Verb != "" {
		d.add("{\n%s} | ", shellPrint(stuffed(d.Message)))
	}
	d.add("swaks --server %s --port %s", ShellWord(d.Host), ShellWord(d.Port))
	if protocol := d.swaksProtocol(); protocol != "" {
		d.option("--protocol", protocol)
	}
	if name := d.client(); name != "" {
		d.option("--ehlo=" + ShellWord(name))
	}
	switch d.Security {
	case ByStartTLS:
		d.option("--tls")
	case FromStart:
		d.option("--tls-on-connect")
	case InClear:
	}
	if d.Verified {
		d.option("--tls-verify", "--tls-sni", ShellWord(d.TLSName))
	}
	if login := d.login(); login != "" {
		d.option("--auth", login, `--auth-user="$SMTP_USER"`, `--auth-password="$SMTP_PASSWORD"`, "--auth-hide-password")
	}
	d.option("--from=" + ShellWord(from))
	if len(d.Rcpts) > 0 {
		d.option("--to=" + ShellWord(strings.Join(d.recipients(), ",")))
	}
	switch {
	case d.Verb != "":
		d.option("--no-data-fixup", "--data", "-")
	case len(d.Rcpts) == 0:
		d.option("--to=nobody@invalid", "--quit-after", "MAIL")
	default:
		d.option("--quit-after", "RCPT")
	}
	d.add("\n")
	return nil
}

func (d *draft) swaksProtocol() string {
	switch {
	case d.LMTP:
		return "LMTP"
	case strings.HasPrefix(strings.ToUpper(d.Greeting), "HELO"):
		return "SMTP"
	}
	return ""
}

// curlLogins are the mechanisms of curl, by what --login-options takes.
var curlLogins = map[string]string{"PLAIN": "PLAIN", "LOGIN": "LOGIN", "CRAM-MD5": "CRAM-MD5", "SCRAM-SHA-1": "SCRAM-SHA-1", "SCRAM-SHA-256": "SCRAM-SHA-256",
	"DIGEST-MD5": "DIGEST-MD5", "NTLM": "NTLM", "XOAUTH2": "XOAUTH2", "OAUTHBEARER": "OAUTHBEARER"}

func (d *draft) curl() error {
	switch {
	case d.LMTP:
		return fmt.Errorf("%w: it does not speak LMTP", ErrNotWith)
	case d.Verb == "":
		return fmt.Errorf("%w: it cannot end before the message, and the session sent none", ErrNotWith)
	case len(d.Rcpts) == 0:
		return fmt.Errorf("%w: it needs a recipient, and the session named none", ErrNotWith)
	}
	if !printable(strings.Join(d.lines(), "")) || strings.ContainsFunc(strings.Join(d.lines(), ""), func(r rune) bool { return r > '~' }) {
		d.note("curl writes a domain that is not ASCII in its ASCII form.")
	}
	scheme := "smtp"
	if d.Security == FromStart {
		scheme = "smtps"
	}
	d.add("{\n%s} | curl --url %s", shellPrint(d.Message), ShellWord(scheme+"://"+d.address()+"/"+urlPath(d.client())))
	if strings.Contains(d.Host, ":") {
		d.option("--globoff")
	}
	if d.Security == ByStartTLS {
		d.option("--ssl-reqd")
	}
	if d.Security != InClear && !d.Verified {
		d.option("--insecure")
	}
	if login := d.login(); login != "" {
		user := `--user "$SMTP_USER:$SMTP_PASSWORD"`
		if login == "XOAUTH2" || login == "OAUTHBEARER" {
			user = `--user "$SMTP_USER:" --oauth2-bearer "$SMTP_PASSWORD"`
		}
		d.option("--login-options", "AUTH="+login, user)
	}
	from, _ := path(d.Mail)
	d.option("--mail-from", ShellWord(from))
	for _, to := range d.recipients() {
		d.option("--mail-rcpt", ShellWord(to))
	}
	if d.refused() > 0 {
		d.option("--mail-rcpt-allowfails")
	}
	d.option("--upload-file", "-", "--verbose")
	d.add("\n")
	return nil
}

// urlPath is a name as part of a URL.
func urlPath(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
