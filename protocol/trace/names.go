package trace

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"smtpsh/protocol"
)

// names are the names that stand for others, each given once.
type names struct {
	addresses, hosts bool
	user, domain     map[string]string // by what they stand for, in lower case
	ip               map[netip.Addr]string
	four, six        int // addresses given
	form             *regexp.Regexp
}

// nameForm finds what may be a name: an address, with the @ in one of its
// encodings (of xtext, of a URL, of quoted-printable); words with colons
// between them, which an IPv6 address is made of; a word.
const nameForm = `("(?:[^"\\]|\\.)*"|[^\s<>()\[\],;:"@\\]+)(@|\+40|%40|=40)(\[[^\]\s]*\]|[\pL\pM\pN_-]+(?:\.[\pL\pM\pN_-]+)*)` +
	`|([0-9A-Fa-f]{0,4}:[\pL\pM\pN_.-]*:[\pL\pM\pN_.:-]*)` +
	`|[\pL\pN_][\pL\pM\pN_.-]*`

func newNames(addresses, hosts bool) names {
	return names{addresses: addresses, hosts: hosts, user: map[string]string{}, domain: map[string]string{}, ip: map[netip.Addr]string{}, form: regexp.MustCompile(nameForm)}
}

// text is a text with the names in it replaced.
func (n *names) text(text string) string {
	var b strings.Builder
	done := 0
	for _, m := range n.form.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[done:m[0]])
		done = m[1]
		whole := text[m[0]:m[1]]
		switch {
		case m[2] >= 0:
			b.WriteString(n.address(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]))
		case m[8] >= 0:
			b.WriteString(n.colons(whole))
		default:
			b.WriteString(n.word(whole))
		}
	}
	return b.String() + text[done:]
}

// address is an address with both its sides replaced.
func (n *names) address(local, at, domain string) string {
	if at != "@" && !isDomain(domain) { // a word that happens to have such characters in it
		return n.word(local) + at + n.word(domain)
	}
	if n.addresses {
		local = n.give(n.user, "user", local)
	}
	if strings.HasPrefix(domain, "[") {
		return local + at + "[" + n.text(strings.Trim(domain, "[]")) + "]"
	}
	if !strings.EqualFold(domain, "localhost") {
		domain = n.give(n.domain, "host", domain)
	}
	return local + at + domain
}

// colons is text with colons in it, which may be an IPv6 address.
func (n *names) colons(text string) string {
	head := ""
	if strings.HasPrefix(text, ":") && !strings.HasPrefix(text, "::") { // of "IPv6:2001:db8::1"
		head, text = ":", text[1:]
	}
	for end := len(text); end > 0; end-- { // a stop or a colon may stand behind it
		if addr, err := netip.ParseAddr(text[:end]); err == nil && addr.Is6() {
			return head + n.addr(addr, text[:end]) + text[end:]
		}
		if text[end-1] != '.' && text[end-1] != ':' {
			break
		}
	}
	words := strings.Split(text, ":")
	for i, word := range words {
		words[i] = n.word(word)
	}
	return head + strings.Join(words, ":")
}

// word is a word that may be an IPv4 address, a name that is known, or the
// name of a host by its form.
func (n *names) word(word string) string {
	bare := strings.TrimRight(word, ".-")
	rest := word[len(bare):]
	if addr, err := netip.ParseAddr(bare); err == nil {
		return n.addr(addr, bare) + rest
	}
	key := strings.ToLower(bare)
	if user, ok := n.user[key]; ok && n.addresses && telling(bare) {
		return user + rest
	}
	if host, ok := n.domain[key]; ok && n.hosts && telling(bare) {
		return host + rest
	}
	if n.hosts && isDomain(bare) {
		return n.give(n.domain, "host", bare) + rest
	}
	return word
}

// mailbox notes the two sides of an address, or a user's name alone.
func (n *names) mailbox(text string) {
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		n.give(n.user, "user", text)
		return
	}
	n.give(n.user, "user", text[:at])
	n.host(text[at+1:])
}

// host notes the name of a host.
func (n *names) host(text string) {
	text = strings.TrimRight(text, ".")
	if _, err := netip.ParseAddr(text); err != nil && !strings.ContainsAny(text, "[]:/ ") {
		n.give(n.domain, "host", text)
	}
}

// give is what stands for a name: the same for the same name.
func (n *names) give(list map[string]string, word, name string) string {
	key := strings.ToLower(name)
	if name == "" || key == "postmaster" { // RFC 5321 §4.5.1: everywhere, and nobody's own
		return name
	}
	if list[key] == "" {
		list[key] = word + strconv.Itoa(len(list)+1)
	}
	return list[key]
}

// addr is what stands for an IP address, out of those set apart for examples
// (RFC 5737, RFC 3849). A loopback address tells nothing.
func (n *names) addr(addr netip.Addr, text string) string {
	if !n.hosts || addr.IsLoopback() || addr.IsUnspecified() {
		return text
	}
	if n.ip[addr] == "" {
		n.ip[addr] = n.next(addr)
	}
	return n.ip[addr]
}

func (n *names) next(addr netip.Addr) string {
	if addr.Unmap().Is6() {
		n.six++
		return "2001:db8::" + strconv.FormatInt(int64(n.six), 16)
	}
	nets := []string{"192.0.2.", "198.51.100.", "203.0.113."}
	i := n.four / 254
	n.four++
	if i < len(nets) {
		return nets[i] + strconv.Itoa((n.four-1)%254+1)
	}
	return "198.18." + strconv.Itoa(n.four>>8&255) + "." + strconv.Itoa(n.four&255) // RFC 2544, for more than anybody has
}

// isDomain reports what has the form of a fully qualified domain: labels, the
// last of which begins with a letter and has two or more.
func isDomain(text string) bool {
	dot := strings.LastIndexByte(text, '.')
	if dot <= 0 || strings.Contains(text, "..") {
		return false
	}
	top := text[dot+1:]
	r, _ := utf8.DecodeRuneInString(top)
	return unicode.IsLetter(r) && utf8.RuneCountInString(top) > 1
}

// telling reports a word that is looked for as a name of its own. One that is
// a number, a letter, or a word of SMTP would be found where nobody is meant.
func telling(word string) bool {
	if utf8.RuneCountInString(word) < 2 || strings.Trim(word, "0123456789") == "" {
		return false
	}
	switch strings.ToUpper(word) {
	case "SMTP", "ESMTP", "LMTP", "TLS", "OK", "FROM", "TO", "FOR", "BY", "THE", "LOCALHOST":
		return false
	}
	return protocol.FindVerb(word) == nil && protocol.FindExtension(word) == nil
}
