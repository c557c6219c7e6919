package protocol

import "strings"

// Param is a row of the table of ESMTP parameters.
type Param struct {
	Name    string   // "SIZE"
	Verb    string   // the verb that takes it: "MAIL"
	Ext     string   // the extension that offers it
	Kind    Kind     // the form of its value; KindNone when it takes none
	Values  []string // for keywords
	Form    string   // for people: "SIZE=n"
	Example string   // a correct line
	Summary string
	Ref     Ref
}

// Params is the table of parameters.
var Params = []Param{
	{Name: "SIZE", Verb: "MAIL", Ext: "SIZE", Kind: KindOctets, Form: "SIZE=n", Example: "MAIL FROM:<a@example.org> SIZE=1200",
		Summary: "how many octets the message will have", Ref: Ref{1870, "3"}},
	{Name: "BODY", Verb: "MAIL", Ext: "8BITMIME", Kind: KindKeyword, Values: []string{"7BIT", "8BITMIME", "BINARYMIME"},
		Form: "BODY=7BIT|8BITMIME|BINARYMIME", Example: "MAIL FROM:<a@example.org> BODY=8BITMIME",
		Summary: "what octets the message will have", Ref: Ref{6152, "2"}},
	{Name: "SMTPUTF8", Verb: "MAIL", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "MAIL FROM:<a@example.org> SMTPUTF8",
		Summary: "addresses or headers may be UTF-8", Ref: Ref{6531, "3.4"}},
	{Name: "AUTH", Verb: "MAIL", Ext: "AUTH", Kind: KindXtextMailbox, Form: "AUTH=mailbox|<>", Example: "MAIL FROM:<a@example.org> AUTH=<>",
		Summary: "who handed the message in, in xtext", Ref: Ref{4954, "5"}},
	{Name: "RET", Verb: "MAIL", Ext: "DSN", Kind: KindKeyword, Values: []string{"FULL", "HDRS"}, Form: "RET=FULL|HDRS",
		Example: "MAIL FROM:<a@example.org> RET=HDRS", Summary: "how much of the message a report returns", Ref: Ref{3461, "4.3"}},
	{Name: "ENVID", Verb: "MAIL", Ext: "DSN", Kind: KindXtext, Form: "ENVID=xtext", Example: "MAIL FROM:<a@example.org> ENVID=QQ314159",
		Summary: "an identifier that reports carry", Ref: Ref{3461, "4.4"}},
	{Name: "NOTIFY", Verb: "RCPT", Ext: "DSN", Kind: KindKeywordList, Values: []string{"NEVER", "SUCCESS", "FAILURE", "DELAY"},
		Form: "NOTIFY=NEVER|SUCCESS,FAILURE,DELAY", Example: "RCPT TO:<b@example.org> NOTIFY=SUCCESS,FAILURE",
		Summary: "when to report on this recipient", Ref: Ref{3461, "4.1"}},
	{Name: "ORCPT", Verb: "RCPT", Ext: "DSN", Kind: KindAddrTypeXtext, Form: "ORCPT=rfc822;xtext",
		Example: "RCPT TO:<b@example.org> ORCPT=rfc822;b@example.org", Summary: "the recipient as first given", Ref: Ref{3461, "4.2"}},
	{Name: "SMTPUTF8", Verb: "VRFY", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "VRFY alice SMTPUTF8",
		Summary: "the answer may be UTF-8", Ref: Ref{6531, "3.7.4.2"}},
	{Name: "SMTPUTF8", Verb: "EXPN", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "EXPN staff SMTPUTF8",
		Summary: "the answer may be UTF-8", Ref: Ref{6531, "3.7.4.2"}},
}

// FindParam looks up the row for a parameter of a verb, in any case of
// letters; nil when there is none.
func FindParam(verb, name string) *Param {
	for i := range Params {
		if p := &Params[i]; p.Verb == verb && len(p.Name) == len(name) && strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}
