//go:build unix

package cli_test

import (
	"bytes"
	"testing"
)

// TestServerOnATerminal does the exercise at the keyboard, on Postfix.
func TestServerOnATerminal(t *testing.T) {
	serverScripts(t)
	postfix := realServers[0]
	startServer(t, postfix.name, postfix.port)
	mark := nonce(t)
	s := start(t, []string{"127.0.0.1", postfix.port})
	s.at("mx.example.test connected> ")
	s.line("helo mcheng")
	s.at("mx.example.test greeted> ")
	s.line("!mail from mcheng@example.org")
	s.sees("501 5.5.4 Syntax: MAIL FROM:<address>")
	s.at("mx.example.test greeted> ")
	s.line("mail from mcheng@example.org")
	s.at("mx.example.test greeted> mail from:<mcheng@example.org>")
	s.sees("held: the colon and the angle brackets are missing")
	s.keys(enter)
	s.at("mx.example.test mail> ")
	s.line("rcpt to: <alice@example.test>")
	s.at("mx.example.test rcpt 1> ")
	s.line("data")
	s.at("message> ")
	s.line("this is a test " + mark)
	s.at("message> ")
	s.line(".dotted")
	s.sees(`Sent as "..dotted"`)
	s.at("message> ")
	s.line(".")
	s.at("mx.example.test greeted> ")
	s.sees("250 2.0.0 Ok: queued as ")
	if text := delivered(t, postfix.name, mark); !bytes.HasSuffix(text, []byte("this is a test "+mark+"\n.dotted\n")) {
		t.Errorf("the message did not arrive as typed:\n%s", text)
	}
	s.line("quit")
	s.sees("221 2.0.0 Bye", "The server closed the connection.")
	s.at("disconnected> ")
	s.line("quit")
	s.exits(0)
}
