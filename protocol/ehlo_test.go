package protocol

import (
	"slices"
	"strings"
	"testing"
)

// ehlo is the parsed reply of a server with these lines.
func ehlo(lines ...string) *Extensions { return ParseEHLO(Reply{Code: 250, Lines: lines}) }

func TestParseEHLO(t *testing.T) {
	x := ehlo("mx.example.test Hello there", "PIPELINING", "SIZE 104857600", "Auth PLAIN login", "AUTH=LOGIN CRAM-MD5", "", "X_Y a", "\x1b[2J x", "LIMITS RCPTMAX=10 \x1b[3J", "pipelining")
	if x.Domain() != "mx.example.test" || x.Greeting() != "Hello there" {
		t.Errorf("domain %q, greeting %q", x.Domain(), x.Greeting())
	}
	for _, tt := range []struct{ got, want string }{
		{strings.Join(x.Args("auth"), " "), "PLAIN login CRAM-MD5"},
		{strings.Join(x.Args("PIPELINING"), " "), ""},
		{strings.Join(x.Args("limits"), " "), "RCPTMAX=10 \x1b[3J"},
		{strings.Join(x.Tokens("limits"), " "), "RCPTMAX=10"},
		{strings.Join(x.Keywords(), " "), "PIPELINING SIZE AUTH LIMITS"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if !x.Has("Pipelining") || !x.Has("AUTH") || x.Has("DSN") || x.Has("") {
		t.Error("Has")
	}
	if limit, ok := x.Size(); limit != 104857600 || !ok {
		t.Errorf("Size = %d, %v", limit, ok)
	}
	if offers := x.Offers(); len(offers) != 8 || offers[2].Keyword != "Auth" || offers[3].Raw != "AUTH=LOGIN CRAM-MD5" || offers[3].Args[0] != "LOGIN" {
		t.Errorf("offers %q", x.Offers())
	}
}

func TestExtensionsNone(t *testing.T) {
	var x *Extensions
	if x.Has("SIZE") || x.Args("SIZE") != nil || x.Offers() != nil || x.Keywords() != nil || x.Tokens("AUTH") != nil || x.Domain() != "" || x.Greeting() != "" {
		t.Error("nil offers something")
	}
	if _, ok := x.Size(); ok {
		t.Error("nil has a size")
	}
	if !x.Equal(nil) || x.Equal(ehlo("mx")) || !ehlo("mx", "DSN").Equal(ehlo("mx", "DSN")) || ehlo("mx", "DSN").Equal(ehlo("mx")) {
		t.Error("Equal")
	}
	if ParseEHLO(Reply{Code: 502, Lines: []string{"no", "SIZE"}}) != nil || ParseEHLO(Reply{Code: 250}) != nil {
		t.Error("a refusal offers something")
	}
	if ehlo("\x1b[2J").Domain() != "" || ehlo(strings.Repeat("x", 300)).Domain() != "" {
		t.Error("a domain that is no short plain word")
	}
}

func TestExtensionsSize(t *testing.T) {
	for line, want := range map[string]uint64{"SIZE": 0, "SIZE 0": 0, "size 10": 10, "SIZE x": 0, "SIZE 18446744073709551615": 1<<64 - 1, "SIZE 99999999999999999999": 0} {
		if got, ok := ehlo("mx", line).Size(); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d, %v", line, got, ok)
		}
	}
}

func FuzzEHLO(f *testing.F) {
	f.Add("mx.example.test hi\nSIZE 10\nAUTH PLAIN\nAUTH=LOGIN")
	f.Add("\nAUTH=\n=\n  \n-\n8BITMIME")
	f.Add("mx\nX\x1b[2J \u009b\xff")
	f.Fuzz(func(t *testing.T, text string) {
		r := Reply{Code: 250, Lines: strings.Split(text, "\n")}
		x := ParseEHLO(r)
		r.Odd("EHLO")
		if !x.Equal(ParseEHLO(r)) {
			t.Fatal("not equal to itself")
		}
		safe := append(x.Keywords(), x.Domain())
		for _, o := range x.Offers() {
			if !x.Has(o.Keyword) || !strings.Contains(text, o.Raw) {
				t.Fatalf("offer %q", o)
			}
			safe = append(safe, x.Tokens(o.Keyword)...)
		}
		for _, word := range safe {
			if slices.ContainsFunc([]byte(word), func(b byte) bool { return b <= ' ' || b > '~' }) {
				t.Fatalf("not safe to print: %q", word)
			}
		}
		x.Size()
	})
}
