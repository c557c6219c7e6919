package sasl

import (
	"errors"
	"strings"
	"testing"
)

// turn is a challenge and the response that is wanted.
type turn struct{ challenge, response string }

// vectors are the examples of the documents, word for word.
var vectors = []struct {
	source  string
	name    string
	c       Credentials
	o       Options
	service string // of DIGEST-MD5's example, "" for our own
	initial string // "-" when the server speaks first
	turns   []turn
}{
	{source: "RFC 4616 §4, first", name: "PLAIN", c: Credentials{User: "tim", Secret: "tanstaaftanstaaf"}, initial: "\x00tim\x00tanstaaftanstaaf"},
	{source: "RFC 4616 §4, second", name: "plain", c: Credentials{Identity: "Ursel", User: "Kurt", Secret: "xipj3plmq"}, initial: "Ursel\x00Kurt\x00xipj3plmq"},
	{source: "draft-murchison-sasl-login", name: "LOGIN", c: Credentials{User: "tim", Secret: "tanstaaftanstaaf"}, initial: "-",
		turns: []turn{{"User Name\x00", "tim"}, {"Password\x00", "tanstaaftanstaaf"}}},
	{source: "RFC 4422 §A.4, first", name: "EXTERNAL", initial: ""},
	{source: "RFC 4422 §A.4, second", name: "EXTERNAL", c: Credentials{Identity: "fred@example.com", User: "ignored"}, initial: "fred@example.com"},
	{source: "RFC 4505 §4", name: "ANONYMOUS", c: Credentials{User: "sirhc"}, initial: "sirhc"},
	{source: "RFC 2195 §2", name: "CRAM-MD5", c: Credentials{User: "tim", Secret: "tanstaaftanstaaf"}, initial: "-",
		turns: []turn{{"<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890"}}},
	{source: "RFC 2831 §4, IMAP", name: "DIGEST-MD5", c: Credentials{User: "chris", Secret: "secret", Host: "elwood.innosoft.com"},
		o: Options{Nonce: "OA6MHXh6VqTrRk"}, service: "imap", initial: "-", turns: []turn{
			{`realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8`,
				`charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",nc=00000001,cnonce="OA6MHXh6VqTrRk",digest-uri="imap/elwood.innosoft.com",response=d388dad90d4bbd760a152321f2143af7,qop=auth`},
			{"rspauth=ea40f60335c427b5527b84dbabcdfffd", ""}}},
	{source: "RFC 2831 §4, ACAP", name: "DIGEST-MD5", c: Credentials{User: "chris", Secret: "secret", Host: "elwood.innosoft.com"},
		o: Options{Nonce: "OA9BSuZWMSpW8m"}, service: "acap", initial: "-", turns: []turn{
			{`realm="elwood.innosoft.com",nonce="OA9BSXrbuRhWay",qop="auth",algorithm=md5-sess,charset=utf-8`,
				`charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="OA9BSXrbuRhWay",nc=00000001,cnonce="OA9BSuZWMSpW8m",digest-uri="acap/elwood.innosoft.com",response=6084c6db3fede7352c551284490fd0fc,qop=auth`},
			{"rspauth=2f0b3d7c3c2e486600ef710726aa2eae", ""}}},
	{source: "RFC 5802 §5", name: "SCRAM-SHA-1", c: Credentials{User: "user", Secret: "pencil"}, o: Options{Nonce: "fyko+d2lbbFgONRv9qkxdawL"},
		initial: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", turns: []turn{
			{"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
				"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="},
			{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", ""}}},
	{source: "RFC 7677 §3", name: "SCRAM-SHA-256", c: Credentials{User: "user", Secret: "pencil"}, o: Options{Nonce: "rOprNGfwEbeRWgbNEkqO"},
		initial: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", turns: []turn{
			{"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
				"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="},
			{"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", ""}}},
	{source: "RFC 7628 §4.1", name: "OAUTHBEARER", c: Credentials{User: "user@example.com", Secret: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", Host: "server.example.com", Port: 143},
		initial: "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"},
	{source: "Google, XOAUTH2 protocol", name: "XOAUTH2", c: Credentials{User: "someuser@example.com", Secret: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"},
		initial: "user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.source, func(t *testing.T) {
			x, err := Start(v.name, v.c, v.o)
			if err != nil {
				t.Fatal(err)
			}
			if d, ok := x.(*digest); ok {
				d.service = v.service
			}
			initial, ok := x.Initial()
			if ok != (v.initial != "-") || ok != Find(v.name).First || ok && string(initial) != v.initial {
				t.Errorf("initial response %q, %v", initial, ok)
			}
			for _, turn := range v.turns {
				response, err := x.Next([]byte(turn.challenge))
				if err != nil || response == nil || string(response) != turn.response {
					t.Errorf("to %q\n got %q, %v\nwant %q", turn.challenge, response, err, turn.response)
				}
			}
			if err := x.Done(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNoMore holds every mechanism to refusing a challenge behind its last one.
func TestNoMore(t *testing.T) {
	for _, v := range vectors {
		x, err := Start(v.name, v.c, v.o)
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := x.(*digest); ok {
			d.service = v.service
		}
		for _, turn := range v.turns {
			_, _ = x.Next([]byte(turn.challenge))
		}
		if Find(v.name).Token {
			_, _ = x.Next([]byte("{}"))
		}
		if _, err := x.Next([]byte("r=more")); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: %v", v.source, err)
		}
	}
}

func TestOAuthExplained(t *testing.T) {
	const why = `{"status":"invalid_token","scope":"example_scope","openid-configuration":"https://example.com/.well-known/openid-configuration"}`
	for name, answer := range map[string]string{"XOAUTH2": "", "OAUTHBEARER": "\x01"} {
		x, err := Start(name, Credentials{User: "a", Secret: "t"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := x.(Explainer).Explained(); got != "" {
			t.Errorf("%s: explained before it failed: %q", name, got)
		}
		response, err := x.Next([]byte(why))
		if err != nil || response == nil || string(response) != answer {
			t.Errorf("%s: %q, %v", name, response, err)
		}
		if got := x.(Explainer).Explained(); got != why {
			t.Errorf("%s: %q", name, got)
		}
		if err := x.Done(); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: done after a failure: %v", name, err)
		}
	}
}

func TestOAuthBearerForms(t *testing.T) {
	for _, test := range []struct {
		c    Credentials
		want string
	}{
		{Credentials{Secret: "t"}, "n,,\x01auth=Bearer t\x01\x01"},
		{Credentials{User: "a=b,c", Secret: "t"}, "n,a=a=3Db=2Cc,\x01auth=Bearer t\x01\x01"},
		{Credentials{Identity: "i", User: "u", Secret: "t", Host: "h", Port: 25}, "n,a=i,\x01host=h\x01port=25\x01auth=Bearer t\x01\x01"},
	} {
		x, err := Start("OAUTHBEARER", test.c, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := x.Initial(); string(got) != test.want {
			t.Errorf("%v: %q", test.c, got)
		}
	}
}

func TestLoginPrompts(t *testing.T) {
	for _, test := range []struct {
		prompts string // separated by "|"
		want    string // "!" for an error
	}{
		{"Username:|Password:", "joe|sesame"},
		{"USER NAME|PASSWORD", "joe|sesame"},
		{"Password:|Username:", "sesame|joe"},
		{"|", "joe|sesame"},
		{"Benutzer|Kennwort", "joe|sesame"},
		{"username and password|again", "joe|sesame"},
		{"Kennwort|Username:", "joe|!"},
		{"Username:|Username:", "joe|!"},
		{"Password:|Password:", "sesame|!"},
		{"a|b|c", "joe|sesame|!"},
	} {
		x, err := Start("LOGIN", Credentials{User: "joe", Secret: "sesame"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for prompt := range strings.SplitSeq(test.prompts, "|") {
			response, err := x.Next([]byte(prompt))
			if err != nil {
				if !errors.Is(err, ErrChallenge) {
					t.Error(err)
				}
				response = []byte("!")
			}
			got = append(got, string(response))
		}
		if joined := strings.Join(got, "|"); joined != test.want {
			t.Errorf("%q: %q, want %q", test.prompts, joined, test.want)
		}
	}
}
