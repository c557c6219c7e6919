package know

import (
	_ "embed" // the table
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtpsh/protocol"
)

//go:embed answers.tsv
var answersTSV string

// Answer is how one server was measured to answer one form of a line. It is a
// fact with one configuration behind it: this server did, not such servers do.
type Answer struct {
	Server   string // with its version: "Postfix 3.7.11"
	Code     int
	Enhanced protocol.Enhanced
	Accepted bool // a 2yz or 3yz, and the session went on
	Test     bool // a server for tests that takes nearly anything; leave it out of sentences
}

// answerKey is a state and the shape of a line.
type answerKey struct{ state, shape string }

// answerTable is the measurements by state and shape.
var answerTable = sync.OnceValue(func() map[answerKey][]Answer {
	table := make(map[answerKey][]Answer)
	heading, _, _ := strings.Cut(answersTSV, "\n")
	servers := strings.Split(heading, "\t")[2:]
	for row := range rows(answersTSV) {
		var answers []Answer
		for i, cell := range row[2:] {
			if cell == "" {
				continue // nothing was measured, or the server kept silent
			}
			text, more, _ := strings.Cut(cell, " ")
			code, _ := strconv.Atoi(text)
			e, _, _ := protocol.CutEnhanced(more)
			answers = append(answers, Answer{servers[i], code, e, accepted(code, row[1]), isTestServer(servers[i])})
		}
		table[answerKey{row[0], row[1]}] = answers
	}
	return table
})

// accepted reports a 2yz or 3yz, but for a goodbye that nobody asked for:
// Postfix hangs up with a 221 on what looks like an attack.
func accepted(code int, shape string) bool {
	return code >= 200 && code < 400 && (code != 221 || strings.HasPrefix(shape, "QUIT"))
}

// isTestServer reports the servers that take nearly anything, and so prove
// nothing about a line.
func isTestServer(name string) bool {
	return strings.HasPrefix(name, "smtp-sink") || strings.HasPrefix(name, "mailpit")
}

// Answers is how servers were measured to answer a line of this shape; nil when
// nothing like it was measured. The state is "connected" (the banner was
// seen), "greeted" (after EHLO), "mail" or "rcpt".
func Answers(state, line string) []Answer {
	shape, ok := shapeOf(line)
	if !ok {
		return nil
	}
	return slices.Clone(answerTable()[answerKey{state, shape}])
}

// Sentence tells answers in one sentence without a final stop: "Exim 4.96 took
// it; Postfix 3.7 answered 501 5.5.4". Test servers are left out; it is "" for
// none.
func Sentence(answers []Answer) string {
	var said []string
	groups := make(map[string][]string)
	for _, a := range answers {
		if a.Test {
			continue
		}
		what := "took it"
		if !a.Accepted {
			what = strings.TrimSuffix("answered "+strconv.Itoa(a.Code)+" "+a.Enhanced.String(), " ")
		}
		if groups[what] == nil {
			said = append(said, what)
		}
		groups[what] = append(groups[what], shortName(a.Server))
	}
	if i := slices.Index(said, "took it"); i > 0 {
		said = slices.Insert(slices.Delete(said, i, i+1), 0, "took it")
	}
	for i, what := range said {
		said[i] = join(groups[what]) + " " + what
	}
	return strings.Join(said, "; ")
}

// shortName cuts a version to two numbers: "Postfix 3.7".
func shortName(server string) string {
	i := strings.LastIndexByte(server, ' ')
	if parts := strings.SplitN(server[i+1:], ".", 3); i >= 0 && len(parts) == 3 {
		return server[:i+1] + parts[0] + "." + parts[1]
	}
	return server
}

// join writes names as people list them.
func join(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
