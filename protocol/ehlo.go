package protocol

import (
	"slices"
	"strconv"
	"strings"
)

// Extensions is what a server offered in its reply to EHLO (RFC 5321
// §4.1.1.1). It never changes once made, so sessions share it. The nil pointer
// serves, and offers nothing.
type Extensions struct {
	domain   string
	greeting string
	offers   []Offer
}

// Offer is one line of an EHLO reply.
type Offer struct {
	Keyword string   // as the server wrote it; "AUTH" for the old form "AUTH=LOGIN"
	Args    []string // what follows it; not to be modified
	Raw     string   // the whole line
}

// maxToken is the longest word that is handed to a prompt or a completion: a
// domain has at most 255 octets (RFC 5321 §4.5.3.1.2).
const maxToken = 255

// ParseEHLO reads the offers of a positive reply to EHLO, LHLO or HELO; any
// other reply gives nil.
func ParseEHLO(r Reply) *Extensions {
	if r.Class() != 2 || len(r.Lines) == 0 {
		return nil
	}
	x := &Extensions{}
	x.domain, x.greeting, _ = strings.Cut(r.Lines[0], " ")
	x.offers = make([]Offer, 0, len(r.Lines)-1)
	for _, text := range r.Lines[1:] {
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		offer := Offer{Keyword: words[0], Args: words[1:], Raw: text}
		// "AUTH=LOGIN PLAIN" is what servers said before RFC 2554, for clients
		// that never learnt the space.
		if keyword, value, ok := strings.Cut(words[0], "="); ok && strings.EqualFold(keyword, "AUTH") {
			offer.Keyword = keyword
			if value != "" {
				offer.Args = slices.Concat([]string{value}, words[1:])
			}
		}
		x.offers = append(x.offers, offer)
	}
	return x
}

// Domain is the name by which the server called itself; "" when that is no
// plain word, for a prompt shows it.
func (x *Extensions) Domain() string {
	if x == nil || !plainToken(x.domain) {
		return ""
	}
	return x.domain
}

// Greeting is the text behind the server's name, raw as the server sent it.
func (x *Extensions) Greeting() string {
	if x == nil {
		return ""
	}
	return x.greeting
}

// Offers lists the offers in the server's order, raw as the server sent them.
func (x *Extensions) Offers() []Offer {
	if x == nil {
		return nil
	}
	return slices.Clone(x.offers)
}

// Has reports whether an extension is offered, in any case of letters.
func (x *Extensions) Has(keyword string) bool {
	if x == nil {
		return false
	}
	return slices.ContainsFunc(x.offers, func(o Offer) bool { return strings.EqualFold(o.Keyword, keyword) })
}

// Args lists the values of an extension, each once, of all the lines that
// offer it: an AUTH line and the old AUTH= line count as one.
func (x *Extensions) Args(keyword string) []string {
	if x == nil {
		return nil
	}
	var args []string
	var have once
	for _, o := range x.offers {
		if !strings.EqualFold(o.Keyword, keyword) {
			continue
		}
		for _, arg := range o.Args {
			if have.first(arg) {
				args = append(args, arg)
			}
		}
	}
	return args
}

// once tells words apart, the case of letters aside. A server may send as many
// as it likes, so each is looked up and not held against all others.
type once map[string]bool

// first reports a word that did not come before.
func (o *once) first(word string) bool {
	key := strings.ToUpper(word)
	if (*o)[key] {
		return false
	}
	if *o == nil {
		*o = once{}
	}
	(*o)[key] = true
	return true
}

// Keywords lists the extensions offered, each once and in upper case, that
// have the form of a keyword. It is safe for a prompt and for completion.
func (x *Extensions) Keywords() []string {
	if x == nil {
		return nil
	}
	var words []string
	var have once
	for _, o := range x.offers {
		word := strings.ToUpper(o.Keyword)
		if isParamKeyword(word) && plainToken(word) && have.first(word) {
			words = append(words, word)
		}
	}
	return words
}

// values are the values of each extension offered, by keyword in upper case, as
// Args has them, with a space between.
func (x *Extensions) values() map[string]string {
	if x == nil {
		return nil
	}
	args, have := map[string][]string{}, map[string]*once{}
	for _, o := range x.offers {
		word := strings.ToUpper(o.Keyword)
		if have[word] == nil {
			args[word], have[word] = nil, new(once)
		}
		for _, arg := range o.Args {
			if have[word].first(arg) {
				args[word] = append(args[word], arg)
			}
		}
	}
	values := make(map[string]string, len(args))
	for word, list := range args {
		values[word] = strings.Join(list, " ")
	}
	return values
}

// Tokens is Args without what is not a short word of printable ASCII. It is
// safe for a prompt and for completion, which readline prints as they are.
func (x *Extensions) Tokens(keyword string) []string {
	return slices.DeleteFunc(x.Args(keyword), func(arg string) bool { return !plainToken(arg) })
}

// Equal reports whether both offer the same, line for line.
func (x *Extensions) Equal(y *Extensions) bool {
	if x == nil || y == nil {
		return x == y
	}
	return x == y || x.domain == y.domain && x.greeting == y.greeting &&
		slices.EqualFunc(x.offers, y.offers, func(a, b Offer) bool { return a.Raw == b.Raw })
}

// Change is an extension that differs between two replies to EHLO.
type Change struct {
	Keyword       string
	Before, After string // the values; see Gained and Lost
	Gained, Lost  bool   // offered only afterwards, only before; else the values differ
}

// Since says what changed from an earlier reply to EHLO to this one: RFC 3207
// §4.2 has a client learn everything anew, for the two often differ.
func (x *Extensions) Since(before *Extensions) []Change {
	var changes []Change
	old, now := before.values(), x.values()
	for _, word := range before.Keywords() {
		was := old[word]
		if is, there := now[word]; !there {
			changes = append(changes, Change{Keyword: word, Before: was, Lost: true})
		} else if is != was {
			changes = append(changes, Change{Keyword: word, Before: was, After: is})
		}
	}
	for _, word := range x.Keywords() {
		if _, there := old[word]; !there {
			changes = append(changes, Change{Keyword: word, After: now[word], Gained: true})
		}
	}
	return changes
}

// Size is the largest message in octets that the server takes; ok is false
// when it names no limit, and SIZE 0 says that there is none (RFC 1870 §4).
func (x *Extensions) Size() (limit uint64, ok bool) {
	args := x.Args("SIZE")
	if len(args) == 0 {
		return 0, false
	}
	limit, err := strconv.ParseUint(args[0], 10, 64)
	return limit, err == nil && limit > 0
}

// offerForm takes an offer's line apart as the grammar has it (RFC 5321
// §4.1.1.1, ehlo-line). Legacy says that it is the old form "AUTH=".
func offerForm(text string) (keyword string, legacy, form bool) {
	keyword, params, more := strings.Cut(text, " ")
	if len(keyword) >= 5 && strings.EqualFold(keyword[:5], "AUTH=") {
		return keyword[:4], true, false
	}
	if !isParamKeyword(keyword) { // ehlo-keyword has the grammar of esmtp-keyword
		return keyword, false, false
	}
	for more {
		var param string
		param, params, more = strings.Cut(params, " ")
		if !isGraphic(param) {
			return keyword, false, false
		}
	}
	return keyword, false, true
}

// isGraphic reports one or more printable ASCII characters without a space,
// as an ehlo-param has (RFC 5321 §4.1.1.1).
func isGraphic(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// plainToken reports what may be printed as it stands.
func plainToken(s string) bool { return isGraphic(s) && len(s) <= maxToken }
