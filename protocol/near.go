package protocol

// longestNear is the longest word that is compared: names are shorter.
const longestNear = 32

// Nearest finds the name that was probably meant by a mistyped word: the one
// fewest changes away, a swap of neighbours counting as one, and at most a
// third of the word (but one is always allowed). Of equals the one with the
// same first letter wins, then the earlier. It returns "" when none is near.
func Nearest(word string, names []string) string {
	best := ""
	limit := firstLimit(word)
	for _, name := range names {
		if cost := nearness(word, name, limit); cost < limit {
			best, limit = name, cost
		}
	}
	return best
}

// nearestVerb is Nearest of the command table; nil when none is near.
func nearestVerb(word string) (verb *Verb) {
	limit := firstLimit(word)
	for i := range Verbs {
		if cost := nearness(word, Verbs[i].Name, limit); cost < limit {
			verb, limit = &Verbs[i], cost
		}
	}
	return verb
}

// firstLimit is what a name's nearness must stay under.
func firstLimit(word string) int { return 2 + 2*max(1, len(word)/3) }

// nearness is twice the number of changes between word and name, and one more
// where their first letters differ; limit or more when that is not under limit.
func nearness(word, name string, limit int) int {
	apart := max(len(word)-len(name), len(name)-len(word))
	if len(word) < 2 || name == "" || len(word) > longestNear || len(name) > longestNear || 2*apart >= limit {
		return limit
	}
	cost := 2 * changes(word, name)
	if upper(word[0]) != upper(name[0]) {
		cost++
	}
	return cost
}

// changes is the optimal string alignment distance of a and b, the case of
// letters aside. It is asked about every unknown word, so its three rows stay
// on the stack.
func changes(a, b string) int {
	var rows [3][longestNear + 1]int
	before, prev, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		x := upper(a[i])
		for j := range len(b) {
			cost := 1
			y := upper(b[j])
			if x == y {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && x == upper(b[j-1]) && upper(a[i-1]) == y {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

func upper(b byte) byte {
	if b >= 'a' && b <= 'z' {
		return b - 'a' + 'A'
	}
	return b
}
