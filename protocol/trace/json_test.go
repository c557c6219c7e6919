package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"smtpsh/protocol"
)

func TestJSONGolden(t *testing.T) {
	at := protocol.At{Time: noon}
	later := protocol.At{Time: noon.Add(12345678)} // cut to 12.345 ms
	for _, row := range []struct {
		events []protocol.Event
		want   string // of the last one
	}{
		{[]protocol.Event{protocol.Trying{At: at, Address: "192.0.2.1:25"}}, `{"v":1,"event":"trying","time":"2026-03-01T12:00:00.000000Z","address":"192.0.2.1:25"}`},
		{[]protocol.Event{protocol.Opened{At: at, Host: "mx", Address: "192.0.2.1:25"}, received(later, "220 mx\r\n")},
			`{"v":1,"event":"reply","time":"2026-03-01T12:00:00.012345Z","answers":"greeting","ms":12.345,"code":220,"lines":["mx"],"raw":"220 mx\r\n"}`},
		{[]protocol.Event{protocol.Sent{At: at, Raw: []byte("AUTH PLAIN c2VjcmV0\r\n"), Secret: true}},
			`{"v":1,"event":"sent","time":"2026-03-01T12:00:00.000000Z","kind":"command","raw":"AUTH PLAIN ****\r\n","mask":[11,15]}`},
		{[]protocol.Event{protocol.Sent{At: at, Kind: protocol.SentContent, Raw: []byte("\x80\xff\r\n")}},
			`{"v":1,"event":"sent","time":"2026-03-01T12:00:00.000000Z","kind":"content","raw":{"base64":"gP8NCg=="}}`},
		{[]protocol.Event{protocol.Expected{At: at, Want: "\x1b\u009b\U000e0001é😀\"\\\t\x00"}},
			`{"v":1,"event":"expectation","time":"2026-03-01T12:00:00.000000Z","want":"\u001b\u009b\udb40\udc01é😀\"\\\t\u0000","ok":false}`},
		{[]protocol.Event{protocol.Sent{At: at, Raw: []byte("NOOP\r\n")}, received(at, "550-5.1.1 a\r\n551 5.1.1 b\r\n")},
			`{"v":1,"event":"reply","time":"2026-03-01T12:00:00.000000Z","answers":"NOOP","ms":0,"code":551,"enhanced":"5.1.1","lines":["5.1.1 a","5.1.1 b"],"raw":"550-5.1.1 a\r\n551 5.1.1 b\r\n",` +
				`"anomalies":[{"id":"code-differs","line":2,"message":"Every line of one reply must have the same code, and this one has another"}]}`},
	} {
		lines := strings.Split(strings.TrimSpace(record(t, "jsonl", Options{}, row.events...)), "\n")
		if got := lines[len(lines)-1]; got != row.want {
			t.Errorf("got  %s\nwant %s", got, row.want)
		}
	}
}

func received(at protocol.At, raw string) protocol.Received {
	var p protocol.ReplyParser
	_, r, _ := p.Feed([]byte(raw))
	return protocol.Received{At: at, Reply: r}
}

// TestJSONIsTheIdentity reads random events back, and holds that the session
// they make is the same.
func TestJSONIsTheIdentity(t *testing.T) {
	for seed := range uint64(300) {
		events := seeded(seed).events(40)
		text := record(t, "jsonl", Options{}, events...)
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q is in the lines, and a terminal might obey it", r)
			}
		}
		got, err := ReadAll(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "all", got, events)
		if !fold(got).Equal(fold(events)) {
			t.Fatal("the session is another")
		}
	}
}

// TestJSONPrefixes cuts a record at every octet, as a crash might.
func TestJSONPrefixes(t *testing.T) {
	events := seeded(7).events(30)
	text := record(t, "jsonl", Options{}, events...)
	for cut := range len(text) {
		whole := strings.Count(text[:cut], "\n")
		torn := cut > 0 && text[cut-1] != '\n'
		if torn && text[cut] == '\n' { // the line end alone is missing
			whole, torn = whole+1, false
		}
		got, err := ReadAll(strings.NewReader(text[:cut]))
		if torn != errors.Is(err, ErrTorn) || !torn && err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		same(t, "cut", got, events[:whole])
	}
}

// TestJSONSchema holds the schema's structs to what is written: every field is
// in them, in their order.
func TestJSONSchema(t *testing.T) {
	for _, e := range seeded(11).events(600) {
		line := strings.TrimSpace(record(t, "jsonl", Options{}, e))
		var head Head
		if err := json.Unmarshal([]byte(line), &head); err != nil || head.V != Version {
			t.Fatalf("%s: %v", line, err)
		}
		o := blank(head.Event)
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(o); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		again, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := keys(t, []byte(line)), keys(t, again); !slices.Equal(got, want) {
			t.Fatalf("%s\nhas the fields %q, and the schema has %q", line, got, want)
		}
	}
}

// keys lists the keys of an object in order, those of objects within it too.
func keys(t *testing.T, line []byte) []string {
	t.Helper()
	var keys []string
	decoder := json.NewDecoder(bytes.NewReader(line))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return slices.DeleteFunc(keys, func(key string) bool { return key == "base64" })
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(string); ok && bytes.HasPrefix(bytes.TrimLeft(line[decoder.InputOffset():], " "), []byte(":")) {
			keys = append(keys, text)
		}
	}
}

func TestReaderToleratesLaterVersions(t *testing.T) {
	const text = `{"v":2,"event":"trying","time":"2026-03-01T12:00:00Z","address":"a","colour":{"of":["the","sky"]}}
{"v":2,"event":"rained","time":"2026-03-01T12:00:00Z"}

{"v":1,"event":"sent","time":"2026-03-01T12:00:00Z","kind":"song"}
{"v":1,"event":"cancelled","time":"2026-03-01T13:00:00+01:00"}
`
	r := NewReader(strings.NewReader(text))
	at := protocol.At{Time: noon}
	want := []any{protocol.Trying{At: at, Address: "a"}, `record line 2: event "rained": an event that this version does not know`,
		`record line 4: sent "song": an event that this version does not know`, protocol.Cancelled{At: at}}
	for _, want := range want {
		e, err := r.Next()
		if err != nil {
			if err.Error() != want || !errors.Is(err, ErrUnknown) {
				t.Errorf("%v, want %v", err, want)
			}
			continue
		}
		if e != want {
			t.Errorf("%v, want %v", e, want)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) || r.Later() != 2 {
		t.Errorf("at the end: %v, version %d", err, r.Later())
	}
}

func TestReaderRefuses(t *testing.T) {
	const head = `{"v":1,"time":"2026-03-01T12:00:00Z","event":`
	for _, line := range []string{
		`{`, `[]`, `7`, `{"v":1,"event":"trying","time":"noon"}`, head + `"trying","address":7}`, head + `"sent","kind":"command","raw":"abc","mask":[1,4]}`,
		head + `"sent","kind":"command","raw":"abc","mask":[-1,2]}`, head + `"sent","kind":"content","omitted":-1}`, head + `"reply","enhanced":"5.1"}`, head + `"reply","enhanced":"5.1.x"}`,
		head + `"reply","enhanced":"5.1.1.1"}`, head + `"closed","by":"the moon"}`, head + `"advice","diags":[{"severity":"grave"}]}`, head + `"advice","diags":[{"severity":"hint","start":-1}]}`,
		head + `"advice","diags":[{"severity":"hint","start":2,"end":1}]}`, head + `"tls","ms":"long"}`, head + `"smuggled","raw":{"base64":"!"}}`,
	} {
		events, err := ReadAll(strings.NewReader(line + "\n" + head + `"cancelled"}` + "\n"))
		var bad *LineError
		if !errors.As(err, &bad) || bad.Line != 1 || len(events) != 1 {
			t.Errorf("%s: %v and %d events", line, err, len(events))
		}
	}
	failing := io.MultiReader(strings.NewReader(head+`"cancelled"}`+"\n"), failingReader{})
	if events, err := ReadAll(failing); len(events) != 1 || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that fails: %d events and %v", len(events), err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

// FuzzReader feeds anything: what is understood is written and read back.
func FuzzReader(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(record(f, "jsonl", Options{}, seeded(seed).events(12)...))
	}
	f.Add(`{"v":1,"event":"sent","time":"0000-01-01T00:00:00Z","kind":"chunk","raw":"\ud800"}` + "\n{")
	f.Fuzz(func(t *testing.T, text string) {
		events, _ := ReadAll(strings.NewReader(text))
		written := record(t, "jsonl", Options{}, events...)
		again, err := ReadAll(strings.NewReader(written))
		if err != nil {
			t.Fatalf("%q was read, and written as %q: %v", text, written, err)
		}
		if len(events) != len(again) || record(t, "jsonl", Options{}, again...) != written {
			t.Fatalf("%q was written as %q and came back as another", text, written)
		}
	})
}

// FuzzOctets has any octets there and back.
func FuzzOctets(f *testing.F) {
	f.Add([]byte("250 ok\r\n"), "mx.example")
	f.Add([]byte{0xff, 0}, "\u2028\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, raw []byte, host string) {
		if len(raw) == 0 {
			raw = nil
		}
		want := []protocol.Event{protocol.Sent{Kind: protocol.SentContent, Raw: raw}, protocol.Opened{Host: host}}
		got, err := ReadAll(strings.NewReader(record(t, "jsonl", Options{}, want...)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "octets", got, want)
	})
}
