package protocol

import (
	"slices"
	"strings"
	"testing"
)

func TestExtensionTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, x := range ExtensionTable {
		if seen[x.Keyword] || FindExtension(strings.ToLower(x.Keyword)) == nil {
			t.Errorf("%s: twice, or not found", x.Keyword)
		}
		seen[x.Keyword] = true
		if x.Keyword != strings.ToUpper(x.Keyword) || !isParamKeyword(x.Keyword) || !strings.HasPrefix(x.Form, x.Keyword) {
			t.Errorf("%s: form %q", x.Keyword, x.Form)
		}
		if x.Gives == "" || strings.HasSuffix(x.Gives, ".") {
			t.Errorf("%s: wants one plain line: %q", x.Keyword, x.Gives)
		}
		// VERB and ONEX are in the registry with a person's name for a document.
		if registered := !x.Private && x.Keyword != "VERB" && x.Keyword != "ONEX"; registered != (x.Ref.RFC != 0) {
			t.Errorf("%s: reference %v", x.Keyword, x.Ref)
		}
	}
	if FindExtension("") != nil || FindExtension("SIZ") != nil {
		t.Error("found what is not there")
	}
}

// TestExtensionTableCovers insists on a row for what the other tables name.
func TestExtensionTableCovers(t *testing.T) {
	var want []string
	for _, v := range Verbs {
		want = append(want, v.Ext)
	}
	for _, p := range Params {
		want = append(want, p.Ext)
	}
	slices.Sort(want)
	for _, keyword := range slices.Compact(want) {
		if keyword != "" && FindExtension(keyword) == nil {
			t.Errorf("%s: no row", keyword)
		}
	}
}
