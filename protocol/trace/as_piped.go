package trace

import (
	"fmt"
	"strings"
)

// pipedLogins are shell commands that print what a login sends.
var pipedLogins = map[string]string{
	"PLAIN": `  printf 'AUTH PLAIN %s\r\n' "$(printf '\000%s\000%s' "$SMTP_USER" "$SMTP_PASSWORD" | base64 | tr -d '\n')"; pause
`,
	"LOGIN": `  printf 'AUTH LOGIN\r\n'; pause
  printf '%s\r\n' "$(printf %s "$SMTP_USER" | base64 | tr -d '\n')"; pause
  printf '%s\r\n' "$(printf %s "$SMTP_PASSWORD" | base64 | tr -d '\n')"; pause
`,
	"XOAUTH2": `  printf 'AUTH XOAUTH2 %s\r\n' "$(printf 'user=%s\001auth=Bearer %s\001\001' "$SMTP_USER" "$SMTP_PASSWORD" | base64 | tr -d '\n')"; pause
`,
	"OAUTHBEARER": `  printf 'AUTH OAUTHBEARER %s\r\n' "$(printf 'n,a=%s,\001auth=Bearer %s\001\001' "$SMTP_USER" "$SMTP_PASSWORD" | base64 | tr -d '\n')"; pause
`,
}

// openssl is the lines of the session, piped into s_client. Its letters that
// are commands (R, Q, k) must be off: RCPT begins with one.
func (d *draft) openssl() error {
	starttls := ""
	switch {
	case d.Security == FromStart:
	case d.LMTP:
		starttls = " -starttls lmtp"
	default:
		starttls = " -starttls smtp"
		if name := d.client(); name != "" {
			starttls += " -name " + ShellWord(name)
		}
	}
	if d.Security == InClear {
		d.note("The session was in clear, and openssl speaks TLS only: this says STARTTLS first.")
	}
	verify := ""
	if d.Verified {
		verify = " -verify_return_error -verify_hostname " + ShellWord(d.TLSName) + " -servername " + ShellWord(d.TLSName)
	}
	d.piped()
	d.add("openssl s_client -quiet -connect %s%s%s\n", ShellWord(d.address()), starttls, verify)
	return nil
}

func (d *draft) telnet() error {
	if d.Security != InClear {
		return fmt.Errorf("%w: it does not speak TLS, and the session was under it; openssl does", ErrNotWith)
	}
	d.note("Piped, telnet may alter octets above 127; nc in its place does not.")
	d.piped()
	d.add("telnet %s %s\n", ShellWord(d.Host), ShellWord(d.Port))
	return nil
}

// piped is the lines as they were sent, one after the other. Nothing reads the
// replies, so each is given some time.
func (d *draft) piped() {
	d.note("Each line waits SMTP_PAUSE seconds, 1 where that is not set: nothing here reads the replies.")
	d.add("pause() { sleep \"${SMTP_PAUSE:-1}\"; }\n{\n  pause\n")
	line := func(text string) { d.add("%s", strings.TrimSuffix(shellPrint([]byte(text+"\r\n")), "\n")+"; pause\n") }
	if d.Greeting != "" {
		line(d.Greeting)
	}
	d.add("%s", d.login())
	for _, text := range d.lines() {
		line(text)
	}
	switch d.Verb {
	case "DATA":
		line("DATA")
		d.add("%s  pause\n", shellPrint(stuffed(d.Message)))
	case "BDAT":
		d.add("%s%s  pause\n", shellPrint(fmt.Appendf(nil, "BDAT %d LAST\r\n", len(d.Message))), shellPrint(d.Message))
	}
	line("QUIT")
	d.add("} | ")
}
