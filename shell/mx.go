package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"smtpsh/shell/view"
)

// exchanger is one host that takes the mail of a domain (RFC 5321 §5.1).
type exchanger struct {
	host       string // without the final dot; "" for a null MX (RFC 7505)
	preference uint16 // the lower, the earlier it is tried
	implicit   bool   // there is no MX record, so the domain itself is it
	addresses  []netip.Addr
	err        error // why there are no addresses
}

// errNoName is when the DNS knows nothing of a domain.
var errNoName = errors.New("the name does not exist, or has neither MX nor address records")

// exchangers finds who takes the mail of a domain, in the order in which they
// are to be tried, without their addresses.
func (sh *Shell) exchangers(ctx context.Context, domain string) ([]exchanger, error) {
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || name == "" || strings.Contains(name, "..") {
		return nil, fmt.Errorf("look up %q: it is no domain", domain)
	}
	records, err := sh.resolver().LookupMX(ctx, name+".")
	var missing *net.DNSError
	switch {
	case errors.As(err, &missing) && missing.IsNotFound && len(records) == 0:
		return []exchanger{{host: name, implicit: true}}, nil // RFC 5321 §5.1
	case err != nil && len(records) == 0:
		return nil, fmt.Errorf("look up the MX of %s: %w", name, bareDNS(err))
	}
	found := make([]exchanger, len(records))
	for i, r := range records {
		found[i] = exchanger{host: strings.TrimSuffix(r.Host, "."), preference: r.Pref}
	}
	slices.SortStableFunc(found, func(a, b exchanger) int { return cmp.Compare(a.preference, b.preference) })
	return found, nil
}

// bareDNS is what the resolver says without the name and the server, which
// stand in the sentence already.
func bareDNS(err error) error {
	var d *net.DNSError
	if errors.As(err, &d) {
		return errors.New(d.Err)
	}
	return err
}

// resolver is the system's, or one that asks the server that was set.
func (sh *Shell) resolver() *net.Resolver {
	if sh.dns == "" {
		return net.DefaultResolver
	}
	server := sh.dns
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
}

// setDNS is the option dns: HOST or HOST:PORT, both numbers, for a name would
// have to be looked up first.
func setDNS(sh *Shell, value string) string {
	if value == unset {
		sh.dns = ""
		return ""
	}
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		host, port = strings.Trim(value, "[]"), "53"
	}
	if !isAddress(host) {
		return "dns is the address of a DNS server, such as 192.0.2.53 or 192.0.2.53:5353"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "dns: a port is a number from 1 to 65535"
	}
	sh.dns = net.JoinHostPort(host, port)
	return ""
}

// lookUpMX finds the exchangers; at a terminal Ctrl-C stops it.
func (sh *Shell) lookUpMX(ctx context.Context, domain string, addresses bool) (found []exchanger, err error) {
	ctx, cancel := context.WithTimeout(ctx, sh.timeout())
	defer cancel()
	sh.attend(ctx, "looking up the MX of "+domain, func(ctx context.Context) {
		if found, err = sh.exchangers(ctx, domain); err != nil || !addresses {
			return
		}
		for i := range found {
			if x := &found[i]; x.host != "" {
				x.addresses, x.err = sh.resolver().LookupNetIP(ctx, "ip", x.host+".")
			}
		}
	})
	return found, err
}

// runMX is :mx DOMAIN.
func (sh *Shell) runMX(ctx context.Context, words []string) outcome {
	if len(words) != 1 {
		l, _ := findLocal(":mx")
		return usage(l)
	}
	domain := strings.TrimPrefix(words[0], "mx:")
	found, err := sh.lookUpMX(ctx, domain, true)
	if err != nil {
		return complain(err.Error())
	}
	return say(mxRows(domain, found)...)
}

// mxRows tells who takes the mail of a domain.
func mxRows(domain string, found []exchanger) []view.Row {
	first := found[0]
	switch {
	case len(found) == 1 && first.host == "":
		return []view.Row{{{Text: domain + " takes no mail: its only MX is \".\"", Style: view.Caution}, {Text: "  RFC 7505 §3", Style: view.Dim}}}
	case first.implicit && first.err != nil:
		return []view.Row{{{Text: domain + ": " + errNoName.Error(), Style: view.Caution}}}
	}
	rows := []view.Row{{{Text: "The mail for " + domain + " goes to:", Style: view.Strong}}}
	if first.implicit {
		rows = []view.Row{{{Text: "There is no MX for " + domain + ", so its mail goes to the host of that name:", Style: view.Strong}, {Text: "  RFC 5321 §5.1", Style: view.Dim}}}
	}
	column := 0
	for _, x := range found {
		column = max(column, view.Width(x.host))
	}
	for _, x := range found {
		rows = append(rows, x.row(column))
	}
	return append(rows, view.Row{{Text: ":open mx:" + domain + " connects to the first that answers.", Style: view.Dim}})
}

func (x exchanger) row(column int) view.Row {
	preference := strconv.Itoa(int(x.preference))
	if x.implicit {
		preference = "-"
	}
	row := view.Row{{Text: fmt.Sprintf("  %5s  ", preference), Style: view.Dim}, {Text: view.Pad(x.host, column)}}
	switch {
	case x.host == "":
		return view.Row{row[0], {Text: "\".\", which says that no mail is taken; beside others it makes no sense", Style: view.Caution}, {Text: "  RFC 7505 §3", Style: view.Dim}}
	case x.err != nil:
		return append(row, view.Span{Text: "  no address: " + bareDNS(x.err).Error(), Style: view.Caution})
	}
	list := make([]string, len(x.addresses))
	for i, a := range x.addresses {
		list[i] = a.Unmap().String()
	}
	return append(row, view.Span{Text: "  " + strings.Join(list, ", "), Style: view.Dim})
}

// openMX opens the first exchanger of a domain that answers.
func (sh *Shell) openMX(ctx context.Context, t Target) bool { return sh.tryMX(ctx, t, sh.Open) }

// tryMX goes through the exchangers of a domain until one can be opened, as a
// mail server would (RFC 5321 §5.1).
func (sh *Shell) tryMX(ctx context.Context, t Target, open func(context.Context, Target) bool) bool {
	found, err := sh.lookUpMX(ctx, t.MX, false)
	switch {
	case err != nil:
		sh.note(view.Bad, "No connection: "+err.Error())
		sh.fail(StatusLost)
		return false
	case found[0].host == "" && len(found) == 1:
		sh.rows(mxRows(t.MX, found))
		sh.fail(StatusLost)
		return false
	}
	found = slices.DeleteFunc(found, func(x exchanger) bool { return x.host == "" }) // a null MX among others names nobody
	sh.hangUp()
	before := sh.hub.lostOne()
	for i, x := range found {
		what := fmt.Sprintf("MX %d of %d for %s: %s, preference %d", i+1, len(found), t.MX, x.host, x.preference)
		if x.implicit {
			what = "No MX for " + t.MX + ", so the host of that name it is (RFC 5321 §5.1)"
		}
		sh.note(view.Dim, what)
		next := t
		next.MX, next.Host, next.Several, next.Found = "", x.host, i+1 < len(found), true
		status := sh.status
		opened := open(ctx, next)
		s := sh.hub.Session()
		unwilling := next.Several && sh.conn != nil && s.LastCode() >= 400
		if sh.stopped || ctx.Err() != nil || opened && !unwilling {
			return s.Open()
		}
		if unwilling {
			sh.note(view.Dim, x.host+" takes no mail now, so the next exchanger it is (RFC 5321 §5.1).")
			sh.hangUp()
		}
		if next.Several { // what it did is nothing against the one that serves
			sh.status = status
			sh.hub.excuse(func(answer) bool { return true })
			if !before {
				sh.hub.excuseEnd()
			}
		}
	}
	return false
}
