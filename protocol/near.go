package protocol

import "strings"

// Nearest finds the name that was probably meant by a mistyped word: the one
// fewest changes away, a swap of neighbours counting as one, and at most a
// third of the word (but one is always allowed). Of equals the one with the
// same first letter wins, then the earlier. It returns "" when none is near.
func Nearest(word string, names []string) string {
	word = strings.ToUpper(word)
	best, bestCost := "", 2+2*max(1, len(word)/3)
	if len(word) < 2 || len(word) > 64 {
		return ""
	}
	for _, name := range names {
		upper := strings.ToUpper(name)
		cost := 2 * changes(word, upper)
		if upper != "" && upper[0] != word[0] {
			cost++
		}
		if cost < bestCost {
			best, bestCost = name, cost
		}
	}
	return best
}

// changes is the optimal string alignment distance of a and b.
func changes(a, b string) int {
	var before []int
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
