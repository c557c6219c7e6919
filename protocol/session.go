package protocol

// Stage is how far a session has come, as the order of commands counts it
// (RFC 5321 §4.1.4).
type Stage uint8

const (
	// StageClosed is without a connection.
	StageClosed Stage = iota
	// StageConnected is between the connection and a HELO or EHLO that was taken.
	StageConnected
	// StageGreeted is with no transaction open.
	StageGreeted
	// StageMail is after a MAIL that was taken.
	StageMail
	// StageRcpt is after a RCPT that was taken.
	StageRcpt
)

// Mode is what the next line that is sent will be.
type Mode uint8

const (
	// ModeClosed sends nothing: there is no connection.
	ModeClosed Mode = iota
	// ModeGreeting awaits the server's banner.
	ModeGreeting
	// ModeCommand takes commands.
	ModeCommand
	// ModeChallenge takes the answer to a 334 or another 3yz but 354.
	ModeChallenge
	// ModeContent takes lines of the message.
	ModeContent
	// ModeOctets takes counted octets of a BDAT; Session.Octets says how many.
	ModeOctets
	// ModeHandshake is between the 220 to STARTTLS and the end of the TLS handshake.
	ModeHandshake
)
