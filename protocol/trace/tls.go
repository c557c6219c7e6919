package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// TLS is what a handshake settled, in rows: the connection, each certificate
// of the chain, and the verdict. At is the moment that dates are counted from.
func TLS(t protocol.TLS, at time.Time, timed bool) []Row {
	var rows []Row
	if t.Version != "" {
		parts := []string{t.Version, t.Cipher}
		if t.Group != "" {
			parts = append(parts, t.Group)
		}
		if t.Resumed {
			parts = append(parts, "an earlier session resumed")
		} else {
			parts = append(parts, "new session")
		}
		if timed && t.Took > 0 {
			parts = append(parts, Duration(t.Took))
		}
		rows = append(rows, Row{Strong.Of(parts[0]), Plain.Of(" · " + strings.Join(parts[1:], " · "))})
	}
	for i, c := range t.Chain {
		rows = append(rows, certificateRows(i, c, at)...)
	}
	if t.Wanted {
		rows = append(rows, clientRow(t))
	}
	return append(rows, verdictRows(t)...)
}

// verdictRows say whether the server proved who it is, and all that is
// against it.
func verdictRows(t protocol.TLS) []Row {
	switch {
	case t.Lax:
		return []Row{{Caution.Of("  not checked: tls-verify is off, so this may be anybody")}}
	case len(t.Lacks) == 0 && t.Broken: // a certificate is public: anybody can show it
		return []Row{{Caution.Of("  not verified: "), Plain.Of("the chain is good for " + t.Name + ", by " + t.Trust + ", but the server did not prove in time that it is its own")}}
	case len(t.Lacks) == 0:
		return []Row{{Good.Of("  verified"), Plain.Of(" as " + t.Name + ", by " + t.Trust)}}
	}
	var rows []Row
	for i, text := range t.Lacks {
		head := "  UNVERIFIED "
		if i > 0 {
			head = strings.Repeat(" ", len(head))
		}
		rows = append(rows, Row{Bad.Of(head), Plain.Of(text)})
	}
	return rows
}

func clientRow(t protocol.TLS) Row {
	if t.Sent == "" {
		return Row{Dim.Of("  the server asked for a client certificate; none was sent (--tls-cert gives one)")}
	}
	return Row{Dim.Of("  the server asked for a client certificate; sent: " + t.Sent)}
}

func certificateRows(i int, c protocol.Certificate, at time.Time) []Row {
	rows := []Row{{Dim.Of(fmt.Sprintf("  %d ", i)), Strong.Of(c.Subject)}}
	line := func(text string) { rows = append(rows, Row{Dim.Of("    " + text)}) }
	if len(c.Names) > 0 {
		line("for " + strings.Join(c.Names, ", "))
	}
	if c.Issuer == c.Subject {
		line("issued by itself")
	} else {
		line("issued by " + c.Issuer)
	}
	const day = "2006-01-02"
	line("valid " + c.NotBefore.UTC().Format(day) + " to " + c.NotAfter.UTC().Format(day) + " (" + left(c, at) + ") · " + c.Key + " · " + c.Signature)
	line("SHA-256 " + c.SHA256)
	return rows
}

// left is how long a certificate still holds.
func left(c protocol.Certificate, at time.Time) string {
	switch {
	case at.After(c.NotAfter):
		return "expired " + days(at.Sub(c.NotAfter)) + " ago"
	case at.Before(c.NotBefore):
		return "not yet: in " + days(c.NotBefore.Sub(at))
	}
	return days(c.NotAfter.Sub(at)) + " left"
}

func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d < day {
		return "less than a day"
	}
	return count(int(d/day), "day")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// Changes are rows that say what a reply to EHLO under TLS changed of the one before
// STARTTLS (RFC 3207 §4.2).
func Changes(before, after protocol.Session) []Row {
	if after.Before() == nil || after.Offers() == nil || after.Offers() == before.Offers() {
		return nil
	}
	changes := after.Offers().Since(after.Before())
	if len(changes) == 0 {
		return []Row{{Dim.Of("  the same as before TLS")}}
	}
	var rows []Row
	for _, c := range changes {
		switch {
		case c.Gained:
			rows = append(rows, Row{Good.Of("  gained under TLS  "), Plain.Of(strings.TrimSpace(c.Keyword + " " + c.After))})
		case c.Lost:
			rows = append(rows, Row{Caution.Of("  gone under TLS    "), Plain.Of(strings.TrimSpace(c.Keyword + " " + c.Before))})
		default:
			rows = append(rows, Row{Ask.Of("  other under TLS   "), Plain.Of(c.Keyword + ": " + orNone(c.Before) + " → " + orNone(c.After))})
		}
	}
	return rows
}

func orNone(text string) string {
	if text == "" {
		return "no value"
	}
	return text
}
