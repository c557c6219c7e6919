package sasl

import (
	"errors"
	"strings"
	"testing"

	oracle "github.com/xdg-go/scram"
)

// conversation makes the oracle, a server that was written elsewhere, with one
// account: jo=e,x whose password is "p\u00E9ncil" with a soft hyphen in it.
func conversation(t *testing.T, name string, binding Binding) *oracle.ServerConversation {
	t.Helper()
	hash := map[string]oracle.HashGeneratorFcn{"SCRAM-SHA-1": oracle.SHA1, "SCRAM-SHA-256": oracle.SHA256, "SCRAM-SHA-512": oracle.SHA512}[strings.TrimSuffix(name, "-PLUS")]
	client, err := hash.NewClient(scramUser, scramSecret, "")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := client.GetStoredCredentialsWithError(oracle.KeyFactors{Salt: "a salt", Iters: 4096})
	if err != nil {
		t.Fatal(err)
	}
	server, err := hash.NewServer(func(user string) (oracle.StoredCredentials, error) {
		if user != scramUser {
			return oracle.StoredCredentials{}, errors.New("no such user")
		}
		return stored, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	bound := oracle.ChannelBinding{Type: oracle.ChannelBindingType(binding.Type), Data: binding.Data}
	switch {
	case strings.HasSuffix(name, "-PLUS"):
		return server.NewConversationWithChannelBindingRequired(bound)
	case binding.Type != "":
		return server.NewConversationWithChannelBinding(bound)
	}
	return server.NewConversation()
}

const (
	scramUser   = "jo=e,x"
	scramSecret = "pe\u0301nc\u00ADil"
)

func TestSCRAMAgainstOracle(t *testing.T) {
	binding := func(kind string) Binding { return Binding{Type: kind, Data: []byte("data of " + kind)} }
	for _, test := range []struct {
		name     string
		server   Binding
		client   []Binding
		plus     bool // offered
		identity string
		secret   string
		header   string // how the initial response begins
		want     string // in the server's error, "" for a login
	}{
		{name: "SCRAM-SHA-1", header: "n,,n=jo=3De=2Cx,r="},
		{name: "SCRAM-SHA-256", header: "n,,"},
		{name: "SCRAM-SHA-512", header: "n,,"},
		{name: "SCRAM-SHA-512", identity: "a,b=c", header: "n,a=a=2Cb=3Dc,"},
		{name: "SCRAM-SHA-256", client: []Binding{binding("tls-exporter")}, header: "y,,"},
		{name: "SCRAM-SHA-256", client: []Binding{binding("tls-exporter")}, plus: true, header: "n,,"},
		{name: "SCRAM-SHA-256", client: []Binding{binding("tls-exporter")}, server: binding("tls-exporter"), header: "y,,", want: "server-does-support-channel-binding"},
		{name: "SCRAM-SHA-1-PLUS", client: []Binding{binding("tls-unique")}, server: binding("tls-unique"), plus: true, header: "p=tls-unique,,"},
		{name: "SCRAM-SHA-256-PLUS", client: []Binding{binding("tls-exporter"), binding("tls-unique")}, server: binding("tls-exporter"), plus: true, header: "p=tls-exporter,,"},
		{name: "SCRAM-SHA-512-PLUS", client: []Binding{binding("tls-server-end-point")}, server: binding("tls-server-end-point"), identity: "i", header: "p=tls-server-end-point,a=i,"},
		{name: "SCRAM-SHA-512-PLUS", client: []Binding{{"tls-exporter", []byte("the middle's")}}, server: binding("tls-exporter"), header: "p=", want: "channel-bindings-dont-match"},
		{name: "SCRAM-SHA-512", secret: "pencil", header: "n,,", want: "invalid-proof"},
	} {
		secret := scramSecret
		if test.secret != "" {
			secret = test.secret
		}
		x, err := Start(test.name, Credentials{Identity: test.identity, User: scramUser, Secret: secret},
			Options{Nonce: "nonce", Bindings: test.client, PlusOffered: test.plus})
		if err != nil {
			t.Fatal(err)
		}
		message, _ := x.Initial()
		if !strings.HasPrefix(string(message), test.header) {
			t.Errorf("%s: %q", test.name, message)
		}
		server := conversation(t, test.name, test.server)
		for range 2 {
			var challenge string
			challenge, _ = server.Step(string(message))
			if message, err = x.Next([]byte(challenge)); err != nil {
				break
			}
		}
		if test.want == "" {
			if err != nil || x.Done() != nil || !server.Valid() || len(message) != 0 || server.AuthzID() != test.identity {
				t.Errorf("%s: %v, done %v, valid %v", test.name, err, x.Done(), server.Valid())
			}
			continue
		}
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), test.want) || !errors.Is(x.Done(), ErrRefused) {
			t.Errorf("%s: %v, done %v; want %s", test.name, err, x.Done(), test.want)
		}
	}
}

func TestSCRAMHostile(t *testing.T) {
	const first = "r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
	for _, test := range []struct {
		challenges []string
		want       error // of the last one
	}{
		{[]string{""}, ErrChallenge},
		{[]string{"\x00\xff"}, ErrChallenge},
		{[]string{"r=other,s=AAAA,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqO\x00,s=AAAA,i=4096"}, ErrChallenge},
		{[]string{"s=AAAA,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AA\nAA,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=?,i=4096"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=0"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i="}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=-1"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=+1"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=10000001"}, ErrChallenge},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=99999999999999999999"}, ErrChallenge},
		{[]string{"m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4096"}, ErrChallenge},
		{[]string{"e=unknown-user"}, ErrRefused},
		{[]string{"r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1,x=extension,y=more"}, nil},
		{[]string{first, "e=other-error"}, ErrRefused},
		{[]string{first, ""}, ErrChallenge},
		{[]string{first, "v="}, ErrServerSignature},
		{[]string{first, "v=?"}, ErrChallenge},
		{[]string{first, "v=AAAA"}, ErrServerSignature},
		{[]string{first, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}, ErrServerSignature},
		{[]string{first, first}, ErrChallenge},
	} {
		x, err := Start("SCRAM-SHA-256", Credentials{User: "user", Secret: testSecret}, Options{Nonce: "rOprNGfwEbeRWgbNEkqO"})
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Done(); !errors.Is(err, ErrServerSignature) {
			t.Errorf("done at once: %v", err)
		}
		for _, challenge := range test.challenges {
			_, err = x.Next([]byte(challenge))
		}
		if !errors.Is(err, test.want) || err != nil && strings.Contains(err.Error(), testSecret) {
			t.Errorf("%q: %v, want %v", test.challenges, err, test.want)
		}
		if x.Done() == nil {
			t.Errorf("%q: the server proved nothing, and all is well", test.challenges)
		}
		if _, again := x.Next([]byte("v=AAAA")); again == nil {
			t.Errorf("%q: goes on after %v", test.challenges, err)
		}
	}
}
