package trace

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"smtpsh/protocol"
)

// explain stands in for package know.
func explain(r protocol.Reply, answers string) []Row {
	return []Row{{Strong.Of(answers), Plain.Of("  what it means & <why>")}, {Plain.Of("  try again")}}
}

// walk calls do for each node of a page.
func walk(n *html.Node, do func(*html.Node)) {
	do(n)
	for c := range n.ChildNodes() {
		walk(c, do)
	}
}

func parsePage(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	walk(n, func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	})
	return b.String()
}

// The elements and attributes that the page is made of.
var (
	pageElements = strings.Fields("html head meta title style body header h1 h2 p code form label input output button script main div span article a small ol li time b svg rect path line text ul pre mark details summary table thead tbody tr th td nav footer")
	pageValues   = map[string]*regexp.Regexp{
		"id": regexp.MustCompile(`^(x\d+|tools|query|found|unfold|fold|session)$`), "class": regexp.MustCompile(`^[a-z ]+$`), "href": regexp.MustCompile(`^#x\d+$`),
		"title": regexp.MustCompile(`^a credential, masked$`), "aria-label": regexp.MustCompile(`^Times to scale$`), "width": regexp.MustCompile(`^[\d.]+%?$`), "height": regexp.MustCompile(`^[\d.]+%?$`),
		"x": regexp.MustCompile(`^[\d.]+%$`), "x1": regexp.MustCompile(`^[\d.]+%$`), "x2": regexp.MustCompile(`^[\d.]+%$`), "y": regexp.MustCompile(`^\d+$`), "y1": regexp.MustCompile(`^\d+$`), "y2": regexp.MustCompile(`^\d+$`),
	}
	pageOthers = strings.Fields("lang charset http-equiv content name type role hidden autocomplete spellcheck aria-live aria-hidden scope open rx d text-anchor")
)

// confined fails on any element, attribute or comment that the page does not
// write itself.
func confined(t *testing.T, doc *html.Node) {
	t.Helper()
	once := map[string]int{}
	walk(doc, func(n *html.Node) {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			return
		}
		once[n.Data]++
		if !slices.Contains(pageElements, n.Data) {
			t.Errorf("an element <%s>", n.Data)
		}
		for _, a := range n.Attr {
			form := pageValues[a.Key]
			if form == nil && !slices.Contains(pageOthers, a.Key) || form != nil && !form.MatchString(a.Val) {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	})
	for _, name := range []string{"script", "style", "main", "h1", "form"} {
		if once[name] != 1 {
			t.Errorf("%d elements <%s>", once[name], name)
		}
	}
}

func TestPage(t *testing.T) {
	page := record(t, "html", Options{Means: means, Explain: explain}, sample()...)
	doc := parsePage(t, page)
	confined(t, doc)
	var policy string
	headings, links, folds := 0, 0, 0
	ids := map[string]bool{}
	walk(doc, func(n *html.Node) {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy":
			policy = attribute(n, "content")
		case n.Data == "article":
			ids[attribute(n, "id")] = true
		case n.Data == "h2":
			headings++
		case n.Data == "details":
			folds++
		case n.Data == "script" || n.Data == "style":
			if text := textOf(n); !strings.Contains(page, digest(text)) {
				t.Errorf("the policy does not let the page's own %s pass", n.Data)
			}
		}
	})
	walk(doc, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "a" {
			links++
			if target := strings.TrimPrefix(attribute(n, "href"), "#"); !ids[target] {
				t.Errorf("a link to %s, which is nowhere", target)
			}
		}
	})
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'sha256-") || strings.Contains(policy, "unsafe") || strings.Index(page, policy) > strings.Index(page, "<style>") {
		t.Errorf("the policy is %q", policy)
	}
	if headings != 14 || len(ids) != headings || links != 2*headings || folds < 20 {
		t.Errorf("%d headings, %d articles, %d links, %d folds", headings, len(ids), links, folds)
	}
	text := textOf(doc)
	for _, want := range []string{"SMTP session with example.org", "7. RCPT", "AUTH PLAIN ****", "refused <for> good", "what it means & <why>", "Subject: a ``` fence & <b>markup</b>\\r\\n", "CN=mx1.example.org,O=Example Mail,C=XX", "+5.302",
		"Recorded by smtpsh: 10 exchanges in 8.7 s.", "Many servers accept it, some refuse it.", "message 7 lines, 137 octets", "closes the connection"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

// markup is what a server sends that wants to be more than text.
var markup = []string{
	`<script>window.pwned=1</script>`, `</script><script>window.pwned=1</script>`, `<img src=x onerror="window.pwned=1">`, `"><svg onload=window.pwned=1>`, `' onmouseover='window.pwned=1`,
	`</title><script>window.pwned=1</script>`, `</style><script>window.pwned=1</script>`, `--><script>window.pwned=1</script><!--`, `]]><script>window.pwned=1</script>`, `<a href="javascript:window.pwned=1">x</a>`,
	`<iframe srcdoc="<script>parent.pwned=1</script>">`, `<meta http-equiv=refresh content="0;url=javascript:window.pwned=1">`, `<base href=//example.org/>`, `<form action=//example.org/><input type=submit>`, `</pre></details></article></main>`,
	`<style>*{background:url(//example.org/)}</style>`, `<link rel=stylesheet href=//example.org/>`, "<scr\x00ipt>window.pwned=1</scr\x00ipt>", "\xfe<script>", "\u2028<script>", `&lt;script&gt;`, `<details open ontoggle=window.pwned=1>`, `<!--`, `<textarea>`, `<plaintext>`, `<noscript>`,
}

// hostile is a session in which everything that can be is markup.
func hostile() []protocol.Event {
	var events []protocol.Event
	at := protocol.At{Time: noon}
	for n, text := range markup {
		line := strings.NewReplacer("\r", "", "\n", "").Replace(text)
		other := markup[(n+7)%len(markup)]
		events = append(events,
			protocol.Trying{At: at, Address: text}, protocol.Missed{At: at, Address: text, Err: &Error{Text: OctetString(text)}},
			protocol.Opened{At: at, Host: text, Address: text, Local: text}, received(at, "220 "+line+"\r\n"),
			protocol.Advised{At: at, Line: text, Held: true, Diags: []protocol.Diag{{ID: text, Severity: protocol.Error, Start: 1, End: 9, Message: text, Ref: protocol.Ref{RFC: 1, Section: text}, Fix: text}}},
			protocol.Sent{At: at, Raw: []byte("EHLO " + line + "\r\n")}, received(at, "250-"+line+"\r\n250-"+other+"\r\n250 X"+line+"\r\n"),
			protocol.Sent{At: at, Raw: []byte(line + "\r\n"), Mask: protocol.Span{Start: 1, End: 5}}, received(at, "334 "+line+"\r\n"),
			protocol.Sent{At: at, Kind: protocol.SentContent, Raw: []byte(text), Last: true}, received(at, line+"\r\n"),
			protocol.Smuggled{At: at, Raw: []byte(text)}, protocol.Noted{At: at, Text: text}, protocol.Expected{At: at, Want: text, Got: other, Where: text},
			protocol.Secured{At: at, TLS: protocol.TLS{Version: text, Cipher: text, Group: text, Name: text, Sent: text, Wanted: true, Trust: text, Lacks: []string{text},
				Chain: []protocol.Certificate{{Subject: text, Issuer: text, Names: []string{text, other}, Key: text, Signature: text, SHA256: text}}}},
			protocol.Closed{At: at, By: protocol.ByFault, Err: &Error{Text: OctetString(text)}, Tail: []byte(text)})
	}
	return events
}

func TestPageIsInert(t *testing.T) {
	meansIt := func(r protocol.Reply, answers string) string { return answers + string(r.Raw) }
	explains := func(r protocol.Reply, answers string) []Row { return []Row{{Bad.Of(string(r.Raw))}} }
	confined(t, parsePage(t, record(t, "html", Options{Means: meansIt, Explain: explains}, hostile()...)))
	for seed := range uint64(100) {
		doc := parsePage(t, record(t, "html", Options{Means: means}, seeded(seed).events(30)...))
		confined(t, doc)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestPageCut holds that a page which a crash cut off has what it has.
func TestPageCut(t *testing.T) {
	whole := record(t, "html", Options{}, sample()...)
	for cut := strings.Index(whole, "<main"); cut < len(whole); cut += 97 {
		doc := parsePage(t, whole[:cut])
		articles := 0
		walk(doc, func(n *html.Node) {
			if n.Type == html.ElementNode && n.Data == "article" {
				articles++
			}
		})
		if begun := strings.Count(whole[:cut], "<article id"); articles != begun && articles != begun-1 {
			t.Errorf("cut at %d: %d articles of %d", cut, articles, begun)
		}
	}
}

// TestTitleBehindANote has a page and a ticket name the host although a note
// stands before the connection: of the practice server, or of an MX.
func TestTitleBehindANote(t *testing.T) {
	note := protocol.Noted{At: protocol.At{Time: noon}, Text: "practice: nothing leaves this machine"}
	opened := protocol.Opened{At: protocol.At{Time: noon}, Host: "mx.example", Address: "192.0.2.1:25"}
	banner := received(protocol.At{Time: noon}, "220 mx\r\n")
	for format, titles := range map[string][2]string{"html": {"<h1>SMTP session with <code>mx.example</code></h1>", "<h1>SMTP session</h1>"}, "md": {"# SMTP session with `mx.example`\n", "# SMTP session\n"}} {
		for i, events := range [][]protocol.Event{{note, opened, banner, note}, {note}} {
			if got := record(t, format, Options{}, events...); !strings.Contains(got, titles[i]) || !strings.Contains(got, note.Text) {
				t.Errorf("%s of %d events has no %q or no note:\n%s", format, len(events), titles[i], got[strings.Index(got, "SMTP session"):])
			}
		}
	}
}

func TestPageOfNothing(t *testing.T) {
	doc := parsePage(t, record(t, "html", Options{}))
	confined(t, doc)
	if text := textOf(doc); !strings.Contains(text, "0 exchanges.") {
		t.Error(text)
	}
}

// TestTimelineStaysSmall records more exchanges than a screen has dots.
func TestTimelineStaysSmall(t *testing.T) {
	var p page
	s := protocol.Session{}
	articles := 0
	for range 20000 {
		for _, e := range []protocol.Event{protocol.Sent{Raw: []byte("NOOP\r\n")}, received(protocol.At{}, "250 ok\r\n")} {
			after := s.After(e)
			articles += strings.Count(string(p.event(nil, s, after, e)), "<article")
			s = after
		}
	}
	count := 0
	for _, m := range p.timeline.marks {
		count += m.count
	}
	if len(p.timeline.marks) > mostMarks || count != 20000 || articles != 20000 {
		t.Errorf("%d marks of %d exchanges, %d articles", len(p.timeline.marks), count, articles)
	}
}

// TestTimelineOfAllTime draws the longest time that there is.
func TestTimelineOfAllTime(t *testing.T) {
	tl := timeline{marks: []exchangeMark{{article: 1, count: 1, to: math.MaxInt64}}}
	if got := strings.Count(string(tl.append(nil)), "<line"); got != 10 {
		t.Errorf("%d marks of the scale", got)
	}
}

// FuzzEscaped holds that escaped text, in an element and in an attribute,
// comes out of a parser as the text.
func FuzzEscaped(f *testing.F) {
	for _, text := range markup {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page := `<!DOCTYPE html><html><head></head><body><p title="` + string(escaped(nil, text)) + `">` + string(escaped(nil, text)) + "</p></body></html>"
		doc := parsePage(t, page)
		elements := 0
		walk(doc, func(n *html.Node) {
			if n.Type == html.ElementNode {
				elements++
			}
			if n.Type == html.ElementNode && n.Data == "p" && (attribute(n, "title") != Escape(text) || textOf(n) != Escape(text)) {
				t.Errorf("%q came out as %q and %q", Escape(text), attribute(n, "title"), textOf(n))
			}
		})
		if elements != 4 {
			t.Errorf("%q made %d elements", text, elements)
		}
	})
}
