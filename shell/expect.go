package shell

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smtpsh/protocol"
	"smtpsh/shell/view"
)

// expectation is an assertion about what happened last, or about one reply of
// several.
type expectation struct {
	text  string // as it was written
	want  string // the same without the recipient
	whom  string // the recipient whose reply it is about; "" for none
	reply bool   // it is about a reply, and not about the session
	check func(sh *Shell, ctx context.Context, of *answer) (got string, ok bool)
}

// runExpect is :expect. In a group that is open it is about the reply to the
// command before it, and waits for that.
func (sh *Shell) runExpect(ctx context.Context, words []string) outcome {
	x, err := parseExpectation(strings.Join(words, ""))
	if err != nil {
		return complainAndStop(err.Error(), "that is no expectation")
	}
	where := ""
	if !sh.attended() {
		where = sh.where()
	}
	if n := len(sh.group.commands); n > 0 {
		sh.group.expected = append(sh.group.expected, awaited{expectation: x, command: n, where: where})
		return outcome{noted: true}
	}
	if s := sh.hub.Session(); s.Open() && s.Awaiting() > 0 {
		sh.await(ctx)
	}
	var of *answer
	if x.whom != "" {
		a := sh.hub.answerFor(x.whom)
		of = &a
	}
	if !sh.assert(ctx, x, of, where) {
		sh.expectedElse()
		return outcome{noted: true} // :save leaves it out, for it would end the script
	}
	if x.reply && sh.hub.Session().Mode() == protocol.ModeCommand {
		sh.begins(challenge{}) // that there is no challenge is known, and no answer comes
	}
	return done()
}

// assert emits what came of an expectation, and reports whether it holds; of is
// the reply that it is about, nil for the last one.
func (sh *Shell) assert(ctx context.Context, x expectation, of *answer, where string) bool {
	got, ok := x.check(sh, ctx, of)
	e := protocol.Expected{At: sh.now(), Want: x.want, Got: got, OK: ok, Where: where}
	if of != nil && x.reply {
		e.Of = of.unit.String()
	}
	sh.hub.emit(e)
	return ok
}

// expectedElse is an expectation that failed: a script ends with it.
func (sh *Shell) expectedElse() {
	sh.fail(StatusNegative)
	if sh.script.onError != carryOn && !sh.attended() {
		sh.stopScript("an expectation failed")
	}
}

// answerFor is the reply of the last exchange that was about one recipient:
// that to its RCPT, or in LMTP the one behind the message (RFC 2033 §4.2).
func (h *hub) answerFor(recipient string) answer {
	for _, u := range h.unknown() {
		if strings.EqualFold(u.Recipient(), recipient) {
			return answer{unit: u}
		}
	}
	for _, a := range slices.Backward(h.answered()) {
		if strings.EqualFold(a.unit.Recipient(), recipient) && a.unit.Word != "MAIL" {
			return a
		}
	}
	rcpt := protocol.Session{}.After(protocol.Sent{Raw: []byte("RCPT TO:<" + recipient + ">\r\n")})
	u, _ := rcpt.Head()
	return answer{unit: u}
}

// parseExpectation reads what stands behind :expect.
func parseExpectation(text string) (expectation, error) {
	x := expectation{text: text, want: text}
	word, rest := cutWord(text)
	switch {
	case word == "":
		return x, errors.New("usage: :expect CODE [ENHANCED] [/PATTERN/] [for ADDRESS] | [no] ext NAME [VALUE] | closed | tls | verified | < DURATION")
	case word == "closed" && rest == "":
		x.check = expectClosed
	case word == "tls" && rest == "":
		x.check = expectTLS(false)
	case word == "verified" && rest == "":
		x.check = expectTLS(true)
	case word[0] == '<':
		x.want, x.whom = cutWhom(text)
		return expectTime(x, strings.TrimSpace(x.want[1:]))
	case word == "ext":
		return expectExtension(x, strings.Fields(rest), true)
	case word == "no" && strings.Fields(rest + " ?")[0] == "ext":
		return expectExtension(x, strings.Fields(rest)[1:], false)
	default:
		x.want, x.whom = cutWhom(text)
		return expectReply(x, x.want)
	}
	return x, nil
}

// cutWhom cuts "for ADDRESS" off the end of an expectation, but not off the end
// of a pattern.
func cutWhom(text string) (rest, whom string) {
	i := strings.LastIndex(text, " for ")
	if i < 0 || strings.HasSuffix(text, "/") || strings.HasSuffix(text, "/i") {
		return text, ""
	}
	whom = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text[i+len(" for "):]), "<"), ">")
	return strings.TrimSpace(text[:i]), whom
}

// expectClosed gives the server a moment: its close may be on the way.
func expectClosed(sh *Shell, ctx context.Context, _ *answer) (string, bool) {
	if !sh.until(ctx, farewell, func(s protocol.Session) bool { return !s.Open() }) {
		return "a connection that is open", false
	}
	sh.hub.excuseEnd()
	return "a closed connection", true
}

func expectTLS(verified bool) func(*Shell, context.Context, *answer) (string, bool) {
	return func(sh *Shell, _ context.Context, _ *answer) (string, bool) {
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
	x.reply = true
	x.check = func(sh *Shell, _ context.Context, of *answer) (string, bool) {
		if of == nil {
			of = sh.hub.lastAnswer()
		}
		if of.n == 0 {
			return "no reply", false
		}
		return view.Duration(of.took), of.took < limit
	}
	return x, nil
}

func expectExtension(x expectation, words []string, offered bool) (expectation, error) {
	if len(words) == 0 {
		return x, errors.New(":expect ext takes the name of an extension, such as STARTTLS")
	}
	x.check = func(sh *Shell, _ context.Context, _ *answer) (string, bool) {
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
	x.check, x.reply = p.check, true
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

// check holds a reply against the pattern. A negative reply that was expected
// is no failure of the run; where it is the last one, no other of its exchange
// that is like it is one either.
func (p replyPattern) check(sh *Shell, _ context.Context, of *answer) (string, bool) {
	one := of
	if of == nil {
		one = sh.hub.lastAnswer()
	}
	if one.n == 0 {
		return "no reply", false
	}
	r := one.reply
	if !p.matches(r) {
		return strings.TrimSpace(strconv.Itoa(r.Code) + " " + strings.Join(r.Lines, " / ")), false
	}
	if of != nil {
		sh.hub.excuseOne(one.n)
	} else {
		sh.hub.excuse(func(a answer) bool { return a.n == one.n || p.matches(a.reply) })
	}
	return strconv.Itoa(r.Code), true
}

// excuseOne is excuse for the n-th reply. Those of a group are expected in their
// order, so what is excused is mostly the first, and nothing need be moved.
func (h *hub) excuseOne(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, found := slices.BinarySearchFunc(h.fresh, n, func(a answer, n int) int { return a.n - n })
	if !found {
		return
	}
	copy(h.fresh[1:], h.fresh[:i])
	h.fresh = h.fresh[1:]
	h.negative--
}

func (p replyPattern) matches(r protocol.Reply) bool {
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
	return p.text == nil || p.text.MatchString(strings.Join(r.Lines, "\n"))
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

// lastAnswer is the last reply, and how long the exchange took.
func (h *hub) lastAnswer() *answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reply == nil || h.silent {
		return &answer{}
	}
	return &answer{reply: *h.reply, took: h.lasted, n: h.heard}
}
