package protocol

import "strings"

// Extension is a row of the table of SMTP service extensions, the words that
// a server's reply to EHLO is made of (RFC 5321 §2.2).
type Extension struct {
	Keyword  string // "SIZE"
	Form     string // with its values, for people: "SIZE [octets]"
	Gives    string // what it gives a client, in one plain line
	Ref      Ref    // where it is defined; the zero value when no RFC does
	Obsolete bool   // given up; a server of today does not offer it
	Private  bool   // not in IANA's registry: a product's own
}

// ExtensionTable is every extension in IANA's registry "SMTP Service
// Extensions", and the unregistered ones that are often met.
var ExtensionTable = []Extension{
	{Keyword: "8BITMIME", Form: "8BITMIME", Gives: "message text may have octets above 127: MAIL takes BODY=8BITMIME", Ref: Ref{6152, "2"}},
	{Keyword: "ATRN", Form: "ATRN [domain ...]", Gives: "after a login the two sides change roles, and the server sends the mail it holds for you", Ref: Ref{2645, ""}},
	{Keyword: "AUTH", Form: "AUTH mechanism ...", Gives: "you can log in, by one of the mechanisms named", Ref: Ref{4954, "3"}},
	{Keyword: "BINARYMIME", Form: "BINARYMIME", Gives: "message text may be any octets, sent with BDAT: MAIL takes BODY=BINARYMIME", Ref: Ref{3030, "3"}},
	{Keyword: "BURL", Form: "BURL [imap ...]", Gives: "the server fetches the message from an IMAP server by its URL", Ref: Ref{4468, "3"}},
	{Keyword: "CHECKPOINT", Form: "CHECKPOINT", Gives: "a transfer that broke off can go on where it stopped", Ref: Ref{1845, ""}, Obsolete: true},
	{Keyword: "CHUNKING", Form: "CHUNKING", Gives: "the message can be sent in counted chunks with BDAT, without the final dot", Ref: Ref{3030, "2"}},
	{Keyword: "CONNEG", Form: "CONNEG", Gives: "the answer to RCPT tells what kinds of content the recipient can show", Ref: Ref{4141, ""}},
	{Keyword: "CONPERM", Form: "CONPERM", Gives: "the sender can allow the content to be converted on its way", Ref: Ref{4141, ""}},
	{Keyword: "DELIVERBY", Form: "DELIVERBY [seconds]", Gives: "MAIL can say by when the message must be delivered", Ref: Ref{2852, ""}},
	{Keyword: "DSN", Form: "DSN", Gives: "you choose which delivery reports come back: RET and ENVID on MAIL, NOTIFY and ORCPT on RCPT", Ref: Ref{3461, "4"}},
	{Keyword: "ENHANCEDSTATUSCODES", Form: "ENHANCEDSTATUSCODES", Gives: "replies begin with a finer code, such as 5.1.1", Ref: Ref{2034, "3"}},
	{Keyword: "ETRN", Form: "ETRN", Gives: "you can ask the server to send now the mail that it holds for a domain", Ref: Ref{1985, ""}},
	{Keyword: "EXPN", Form: "EXPN", Gives: "you can ask who is on a mailing list", Ref: Ref{5321, "3.5"}},
	{Keyword: "FUTURERELEASE", Form: "FUTURERELEASE seconds date-time", Gives: "the server holds a message back until the time that MAIL names", Ref: Ref{4865, ""}},
	{Keyword: "HELP", Form: "HELP", Gives: "the server has a help text", Ref: Ref{5321, "4.1.1.8"}},
	{Keyword: "LIMITS", Form: "LIMITS name=value ...", Gives: "the server tells its limits, such as the most recipients of one message", Ref: Ref{9422, ""}},
	{Keyword: "MT-PRIORITY", Form: "MT-PRIORITY [policy]", Gives: "MAIL can give the message a priority", Ref: Ref{6710, ""}},
	{Keyword: "MTRK", Form: "MTRK", Gives: "you can later ask where the message has got to", Ref: Ref{3885, ""}},
	{Keyword: "NO-SOLICITING", Form: "NO-SOLICITING [class ...]", Gives: "the server says that it wants no advertising, of these classes", Ref: Ref{3865, ""}},
	{Keyword: "ONEX", Form: "ONEX", Gives: "the client says that it will send one message only", Obsolete: true},
	{Keyword: "PIPELINING", Form: "PIPELINING", Gives: "several commands can be sent at once, without waiting for each answer", Ref: Ref{2920, ""}},
	{Keyword: "REQUIRETLS", Form: "REQUIRETLS", Gives: "MAIL can insist that the message travels under TLS only, all the way", Ref: Ref{8689, ""}},
	{Keyword: "RRVS", Form: "RRVS", Gives: "RCPT can insist that the mailbox has had one owner since a date", Ref: Ref{7293, ""}},
	{Keyword: "SAML", Form: "SAML", Gives: "a message goes to the user's terminal and to the mailbox", Ref: Ref{821, ""}, Obsolete: true},
	{Keyword: "SEND", Form: "SEND", Gives: "a message goes to the user's terminal", Ref: Ref{821, ""}, Obsolete: true},
	{Keyword: "SIZE", Form: "SIZE [octets]", Gives: "the server tells the largest message it takes (0: no fixed limit), and MAIL can announce a size", Ref: Ref{1870, "4"}},
	{Keyword: "SMTPUTF8", Form: "SMTPUTF8", Gives: "addresses and message headers may be written in any script, in UTF-8", Ref: Ref{6531, "3.1"}},
	{Keyword: "SOML", Form: "SOML", Gives: "a message goes to the user's terminal or else to the mailbox", Ref: Ref{821, ""}, Obsolete: true},
	{Keyword: "STARTTLS", Form: "STARTTLS", Gives: "the connection can be switched to TLS", Ref: Ref{3207, "4"}},
	{Keyword: "SUBMITTER", Form: "SUBMITTER", Gives: "MAIL can name who is responsible for the message, for Sender ID", Ref: Ref{4405, ""}, Obsolete: true},
	{Keyword: "TURN", Form: "TURN", Gives: "the two sides change roles; given up, for anybody could ask for anybody's mail", Ref: Ref{821, ""}, Obsolete: true},
	{Keyword: "UTF8SMTP", Form: "UTF8SMTP", Gives: "an experiment that became SMTPUTF8", Ref: Ref{5336, ""}, Obsolete: true},
	{Keyword: "VERB", Form: "VERB", Gives: "the server shows more of what it does, for debugging", Obsolete: true},
	{Keyword: "VRFY", Form: "VRFY", Gives: "you can ask whether a user is known here", Ref: Ref{5321, "3.5"}},

	{Keyword: "PIPECONNECT", Form: "PIPECONNECT", Gives: "a known client may send before it has the banner and the answer to EHLO (Exim)", Private: true},
	{Keyword: "PRDR", Form: "PRDR", Gives: "each recipient has an answer of its own after the message (Exim)", Private: true},
	{Keyword: "VERP", Form: "VERP", Gives: "the server writes each recipient into the reverse-path, to tell bounces apart", Private: true},
	{Keyword: "X-ANONYMOUSTLS", Form: "X-ANONYMOUSTLS", Gives: "Exchange servers can switch to TLS without a certificate they must verify", Private: true},
	{Keyword: "X-EXPS", Form: "X-EXPS mechanism ...", Gives: "Exchange servers log in to each other", Private: true},
	{Keyword: "X-LINK2STATE", Form: "X-LINK2STATE", Gives: "Exchange servers tell each other which routes are up", Private: true},
	{Keyword: "X-MOXTA", Form: "X-MOXTA", Gives: "a Microsoft server's own; nothing public says what it does", Private: true},
	{Keyword: "XADR", Form: "XADR", Gives: "Sun and Oracle servers show how an address is rewritten", Private: true},
	{Keyword: "XCLIENT", Form: "XCLIENT attribute ...", Gives: "a trusted proxy can say who the real client is (Postfix)", Private: true},
	{Keyword: "XEXCH50", Form: "XEXCH50", Gives: "Exchange servers pass properties of a message to each other", Private: true},
	{Keyword: "XFORWARD", Form: "XFORWARD attribute ...", Gives: "a trusted filter can pass on who the real client was, for logs (Postfix)", Private: true},
	{Keyword: "XOORG", Form: "XOORG", Gives: "Exchange servers name the organisation a message came from", Private: true},
	{Keyword: "XPROXY", Form: "XPROXY", Gives: "Exchange front ends hand a session on to a mailbox server", Private: true},
	{Keyword: "XRDST", Form: "XRDST", Gives: "Exchange servers ask for a route through one server", Private: true},
	{Keyword: "XSHADOW", Form: "XSHADOW", Gives: "Exchange servers keep a second copy until a message is delivered", Private: true},
	{Keyword: "XVERP", Form: "XVERP", Gives: "Postfix writes each recipient into the reverse-path, to tell bounces apart", Private: true},
}

// FindExtension looks a row up by its keyword, in any case of letters; nil
// when there is none.
func FindExtension(keyword string) *Extension {
	for i := range ExtensionTable {
		if x := &ExtensionTable[i]; len(x.Keyword) == len(keyword) && strings.EqualFold(x.Keyword, keyword) {
			return x
		}
	}
	return nil
}
