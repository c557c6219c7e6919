package term

import "testing"

func TestTypedLine(t *testing.T) {
	c := start(t, 80, 24)
	c.ready()
	c.types("EHLO me\r")
	c.sees(`got "EHLO me"`)
	c.ready()
	c.types("\x04")
	c.sees("eof")
	c.types("quit\r")
	c.ends()
}
