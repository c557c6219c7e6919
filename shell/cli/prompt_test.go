//go:build unix

package cli_test

import "testing"

func TestExerciseOnTheScreen(t *testing.T) {
	t.Parallel()
	s := practise(t)
	s.line("helo mcheng@example.org")
	s.at("practice.example connected> helo example.org")
	s.keys(ctrlC)
	s.keys(ctrlC)
	s.line("helo mcheng")
	s.at("practice.example greeted> ")
	s.line("mail from mcheng@example.org")
	s.at("practice.example greeted> mail from:<mcheng@example.org>")
	s.line("mail from: mcheng@example.org")
	s.at("practice.example mail> ")
	s.line("rcpt to: <mantis@example.com>")
	s.at("practice.example rcpt 1> ")
	s.line("data")
	s.at("message> ")
	s.line("this is a test")
	s.at("message> ")
	s.line("..dots")
	s.at("message> ")
	s.line(".")
	s.at("practice.example greeted> ")
	s.line(":inbox 1")
	s.at("practice.example greeted> ")
	s.line("quit")
	s.at("disconnected> ")
	s.line("quit")
	s.exits(0)
	t.Log(s.text())
}
