package cli_test

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"smtpsh/protocol/smtptest"
)

// zone is what a DNS server for tests knows: by name, the MX records as
// "preference host" and the address records.
type zone map[string]struct {
	mx        []mxRecord
	addresses []string
}

type mxRecord struct {
	preference uint16
	host       string
}

// serveDNS answers over UDP on loopback until the test ends.
func serveDNS(t *testing.T, z zone) (address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := z.answer(buf[:n]); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func (z zone) answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true, RecursionDesired: true}
	m.Additionals = nil
	host, known := z[strings.TrimSuffix(q.Name.String(), ".")]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
	switch q.Type {
	case dnsmessage.TypeMX:
		for _, r := range host.mx {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.MXResource{Pref: r.preference, MX: dnsmessage.MustNewName(r.host)}})
		}
	case dnsmessage.TypeA:
		for _, a := range host.addresses {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(net.ParseIP(a).To4())}})
		}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// TestMX lists exchangers, and goes through them as a mail server does.
func TestMX(t *testing.T) {
	t.Parallel()
	// Only one of these addresses listens, so the first exchanger is refused.
	peer := smtptest.Serve(t, "< 220 mx2.example ESMTP\n> QUIT\n< 221 bye\n* close")
	_, port, _ := net.SplitHostPort(peer)
	dns := serveDNS(t, zone{
		"example.org":      {mx: []mxRecord{{20, "mx2.example.org."}, {10, "mx1.example.org."}}},
		"mx1.example.org":  {addresses: []string{"127.0.0.2"}},
		"mx2.example.org":  {addresses: []string{"127.0.0.1"}},
		"null.example":     {mx: []mxRecord{{0, "."}}},
		"odd.example":      {mx: []mxRecord{{0, "."}, {10, "mx2.example.org."}}},
		"implicit.example": {addresses: []string{"127.0.0.1"}},
		"lame.example":     {mx: []mxRecord{{10, "gone.example."}}},
	})
	rows := []struct {
		domain string
		want   []string
	}{
		{"example.org", []string{"The mail for example.org goes to:", "   10  mx1.example.org  127.0.0.2\n*      20  mx2.example.org  127.0.0.1"}},
		{"null.example", []string{`null.example takes no mail: its only MX is "."  RFC 7505 §3`}},
		{"odd.example", []string{`".", which says that no mail is taken; beside others it makes no sense`, "mx2.example.org"}},
		{"implicit.example", []string{"There is no MX for implicit.example, so its mail goes to the host of that name:  RFC 5321 §5.1", "127.0.0.1"}},
		{"lame.example", []string{"gone.example  no address: no such host"}},
		{"no-such.example", []string{"no-such.example: the name does not exist, or has neither MX nor address records"}},
	}
	for _, row := range rows {
		out := run(t, ":mx "+row.domain+"\n", "--dns", dns)
		for _, want := range row.want {
			if !strings.Contains(out, want) {
				t.Errorf(":mx %s: no %q in\n%s", row.domain, want, out)
			}
		}
	}
	out := run(t, "QUIT\n", "--dns", dns, "mx:example.org", port)
	for _, want := range []string{"MX 1 of 2 for example.org: mx1.example.org, preference 10", "No connection: connect to mx1.example.org", "MX 2 of 2", "< 220 mx2.example ESMTP", "> QUIT"} {
		if !strings.Contains(out, want) {
			t.Errorf("mx:example.org: no %q in\n%s", want, out)
		}
	}
}

// TestMXPassesOver goes on where an exchanger hangs up or takes no mail now,
// and holds neither against the session with the next one.
func TestMXPassesOver(t *testing.T) {
	t.Parallel()
	dns := serveDNS(t, zone{
		"example.org":     {mx: []mxRecord{{10, "mx1.example.org."}, {20, "mx2.example.org."}}},
		"odd.example":     {mx: []mxRecord{{10, "mx1.example.org."}, {20, "."}}},
		"mx1.example.org": {addresses: []string{"127.0.0.1"}},
		"mx2.example.org": {addresses: []string{"127.0.0.1"}},
	})
	const second = "\n---\n< 220 mx2.example ESMTP\n> QUIT\n< 221 bye\n* close"
	for _, first := range []string{"* close", "< 421 mx1.example is busy\n* close", "< 554 mx1.example takes no mail\n* eof"} {
		peer := smtptest.Serve(t, first+second)
		_, port, _ := net.SplitHostPort(peer)
		out, status := piped(t, []string{"--dns", dns, "mx:example.org", port}, "QUIT")
		if status != 0 || !strings.Contains(out, "MX 2 of 2") || !strings.Contains(out, "> QUIT") {
			t.Errorf("%s: status %d\n%s", first, status, out)
		}
		peer = smtptest.Serve(t, first+second)
		_, port, _ = net.SplitHostPort(peer)
		if out, status = sendTo(t, "", "mx:example.org", port, "--dns", dns, "--from", "a@b.example", "--to", "c@d.example", "--stop-after", "banner"); status != 0 {
			t.Errorf("send: %s: status %d\n%s", first, status, out)
		}
	}
	// A null MX among others is nobody to go on with.
	peer := smtptest.Serve(t, "* close")
	_, port, _ := net.SplitHostPort(peer)
	if out, status := piped(t, []string{"--dns", dns, "mx:odd.example", port}, "QUIT"); status != 4 || !strings.Contains(out, "MX 1 of 1") {
		t.Errorf("behind a null MX: status %d\n%s", status, out)
	}
}

// TestSendMX sends to an exchanger: the steps of the errand are its own, and
// the search for a host takes none of them before its turn.
func TestSendMX(t *testing.T) {
	t.Parallel()
	dns := serveDNS(t, zone{
		"example.org":     {mx: []mxRecord{{10, "mx1.example.org."}}},
		"mx1.example.org": {addresses: []string{"127.0.0.1"}},
	})
	const (
		banner = "< 220 mx1.example ESMTP\n"
		quit   = "> QUIT\n< 221 bye\n* close"
	)
	for _, row := range []struct {
		name, peer string
		args       []string
		status     int
	}{
		{"no STARTTLS there", banner + "> EHLO me.example\n< 250 mx1.example\n> MAIL FROM:<a@b.example>\n< 250 ok\n> RCPT TO:<c@d.example>\n< 250 ok\n" + quit, []string{"--tls", "opportunistic", "--stop-after", "rcpt"}, 0},
		{"STARTTLS refused", banner + "> EHLO me.example\n< 250-mx1.example\n< 250 STARTTLS\n> STARTTLS\n< 454 no\n" + quit, []string{"--tls", "starttls"}, 6},
		{"stop after banner", banner + quit, []string{"--tls", "opportunistic", "--stop-after", "banner"}, 0},
		{"cut after connect", banner + "* eof", []string{"--tls", "starttls", "--drop-after", "connect"}, 0},
	} {
		peer := smtptest.Serve(t, row.peer)
		_, port, _ := net.SplitHostPort(peer)
		args := append([]string{port, "--dns", dns, "--from", "a@b.example", "--to", "c@d.example", "--body", "x"}, row.args...)
		if out, status := sendTo(t, "", "mx:example.org", args...); status != row.status {
			t.Errorf("%s: status %d, want %d\n%s", row.name, status, row.status, out)
		}
	}
}

// TestMXPassedOver has the first exchanger turn the client away: what it did is
// nothing against the session with the second.
func TestMXPassedOver(t *testing.T) {
	t.Parallel()
	dns := serveDNS(t, zone{
		"example.org":     {mx: []mxRecord{{10, "mx1.example.org."}, {20, "mx2.example.org."}}},
		"mx1.example.org": {addresses: []string{"127.0.0.1"}},
		"mx2.example.org": {addresses: []string{"127.0.0.1"}},
	})
	const served = "---\n< 220 mx2.example ESMTP\n> NOOP\n< 250 ok\n> QUIT\n< 221 bye\n* close"
	for name, first := range map[string]string{"hangs up": "* close\n", "says 421": "< 421 busy\n* close\n"} {
		peer := smtptest.Serve(t, first+served)
		_, port, _ := net.SplitHostPort(peer)
		if out := run(t, "NOOP\nQUIT\n", "--dns", dns, "mx:example.org:"+port); !strings.Contains(out, "MX 2 of 2 for example.org") {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}
