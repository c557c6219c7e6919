package shell

import (
	"slices"
	"strings"

	"smtpsh/protocol"
	"smtpsh/protocol/sasl"
	"smtpsh/shell/view"
)

// bindingKinds are the channel bindings, the preferred first (RFC 9266 §3).
var bindingKinds = []string{"tls-exporter", "tls-unique", "tls-server-end-point"}

// bindings are what ties a login to the connection: all that it has, or the
// one that is wished for.
func (sh *Shell) bindings() []sasl.Binding {
	var found []sasl.Binding
	if sh.conn == nil {
		return nil
	}
	for _, kind := range bindingKinds {
		if wish := sh.secrets.binding; wish != "" && wish != kind {
			continue
		}
		if data, ok := sh.conn.Binding(kind); ok {
			found = append(found, sasl.Binding{Type: kind, Data: data})
		}
	}
	return found
}

// otherBindings are those that are left to try where the server said, of a
// login that failed, that it does not know the one that was used: by SCRAM's
// own word (RFC 5802 §7), or by naming another. A server that says nothing may
// have meant the password, which is not sent twice for that.
func (sh *Shell) otherBindings(l login, tried []sasl.Binding, broken error) []sasl.Binding {
	s := sh.hub.Session()
	if !l.mechanism.Binds || len(tried) < 2 || !s.Open() || s.Authenticated() || s.Mode() != protocol.ModeCommand || s.Awaiting() > 0 {
		return nil
	}
	reply, _, _ := sh.hub.lastReply()
	said := strings.Join(reply.Lines, " ")
	if broken != nil {
		said += " " + broken.Error()
	}
	rest := tried[1:]
	if i := slices.IndexFunc(rest, func(b sasl.Binding) bool { return strings.Contains(said, b.Type) }); i >= 0 {
		return rest[i:]
	}
	if strings.Contains(said, "channel-binding-type") {
		return rest
	}
	if broken != nil && !strings.Contains(said, "channel-binding") { // it is about something else
		return nil
	}
	sh.note(view.Dim, "The server may know another channel binding than "+tried[0].Type+": :set auth-binding "+rest[len(rest)-1].Type+" uses that.")
	return nil
}

// plusOffered reports that the server offers channel binding.
func plusOffered(offers *protocol.Extensions) bool {
	return slices.ContainsFunc(offers.Args("AUTH"), func(name string) bool { return strings.HasSuffix(strings.ToUpper(name), "-PLUS") })
}
