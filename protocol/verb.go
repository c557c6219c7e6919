package protocol

import "strings"

// Verb is a row of the command table. It is data only: parsing, checking,
// completion, hints, help, the practice server and the README's reference all
// read the same row.
type Verb struct {
	Name     string // "MAIL"
	Args     []Arg  // what follows, in order
	Extended bool   // takes ESMTP parameters behind its arguments
	In       Stages // where it is in order (RFC 5321 §4.1.4)
	Opens    bool   // a 354 to it begins the message
	Final    bool   // must be the last of a pipelined group (RFC 2920 §3.1)
	Ext      string // the extension that offers it; "" for the base protocol
	Obsolete string // why nobody should send it any more; "" when it is in use
	Example  string // a correct line
	Summary  string // one line for lists
	Detail   string // what a learner wants to know
	Good     []int  // the replies of success (RFC 5321 §4.3.2)
	Bad      []int  // the replies of failure
	Ref      Ref
}

// Arg is one argument of a verb.
type Arg struct {
	Kind     Kind
	Word     string   // what stands before it, the colon included: "FROM:"
	Name     string   // what the grammar calls it: "reverse-path"
	Values   []string // for KindKeyword
	Optional bool
}

// Stages is a set of Stage values.
type Stages uint8

const (
	inConnected = Stages(1) << StageConnected
	inGreeted   = Stages(1) << StageGreeted
	inMail      = Stages(1) << StageMail
	inRcpt      = Stages(1) << StageRcpt
	inOpen      = inConnected | inGreeted | inMail | inRcpt
)

// Has reports whether stage is in the set.
func (s Stages) Has(stage Stage) bool { return s&(1<<stage) != 0 }

// Verbs is the command table, in the order in which a session uses them.
var Verbs = []Verb{
	{
		Name: "EHLO", Args: []Arg{{Kind: KindDomainOrLiteral, Name: "domain"}},
		In: inOpen, Final: true, Example: "EHLO client.example",
		Summary: "greet the server and ask what it offers",
		Detail:  "Names the client and asks for the list of extensions. The name is a domain, or an address in square brackets when the client has none. It also clears a transaction, as RSET does.",
		Good:    []int{250}, Bad: []int{502, 504, 550}, Ref: Ref{5321, "4.1.1.1"},
	},
	{
		Name: "HELO", Args: []Arg{{Kind: KindDomain, Name: "domain"}},
		In: inOpen, Example: "HELO client.example",
		Summary: "greet the server, without extensions",
		Detail:  "The greeting of 1982: names the client and asks for nothing. Without EHLO there are no parameters on MAIL and RCPT.",
		Good:    []int{250}, Bad: []int{502, 504, 550}, Ref: Ref{5321, "4.1.1.1"},
	},
	{
		Name: "STARTTLS", In: inConnected | inGreeted, Final: true, Ext: "STARTTLS", Example: "STARTTLS",
		Summary: "switch the connection to TLS",
		Detail:  "After the 220 both sides make a TLS handshake on the same connection, and the server must be greeted again.",
		Good:    []int{220}, Bad: []int{454, 501, 502, 503}, Ref: Ref{3207, "4"},
	},
	{
		Name: "AUTH", Args: []Arg{
			{Kind: KindMechanism, Name: "mechanism"},
			{Kind: KindBase64, Name: "initial-response", Optional: true},
		},
		In: inGreeted, Final: true, Ext: "AUTH", Example: "AUTH PLAIN",
		Summary: "log in",
		Detail:  "Names a SASL mechanism; the server answers 334 with a challenge in base64, and each answer is a line of base64. A lone \"*\" cancels.",
		Good:    []int{235, 334}, Bad: []int{432, 454, 500, 501, 503, 504, 530, 534, 535, 538}, Ref: Ref{4954, "4"},
	},
	{
		Name: "MAIL", Args: []Arg{{Kind: KindReversePath, Word: "FROM:", Name: "reverse-path"}}, Extended: true,
		In: inGreeted, Example: "MAIL FROM:<sender@example.org>",
		Summary: "begin a transaction: who the mail is from",
		Detail:  "Gives the reverse-path, where a report of failed delivery goes; <> means that none is wanted. It is the envelope's sender, which need not be the From: of the message.",
		Good:    []int{250}, Bad: []int{451, 452, 455, 501, 503, 550, 552, 553, 555}, Ref: Ref{5321, "4.1.1.2"},
	},
	{
		Name: "RCPT", Args: []Arg{{Kind: KindForwardPath, Word: "TO:", Name: "forward-path"}}, Extended: true,
		In: inMail | inRcpt, Example: "RCPT TO:<someone@example.org>",
		Summary: "name one recipient; once for each",
		Detail:  "Gives one forward-path. Each recipient has a RCPT of its own and a reply of its own: some may be taken and others refused.",
		Good:    []int{250, 251}, Bad: []int{450, 451, 452, 455, 501, 503, 550, 551, 552, 553, 555}, Ref: Ref{5321, "4.1.1.3"},
	},
	{
		Name: "DATA", In: inRcpt, Opens: true, Final: true, Example: "DATA",
		Summary: "send the message",
		Detail:  "The server answers 354, and every line is the message until a line with only a dot. Header first, an empty line, then the text. The reply to the dot says whether the server takes the mail.",
		Good:    []int{354, 250}, Bad: []int{450, 451, 452, 503, 550, 552, 554}, Ref: Ref{5321, "4.1.1.4"},
	},
	{
		Name: "BDAT", Args: []Arg{
			{Kind: KindOctets, Name: "octets"},
			{Kind: KindKeyword, Name: "LAST", Values: []string{"LAST"}, Optional: true},
		},
		In: inRcpt, Ext: "CHUNKING", Example: "BDAT 120 LAST",
		Summary: "send a counted chunk of the message",
		Detail:  "Exactly that many octets follow, without dots and without stuffing; LAST ends the message.",
		Good:    []int{250}, Bad: []int{452, 501, 503, 552, 554}, Ref: Ref{3030, "2"},
	},
	{
		Name: "RSET", In: inOpen, Example: "RSET",
		Summary: "forget the sender and the recipients",
		Detail:  "Ends the transaction without sending; the greeting stands.",
		Good:    []int{250}, Ref: Ref{5321, "4.1.1.5"},
	},
	{
		Name: "VRFY", Args: []Arg{{Kind: KindUser, Name: "user"}}, Extended: true,
		In: inOpen, Final: true, Example: "VRFY alice",
		Summary: "ask whether a user is known here",
		Detail:  "Most servers answer 252 (try it and see) or refuse, for spammers used it to collect addresses.",
		Good:    []int{250, 251, 252}, Bad: []int{502, 504, 550, 551, 553}, Ref: Ref{5321, "4.1.1.6"},
	},
	{
		Name: "EXPN", Args: []Arg{{Kind: KindList, Name: "list"}}, Extended: true,
		In: inOpen, Final: true, Example: "EXPN staff",
		Summary: "ask who is on a mailing list",
		Detail:  "Answers one member a line. Most servers refuse it.",
		Good:    []int{250, 252}, Bad: []int{502, 504, 550}, Ref: Ref{5321, "4.1.1.7"},
	},
	{
		Name: "HELP", Args: []Arg{{Kind: KindTopic, Name: "topic", Optional: true}},
		In: inOpen, Example: "HELP MAIL",
		Summary: "ask the server for help (:help asks this shell)",
		Detail:  "The server's own help text, if it has one.",
		Good:    []int{211, 214}, Bad: []int{502, 504}, Ref: Ref{5321, "4.1.1.8"},
	},
	{
		Name: "NOOP", Args: []Arg{{Kind: KindString, Name: "string", Optional: true}},
		In: inOpen, Final: true, Example: "NOOP",
		Summary: "do nothing; see that the server is there",
		Detail:  "Keeps an idle connection alive. The argument, if any, is ignored.",
		Good:    []int{250}, Ref: Ref{5321, "4.1.1.9"},
	},
	{
		Name: "QUIT", In: inOpen, Final: true, Example: "QUIT",
		Summary: "end the session",
		Detail:  "The server answers 221 and closes the connection. Without it a server may take the session for a fault.",
		Good:    []int{221}, Ref: Ref{5321, "4.1.1.10"},
	},
	{
		Name: "LHLO", Args: []Arg{{Kind: KindDomainOrLiteral, Name: "domain"}},
		In: inOpen, Final: true, Example: "LHLO client.example",
		Summary: "greet an LMTP server",
		Detail:  "What EHLO is in SMTP. In LMTP the message gets one reply for each recipient that was taken.",
		Good:    []int{250}, Bad: []int{500, 501, 504}, Ref: Ref{2033, "4.1"},
	},
	{
		Name: "ETRN", Args: []Arg{{Kind: KindNode, Name: "node"}},
		In: inGreeted, Final: true, Ext: "ETRN", Example: "ETRN example.org",
		Summary: "have the server send the mail it holds for a domain",
		Detail:  "The server begins a queue run for the domain, for it and its subdomains behind \"@\", or for a queue of its own behind \"#\". The mail comes over another connection.",
		Good:    []int{250, 251, 252, 253}, Bad: []int{458, 459, 500, 501}, Ref: Ref{1985, "5"},
	},
	{
		Name: "ATRN", Args: []Arg{{Kind: KindDomains, Name: "domains", Optional: true}},
		In: inGreeted, Final: true, Ext: "ATRN", Example: "ATRN example.org",
		Summary: "change sides with the server, after a login",
		Detail:  "The server becomes the client and sends, over this connection, the mail it holds for the domains.",
		Good:    []int{250}, Bad: []int{450, 451, 453, 502, 503, 530}, Ref: Ref{2645, "5.2.1"},
	},
	{
		Name: "BURL", Args: []Arg{
			{Kind: KindURL, Name: "url"},
			{Kind: KindKeyword, Name: "LAST", Values: []string{"LAST"}, Optional: true},
		},
		In: inRcpt, Ext: "BURL", Example: "BURL imap://me@imap.example.org/Sent;UID=20;urlauth=submit+me:internal:91354a LAST",
		Summary: "have the server fetch the message from an IMAP server",
		Detail:  "The URL names a message, or a part of one, that the server fetches itself; LAST ends the message.",
		Good:    []int{250}, Bad: []int{451, 452, 501, 503, 552, 554}, Ref: Ref{4468, "3.3"},
	},
	{
		Name: "SEND", Args: []Arg{{Kind: KindReversePath, Word: "FROM:", Name: "reverse-path"}},
		In: inGreeted, Obsolete: "terminals that show mail as it comes are gone; MAIL does what is left", Example: "SEND FROM:<sender@example.org>",
		Summary: "deliver to the user's terminal (obsolete)", Detail: "Of 1982: the message appears on the terminal of a user who is logged in.",
		Good: []int{250}, Bad: []int{500, 502}, Ref: Ref{5321, "F.6"},
	},
	{
		Name: "SOML", Args: []Arg{{Kind: KindReversePath, Word: "FROM:", Name: "reverse-path"}},
		In: inGreeted, Obsolete: "terminals that show mail as it comes are gone; MAIL does what is left", Example: "SOML FROM:<sender@example.org>",
		Summary: "deliver to the terminal or the mailbox (obsolete)", Detail: "Of 1982: to the terminal of a user who is logged in, else to the mailbox.",
		Good: []int{250}, Bad: []int{500, 502}, Ref: Ref{5321, "F.6"},
	},
	{
		Name: "SAML", Args: []Arg{{Kind: KindReversePath, Word: "FROM:", Name: "reverse-path"}},
		In: inGreeted, Obsolete: "terminals that show mail as it comes are gone; MAIL does what is left", Example: "SAML FROM:<sender@example.org>",
		Summary: "deliver to the terminal and the mailbox (obsolete)", Detail: "Of 1982: to the terminal of a user who is logged in, and to the mailbox.",
		Good: []int{250}, Bad: []int{500, 502}, Ref: Ref{5321, "F.6"},
	},
	{
		Name: "TURN", In: inGreeted, Final: true, Obsolete: "it hands mail to whoever asks; ATRN wants a login first", Example: "TURN",
		Summary: "change sides with the server (obsolete)", Detail: "Of 1982: client and server change roles. Anybody could take anybody's mail with it.",
		Good: []int{250}, Bad: []int{502, 503}, Ref: Ref{5321, "F.1"},
	},
	{
		Name: "XCLIENT", Args: []Arg{{Kind: KindAttributes, Name: "attribute=value", Values: []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT", "REVERSE_NAME"}}},
		In: inConnected | inGreeted, Final: true, Ext: "XCLIENT", Example: "XCLIENT ADDR=192.0.2.1",
		Summary: "tell Postfix who the client behind a proxy is", Detail: "Postfix's own, for a proxy that it trusts; the session begins anew. It is a way to test how a server treats other clients.",
		Good: []int{220}, Bad: []int{421, 501, 503, 550}, Ref: Ref{5321, "2.2.2"},
	},
	{
		Name: "XFORWARD", Args: []Arg{{Kind: KindAttributes, Name: "attribute=value", Values: []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"}}},
		In: inGreeted, Final: true, Ext: "XFORWARD", Example: "XFORWARD ADDR=192.0.2.1",
		Summary: "tell Postfix who the client was, for its log", Detail: "Postfix's own, for a content filter that it trusts; the session itself stays as it is.",
		Good: []int{250}, Bad: []int{421, 501, 503, 550}, Ref: Ref{5321, "2.2.2"},
	},
	{
		Name: "VERB", Args: []Arg{{Kind: KindKeyword, Name: "ON|OFF", Values: []string{"ON", "OFF"}, Optional: true}},
		In: inOpen, Ext: "VERB", Example: "VERB",
		Summary: "have Sendmail tell what it does", Detail: "Sendmail's own: the delivery is done at once and told in replies. Most sites turn it off.",
		Good: []int{250}, Bad: []int{500, 502}, Ref: Ref{5321, "2.2.2"},
	},
}

// FindVerb looks a verb up by name, in any case of letters; nil when there is
// none.
func FindVerb(name string) *Verb {
	for i := range Verbs {
		if len(Verbs[i].Name) == len(name) && strings.EqualFold(Verbs[i].Name, name) {
			return &Verbs[i]
		}
	}
	return nil
}

// Syntax is the verb's form for people: "MAIL FROM:<reverse-path> [parameters]".
func (v *Verb) Syntax() string {
	var b strings.Builder
	b.WriteString(v.Name)
	for _, a := range v.Args {
		b.WriteByte(' ')
		b.WriteString(a.Form())
	}
	if v.Extended {
		b.WriteString(" [parameters]")
	}
	return b.String()
}

// Form is the argument for people: "FROM:<reverse-path>", "[topic]".
func (a Arg) Form() string {
	form := a.Name
	switch a.Kind {
	case KindReversePath, KindForwardPath:
		form = a.Word + "<" + a.Name + ">"
	case KindNone, KindDomain, KindDomainOrLiteral, KindUser, KindList, KindString, KindTopic, KindMechanism,
		KindBase64, KindOctets, KindKeyword, KindKeywordList, KindXtext, KindAddrTypeXtext, KindXtextMailbox,
		KindNode, KindDomains, KindURL, KindAttributes, KindDeliverBy, KindSeconds, KindDateTime, KindDateTimeMode,
		KindPriority, KindCertifier, KindSolicitation, KindTransaction:
	}
	if a.Optional {
		return "[" + form + "]"
	}
	return form
}
