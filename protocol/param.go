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

	Adds     int    // octets that it adds to the longest line of the verb, as its RFC counts them
	Longest  int    // octets that the value may have; 0 where no RFC limits it
	Either   string // the parameter in whose place it stands, so that the two exclude each other
	Obsolete string // why nobody should send it any more; "" when it is in use
}

// Params is the table of parameters. Adds is what the RFC of the extension says
// in its list of properties ("the maximum length of a MAIL command line is
// increased by ..."), the space before the keyword included; RET shares ENVID's
// and HOLDUNTIL HOLDFOR's. Where an RFC names no number it is the length of the
// parameter.
var Params = []Param{
	{Name: "SIZE", Verb: "MAIL", Ext: "SIZE", Kind: KindOctets, Form: "SIZE=n", Example: "MAIL FROM:<a@example.org> SIZE=1200",
		Summary: "how many octets the message will have", Ref: Ref{1870, "3"}, Adds: 26},
	{Name: "BODY", Verb: "MAIL", Ext: "8BITMIME", Kind: KindKeyword, Values: []string{"7BIT", "8BITMIME", "BINARYMIME"},
		Form: "BODY=7BIT|8BITMIME|BINARYMIME", Example: "MAIL FROM:<a@example.org> BODY=8BITMIME",
		Summary: "what octets the message will have", Ref: Ref{6152, "2"}, Adds: 17},
	{Name: "SMTPUTF8", Verb: "MAIL", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "MAIL FROM:<a@example.org> SMTPUTF8",
		Summary: "addresses or headers may be UTF-8", Ref: Ref{6531, "3.4"}, Adds: 10},
	{Name: "AUTH", Verb: "MAIL", Ext: "AUTH", Kind: KindXtextMailbox, Form: "AUTH=mailbox|<>", Example: "MAIL FROM:<a@example.org> AUTH=<>",
		Summary: "who handed the message in, in xtext", Ref: Ref{4954, "5"}, Adds: 500},
	{Name: "RET", Verb: "MAIL", Ext: "DSN", Kind: KindKeyword, Values: []string{"FULL", "HDRS"}, Form: "RET=FULL|HDRS",
		Example: "MAIL FROM:<a@example.org> RET=HDRS", Summary: "how much of the message a report returns", Ref: Ref{3461, "4.3"}},
	{Name: "ENVID", Verb: "MAIL", Ext: "DSN", Kind: KindXtext, Form: "ENVID=xtext", Example: "MAIL FROM:<a@example.org> ENVID=QQ314159",
		Summary: "an identifier that reports carry", Ref: Ref{3461, "4.4"}, Adds: 107, Longest: 100},
	{Name: "BY", Verb: "MAIL", Ext: "DELIVERBY", Kind: KindDeliverBy, Form: "BY=seconds;R|N[T]", Example: "MAIL FROM:<a@example.org> BY=120;R",
		Summary: "by when it must be delivered, or else returned (R) or reported (N)", Ref: Ref{2852, "4"}, Adds: 17},
	{Name: "HOLDFOR", Verb: "MAIL", Ext: "FUTURERELEASE", Kind: KindSeconds, Form: "HOLDFOR=seconds", Example: "MAIL FROM:<a@example.org> HOLDFOR=3600",
		Summary: "how long the server is to hold it back", Ref: Ref{4865, "3"}, Adds: 34, Either: "HOLDUNTIL"},
	// The RFC names a rule that it does not have; erratum 2040 makes it RFC 3339's date-time.
	{Name: "HOLDUNTIL", Verb: "MAIL", Ext: "FUTURERELEASE", Kind: KindDateTime, Form: "HOLDUNTIL=date-time", Example: "MAIL FROM:<a@example.org> HOLDUNTIL=2030-01-02T03:04:05Z",
		Summary: "until when the server is to hold it back", Ref: Ref{4865, "3"}, Either: "HOLDFOR"},
	{Name: "MT-PRIORITY", Verb: "MAIL", Ext: "MT-PRIORITY", Kind: KindPriority, Form: "MT-PRIORITY=-9..9", Example: "MAIL FROM:<a@example.org> MT-PRIORITY=3",
		Summary: "how urgent it is, 0 being ordinary", Ref: Ref{6710, "6"}, Adds: 15},
	{Name: "REQUIRETLS", Verb: "MAIL", Ext: "REQUIRETLS", Form: "REQUIRETLS", Example: "MAIL FROM:<a@example.org> REQUIRETLS",
		Summary: "deliver under TLS all the way, or not at all", Ref: Ref{8689, "2"}, Adds: 11},
	{Name: "MTRK", Verb: "MAIL", Ext: "MTRK", Kind: KindCertifier, Form: "MTRK=certifier[:seconds]", Example: "MAIL FROM:<a@example.org> MTRK=HaQOV5fVxqa+vA0hYDMJ2nA5bWI:86400",
		Summary: "where it is may be asked about later", Ref: Ref{3885, "4.1"}, Adds: 40},
	{Name: "SOLICIT", Verb: "MAIL", Ext: "NO-SOLICITING", Kind: KindSolicitation, Form: "SOLICIT=class,...", Example: "MAIL FROM:<a@example.org> SOLICIT=org.example:ADV",
		Summary: "that it is advertising, of these classes", Ref: Ref{3865, "2.3"}, Adds: 1007, Longest: 1000},
	{Name: "TRANSID", Verb: "MAIL", Ext: "CHECKPOINT", Kind: KindTransaction, Form: "TRANSID=<id@domain>", Example: "MAIL FROM:<a@example.org> TRANSID=<12345@example.org>",
		Summary: "which broken-off transfer goes on", Ref: Ref{1845, "4.1"}, Adds: 88, Longest: 80},
	{Name: "CONPERM", Verb: "MAIL", Ext: "CONPERM", Form: "CONPERM", Example: "MAIL FROM:<a@example.org> CONPERM",
		Summary: "the content may be converted on its way", Ref: Ref{4141, "4.1"}, Adds: 8},
	{Name: "SUBMITTER", Verb: "MAIL", Ext: "SUBMITTER", Kind: KindXtextMailbox, Form: "SUBMITTER=mailbox", Example: "MAIL FROM:<a@example.org> SUBMITTER=b@example.org",
		Summary: "who is responsible for it, in xtext (historic)", Ref: Ref{4405, "3"}, Obsolete: "Sender ID, which it served, was given up"},
	{Name: "ALT-ADDRESS", Verb: "MAIL", Ext: "UTF8SMTP", Kind: KindXtextMailbox, Form: "ALT-ADDRESS=mailbox", Example: "MAIL FROM:<a@example.org> ALT-ADDRESS=b@example.org",
		Summary: "the same mailbox in ASCII", Ref: Ref{5336, "3.3"}, Adds: 460, Obsolete: "SMTPUTF8 does without it (RFC 6531)"},
	{Name: "NOTIFY", Verb: "RCPT", Ext: "DSN", Kind: KindKeywordList, Values: []string{"NEVER", "SUCCESS", "FAILURE", "DELAY"},
		Form: "NOTIFY=NEVER|SUCCESS,FAILURE,DELAY", Example: "RCPT TO:<b@example.org> NOTIFY=SUCCESS,FAILURE",
		Summary: "when to report on this recipient", Ref: Ref{3461, "4.1"}, Adds: 28},
	{Name: "ORCPT", Verb: "RCPT", Ext: "DSN", Kind: KindAddrTypeXtext, Form: "ORCPT=rfc822;xtext",
		Example: "RCPT TO:<b@example.org> ORCPT=rfc822;b@example.org", Summary: "the recipient as first given", Ref: Ref{3461, "4.2"}, Adds: 500, Longest: 500},
	{Name: "RRVS", Verb: "RCPT", Ext: "RRVS", Kind: KindDateTimeMode, Form: "RRVS=date-time[;C|R]", Example: "RCPT TO:<b@example.org> RRVS=2014-04-03T23:01:00Z;C",
		Summary: "the mailbox must have had its owner since then", Ref: Ref{7293, "3.1"}, Adds: 33},
	{Name: "CONNEG", Verb: "RCPT", Ext: "CONNEG", Form: "CONNEG", Example: "RCPT TO:<b@example.org> CONNEG",
		Summary: "tell what content the recipient can show", Ref: Ref{4141, "5"}, Adds: 7},
	{Name: "ALT-ADDRESS", Verb: "RCPT", Ext: "UTF8SMTP", Kind: KindXtextMailbox, Form: "ALT-ADDRESS=mailbox", Example: "RCPT TO:<b@example.org> ALT-ADDRESS=c@example.org",
		Summary: "the same mailbox in ASCII", Ref: Ref{5336, "3.3"}, Adds: 460, Obsolete: "SMTPUTF8 does without it (RFC 6531)"},
	{Name: "SMTPUTF8", Verb: "VRFY", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "VRFY alice SMTPUTF8",
		Summary: "the answer may be UTF-8", Ref: Ref{6531, "3.7.4.2"}, Adds: 10},
	{Name: "SMTPUTF8", Verb: "EXPN", Ext: "SMTPUTF8", Form: "SMTPUTF8", Example: "EXPN staff SMTPUTF8",
		Summary: "the answer may be UTF-8", Ref: Ref{6531, "3.7.4.2"}, Adds: 10},
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
