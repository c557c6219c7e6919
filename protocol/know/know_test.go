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
