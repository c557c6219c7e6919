package know

import (
	_ "embed" // the tables
	"strconv"
	"strings"
	"sync"

	"smtpsh/protocol"
)

//go:embed codes.tsv
var codesTSV string

//go:embed enhanced.tsv
var enhancedTSV string

//go:embed wordings.tsv
var wordingsTSV string

// codeKey is a reply code and the verb it answers, in upper case; "" for any.
type codeKey struct {
	code  int
	after string
}

// enhancedKey is subject and detail of an enhanced code.
type enhancedKey struct{ subject, detail int }

// subjectRow is the detail that stands for a subject as a whole.
const subjectRow = -1

// codes is the table of reply codes.
var codes = sync.OnceValue(func() map[codeKey]Entry {
	table := make(map[codeKey]Entry)
	for row := range rows(codesTSV) {
		code, _ := strconv.Atoi(row[0]) // a test reads every row
		table[codeKey{code, strings.ToUpper(row[1])}] = entryOf(row[2:6], row[6] == "y", row[7])
	}
	return table
})

// enhanced is the table of enhanced codes.
var enhanced = sync.OnceValue(func() map[enhancedKey]Entry {
	table := make(map[enhancedKey]Entry)
	for row := range rows(enhancedTSV) {
		first, second, whole := strings.Cut(row[0], ".")
		key := enhancedKey{detail: subjectRow}
		key.subject, _ = strconv.Atoi(first)
		if whole {
			key.detail, _ = strconv.Atoi(second)
		}
		table[key] = entryOf(row[1:5], row[5] == "y", row[6])
	}
	return table
})

// wordings is the table of known wordings, in the order in which they are
// looked for. A row has several, between " | ".
var wordings = sync.OnceValue(func() []wording {
	var table []wording
	for row := range rows(wordingsTSV) {
		entry := entryOf(row[1:5], false, "")
		for _, words := range list(row[0]) {
			table = append(table, wording{words: strings.Split(words, " & "), entry: entry})
		}
	}
	return table
})

// rows yields the rows of a table behind its heading; "-" is an empty field.
func rows(tsv string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		heading := true
		for line := range strings.Lines(tsv) {
			if heading {
				heading = false
				continue
			}
			row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			for i := range row {
				if row[i] == "-" {
					row[i] = ""
				}
			}
			if !yield(row) {
				return
			}
		}
	}
}

// entryOf reads the fields that the tables have in common: short, meaning,
// causes and try.
func entryOf(row []string, certain bool, ref string) Entry {
	e := Entry{Short: row[0], Meaning: row[1], Causes: list(row[2]), Try: list(row[3]), Certain: certain}
	rfc, section, _ := strings.Cut(ref, " ")
	e.Ref.RFC, _ = strconv.Atoi(rfc)
	if section != "-" {
		e.Ref.Section = section
	}
	if e.Ref.RFC == 0 {
		e.Ref = protocol.Ref{}
	}
	return e
}

// list splits a field of several values.
func list(field string) []string {
	if field == "" {
		return nil
	}
	return strings.Split(field, " | ")
}
