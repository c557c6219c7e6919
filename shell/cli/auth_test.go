//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// TestAuth is a login by helper: the password is asked for, and no trace of it
// is left.
func TestAuth(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 50))
	s.line("EHLO me.example")
	s.line(":auth practice")
	s.at("password, not shown> ")
	s.keys("practice", enter)
	s.sees("> AUTH SCRAM-SHA-256 ****", "logged in as practice", "the server proved that it knows the password too")
	s.line(":auth")
	s.sees("logged in already")
	s.line(":reconnect")
	s.line("EHLO me.example")
	s.line(":auth PLAIN")
	s.at("user name> ")
	s.line("practice")
	s.at("password, not shown> ")
	s.keys("wrong", enter)
	s.sees("> AUTH PLAIN ****", "535 5.7.8")
	s.line(":auth LOGIN practice")
	s.at("password, not shown> ")
	s.keys(ctrlC)
	s.sees("Not logged in; nothing was sent.")
	s.at("practice.example greeted> ")
	if h := s.history(); strings.Contains(h, "wrong") {
		t.Errorf("the history has a password: %s", h)
	}
}

// TestAuthByHand types the base64, or has it made of what was typed.
func TestAuthByHand(t *testing.T) {
	t.Parallel()
	s := practise(t, sized(120, 50))
	s.line("EHLO me.example")
	s.line("AUTH PLAIN AHByYWN0aWNlAHdyb25n") // what was typed is gone once it is sent
	s.at("practice.example greeted> ")
	s.sees("AUTH PLAIN ****", "535 5.7.8")
	s.lacks("AHByYWN0aWNl")
	s.line("AUTH LOGIN")
	s.sees(`it says "Username:"`)
	s.at("user name in base64> ")
	s.line("practice!")
	s.sees("Not base64; Enter sends its base64")
	s.at("user name in base64> cHJhY3RpY2Uh")
	s.keys(ctrlC) // the typed text comes back
	s.at("user name in base64> practice!")
	s.keys(backspace, enter) // base64 too, by chance
	s.sees("so it may be the text itself")
	s.at("user name in base64> cHJhY3RpY2U=")
	s.keys(enter)
	s.at("password in base64, not shown> ")
	s.keys("not base64", enter)
	s.sees("Not base64; Enter sends its base64. ! sends it as it stands, * cancels")
	s.keys(enter)
	s.sees("535 5.7.8")
	s.line("AUTH PLAIN")
	s.at("base64 of \\0user\\0password, not shown> ")
	s.keys(`:b64 \0practice\0practice`, enter)
	s.sees("logged in as practice")
	s.line(":reconnect")
	s.line("EHLO me.example")
	s.line("AUTH CRAM-MD5")
	s.at("CRAM-MD5 response in base64, not shown> ")
	s.keys(ctrlC)
	s.sees("Enter sends \"*\"")
	s.keys("*", enter)
	s.sees("AUTH is cancelled")
	s.at("practice.example greeted> ")
	s.line(":auth LOGIN joe extra") // asks for no password, and one comes all the same
	s.sees("usage: :auth")
	s.keys("hush-hush", enter)
	s.sees("greeted> ****")
	s.keys(ctrlC, ctrlC)
	s.at("practice.example greeted> ")
	s.line("cHJhY3RpY2U=") // an answer that comes too late
	s.sees("held: unknown here")
	if h := s.history(); strings.Contains(h, "AHByYWN0") || strings.Contains(h, "hush") || strings.Contains(h, "b64") || strings.Contains(h, "cHJhY3RpY2U") {
		t.Errorf("the history has a password: %s", h)
	}
}
