package trace

import (
	"bytes"
	"fmt"
	"strings"
)

// pythonLogins are the statements of a login by smtplib.
var pythonLogins = map[string]string{
	"PLAIN":    `s.auth("PLAIN", s.auth_plain)`,
	"LOGIN":    `s.auth("LOGIN", s.auth_login)`,
	"CRAM-MD5": `s.auth("CRAM-MD5", s.auth_cram_md5)`,
	"XOAUTH2":  `s.auth("XOAUTH2", lambda challenge=None: "" if challenge else "user=%s\1auth=Bearer %s\1\1" % (s.user, s.password))`,
}

// quotedOctets is octets between double quotes, with the escapes that Python
// and Go both have for bytes: all but printable ASCII is \xNN.
func quotedOctets(octets []byte) string {
	b := []byte{'"'}
	for _, c := range octets {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c < ' ' || c > '~':
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// literal is octets as the lines of an expression: each with what stands
// before it and between it and the next.
func literal(octets []byte, before, between string) string {
	if len(octets) == 0 {
		return before + `""`
	}
	var lines []string
	for line := range bytes.Lines(octets) {
		lines = append(lines, before+quotedOctets(line))
	}
	return strings.Join(lines, between+"\n")
}

// content is what goes out as the message.
func (d *draft) content() []byte {
	if d.Verb == "DATA" {
		return stuffed(d.Message)
	}
	return d.Message
}

// opens is the command that the message goes behind.
func (d *draft) opens() string {
	if d.Verb == "BDAT" {
		return fmt.Sprintf("BDAT %d LAST", len(d.Message))
	}
	return d.Verb
}

// pythonText is a name as a string of Python.
func pythonText(text string) string {
	quoted := quotedOctets([]byte(text))
	if strings.Contains(quoted, `\x`) {
		return "b" + quoted + ".decode(\"utf-8\", \"surrogateescape\")"
	}
	return quoted
}

const pythonHead = `import os, smtplib, ssl, sys

def reply():
    code, text = s.getreply()
    print("<", code, ascii(text.decode("utf-8", "backslashreplace")))
    return code

def do(line):
    print(">", ascii(line.decode("utf-8", "backslashreplace")))
    s.send(line + b"\r\n")
    return reply()

def end(status):
    do(b"QUIT")
    s.close()
    sys.exit(status)

`

func (d *draft) python() error {
	d.before = "#!/usr/bin/env python3\n# coding: utf-8\n" // PEP 263: else a comment in the second line could name another
	d.text.WriteString(pythonHead)
	class, arguments := "SMTP", ""
	if d.Security != InClear {
		d.add("tls = ssl.create_default_context()\n")
		if !d.Verified {
			d.add("tls.check_hostname = False\ntls.verify_mode = ssl.CERT_NONE\n")
		}
	}
	switch {
	case d.Security == FromStart:
		class, arguments = "SMTP_SSL", ", context=tls"
	case d.LMTP:
		class = "LMTP"
	}
	name := ""
	if d.client() != "" {
		name = ", local_hostname=" + pythonText(d.client())
	}
	d.add("s = smtplib.%s(%s, %s%s%s)\n", class, pythonText(d.Host), d.Port, name, arguments)
	if d.Security == ByStartTLS {
		d.add("s.starttls(context=tls)\n") // it says EHLO by itself
	}
	if d.Greeting != "" {
		d.add("do(b%s)\n", quotedOctets([]byte(d.Greeting)))
	}
	if login := d.login(); login != "" {
		d.add("s.user, s.password = os.environ[\"SMTP_USER\"], os.environ[\"SMTP_PASSWORD\"]\n%s\n", login)
	}
	d.add("if do(b%s) >= 400:\n    end(1)\n", quotedOctets([]byte(d.Mail)))
	if len(d.Rcpts) > 0 {
		d.add("taken = 0\nfor line in [\n")
		for _, r := range d.Rcpts {
			d.add("    b%s,\n", quotedOctets([]byte(r.Line)))
		}
		d.add("]:\n    if do(line) < 400:\n        taken += 1\nif not taken:\n    end(1)\n")
	}
	d.pythonMessage()
	return nil
}

func (d *draft) pythonMessage() {
	if d.Verb == "" {
		d.add("end(0)\n")
		return
	}
	d.add("message = (\n%s\n)\n", literal(d.content(), "    b", ""))
	if d.Verb == "DATA" {
		d.add("if do(b\"DATA\") != 354:\n    end(1)\ns.send(message)\n")
	} else {
		d.add("s.send(b%s + message)\n", quotedOctets([]byte(d.opens()+"\r\n")))
	}
	d.add("codes = [reply() for _ in range(%s)]\nend(0 if max(codes, default=0) < 400 else 1)\n", d.replies())
}
