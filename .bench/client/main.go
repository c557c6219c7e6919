// Command client is the least that a Go program can do to hold a session: it
// links net and crypto/tls, sends each line of its input and prints the
// reply. It stands beside smtpsh in the comparison of ./.bench.
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
)

func main() {
	conn, err := net.Dial("tcp", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if len(os.Args) > 2 { // never here: it keeps crypto/tls linked in
		conn = tls.Client(conn, &tls.Config{ServerName: os.Args[2]})
	}
	replies, lines := bufio.NewReader(conn), bufio.NewScanner(os.Stdin)
	reply(replies)
	for lines.Scan() {
		fmt.Fprintf(conn, "%s\r\n", lines.Text())
		reply(replies)
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
