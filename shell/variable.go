package shell

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// variable is a built-in one: its value is made when it is asked for.
type variable struct {
	name, summary string
	value         func(sh *Shell) string
}

// variables is the table of the built-in variables.
func variables() []variable {
	return []variable{
		{"host", "the server, as it was opened", func(sh *Shell) string { return sh.target.Host }},
		{"server", "the server, as it calls itself", func(sh *Shell) string { return serverName(sh.hub.Session()) }},
		{"client", "the name given to HELO and EHLO", func(sh *Shell) string { return sh.hub.Session().Client }},
		{"date", "the present moment, as a Date field has it", func(*Shell) string { return time.Now().Format(time.RFC1123Z) }},
		{"message-id", "a new one, in angle brackets", func(sh *Shell) string { return messageID(sh.hub.Session().Client) }},
		{"unique", "letters and digits that were never used before", func(*Shell) string { return unique() }},
	}
}

// unique is a word that no other run will have.
func unique() string { return strings.ToLower(rand.Text()[:16]) }

// messageID is a new Message-ID (RFC 5322 §3.6.4).
func messageID(client string) string {
	return "<" + unique() + "@" + strings.Trim(client, "[]") + ">"
}

// expand puts the values of variables into a line of a script: ${NAME}. "$${"
// is "${" itself. It is not done to typed lines, nor to messages.
func (sh *Shell) expand(line string) (string, error) {
	var out strings.Builder
	for {
		i := strings.Index(line, "${")
		if i < 0 {
			break
		}
		if i > 0 && line[i-1] == '$' {
			out.WriteString(line[:i-1] + "${")
			line = line[i+2:]
			continue
		}
		name, rest, closed := strings.Cut(line[i+2:], "}")
		if (!closed || !isVariable(name)) && sh.hub.Session().Mode() == protocol.ModeChallenge { // it may be a password
			return "", errors.New("a ${ in it begins no ${NAME}; $${ stands for ${ itself")
		}
		if !closed || !isVariable(name) {
			return "", fmt.Errorf("%q is no ${NAME}; $${ stands for ${ itself", line[i:])
		}
		value, ok := sh.lookUp(name)
		if !ok {
			return "", fmt.Errorf("there is no variable %s: \":let %s VALUE\" sets one, and $${ stands for ${ itself", name, name)
		}
		out.WriteString(line[:i] + value)
		line = rest
	}
	out.WriteString(line)
	return out.String(), nil
}

func (sh *Shell) lookUp(name string) (value string, ok bool) {
	if value, ok = sh.script.vars[name]; ok {
		return value, true
	}
	for _, v := range variables() {
		if v.name == name {
			return v.value(sh), true
		}
	}
	return "", false
}

// isVariable reports a letter, and letters, digits, "-" and "_" behind it.
func isVariable(name string) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(name[i] >= '0' && name[i] <= '9' || name[i] == '-' || name[i] == '_')) {
			return false
		}
	}
	return name != ""
}

// runLet is :let, the list, and :let NAME VALUE.
func (sh *Shell) runLet(_ context.Context, words []string) outcome {
	if len(words) == 0 {
		var rows []view.Row
		for _, v := range variables() {
			rows = append(rows, view.Row{{Text: view.Pad(v.name, 13), Style: view.Dim}, {Text: v.summary}})
		}
		for _, name := range slices.Sorted(maps.Keys(sh.script.vars)) {
			value := sh.script.vars[name]
			if soundsSecret(name) && sh.hides() {
				value = mask
			}
			rows = append(rows, view.Row{{Text: view.Pad(name, 13), Style: view.Dim}, {Text: value}})
		}
		return say(rows...)
	}
	name, value := cutWord(words[0])
	if !isVariable(name) {
		return complain("A variable's name is letters, digits, - and _, and begins with a letter; " + name + " is none.")
	}
	if sh.script.vars == nil {
		sh.script.vars = map[string]string{}
	}
	sh.script.vars[name] = value
	return done()
}
