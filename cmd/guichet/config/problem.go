package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Problem is one thing that is wrong, and what to do about it. It never repeats a value: a value in the wrong
// place may be a secret.
type Problem struct {
	File string // as given to Load; empty for what comes from the environment
	Line int    // 1 is the first; 0 when the file as a whole, or a variable, is at fault
	Path string // such as queues[0].channel, or a variable's name; empty for the file as a whole
	Text string
}

func (p Problem) String() string {
	parts := []string{p.File, p.Path, p.Text}
	if p.File != "" && p.Line > 0 {
		parts[0] = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// Problems is the error of Load: everything that is wrong, in the file's order, then the environment's.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	place := func(p Problem) int {
		if p.File == "" {
			return math.MaxInt
		}
		return p.Line
	}
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(place(a), place(b)) })
}
