package shell

import (
	"bytes"
	"slices"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// ended keeps which messages were sent to their end and have no reply yet.
// They outlive the connection: once it is gone nobody knows what became of
// them. It is called within mu, with the sessions before e and behind it.
func (h *hub) ended(before, after protocol.Session, e protocol.Event) {
	switch e := e.(type) {
	case protocol.Opened:
		h.owing = nil
	case protocol.Sent:
		if e.Last || e.Kind == protocol.SentChunk || e.Kind == protocol.SentCommand && bytes.HasSuffix(bytes.ToUpper(e.Raw), []byte(" LAST\r\n")) {
			h.owing = ends(after)
		}
	case protocol.Received:
		if u, ok := before.Head(); ok && len(h.owing) > 0 && isEnd(u) && before.Awaiting() > after.Awaiting() {
			h.owing = h.owing[1:]
		}
	}
}

// ends are what a reply is awaited to that says whether a message was taken.
func ends(s protocol.Session) []protocol.Unit {
	if s.Octets() > 0 {
		return nil
	}
	return slices.DeleteFunc(s.Owed(), func(u protocol.Unit) bool { return !isEnd(u) })
}

func isEnd(u protocol.Unit) bool {
	return u.Kind == protocol.UnitContent || u.Word == "BDAT" && u.Last()
}

// unknown are the messages that were sent to their end and had no reply, in
// LMTP a unit for each recipient.
func (h *hub) unknown() []protocol.Unit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.owing
}

// fate says what cannot be known of a message whose end was sent; "" where
// there is none without a reply.
func (sh *Shell) fate() string {
	owing := sh.hub.unknown()
	if len(owing) == 0 {
		return ""
	}
	whom := ""
	if owing[0].Recipient() != "" { // RFC 2033 §4.2: a reply for each
		list := make([]string, len(owing))
		for i, u := range owing {
			list[i] = "<" + u.Recipient() + ">"
		}
		whom = " for " + strings.Join(list, ", ")
	}
	return "The end of the message was sent and no reply came" + whom + ": the server may have taken it or not, and sent again it may arrive twice (RFC 1047)."
}

// unanswered says of a message whose end was sent what cannot be known where
// the connection ended without a reply.
func (sh *Shell) unanswered() {
	if sh.hub.Session().Open() {
		return
	}
	if text := sh.fate(); text != "" {
		sh.note(view.Caution, text)
	}
}

// cutShort says what a signal broke off, and what the server makes of it.
func (sh *Shell) cutShort() {
	where := ""
	if sh.script.line > 0 && !sh.attended() {
		where = " at " + sh.where()
	}
	s := sh.hub.Session()
	text := "the connection is closed."
	switch {
	case !s.Open():
		text = ""
	case sh.fate() != "":
		text = sh.fate()
	case s.Mode() == protocol.ModeContent || s.Mode() == protocol.ModeOctets:
		text = "no final dot was sent and the connection is closed, so the server takes nothing of the message."
	case s.Stage() >= protocol.StageMail:
		text = "the message was not sent to its end and the connection is closed, so the server takes nothing of it."
	}
	if text == "" {
		sh.note(view.Caution, "Interrupted"+where+".")
		return
	}
	sh.note(view.Caution, "Interrupted"+where+": "+text)
}
