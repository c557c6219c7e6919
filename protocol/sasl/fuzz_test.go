package sasl

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// heavy matches an iteration count that is allowed, and too much for a fuzzer.
var heavy = regexp.MustCompile(`i=0*[1-9][0-9]{3}`)

// FuzzNext feeds challenges to every mechanism: none may panic, none may tell
// the secret in an error, and none of those in which the server has to prove
// itself may be content with a proof that is made up.
func FuzzNext(f *testing.F) {
	for i := range Mechanisms {
		f.Add(uint8(i), []byte(""), []byte(""))
		f.Add(uint8(i), []byte("r=clientnonceX,s=AAAA,i=2"), []byte("v=AAAA"))
		f.Add(uint8(i), []byte("r=clientnonceX,s=AAAA,i=2,x=y"), []byte("e=other-error"))
		f.Add(uint8(i), []byte(`realm="a",nonce="b\"",qop="auth",algorithm=md5-sess,charset=utf-8`), []byte("rspauth=00"))
		f.Add(uint8(i), []byte("Username:"), []byte("Password:"))
		f.Add(uint8(i), []byte(`{"status":"400"}`), []byte("{"))
		f.Add(uint8(i), unhex(f, ntlmTestChallenge), []byte("NTLMSSP\x00"))
	}
	f.Fuzz(func(t *testing.T, i uint8, first, second []byte) {
		if heavy.Match(first) {
			t.Skip()
		}
		m := Mechanisms[int(i)%len(Mechanisms)]
		c, o := usual()
		x, err := Start(m.Name, c, o)
		if err != nil {
			t.Fatal(err)
		}
		x.Initial()
		check := func(err error) {
			if err == nil || strings.Contains(string(first)+string(second), testSecret) {
				return
			}
			for _, form := range []string{testSecret, base64.StdEncoding.EncodeToString([]byte(testSecret))} {
				if strings.Contains(err.Error(), form) {
					t.Errorf("%s: the error tells the secret: %v", m.Name, err)
				}
			}
		}
		for _, challenge := range [][]byte{first, second, nil} {
			response, err := x.Next(challenge)
			check(err)
			if (response == nil) != (err != nil) {
				t.Errorf("%s: response %q and error %v", m.Name, response, err)
			}
			if !m.Reveals && strings.Contains(string(response), testSecret) {
				t.Errorf("%s reveals the secret: %q", m.Name, response)
			}
		}
		err = x.Done()
		check(err)
		if mutual := strings.HasPrefix(m.Name, "SCRAM") || m.Name == "DIGEST-MD5"; mutual && err == nil {
			t.Errorf("%s: content with %q and %q", m.Name, first, second)
		}
	})
}
