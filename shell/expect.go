package shell

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// expectation is an assertion about what happened last.
type expectation struct {
	want  string // as it was written
	check func(sh *Shell, ctx context.Context) (got string, ok bool)
}

// runExpect is :expect: it emits what came of it, and a script ends with it
// where it failed.
func (sh *Shell) runExpect(ctx context.Context, words []string) outcome {
	x, err := parseExpectation(strings.Join(words, " "))
	if err != nil {
		sh.stopScript("")
		return complain(err.Error())
	}
	if s := sh.hub.Session(); s.Open() && s.Awaiting() > 0 {
		sh.await(ctx)
	}
	got, ok := x.check(sh, ctx)
	e := protocol.Expected{At: sh.now(), Want: x.want, Got: got, OK: ok}
	if !sh.attended() {
		e.Where = sh.where()
	}
	sh.hub.emit(e)
	if !ok {
		sh.fail(StatusNegative)
		if sh.script.onError != carryOn && !sh.attended() {
			sh.stopScript("an expectation failed")
		}
	}
	return done()
}

// parseExpectation reads what stands behind :expect.
func parseExpectation(text string) (expectation, error) {
	x := expectation{want: text}
	word, rest, _ := strings.Cut(text, " ")
	switch {
	case word == "":
		return x, errors.New("usage: :expect CODE [ENHANCED] [/PATTERN/] | [no] ext NAME [VALUE] | closed | tls | verified | < DURATION")
	case word == "closed" && rest == "":
		x.check = expectClosed
	case word == "tls" && rest == "":
		x.check = expectTLS(false)
	case word == "verified" && rest == "":
		x.check = expectTLS(true)
	case word[0] == '<':
		return expectTime(x, strings.TrimSpace(text[1:]))
	case word == "ext":
		return expectExtension(x, strings.Fields(rest), true)
	case word == "no" && strings.HasPrefix(rest, "ext "):
		return expectExtension(x, strings.Fields(rest)[1:], false)
	default:
		return expectReply(x, text)
	}
	return x, nil
}

// expectClosed gives the server a moment: its close may be on the way.
func expectClosed(sh *Shell, ctx context.Context) (string, bool) {
	if !sh.until(ctx, farewell, func(s protocol.Session) bool { return !s.Open() }) {
		return "a connection that is open", false
	}
	sh.hub.excuseEnd()
	return "a closed connection", true
}

func expectTLS(verified bool) func(*Shell, context.Context) (string, bool) {
	return func(sh *Shell, _ context.Context) (string, bool) {
		secured, sure := sh.hub.Session().Secured()
		switch {
		case !secured:
			return "a connection in plaintext", false
		case !sure:
			return "TLS, and a server that is not verified", !verified
		}
		return "TLS, and a verified server", true
	}
}

// expectTime is for the time from the last command to its reply.
func expectTime(x expectation, text string) (expectation, error) {
	limit, err := parseDuration(text)
	if err != nil || limit <= 0 {
		return x, fmt.Errorf(":expect < %s: a time such as 200ms or 2s is wanted", text)
	}
	x.check = func(sh *Shell, _ context.Context) (string, bool) {
		took, ok := sh.hub.took()
		if !ok {
			return "no reply yet", false
		}
		return view.Duration(took), took < limit
	}
	return x, nil
}

func expectExtension(x expectation, words []string, offered bool) (expectation, error) {
	if len(words) == 0 {
		return x, errors.New(":expect ext takes the name of an extension, such as STARTTLS")
	}
	x.check = func(sh *Shell, _ context.Context) (string, bool) {
		offers := sh.hub.Session().Offers()
		if !offers.Has(words[0]) {
			return "no " + strings.ToUpper(words[0]) + " among the offers", !offered
		}
		args := offers.Args(words[0])
		got := strings.TrimSpace(strings.ToUpper(words[0]) + " " + strings.Join(args, " "))
		for _, value := range words[1:] {
			if !containsFold(args, value) {
				return got, !offered
			}
		}
		return got, offered
	}
	return x, nil
}

func containsFold(list []string, word string) bool {
	for _, have := range list {
		if strings.EqualFold(have, word) {
			return true
		}
	}
	return false
}

// replyPattern is CODES, an enhanced code, and a pattern for the text.
type replyPattern struct {
	codes    []string // three characters each, "x" and the RFC's "y" and "z" for any digit
	enhanced string   // "5.7.1", "5.7.x", or ""
	text     *regexp.Regexp
}

func expectReply(x expectation, text string) (expectation, error) {
	var p replyPattern
	if before, pattern, ok := strings.Cut(text, "/"); ok {
		body, flags, closed := cutLast(pattern, "/")
		if !closed || flags != "" && flags != "i" {
			return x, fmt.Errorf(":expect %s: a pattern stands between slashes, with an i behind them for any case of letters", text)
		}
		if flags == "i" {
			body = "(?i)" + body
		}
		re, err := regexp.Compile(body)
		if err != nil {
			return x, fmt.Errorf(":expect: %w", err)
		}
		p.text, text = re, before
	}
	words := strings.Fields(text)
	if len(words) > 0 {
		p.codes = strings.FieldsFunc(words[0], func(r rune) bool { return r == '|' || r == ',' })
	}
	if len(words) == 2 {
		if p.enhanced = words[1]; !isEnhancedPattern(p.enhanced) {
			return x, fmt.Errorf(":expect %s: behind the code stands an enhanced one, such as 5.7.1 or 5.7.x, or a /pattern/", x.want)
		}
	}
	for _, code := range p.codes {
		if !isCodePattern(code) || len(words) > 2 {
			return x, fmt.Errorf(":expect %s: a reply code is wanted, such as 250, 2xx or 250|251, or one of ext, closed, tls, verified and <", text)
		}
	}
	if len(p.codes) == 0 && p.text == nil {
		return x, fmt.Errorf(":expect %s: a reply code or a /pattern/ is wanted", text)
	}
	x.check = p.check
	return x, nil
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

func isCodePattern(text string) bool {
	if len(text) != 3 || text[0] < '1' || text[0] > '9' {
		return false
	}
	for i := 1; i < 3; i++ {
		if !strings.ContainsRune("0123456789xXyYzZ", rune(text[i])) {
			return false
		}
	}
	return true
}

// isEnhancedPattern reports three numbers with dots between them, "x" for any
// (RFC 3463 §2).
func isEnhancedPattern(text string) bool {
	parts := strings.Split(text, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(part string) bool {
		_, err := strconv.ParseUint(part, 10, 16)
		return err != nil && !strings.EqualFold(part, "x")
	})
}

// check holds the last reply against the pattern. A negative reply that was
// expected is no failure of the run.
func (p replyPattern) check(sh *Shell, _ context.Context) (string, bool) {
	r, _, ok := sh.hub.lastReply()
	if !ok {
		return "no reply yet", false
	}
	text := strings.Join(r.Lines, "\n")
	if !p.matches(r, text) {
		return strings.TrimSpace(strconv.Itoa(r.Code) + " " + strings.ReplaceAll(text, "\n", " / ")), false
	}
	sh.hub.excuse(func(r protocol.Reply) bool { return p.matches(r, strings.Join(r.Lines, "\n")) })
	return strconv.Itoa(r.Code), true
}

func (p replyPattern) matches(r protocol.Reply, text string) bool {
	if len(p.codes) > 0 {
		found := false
		for _, code := range p.codes {
			found = found || likeCode(code, fmt.Sprintf("%03d", r.Code))
		}
		if !found {
			return false
		}
	}
	if p.enhanced != "" && !likeEnhanced(p.enhanced, r.Enhanced.String()) {
		return false
	}
	return p.text == nil || p.text.MatchString(text)
}

func likeCode(pattern, code string) bool {
	for i := range 3 {
		if c := pattern[i]; c >= '0' && c <= '9' && c != code[i] {
			return false
		}
	}
	return true
}

func likeEnhanced(pattern, code string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(code, ".")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if !strings.EqualFold(want[i], "x") && want[i] != have[i] {
			return false
		}
	}
	return true
}

// took is how long the last exchange took, from what was sent to its last
// reply.
func (h *hub) took() (d time.Duration, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lasted, h.reply != nil
}
