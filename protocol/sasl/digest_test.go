package sasl

import (
	"errors"
	"strings"
	"testing"
)

func startTestDigest(t *testing.T, c Credentials) Exchange {
	t.Helper()
	x, err := Start("DIGEST-MD5", c, Options{Nonce: "cnonce"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestDigestHostile(t *testing.T) {
	const first = `nonce="n",algorithm=md5-sess`
	for _, test := range []struct {
		challenges []string
		want       error // of the last one
	}{
		{[]string{""}, ErrChallenge},
		{[]string{"nonce"}, ErrChallenge},
		{[]string{`nonce="n`}, ErrChallenge},
		{[]string{`nonce="n\`}, ErrChallenge},
		{[]string{`nonce="n"algorithm=md5-sess`}, ErrChallenge},
		{[]string{`="n",algorithm=md5-sess`}, ErrChallenge},
		{[]string{`nonce="",algorithm=md5-sess`}, ErrChallenge},
		{[]string{`algorithm=md5-sess`}, ErrChallenge},
		{[]string{`nonce="n"`}, ErrChallenge},
		{[]string{`nonce="n",algorithm=md5`}, ErrChallenge},
		{[]string{`nonce="n",nonce="m",algorithm=md5-sess`}, ErrChallenge},
		{[]string{first + `,qop="auth-int,auth-conf"`}, ErrChallenge},
		{[]string{first + `,qop=auth,qop=auth`}, ErrChallenge},
		{[]string{first + `,charset=koi8-r`}, ErrChallenge},
		{[]string{" ,, nonce = \"n\" ,\r\n Algorithm=MD5-SESS, qop=\"auth-int, AUTH\",stale=true,"}, nil},
		{[]string{first, "rspauth=00"}, ErrServerSignature},
		{[]string{first, "rspauth=" + strings.Repeat("0", 32)}, ErrServerSignature},
		{[]string{first, "rspauth="}, ErrServerSignature},
		{[]string{first, ""}, ErrChallenge},
		{[]string{first, first}, ErrChallenge},
		{[]string{first, "rspauth=a,rspauth=b"}, ErrChallenge},
	} {
		x := startTestDigest(t, Credentials{User: "joe", Secret: testSecret, Host: "mx.example.test"})
		var err error
		for _, challenge := range test.challenges {
			_, err = x.Next([]byte(challenge))
		}
		if !errors.Is(err, test.want) || err != nil && strings.Contains(err.Error(), testSecret) {
			t.Errorf("%q: %v, want %v", test.challenges, err, test.want)
		}
		if x.Done() == nil {
			t.Errorf("%q: the server proved nothing, and all is well", test.challenges)
		}
	}
}

func TestDigestRealmAndQuoting(t *testing.T) {
	const rest = `nonce="n\"\\",algorithm=md5-sess`
	for _, test := range []struct{ user, challenge, want string }{
		{"joe", rest, `username="joe",nonce="n\"\\",nc=00000001,cnonce="cnonce",digest-uri="smtp/mx.example.test",response=`},
		{"joe", rest + `,realm="one"`, `username="joe",realm="one",`},
		{"joe", rest + `,realm="one",realm="MX.example.test"`, `username="joe",realm="MX.example.test",`},
		{"joe@two", rest + `,realm="one",realm="two",realm="mx.example.test"`, `username="joe@two",realm="two",`},
		{"joe", rest + `,realm="one",realm="two"`, `username="joe",realm="one",`},
		{`j"o\e`, rest + `,realm="a,b\"c"`, `username="j\"o\\e",realm="a,b\"c",`},
		{"joe", rest + ",realm=\"K\xF6ln\"", "username=\"joe\",realm=\"K\xF6ln\","},
		{"jo\u00EB", rest, "username=\"jo\xEB\","},
		{"jo\u00EB", rest + ",charset=utf-8", "charset=utf-8,username=\"jo\u00EB\","},
		{"jo\u0151", rest + ",charset=utf-8", "charset=utf-8,username=\"jo\u0151\","},
	} {
		x := startTestDigest(t, Credentials{User: test.user, Secret: testSecret, Host: "mx.example.test"})
		got, err := x.Next([]byte(test.challenge))
		if err != nil || !strings.HasPrefix(string(got), test.want) {
			t.Errorf("%q, %s: %s, %v", test.user, test.challenge, got, err)
		}
	}
	response := func(challenge string) string {
		got, err := startTestDigest(t, Credentials{User: "joe", Secret: testSecret, Host: "h"}).Next([]byte(rest + challenge))
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(string(got), "response=")
		return text
	}
	if octets, utf8 := response(",realm=\"K\xF6ln\""), response(",charset=utf-8,realm=\"K\u00F6ln\""); octets != utf8 {
		t.Errorf("a realm in ISO 8859-1 gives the response %s, in UTF-8 %s", octets, utf8)
	}
	x := startTestDigest(t, Credentials{User: "jo\u0151", Secret: testSecret, Host: "h"})
	if _, err := x.Next([]byte(rest)); !errors.Is(err, ErrCredentials) {
		t.Errorf("outside ISO 8859-1 without utf-8: %v", err)
	}
	x = startTestDigest(t, Credentials{Identity: `i"`, User: "joe", Host: "h"})
	if got, err := x.Next([]byte(rest)); err != nil || !strings.HasSuffix(string(got), `,authzid="i\""`) {
		t.Errorf("identity: %s, %v", got, err)
	}
}

func TestCRAMRefusesEmptyChallenge(t *testing.T) {
	x, err := Start("CRAM-MD5", Credentials{User: "joe"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Next(nil); !errors.Is(err, ErrChallenge) {
		t.Error(err)
	}
}
