package protocol

import (
	"regexp"
	"strings"
	"testing"
)

// The grammar once more, as regular expressions: another hand to hold the
// judge to (RFC 5321 §4.1.2, in ASCII).
const (
	reAtext  = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
	reLocal  = "(?:" + reAtext + `+(?:\.` + reAtext + `+)*|"(?:[ !#-\[\]-~]|\\[ -~])*")`
	reLabel  = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
	reDomain = reLabel + `(?:\.` + reLabel + ")*"
)

var reMailbox = regexp.MustCompile("^" + reLocal + "@" + reDomain + "$")

// tolerated are the faults that are sent with a warning although the grammar
// does not have them.
var tolerated = map[string]bool{"domain-underscore": true, "mailbox-no-domain": true, "source-route": true, "colon-space-after": true,
	"brackets-missing": true, "trailing-space": true, "repeated-space": true, "address-bare": true, "literal-unregistered": true}

// FuzzPath compares the verdict on a path with the regular expression.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"a@b", `"a b"@c.d`, "a..b@c", "a@-b", `"@"@x`, `a@b.c."`, "@r:a@b", `"\"@x`, "a@b_c", "1.2.3.4", "a@1.2.3.4", "a b@c", `""@x`, "a@b@c", "<a@b>", ">@<", "a@b_c..d", "a@b_c.-d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !isASCII(text) || strings.ContainsAny(text, "\x00\r\n\t[]") || text == "" || text[0] == '@' || unquotedIndex(text, 0, "<>") < len(text) {
			t.Skip() // literals and routes have tests of their own
		}
		diags := Check(Parse("MAIL FROM:<" + text + ">"))
		broken := Worst(diags) == Error
		for _, d := range diags {
			broken = broken || tolerated[d.ID]
		}
		for i := range len(text) {
			broken = broken || text[i] < ' '
		}
		bare := false
		for _, d := range diags {
			bare = bare || d.ID == "address-bare" // digits and dots are a domain by the grammar
		}
		if want := reMailbox.MatchString(text); want == broken && !bare {
			t.Errorf("%q: the grammar has it: %v; the judge: %+v", text, want, diags)
		}
	})
}

// valueForms is at least what the values of each parameter have to be like.
var valueForms = map[string]string{
	"SIZE": `^[0-9]{1,20}$`, "BODY": `(?i)^(7BIT|8BITMIME|BINARYMIME)$`, "RET": `(?i)^(FULL|HDRS)$`, "SMTPUTF8": `^$`, "REQUIRETLS": `^$`,
	"CONPERM": `^$`, "CONNEG": `^$`, "ENVID": `^([!-*,-<>-~]|\+[0-9A-F]{2})+$`, "AUTH": `^(<>|([!-*,-<>-~]|\+[0-9A-F]{2})+)$`,
	"SUBMITTER": `^(<>|([!-*,-<>-~]|\+[0-9A-F]{2})+)$`, "ALT-ADDRESS": `^(<>|([!-*,-<>-~]|\+[0-9A-F]{2})+)$`,
	"BY": `(?i)^[+-]?[0-9]{1,9};[NR]T?$`, "HOLDFOR": `^[1-9][0-9]{0,8}$`, "MT-PRIORITY": `^(0|-?[1-9])$`,
	"HOLDUNTIL": `(?i)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`,
	"RRVS":      `(?i)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(;[CR])?$`,
	"MTRK":      `^[A-Za-z0-9+/]+(:[0-9]{1,9})?$`, "SOLICIT": `^[A-Za-z][A-Za-z0-9.:_-]*(,[A-Za-z][A-Za-z0-9.:_-]*)*$`, "TRANSID": `^<.+@.+>$`,
	"NOTIFY": `(?i)^(NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*)$`, "ORCPT": `^[^;]+;([!-*,-<>-~]|\+[0-9A-F]{2})*$`,
}

// FuzzParameter holds whatever passes as a value to the form of it.
func FuzzParameter(f *testing.F) {
	forms := map[string]*regexp.Regexp{}
	for name, form := range valueForms {
		forms[name] = regexp.MustCompile(form)
	}
	for i := range Params {
		if forms[Params[i].Name] == nil {
			f.Fatalf("no form for %s", Params[i].Name)
		}
		value, _ := Parse(Params[i].Example).Param(Params[i].Name)
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !isASCII(value) || strings.ContainsAny(value, " \t\r\n\x00") {
			t.Skip()
		}
		for i := range Params {
			p := &Params[i]
			if p.Verb != "MAIL" && p.Verb != "RCPT" {
				continue
			}
			line := map[string]string{"MAIL": "MAIL FROM:<a@b.example> ", "RCPT": "RCPT TO:<a@b.example> "}[p.Verb] + p.Name
			if value != "" {
				line += "=" + value
			}
			if diags := Check(Parse(line)); Worst(diags) < Error && !forms[p.Name].MatchString(value) {
				t.Errorf("%s passes: %+v", line, diags)
			}
		}
	})
}
