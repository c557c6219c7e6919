package trace

import (
	"slices"
	"strings"
	"testing"
	"time"

	"smtpsh/protocol"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "": "", "grüße 日本": "grüße 日本", "e\u0301": "e\u0301",
		"a\tb": `a\tb`, "\r\n": `\r\n`, "\x1b[31m": `\x1b[31m`, "\x00": `\x00`, "\x7f": `\x7f`, "\xff": `\xff`,
		"\u009b2J": `\u{009b}2J`, "\u202eevil": `\u{202e}evil`, "\u200b": `\u{200b}`, "\u00a0": `\u{00a0}`, `a\b`: `a\b`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
	if got := EscapeAll("a\\r\r\n"); got != `a\\r\r\n` {
		t.Errorf("EscapeAll: %q", got)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "under 0.1 ms", 0: "under 0.1 ms", 400 * time.Microsecond: "0.4 ms", 12 * time.Millisecond: "12 ms",
		999 * time.Millisecond: "999 ms", 3200 * time.Millisecond: "3.2 s", 125 * time.Second: "2 min 5 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
	for n, want := range map[uint64]string{0: "0 octets", 900: "900 octets", 1536: "1.5 kB", 10 << 20: "10 MB", 104857600: "100 MB", 1 << 40: "1 TB", 1<<64 - 1: "16777216 TB"} {
		if got := Octets(n); got != want {
			t.Errorf("Octets(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestTLSVerdict says what is known of a server: what a handshake that broke
// off has shown is no proof.
func TestTLSVerdict(t *testing.T) {
	for _, row := range []struct {
		tls  protocol.TLS
		want string
	}{
		{protocol.TLS{Name: "mx", Trust: "CA"}, "  verified as mx, by CA"},
		{protocol.TLS{Name: "mx", Trust: "CA", Broken: true}, "  not verified: the chain is good for mx, by CA, but the server did not prove in time that it is its own"},
		{protocol.TLS{Lacks: []string{"expired", "weak"}, Broken: true}, "  UNVERIFIED expired\n             weak"},
		{protocol.TLS{Lax: true}, "  not checked: tls-verify is off, so this may be anybody"},
		{protocol.TLS{Name: "mx", Trust: "CA", Wanted: true}, "  the server asked for a client certificate; none was sent (--tls-cert gives one)\n  verified as mx, by CA"},
		{protocol.TLS{Name: "mx", Trust: "CA", Wanted: true, Sent: "CN=me"}, "  the server asked for a client certificate; sent: CN=me\n  verified as mx, by CA"},
	} {
		var lines []string
		for _, r := range TLS(row.tls, time.Now(), true) {
			lines = append(lines, r.String())
		}
		if got := strings.Join(lines, "\n"); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// TestSentLines shows each line end that is no CRLF, but for one that two blocks
// of a long message share.
func TestSentLines(t *testing.T) {
	for _, row := range []struct {
		kind protocol.SentKind
		raw  string
		want []string
	}{
		{protocol.SentCommand, "NOOP\r\n", []string{"NOOP"}},
		{protocol.SentCommand, "NOOP\n", []string{"NOOP\n"}},
		{protocol.SentContent, "a\r\n\r\n.\r\n", []string{"a", "", "."}},
		{protocol.SentContent, "a\n.\r\r\nb\rc\r\n", []string{"a\n", ".\r", "b\rc"}},
		{protocol.SentContent, "a\r\nb\r", []string{"a", "b"}},
		{protocol.SentContent, "\nc\r\n", []string{"c"}},
		{protocol.SentChunk, "ab", []string{"ab"}},
		{protocol.SentPreamble, "\r\n", []string{`\r\n`}},
	} {
		if got := SentLines(protocol.Sent{Kind: row.kind, Raw: []byte(row.raw)}); !slices.Equal(got, row.want) {
			t.Errorf("%q is shown as %q, want %q", row.raw, got, row.want)
		}
	}
}
