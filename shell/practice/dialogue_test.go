package practice

import (
	"strings"
	"testing"
)

func TestDialogues(t *testing.T) {
	for _, tc := range dialogues {
		t.Run(tc.name, func(t *testing.T) {
			s := testServer(func(s *Server) { s.MaxSize = 1000 })
			talk(t, s, tc.script)
			if n := s.incoming.Load(); n != 0 {
				t.Errorf("%d octets are still reserved", n)
			}
		})
	}
}

// greeted begins most dialogues.
const greeted = `
	< 220 practice.example ESMTP smtpsh practice server
	> EHLO client.example
	< 250-practice.example greets client.example
	< 250-SIZE 1000
	< 250-8BITMIME
	< 250-PIPELINING
	< 250-SMTPUTF8
	< 250-DSN
	< 250-CHUNKING
	< 250-STARTTLS
	< 250-AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN
	< 250-ENHANCEDSTATUSCODES
	< 250 HELP
`

var dialogues = []struct{ name, script string }{
	{"a message", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 2.1.0 sender <a@example.org> ok
	> RCPT TO:<b@example.org>
	< 250 2.1.5 recipient <b@example.org> ok
	> DATA
	< 354 write the message; a line with only a dot ends it
	> Subject: hello
	>
	> ..dot
	> .
	< 250 2.0.0 message accepted, queued as P1
	> QUIT
	< 221 2.0.0 practice.example says goodbye
	* eof`},
	{"the exercise, as people type it", `
	< 220 *
	> helo localhost
	< 250 practice.example greets localhost
	> mail from: mcheng@example.org
	< 250 2.1.0 sender <mcheng@example.org> ok
	> rcpt to: someone@example.net
	< 250 2.1.5 *
	> data
	< 354 *
	> .
	< 250 2.0.0 message accepted, queued as P1`},
	{"all at once", greeted + `
	> MAIL FROM:<>
	> RCPT TO:<Postmaster>
	> RCPT TO:<550@example.org>
	> DATA
	> hi
	> .
	> NOOP
	> QUIT
	< 250 2.1.0 sender <> ok
	< 250 2.1.5 recipient <Postmaster> ok
	< 550 5.1.1 no such user here
	< 354 *
	< 250 2.0.0 message accepted, queued as P1
	< 250 2.0.0 still here
	< 221 *
	* eof`},
	{"order", `
	< 220 *
	> MAIL FROM:<a@example.org>
	< 503 5.5.1 greet first: EHLO, or HELO, and your name
	> DATA
	< 503 5.5.1 greet first*
	> NOOP
	< 250 *
	> RSET
	< 250 *
	> AUTH PLAIN
	< 503 5.5.1 greet first*
	> EHLO client.example
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250-*
	< 250 *
	> RCPT TO:<b@example.org>
	< 503 5.5.1 MAIL FROM comes first
	> DATA
	< 503 5.5.1 MAIL FROM and RCPT TO come first
	> MAIL FROM:<a@example.org>
	< 250 *
	> MAIL FROM:<a@example.org>
	< 503 5.5.1 a transaction is open; RSET ends it
	> AUTH PLAIN
	< 503 5.5.1 a transaction is open; RSET ends it
	> STARTTLS
	< 503 5.5.1 a transaction is open; RSET ends it
	> DATA
	< 503 5.5.1 RCPT TO comes first
	> RCPT TO:<550@example.org>
	< 550 *
	> DATA
	< 554 5.5.1 no valid recipients
	> RSET
	< 250 2.0.0 the transaction is forgotten
	> RCPT TO:<b@example.org>
	< 503 *
	> MAIL FROM:<a@example.org>
	< 250 *
	> HELO again.example
	< 250 *
	> RCPT TO:<b@example.org>
	< 503 5.5.1 MAIL FROM comes first`},
	{"a failed greeting leaves all as it is", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> EHLO
	< 501 5.5.4 *
	> RCPT TO:<b@example.org>
	< 250 *`},
	{"refusals that teach", greeted + `
	> MAIL FROM a@example.org
	< 501 5.5.4 the colon and the angle brackets are missing; try MAIL FROM:<a@example.org>
	> MAIL FROM:<a@example..org>
	< 501 5.1.7 an empty label in the domain; try MAIL FROM:<a@example.org>
	> RCPT TO:<>
	< 501 *
	> HELLO me.example
	< 500 5.5.2 unknown command; try HELO me.example
	> exit
	< 500 5.5.2 unknown command; try QUIT
	> FROBNICATE
	< 500 5.5.2 *
	>
	< 500 5.5.2 *
	* raw \x00\x1b[2J\r\n
	< 500 5.5.2 *
	* raw \xff\r\n
	< 500 5.5.2 *
	> STARTTLS now
	< 501 5.5.4 STARTTLS takes no argument; try STARTTLS
	> LHLO client.example
	< 502 5.5.1 LHLO is not implemented by this server
	> DATA now
	< 501 5.5.4 *`},
	{"parameters", greeted + `
	> MAIL FROM:<a@example.org> FOO=BAR
	< 555 5.5.4 MAIL has no parameter FOO here
	> MAIL FROM:<a@example.org> HOLDFOR=1
	< 555 5.5.4 the extension FUTURERELEASE was not offered
	> MAIL FROM:<a@example.org> AUTH=a
	< 501 *
	> MAIL FROM:<a@example.org> AUTH=b+2Bc@example.org
	< 250 *
	> RSET
	< 250 *
	> MAIL FROM:<a@example.org> AUTH=<>
	< 250 *
	> RSET
	< 250 *
	> MAIL FROM:<a@example.org> BODY=BINARYMIME
	< 555 5.5.4 the extension BINARYMIME was not offered
	> MAIL FROM:<a@example.org> SIZE=1001
	< 552 5.3.4 a message may have 1000 octets here
	> MAIL FROM:<a@example.org> SIZE=99999999999999999999
	< 552 5.3.4 *
	> MAIL FROM:<a@example.org> size=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x
	< 250 *
	> RCPT TO:<b@example.org> SIZE=1
	< 555 5.5.4 *
	> RCPT TO:<b@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.org
	< 250 *
	> HELO client.example
	< 250 *
	> MAIL FROM:<a@example.org> SIZE=1
	< 555 5.5.4 parameters need EHLO; this session was greeted with HELO`},
	{"outside ASCII", greeted + `
	> MAIL FROM:<jürgen@example.org>
	< 553 5.6.7 an address outside ASCII needs SMTPUTF8 at the end of MAIL
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<jürgen@example.org>
	< 553 5.6.7 *
	> RSET
	< 250 *
	> MAIL FROM:<jürgen@example.org> SMTPUTF8
	< 250 2.1.0 sender <j?rgen@example.org> ok
	> RCPT TO:<jürgen@example.org>
	< 250 *
	> VRFY jürgen
	< 553 5.6.7 *
	> VRFY jürgen SMTPUTF8
	< 252 *`},
	{"line ends", greeted + `
	* raw NOOP\n
	< 500 5.5.2 this line ended in LF alone, and SMTP's end in CR LF (nc -C sends them)
	* raw NOOP\rNOOP\r\n
	< 500 5.5.2 *
	> NOOP
	< 250 *`},
	{"long lines", greeted + "\t> NOOP " + strings.Repeat("x", 504) + `
	< 250 *` + "\n\t> NOOP " + strings.Repeat("x", 506) + `
	< 500 5.5.2 *` + "\n\t> NOOP " + strings.Repeat("x", 100_000) + `
	< 500 5.5.2 this line is too long for a command
	> NOOP
	< 250 *`},
	{"no message ends but at CRLF dot CRLF", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> DATA
	< 354 *
	* raw one\n.\nMAIL FROM:<evil@example.org>\n.\r\ntwo\r\n.\ntwo\r\n.\rthree\r\n.\r\n
	< 554 5.6.0 the message has a LF without a CR before it
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> DATA
	< 354 *
	* raw a\rb\r\n.\r\n
	< 554 5.6.0 the message has a CR without a LF behind it`},
	{"too much of everything", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> DATA
	< 354 *
	` + "> " + strings.Repeat("x", 999) + `
	> .
	< 552 5.3.4 a message may have 1000 octets here
	> MAIL FROM:<a@example.org>
	< 250 *` + strings.Repeat(`
	> RCPT TO:<b@example.org>
	< 250 *`, 100) + `
	> RCPT TO:<c@example.org>
	< 452 4.5.3 *
	> DATA
	< 354 *
	> .
	< 250 *`},
	{"who is who", greeted + `
	> VRFY alice
	< 250 2.1.5 Alice Liddell <alice@practice.example>
	> vrfy <Alice@practice.example>
	< 250 2.1.5 Alice Liddell <alice@practice.example>
	> VRFY Liddell
	< 250 2.1.5 Alice Liddell <alice@practice.example>
	> VRFY baker
	< 553-5.1.4 ambiguous; it could be
	< 553-5.1.4 Bob Baker <bob@practice.example>
	< 553 5.1.4 Carol Baker <carol@practice.example>
	> VRFY zed
	< 252 2.0.0 not a user that is known here, but mail for it will be taken
	> VRFY alice@example.org
	< 252 2.0.0 not a user of this server, but mail for it will be taken
	> VRFY 550
	< 550 5.1.1 no such user here
	> VRFY staff
	< 550 5.1.1 that is a mailing list, not a user; EXPN asks who is on it
	> EXPN staff
	< 250-2.1.5 Alice Liddell <alice@practice.example>
	< 250-2.1.5 Bob Baker <bob@practice.example>
	< 250 2.1.5 Carol Baker <carol@practice.example>
	> EXPN alice
	< 550 5.1.1 that is a user, not a mailing list; VRFY asks about users
	> EXPN nobody
	< 550 5.1.1 no such mailing list here; there is one called staff
	> VRFY
	< 501 *
	> EXPN
	< 501 *`},
	{"help", greeted + `
	> HELP RSET
	< 214-2.0.0 RSET
	< 214-2.0.0 forget the sender and the recipients
	< 214-2.0.0 Ends the transaction without sending; the greeting stands.
	< 214-2.0.0 for example: RSET
	< 214 2.0.0 see RFC 5321 section 4.1.1.5
	> HELP size
	< 214-2.0.0 SIZE=n for MAIL: how many octets the message will have
	< 214-2.0.0 for example: MAIL FROM:<a@example.org> SIZE=1200
	< 214 2.0.0 see RFC 1870 section 3
	> HELP nonsense
	< 504 5.5.4 no help on that; HELP alone lists the topics`},
	{"chunks", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	* raw BDAT 7\r\none\r\n.\r
	< 250 2.0.0 octets received: 7
	> RCPT TO:<c@example.org>
	< 503 *
	> DATA
	< 503 5.5.1 DATA and BDAT do not mix*
	* raw BDAT 1\r\n\nBDAT 0 LAST\r\n
	< 250 2.0.0 octets received: 1
	< 250 2.0.0 message accepted, queued as P1
	> NOOP
	< 250 *`},
	{"chunks that are refused are read all the same", greeted + `
	* raw BDAT 6 LAST\r\nQUIT\r\n
	< 503 5.5.1 MAIL FROM and RCPT TO come first
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	* raw BDAT 6 FIRST\r\nQUIT\r\n
	< 501 *
	* raw BDAT 6 LAST\r\nQUIT\r\n
	< 503 5.5.1 an earlier chunk was refused; RSET begins anew
	> RSET
	< 250 *
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	` + "* raw BDAT 1006\\r\\n" + strings.Repeat("x", 1000) + `QUIT\r\n
	< 552 5.3.4 *
	> BDAT 0 LAST
	< 503 *
	> BDAT ten LAST
	< 501 *
	> RSET
	< 250 *
	> BDAT 99999999999999999999 LAST
	< 503 *
	> HELO client.example
	< 250 *
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	* raw BDAT 6 LAST\r\nQUIT\r\n
	< 503 5.5.1 BDAT needs EHLO*`},
	{"a chunk with a CR at its end", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	* raw BDAT 2 LAST\r\na\r
	< 554 5.6.0 *`},
	{"special recipients", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<450@example.org>
	< 450 4.2.1 mailbox busy, try again later
	> RCPT TO:<FULL@example.org>
	< 452 4.2.2 mailbox full, try again later
	> RCPT TO:<530@example.org>
	< 530 5.0.0 this is the 530 that you asked for
	> RCPT TO:<599@example.org>
	< 250 2.1.5 recipient <599@example.org> ok
	> RCPT TO:<251@example.org>
	< 251 2.1.5 *
	> RCPT TO:<slow@example.org>
	< 250 2.1.5 recipient <slow@example.org> ok
	> RCPT TO:<slow2@example.org>
	> NOOP
	< 250 2.1.5 recipient <slow2@example.org> ok
	< 250 2.0.0 still here
	> RCPT TO:<slow2@example.org>
	` + strings.Repeat("> NOOP\n", 1000) + `
	< 250 2.1.5 recipient <slow2@example.org> ok` + strings.Repeat("\n< 250 2.0.0 still here", 1000) + `
	> RCPT TO:<grey@example.org>
	< 450 4.7.1 greylisted; say it once more
	> RCPT TO:<grey@example.org>
	< 250 2.1.5 *
	> RCPT TO:<garble@example.org>
	< 250-2.1.5 the lines of a reply
	< 550-5.1.1 should all have
	< 250 2.1.5 the same code
	> RCPT TO:<dot552@example.org>
	< 250 2.1.5 *
	> DATA
	< 354 *
	> .
	< 552 5.2.2 message refused: mailbox over its quota
	> NOOP
	< 250 *`},
	{"421", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<421@example.org>
	< 421 4.3.2 service not available, closing the connection
	* eof`},
	{"421 after the dot", greeted + `
	> MAIL FROM:<a@example.org>
	> RCPT TO:<dot421@example.org>
	> DATA
	> .
	< 250 *
	< 250 *
	< 354 *
	< 421 4.3.2 message refused: *
	* eof`},
	{"drop", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<drop@example.org>
	* eof`},
	{"idle", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<idle@example.org>
	< 250 *
	< 421 4.4.2 practice.example waited too long, closing the connection
	* eof`},
	{"an end without the dot", greeted + `
	> MAIL FROM:<a@example.org>
	< 250 *
	> RCPT TO:<b@example.org>
	< 250 *
	> DATA
	< 354 *
	* raw half a mess`},
}
