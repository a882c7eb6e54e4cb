// Package chart draws bars as a PNG. It knows what looks well at the size that chats show pictures in, and nothing of
// what the bars are about. A chart is drawn on white whatever its reader's colors are, and says all it says without
// color: every bar has its value beside it, the sorts of bars differ in lightness, and stand in the order of the legend.
package chart

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-analyze/charts"
)

// Picture is one image: panels below each other.
type Picture struct {
	Title  string
	Note   string // below the title, smaller
	Panels []Panel
}

// Panel is a group of bars with one scale.
type Panel struct {
	Title  string
	Labels []string // of the places, each with one bar of every sort
	Sorts  []Sort   // one or two
	Lying  bool     // bars go from left to right, which leaves room for long labels; the first place is on top
	Unit   string   // stands behind each value
	Most   int      // where the scale ends; zero: with the longest bar
}

// Sort is one sort of bars.
type Sort struct {
	Name   string // in the legend, which there is if there are two sorts
	Values []int  // from 0
}

// MostBars is how many places a panel has room for.
const MostBars = 14

// Sizes are in pixels. Chats show a picture at about half its size, so that letters are large here.
const (
	width       = 800
	margin      = 24
	titleHeight = 44
	noteHeight  = 42
	standing    = 340 // height of a panel with standing bars
	lyingHead   = 60  // height of one with lying bars, without these
	legendRow   = 30
	lyingBar    = 26
	lyingGap    = 16

	titleSize = 24
	headSize  = 19
	headRoom  = headSize + 8 // with what hangs below the line
	wordSize  = 16
	leastSize = 9
	between   = 15 // what the library leaves empty from place to place
	// perLetter is how wide a letter is at most on average, as a part of its size.
	perLetter = 0.62
)

// How many letters there is room for.
const (
	longestTitle = 50
	longestNote  = 84
	longestLabel = 30
)

// colors are those of the sorts: dark and middling, so that they differ on a gray screen too, from each other and from white.
var colors = []charts.Color{{R: 23, G: 50, B: 77, A: 255}, {R: 199, G: 119, B: 0, A: 255}}

var (
	ink  = charts.Color{R: 33, G: 33, B: 33, A: 255}
	gray = charts.Color{R: 90, G: 90, B: 90, A: 255}
	line = charts.Color{R: 220, G: 220, B: 220, A: 255}
)

// Draw returns a picture as a PNG. The same picture always gives the same bytes.
func Draw(p Picture) ([]byte, error) {
	height := margin + titleHeight
	if p.Note != "" {
		height += noteHeight
	}
	for _, one := range p.Panels {
		if err := one.check(); err != nil {
			return nil, err
		}
		height += one.height() + margin
	}
	theme := charts.MakeTheme(charts.ThemeOption{BackgroundColor: charts.ColorWhite, AxisStrokeColor: gray, AxisSplitLineColor: line,
		TextColor: ink, SeriesColors: colors})
	font := charts.GetFont(charts.FontFamilyRoboto)
	paper := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: width, Height: height, Font: font, Theme: theme})
	paper.FilledRect(0, 0, width, height, charts.ColorWhite, charts.ColorWhite, 0)
	words := func(s string, y int, size float64, color charts.Color) {
		paper.Text(s, margin, y, 0, charts.FontStyle{FontSize: size, FontColor: color, Font: font})
	}
	y := margin
	words(short(p.Title, longestTitle), y+titleSize, titleSize, ink)
	if y += titleHeight; p.Note != "" {
		words(short(p.Note, longestNote), y+wordSize, wordSize, gray)
		y += noteHeight
	}
	for _, one := range p.Panels {
		words(short(one.Title, longestTitle), y+headSize, headSize, ink)
		box := charts.NewBox(margin, y+headRoom, width-margin, y+one.height())
		if err := paper.Child(charts.PainterBoxOption(box)).BarChart(one.options(theme)); err != nil {
			return nil, fmt.Errorf("chart: %w", err)
		}
		y += one.height() + margin
	}
	b, err := paper.Bytes()
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return b, nil
}

// check refuses what the library would draw in part, or not at all.
func (p Panel) check() error {
	if n := len(p.Sorts); n < 1 || n > len(colors) {
		return fmt.Errorf("chart: %d sorts of bars", n)
	}
	if n := len(p.Labels); n < 1 || n > MostBars {
		return fmt.Errorf("chart: %d places", n)
	}
	for _, s := range p.Sorts {
		if len(s.Values) != len(p.Labels) || slices.Min(s.Values) < 0 {
			return errors.New("chart: as many values from 0 are needed as there are places")
		}
	}
	return nil
}

func (p Panel) height() int {
	if !p.Lying {
		return standing
	}
	h := lyingHead + len(p.Labels)*(len(p.Sorts)*lyingBar+lyingGap)
	if len(p.Sorts) > 1 {
		h += legendRow
	}
	return h
}

// options are those of the library.
func (p Panel) options(theme charts.ColorPalette) charts.BarChartOption {
	value := func(v float64) string { return fmt.Sprint(int(v)) + p.Unit }
	labels, most := slices.Clone(p.Labels), max(1, p.Most)
	var beside []string // what stands at the bars
	var list charts.BarSeriesList
	var names []string
	for _, s := range p.Sorts {
		vs := charts.IntSliceToFloat64(s.Values)
		if p.Lying {
			slices.Reverse(vs) // the library begins at the bottom
		}
		most = max(most, slices.Max(s.Values))
		for _, v := range vs {
			beside = append(beside, value(v))
		}
		names = append(names, " "+s.Name) // off its color
		list = append(list, charts.BarSeries{Name: s.Name, Values: vs})
	}
	for i, l := range labels {
		labels[i] = short(l, longestLabel)
	}
	place, bar, room := float64(width), float64(width), 1.12 // how wide what stands there may be
	if p.Lying {
		slices.Reverse(labels)
		room = 1.2
	} else {
		place = float64(width-2*margin) / float64(len(labels))
		bar = (place - between) / float64(len(p.Sorts))
	}
	for i := range list {
		list[i].Label = charts.SeriesLabel{Show: charts.Ptr(true), ValueFormatter: value, FontStyle: sized(beside, bar)}
	}
	opt := charts.NewBarChartOptionWithSeries(list)
	opt.Theme = theme
	opt.Horizontal = p.Lying
	opt.Padding = charts.NewBox(0, 4, 0, 0)
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: labels, LabelFontStyle: sized(labels, place-4),
		LabelCount: len(labels)} // every one, or else the library leaves some out
	// The values stand at the bars: a scale would say it again. A part of it is left for what stands beside the longest.
	opt.ValueAxis = []charts.ValueAxisOption{{Show: charts.Ptr(false), Min: charts.Ptr(0.0), Max: charts.Ptr(float64(most) * room)}}
	opt.Legend = charts.LegendOption{Show: charts.Ptr(len(names) > 1), SeriesNames: names, FontStyle: sized(nil, 0), Symbol: charts.SymbolSquare,
		Offset: charts.OffsetStr{Left: charts.PositionRight}}
	return opt
}

// sized is a style of letters in which the longest of some words take no more than so much room.
func sized(words []string, room float64) charts.FontStyle {
	size := float64(wordSize)
	for _, w := range words {
		size = min(size, (room-2)/(perLetter*float64(len([]rune(w)))))
	}
	return charts.FontStyle{FontSize: max(leastSize, size), FontColor: ink}
}

// short are words for which there is room for so many letters.
func short(words string, most int) string {
	r := []rune(words)
	if len(r) <= most {
		return words
	}
	return string(r[:most-1]) + "…"
}
