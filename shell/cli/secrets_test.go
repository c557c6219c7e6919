package cli_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/protocol"
	"smtpsh/protocol/smtptest"
	"smtpsh/protocol/trace"
)

// The secret that must be nowhere, and what the mechanisms make of it.
const (
	secretUser = "marlene"
	secret     = "Tr0ub4dor&3 \u00fc"
	// cramChallenge is fixed, so that the response is known: the user and an
	// HMAC that this test does not trust the program to compute.
	cramChallenge = "<1896.697170952@postoffice.example>"
)

// forms are the encodings in which a secret might slip out.
func forms() map[string]string {
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	plain := "\x00" + secretUser + "\x00" + secret
	digits := strings.Trim(strings.ReplaceAll(fmt.Sprint([]byte(secret)), " ", ","), "[]")
	forms := map[string]string{
		"plain": secret, "its beginning": secret[:9], "base64": b64(secret), "base64 with the user": b64(plain),
		"base64 one octet on": b64("x" + secret)[4:16], "base64 two octets on": b64("xx" + secret)[4:16],
		"XOAUTH2": b64("user=" + secretUser + "\x01auth=Bearer " + secret + "\x01\x01"),
		"hex":     hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"decimal": digits, "decimal with spaces": strings.ReplaceAll(digits, ",", " "),
		"URL": url.QueryEscape(secret), "quoted": strings.Trim(fmt.Sprintf("%+q", secret), `"`),
	}
	// The base64 of the response to cramChallenge begins with the user name.
	forms["a derived response"] = strings.TrimRight(b64(secretUser+" "), "=")[:10]
	return forms
}

func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for form, needle := range forms() {
		if i := strings.Index(text, needle); i >= 0 {
			t.Errorf("%s has the secret, %s: %q", where, form, text[max(0, i-60):min(len(text), i+80)])
		}
	}
}

// logins are dialogues of a login by each mechanism, by helper and by hand;
// %s in a typed line is the base64 of the answer.
func logins() []struct{ name, peer, typed string } {
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	const refused = "\n< 535 5.7.8 no"
	plain := b64("\x00" + secretUser + "\x00" + secret)
	return []struct{ name, peer, typed string }{
		{"PLAIN", "* any" + refused, ":auth PLAIN"},
		{"LOGIN", "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n* any\n< 334 UGFzc3dvcmQ6\n* any\n< 235 ok", ":auth LOGIN"},
		{"LOGIN, initial", "* any\n< 334 UGFzc3dvcmQ6\n* any" + refused, ":auth --initial LOGIN"},
		{"CRAM-MD5", "> AUTH CRAM-MD5\n< 334 " + b64(cramChallenge) + "\n* any" + refused, ":auth CRAM-MD5"},
		{"SCRAM-SHA-256", "* any\n< 334 " + b64("r=nonsense,s=QSXCR+Q6sek8bf92,i=4096") + "\n> *\n< 501 cancelled", ":auth SCRAM-SHA-256"},
		{"DIGEST-MD5", "> AUTH DIGEST-MD5\n< 334 " + b64(`realm="r",nonce="n",qop="auth",algorithm=md5-sess,charset=utf-8`) + "\n* any" + refused, ":auth DIGEST-MD5"},
		{"XOAUTH2", "* any\n< 334 " + b64(`{"status":"401"}`) + "\n* any" + refused, ":auth XOAUTH2"},
		{"OAUTHBEARER", "* any" + refused, ":auth OAUTHBEARER"},
		{"PLAIN cut off", "* any\n* reset", ":auth PLAIN"},
		{"PLAIN by hand", "* any" + refused, "AUTH PLAIN " + b64("\x00"+secretUser+"\x00"+secret)},
		{"PLAIN by hand, held", "* eof", "AUTH PLAIN  " + b64("\x00"+secretUser+"\x00"+secret) + "!"},
		{"PLAIN by hand, forced", "* any" + refused, "!AUTH PLAIN " + b64("\x00"+secretUser+"\x00"+secret)},
		{"PLAIN answered", "> AUTH PLAIN\n< 334 \n* any" + refused, "AUTH PLAIN\n" + b64("\x00"+secretUser+"\x00"+secret)},
		{"PLAIN by :b64", "> AUTH PLAIN\n< 334 \n* any" + refused, "AUTH PLAIN\n:b64 \\0" + secretUser + "\\0" + secret},
		{"LOGIN answered in clear", "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n* any\n< 334 UGFzc3dvcmQ6\n* eof", "AUTH LOGIN\n" + b64(secretUser) + "\n" + secret},
		{"mistyped", "* eof", "AUHT PLAIN " + plain},
		{"mistyped, of LOGIN", "* eof", "AUHT LOGIN " + b64(secret)},
		{"with a colon", "* eof", "AUTH:PLAIN " + plain},
		{"with an equals sign", "* eof", "AUTH=PLAIN " + plain},
		{"run on", "* eof", "AUTHPLAIN " + plain},
		{"run on behind the mechanism", "* eof", "AUTH PLAIN" + plain},
		{"with a colon behind the mechanism", "* eof", "AUTH PLAIN:" + plain},
		{"without a mechanism", "* eof", "AUTH " + b64(secret)},
		{"without a mechanism, forced", "* any\n< 504 no", "!AUTH " + b64(secret)},
		{"without AUTH", "* eof", "PLAIN " + plain},
		{"a target with a password, as a line", "* eof", "smtp://joe:" + url.QueryEscape(secret) + "@127.0.0.1:1"},
		{"of POP3", "* eof", "PASS " + secret},
		{"spaced", "* eof", " AUTH  PLAIN\t" + plain},
		{"mistyped and forced, and said back", "* any\n< 500 5.5.1 Command unrecognized: \"AUHT PLAIN " + plain + "\"", "!AUHT PLAIN " + plain},
		{"behind another verb", "* any\n< 250 ok", "NOOP " + plain},
		{"an answer before any AUTH", "* eof", b64(secret)},
		{"an answer before any AUTH, forced", "* any\n< 500 5.5.1 unknown: " + b64(secret), "!" + b64(secret)},
		{"an answer in clear behind a refused AUTH", "* any\n< 503 5.5.1 no", "AUTH LOGIN\n" + secret},
		{"an unknown mechanism", "* any\n< 504 no", "AUTH X-OWN " + plain},
		{":auth with a password", "* eof", ":auth PLAIN " + secretUser + " " + secret},
		{":auth with an option", "* eof", ":auth --password=" + secret},
		{":password", "* eof", ":password " + secret},
		{":password, assigned", "* eof", ":password=" + secret},
		{":set of a password", "* eof", ":set auth-password " + secret},
		{":let of a password", "* eof", ":let PASSWORD " + secret + "\n:let"},
		{":b64 without a challenge", "* eof", ":b64 " + secret},
		{":open with a password", "* eof", ":open smtp://" + secretUser + ":" + url.QueryEscape(secret) + "@127.0.0.1:1"},
		{"NTLM", "* any\n< 334 " + ntlmChallenge + "\n* any" + refused, ":auth NTLM"},
		{"not connected any more", "> NOOP\n< 421 bye\n* close", "NOOP\nAUTH PLAIN " + b64("\x00"+secretUser+"\x00"+secret)},
	}
}

const offersAuth = "< 220 mx.example ESMTP\n> EHLO me.example\n< 250-mx.example\n< 250 AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 DIGEST-MD5 XOAUTH2 OAUTHBEARER NTLM\n"

// ntlmChallenge is a server's message without target information ([MS-NLMP]
// §2.2.1.2).
var ntlmChallenge = base64.StdEncoding.EncodeToString([]byte("NTLMSSP\x00\x02\x00\x00\x00\x00\x00\x00\x00\x38\x00\x00\x00\x01\x02\x08\x00\x01\x23\x45\x67\x89\xab\xcd\xef"))

// TestNoSecretInAPipe looks through all that a run without a terminal leaves:
// its output, its errors, its files.
func TestNoSecretInAPipe(t *testing.T) {
	t.Parallel()
	for _, row := range logins() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, output := range []string{"text", "json", "pretty"} {
				noSecretInAPipe(t, row.peer, row.typed, output)
			}
		})
	}
}

func noSecretInAPipe(t *testing.T, peer, typed, form string) {
	t.Helper()
	home := t.TempDir()
	end := "\n* drain"
	if strings.HasSuffix(peer, "eof") || strings.HasSuffix(peer, "reset") || strings.HasSuffix(peer, "close") {
		end = ""
	}
	args := []string{"--helo", "me.example", "-o", form, "--junit", filepath.Join(home, "junit.xml"), "--auth-user", secretUser, "--auth-password-env", "SMTPSH_TEST_SECRET"}
	formats, _ := trace.Formats()
	exports := ""
	for _, format := range formats {
		args = append(args, "--record", filepath.Join(home, "record."+format))
		exports += ":export " + filepath.Join(home, "export."+format) + "\n"
	}
	cmd := exec.Command(os.Args[0], append(args, smtptest.Serve(t, offersAuth+peer+end))...)
	cmd.Env = append(os.Environ(), programVar+"=1", "HOME="+home, "XDG_STATE_HOME=", "SMTPSH_TEST_SECRET="+secret)
	cmd.Stdin = strings.NewReader("EHLO me.example\n" + typed + "\n:save " + filepath.Join(home, "saved") + "\n:raw\n:explain\n:status\n:set\n:tls\n" + exports)
	out, _ := cmd.CombinedOutput() // what it exits with is not the question here
	if !strings.Contains(string(out), "EHLO me.example") {
		t.Fatalf("no session in it:\n%s", out)
	}
	noSecret(t, "the output as "+form, string(out))
	noSecretIn(t, home)
	for _, format := range formats {
		if text, err := os.ReadFile(filepath.Join(home, "record."+format)); err != nil || len(text) == 0 {
			t.Errorf("the record in %s: %d octets, %v", format, len(text), err)
		}
	}
}

func noSecretIn(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		noSecret(t, path, string(text))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestNoSecretInAPanic prints events as a panic or a log would, and has the
// program really panic: in the middle of a login by each mechanism, with all
// that it has at hand, and by a signal.
func TestNoSecretInAPanic(t *testing.T) {
	t.Parallel()
	sent := protocol.Sent{Kind: protocol.SentResponse, Raw: []byte(secret), Secret: true}
	advised := protocol.Advised{Line: "AUHT LOGIN " + secret, Diags: []protocol.Diag{{Fix: "AUTH LOGIN " + secret}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		noSecret(t, verb, fmt.Sprintf(verb, sent)+fmt.Sprintf(verb, &sent)+fmt.Sprintf(verb, []protocol.Event{sent, advised})+fmt.Sprintf(verb, &advised))
	}
	for _, row := range logins() {
		if !strings.HasSuffix(row.peer, " no") {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			lines := ":set auth-user " + secretUser + "\n:set auth-password-env SMTPSH_TEST_SECRET\nEHLO me.example\n" + row.typed + "\n"
			cmd := exec.Command(os.Args[0], smtptest.Serve(t, offersAuth+row.peer+"\n* drain"))
			cmd.Env = append(os.Environ(), programVar+"="+panicValue, "HOME="+t.TempDir(), "SMTPSH_TEST_SECRET="+secret, "GOTRACEBACK=all")
			cmd.Stdin = strings.NewReader(lines)
			out, _ := cmd.CombinedOutput() // it ends by a panic
			if !strings.Contains(string(out), "panic: ") || !strings.Contains(string(out), "hub") {
				t.Fatalf("no panic:\n%s", out)
			}
			noSecret(t, "the panic", string(out))
		})
	}
}
