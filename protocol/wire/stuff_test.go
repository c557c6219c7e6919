package wire

import (
	"errors"
	"testing"
	"time"
)

func TestStuff(t *testing.T) {
	tests := []struct {
		line, want string
		stuffed    bool
	}{
		{"", "\r\n", false},
		{"text", "text\r\n", false},
		{".", "..\r\n", true},
		{"..", "...\r\n", true},
		{".text", "..text\r\n", true},
		{" .", " .\r\n", false},
		{"a.", "a.\r\n", false},
		{"\xff\x00", "\xff\x00\r\n", false},
	}
	for _, tt := range tests {
		got, stuffed, err := Stuff(tt.line)
		if string(got) != tt.want || stuffed != tt.stuffed || err != nil {
			t.Errorf("Stuff(%q) = %q, %v, %v; want %q, %v", tt.line, got, stuffed, err, tt.want, tt.stuffed)
		}
	}
	for _, line := range []string{"a\r\nb", "a\rb", "a\nb", "\r\n.\r\n", "a\r\n", "a\r"} {
		if got, _, err := Stuff(line); !errors.Is(err, ErrLineBreak) || got != nil {
			t.Errorf("Stuff(%q) = %q, %v; want ErrLineBreak", line, got, err)
		}
	}
}

func TestReplyLimit(t *testing.T) {
	tests := []struct {
		verb    string
		content bool
		want    time.Duration
	}{
		{"", false, 5 * time.Minute},
		{"EHLO", false, 5 * time.Minute},
		{"MAIL", false, 5 * time.Minute},
		{"RCPT", false, 5 * time.Minute},
		{"data", false, 2 * time.Minute},
		{"DATA", true, 10 * time.Minute},
		{"BDAT", true, 10 * time.Minute},
	}
	for _, tt := range tests {
		if got := ReplyLimit(tt.verb, tt.content); got != tt.want {
			t.Errorf("ReplyLimit(%q, %v) = %v, want %v", tt.verb, tt.content, got, tt.want)
		}
	}
}
