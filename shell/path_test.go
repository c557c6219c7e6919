package shell

import "testing"

// TestNoProxy names hosts that the proxy of the environment is not for.
func TestNoProxy(t *testing.T) {
	t.Setenv("ALL_PROXY", "socks5://192.0.2.9:1080")
	t.Setenv("no_proxy", "")
	for _, row := range []struct {
		list, host string
		proxied    bool
	}{
		{"", "mail.example.org", true},
		{"mail.example.org", "mail.example.org", false},
		{"mail.example.org", "other.example.org", true},
		{"example.org", "mail.example.org", false},
		{".example.org,example.net", "mail.example.net", false},
		{"example.org:25", "example.org", false},
		{"example.org:587", "example.org", true},
		{"192.0.2.0/24", "192.0.2.77", false},
		{"192.0.2.0/24", "198.51.100.1", true},
		{"2001:db8::/32", "2001:db8::1", false},
		{"*", "mail.example.org", false},
		{"", "localhost", false},
	} {
		t.Setenv("NO_PROXY", row.list)
		u, err := (&Shell{}).proxyFor(Target{Host: row.host, Port: "25"})
		if err != nil || (u != nil) != row.proxied {
			t.Errorf("NO_PROXY=%q, %s: proxy %v, %v", row.list, row.host, u, err)
		}
	}
	t.Setenv("NO_PROXY", "*")
	sh := &Shell{}
	if text := setProxy(sh, "http://192.0.2.1:8080"); text != "" {
		t.Fatal(text)
	}
	if u, err := sh.proxyFor(Target{Host: "mail.example.org", Port: "25"}); u == nil || err != nil {
		t.Errorf("one that was set is left out: %v, %v", u, err)
	}
}
