// Command client is the least that a Go program can do to hold a session: it
// sends each line of its input and prints the reply; with the file of a CA as
// a second argument it does EHLO, STARTTLS, a verified handshake, EHLO and
// QUIT. It stands beside smtpsh in the comparison of ./.bench.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
)

func main() {
	conn, err := net.Dial("tcp", os.Args[1])
	check(err)
	replies := bufio.NewReader(conn)
	reply(replies)
	if len(os.Args) > 2 {
		secure(conn, replies, os.Args[2])
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		send(conn, replies, lines.Text())
	}
}

func secure(conn net.Conn, replies *bufio.Reader, ca string) {
	send(conn, replies, "EHLO client.example")
	send(conn, replies, "STARTTLS")
	text, err := os.ReadFile(ca)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	host, _, _ := net.SplitHostPort(os.Args[1])
	stream := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots})
	check(stream.Handshake())
	replies = bufio.NewReader(stream)
	send(stream, replies, "EHLO client.example")
	send(stream, replies, "QUIT")
}

func send(to io.Writer, replies *bufio.Reader, line string) {
	fmt.Fprintf(to, "%s\r\n", line)
	reply(replies)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func reply(from *bufio.Reader) {
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return
		}
		fmt.Print(line)
		if len(line) < 4 || line[3] != '-' {
			return
		}
	}
}
