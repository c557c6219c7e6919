package shell

import (
	"strconv"

	"smtpsh/protocol"
	"smtpsh/shell/term"
	"smtpsh/shell/view"
)

// request is how the next line is asked for: it says where the session is.
func (sh *Shell) request() term.Request {
	s := sh.hub.Session()
	r := term.Request{Text: sh.edit.offer.text, Proposal: sh.edit.offer.proposal, Veiled: sh.hides()}
	switch s.Mode() {
	case protocol.ModeContent:
		r.Plain = true
		r.Prompt = sh.styled(view.Row{{Text: "message", Style: view.Ask}, {Text: "> "}})
		if sh.message.leaving {
			r.Prompt = sh.styled(view.Row{{Text: "message, Ctrl-C abandons", Style: view.Caution}, {Text: "> "}})
		}
	case protocol.ModeOctets:
		r.Plain, r.Open = true, true
		r.Prompt = sh.styled(view.Row{{Text: strconv.FormatUint(s.Octets(), 10) + " octets", Style: view.Ask}, {Text: "> "}})
		if sh.message.leaving {
			r.Prompt = sh.styled(view.Row{{Text: strconv.FormatUint(s.Octets(), 10) + " octets, Ctrl-C abandons", Style: view.Caution}, {Text: "> "}})
		}
	case protocol.ModeChallenge:
		what, secret := sh.answerWanted()
		r.Plain, r.Secret = true, secret
		r.Prompt = sh.styled(view.Row{{Text: what, Style: view.Ask}, {Text: "> "}})
	case protocol.ModeClosed, protocol.ModeGreeting, protocol.ModeCommand, protocol.ModeHandshake:
		r.Prompt = sh.styled(commandPrompt(s))
		if sh.group.open {
			r.Prompt = sh.styled(groupPrompt(len(sh.group.commands)))
		}
		if sh.paste.dropping != nil { // what is echoed behind it goes nowhere
			r.Prompt = sh.styled(view.Row{{Text: "not sent> ", Style: view.Dim}})
		}
	}
	// A held line of a paste, and the question whether to go on, are answered
	// from the keyboard and not by the next pasted line.
	r.Keyboard = sh.edit.offer.proposal && !sh.edit.offer.idle || sh.dialogue.fix != ""
	return r
}

// commandPrompt names the server and how far the session has come.
func commandPrompt(s protocol.Session) view.Row {
	style := view.Good
	switch code := s.LastCode(); {
	case code >= 500:
		style = view.Bad
	case code >= 400:
		style = view.Caution
	}
	state := stateName(s)
	if !s.Open() {
		return view.Row{{Text: state, Style: view.Dim}, {Text: "> "}}
	}
	row := view.Row{{Text: serverName(s), Style: view.Strong}, {Text: " "}, {Text: state, Style: style}}
	if secured, verified := s.Secured(); secured {
		lock := view.Span{Text: " tls", Style: view.Good}
		if !verified {
			lock = view.Span{Text: " tls unverified", Style: view.Bad}
		}
		row = append(row, lock)
	}
	if n := s.Awaiting(); n > 0 {
		row = append(row, view.Span{Text: " +" + strconv.Itoa(n) + " owed", Style: view.Caution})
	}
	return append(row, view.Span{Text: "> "})
}

// stateName is the state of the session in a word.
func stateName(s protocol.Session) string {
	switch s.Mode() {
	case protocol.ModeGreeting:
		return "waiting"
	case protocol.ModeHandshake:
		return "handshake"
	case protocol.ModeContent:
		return "data"
	case protocol.ModeOctets, protocol.ModeClosed, protocol.ModeCommand, protocol.ModeChallenge:
	}
	switch s.Stage() {
	case protocol.StageClosed:
		return "disconnected"
	case protocol.StageConnected:
		return "connected"
	case protocol.StageGreeted:
		return "greeted"
	case protocol.StageMail:
		return "mail"
	case protocol.StageRcpt:
		return "rcpt " + strconv.Itoa(s.RecipientCount())
	}
	return ""
}

// serverName is what the server calls itself, where that is a plain name: the
// prompt is printed by readline, so only printable ASCII may reach it.
func serverName(s protocol.Session) string {
	for _, name := range []string{s.Server(), s.Host()} {
		if isName(name) {
			return name
		}
	}
	return "server"
}

func isName(name string) bool {
	const longest = 40 // a prompt leaves room for the line
	for i := range len(name) {
		if b := name[i]; b <= ' ' || b > '~' {
			return false
		}
	}
	return name != "" && len(name) <= longest
}

func (sh *Shell) styled(row view.Row) string {
	return row.Styled(sh.Color != nil && sh.Color())
}
