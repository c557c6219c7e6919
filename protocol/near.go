package protocol

import "math/bits"

// Nearest finds the name that was probably meant by a mistyped word: the one
// fewest changes away, a swap of neighbours counting as one, and at most a
// third of the word (but one is always allowed). Of equals the one with the
// same first letter wins, then the earlier. It returns "" when none is near.
// It allocates nothing, for a file may have a million misspelt lines.
func Nearest(word string, names []string) string {
	best := ""
	n := begin(word)
	for _, name := range names {
		if n.nearer(name) {
			best = name
		}
	}
	return best
}

// nearestVerb is Nearest of the command table; nil when none is near.
func nearestVerb(word string) (verb *Verb) {
	n := begin(word)
	for i := range Verbs {
		if n.nearer(Verbs[i].Name) {
			verb = &Verbs[i]
		}
	}
	return verb
}

// nearness is a search for the name that is nearest to a word. Its zero value
// finds nothing.
type nearness struct {
	buffer [longestName]byte
	length int
	signs  uint64
	best   int // what the next one must stay under: twice the changes, and one more where first letters differ
}

func begin(word string) (n nearness) {
	if len(word) >= 2 && len(word) <= longestName {
		n.length, n.best = len(upperInto(&n.buffer, word)), 2+2*max(1, len(word)/3)
		n.signs = signs(n.buffer[:n.length])
	}
	return n
}

// nearer reports whether name is nearer than all before it.
func (n *nearness) nearer(name string) bool {
	if name == "" || len(name) > longestName || n.length == 0 {
		return false
	}
	var other [longestName]byte
	meant := upperInto(&other, name)
	worse := 0
	if meant[0] != n.buffer[0] {
		worse = 1
	}
	most := (n.best - 1 - worse) / 2 // more changes than these cannot win
	if own := signs(meant); bits.OnesCount64(own&^n.signs) > most || bits.OnesCount64(n.signs&^own) > most {
		return false // each change brings in one sign at the most, and takes one away
	}
	changed := changes(n.buffer[:n.length], meant, most)
	if changed > most {
		return false
	}
	n.best = 2*changed + worse
	return true
}

// longestName is how many octets of a word are compared; no name has as many.
const longestName = 64

// signs has a bit for each sign that stands in s. Two signs may share one,
// which hides a difference and never makes one.
func signs(s []byte) (set uint64) {
	for _, c := range s {
		set |= 1 << (c & 63)
	}
	return set
}

func upperInto(buffer *[longestName]byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		buffer[i] = c
	}
	return buffer[:len(s)]
}

// changes is the optimal string alignment distance of a and b, and more than
// most for any that is larger than it. Only the band of the table in which most
// changes can lead from corner to corner is filled.
func changes(a, b []byte, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][longestName + 2]uint8 // small, for it is cleared for each of the names
	before, prev, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = uint8(j)
	}
	for i := range a {
		from, to := max(0, i-most), min(len(b)-1, i+most)
		if from == 0 {
			row[0] = uint8(i + 1)
		} else {
			row[from] = uint8(most + 1) // outside the band
		}
		least := int(row[from])
		for j := from; j <= to; j++ {
			above := int(prev[j+1])
			if j == i+most {
				above = most + 1 // the row above ended here
			}
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			n := min(above+1, int(row[j])+1, int(prev[j])+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				n = min(n, int(before[j-1])+1)
			}
			row[j+1] = uint8(n)
			least = min(least, n)
		}
		if least > most+1 { // not even a swap, which counts from the row before, brings it back
			return most + 1
		}
		before, prev, row = prev, row, before
	}
	return int(prev[len(b)])
}
