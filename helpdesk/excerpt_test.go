package helpdesk

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExcerpts(t *testing.T) {
	long := strings.Repeat("avant ", 50) + "le câble rouge est débranché " + strings.Repeat("après ", 50)
	for _, c := range []struct {
		text    string
		phrases []string
		want    string
	}{
		{"Le câble est débranché.", []string{"cable"}, "Le câble est débranché."},
		{"Deux\n\nlignes", []string{"lignes"}, "Deux lignes"},
		{"rien de tel", []string{"cable"}, ""},
		{"", []string{"cable"}, ""},
		{"Les licences sont là", []string{"licence"}, "Les licences sont là"},                                                  // another ending
		{long + "cable cable", []string{"rouge", "debranche"}, "… avant avant avant avant avant le câble rouge est débranché"}, // where most is
		{strings.Repeat("x", 5000) + " câble", []string{"cable"}, "…câble"},
		{"e-mail perdu", []string{"e mail"}, "e-mail perdu"},
	} {
		got := excerpt(c.text, c.phrases)
		if c.want == "" && got != "" || !strings.HasPrefix(strings.ReplaceAll(got, "… ", "…"), strings.ReplaceAll(c.want, "… ", "…")) {
			t.Errorf("%.30q, %q: %q, want %q", c.text, c.phrases, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > excerptLong+1 {
			t.Errorf("%.30q: %d characters", c.text, n)
		}
	}
}
