package trace

import (
	"testing"
	"time"
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
