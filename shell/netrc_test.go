package shell

import "testing"

func TestFindNetrc(t *testing.T) {
	rows := []struct{ text, machine, user, login, password string }{
		{"machine a login joe password x", "a", "", "joe", "x"},
		{"machine a login joe password x", "A", "joe", "joe", "x"},
		{"machine a login joe password x", "b", "", "", ""},
		{"machine a login joe password x", "a", "ann", "", ""},
		{"machine a login joe password x machine a login ann password y", "a", "ann", "ann", "y"},
		{"machine b login joe password x\ndefault login any password z", "a", "", "any", "z"},
		{"machine a password x", "a", "joe", "", "x"},
		{"# machine a login no password no\nmachine a\n\tlogin joe\n\tpassword x#y", "a", "", "joe", "x#y"},
		{"macdef init\nmachine a login no password no\n\nmachine a login joe account q password x", "a", "", "joe", "x"},
		{`machine a login "joe" password "two words"`, "a", "", "joe", "two words"},
		{`machine a login joe password "a \"b\" \\c"`, "a", "", "joe", `a "b" \c`},
		{`machine a login joe password "open`, "a", "", "joe", `"open`},
	}
	for _, row := range rows {
		entry, ok := findNetrc(row.text, row.machine, row.user)
		if ok != (row.password != "") || ok && (entry.login != row.login || entry.password != row.password) {
			t.Errorf("%q, %s, %s: %q, %v", row.text, row.machine, row.user, entry, ok)
		}
	}
}
