package practice

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
)

// The server's side of SCRAM-SHA-256 is written out here, for it is short, and
// xdg-go/scram costs 0.8 ms at every start for tables of SASLprep, which the
// one user of this server does not need.

// scramIterations is the least that RFC 7677 §4 allows.
const scramIterations = 4096

// scramSalt belongs to the password, as a server would have stored it. It is
// fixed, for what it protects is known to everybody.
const scramSalt = "smtpsh practice!"

// scram is one exchange under way (RFC 5802 §5).
type scram struct {
	user, password, salt string
	iterations           int

	gs2         string // the header of the client's first message
	bare        string // the rest of it
	claimed     string // the user it names
	nonce       string // the client's, and the server's behind it
	serverFirst string
}

// scramFirst takes the client's first message. That the user is not known
// shows at the end only, as a wrong password does.
func scramFirst(s *session, response string) turn {
	x := scram{user: User, password: Password, salt: scramSalt, iterations: scramIterations}
	if strings.HasPrefix(response, "p=") {
		return turn{verdict: one(535, "5.7.8", "there is no channel binding here; SCRAM-SHA-256 begins with n,,")}
	}
	if !x.first(response, s.srv.Nonce()) {
		return malformed("n,,n=USER,r=NONCE")
	}
	return turn{challenge: x.serverFirst, next: x.final}
}

// first reads client-first-message and makes server-first-message (RFC 5802
// §7).
func (x *scram) first(message, nonce string) bool {
	part := strings.SplitN(message, ",", 3)
	if len(part) != 3 || part[0] != "n" && part[0] != "y" || part[1] != "" && !strings.HasPrefix(part[1], "a=") {
		return false
	}
	x.gs2, x.bare = part[0]+","+part[1]+",", part[2]
	part = strings.Split(x.bare, ",") // behind user and nonce may be extensions, which are passed over
	if len(part) < 2 || !scramNonce(part[1]) {
		return false
	}
	name, named := strings.CutPrefix(part[0], "n=") // "m=", an extension that must be understood, fails here
	user, ok := scramName(name)
	authz, valid := scramName(strings.TrimPrefix(strings.Split(x.gs2, ",")[1], "a="))
	if !named || !ok || !valid {
		return false
	}
	x.claimed = user
	if authz != "" && authz != user {
		x.claimed = "" // nobody here acts for another
	}
	x.nonce = part[1][len("r="):] + nonce
	x.serverFirst = "r=" + x.nonce + ",s=" + base64.StdEncoding.EncodeToString([]byte(x.salt)) + ",i=" + strconv.Itoa(x.iterations)
	return true
}

// scramNonce reports "r=" and printable characters but no comma.
func scramNonce(s string) bool {
	nonce, ok := strings.CutPrefix(s, "r=")
	return ok && nonce != "" && printable(nonce) && !strings.Contains(nonce, " ")
}

// scramName undoes the escapes of a saslname: "=2C" and "=3D", and no other
// (RFC 5802 §5.1).
func scramName(s string) (name string, ok bool) {
	plain := strings.NewReplacer("=2C", "", "=3D", "").Replace(s)
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s), !strings.Contains(plain, "=")
}

// final takes the client's proof. SMTP has no place for data beside a 235, so
// the server's own proof is one more challenge, whose response is empty
// (RFC 4422 §3.6, RFC 4954 §4).
func (x *scram) final(s *session, response string) turn {
	proof, proven, ok := x.verify(response)
	if !ok {
		return malformed("c=biws,r=NONCE,p=PROOF")
	}
	if !proven {
		return s.verdict(x.claimed, false)
	}
	return turn{challenge: "v=" + proof, next: func(s *session, response string) turn {
		if response != "" {
			return malformed("empty, after the server's proof")
		}
		return s.verdict(x.claimed, true)
	}}
}

// verify holds client-final-message against what was said before, and returns
// the server's proof. ok is whether the message could be read.
func (x *scram) verify(message string) (proof string, proven, ok bool) {
	i := strings.LastIndex(message, ",p=")
	if i < 0 {
		return "", false, false
	}
	without := message[:i]
	part := strings.Split(without, ",")
	given, err := base64.StdEncoding.Strict().DecodeString(message[i+len(",p="):])
	if err != nil || len(part) < 2 || !strings.HasPrefix(part[0], "c=") || !strings.HasPrefix(part[1], "r=") {
		return "", false, false
	}
	salted, err := pbkdf2.Key(sha256.New, x.password, []byte(x.salt), x.iterations, sha256.Size)
	if err != nil {
		return "", false, false
	}
	clientKey := mac(salted, "Client Key")
	storedKey := sha256.Sum256(clientKey)
	said := x.bare + "," + x.serverFirst + "," + without
	want := mac(storedKey[:], said)
	subtle.XORBytes(want, want, clientKey)
	same := func(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
	proven = hmac.Equal(given, want) && same(x.claimed, x.user) && same(part[1][len("r="):], x.nonce) &&
		same(part[0][len("c="):], base64.StdEncoding.EncodeToString([]byte(x.gs2)))
	return base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), said)), proven, true
}

// mac is HMAC() of RFC 5802 §2.2.
func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}
