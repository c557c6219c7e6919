// Package message makes messages and looks at them before they are sent: the
// format of RFC 5322 with the MIME of RFC 2045, not the SMTP that carries it.
//
// A Draft is composed into octets with CRLF line ends, a Checker looks at
// content while it streams by, and Envelope and WithoutBcc do for a message
// that exists already what a sender has to: find out who it goes to, and keep
// the blind copies blind.
//
// Nothing here reads a clock, draws a random number or opens a file: date,
// message identifier and boundary are handed in, and attachments come with
// what opens them.
package message

import "errors"

var (
	// ErrHeader is returned for what is no header field: a bad name, no colon,
	// or a line among the fields that belongs to none.
	ErrHeader = errors.New("no header field")
	// ErrControl is returned for a value with a CR, LF, NUL or other control
	// character: in a header it would make another line, and so another field.
	ErrControl = errors.New("holds a control character")
	// ErrEncoding is returned for octets that are not UTF-8 where text is
	// wanted.
	ErrEncoding = errors.New("not UTF-8")
	// ErrAddress is returned for what is no address of a message header, which
	// is local-part@domain.
	ErrAddress = errors.New("no address")
	// ErrNeedsUTF8 is returned for a value outside ASCII that has no form but
	// UTF-8, where the server did not take SMTPUTF8: an address, above all.
	ErrNeedsUTF8 = errors.New("not ASCII, and so needs SMTPUTF8")
	// ErrLineLong is returned for what cannot be folded into lines of 998
	// octets (RFC 5322 §2.1.1).
	ErrLineLong = errors.New("does not fit into lines of 998 octets")
	// ErrBody is returned for a text that may not be encoded, because the draft
	// says that it is or that it has parts of its own, and cannot go as it is.
	ErrBody = errors.New("cannot go as it is")
	// ErrBoundary is returned for a boundary that is no boundary, or that the
	// text holds.
	ErrBoundary = errors.New("no boundary between the parts")
	// ErrType is returned for a content type that an attachment cannot have.
	ErrType = errors.New("no content type for an attachment")
	// ErrTooLarge is returned for a header of more than 16 MiB.
	ErrTooLarge = errors.New("the header is too large")
	// ErrNoSender is returned when a header has neither Sender nor From.
	ErrNoSender = errors.New("no Sender and no From")
	// ErrNoRecipient is returned when a header has no address in To, Cc or Bcc.
	ErrNoRecipient = errors.New("no address in To, Cc or Bcc")
)
