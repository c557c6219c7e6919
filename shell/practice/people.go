package practice

import (
	"slices"
	"strings"

	"smtpsh/protocol"
)

// person is a user that VRFY knows.
type person struct{ local, name string }

// people are the users of the practice server, for VRFY; two share a name, so
// that it can be ambiguous. Mail is taken for anyone.
var people = []person{
	{"alice", "Alice Liddell"},
	{"bob", "Bob Baker"},
	{"carol", "Carol Baker"},
	{"postmaster", "The Postmaster"},
}

// list is a mailing list that EXPN knows.
type list struct {
	name    string
	members []string // their local-parts
}

// lists are the mailing lists of the practice server, for EXPN.
var lists = []list{
	{"staff", []string{"alice", "bob", "carol"}},
}

func (s *session) mailboxOf(p person) string {
	return p.name + " <" + p.local + "@" + s.srv.Hostname + ">"
}

// localName takes a user or a mailbox of this server down to the bare name;
// ok is false for another domain.
func (s *session) localName(arg string) (name string, ok bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(arg, "<"), ">")
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		ok = strings.EqualFold(name[i+1:], s.srv.Hostname)
		name = name[:i]
		return strings.Trim(name, `"`), ok
	}
	return strings.Trim(name, `"`), true
}

func findPeople(name string) (exact *person, alike []person) {
	for i, p := range people {
		if strings.EqualFold(p.local, name) || strings.EqualFold(p.name, name) {
			return &people[i], nil
		}
		if slices.ContainsFunc(strings.Fields(p.name), func(w string) bool { return strings.EqualFold(w, name) }) {
			alike = append(alike, p)
		}
	}
	return nil, alike
}

// vrfy answers as RFC 5321 §3.5 has it: 250 with the mailbox, 553 for a name
// that several have, 550 for what is surely none. For everyone else it is a
// 252: nobody is verified, and yet mail will be taken (§3.5.3).
func (s *session) vrfy(c protocol.Command) answer {
	name, local := s.localName(argument(c))
	exact, alike := findPeople(name)
	row, n := findSpecial(name)
	switch {
	case !local:
		return one(252, "2.0.0", "not a user of this server, but mail for it will be taken")
	case exact != nil:
		return one(250, "2.1.5", s.mailboxOf(*exact))
	case len(alike) == 1:
		return one(250, "2.1.5", s.mailboxOf(alike[0]))
	case len(alike) > 1:
		a := one(553, "5.1.4", "ambiguous; it could be") // RFC 3463 §3.2
		for _, p := range alike {
			a.lines = append(a.lines, s.mailboxOf(p))
		}
		return a
	case slices.ContainsFunc(lists, func(l list) bool { return strings.EqualFold(l.name, name) }):
		return one(550, "5.1.1", "that is a mailing list, not a user; EXPN asks who is on it")
	case row != nil && row.act == actRefuse && n == 550:
		return failure(550)
	}
	return one(252, "2.0.0", "not a user that is known here, but mail for it will be taken")
}

// expn answers one member a line (RFC 5321 §4.1.1.7).
func (s *session) expn(c protocol.Command) answer {
	name, local := s.localName(argument(c))
	for _, l := range lists {
		if !local || !strings.EqualFold(l.name, name) {
			continue
		}
		a := answer{code: 250, status: "2.1.5"}
		for _, m := range l.members {
			p, _ := findPeople(m)
			a.lines = append(a.lines, s.mailboxOf(*p))
		}
		return a
	}
	if p, _ := findPeople(name); p != nil && local {
		return one(550, "5.1.1", "that is a user, not a mailing list; VRFY asks about users")
	}
	return one(550, "5.1.1", "no such mailing list here; there is one called staff")
}
