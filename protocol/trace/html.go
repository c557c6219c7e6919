package trace

import (
	"crypto/sha256"
	_ "embed" // the style and the script
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
)

// The style and the script of the page. They are the only ones that its
// policy lets a browser take.
var (
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

// page is the format of HTML: one file that needs nothing else, in which the
// session is a ladder between client and server. All that came from elsewhere
// goes through escaped, by hand: html/template would parse its templates
// anew in every program that imports it, and brings reflection into all of
// them, for what is one rule in one place.
type page struct {
	Options
	collector
	timeline timeline
	opened   bool
	last     time.Time // the last event
	host     string
	articles int // so far, exchanges or not
}

func (p *page) event(b []byte, before, after protocol.Session, e protocol.Event) []byte {
	if x, ok := p.add(item{before, after, e}); ok {
		return p.exchange(b, x)
	}
	return b
}

func (p *page) exchange(b []byte, x exchange) []byte {
	if !p.opened {
		p.opened, p.timeline.begun = true, x.began()
		p.host = x.items[len(x.items)-1].after.Host()
		b = p.open(b)
	}
	p.last = x.ended()
	p.articles++
	name, style := x.name(), x.style()
	p.timeline.add(exchangeMark{p.articles, 1, x.began().Sub(p.timeline.begun), x.ended().Sub(p.timeline.begun), name, style})
	return p.article(b, x, name, style)
}

func (p *page) end(b []byte) []byte {
	if x, ok := p.take(); ok {
		b = p.exchange(b, x)
	}
	if !p.opened {
		p.opened = true
		b = p.open(b)
	}
	b = append(b, "</main>\n"...)
	b = p.timeline.append(b)
	b = append(b, "<footer><p>Recorded by smtpsh: "...)
	b = append(strconv.AppendInt(b, int64(p.number), 10), " exchanges"...)
	if took := p.last.Sub(p.timeline.begun); took > 0 {
		b = append(append(b, " in "...), Duration(took)...)
	}
	return append(b, ".</p></footer>\n</body>\n</html>\n"...)
}

// open appends the page up to where the exchanges begin. A page that a crash
// cut off anywhere behind it is shown all the same.
func (p *page) open(b []byte) []byte {
	title := "SMTP session"
	if p.host != "" {
		title += " with " + p.host
	}
	b = append(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"...)
	// Before anything else: no script and no style but these two, and nothing
	// from anywhere.
	b = append(b, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '`...)
	b = append(append(b, digest(pageScript)...), `'; style-src '`...)
	b = append(append(b, digest(pageStyle)...), `'; base-uri 'none'; form-action 'none'">`...)
	b = append(b, "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>"...)
	b = append(escaped(b, title), "</title>\n<style>"...)
	b = append(append(b, pageStyle...), "</style>\n</head>\n<body>\n"...)
	b = append(b, "<header><h1>SMTP session"...)
	if p.host != "" {
		b = append(escaped(append(b, " with <code>"...), p.host), "</code>"...)
	}
	b = append(b, "</h1>\n"...)
	if !p.timeline.begun.IsZero() {
		b = p.timeline.begun.UTC().AppendFormat(append(b, "<p>Began "...), "2006-01-02 15:04:05.000")
		b = append(b, " UTC. Between two events of an exchange, 2 ms are as high as a dot of the screen, up to 320 ms.</p>\n"...)
	}
	b = append(b, `<form id="tools" role="search" hidden><label>Search <input type="search" id="query" autocomplete="off" spellcheck="false"></label>`+
		`<output id="found" aria-live="polite"></output><button type="button" id="unfold">Unfold all</button><button type="button" id="fold">Fold all</button></form>`...)
	b = append(append(append(b, "\n<script>"...), pageScript...), "</script>\n</header>\n<main id=\"session\">\n"...)
	return append(b, `<div class="ends" aria-hidden="true"><span>client</span><span>server</span></div>`+"\n"...)
}

// digest is how a policy names what it lets pass (CSP3 §2.3.1).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// escaped appends text for an element or for an attribute in double quotes:
// what is not printable is visible, and what could be markup is none.
func escaped(b []byte, text string) []byte {
	if !strings.ContainsAny(text, `&<>"'`) {
		return AppendEscaped(b, text)
	}
	text = Escape(text)
	done := 0
	for i := range len(text) {
		entity := ""
		switch text[i] {
		case '&':
			entity = "&amp;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		b = append(append(b, text[done:i]...), entity...)
		done = i + 1
	}
	return append(b, text[done:]...)
}
