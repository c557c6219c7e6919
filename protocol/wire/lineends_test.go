package wire

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLineEnds(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "a\nb": "a\r\nb", "a\r\nb\r\n": "a\r\nb\r\n", "a\rb\n\n": "a\r\nb\r\n\r\n", ".\n..": ".\r\n..", "\r\r\n": "\r\n\r\n",
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "octet by octet": iotest.OneByteReader(strings.NewReader(in))} {
			got, err := io.ReadAll(LineEnds(r))
			if err != nil || string(got) != want {
				t.Errorf("%q, %s: %q, %v; want %q", in, name, got, err, want)
			}
		}
	}
	if _, err := io.ReadAll(LineEnds(iotest.ErrReader(io.ErrUnexpectedEOF))); err != io.ErrUnexpectedEOF {
		t.Errorf("an error of the reader comes out as %v", err)
	}
}
