package message

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Address is one mailbox with the name that is shown for it.
type Address struct {
	Name string // plain text, "" when there is none
	Path string // local-part@domain as the envelope has it, quoted where it must be, without brackets
}

// ParseAddress reads one mailbox as people and headers write it:
// "joe@example.org" or "Joe <joe@example.org>".
func ParseAddress(text string) (Address, error) {
	list, err := ParseAddresses(text)
	switch {
	case err != nil:
		return Address{}, fmt.Errorf("address %q: %w", text, err)
	case len(list) != 1:
		return Address{}, fmt.Errorf("address %q: %w: it holds %d", text, ErrAddress, len(list))
	}
	return list[0], nil
}

// ParseAddresses reads an address-list (RFC 5322 §3.4), such as "a@b.example, Joe
// <joe@example.org>"; the members of a group stand in its place, and an empty
// group is nobody. The error for anything else is ErrAddress, with why.
func ParseAddresses(text string) ([]Address, error) {
	// Names matter to people alone: where an old message has one in raw
	// Latin-1, or in a charset that nobody knows, the address is still good.
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{
		CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil },
	}}
	found, err := parser.ParseList(strings.ToValidUTF8(untagged(text), unknown))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrAddress, strings.TrimPrefix(err.Error(), "mail: "))
	}
	list := make([]Address, 0, len(found))
	for _, a := range found {
		path := envelopePath(a.Address)
		if err := checkText(path); err != nil { // with a line end it would be a second command
			return nil, err
		}
		if strings.Contains(path, unknown) {
			return nil, fmt.Errorf("%w: %q is %w", ErrAddress, path, ErrEncoding)
		}
		list = append(list, Address{Name: a.Name, Path: path})
	}
	return list, nil
}

// unknown stands for octets that are not UTF-8.
const unknown = string(utf8.RuneError)

// literalTag begins the literal of an IPv6 address (RFC 5321 §4.1.3), which
// net/mail knows without the tag alone.
const literalTag = "@[IPv6:"

// untagged takes the tag off the literals of IPv6 addresses.
func untagged(text string) string {
	var b strings.Builder
	from := 0
	for i := 0; i+len(literalTag) <= len(text); i++ {
		if text[i] == '@' && strings.EqualFold(text[i:i+len(literalTag)], literalTag) {
			b.WriteString(text[from:i] + "@[")
			from = i + len(literalTag)
			i = from - 1
		}
	}
	return b.String() + text[from:]
}

// envelopePath writes an address of net/mail, which takes the quotes away, as
// the envelope has it (RFC 5321 §4.1.2).
func envelopePath(address string) string {
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	if strings.HasPrefix(domain, "[") && strings.Contains(domain, ":") {
		domain = literalTag[1:] + domain[1:]
	}
	if !isDotAtom(local) {
		local = quote(local)
	}
	return local + "@" + domain
}

// check holds the path to what a header can carry.
func (a Address) check(utf8 bool) error {
	switch {
	case a.Path == "":
		return ErrAddress
	case !utf8 && !isASCII(a.Path):
		return fmt.Errorf("%q: %w", a.Path, ErrNeedsUTF8)
	}
	if err := checkText(a.Path); err != nil {
		return fmt.Errorf("%q: %w", a.Path, err)
	}
	list, err := ParseAddresses("<" + a.Path + ">")
	if err != nil {
		return fmt.Errorf("%q: %w", a.Path, err)
	}
	// Quotes are taken away where they are not needed, so that only an
	// unquoted path must come back as it was.
	if len(list) != 1 || a.Path[0] != '"' && !strings.EqualFold(list[0].Path, a.Path) {
		return fmt.Errorf("%q: %w", a.Path, ErrAddress)
	}
	return nil
}

// isAtext is atext of RFC 5322 §3.2.3, and any UTF-8 (RFC 6532 §3.2).
func isAtext(b byte) bool {
	return isLetterOrDigit(b) || b >= utf8.RuneSelf || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", b) >= 0
}

func isLetterOrDigit(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// isAtom reports an atom without the space around it.
func isAtom(s string) bool {
	for i := range len(s) {
		if !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

// isDotAtom reports atoms with single dots between them.
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if !isAtom(atom) {
			return false
		}
	}
	return true
}

// quote makes a quoted-string of s (RFC 5322 §3.2.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// checkText refuses what may not stand in a header: octets that are not UTF-8,
// and control characters but the tab.
func checkText(s string) error {
	for i := range len(s) {
		if b := s[i]; b < ' ' && b != '\t' || b == 0x7f {
			return ErrControl
		}
	}
	if !utf8.ValidString(s) {
		return ErrEncoding
	}
	return nil
}
