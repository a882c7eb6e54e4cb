package helpdesk

// Nearest returns the candidate that a mistyped word most likely meant, empty when none is near.
func Nearest(typed string, candidates []string) string {
	best, bestDistance := "", 3 // two slips at most
	for _, c := range candidates {
		if d := distance([]rune(typed), []rune(c)); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace to turn a into b (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
