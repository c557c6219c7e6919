package shell

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/sasl"
	"smtpsh/shell/view"
)

// secretSettings is what the auth options say: where a secret comes from,
// never the secret itself, for a value of an option shows in a process list,
// in a shell's history and on the screen.
type secretSettings struct {
	user    string
	acts    string // the authorization identity; "" for the user's own
	binding string // the channel binding to use; "" for the best
	file    string
	env     string
	command string
	token   bool
	shown   bool
}

// authOptions are the rows of the table of options that concern logging in.
func authOptions() []Option {
	text := func(name, arg, help, otherwise string, at func(*Shell) *string) Option {
		return Option{name, arg, help, nil, true,
			func(sh *Shell) string { return or(*at(sh), otherwise) },
			func(sh *Shell, value string) string {
				if value == unset {
					value = ""
				}
				*at(sh) = value
				return ""
			}}
	}
	file := text("auth-password-file", "FILE", "the password is the first line of FILE", "none", func(sh *Shell) *string { return &sh.secrets.file })
	keep := file.set
	file.set = func(sh *Shell, value string) string { return keep(sh, fileName(value)) }
	return []Option{
		text("auth-user", "NAME", "who :auth logs in as", "asked for", func(sh *Shell) *string { return &sh.secrets.user }),
		text("auth-identity", "NAME", "whom to act for once logged in, where that is somebody else (RFC 4422 §2)", "the user", func(sh *Shell) *string { return &sh.secrets.acts }),
		{"auth-binding", strings.Join(bindingKinds, "|"), "the channel binding that SCRAM-…-PLUS uses", append(slices.Clone(bindingKinds), unset), true,
			func(sh *Shell) string { return or(sh.secrets.binding, "the best that there is") }, setBinding},
		file,
		text("auth-password-env", "NAME", "the password is the value of the environment variable NAME", "none", func(sh *Shell) *string { return &sh.secrets.env }),
		text("auth-password-command", "COMMAND", "the password is the first line that COMMAND prints", "none", func(sh *Shell) *string { return &sh.secrets.command }),
		{"auth-token", "on|off", "log in with an OAuth token in place of a password", []string{"on", "off"}, true,
			func(sh *Shell) string { return onOff(sh.secrets.token) },
			func(sh *Shell, value string) string { return setOnOff("auth-token", &sh.secrets.token, value) }},
		{"show-secrets", "on|off", "show passwords and responses, for debugging", []string{"on", "off"}, true,
			func(sh *Shell) string { return onOff(sh.secrets.shown) }, setShowSecrets},
	}
}

func setBinding(sh *Shell, value string) string {
	switch {
	case value == unset:
		value = ""
	case !slices.Contains(bindingKinds, value):
		return "auth-binding is " + strings.Join(bindingKinds[:len(bindingKinds)-1], ", ") + " or " + bindingKinds[len(bindingKinds)-1]
	}
	sh.secrets.binding = value
	return ""
}

func setOnOff(name string, at *bool, value string) string {
	if value != "on" && value != "off" {
		return name + " is on or off"
	}
	*at = value == "on"
	return ""
}

func setShowSecrets(sh *Shell, value string) string {
	if wrong := setOnOff("show-secrets", &sh.secrets.shown, value); wrong != "" {
		return wrong
	}
	sh.Assist().shown.Store(sh.secrets.shown)
	if sh.secrets.shown {
		sh.note(view.Caution, "Secrets are shown from here on: passwords will stand on the screen and in all that records it.")
	}
	return ""
}

// found is what the options or ~/.netrc have for this server.
type found struct {
	user   string
	secret func(ctx context.Context) (string, error) // nil when there is none
}

// source looks for a user and a secret without asking. A secret is read only
// when it is needed.
func (sh *Shell) source(user string) found {
	f := found{user: or(user, sh.secrets.user)}
	switch {
	case sh.secrets.file != "":
		f.secret = func(context.Context) (string, error) {
			sh.warnReadable(sh.secrets.file, sh.secrets.file)
			return firstLineOf(sh.secrets.file)
		}
	case sh.secrets.env != "":
		f.secret = func(context.Context) (string, error) { return fromEnvironment(sh.secrets.env) }
	case sh.secrets.command != "":
		f.secret = func(ctx context.Context) (string, error) { return outputOf(ctx, sh.secrets.command) }
	default:
		if entry, ok := sh.fromNetrc(f.user); ok {
			f.user = or(f.user, entry.login)
			f.secret = func(context.Context) (string, error) { return entry.password, nil }
		}
	}
	return f
}

// secret is the password or the token.
func (sh *Shell) secret(ctx context.Context, m *sasl.Mechanism, f found) (string, error) {
	if f.secret != nil {
		return f.secret(ctx)
	}
	if m.Token {
		return sh.ask(ctx, "token", sh.hides())
	}
	return sh.ask(ctx, "password", sh.hides())
}

func firstLineOf(name string) (string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return "", errors.New("auth-password-file: " + err.Error())
	}
	return firstLine("auth-password-file: "+name, text)
}

func firstLine(what string, text []byte) (string, error) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return "", errors.New(what + " has no password in its first line")
	}
	return string(line), nil
}

func fromEnvironment(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", errors.New("auth-password-env: there is no environment variable " + name + ", or it is empty")
	}
	return value, nil
}

// outputOf runs a command by the system's shell. What it says on standard
// error tells why it failed; what it prints is the secret, and is not shown.
func outputOf(ctx context.Context, command string) (string, error) {
	name, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		name, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, name, flag, command)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		why := strings.TrimSpace(complaint.String())
		return "", errors.New("auth-password-command: " + err.Error() + ": " + or(why, "it said nothing"))
	}
	return firstLine("what auth-password-command prints", text)
}

func portNumber(port string) int {
	n, _ := strconv.Atoi(port)
	return n
}

// exposed names the advice on a login by this mechanism over the connection
// as it is; "" when there is nothing against it. Trusted says that the user
// has waived, on this connection, that the server is not verified.
func exposed(s protocol.Session, m *sasl.Mechanism, trusted bool) string {
	secured, verified := s.Secured()
	switch {
	case m.NoSecret || s.Via() == "" && isLoopback(s.Address()):
		return ""
	case !secured && m.Reveals:
		return "secret-in-clear"
	case !secured:
		return "secret-guessable"
	case !verified && m.Reveals && !trusted:
		return "secret-unverified"
	case !verified && !m.Reveals && !m.Binds && !trusted:
		return "secret-for-anybody"
	}
	return ""
}

// exposedBy is the advice on a line that carries a credential, or begins a
// login.
func exposedBy(s protocol.Session, c protocol.Command, trusted bool) (protocol.Diag, bool) {
	at, m := c.Name, (*sasl.Mechanism)(nil)
	if c.Is("AUTH") {
		mechanism := strings.Fields(c.Args.Of(c.Raw) + " -")[0]
		at, m = protocol.Span{Start: c.Args.Start, End: c.Args.Start + len(mechanism)}, sasl.Find(mechanism)
	}
	if m == nil {
		if !protocol.HasSecret(c) {
			return protocol.Diag{}, false
		}
		m = &sasl.Mechanism{Reveals: true} // as like as not: nobody knows what it does
	}
	id := exposed(s, m, trusted)
	if id == "" {
		return protocol.Diag{}, false
	}
	row := protocol.FindAdvice(id)
	return protocol.Diag{ID: row.ID, Severity: row.Severity, Start: at.Start, End: min(at.End, len(c.Raw)),
		Message: strings.Replace(row.Message, "%s", m.Name, 1), Ref: row.Ref}, true
}
