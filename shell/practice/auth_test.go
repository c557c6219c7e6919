package practice

import (
	"encoding/base64"
	"net/smtp"
	"strings"
	"testing"
)

func TestAuthDialogues(t *testing.T) {
	for _, tc := range authDialogues {
		t.Run(tc.name, func(t *testing.T) {
			s := testServer(func(s *Server) { s.MaxSize = 1000 })
			talk(t, s, greeted+tc.script)
		})
	}
}

// The responses are computed elsewhere, with Python's hmac and hashlib.
var authDialogues = []struct{ name, script string }{
	{"PLAIN", `
	> AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl
	< 235 2.7.0 logged in as practice
	> AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl
	< 503 5.5.1 you are logged in already
	> RSET
	< 250 *
	> AUTH LOGIN
	< 503 5.5.1 you are logged in already`},
	{"PLAIN in two steps, for oneself", `
	> auth plain
	< 334 ` + `
	> cHJhY3RpY2UAcHJhY3RpY2UAcHJhY3RpY2U=
	< 235 2.7.0 *
	> MAIL FROM:<a@example.org> AUTH=a@example.org
	< 250 *`},
	{"PLAIN gone wrong", `
	> AUTH PLAIN AHByYWN0aWNlAHdyb25n
	< 535 5.7.8 wrong user name or password; here both are practice
	> AUTH PLAIN AG90aGVyAHByYWN0aWNl
	< 535 5.7.8 *
	# on behalf of another
	> AUTH PLAIN b3RoZXIAcHJhY3RpY2UAcHJhY3RpY2U=
	< 535 5.7.8 *
	# a space in place of NUL
	> AUTH PLAIN cHJhY3RpY2UgcHJhY3RpY2U=
	< 501 5.5.2 in base64 this should be NUL, the user, NUL and the password
	> AUTH PLAIN =
	< 501 5.5.2 *
	> AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl
	< 235 *`},
	{"LOGIN", `
	> AUTH LOGIN
	< 334 VXNlcm5hbWU6
	> cHJhY3RpY2U=
	< 334 UGFzc3dvcmQ6
	> cHJhY3RpY2U=
	< 235 2.7.0 *`},
	{"LOGIN with the user at once", `
	> AUTH LOGIN cHJhY3RpY2U=
	< 334 UGFzc3dvcmQ6
	> cHJhY3RpY2U=
	< 235 2.7.0 *`},
	{"LOGIN gone wrong", `
	> AUTH LOGIN
	< 334 *
	> cHJhY3RpY2U=
	< 334 *
	> d3Jvbmc=
	< 535 5.7.8 *
	> AUTH LOGIN =
	< 334 UGFzc3dvcmQ6
	> cHJhY3RpY2U=
	< 535 5.7.8 *
	> NOOP
	< 250 *`},
	{"CRAM-MD5", `
	> AUTH CRAM-MD5
	< 334 PG5vbmNlQHByYWN0aWNlLmV4YW1wbGU+
	> cHJhY3RpY2UgMTJmZWFkN2RjN2M0OWIwMzAyZDkyMTU4NGQ3NTQyMjU=
	< 235 2.7.0 *`},
	{"CRAM-MD5 gone wrong", `
	> AUTH CRAM-MD5 cHJhY3RpY2U=
	< 501 5.7.0 CRAM-MD5 takes no initial response: the server begins
	> AUTH CRAM-MD5
	< 334 *
	> cHJhY3RpY2UgZTRmNDY2OWQ0Y2M5NzdjMmUzOWFhNzllYTY4MTgxODQ=
	< 535 5.7.8 *
	> AUTH CRAM-MD5
	< 334 *
	> cHJhY3RpY2U=
	< 501 5.5.2 *`},
	{"SCRAM-SHA-256", `
	> AUTH SCRAM-SHA-256 biwsbj1wcmFjdGljZSxyPWNsaWVudA==
	< 334 cj1jbGllbnRub25jZSxzPWMyMTBjSE5vSUhCeVlXTjBhV05sSVE9PSxpPTQwOTY=
	> Yz1iaXdzLHI9Y2xpZW50bm9uY2UscD1yTTNrZDJwM3oySHhNS3g2L2NKVXVRWlFCQkZLY21YZHZsemZtbm4zSWJRPQ==
	< 334 dj1HUFRSRHUvOE1JOVRwZ0xpOWJHN0JoNTZ5VjZGMGFrNUZVY3plcXNNQ3lnPQ==
	* raw \r\n
	< 235 2.7.0 *`},
	{"SCRAM-SHA-256 in one more step, for oneself", `
	> AUTH SCRAM-SHA-256
	< 334 ` + `
	> eSxhPXByYWN0aWNlLG49cHJhY3RpY2Uscj1jbGllbnQ=
	< 334 *
	> Yz1lU3hoUFhCeVlXTjBhV05sTEE9PSxyPWNsaWVudG5vbmNlLHA9c3phVUM1Yi9TYUFyKzZDQzBwV01jdGpZejhJQ01QL09GNlZmRUpOREFuWT0=
	< 334 dj04NytLZ2lEMUZJcSsxWktUeFJyQWZpVnZ1VndnVWhYWllPazVxekMrZXM0PQ==
	* raw \r\n
	< 235 2.7.0 *`},
	{"SCRAM-SHA-256 gone wrong", `
	# the password
	> AUTH SCRAM-SHA-256 biwsbj1wcmFjdGljZSxyPWNsaWVudA==
	< 334 *
	> Yz1iaXdzLHI9Y2xpZW50bm9uY2UscD1VTHE4OTRNZmVEcGlObDhzaUdSRVZNNStzbEM3WXg0ZTlTZERPb2V3WHVrPQ==
	< 535 5.7.8 *
	# the user, which the server does not tell before the end
	> AUTH SCRAM-SHA-256 biwsbj1vdGhlcixyPWNsaWVudA==
	< 334 *
	> Yz1iaXdzLHI9Y2xpZW50bm9uY2UscD02SlhEWGU1alRQeE5VYzc5WDdobitSTFVQR3dnbGNMaFpaczBkQjJNcS9BPQ==
	< 535 5.7.8 *
	# on behalf of another
	> AUTH SCRAM-SHA-256 bixhPW90aGVyLG49cHJhY3RpY2Uscj1jbGllbnQ=
	< 334 *
	> Yz1iaXhoUFc5MGFHVnlMQT09LHI9Y2xpZW50bm9uY2UscD1Kb1dZZzUwMTN6Ui9Ea00rdFBkR1NOc29LVjFLbmo5dmZjenByd2tHRWQ0PQ==
	< 535 5.7.8 *
	# channel binding
	> AUTH SCRAM-SHA-256 cD10bHMtZXhwb3J0ZXIsLG49cHJhY3RpY2Uscj1jbGllbnQ=
	< 535 5.7.8 there is no channel binding here; SCRAM-SHA-256 begins with n,,
	# an extension that must be understood
	> AUTH SCRAM-SHA-256 biwsbT14LG49cHJhY3RpY2Uscj1jbGllbnQ=
	< 501 5.5.2 in base64 this should be n,,n=USER,r=NONCE
	> AUTH SCRAM-SHA-256 biwsbj1wcmFjdGljZQ==
	< 501 5.5.2 *
	> AUTH SCRAM-SHA-256 biwsbj1wcmFjdGljZSxyPWNsaWVudA==
	< 334 *
	> bm9uc2Vuc2U=
	< 501 5.5.2 in base64 this should be c=biws,r=NONCE,p=PROOF
	# something behind the server's proof
	> AUTH SCRAM-SHA-256 biwsbj1wcmFjdGljZSxyPWNsaWVudA==
	< 334 *
	> Yz1iaXdzLHI9Y2xpZW50bm9uY2UscD1yTTNrZDJwM3oySHhNS3g2L2NKVXVRWlFCQkZLY21YZHZsemZtbm4zSWJRPQ==
	< 334 *
	> bm9uc2Vuc2U=
	< 501 5.5.2 in base64 this should be empty, after the server's proof`},
	{"cancelled", `
	> AUTH LOGIN
	< 334 *
	> *
	< 501 5.7.0 AUTH is cancelled
	> AUTH LOGIN
	< 334 *
	> cHJhY3RpY2U=
	< 334 *
	> *
	< 501 5.7.0 *
	> NOOP
	< 250 *`},
	{"no base64", `
	> AUTH LOGIN
	< 334 *
	> practice!
	< 501 5.5.2 this is not base64, so AUTH is over
	> AUTH LOGIN
	< 334 *
	> =
	< 501 5.5.2 *
	> AUTH LOGIN
	< 334 *
	> cHJhY3RpY2U
	< 501 5.5.2 *
	> AUTH LOGIN
	< 334 *
	> cHJhY3RpY2V=
	< 501 5.5.2 *
	> AUTH LOGIN
	< 334 *
	* raw cHJh\rY3RpY2U=\r\n
	< 501 5.5.2 *
	> AUTH LOGIN joe
	< 501 5.5.2 the initial response is base64; try AUTH LOGIN am9l
	> AUTH PLAIN joe
	< 501 5.5.2 *
	> NOOP
	< 250 *`},
	{"a line that is no response ends AUTH", `
	> AUTH LOGIN
	< 334 *
	> MAIL FROM:<a@example.org>
	< 501 5.5.2 *
	> AUTH LOGIN
	< 334 *
	* raw cHJhY3RpY2U=\n
	< 500 5.5.2 this line ended in LF alone*
	> NOOP
	< 250 *
	> AUTH LOGIN
	< 334 *
	> ` + strings.Repeat("A", maxLine) + `
	< 500 5.5.6 this line is too long for an answer, so AUTH is over
	> NOOP
	< 250 *
	> AUTH LOGIN
	< 334 *
	> ` + strings.Repeat("A", maxLine-4) + `
	< 334 UGFzc3dvcmQ6`},
	{"out of place", `
	> AUTH
	< 501 *
	> AUTH NONSENSE
	< 504 5.5.4 no mechanism NONSENSE here; there are SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN
	> AUTH PLAIN AHByYWN0aWNlAHByYWN0aWNl more
	< 501 *
	> HELO client.example
	< 250 *
	> AUTH PLAIN
	< 503 5.5.1 AUTH needs EHLO; this session was greeted with HELO`},
	{"a long challenge", `
	> AUTH SCRAM-SHA-256
	< 334 ` + `
	> ` + inBase64("n,,n=practice,r="+strings.Repeat("x", 3000)) + `
	< 334 ` + inBase64("r="+strings.Repeat("x", 3000)+"nonce,s="+inBase64(scramSalt)+",i=4096") + `
	> *
	< 501 *`},
}

func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestSCRAMExample is the example of RFC 7677 §3.
func TestSCRAMExample(t *testing.T) {
	x := scram{user: "user", password: "pencil", salt: "\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81", iterations: 4096}
	if !x.first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0") {
		t.Fatal("the first message is refused")
	}
	if want := "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"; x.serverFirst != want {
		t.Errorf("server-first-message %q, want %q", x.serverFirst, want)
	}
	proof, proven, ok := x.verify("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	if proof != "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" || !proven || !ok {
		t.Errorf("proof %q, %v, %v", proof, proven, ok)
	}
}

func TestSCRAMNames(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		ok       bool
	}{{"a=2Cb=3Dc", "a,b=c", true}, {"a=3D2C", "a=2C", true}, {"a=2cb", "", false}, {"a=", "", false}, {"", "", true}} {
		if got, ok := scramName(tc.in); ok != tc.ok || ok && got != tc.want {
			t.Errorf("%q: %q, %v", tc.in, got, ok)
		}
	}
}

// TestNoncesDiffer asks for two challenges of a server as it comes.
func TestNoncesDiffer(t *testing.T) {
	s := newServer()
	if a, b := s.Nonce(), s.Nonce(); a == b || len(a) < 20 || !scramNonce("r="+a) {
		t.Errorf("%q, %q", a, b)
	}
}

// TestNetSMTPLogsIn has the standard library's client log in.
func TestNetSMTPLogsIn(t *testing.T) {
	s := start(t)
	s.SetMode("no-starttls") // or SendMail would insist on a certificate that it trusts
	for _, tc := range []struct {
		name string
		auth smtp.Auth
		ok   bool
	}{
		{"PLAIN", smtp.PlainAuth("", User, Password, "127.0.0.1"), true},
		{"PLAIN, wrong", smtp.PlainAuth("", User, "wrong", "127.0.0.1"), false},
		{"CRAM-MD5", smtp.CRAMMD5Auth(User, Password), true},
		{"CRAM-MD5, wrong", smtp.CRAMMD5Auth(User, "wrong"), false},
	} {
		err := smtp.SendMail(s.Addr(), tc.auth, "a@example.org", []string{"b@example.org"}, []byte(awkward))
		if wrong := err != nil && strings.HasPrefix(err.Error(), `535 "5.7.8 `); tc.ok != (err == nil) || tc.ok == wrong {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// knowsPassword says whether two responses prove to a mechanism that the
// client knows the password. Those of SCRAM-SHA-256 are three.
func knowsPassword(mechanism, first, second string) bool {
	read := func(s string) string {
		text, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || strings.ContainsAny(s, "\r\n") {
			return ""
		}
		return string(text)
	}
	switch mechanism {
	case "PLAIN":
		text := strings.TrimPrefix(read(first), User)
		return text == "\x00"+User+"\x00"+Password
	case "LOGIN":
		return read(first) == User && read(second) == Password
	case "CRAM-MD5":
		return read(first) == User+" 12fead7dc7c49b0302d921584d754225"
	}
	return false
}

// FuzzAuth gives any response to every mechanism: no panic, exactly one reply,
// and no way around the password.
func FuzzAuth(f *testing.F) {
	for _, text := range []string{"", "=", "*", "AHByYWN0aWNlAHByYWN0aWNl", "cHJhY3RpY2U=", "biwsbj1wcmFjdGljZSxyPWNsaWVudA==", "eSxhPXByYWN0aWNlLG49cHJhY3RpY2Uscj1jbGllbnQ=", "Yz1iaXdzLHI9Y2xpZW50bm9uY2UscD1y", "cHJhY3RpY2UgMTJmZWFkN2RjN2M0OWIwMzAyZDkyMTU4NGQ3NTQyMjU=", "QUIT"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, m := range mechanisms {
			s := reach(t, "greeted")
			a := s.handle("AUTH " + m.name)
			for _, line := range []string{first, second, "*"} {
				checkReply(t, a)
				if a.then != stepChallenge {
					break
				}
				a = s.handle(line)
			}
			if s.authed != (a.code == 235) || s.authed != knowsPassword(m.name, first, second) {
				t.Errorf("%s: logged in is %v after %q and %q: %+v", m.name, s.authed, first, second, a)
			}
			if s.pending == nil != (a.then != stepChallenge) {
				t.Errorf("%s: pending, or not, with %+v", m.name, a)
			}
		}
	})
}
