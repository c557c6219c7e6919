package wire

import (
	"strings"
	"time"
)

// BlockLimit is the time that the system may take to accept a block of the
// message (RFC 5321 §4.5.3.2.5).
const BlockLimit = 3 * time.Minute

// ReplyLimit is the least time that a client waits for a reply before it may
// give up: to a verb, or to the banner for "", or with content to the end of
// the message, which is the final dot or the last chunk.
func ReplyLimit(verb string, content bool) time.Duration {
	switch {
	case content:
		// RFC 5321 §4.5.3.2.6: giving up early makes duplicates, for the server
		// may be delivering.
		return 10 * time.Minute
	case strings.EqualFold(verb, "DATA"):
		return 2 * time.Minute // RFC 5321 §4.5.3.2.4
	}
	// RFC 5321 §4.5.3.2.1 to §4.5.3.2.3 for the banner, MAIL and RCPT; it names
	// no other verbs, and they get the same.
	return 5 * time.Minute
}
