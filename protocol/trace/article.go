package trace

import (
	"bytes"
	"strconv"
	"time"

	"smtpsh/protocol"
)

// class is the class of the style sheet for a style.
func class(s Style) string {
	return [...]string{Plain: "plain", Dim: "dim", Strong: "strong", Good: "good", Ask: "ask", Caution: "caution", Bad: "bad", Mark: "bad"}[s]
}

// style is that of the worst reply, or of what went wrong beside.
func (x exchange) style() Style {
	style := Plain
	for _, i := range x.items {
		switch e := i.e.(type) {
		case protocol.Received:
			style = worse(style, styleOf(e.Reply.Class()))
		case protocol.Advised:
			if e.Held {
				style = worse(style, Caution)
			}
		case protocol.Secured:
			if style = worse(style, Good); !e.Verified() {
				style = worse(style, Caution)
			}
		case protocol.Expected:
			if !e.OK {
				style = Bad
			}
		case protocol.Smuggled:
			style = Bad
		}
	}
	return style
}

// article appends one exchange: its heading, the ladder, what there is to say,
// and folded below it the octets.
func (p *page) article(b []byte, x exchange, name string, style Style) []byte {
	b = strconv.AppendInt(append(b, `<article id="x`...), int64(p.articles), 10)
	b = append(append(append(b, `" class="`...), class(style)...), `"><h2><a href="#x`...)
	b = append(strconv.AppendInt(b, int64(p.articles), 10), `">`...)
	if x.number > 0 {
		b = append(strconv.AppendInt(b, int64(x.number), 10), ". "...)
	}
	b = append(escaped(b, name), "</a>"...)
	const few = 12
	codes := x.codes()
	for _, code := range codes[:min(len(codes), few)] {
		b = append(append(append(b, ` <span class="code `...), class(styleOf(protocol.Reply{Code: code}.Class()))...), `">`...)
		b = append(strconv.AppendInt(b, int64(code), 10), "</span>"...)
	}
	if len(codes) > few {
		b = append(b, " …"...)
	}
	b = append(b, " <small>"...)
	if after := x.began().Sub(p.timeline.begun); after > 0 {
		b = append(append(b, "after "...), Duration(after)...)
	} else {
		b = append(b, "at the beginning"...)
	}
	if took := x.ended().Sub(x.began()); took > 0 {
		b = append(append(b, ", took "...), Duration(took)...)
	}
	b = append(b, "</small></h2>\n"...)
	b = p.ladder(b, x)
	for _, i := range x.items {
		b = p.tables(b, i)
	}
	b = p.list(b, x)
	for _, i := range x.items {
		b = p.why(b, i)
	}
	b = octetsOf(b, x)
	return append(b, "</article>\n"...)
}

// list appends the remarks on all events of an exchange.
func (p *page) list(b []byte, x exchange) []byte {
	start := len(b)
	for _, i := range x.items {
		if e, ok := i.e.(protocol.Advised); ok && len(e.Diags) > 0 {
			b = caret(b, e)
		}
		remarks := p.remarks(i)
		if e, ok := i.e.(protocol.Received); ok { // the verdict stands over the explanation
			remarks = beside(i, e.Reply)
		}
		for _, r := range remarks {
			b = append(append(append(b, `<li class="`...), class(r.style)...), `">`...)
			b = escaped(b, r.words)
			if r.code != "" {
				b = append(escaped(append(b, " <code>"...), r.code), "</code>"...)
			}
			b = append(b, "</li>\n"...)
		}
	}
	if len(b) == start {
		return b
	}
	return append(append(b[:start:start], append([]byte("<ul>\n"), b[start:]...)...), "</ul>\n"...)
}

// caret appends a line with the fault in it marked.
func caret(b []byte, e protocol.Advised) []byte {
	d := e.Diags[0]
	start := min(max(d.Start, 0), len(e.Line))
	end := min(max(d.End, start), len(e.Line))
	b = append(escaped(append(b, `<li class="line"><pre>`...), e.Line[:start]), `<mark class="`...)
	b = append(append(b, class(severityStyle(d.Severity))...), `">`...)
	b = append(escaped(b, e.Line[start:end]), "</mark>"...)
	return append(escaped(b, e.Line[end:]), "</pre></li>\n"...)
}

// tables appends the reply to EHLO and what a handshake settled, as tables.
func (p *page) tables(b []byte, i item) []byte {
	if offers := i.learned(); offers != nil {
		b = append(b, `<details open><summary>What the server offers</summary><table><thead><tr><th scope="col">Extension</th><th scope="col">What it gives</th><th scope="col">Reference</th></tr></thead><tbody>`...)
		for _, o := range offers.Offers() {
			gives, ref := offered(o)
			b = append(escaped(append(b, `<tr><th scope="row"><code>`...), o.Raw), "</code></th><td>"...)
			b = append(escaped(b, gives), `</td><td class="ref">`...)
			b = append(escaped(b, ref), "</td></tr>\n"...)
		}
		b = append(b, "</tbody></table></details>\n"...)
	}
	if e, ok := i.e.(protocol.Secured); ok {
		b = factsDetails(b, "TLS", true, facts(e))
		for n, c := range e.Chain {
			b = factsDetails(b, "Certificate "+strconv.Itoa(n)+": "+c.Subject, n == 0, certificateFacts(c, e.Time))
		}
	}
	return b
}

func factsDetails(b []byte, title string, open bool, facts []fact) []byte {
	b = append(b, "<details"...)
	if open {
		b = append(b, " open"...)
	}
	b = append(escaped(append(b, "><summary>"...), title), "</summary><table><tbody>"...)
	for _, f := range facts {
		b = append(escaped(append(b, `<tr><th scope="row">`...), f.name), "</th><td"...)
		if f.bad {
			b = append(b, ` class="bad"`...)
		}
		b = append(escaped(append(b, "><code>"...), f.value), "</code></td></tr>\n"...)
	}
	return append(b, "</tbody></table></details>\n"...)
}

// why appends what more there is to learn about a reply or a piece of advice.
func (p *page) why(b []byte, i item) []byte {
	switch e := i.e.(type) {
	case protocol.Received:
		return p.explained(b, i, e.Reply)
	case protocol.Advised:
		for _, d := range e.Diags {
			row := protocol.FindAdvice(d.ID)
			if row == nil || row.Explain == "" {
				continue
			}
			b = append(escaped(append(b, `<details class="why"><summary>About <code>`...), d.ID), `</code></summary><div class="rows">`...)
			b = append(escaped(b, row.Explain), "</div></details>\n"...)
		}
	}
	return b
}

// explained appends what a reply means, and folded below it all that is known.
func (p *page) explained(b []byte, i item, r protocol.Reply) []byte {
	words := p.verdict(i, r)
	var rows []Row
	if p.Explain != nil {
		rows = p.Explain(r, i.before.Answers())
	}
	if len(rows) == 0 {
		if words == "" {
			return b
		}
		b = append(append(append(b, `<p class="verdict `...), class(styleOf(r.Class()))...), `">`...)
		return append(escaped(b, words), "</p>\n"...)
	}
	b = append(append(append(b, `<details class="why"><summary class="`...), class(styleOf(r.Class()))...), `">`...)
	b = append(escaped(b, or(words, "What it means")), `</summary><div class="rows">`...)
	for _, row := range rows {
		for _, span := range row {
			b = append(append(append(b, `<span class="`...), class(span.Style)...), `">`...)
			b = append(escaped(b, span.Text), "</span>"...)
		}
		b = append(b, '\n')
	}
	return append(b, "</div></details>\n"...)
}

// octetsOf appends the octets, folded.
func octetsOf(b []byte, x exchange) []byte {
	start := len(b)
	b = append(b, "<details class=\"octets\"><summary>Octets</summary><pre>"...)
	empty := len(b)
	for _, i := range x.items {
		switch e := i.e.(type) {
		case protocol.Sent:
			b = sentOctets(b, e)
		case protocol.Received:
			b = lineOctets(b, "&lt; ", e.Reply.Raw)
		case protocol.Smuggled:
			b = lineOctets(b, "&lt; ", e.Raw)
		case protocol.Closed:
			b = lineOctets(b, "&lt; ", e.Tail)
		}
	}
	if len(b) == empty {
		return b[:start]
	}
	return append(b, "</pre></details>\n"...)
}

func sentOctets(b []byte, e protocol.Sent) []byte {
	if m := e.Mask; m.End > m.Start && m.End <= len(e.Raw) {
		b = append(octets(append(b, `<span class="sent">&gt; </span>`...), e.Raw[:m.Start]), `<mark title="a credential, masked">`...)
		b = append(octets(b, e.Raw[m.Start:m.End]), "</mark>"...)
		return append(octets(b, e.Raw[m.End:]), '\n')
	}
	b = lineOctets(b, "&gt; ", e.Raw)
	if e.Omitted > 0 {
		b = append(escaped(append(b, `<span class="dim">`...), OmittedText(e)), "</span>\n"...)
	}
	return b
}

// lineOctets appends octets line by line, behind a mark.
func lineOctets(b []byte, mark string, raw []byte) []byte {
	for line := range bytes.Lines(raw) {
		b = append(append(append(b, `<span class="mark">`...), mark...), "</span>"...)
		b = append(octets(b, line), '\n')
	}
	return b
}

// octets appends octets that can be read back, the line end dimmed.
func octets(b []byte, raw []byte) []byte {
	body := bytes.TrimRight(raw, "\r\n")
	end := raw[len(body):]
	if bytes.IndexByte(body, '\\') >= 0 {
		body = bytes.ReplaceAll(body, []byte(`\`), []byte(`\\`))
	}
	b = escaped(b, string(body))
	if len(end) > 0 {
		b = append(escaped(append(b, `<span class="eol">`...), string(end)), "</span>"...)
	}
	return b
}

// offset is a moment as the time since the session began.
func (p *page) offset(at time.Time) string {
	return "+" + seconds(at.Sub(p.timeline.begun))
}
