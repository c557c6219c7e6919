package sasl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const testSecret = "Tr0ub4dor-and-3"

// usual is what every mechanism can be started with.
func usual() (Credentials, Options) {
	return Credentials{User: `DOMAIN\joe`, Secret: testSecret, Host: "mx.example.test", Port: 587},
		Options{Nonce: "clientnonce", Random: []byte("8 octets"), Bindings: []Binding{{Type: "tls-exporter", Data: []byte("exported")}}}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Mechanisms {
		// RFC 4422 §3.1 is the form of the name.
		if seen[m.Name] || len(m.Name) > 20 || m.Name != strings.ToUpper(m.Name) {
			t.Errorf("%s: name", m.Name)
		}
		seen[m.Name] = true
		if m.Summary == "" || strings.ContainsAny(m.Summary, "\n") || strings.HasSuffix(m.Summary, ".") {
			t.Errorf("%s: summary %q", m.Name, m.Summary)
		}
		if m.Binds != strings.HasSuffix(m.Name, "-PLUS") {
			t.Errorf("%s: binds %v", m.Name, m.Binds)
		}
		c, o := usual()
		x, err := Start(strings.ToLower(m.Name), c, o)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		initial, ok := x.Initial()
		if ok != m.First {
			t.Errorf("%s: the client speaks first: %v", m.Name, ok)
		}
		if strings.Contains(string(initial), testSecret) && !m.Reveals {
			t.Errorf("%s reveals the secret: %q", m.Name, initial)
		}
	}
	if Find("scram-sha-256-plus") == nil || Find("GSSAPI") != nil || Find("") != nil {
		t.Error("Find")
	}
}

func TestChoose(t *testing.T) {
	password, token := Have{Password: true}, Have{Token: true}
	for _, test := range []struct {
		offered string
		have    Have
		want    string
	}{
		{"PLAIN LOGIN", password, "PLAIN"},
		{"login", password, "LOGIN"},
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", password, "SCRAM-SHA-1"},
		{"SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512", password, "SCRAM-SHA-512"},
		{"SCRAM-SHA-512 SCRAM-SHA-1-PLUS", password, "SCRAM-SHA-512"},
		{"SCRAM-SHA-512 SCRAM-SHA-1-PLUS", Have{Password: true, Binding: true}, "SCRAM-SHA-1-PLUS"},
		{"CRAM-MD5 DIGEST-MD5", password, "DIGEST-MD5"},
		{"NTLM LOGIN", password, "NTLM"},
		{"PLAIN XOAUTH2 OAUTHBEARER", token, "OAUTHBEARER"},
		{"PLAIN LOGIN XOAUTH2", token, "XOAUTH2"},
		{"PLAIN LOGIN XOAUTH2", password, "PLAIN"},
		{"PLAIN", token, ""},
		{"EXTERNAL ANONYMOUS GSSAPI", Have{Password: true, Token: true, Binding: true}, ""},
		{"", password, ""},
		{"PLAIN", Have{}, ""},
	} {
		m, ok := Choose(strings.Fields(test.offered), test.have)
		got := ""
		if ok {
			got = m.Name
		}
		if got != test.want || ok != (test.want != "") {
			t.Errorf("Choose(%q, %+v) = %q, %v", test.offered, test.have, got, ok)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, test := range []struct {
		names string
		edit  func(*Credentials, *Options)
		want  error
	}{
		{"GSSAPI SCRAM-SHA-3 " + long, func(*Credentials, *Options) {}, ErrUnknown},
		{"PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM SCRAM-SHA-1 XOAUTH2", func(c *Credentials, _ *Options) { c.User = "" }, ErrCredentials},
		{"XOAUTH2 OAUTHBEARER", func(c *Credentials, _ *Options) { c.Secret = "" }, ErrCredentials},
		{"XOAUTH2 OAUTHBEARER", func(c *Credentials, _ *Options) { c.Secret += "\x01" }, ErrCredentials},
		{"XOAUTH2 OAUTHBEARER", func(c *Credentials, _ *Options) { c.User += "\x01" }, ErrCredentials},
		{"PLAIN DIGEST-MD5 NTLM SCRAM-SHA-256", func(c *Credentials, _ *Options) { c.Secret += "\x00" }, ErrCredentials},
		{"PLAIN DIGEST-MD5 NTLM SCRAM-SHA-256 ANONYMOUS", func(c *Credentials, _ *Options) { c.User += "\x00" }, ErrCredentials},
		{"PLAIN DIGEST-MD5 SCRAM-SHA-256 EXTERNAL", func(c *Credentials, _ *Options) { c.Identity = "a\x00" }, ErrCredentials},
		{"PLAIN SCRAM-SHA-512", func(c *Credentials, _ *Options) { c.Secret += "\xff" }, ErrCredentials},
		{"SCRAM-SHA-256", func(c *Credentials, _ *Options) { c.User = "\u00AD" }, ErrCredentials},
		{"NTLM", func(c *Credentials, _ *Options) { c.User = `DOMAIN\` }, ErrCredentials},
		{"ANONYMOUS", func(c *Credentials, _ *Options) { c.User = long }, ErrCredentials},
		{"DIGEST-MD5", func(c *Credentials, _ *Options) { c.Host = "" }, ErrCredentials},
		{"DIGEST-MD5 SCRAM-SHA-1", func(_ *Credentials, o *Options) { o.Nonce = "" }, ErrOptions},
		{"DIGEST-MD5 SCRAM-SHA-1", func(_ *Credentials, o *Options) { o.Nonce = "a,b" }, ErrOptions},
		{"DIGEST-MD5 SCRAM-SHA-1", func(_ *Credentials, o *Options) { o.Nonce = "a b" }, ErrOptions},
		{"NTLM", func(_ *Credentials, o *Options) { o.Random = nil }, ErrOptions},
		{"SCRAM-SHA-256-PLUS", func(_ *Credentials, o *Options) { o.Bindings = nil }, ErrBinding},
		{"SCRAM-SHA-256-PLUS", func(_ *Credentials, o *Options) { o.Bindings[0].Data = nil }, ErrBinding},
		{"SCRAM-SHA-256-PLUS", func(_ *Credentials, o *Options) { o.Bindings[0].Type = "a,b" }, ErrBinding},
	} {
		for name := range strings.FieldsSeq(test.names) {
			c, o := usual()
			test.edit(&c, &o)
			_, err := Start(name, c, o)
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), testSecret) {
				t.Errorf("%s: the error tells the secret: %v", name, err)
			}
		}
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	c, o := usual()
	values := []any{c, &c, []Credentials{c}, map[string]Credentials{"c": c}, struct{ C Credentials }{c}}
	for _, m := range Mechanisms {
		x, err := Start(m.Name, c, o)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, x)
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, testSecret) || strings.Contains(got, fmt.Sprintf("%x", testSecret)) {
				t.Errorf("%s of %T: %s", verb, value, got)
			}
		}
		if text, err := json.Marshal(value); err == nil && strings.Contains(string(text), testSecret) {
			t.Errorf("JSON of %T: %s", value, text)
		}
	}
	if got, want := c.String(), `{identity "", user "DOMAIN\\joe", secret ***, host "mx.example.test", port 587}`; got != want {
		t.Errorf("%s", got)
	}
	if got := fmt.Sprintf("%v", Credentials{}); !strings.Contains(got, "secret none") {
		t.Error(got)
	}
}
