package know

import (
	"strings"
	"testing"

	"smtpsh/protocol"
)

func TestWording(t *testing.T) {
	met := make(map[string]bool)
	for text, want := range map[string]string{
		"5.7.1 <x@other.test>: Relay access denied": "no relaying (Postfix)",
		"relay not permitted":                       "no relaying (Exim)",
		"5.7.1 <x@other.test>... Relaying denied":   "no relaying (Sendmail)",
		"5.7.1 relaying denied":                     "no relaying (Sendmail)",
		"5.1.1 <nosuch@example.test>: Recipient address rejected: User unknown in virtual mailbox table": "no such mailbox",
		"5.1.1 <nosuch@example.test>... User unknown":                                                    "no such mailbox",
		"5.1.1 no such user": "no such mailbox",
		"5.1.1 Destination address is unknown (user does not exist)": "no such mailbox",
		"Unknown user": "no such mailbox",
		"5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup":           "no such mailbox (Exchange)",
		"5.1.1 The email account that you tried to reach does not exist. Please try double-checking":  "no such mailbox (Gmail)",
		"4.2.0 <b@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example/": "greylisting: come again later",
		"Greylisting in action, please try again later":                                               "greylisting: come again later",
		"5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org":           "your address is on a blocklist",
		"5.7.1 Service unavailable; client [192.0.2.1] blocked using bl.spamcop.net":                  "your address is on a blocklist (Postfix)",
		"5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy":  "refused by DMARC",
		"5.7.23 The message was rejected because of Sender Policy Framework violation":                "refused by SPF",
		"5.7.27 SPF check did not pass: mail from":                                                    "refused by SPF",
		"5.7.20 DKIM verification failed":                                                             "refused by DKIM",
		"5.2.2 The email account that you tried to reach is over quota":                               "mailbox full",
		"4.7.0 mx.example.test Error: too many errors":                                                "too many errors (Postfix)",
		"4.7.0 mx.example.test Too many bad commands; closing connection":                             "too many errors (Sendmail)",
		"Too many syntax or protocol errors":                                                          "too many errors (Exim)",
		"5.7.0 Must issue a STARTTLS command first":                                                   "STARTTLS first",
		"5.7.10 TLS is required": "STARTTLS first",
		"5.7.57 Client was not authenticated to send anonymous mail during MAIL FROM": "login first (Exchange)",
		"5.7.0 Authentication Required. For more information, go to":                  "login first",
		"5.7.8 Username and Password not accepted. For more information, go to":       "login failed (Gmail)",
		"2.7.0 Error: I can break rules, too. Goodbye.":                               "taken for an attack (Postfix)",
		"5.5.4 <user>... Domain name required for sender address user":                "the address lacks its domain (Sendmail)",
		"root: recipient address must contain a domain":                               "the address lacks its domain (Exim)",
		"4.7.0 mx.example.test Rejecting open proxy [127.0.0.2]":                      "your address is on a list of open proxies (Sendmail)",
		"4.5.0 Bare linefeed (LF) not allowed":                                        "a line ended with LF alone",
		"Message size exceeds maximum permitted":                                      "larger than the server takes",
		"5.3.4 Message size exceeds fixed limit":                                      "larger than the server takes",
		"5.7.1 Message rejected as spam by Content Filtering.":                        "taken for spam",
		"4.7.0 mx.example.test Too many invalid commands.":                            "too many errors (Dovecot)",
		"Too many nonmail commands":                                                   "too many commands without mail (Exim)",
		"5.7.64 TenantAttribution; Relay Access Denied [mx.example]":                  "no relaying (Exchange Online)",
		"sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)":           "no relaying (qmail)",
		"5.7.0 STARTTLS is required to send mail":                                     "STARTTLS first",
		"5.7.0 STARTTLS required":                                                     "STARTTLS first",
		"5.7.57 Client not authenticated to send mail.":                               "login first (Exchange)",
		"5.7.26 Your email has been blocked because the sender is unauthenticated. SPF [x.example] with ip: [192.0.2.1] = did not pass": "not proved genuine (Gmail)",
		"5.7.515 Access denied, sending domain x.example does not meet the required level. Spf= Pass, Dkim= Fail, DMARC= Fail":          "not proved genuine (Outlook)",
		"5.7.1 See http://www.openspf.net/Why?id=a&ip=192.0.2.1":                                                                        "refused by SPF",
		"5.7.1 Bad signature: bodyhash_mismatch":                                                                                        "refused by DKIM",
		"5.7.1 part of their network is on our block list (S3150)":                                                                      "your address is on a blocklist (Outlook)",
		"5.7.1 192.0.2.1 is listed at bl.spamcop.net":                                                                                   "your address is on a blocklist",
		"Your address is in an RBL":                                                                                                     "your address is on a blocklist",
		"5.7.606 Access denied, banned sending IP [192.0.2.1]":                                                                          "your address is on a blocklist (Exchange Online)",
		"5.7.501 Access denied, banned sender[a@b.example]":                                                                             "the sender is banned (Exchange Online)",
		"5.2.2 Mailbox size limit exceeded":                                                                                             "mailbox full",
		"Requested mail action aborted: exceeded storage allocation":                                                                    "mailbox full, or message too large",
		"5.3.4 Requested mail action aborted: exceeded storage allocation (52428800)":                                                   "larger than the server takes",
		"too many error commands":                                                                                                       "too many errors",
		"4.7.0 Too many protocol errors (6) on this connection":                                                                         "too many errors",
		"4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address":                            "taken for spam (Gmail)",
		"5.7.1 suspicious due to the very low reputation of the sending domain":                                                         "taken for spam (Gmail)",
		"5.7.25 The IP address sending this message does not have a PTR record setup":                                                   "your address has no name (Gmail)",
		"5.4.1 Recipient address rejected: Access denied. [x.example]":                                                                  "no such mailbox (Exchange Online)",
		"5.7.8 Error: authentication failed: (reason unavailable)":                                                                      "login failed (Postfix)",
		"Incorrect authentication data":                                                                                                 "login failed (Exim)",
		"5.7.3 Authentication unsuccessful":                                                                                             "login failed (Exchange)",
		"5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant":                                      "login is switched off (Exchange Online)",
		"5.7.0 authentication failed":                                                                                                   "login failed",
		"SMTP synchronization error":                                                                                                    "spoke too early (Exim)",
		"4.3.2 Service currently unavailable":                                                                                           "come again later (Postfix)",
		"mx.example.test [192.0.2.1]:2525 is not permitted to relay through this server without authentication":                         "no relaying",
		"5.7.1 This message does not have authentication information or fails to pass authentication checks":                            "not proved genuine (Gmail)",
		"5.7.9 Message not accepted for policy reasons. See https://postmaster.example/error-codes":                                     "refused by DMARC or a policy (Yahoo)",
		"5.1.0 192.0.2.1 is not allowed to send from <a.example> per its SPF Record":                                                    "refused by SPF",
		"SC-001 Unfortunately, messages from 192.0.2.1 weren't sent":                                                                    "your address is on a blocklist (Outlook)",
		"Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1":                                                                    "your address is on a blocklist (Proofpoint)",
		"rejected because 192.0.2.1 is in a black list at rbl.example":                                                                  "your address is on a blocklist",
		"host is listed in rbl.example.test":                                                                                            "your address is on a blocklist",
		"5.7.1 Mail from a dynamic IP is not taken":                                                                                     "your address is for home users",
		"Your access was rejected due to the sending MTA's poor reputation":                                                             "your address has a bad name",
		"5.7.1 Reverse DNS lookup for host 192.0.2.1 failed permanently.":                                                               "your address has no name",
		"EHLO argument does not match calling host":                                                                                     "the name in EHLO is refused",
		"Syntactically invalid EHLO argument(s)":                                                                                        "the name in EHLO is malformed (Exim)",
		"5.0.0 Invalid domain name":                                                                                                     "the name in EHLO is refused (Sendmail)",
		"5.7.27 <a@null.example>: Sender address rejected: Domain null.example does not accept mail (nullMX)":                           "the sender's domain takes no mail",
		"Unrouteable sender address":                                                                                                    "the sender's domain does not exist",
		"Verification failed for <a@x.example> Unrouteable address Sender verify failed":                                                "the sender's address failed a check (Exim)",
		"Could not complete sender verify callout":                                                                                      "the sender's address could not be checked (Exim)",
		"Could not complete recipient verify callout":                                                                                   "the recipient could not be checked (Exim)",
		"5.7.1 <a@b.example>: Sender address rejected: not logged in":                                                                   "login first (Postfix)",
		"5.7.60 SMTP; Client does not have permissions to send as this sender":                                                          "the sender is not yours (Exchange)",
		"Message rejected: Email address is not verified.":                                                                              "the sender is not verified (Amazon SES)",
		"5.4.5 Daily user sending limit exceeded.":                                                                                      "sending limit reached (Gmail)",
		"4.2.1 The user you are trying to contact is receiving mail too quickly.":                                                       "the mailbox gets too much mail at once (Gmail)",
		"Mailbox of the user exceeds its quota":                                                                                         "mailbox full",
		"4.3.1 Insufficient system storage":                                                                                             "the server's disk is full",
		"4.3.1 Insufficient system resources":                                                                                           "the server is short of memory or disk (Exchange)",
		"5.7.1 Possible directory harvest attack":                                                                                       "too many unknown recipients",
		"4.3.2 mx.example too many concurrent sessions. Try later":                                                                      "too many connections",
		"4.5.3 Error: too many recipients":                                                                                              "too many recipients",
		"4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume":                                           "slowed down (Yahoo)",
		"4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.":                                   "slowed down (Outlook)",
		"4.3.2 Connection rate limit exceeded.":                                                                                         "too much at once",
		"4.7.1 Error: too much mail from 192.0.2.1":                                                                                     "too much at once",
		"5.7.0 Plaintext authentication disallowed on non-secure (SSL/TLS) connections.":                                                "STARTTLS first",
		"TLS currently unavailable":                                                                                                     "TLS not possible just now",
		"5.7.1 RESOLVER.RST.AuthRequired; authentication required":                                                                      "only members may write here (Exchange)",
		"4.7.0 Temporary authentication failure: Connection lost to authentication server":                                              "login not possible just now",
		"5.5.4 Error: send AUTH command first":                                                                                          "login first",
		"5.7.14 Please log in via your web browser and then try again.":                                                                 "log in on the web first (Gmail)",
		"5.7.0 Authentication aborted":                                                                                                  "login cancelled",
		"5.7.8 Authentication credentials invalid":                                                                                      "login failed",
		"5.2.1 The email account that you tried to reach is disabled.":                                                                  "mailbox switched off (Gmail)",
		"This account has been disabled or discontinued":                                                                                "mailbox switched off",
		"user has moved with no forwarding address":                                                                                     "the person has moved",
		"sorry, no mailbox here by that name (#5.1.1)":                                                                                  "no such mailbox (qmail)",
		"delivery error: dd This user doesn't have a yahoo.com account":                                                                 "no such mailbox (Yahoo)",
		"Invalid recipient a@b.example":                                                                                                 "no such mailbox",
		"5.1.1 RESOLVER.ADR.RecipNotFound; not found":                                                                                   "no such mailbox (Exchange)",
		"5.1.10 <a@null.example>: Recipient address rejected: Domain null.example does not accept mail (nullMX)":                        "the recipient's domain takes no mail",
		"4.1.2 <a@no.example>: Recipient address rejected: Domain not found":                                                            "the recipient's domain does not exist",
		"5.4.6 Too many hops 26 (25 max)":                                                                                               "routing loop",
		"4.4.7 QUEUE.Expired; message expired":                                                                                          "not delivered in time",
		"x.example (smtp)... Deferred: Connection timed out":                                                                            "the next host did not answer",
		"4.4.2 mx.example Error: timeout exceeded":                                                                                      "you waited too long",
		"5.6.7 Must declare SMTPUTF8 to permit unicode address":                                                                         "an address in UTF-8 needs SMTPUTF8",
		"<a@[127.0.0.1>: malformed address: ]> may not follow":                                                                          "the address is malformed",
		"5.5.0 Error: SMTP protocol synchronization":                                                                                    "spoke too early (Postfix)",
		"5.5.1 Protocol error":                                                                                                          "spoke too early, or out of turn (Postfix)",
		"5.7.0 Rejecting connection: pre-greeting traffic":                                                                              "spoke too early",
		"maximum allowed line length is 998 octets, got 1005":                                                                           "a line is too long",
		"NUL characters are not allowed in SMTP commands":                                                                               "NUL or other characters that mail must not have",
		"5.3.4 Error: message file too big":                                                                                             "larger than the server takes",
		"5.7.1 This message is not RFC 5322 compliant. There are multiple Subject headers.":                                             "a header is missing or wrong",
		"bounce messages can have only one recipient":                                                                                   "bounces have one recipient (Exim)",
		"5.5.1 Error: no valid recipients":                                                                                              "nobody was accepted as a recipient",
		"STARTTLS command used when not advertised":                                                                                     "not offered (Exim)",
		"list@b.example is a closed mailing list":                                                                                       "not allowed to post to the list",
		"it looks like it is infected with a worm":                                                                                      "taken for a virus",
		"5.7.0 This message was blocked because its content presents a potential security issue.":                                       "a forbidden attachment (Gmail)",
		"this attachment is not allowed":                                                                                                "a forbidden attachment",
		"5.7.1 Message taken for phishing":                                                                                              "taken for phishing",
		"5.7.1 Message content rejected, UBE, id=1":                                                                                     "refused for its content (Postfix)",
		"content rejected": "refused for its content",
		"4.3.0 <a@b.example>: Temporary lookup failure":                 "a fault of the server (Postfix)",
		"Temporary local problem - please try later":                    "a fault of the server (Exim)",
		"Internal server error":                                         "a fault of the server",
		"4.7.500 Server busy. Please try again later from [192.0.2.1].": "slowed down (Outlook)",
		"Server busy": "the server is busy",
		"mx.example ESMTP not accepting connections":                          "no service here",
		"Administrative prohibition":                                          "refused by a policy (Exim)",
		"5.7.1 Mail rejected for policy reasons":                              "refused by a policy",
		"5.7.1 <a.example[192.0.2.1]>: Client host rejected: match a.example": "your address is refused (Postfix)",
		"5.7.1 <a@b.example>: Sender address rejected: Go away":               "the sender is refused (Postfix)",
		"5.1.1 <a@b.example>: Recipient address rejected: reject":             "the recipient is refused (Postfix)",
		"5.7.0 Blocked":                                                          "blocked",
		"Service refused, please try later":                                      "slowed down (Orange)",
		"Requested action not taken: mailbox unavailable":                        "no such mailbox, or not for you",
		"<a@b.example> does not exist":                                           "no such mailbox",
		"You are not allowed to connect.":                                        "your address is refused",
		"Message rejected by BATV defense":                                       "bounces are refused",
		"sender rejected":                                                        "the sender is refused",
		"Recipient refused":                                                      "the recipient is refused",
		"#5.1.0 Address rejected.":                                               "an address is refused",
		"this user's disk quota is used up":                                      "mailbox full",
		"Throttling failure: Daily message quota exceeded":                       "sending limit reached",
		"5.5.2 mx.example Error: bare <LF> received":                             "a line ended with LF alone (Postfix)",
		"5.7.9 Application-specific password required":                           "an application password is needed (Gmail)",
		"4.2.2 The recipient's inbox is out of storage space":                    "mailbox full (Gmail)",
		"5.7.54 SMTP; Unable to relay recipient in non-accepted domain":          "no relaying (Exchange)",
		"Unrouteable address":                                                    "no way to this address (Exim)",
		"5.7.139 Authentication unsuccessful, basic authentication is disabled.": "passwords are switched off (Exchange Online)",
		"5.5.2 <user>: Sender address rejected: need fully-qualified address":    "the address lacks its domain (Postfix)",
		"4.7.1 <box>: Helo command rejected: Host not found":                     "the name in EHLO is refused (Postfix)",
		"5.7.1 <a@b.example>: Sender address rejected: not owned by user c":      "the sender is not yours (Postfix)",
		"4.1.8 <a@no.example>: Sender address rejected: Domain not found":        "the sender's domain does not exist (Postfix)",
		"5.1.8 Domain of sender address a@no.example does not exist":             "the sender's domain does not exist (Sendmail)",
		"user  unknown":                        "no such mailbox",
		"2.1.0 Ok":                             "",
		"5.5.2 Error: command not recognized":  "",
		"rejected by mail.spam-filter.example": "",
		"":                                     "",
	} {
		e, ok := recognise(text)
		if ok != (want != "") || e.Short != want || e.Certain {
			t.Errorf("%q: %q, want %q", text, e.Short, want)
		}
		if ok {
			met[e.Short] = true
			checkEntry(t, want, e)
		}
	}
	for _, w := range wordings() {
		if !met[w.entry.Short] {
			t.Errorf("no test meets %q", w.entry.Short)
		}
	}
}

// TestRefusal reads whole replies: a sentence goes on over several lines, and
// only refusals have a wording.
func TestRefusal(t *testing.T) {
	for in, want := range map[string]string{
		"550-5.7.1 our system has detected that this message does not have\r\n550-5.7.1 authentication information or fails to pass\r\n550 5.7.1 checks\r\n": "not proved genuine (Gmail)",
		"550 5.7.515 Access denied\r\n":                         "not proved genuine (Outlook)",
		"450 Greylisted\r\n":                                    "greylisting: come again later",
		"221 2.7.0 Error: I can break rules, too. Goodbye.\r\n": "",
		"250 no such user\r\n":                                  "",
		"no such user\r\n":                                      "",
		"550 \r\n":                                              "",
		"550-" + strings.Repeat("x", maxWording) + "\r\n550 no such user\r\n": "",
	} {
		var p protocol.ReplyParser
		_, r, _ := p.Feed([]byte(in))
		if e, ok := Refusal(r); e.Short != want || ok != (want != "") {
			t.Errorf("%.80q: %q, want %q", in, e.Short, want)
		}
	}
}

// TestWordingsReached insists that no row is hidden by one before it.
func TestWordingsReached(t *testing.T) {
	for _, w := range wordings() {
		text := strings.ReplaceAll(strings.Join(w.words, " is "), "*", "ed")
		if e, ok := recognise(text); !ok || e.Short != w.entry.Short && len(w.words) == 1 {
			t.Errorf("%q gives %q", text, e.Short)
		}
	}
}
