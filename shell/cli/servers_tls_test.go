package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// securedServer is a real server that is spoken to under TLS.
type securedServer struct {
	name, port string // to start it by
	starttls   string // the port with STARTTLS
	implicit   string // the port with TLS from the start; "" for none
	mechanisms string // what it offers under TLS
	user       string
	refusal    string // how the reply to a wrong password begins
}

var securedServers = []securedServer{
	{"postfix", "25001", "25001", "25101", "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "alice", "535 5.7.8"},
	{"exim", "25002", "25002", "25102", "PLAIN LOGIN CRAM-MD5", "alice", "535 "},
	{"sendmail", "25003", "25003", "25103", "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "alice", "535 5.7.0"},
	{"opensmtpd", "25004", "25004", "25104", "PLAIN LOGIN", "alice", "535 "},
	{"dovecot", "25006", "25016", "", "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "alice", "535 5.7.8"},
	{"chasquid", "25008", "25018", "25108", "PLAIN", "alice@example.test", "535 5.7.8"},
}

// TestServersUnderTLS makes handshakes with real servers, in both ways, and
// logs in by each mechanism that each of them has, right and wrong.
func TestServersUnderTLS(t *testing.T) {
	serverScripts(t)
	for _, server := range securedServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			startServer(t, server.name, server.port)
			if server.name == "dovecot" { // hands on what is submitted, and hangs up on a login when nobody is there
				startServer(t, "smtp-sink", "25012")
			}
			t.Run("by hand", server.byHand)
			t.Run("STARTTLS", func(t *testing.T) { server.handshake(t, "QUIT", "--tls", "starttls", "127.0.0.1", server.starttls) })
			if server.implicit != "" {
				t.Run("from the start", func(t *testing.T) {
					server.handshake(t, "EHLO client.example\nQUIT", "smtps://127.0.0.1:"+server.implicit)
				})
			}
			for mechanism := range strings.FieldsSeq(server.mechanisms) {
				t.Run(mechanism, func(t *testing.T) { server.login(t, mechanism) })
			}
		})
	}
}

// byHand types the greeting, STARTTLS and the greeting again.
func (server securedServer) byHand(t *testing.T) {
	t.Parallel()
	out, status := piped(t, []string{"127.0.0.1", server.starttls}, "EHLO client.example", "STARTTLS", "EHLO client.example", "QUIT")
	server.secured(t, out, status)
	if !strings.Contains(out, "under TLS") {
		t.Errorf("nothing is said of what EHLO changed:\n%s", out)
	}
}

// handshake makes one, and another that is to be verified and cannot be.
func (server securedServer) handshake(t *testing.T, lines string, args ...string) {
	t.Parallel()
	out, status := piped(t, args, lines)
	server.secured(t, out, status)
	// The certificate has the name that the server goes by, and vouches for itself.
	out, status = piped(t, append([]string{"--tls-verify", "require"}, args...), lines)
	if status != 6 || !strings.Contains(out, "the server is not verified, and verification is required: self-signed") {
		t.Errorf("status %d, although it cannot be verified:\n%s", status, out)
	}
}

// secured checks a session under TLS from the handshake to the farewell.
func (server securedServer) secured(t *testing.T, out string, status int) {
	t.Helper()
	if status != 0 || !strings.Contains(out, "\n* TLS 1.3 · TLS_") || !strings.Contains(out, "\n*   UNVERIFIED self-signed") {
		t.Fatalf("status %d:\n%s", status, out)
	}
	_, under, _ := strings.Cut(out, "UNVERIFIED")
	offered := ""
	for line := range strings.Lines(under) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line[min(len(line), 6):]), "AUTH "); ok && strings.HasPrefix(line, "< 250") {
			offered = list
		}
	}
	for mechanism := range strings.FieldsSeq(server.mechanisms) {
		if !slices.Contains(strings.Fields(offered), mechanism) {
			t.Errorf("%s is not offered: %q", mechanism, offered)
		}
	}
	if strings.Contains(under, "\n< 250-STARTTLS\n") || strings.Contains(under, "\n< 250 STARTTLS\n") {
		t.Error("STARTTLS is offered under TLS")
	}
	checkFarewell(t, out)
}

func (server securedServer) login(t *testing.T, mechanism string) {
	t.Parallel()
	rows := []struct {
		password, want string
		status         int
	}{
		{"secret", "\n* Logged in as " + server.user + " by " + mechanism, 0},
		{"wrong-secret", "\n< " + server.refusal, 1},
	}
	for _, row := range rows {
		out, status := piped(t, []string{"--tls", "starttls", "--auth-user", server.user, "--auth-password-command", "echo " + row.password, "127.0.0.1", server.starttls},
			":auth "+mechanism, "QUIT")
		if status != row.status || !strings.Contains(out, row.want) || !strings.Contains(out, "\n> AUTH "+mechanism) {
			t.Errorf("status %d, want %d and %q:\n%s", status, row.status, row.want, out)
		}
		if scram := strings.HasPrefix(mechanism, "SCRAM-"); scram && row.status == 0 && !strings.Contains(out, "the server proved that it knows the password too") {
			t.Errorf("the server proved nothing:\n%s", out)
		}
		for _, form := range []string{"c2VjcmV0", "AGFsaWNl", "d3Jvbmct"} { // secret, how PLAIN begins, and wrong-
			if strings.Contains(out, form) {
				t.Errorf("the password is shown:\n%s", out)
			}
		}
	}
}
