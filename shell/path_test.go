package shell

import "testing"

// TestSpared reads NO_PROXY as other programs do.
func TestSpared(t *testing.T) {
	rows := []struct {
		list, host, port string
		want             bool
	}{
		{"", "mx.example.org", "25", false},
		{"example.org", "mx.example.org", "25", true},
		{".example.org", "mx.example.org", "25", true},
		{".example.org", "example.org", "25", false},
		{"example.org:587", "example.org", "25", false},
		{"example.org:587", "example.org", "587", true},
		{"192.0.2.0/24", "192.0.2.7", "25", true},
		{"192.0.2.0/24", "198.51.100.7", "25", false},
		{"other.example, 2001:db8::1", "2001:db8::1", "25", true},
		{"*", "example.org", "25", true},
	}
	for _, row := range rows {
		t.Setenv("NO_PROXY", row.list)
		if got := spared(Target{Host: row.host, Port: row.port}); got != row.want {
			t.Errorf("NO_PROXY %q spares %s port %s: %v, want %v", row.list, row.host, row.port, got, row.want)
		}
	}
}

func TestParseMXTarget(t *testing.T) {
	for _, words := range [][]string{{"mx:example.org:2525"}, {"mx:example.org", "2525"}} {
		if got, err := ParseTarget(words...); err != nil || got.MX != "example.org" || got.Port != "2525" || got.Host != "" {
			t.Errorf("%q: %+v, %v", words, got, err)
		}
	}
}
