package term

// countLines counts the whole pasted lines that wait.
func (q *queue) countLines() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, it := range q.items {
		if it.key == keyPaste && it.line {
			n++
		}
	}
	return n
}

// takeLine removes a whole pasted line if that is what comes next.
func (q *queue) takeLine() (string, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended == wasClosed || len(q.items) == 0 || q.items[0].key != keyPaste || !q.items[0].line {
		return "", false
	}
	text := q.items[0].text
	q.items = q.items[1:]
	return text, true
}

// takePastes removes all that was pasted; what was typed stays.
func (q *queue) takePastes() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var keys, pastes []item
	for _, it := range q.items {
		if it.key == keyPaste {
			pastes = append(pastes, it)
		} else {
			keys = append(keys, it)
		}
	}
	q.items = keys
	return pastes
}

// pushFront puts items in front of all others.
func (q *queue) pushFront(items []item) {
	if len(items) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(items[:len(items):len(items)], q.items...)
	q.changed.Broadcast()
}

// next waits for an item, for the loop that reads a secret.
func (q *queue) next() (item, reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.ended == wasClosed:
			return item{}, wasClosed
		case q.cancel:
			return item{}, wasCancelled
		case len(q.items) > 0:
			it := q.items[0]
			q.items = q.items[1:]
			return it, goOn
		case q.ended == wasHungUp:
			return item{}, wasHungUp
		}
		q.changed.Wait()
	}
}

func toLines(items []item) []Line {
	var lines []Line
	for _, it := range items {
		lines = append(lines, Line{Text: it.text, Pasted: true, Partial: !it.line})
	}
	return lines
}

func toItems(lines []Line) []item {
	items := make([]item, 0, len(lines))
	for _, l := range lines {
		items = append(items, item{key: keyPaste, text: l.Text, line: !l.Partial})
	}
	return items
}
