package chart_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-analyze/charts"

	"guichet/bot/chart"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

// week has all that a picture may have.
func week() chart.Picture {
	return chart.Picture{Title: "Support : tickets ouverts et résolus", Note: "Du 16/11/2026 08:00 au 23/11/2026 08:00", Panels: []chart.Panel{
		{Title: "Par jour", Labels: []string{"lun. 16", "mar. 17", "mer. 18", "jeu. 19", "ven. 20", "sam. 21", "dim. 22", "lun. 23"},
			Sorts: []chart.Sort{{Name: "Ouverts", Values: []int{12, 15, 9, 0, 20, 1, 0, 3}}, {Name: "Résolus", Values: []int{8, 14, 12, 10, 17, 0, 0, 2}}}},
		{Title: "Dans les délais", Lying: true, Most: 100, Unit: " %", Labels: []string{"Première réponse (46 sur 50)", "Résolution (50 sur 50)"},
			Sorts: []chart.Sort{{Name: "Part", Values: []int{92, 100}}}},
		{Title: "Par service", Lying: true, Labels: []string{"Office", "Stockage et partage de très grands fichiers"},
			Sorts: []chart.Sort{{Name: "Ouverts", Values: []int{30, 20}}, {Name: "Résolus", Values: []int{33, 20}}}},
	}}
}

func draw(t *testing.T, p chart.Picture) image.Image {
	t.Helper()
	b, err := chart.Draw(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 100_000 {
		t.Errorf("%d bytes", len(b))
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// What is drawn looks as it did when somebody last looked at it: testdata/*.png. (Processors round in different ways.)
func TestPicturesLookAsTheyDid(t *testing.T) {
	t.Parallel()
	busy := chart.Panel{Title: "Par semaine", Sorts: []chart.Sort{{Name: "Ouverts"}, {Name: "Résolus"}}}
	for i := range chart.MostBars {
		busy.Labels = append(busy.Labels, "28 déc.")
		busy.Sorts[0].Values = append(busy.Sorts[0].Values, 100+7*i)
		busy.Sorts[1].Values = append(busy.Sorts[1].Values, 200-9*i)
	}
	none := chart.Panel{Title: "Nothing at all", Labels: []string{"one"}, Sorts: []chart.Sort{{Values: []int{0}}}}
	lying := none
	lying.Lying = true
	for name, p := range map[string]chart.Picture{"week": week(), "edges": {Title: "Trop long : " + string(bytes.Repeat([]byte("long "), 20)),
		Panels: []chart.Panel{busy, none, lying}}} {
		img, file := draw(t, p), filepath.Join("testdata", name+".png")
		if *update {
			b, _ := chart.Draw(p)
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds() != want.Bounds() {
			t.Fatalf("%s: %v, not %v", name, img.Bounds(), want.Bounds())
		}
		differs := 0
		for y := range want.Bounds().Dy() {
			for x := range want.Bounds().Dx() {
				if img.At(x, y) != want.At(x, y) && math.Abs(light(img.At(x, y))-light(want.At(x, y))) > 0.2 {
					differs++
				}
			}
		}
		if differs > 200 {
			t.Errorf("%s: %d pixels are not as they were; if they should not be, go test ./bot/chart -update", name, differs)
		}
	}
}

// light is how light a color is, from 0 to 1 (WCAG's relative luminance).
func light(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// Whoever sees no colors, or reads on black, sees as much: nothing shines through, and the sorts of bars differ
// in lightness from each other and from the paper, three to one.
func TestNobodyNeedsColors(t *testing.T) {
	t.Parallel()
	img := draw(t, week())
	seen := map[color.Color]int{}
	for y := 0; y < img.Bounds().Dy(); y += 2 {
		for x := 0; x < img.Bounds().Dx(); x += 2 {
			c := img.At(x, y)
			if _, _, _, a := c.RGBA(); a != 0xffff {
				t.Fatalf("something shines through at %d, %d", x, y)
			}
			seen[c]++
		}
	}
	var areas []float64 // of colors that cover more than letters do
	for c, n := range seen {
		if n > 5_000 {
			areas = append(areas, light(c))
		}
	}
	if len(areas) != 3 {
		t.Fatalf("%d colors cover areas: not paper and two sorts of bars", len(areas))
	}
	for i, a := range areas {
		for _, b := range areas[:i] {
			if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 3 {
				t.Errorf("two areas differ by %.1f to 1", contrast)
			}
		}
	}
}

// The letters of both languages are among those of the font.
func TestLettersAreThere(t *testing.T) {
	font := charts.GetFont(charts.FontFamilyRoboto)
	for _, r := range "àâæçéèêëîïôœùûüÿÀÂÇÉÈÊËÎÏÔŒÙÛ’“”«»…·–—%€ \u00a0\u202f" {
		if font.Index(r) == 0 {
			t.Errorf("no %q", r)
		}
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	fine := chart.Panel{Labels: []string{"a"}, Sorts: []chart.Sort{{Values: []int{1}}}}
	for name, change := range map[string]func(*chart.Panel){
		"no bars":         func(p *chart.Panel) { p.Sorts = nil },
		"too many sorts":  func(p *chart.Panel) { p.Sorts = make([]chart.Sort, 3) },
		"no places":       func(p *chart.Panel) { p.Labels = nil },
		"too many places": func(p *chart.Panel) { p.Labels = make([]string, chart.MostBars+1) },
		"a value too few": func(p *chart.Panel) { p.Labels = []string{"a", "b"} },
		"less than none":  func(p *chart.Panel) { p.Sorts = []chart.Sort{{Values: []int{-1}}} },
	} {
		p := fine
		change(&p)
		if b, err := chart.Draw(chart.Picture{Panels: []chart.Panel{p}}); err == nil {
			t.Errorf("%s: %d bytes", name, len(b))
		}
	}
	once, err := chart.Draw(chart.Picture{Panels: []chart.Panel{fine}})
	twice, _ := chart.Draw(chart.Picture{Panels: []chart.Panel{fine}})
	if err != nil || !bytes.Equal(once, twice) {
		t.Errorf("drawn again it is another, or %v", err)
	}
}
