package know

import (
	"strings"
	"testing"

	"smtpsh/protocol"
)

// checkEntry holds an entry to the form that all of them have.
func checkEntry(t *testing.T, name string, e Entry) {
	t.Helper()
	if e.Short == "" || strings.HasSuffix(e.Short, ".") || len(e.Short) > 60 {
		t.Errorf("%s: short %q wants a few words without a final stop", name, e.Short)
	}
	if !strings.HasSuffix(e.Meaning, ".") || e.Meaning == e.Short {
		t.Errorf("%s: meaning %q wants a sentence", name, e.Meaning)
	}
	for _, s := range append(append([]string{}, e.Causes...), e.Try...) {
		if s == "" || strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s {
			t.Errorf("%s: %q wants a few words without a final stop", name, s)
		}
	}
}

func TestTables(t *testing.T) {
	for name, table := range map[string]struct {
		tsv    string
		fields int
	}{"codes": {codesTSV, 8}, "enhanced": {enhancedTSV, 7}, "wordings": {wordingsTSV, 5}} {
		seen := make(map[string]bool)
		for row := range rows(table.tsv) {
			if len(row) != table.fields {
				t.Fatalf("%s: %q has %d fields", name, row, len(row))
			}
			key := row[0]
			if name == "codes" {
				key += " " + row[1]
			}
			if seen[key] {
				t.Errorf("%s: %s stands twice", name, key)
			}
			seen[key] = true
		}
	}
	for key, e := range codes() {
		checkEntry(t, key.after, e)
		if key.code < 200 || key.code > 559 || e.Ref.RFC == 0 {
			t.Errorf("%v: %v", key, e.Ref)
		}
		if _, ok := Code(key.code); !ok {
			t.Errorf("%v: no row for the code itself", key)
		}
		if key.after != "" && key.after != "GREETING" && key.after != "MESSAGE" && key.after != "OTHER" && key.after != "LHLO" && key.after != "ETRN" &&
			protocol.FindVerb(key.after) == nil {
			t.Errorf("%v: no such verb", key)
		}
	}
	for key, e := range enhanced() {
		name := protocol.Enhanced{Class: 5, Subject: key.subject, Detail: key.detail}.String()
		checkEntry(t, name, e)
		if e.Ref.RFC == 0 {
			t.Errorf("%s: no reference", name)
		}
	}
	for digit := range 8 {
		if e, ok := Class(digit); ok {
			checkEntry(t, "class", e)
		} else if digit >= 2 && digit <= 5 {
			t.Errorf("class %d is not known", digit)
		}
	}
}

// TestCodesOfVerbs insists that every code of the command table is known.
func TestCodesOfVerbs(t *testing.T) {
	for _, v := range protocol.Verbs {
		for _, code := range append(append([]int{}, v.Good...), v.Bad...) {
			if _, ok := Code(code); !ok {
				t.Errorf("%s: %d is not known", v.Name, code)
			}
		}
	}
}

// TestCommonCodes insists that the codes that people meet come with causes and
// with what to try, and that what servers use as they like is told as a guess.
func TestCommonCodes(t *testing.T) {
	for _, code := range []int{421, 450, 451, 452, 454, 455, 458, 459, 500, 501, 502, 521, 523, 530, 535, 538, 550, 551, 552, 553, 554, 555, 556} {
		if e, ok := Code(code); !ok || e.Causes == nil || e.Try == nil {
			t.Errorf("%d: %+v wants causes and what to try", code, e)
		}
	}
	for _, text := range []string{
		"5.0.0", "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.7", "5.1.8", "5.1.10", "4.2.0", "4.2.1", "5.2.2", "5.2.3", "4.3.0", "4.3.1", "4.3.2", "5.3.4", "5.3.5",
		"4.4.0", "4.4.1", "4.4.2", "4.4.3", "5.4.4", "4.4.5", "5.4.6", "4.4.7", "5.5.0", "5.5.1", "5.5.2", "4.5.3", "5.5.4", "5.6.7", "5.7.0", "5.7.1", "5.7.2", "5.7.8", "5.7.9",
		"5.7.10", "5.7.11", "5.7.20", "5.7.23", "5.7.25", "5.7.26", "5.7.27", "4.7.28",
	} {
		e, _, _ := protocol.CutEnhanced(text)
		if entry, ok := Enhanced(e); !ok || entry.Causes == nil || entry.Try == nil || !Registered(e) {
			t.Errorf("%s: %+v wants causes and what to try", text, entry)
		}
	}
	for text, certain := range map[string]bool{"5.7.1": false, "4.0.0": false, "5.5.0": false, "5.7.8": true, "5.1.1": true} {
		e, _, _ := protocol.CutEnhanced(text)
		if entry, _ := Enhanced(e); entry.Certain != certain {
			t.Errorf("%s: certain is %v", text, entry.Certain)
		}
	}
	for _, code := range []int{211, 214, 220, 221, 235, 250, 251, 252, 253, 334, 354, 355, 421, 422, 430, 432, 453, 503, 504, 524, 525, 533, 534} {
		if _, ok := Code(code); !ok {
			t.Errorf("%d is not known", code)
		}
	}
}

func TestShort(t *testing.T) {
	for _, tt := range []struct {
		code        int
		after, want string
	}{
		{250, "", "done"}, {250, "mail", "sender accepted"}, {250, "RCPT", "recipient accepted"}, {250, "HELP", "done"},
		{250, "message", "message accepted: the server has taken responsibility"},
		{354, "DATA", "send the message; a lone dot ends it"},
		{221, "QUIT", "goodbye; the server closes the connection"}, {221, "MAIL", "closing, though nobody asked"}, {221, "", "closing the connection"},
		{550, "RCPT", "refused: no such mailbox, or a policy"},
		{250, "ATRN", "turned round: you are the server now"}, {251, "etrn", "nothing is waiting"}, {252, "ETRN", "queue run started for what is waiting"},
		{220, "greeting", "the server is ready; it speaks first"}, {220, "STARTTLS", "go ahead with TLS"},
		{299, "", "done"}, {399, "", "go on"}, {499, "", "not now; try again later"}, {599, "MAIL", "refused"}, {0, "", ""}, {999, "", ""}, {150, "", ""},
	} {
		if got := Short(tt.code, tt.after); got != tt.want {
			t.Errorf("Short(%d, %q) = %q, want %q", tt.code, tt.after, got, tt.want)
		}
	}
	if e, ok := Code(550); !ok || e.Certain || len(e.Causes) == 0 || e.Ref.String() != "RFC 5321 §4.2.3" {
		t.Errorf("Code(550) = %+v", e)
	}
}

func TestEnhanced(t *testing.T) {
	for _, tt := range []struct {
		e    protocol.Enhanced
		want string
	}{
		{protocol.Enhanced{Class: 5, Subject: 1, Detail: 1}, "no such mailbox"},
		{protocol.Enhanced{Class: 2, Subject: 1, Detail: 5}, "recipient address valid"},
		{protocol.Enhanced{Class: 5, Subject: 7, Detail: 30}, "REQUIRETLS cannot be kept"},
		{protocol.Enhanced{Class: 5, Subject: 7, Detail: 999}, "about security or policy"},
		{protocol.Enhanced{Class: 4, Subject: 0, Detail: 0}, "other or undefined"},
		{protocol.Enhanced{Class: 5, Subject: 9, Detail: 1}, ""},
		{protocol.Enhanced{Class: 3, Subject: 1, Detail: 1}, ""},
		{protocol.Enhanced{}, ""},
	} {
		if e, ok := Enhanced(tt.e); ok != (tt.want != "") || e.Short != tt.want {
			t.Errorf("%v: %q, %v, want %q", tt.e, e.Short, ok, tt.want)
		}
	}
	for text, want := range map[string]bool{"5.7.30": true, "4.1.1": true, "5.7.31": false, "5.4.8": false, "5.6.11": false, "5.7.515": false, "5.9.1": false} {
		e, _, _ := protocol.CutEnhanced(text)
		if Registered(e) != want {
			t.Errorf("Registered(%s) = %v", text, !want)
		}
	}
	// The registry as of 2024: how many details each subject has.
	details := make(map[int]int)
	for key := range enhanced() {
		details[key.subject]++
	}
	for subject, want := range []int{2, 12, 6, 8, 9, 8, 12, 32} {
		if details[subject] != want {
			t.Errorf("subject %d: %d rows, want %d", subject, details[subject], want)
		}
	}
}

func TestWording(t *testing.T) {
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
		"5.7.0 Blocked":                        "blocked",
		"Service refused, please try later":    "slowed down (Orange)",
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
			checkEntry(t, want, e)
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

func TestQueueID(t *testing.T) {
	for text, want := range map[string]string{
		"2.0.0 Ok: queued as 053AB9905F0":                                "053AB9905F0",
		"2.0.0 Ok: 0 bytes queued as B9A109905EF":                        "B9A109905EF",
		"2.0.0 Ok: queued as 4XyZ0k1Abcz9vB":                             "4XyZ0k1Abcz9vB",
		"OK id=1xVFex-00075N-1r":                                         "1xVFex-00075N-1r",
		"OK id=1tFPQz-00000001abc-0xyz":                                  "1tFPQz-00000001abc-0xyz",
		"2.0.0 6AMMREAI029526 Message accepted for delivery":             "6AMMREAI029526",
		"2.0.0 bacad51e Message accepted for delivery":                   "bacad51e",
		"2.0.0 <alice@example.test> uJiQLc9lA2tHXgAAg+zDdQ Saved":        "uJiQLc9lA2tHXgAAg+zDdQ",
		"2.0.0 OK  1699999999 d2e1a72fcca58-6c4ce0f1a2asi12.345 - gsmtp": "d2e1a72fcca58-6c4ce0f1a2asi12.345",
		"2.0.0 Ok: queued as 0KMVWM7J67egoiOlgjtPQo":                     "0KMVWM7J67egoiOlgjtPQo",
		"Ok 0100018bcdef0123-4567-89ab-cdef-000000":                      "0100018bcdef0123-4567-89ab-cdef-000000",
		"OK, message ID: 1234-abcd":                                      "1234-abcd",
		"2.6.0 accepted (queue id AB12CD)":                               "AB12CD",
		"2.0.0 Ok: queued on mx1.example.test as 1531745532-abcDEF":      "1531745532-abcDEF",
		"2.0.0 Ok: queued on mx1.example.test":                           "",
		"Message Queued (8A5B11D3-0C6F-4E5C-9F53-1F1A2C2E3F6B.1)":        "8A5B11D3-0C6F-4E5C-9F53-1F1A2C2E3F6B.1",
		"2.0.0 1Yat1n00V1sBWGw3SYaubg mail accepted for delivery":        "1Yat1n00V1sBWGw3SYaubg",
		"OK ids=8a5475ccbbc611eda12250ebf67f93bd":                        "8a5475ccbbc611eda12250ebf67f93bd",
		"ok 1699999999 qp 12345":                                         "",
		"2.6.0 <a1@x.example> [InternalId=123, Hostname=h.example] 9 bytes in 0.1, 60.6 KB/sec Queued mail for delivery": "a1@x.example",
		"OK":               "",
		"2.0.0 OK: queued": "",
		"2.1.5 You feel like you are being watched":                             "",
		"2.0.0 In return to thy service, I grant thee the gift of Immortality!": "",
		"Ok: queued as \x1b[2J":                                                 "",
		"Ok: queued as ":                                                        "",
		"valid identity 123":                                                    "",
		"":                                                                      "",
	} {
		if id, ok := QueueID(text); id != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", text, id, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("2.0.0 Ok: queued as 053AB9905F0")
	f.Add("mail from:<a@@b..c> SIZE=1")
	f.Add("5.7.1 <x>: Relay access denied, greylisted by spamhaus\x1b[2J")
	f.Fuzz(func(t *testing.T, text string) {
		recognise(text)
		Answers("greeted", text)
		if id, ok := QueueID(text); ok && strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("not safe to print: %q", id)
		}
	})
}

func BenchmarkShort(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Short(250, "MAIL")
	}
}
