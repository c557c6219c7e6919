package protocol

// Kind is what an argument or a value is made of. Checking, completion and
// hints all switch over it, so a new row of a table needs no new code.
type Kind uint8

const (
	// KindNone takes nothing.
	KindNone Kind = iota
	// KindDomain is a domain, as HELO has it (RFC 5321 §4.1.1.1).
	KindDomain
	// KindDomainOrLiteral is a domain or an address literal, as EHLO has it.
	KindDomainOrLiteral
	// KindReversePath is a path that may be empty, "<>" (RFC 5321 §4.1.2).
	KindReversePath
	// KindForwardPath is a path that may be "<Postmaster>" (RFC 5321 §4.1.1.3).
	KindForwardPath
	// KindUser is a user name or a mailbox (RFC 5321 §3.5.1).
	KindUser
	// KindList is the name of a mailing list (RFC 5321 §3.5.1).
	KindList
	// KindString is one atom or one quoted string (RFC 5321 §4.1.2, String).
	KindString
	// KindTopic is what HELP is asked about, a String that is free in practice.
	KindTopic
	// KindMechanism is the name of a SASL mechanism (RFC 4422 §3.1).
	KindMechanism
	// KindBase64 is base64, or "=" for an empty response (RFC 4954 §4).
	KindBase64
	// KindOctets is a decimal number of octets (RFC 1870 §3, RFC 3030 §2).
	KindOctets
	// KindKeyword is one of a row's Values, in any case of letters.
	KindKeyword
	// KindKeywordList is a comma-separated list of a row's Values.
	KindKeywordList
	// KindXtext is text with "+hexchar" escapes (RFC 3461 §4).
	KindXtext
	// KindAddrTypeXtext is "addr-type;xtext" (RFC 3461 §4.2).
	KindAddrTypeXtext
	// KindXtextMailbox is an xtext-encoded mailbox or "<>" (RFC 4954 §5).
	KindXtextMailbox
	// KindNode is what ETRN names: a domain, "@" domain or "#" queue (RFC 1985 §5).
	KindNode
	// KindDomains is a comma-separated list of domains (RFC 2645 §5.2.1).
	KindDomains
	// KindURL is an IMAP URL (RFC 4468 §3.2).
	KindURL
	// KindAttributes is NAME=xtext, once or more, as XCLIENT and XFORWARD have it.
	KindAttributes
	// KindDeliverBy is by-time ";" by-mode [by-trace] (RFC 2852 §4).
	KindDeliverBy
	// KindSeconds is a positive number of up to 9 digits (RFC 4865 §3).
	KindSeconds
	// KindDateTime is a date-time of RFC 3339 §5.6.
	KindDateTime
	// KindDateTimeMode is a date-time, and ";C" or ";R" behind it (RFC 7293 §3.1).
	KindDateTimeMode
	// KindPriority is a number from -9 to 9 (RFC 6710 §6).
	KindPriority
	// KindCertifier is base64 and perhaps ":" and seconds (RFC 3885 §4.1).
	KindCertifier
	// KindSolicitation is a list of solicitation keywords (RFC 3865 §2.1).
	KindSolicitation
	// KindTransaction is "<" unique "@" domain ">" (RFC 1845 §4.1).
	KindTransaction
)
