//go:build unix

package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// browser is a Chromium that is driven through its DevTools, by messages that
// a NUL ends (--remote-debugging-pipe).
type browser struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	tab     string // the session of the page
	last    int
	noticed []string // complaints of the page, and what it asked the network for
}

// open shows a page in a Chromium, and skips the test where there is none.
func open(t *testing.T, page string) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("Chromium is not installed")
	}
	// Not t.TempDir: the browser's children may still write into the profile
	// when the browser itself is gone.
	dir, err := os.MkdirTemp("", "page")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%s could not be removed", dir)
	})
	file := filepath.Join(dir, "session.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-background-networking", "--user-data-dir=" + filepath.Join(dir, "profile")}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--no-sandbox") // it refuses root otherwise
	}
	cmd := exec.Command(program, append(arguments, "about:blank")...)
	fromUs, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, toUs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	cmd.ExtraFiles = []*os.File{fromUs, toUs}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = fromUs.Close(), toUs.Close()
	t.Cleanup(func() {
		_ = in.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = out.Close()
	})
	_ = out.SetReadDeadline(time.Now().Add(time.Minute))
	b := &browser{t: t, in: in, out: bufio.NewReader(out)}
	b.show("file://" + file)
	return b
}

// message is what goes either way.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// call asks for something and waits for the answer.
func (b *browser) call(method string, params any, result any) {
	b.t.Helper()
	b.last++
	text, err := json.Marshal(message{ID: b.last, Session: b.tab, Method: method, Params: params})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.read()
		if m.ID != b.last {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// read is the next message; what it tells of the page is kept.
func (b *browser) read() message {
	b.t.Helper()
	text, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("Chromium: %v", err)
	}
	var m message
	if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	switch m.Method {
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening", "Network.requestWillBeSent", "Page.frameRequestedNavigation":
		b.noticed = append(b.noticed, string(text))
	}
	return m
}

// show loads an address and waits until it is there.
func (b *browser) show(address string) {
	b.t.Helper()
	var target struct {
		TargetID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var tab struct {
		SessionID string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &tab)
	b.tab = tab.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", struct{}{}, nil)
	}
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	for b.read().Method != "Page.loadEventFired" {
	}
}

// ask evaluates an expression and puts its value in result.
func (b *browser) ask(expression string, result any) {
	b.t.Helper()
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception json.RawMessage `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if answer.Exception != nil {
		b.t.Fatalf("%s: %s", expression, answer.Exception)
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// holds fails unless the expression is true on the page.
func (b *browser) holds(expression string) {
	b.t.Helper()
	var is bool
	if b.ask(expression, &is); !is {
		b.t.Errorf("not so: %s", expression)
	}
}

// press presses a key that has a character, or one by its name.
func (b *browser) press(key, text string) {
	b.t.Helper()
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": key, "text": text}, nil)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key}, nil)
}

// quiet fails on anything that the page asked for, said or wanted to do but
// for being loaded.
func (b *browser) quiet() {
	b.t.Helper()
	var sync bool
	b.ask("true", &sync) // what came before it has been read
	for _, text := range b.noticed {
		if !strings.Contains(text, "/session.html") || !strings.Contains(text, "Network.requestWillBeSent") {
			b.t.Errorf("the page did something: %s", text)
		}
	}
}

func TestChromiumShowsTheSession(t *testing.T) {
	b := open(t, record(t, "html", Options{Means: means, Explain: explain}, sample()...))
	const shown = "[...document.querySelectorAll('article')].filter(a => a.checkVisibility())"
	b.holds("document.title === 'SMTP session with example.org'")
	b.holds(shown + ".length === 14")
	b.holds("document.querySelector('.timeline').getBoundingClientRect().top < document.querySelector('main').getBoundingClientRect().top")
	b.holds("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
	// The style is taken: an arrow to the server has its head at the right.
	b.holds("getComputedStyle(document.querySelector('.sent .rung'), '::after').borderLeftWidth === '9px'")
	// Times to scale: the dot took 410 ms and is cut at the tallest; AUTH 120 ms.
	b.holds("Math.round(document.querySelector('#x7 .gap.got').getBoundingClientRect().height) === 60")
	b.holds(fmt.Sprintf("Math.round(document.querySelector('#x11 .gap.got').getBoundingClientRect().height) === %d", tallest))

	b.holds("!document.querySelector('#x8 .octets').open && !document.querySelector('#x8 .octets pre').checkVisibility()")
	b.holds("document.querySelector('#x8 .octets summary').focus() ?? document.activeElement.localName === 'summary'")
	b.press("Enter", "\r")
	b.holds("document.querySelector('#x8 .octets pre').checkVisibility()")
	b.holds("document.getElementById('unfold').click() ?? [...document.querySelectorAll('article details')].every(d => d.open)")
	b.holds("document.getElementById('fold').click() ?? [...document.querySelectorAll('article details')].every(d => !d.open)")

	b.holds("document.activeElement.blur() ?? true")
	b.press("/", "/")
	b.holds("document.activeElement.id === 'query' && document.activeElement.value === ''")
	b.call("Input.insertText", map[string]any{"text": "NOBODY@"}, nil)
	b.holds(shown + ".map(a => a.id).join() === 'x9'")
	b.holds("document.getElementById('found').textContent === '1 of 14'")
	b.holds("document.querySelector('#x9 .octets').open && !document.querySelector('#x9 .why').open")
	b.holds("CSS.highlights.get('found').size === 4")
	b.press("Escape", "")
	b.holds(shown + ".length === 14 && CSS.highlights.get('found').size === 0 && document.getElementById('found').textContent === ''")
	b.quiet()
}

// TestChromiumExecutesNothing shows a session in which everything is markup
// that would leave a sign.
func TestChromiumExecutesNothing(t *testing.T) {
	b := open(t, record(t, "html", Options{}, hostile()...))
	b.holds("document.querySelectorAll('article').length > 100 && !document.getElementById('tools').hidden")
	b.holds("document.getElementById('unfold').click() ?? true")
	b.holds("window.pwned === undefined && document.querySelectorAll('img, iframe, base, link, article script, article style, article form').length === 0")
	// A click on everything, and a look at what the policy would stop if the
	// escapes failed: a script that is put into the page does not run.
	b.holds("document.querySelectorAll('article *').forEach(e => e.dispatchEvent(new MouseEvent('click', {bubbles: true}))) ?? window.pwned === undefined")
	b.quiet()
	b.holds("document.body.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.pwned = 1'})) && window.pwned === undefined")
	b.holds("(document.body.insertAdjacentHTML('beforeend', '<div onclick=\"window.pwned = 1\">'), document.body.lastChild.click(), window.pwned === undefined)")
}
