// Package text holds every word that guichet says, in one catalog per language and subject, and prints them
// with the plurals, dates and durations of that language.
package text

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"guichet/money"
)

//go:embed *.yaml
var catalogs embed.FS

// Languages are those that guichet speaks; the first is the fallback.
var Languages = []string{"en", "fr"}

var localizers = func() map[string]*i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	names, err := fs.Glob(catalogs, "*.yaml") // "license.fr.yaml": of licenses, in French
	for _, name := range names {
		if err == nil {
			_, err = bundle.LoadMessageFileFS(catalogs, name)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("text: catalogs: %v", err)) // embedded: found by any test
	}
	ls := map[string]*i18n.Localizer{}
	for _, l := range Languages {
		ls[l] = i18n.NewLocalizer(bundle, l)
	}
	return ls
}()

// In returns the words of a language, of the fallback where guichet does not speak it.
func In(lang string) Words {
	if _, ok := localizers[lang]; !ok {
		lang = Languages[0]
	}
	return Words{lang}
}

var accepted = language.NewMatcher(func() (tags []language.Tag) {
	for _, l := range Languages {
		tags = append(tags, language.MustParse(l))
	}
	return tags
}())

// Accepted returns the words of the language that a browser asks for (Accept-Language), of the fallback if it asks for
// none that guichet speaks.
func Accepted(header string) Words {
	_, i := language.MatchStrings(accepted, header)
	return Words{Languages[i]}
}

// Words is one language.
type Words struct{ lang string }

// Args fill in the gaps of a text.
type Args map[string]any

// Say returns the text named key. Args "N", where given, chooses the plural. A key that is not
// in the catalog is returned as it is; a test sees to it that there is none.
func (w Words) Say(key string, args ...Args) string {
	c := &i18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		c.TemplateData = args[0]
		c.PluralCount = args[0]["N"]
	}
	s, err := localizers[w.lang].Localize(c)
	if err != nil {
		return key
	}
	return s
}

// Date prints an instant in the language's own order, in a time zone.
func (w Words) Date(t time.Time, in *time.Location) string {
	return t.In(in).Format(w.Say("date.layout"))
}

// Day prints a day of a week or two: "Mon 2".
func (w Words) Day(t time.Time) string {
	return w.Say("date.day", Args{"Weekday": strings.Fields(w.Say("date.weekdays"))[t.Weekday()], "Day": t.Day()})
}

// ShortDate prints a day of a year: "2 Jan".
func (w Words) ShortDate(t time.Time) string { return t.Format(w.Say("date.short")) }

// FullDate prints a day: "2 Jan 2026".
func (w Words) FullDate(t time.Time) string { return t.Format(w.Say("date.full")) }

// Month prints a month of a year: "January 2026". ShortMonth does so where there is little room: "Jan 26".
func (w Words) Month(t time.Time) string {
	return w.Say("date.month", Args{"Month": strings.Fields(w.Say("date.months"))[t.Month()-1], "Year": t.Year()})
}

// ShortMonth: see Month.
func (w Words) ShortMonth(t time.Time) string { return t.Format(w.Say("date.month.short")) }

// Span prints a length of time in its largest unit: "3 days", "5 hours", "20 minutes", "10 seconds".
func (w Words) Span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return w.Say("span.days", Args{"N": int(d / (24 * time.Hour))})
	case d >= 2*time.Hour:
		return w.Say("span.hours", Args{"N": int(d / time.Hour)})
	case d < time.Minute && d > 0:
		return w.Say("span.seconds", Args{"N": int((d + time.Second - 1) / time.Second)})
	default:
		return w.Say("span.minutes", Args{"N": max(1, int(d/time.Minute))})
	}
}

// Length prints a length of time to the minute: "2 h 05 min".
func (w Words) Length(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	if hours == 0 {
		return w.Say("length.minutes", Args{"Minutes": minutes})
	}
	return w.Say("length.hours", Args{"Hours": hours, "Minutes": fmt.Sprintf("%02d", minutes)})
}

// Size prints a number of bytes in its largest unit, with one decimal: "2.1 MB".
func (w Words) Size(bytes int64) string {
	p := message.NewPrinter(language.Make(w.lang))
	switch {
	case bytes >= 1_000_000:
		return w.Say("size.mb", Args{"Size": p.Sprint(number.Decimal(float64(bytes)/1e6, number.MaxFractionDigits(1)))})
	case bytes >= 1_000:
		return w.Say("size.kb", Args{"Size": p.Sprint(number.Decimal(float64(bytes)/1e3, number.MaxFractionDigits(1)))})
	}
	return w.Say("size.b", Args{"N": int(bytes)})
}

// Number prints a whole number as the language parts thousands: "1,000".
func (w Words) Number(n int64) string {
	return message.NewPrinter(language.Make(w.lang)).Sprint(number.Decimal(n))
}

// Money prints an amount as the language writes it: "€1,250.00".
func (w Words) Money(a money.Amount) string { return a.In(w.lang) }

// Rate prints a rate as the language writes it: "5.5%".
func (w Words) Rate(r money.Rate) string {
	return w.Say("rate", Args{"Rate": strings.Replace(r.String(), ".", w.Say("rate.point"), 1)})
}

// Language is "en" or "fr".
func (w Words) Language() string { return w.lang }
