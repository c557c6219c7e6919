package protocol

import "sync"

// Advice is a row of the table of what can be said about a line. The ID is
// stable: it can be explained, tested and searched for.
type Advice struct {
	ID       string
	Severity Severity
	Message  string // one sentence, "%s" where the line's own words go
	Ref      Ref    // zero: the section of the verb itself
	Explain  string // what a learner wants to know beyond the message
}

// AdviceTable holds every piece of advice on the grammar and the order of
// commands.
var AdviceTable = []Advice{
	// The line as a whole.
	{"empty-line", Error, "an empty line is no command", Ref{5321, "4.1.1"}, "Press Enter on an empty line and nothing is sent; servers answer 500 to it."},
	{"control-char", Error, "a control character (%s) is in the line", Ref{5321, "4.1.2"}, "CR, LF, NUL and their like never belong in a command. A hidden CR or LF could even make two commands of one."},
	{"not-utf8", Error, "the octet %s is not UTF-8", Ref{6531, "3.3"}, "Outside ASCII a command may hold only UTF-8. The terminal or the file may be set to an older character set."},
	{"leading-space", Error, "a command begins at the start of the line", Ref{5321, "4.1.1"}, "No space may stand before the verb."},
	{"trailing-space", Warning, "spaces at the end of the line", Ref{5321, "4.1.1"}, "Servers are told to tolerate them, clients not to send them."},
	{"repeated-space", Warning, "one space is enough", Ref{5321, "4.1.1"}, "Words of a command are separated by one space. Most servers take more."},
	{"line-long", Warning, "the line has %s octets, and the limit is %s", Ref{5321, "4.5.3.1.4"}, "A command line has at most 512 octets with its CRLF, and more only where an extension allows it."},

	{"pasted-prompt", Error, "%s is a prompt that was copied along", Ref{5321, "4.1.1"}, "Documents mark what the client says with C: or >. A command begins with its verb."},
	{"pasted-quotes", Error, "no %s belongs around a command", Ref{5321, "4.1.1"}, "A command begins with its verb. Quotation marks stand around a local-part or a string only."},
	{"notation", Error, "%s is how documents write what keys are for", Ref{5321, "4.1.1"}, "<SP> stands for a space and <CRLF> for the end of the line, which the Enter key sends."},
	{"typeset", Error, "%s is a typesetter's character; SMTP has the plain ASCII one", Ref{5321, "4.1.2"}, "Word processors, mail programs and web pages replace quotation marks, brackets and hyphens. Type them anew."},

	{"line-cut", Error, "the line has more than %s octets, and the rest was not looked at", Ref{5321, "4.5.3.1.4"}, "No server reads a line of this length."},

	// The first word.
	{"verb-unknown", Error, "unknown here: neither SMTP nor a registered extension has such a verb", Ref{5321, "4.1.1"}, "The server may know it all the same; ! sends the line as typed."},
	{"verb-near", Error, "unknown here; did you mean %s?", Ref{}, "The word is close to a verb of SMTP."},
	{"verb-synonym", Error, "SMTP's word is %s; %s", Ref{}, "Other programs use this word; SMTP does not."},
	{"verb-run-on", Error, "a space belongs behind %s", Ref{}, "The verb is one word, and a space ends it."},
	{"verb-punctuation", Error, "no %s belongs behind %s", Ref{}, "The verb is followed by a space or by the end of the line."},
	{"verb-missing", Error, "the verb is missing: %s", Ref{}, "FROM: and TO: belong to MAIL and RCPT."},
	{"header-line", Error, "a header line belongs in the message, after DATA and its 354", Ref{5321, "3.3"}, "The envelope (MAIL, RCPT) and the message (header, body) are separate. Send DATA, wait for the 354, and then write the header."},
	{"lone-dot", Error, "a lone dot ends a message, and none has begun", Ref{5321, "4.1.1.4"}, "The message begins with the 354 that answers DATA."},
	{"reply-line", Error, "this is a reply, and only the server sends those", Ref{5321, "4.2"}, "A reply begins with three digits. A client sends commands, and the server answers each."},
	{"http", Error, "this is HTTP, and the server speaks SMTP", Ref{5321, "4.1.1"}, "Many servers close the connection at once when they see an HTTP request."},
	{"obsolete-verb", Warning, "%s is obsolete: %s; 502 is likely", Ref{}, "It was given up long ago."},
	{"obsolete-parameter", Warning, "%s is obsolete: %s; 555 is likely", Ref{}, "Servers of today do not offer it."},
	{"lhlo-smtp", Warning, "LHLO is LMTP's greeting, and this is SMTP; 500 is likely", Ref{2033, "4.1"}, "LMTP is spoken between the parts of one mail system, on a port or socket of its own."},
	{"ehlo-lmtp", Warning, "%s is SMTP's greeting, and this is LMTP, which has LHLO; 500 is likely", Ref{2033, "4.1"}, "LMTP forbids HELO and EHLO, so that its two ends cannot take it for SMTP: it has one reply for each recipient behind the message."},

	// Arguments.
	{"argument-missing", Error, "%s", Ref{}, "The command needs its argument."},
	{"argument-extra", Error, "%s takes no argument", Ref{}, "Nothing may follow the verb."},
	{"argument-behind", Error, "%s, nothing behind it", Ref{}, "The command takes one argument."},
	{"client-mailbox", Error, "a domain or [address literal] is wanted, \"@\" is not part of one", Ref{5321, "4.1.1.1"}, "HELO and EHLO name the client's machine, not a person."},
	{"client-url", Error, "a domain alone, not a web address", Ref{5321, "4.1.1.1"}, "HELO and EHLO name the client's machine."},
	{"client-punctuation", Error, "no %s belongs behind the name", Ref{5321, "4.1.1.1"}, "The name ends the command."},
	{"client-brackets", Error, "no brackets or quotation marks around a domain", Ref{5321, "4.1.1.1"}, "Angle brackets enclose the paths of MAIL and RCPT only."},
	{"helo-literal", Warning, "HELO's grammar has a domain only; EHLO takes an address literal too", Ref{5321, "4.1.1.1"}, "Servers take it."},
	{"noop-text", Warning, "the argument is one atom or one quoted string", Ref{5321, "4.1.1.9"}, "Servers ignore what follows NOOP."},
	{"help-text", Warning, "the topic is one atom or one quoted string", Ref{5321, "4.1.1.8"}, "Servers take what they like as a topic."},
	{"user-brackets", Warning, "a user name or mailbox, without angle brackets or spaces", Ref{5321, "3.5.1"}, "Servers often take it all the same."},
	{"user-form", Error, "a user is named by one word, by a string in quotation marks, or by a mailbox", Ref{}, "Quotation marks, commas, brackets and their like have no place in the word. The words of a longer name stand in quotation marks."},
	{"mechanism-form", Error, "a mechanism is 1 to 20 letters, digits, hyphens and underscores", Ref{4422, "3.1"}, "PLAIN, LOGIN and SCRAM-SHA-256 are mechanisms."},
	{"mechanism-near", Hint, "no mechanism of this name is known; %s is", Ref{4422, "3.1"}, "The reply to EHLO lists the server's mechanisms behind AUTH. A server may have one of its own."},
	{"response-form", Error, "an answer in a login is base64", Ref{4954, "4"}, "Every answer to a 334 is a line of base64; an empty line is an empty answer, and \"*\" cancels the login."},
	{"plain-form", Warning, "PLAIN wants the base64 of \\0user\\0password, which this is not; 501 or 535 is likely", Ref{4616, "2"}, "The message of PLAIN is whom to act for, as a rule nothing, the user and the password, with a NUL between them."},
	{"base64-form", Error, "the initial response is base64", Ref{4954, "4"}, "Every answer in AUTH is a line of base64, and \"=\" stands for an empty one."},
	{"octets-form", Error, "%s takes the number of octets", Ref{}, "A decimal number: exactly so many octets follow the line."},
	{"node-form", Error, "ETRN names a domain, @domain or #queue", Ref{1985, "5"}, "A domain alone, \"@\" before one for its subdomains too, or \"#\" and the name of a queue."},
	{"url-form", Error, "BURL takes an imap: URL", Ref{4468, "3.3"}, "The URL names a message on an IMAP server."},
	{"domains-form", Error, "commas alone stand between domains", Ref{2645, "5.2.1"}, "ATRN names one domain, or several with commas between them and no spaces."},
	{"attribute-twice", Warning, "%s stands here twice", Ref{}, "Postfix takes the last one."},
	{"attribute-form", Error, "%s", Ref{}, "The value is xtext, or [UNAVAILABLE] or [TEMPUNAVAIL]."},
	{"keyword-form", Error, "%s belongs here", Ref{}, "Only a fixed word may stand here."},

	// Paths.
	{"path-missing", Error, "%s", Ref{}, "MAIL FROM: and RCPT TO: are followed by a path in angle brackets."},
	{"path-word-missing", Error, "%s is missing", Ref{}, "The word and its colon are part of the command."},
	{"path-word-wrong", Error, "%s", Ref{}, "MAIL FROM: and RCPT TO: are the only pairs."},
	{"colon-missing", Error, "the colon is missing", Ref{}, "FROM: and TO: end in a colon, and the path follows at once."},
	{"colon-missing-brackets", Error, "the colon and the angle brackets are missing", Ref{}, "FROM: and TO: end in a colon, and the path stands in angle brackets: MAIL FROM:<someone@example.org>."},
	{"colon-space-before", Error, "no space may stand before the colon", Ref{}, "FROM: and TO: are written in one."},
	{"colon-wrong", Error, "a %s where the colon belongs", Ref{}, "FROM: and TO: end in a colon."},
	{"colon-space-after", Warning, "no space may follow the colon", Ref{5321, "3.3"}, "Many servers accept it, some refuse it."},
	{"brackets-missing", Warning, "a path stands in angle brackets", Ref{5321, "4.1.2"}, "Many servers accept a bare address, some refuse it (OpenSMTPD does)."},
	{"bracket-open", Error, "the angle bracket is not closed", Ref{5321, "4.1.2"}, "A path is <local-part@domain>."},
	{"bracket-close", Error, "the angle bracket is not opened", Ref{5321, "4.1.2"}, "A path is <local-part@domain>."},
	{"brackets-twice", Error, "one pair of angle brackets", Ref{5321, "4.1.2"}, "A path is <local-part@domain>."},
	{"brackets-wrong", Error, "a path stands in angle brackets, < and >", Ref{5321, "4.1.2"}, "No other brackets and no quotation marks will do."},
	{"path-punctuation", Error, "no %s belongs behind the path", Ref{5321, "4.1.2"}, "The path ends the command, or a space and a parameter follow."},
	{"brackets-space", Error, "no space belongs inside the angle brackets", Ref{5321, "4.1.2"}, "The brackets stand close around the address."},
	{"display-name", Error, "a display name belongs in the message header, not the envelope", Ref{5321, "4.1.2"}, "The envelope has the bare address; \"From: Joe <joe@example.org>\" is a line of the message."},
	{"several-paths", Error, "one recipient a command; send %s again for the next", Ref{5321, "3.3"}, "Each recipient gets a reply of its own."},
	{"several-senders", Error, "a transaction has one sender", Ref{5321, "3.3"}, "Reports of failed delivery go to one address. Another sender takes another transaction."},
	{"several-commands", Error, "one command a line; %s comes next, on a line of its own", Ref{5321, "4.1.1"}, "A line is one command, and the reply to it tells whether the next makes sense."},
	{"null-forward", Error, "only a reverse-path may be empty", Ref{5321, "4.1.1.3"}, "<> as the sender means that no report is wanted; a recipient must be somebody."},
	{"source-route", Warning, "source routes are obsolete", Ref{5321, "C"}, "Servers ignore the hosts before the colon, and some refuse them."},
	{"source-route-form", Error, "a source route is @host,@host: and obsolete", Ref{5321, "4.1.2"}, "Leave it out: servers ignore the hosts before the colon, and some refuse them."},
	{"mailbox-no-domain", Warning, "a mailbox has a domain; %s", Ref{5321, "4.1.2"}, "A bare local-part is taken by some servers, which add a domain of their own."},
	{"mailbox-two-at", Error, "one @ separates local-part and domain", Ref{5321, "4.1.2"}, "An @ within the local-part needs quotes."},
	{"local-part-missing", Error, "the local-part before the @ is missing", Ref{5321, "4.1.2"}, "A mailbox is local-part@domain."},
	{"local-part-quotes", Error, "the quotation marks do not fit", Ref{5321, "4.1.2"}, "A quoted local-part begins and ends with a quotation mark, and a backslash quotes one inside."},
	{"local-part-dots", Error, "a dot may not begin or end a local-part, nor stand twice, unless quoted", Ref{5321, "4.1.2"}, "Quote the local-part: \".a\"@example.org."},
	{"local-part-space", Error, "a space in a local-part needs quotes", Ref{5321, "4.1.2"}, "Quote the local-part: \"a b\"@example.org."},
	{"local-part-char", Error, "this character in a local-part needs quotes", Ref{5321, "4.1.2"}, "Letters, digits and !#$%&'*+-/=?^_`{|}~ stand unquoted."},
	{"at-word", Error, "an @ separates local-part and domain", Ref{5321, "4.1.2"}, "A mailbox is local-part@domain."},
	{"mailto", Error, "mailto: belongs to web addresses", Ref{5321, "4.1.2"}, "The envelope has the bare address."},
	{"local-part-long", Warning, "a local-part has at most 64 octets", Ref{5321, "4.5.3.1.1"}, "Servers may refuse a longer one."},
	{"path-long", Warning, "a path has at most 256 octets", Ref{5321, "4.5.3.1.3"}, "Servers may refuse a longer one."},
	{"utf8-needs-smtputf8", Error, "non-ASCII in the envelope needs SMTPUTF8", Ref{6531, "3.4"}, "The parameter SMTPUTF8 says that an address or a header is UTF-8."},

	// Domains and address literals.
	{"domain-missing", Error, "the domain is missing", Ref{5321, "4.1.2"}, "A domain stands behind the @."},
	{"domain-empty-label", Error, "an empty label in the domain", Ref{5321, "4.1.2"}, "Between two dots of a domain there is at least one letter or digit."},
	{"domain-final-dot", Error, "a domain does not end in a dot here", Ref{5321, "2.3.5"}, "The dot of the root is written in the DNS, not in SMTP."},
	{"domain-hyphen", Error, "a label begins and ends with a letter or a digit", Ref{5321, "4.1.2"}, "Hyphens stand inside a label only."},
	{"domain-char", Error, "%s is no part of a domain", Ref{5321, "4.1.2"}, "Letters, digits, inner hyphens and dots make a domain."},
	{"domain-underscore", Warning, "an underscore is no part of a host name; some servers refuse it", Ref{5321, "4.1.2"}, "Letters, digits, inner hyphens and dots make a domain."},
	{"u-label", Error, "this label is no name that the DNS can have", Ref{5890, "2.3.2.1"}, "Beyond ASCII a label has letters, digits and marks of a script. Symbols, full-width letters and invisible characters are no part of it."},
	{"a-label", Warning, "xn-- begins the ASCII form of a label in another script, and this is none", Ref{5890, "2.3.1"}, "What stands behind xn-- is Punycode. A server that reads it may refuse the domain."},
	{"domain-long", Warning, "a domain has at most 255 octets", Ref{5321, "4.5.3.1.2"}, "The DNS has no longer ones."},
	{"domain-utf8", Error, "HELO and EHLO take a domain in ASCII", Ref{6531, "3.7.1"}, "Use the A-label form that begins with xn--."},
	{"label-long", Warning, "a label has at most 63 octets", Ref{1035, "2.3.4"}, "The DNS has no longer ones."},
	{"address-bare", Warning, "an address stands in square brackets", Ref{5321, "4.1.3"}, "An IP address in place of a domain is written [192.0.2.1]."},
	{"literal-open", Error, "the square bracket is not closed", Ref{5321, "4.1.3"}, "An address literal is [192.0.2.1] or [IPv6:2001:db8::1]."},
	{"literal-ipv4", Error, "four numbers from 0 to 255 make an IPv4 address", Ref{5321, "4.1.3"}, "Each number goes to 255: [192.0.2.1]."},
	{"literal-ipv6", Error, "this is no IPv6 address", Ref{5321, "4.1.3"}, "An IPv6 literal is [IPv6:2001:db8::1]."},
	{"literal-untagged", Error, "an IPv6 literal carries the tag IPv6:", Ref{5321, "4.1.3"}, "[IPv6:2001:db8::1]; IPv4 goes without a tag."},
	{"literal-tag", Error, "an address literal is an IPv4 address, or a tag, a colon and an address", Ref{5321, "4.1.3"}, "[192.0.2.1] or [IPv6:2001:db8::1]."},
	{"literal-unregistered", Warning, "IPv6 is the only registered tag of an address literal", Ref{5321, "4.1.3"}, "The grammar allows others, but no server knows them."},

	// Parameters.
	{"parameter-space", Error, "a space belongs before a parameter", Ref{5321, "4.1.2"}, "Parameters stand behind the path, a space before each."},
	{"parameter-form", Error, "a parameter is KEYWORD or KEYWORD=VALUE", Ref{5321, "4.1.2"}, "A keyword is letters, digits and hyphens; a value is printable and holds no space and no \"=\"."},
	{"parameter-equals", Error, "a parameter is KEYWORD=VALUE", Ref{5321, "4.1.2"}, "An equals sign joins keyword and value, without spaces."},
	{"parameter-value", Error, "%s", Ref{}, "The value does not have the form that its RFC gives."},
	{"parameter-no-value", Error, "%s takes no value", Ref{}, "The keyword stands alone."},
	{"parameter-verb", Error, "%s is a parameter of %s", Ref{}, "Each parameter belongs to one command."},
	{"parameter-either", Error, "%s and %s do not stand together", Ref{}, "The one takes the place of the other."},
	{"value-long", Warning, "the value of %s has at most %s octets", Ref{}, "Servers may refuse a longer one."},
	{"parameter-inside", Error, "parameters stand behind the closing bracket", Ref{5321, "4.1.2"}, "The brackets hold the address alone: MAIL FROM:<a@example.org> SIZE=500."},
	{"parameter-twice", Error, "%s stands here twice", Ref{5321, "4.1.1.11"}, "Each parameter is given once."},
	{"parameter-unknown", Warning, "%s is not a registered parameter, and the server did not offer it; 555 is likely", Ref{5321, "4.1.1.11"}, "A parameter belongs to an extension, and the answer to EHLO names those."},
	{"notify-never", Error, "NEVER stands alone", Ref{3461, "4.1"}, "NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY."},

	// Policy: the grammar has nothing against these.
	{"secret-in-clear", Error, "anyone on the way could read the password: the connection is not encrypted", Ref{4954, "4"}, "PLAIN and LOGIN send the password itself, in base64, which hides nothing. STARTTLS comes first."},

	{"secret-unverified", Error, "the server is not verified, so the password may go to anybody", Ref{4954, "4"}, ":tls says what is wrong with its certificate. Once it was sent all the same, the same connection is not held again."},
	{"secret-guessable", Warning, "%s does not send the password, but whoever reads along can try passwords against what it sends", Ref{4954, "4"}, "The connection is not encrypted. STARTTLS comes first."},
	{"secret-for-anybody", Warning, "%s does not send the password, but the server is not verified, and whoever it is can try passwords against what it gets", Ref{4954, "4"}, ":tls says what is wrong with its certificate. A mechanism with -PLUS is bound to this connection, and of no use to anybody between."},

	// Order and what the server offers: the server is the judge.
	{"order-banner", Warning, "order: the server speaks first; wait for its 220", Ref{5321, "4.3.1"}, "A server may take a client that talks before the greeting for a spammer, and refuse it."},
	{"order-refused", Warning, "order: the server refused this connection by its greeting, and takes QUIT alone; 503 is likely", Ref{5321, "3.1"}, "A greeting of 554 is no service: the server waits for QUIT, and answers 503 to the rest."},
	{"order-quit", Warning, "order: the server has said goodbye and closes the connection; there will be no reply", Ref{5321, "4.1.1.10"}, "The session is over. A new connection begins a new one."},
	{"order-greeting", Warning, "order: HELO or EHLO comes first; 503 is possible", Ref{5321, "4.1.4"}, "Some servers take a command before the greeting, others insist on it."},
	{"order-greet-again", Warning, "order: at the handshake the server forgot the greeting, and EHLO comes again; 503 is possible", Ref{3207, "4.2"}, "What was learned before the handshake counts no more, on either side."},
	{"order-mail", Warning, "order: MAIL comes first; 503 is likely", Ref{5321, "3.3"}, "A transaction is MAIL, RCPT once or more, and DATA."},
	{"order-rcpt", Warning, "order: RCPT comes first; 503 or 554 is likely", Ref{5321, "3.3"}, "A transaction is MAIL, RCPT once or more, and DATA."},
	{"order-mail-rcpt", Warning, "order: MAIL and RCPT come first; 503 is likely", Ref{5321, "3.3"}, "A transaction is MAIL, RCPT once or more, and DATA."},
	{"order-open", Warning, "order: a transaction is open; RSET ends it; 503 is likely", Ref{5321, "4.1.4"}, "One transaction at a time: DATA completes it, RSET or EHLO drops it."},
	{"order-transaction", Warning, "order: %s is not allowed within a transaction; 503 is likely", Ref{}, "RSET ends the transaction."},
	{"pipelining", Warning, "a reply is still owed, and the server did not offer PIPELINING", Ref{2920, "3.1"}, "A client waits for each reply unless PIPELINING is offered. The server may lose step, or take this for an attack."},
	{"pipelining-end", Warning, "a reply is still owed to %s, which must end a group of commands", Ref{2920, "3.1"}, "What comes after depends on the reply. Wait for it."},
	{"data-after-bdat", Warning, "order: this message was begun with BDAT or BURL, and DATA does not mix with them; 503 is likely", Ref{3030, "2"}, "One transaction has either. RSET begins anew."},
	{"bdat-failed", Warning, "order: a chunk of this message was refused, and nothing more of it may follow; 503 is likely", Ref{3030, "2"}, "The transaction has failed with the chunk. RSET begins anew."},
	{"data-binary", Warning, "the message was announced as BINARYMIME, which only BDAT carries; 503 is likely", Ref{3030, "3"}, "DATA ends a message by a line with a dot, and a binary message has no lines."},
	{"auth-twice", Warning, "order: this session is logged in already; 503 is likely", Ref{4954, "4"}, "A session is logged in once; a new connection takes a new login."},
	{"tls-twice", Warning, "order: this connection is under TLS already; 503 is likely", Ref{3207, "4"}, "TLS is begun once."},
	{"tls-pending", Error, "%s still owed: what comes in before the handshake could not be told from what comes after it", Ref{3207, "4.2"}, "STARTTLS is sent when nothing is owed, or plaintext could pass for what the server says under TLS."},
	{"not-offered", Warning, "the server did not offer %s; %s is likely", Ref{5321, "2.2.1"}, "An extension may be used only when the answer to EHLO names it."},
	{"helo-no-extensions", Warning, "%s needs EHLO, and this session was not greeted with it; %s is likely", Ref{5321, "2.2.1"}, "HELO asks for no extensions, so none may be used."},
	{"size-over", Warning, "the server takes at most %s octets; 552 is likely", Ref{1870, "4"}, "The answer to EHLO named this limit."},
	{"rcpt-many", Warning, "%s recipients in one transaction are more than %s; 452 is possible", Ref{5321, "4.5.3.1.8"}, "A server takes 100 at the least, unless it says otherwise."},
	{"rcpt-utf8", Error, "this transaction was begun without SMTPUTF8", Ref{6531, "3.4"}, "Send RSET, and MAIL with SMTPUTF8."},
}

// FindAdvice looks up a row by its ID; nil when there is none.
func FindAdvice(id string) *Advice { return adviceByID()[id] }

// adviceByID is the table by its IDs: it is asked at every fault.
var adviceByID = sync.OnceValue(func() map[string]*Advice {
	rows := make(map[string]*Advice, len(AdviceTable))
	for i := range AdviceTable {
		rows[AdviceTable[i].ID] = &AdviceTable[i]
	}
	return rows
})
