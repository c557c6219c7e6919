package trace

import (
	"errors"
	"io"
	"testing"
	"time"

	"smtpsh/protocol"
)

func TestText(t *testing.T) {
	at := protocol.At{Time: noon}
	line := func(text string) protocol.Event { return protocol.Sent{At: at, Raw: []byte(text + "\r\n")} }
	greeted := []protocol.Event{protocol.Opened{At: at, Host: "mx", Address: "192.0.2.1:25"}, received(at, "220 mx\r\n"), line("EHLO x"), received(at, "250-mx\r\n250-SIZE 10\r\n250 STARTTLS\r\n"),
		line("STARTTLS"), received(at, "220 go\r\n")}
	tls := protocol.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Took: time.Second, Name: "mx", Lacks: []string{"self-signed"}, Wanted: true,
		Chain: []protocol.Certificate{{Subject: "CN=mx", Issuer: "CN=mx", Names: []string{"mx", "mail"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(0, 0, 3), Key: "RSA 2048", Signature: "SHA256-RSA", SHA256: "ab"}}}
	for _, row := range []struct {
		before []protocol.Event
		event  protocol.Event
		want   string
	}{
		{nil, protocol.Trying{Address: "192.0.2.1:25"}, "* trying 192.0.2.1:25\n"},
		{nil, protocol.Missed{Address: "192.0.2.1:25", Err: io.EOF}, "* no connection to 192.0.2.1:25: EOF\n"},
		{nil, protocol.Missed{Err: errors.New("no such \x1bhost")}, "* no such \\x1bhost\n"},
		{nil, greeted[0], "* connected to 192.0.2.1:25\n"},
		{nil, protocol.Opened{Host: "mx", Address: "mx:25", Via: "http://192.0.2.9:80"}, "* connected to mx:25 through http://192.0.2.9:80\n"},
		{greeted, line("NOOP"), "> NOOP\n"},
		{greeted, protocol.Sent{Kind: protocol.SentContent, Raw: []byte("a\r\n\r\nb")}, "> a\n> \n> b\n"},
		{greeted, protocol.Sent{Kind: protocol.SentContent, Omitted: 70}, "* 70 octets of the message are left out here\n"},
		{greeted[:1], greeted[1], "< 220 mx\n"},
		{greeted[:1], received(at, "230-mx\x07\n230 b\r\n"), "< 230-mx\\x07\n< 230 b\n* odd: control: A control character stands in the text; a terminal might have obeyed it\n" +
			"* odd: bare-lf: This line ends with LF alone; SMTP ends a line with CR LF\n* odd: greeting-code: A server greets with 220, or turns the client away with 421, 521 or 554\n"},
		{append(greeted, line("AUTH LOGIN")), received(at, "334 VXNlcm5hbWU6\r\n"), "< 334 VXNlcm5hbWU6\n* it says \"Username:\"\n"},
		{append(greeted, line("HELP")), protocol.Received{Reply: protocol.Reply{Code: 214, Raw: []byte("214 x\r\n"), Dropped: 7}}, "< 214 x\n* 7 octets of this reply are not shown\n"},
		{greeted, protocol.Secured{At: at, TLS: tls}, "* TLS 1.3 · TLS_AES_128_GCM_SHA256 · new session\n*   0 CN=mx\n*     for mx, mail\n*     issued by itself\n" +
			"*     valid 2025-03-01 to 2026-03-04 (3 days left) · RSA 2048 · SHA256-RSA\n*     SHA-256 ab\n" +
			"*   the server asked for a client certificate; none was sent (--tls-cert gives one)\n*   UNVERIFIED self-signed\n"},
		{append(greeted, protocol.Secured{At: at, TLS: tls}, line("EHLO x")), received(at, "250-mx\r\n250 SIZE 20\r\n"),
			"< 250-mx\n< 250 SIZE 20\n*   other under TLS   SIZE: 10 → 20\n*   gone under TLS    STARTTLS\n"},
		{greeted, protocol.Closed{By: protocol.ByPeer, Err: io.EOF}, "* the server closed the connection\n"},
		{greeted, protocol.Closed{By: protocol.ByFault, Err: io.ErrShortWrite, Unsent: 3, Tail: []byte("250-\x1b")},
			"* connection lost: short write; 3 octets of the last line were not sent, in the middle of a reply: \"250-\\x1b\"\n"},
		{greeted, protocol.Cancelled{}, "* stopped waiting\n"},
		{greeted, protocol.Advised{Line: "FOO", Held: true, Diags: []protocol.Diag{{ID: "verb-unknown", Severity: protocol.Error, Message: "unknown", Ref: protocol.Ref{RFC: 5321, Section: "4.1.1"}, Fix: "NOOP"}, {ID: "x", Message: "y"}}},
			"* held: FOO\n* error: verb-unknown: unknown (RFC 5321 §4.1.1)\n* hint: x: y\n* fix: NOOP\n"},
		{greeted, protocol.Expected{Want: "250", Got: "550", Where: "line 7"}, "* line 7: expected 250, got 550\n"},
		{greeted, protocol.Noted{Text: "a note\x1b"}, "* a note\\x1b\n"},
		{greeted, protocol.Expected{Want: "250", OK: true}, "* as expected: 250\n"},
	} {
		before := fold(row.before)
		if got := string(AppendText(nil, before, before.After(row.event), row.event)); got != row.want {
			t.Errorf("%#v:\n%s\nwant:\n%s", row.event, got, row.want)
		}
	}
}

// TestSummary leaves out what there is none of.
func TestSummary(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]protocol.Summed{
		"* 2 messages in 2.0 s, 1 a second, over 1 connection\n*   accepted  2\n*   each took 50 % up to 1.0 ms, 90 % up to 2.0 ms, 99 % up to 3.0 ms, the longest 4.0 ms\n": {Messages: 2, Connections: 1, Took: 2 * time.Second, Accepted: 2,
			Times: protocol.Times{P50: time.Millisecond, P90: 2 * time.Millisecond, P99: 3 * time.Millisecond, Longest: 4 * time.Millisecond}},
		"* 28 messages in 1.0 s, 28 a second, over 2 connections\n*   accepted  0\n*   in part   1, taken for some of the recipients only\n*   refused   450: 2, 550: 3\n*   not sent  4, for a line of the envelope is wrong or not taken there\n*   unread    5, for they cannot be read, and so not sent\n*   lost      6, for no connection could be used, or it ended before the message did\n*   unknown   7, sent to the end without a reply: taken or not, and sent again it may arrive twice (RFC 1047)\n*   not tried 8\n": {Messages: 36, Connections: 2, Took: time.Second, Partly: 1,
			Refused: []protocol.Refusals{{Code: 450, Messages: 2}, {Code: 550, Messages: 3}}, Held: 4, Unreadable: 5, Lost: 6, Unknown: 7, Left: 8},
	} {
		if got := string(AppendText(nil, protocol.Session{}, protocol.Session{}, e)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
