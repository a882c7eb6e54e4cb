package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// figures are one measurement's results, a round each.
type figures []float64

func (f figures) median() float64 {
	if len(f) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(f))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// over divides round by round: what slowed the machine down for a while slowed both.
func (f figures) over(g figures) (ratios figures) {
	for i := range min(len(f), len(g)) {
		ratios = append(ratios, f[i]/g[i])
	}
	return ratios
}

// String is the median, with the lowest and the highest.
func (f figures) String() string {
	if len(f) == 0 {
		return "not measured"
	}
	if len(f) == 1 {
		return number(f[0])
	}
	return fmt.Sprintf("%s (%s to %s)", number(f.median()), number(slices.Min(f)), number(slices.Max(f)))
}

// number has three digits, or all before the point.
func number(x float64) string {
	switch {
	case x >= 1_000_000:
		n := int(math.Round(x))
		return fmt.Sprintf("%d,%03d,%03d", n/1_000_000, n/1000%1000, n%1000)
	case x >= 1000:
		n := int(math.Round(x))
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// report is what a run found: tables of figures, and the targets.
type report struct {
	began   time.Time
	tables  strings.Builder
	targets [][]string
}

func (r *report) begin() { r.began = time.Now() }

// table adds a table of figures.
func (r *report) table(title string, rows ...[]string) {
	fmt.Fprintf(&r.tables, "\n## %s\n\n", title)
	writeTable(&r.tables, rows)
}

func writeTable(w io.Writer, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
}

// atLeast holds a figure against its targets: the first, and what is to be reached later.
func (r *report) atLeast(what string, got figures, wants ...float64) {
	r.hold(what, got, "at least", "", wants, func(want float64) bool { return got.median() >= want })
}

func (r *report) atMost(what string, got figures, unit string, wants ...float64) {
	r.hold(what, got, "at most", unit, wants, func(want float64) bool { return got.median() <= want })
}

func (r *report) hold(what string, got figures, word, unit string, wants []float64, is func(float64) bool) {
	var want, verdict []string
	for _, w := range wants {
		want = append(want, fmt.Sprintf("%g%s", w, unit))
		v := "met"
		if !is(w) {
			v = "**missed**"
		}
		verdict = append(verdict, v)
	}
	r.targets = append(r.targets, []string{what, word + " " + strings.Join(want, ", then "), got.String() + unit, strings.Join(verdict, ", then ")})
}

// print writes all there is.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "Measured on %s in %s: %s, %d processors, load %s at the end. Medians, with the lowest and the highest round.\n",
		r.began.Format(time.DateOnly), time.Since(r.began).Round(time.Second), processorName(), runtime.NumCPU(), load())
	if len(r.targets) > 0 {
		fmt.Fprint(w, "\n## Targets\n\n")
		writeTable(w, append([][]string{{"what", "target", "measured", ""}}, r.targets...))
	}
	fmt.Fprint(w, r.tables.String())
}

func processorName() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	_, after, _ := strings.Cut(string(b), "model name\t: ")
	name, _, _ := strings.Cut(after, "\n")
	return name
}

func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	one, _, _ := strings.Cut(string(b), " ")
	return one
}
