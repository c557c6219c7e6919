//go:build unix

package cli_test

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v3/color"
)

// TestExerciseOnTheScreen is the exercise of the first lesson as a person
// types it, with the corrections that are offered on the way.
func TestExerciseOnTheScreen(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.sees("Practice server on 127.0.0.1:", "220 practice.example ESMTP")
	s.line("helo mcheng@example.org")
	s.at("practice.example connected> helo example.org")
	s.sees("held: a domain or [address literal] is wanted, \"@\" is not part of one  RFC 5321 §4.1.1.1")
	s.keys(ctrlC)
	s.at("practice.example connected> helo mcheng@example.org")
	s.keys(ctrlC)
	s.at("practice.example connected> ")
	s.line("helo mcheng")
	s.at("practice.example greeted> ")
	s.line("mail from mcheng@example.org")
	s.at("practice.example greeted> mail from:<mcheng@example.org>")
	s.sees("held: the colon and the angle brackets are missing  RFC 5321 §4.1.1.2")
	s.line("mail from: mcheng@example.org")
	s.at("practice.example mail> ")
	s.sees("note: no space may follow the colon  RFC 5321 §3.3", "note: a path stands in angle brackets  RFC 5321 §4.1.2",
		"as the RFC writes it: mail from:<mcheng@example.org>")
	s.line("rcpt to: <mantis@example.com>")
	s.at("practice.example rcpt 1> ")
	s.sees("note: no space may follow the colon\n        as the RFC writes it: rcpt to:<mantis@example.com>")
	s.line("data")
	s.at("message> ")
	s.line("this is a test")
	s.line("..dots")
	s.sees(`Sent as "...dots"`)
	s.at("message> ")
	s.line(".")
	s.at("practice.example greeted> ")
	s.sees("queued as P1", "queue id P1", ":inbox 1 shows it")
	s.line(":inbox 1")
	s.sees("from <mcheng@example.org> to <mantis@example.com>\nReturn-Path: <mcheng@example.org>", "\n\nthis is a test\n..dots\n")
	s.line("quit")
	s.at("disconnected> ")
	s.sees("221 2.0.0", "The server closed the connection.")
	s.line("quit")
	s.exits(0)
}

// TestPrompt goes through the states that the prompt names.
func TestPrompt(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> NOOP
		< 250 ok
		> EHLO me.example
		< 250 mx.example
		> MAIL FROM:<a@example.org>
		< 250 ok
		> RCPT TO:<b@example.org>
		< 250 ok
		> RCPT TO:<c@example.org>
		< 450 later
		> RCPT TO:<c@example.org>
		< 550 never
		> RCPT TO:<d@example.org>
		< 250 ok
		> DATA
		< 354 go on
		> .
		< 250 ok
		> QUIT
		< 221 bye`)
	steps := []struct{ typed, prompt string }{
		{"", "mx.example connected> "},
		{"NOOP", "mx.example connected> "},
		{"EHLO me.example", "mx.example greeted> "},
		{"MAIL FROM:<a@example.org>", "mx.example mail> "},
		{"RCPT TO:<b@example.org>", "mx.example rcpt 1> "},
		{"RCPT TO:<c@example.org>", "mx.example rcpt 1> "},
		{"RCPT TO:<c@example.org>", "mx.example rcpt 1> "},
		{"RCPT TO:<d@example.org>", "mx.example rcpt 2> "},
		{"DATA", "message> "},
		{".", "mx.example greeted> "},
		{"QUIT", "disconnected> "},
	}
	s.at(steps[0].prompt)
	for i, step := range steps[1:] {
		s.line(step.typed)
		s.at(step.prompt)
		switch i {
		case 4:
			s.sees("450 later")
			s.hasColor("rcpt 1> ", color.XTerm3)
		case 5:
			s.sees("550 never")
			s.hasColor("rcpt 1> ", color.XTerm1)
		}
	}
	s.keys(ctrlD)
	s.exits(0)
}

// TestServerNames has servers that call themselves what no prompt may show.
func TestServerNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ banner, prompt string }{
		{`220 mx\x1b[31mred ESMTP`, "127.0.0.1 connected> "},
		{`220 mx\xff ESMTP`, "127.0.0.1 connected> "},
		{`220 ` + strings.Repeat("long.", 30) + `example ESMTP`, "127.0.0.1 connected> "},
		{`220`, "127.0.0.1 connected> "},
		{`554 go away`, "127.0.0.1 connected> "},
	} {
		t.Run(tt.banner, func(t *testing.T) {
			t.Parallel()
			s := talk(t, "* raw "+tt.banner+`\r\n`+"\n* eof")
			s.at(tt.prompt)
			s.line(":close")
			s.at("disconnected> ")
			s.line(":quit")
			s.exits(0)
		})
	}
}

// TestEHLO shows what is offered as a table.
func TestEHLO(t *testing.T) {
	t.Parallel()
	s := talk(t, `
		< 220 mx.example ESMTP
		> EHLO me.example
		< 250-mx.example greets you
		< 250-SIZE 10485760
		< 250-8BITMIME
		< 250-X-THING of our own
		< 250 PIPELINING
		* eof`)
	s.at("mx.example connected> ")
	s.line("EHLO me.example")
	s.at("mx.example greeted> ")
	s.sees("250 mx.example greets you", "messages of up to 10 MB", "X-THING of our own  not known here")
	s.matches(`(?m)^    SIZE 10485760  .*RFC 1870`)
	s.matches(`(?m)^    8BITMIME  .*BODY=8BITMIME\n +RFC 6152 §2$`)
	s.matches(`(?m)^    PIPELINING  .*\n +RFC 2920$`)
	s.line(":status")
	s.matches(`(?m)^server +mx\.example at 127\.0\.0\.1:\d+$`)
	s.matches(`(?m)^state +greeted with EHLO$`)
	s.sees("encryption", "check")
	s.line(":close")
	s.at("disconnected> ")
	s.line(":status")
	s.matches(`(?m)^state +disconnected$`)
}
