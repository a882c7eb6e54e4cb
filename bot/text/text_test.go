package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v4"

	"guichet/bot/text"
)

// forms are the wordings of one text, by plural form; a text without plurals has only "other".
type forms map[string]string

// gap is what Args fill in.
var gap = regexp.MustCompile(`\{\{[^}]*\}\}`)

// catalog reads a language's files as go-i18n does, by key.
func catalog(t *testing.T, lang string) map[string]forms {
	t.Helper()
	names, err := filepath.Glob("*" + lang + ".yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(lang, names, err)
	}
	texts := map[string]forms{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := i18n.ParseMessageFileBytes(raw, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
		if err != nil {
			t.Fatal(name, err)
		}
		for _, m := range file.Messages {
			if _, twice := texts[m.ID]; twice {
				t.Errorf("%s: %s is in another catalog too", name, m.ID)
			}
			texts[m.ID] = forms{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
			maps.DeleteFunc(texts[m.ID], func(_, s string) bool { return s == "" })
		}
	}
	return texts
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// gaps are the distinct gaps of a wording, in the order of the alphabet.
func gaps(s string) []string {
	found := gap.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCatalogsHaveTheSameKeysAndGaps(t *testing.T) {
	english := catalog(t, text.Languages[0])
	for _, lang := range text.Languages {
		texts := catalog(t, lang)
		for _, key := range sortedKeys(english) {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: %s is missing", lang, key)
			}
		}
		for _, key := range sortedKeys(texts) {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s is not in the English catalog", lang, key)
				continue
			}
			want := gaps(english[key]["other"])
			for _, form := range sortedKeys(texts[key]) {
				if got := gaps(texts[key][form]); !slices.Equal(got, want) {
					t.Errorf("%s: %s (%s) has the gaps %v, English has %v", lang, key, form, got, want)
				}
			}
		}
	}
}

// Say answers with the bare key where a count falls into a plural form that has no wording.
func TestEveryCountHasItsWording(t *testing.T) {
	for _, lang := range text.Languages {
		texts := catalog(t, lang)
		for _, key := range sortedKeys(texts) {
			if !slices.Contains(gaps(texts[key]["other"]), "{{.N}}") {
				continue
			}
			for _, n := range []int{0, 1, 2, 1_000_000} { // a million is "many" in French
				if got := text.In(lang).Say(key, text.Args{"N": n}); got == key {
					t.Errorf("%s: %s has no wording for %d", lang, key, n)
				}
			}
		}
	}
}

// keyLike is a key, or a key with * for what only the running program knows. One without a dot
// could be any word, so those are only ever looked for as whole literals.
var keyLike = regexp.MustCompile(`^[a-z_]+\.[a-z_.*]+$`)

// pattern writes a Go expression as a glob: "state."+x is state.*
func pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return pattern(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return pattern(e.X) + pattern(e.Y)
		}
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return s
		}
	}
	return "*"
}

// keysInCode reads all of bot/ except tests. said is what is handed to Say (or to a helper named
// say), with where that is; mentioned is every literal or concatenation at all, which includes
// tables of keys and prefixes that are handed on.
func keysInCode(t *testing.T) (said map[string]token.Position, mentioned map[string]bool) {
	t.Helper()
	said, mentioned = map[string]token.Position{}, map[string]bool{}
	files := token.NewFileSet()
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || !strings.EqualFold(f.Sel.Name, "say") || len(n.Args) == 0 {
				break
			}
			if p := pattern(n.Args[0]); keyLike.MatchString(p) {
				said[p] = files.Position(n.Pos())
			}
		case *ast.BinaryExpr:
			if p := pattern(n); keyLike.MatchString(p) {
				mentioned[p] = true
				return false // its parts are no keys of their own: "form." would stand for every form
			}
		case *ast.BasicLit:
			p := pattern(n)
			if strings.HasSuffix(p, ".") {
				p += "*" // a prefix on its way to where it is completed
			}
			mentioned[p] = true
		}
		return true
	}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, visit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said, mentioned
}

func TestCodeAndCatalogAgree(t *testing.T) {
	keys := sortedKeys(catalog(t, text.Languages[0]))
	said, mentioned := keysInCode(t)
	matches := func(p, key string) bool { // some literals in the code are no patterns at all
		ok, err := path.Match(p, key)
		return p == key || err == nil && ok && keyLike.MatchString(p)
	}
	for _, p := range sortedKeys(said) {
		if !slices.ContainsFunc(keys, func(key string) bool { return matches(p, key) }) {
			t.Errorf("%s: no key is %s", said[p], p)
		}
	}
	for _, key := range keys {
		used := false
		for p := range mentioned {
			used = used || matches(p, key)
		}
		if !used {
			t.Errorf("nothing under bot/ uses %s", key)
		}
	}
}

// wrongs are slips of typography, by language.
var wrongs = map[string][]struct {
	slip *regexp.Regexp
	why  string
}{
	"en": {
		{regexp.MustCompile(`"`), "quotes are “ and ”"},
	},
	"fr": {
		{regexp.MustCompile(`(^|[^\x{00A0}]):`), "before : stands U+00A0"},
		{regexp.MustCompile(`(^|[^\x{202F}])[;?!»]`), "before ; ? ! » stands U+202F"},
		{regexp.MustCompile(`«($|[^\x{202F}])`), "after « stands U+202F"},
		{regexp.MustCompile(`["“”]`), "quotes are « and »"},
		{regexp.MustCompile(`'`), "the apostrophe is ’"},
		{regexp.MustCompile(`[\pL\pN][\s\p{Zs}]+…`), "no space stands before …"},
		{regexp.MustCompile(`\.\.\.`), "three dots are …"},
	},
}

// notProse is what typography does not apply to: gaps, addresses, times of day, and words that agents type in a thread.
var notProse = regexp.MustCompile(gap.String() + `|https?://\S+|\d+:\d+|\?\pL+`)

func TestTypography(t *testing.T) {
	for _, lang := range text.Languages {
		for key, wordings := range catalog(t, lang) {
			for form, wording := range wordings {
				prose := notProse.ReplaceAllString(wording, "X") // a letter, so that what is beside it still counts
				for _, w := range wrongs[lang] {
					if w.slip.MatchString(prose) {
						t.Errorf("%s: %s (%s): %s: %q", lang, key, form, w.why, wording)
					}
				}
			}
		}
	}
}

func TestPlurals(t *testing.T) {
	const nb = "\u00a0" // French keeps the number and its word on one line
	for _, tt := range []struct {
		lang, key string
		n         int
		want      string
	}{
		{"en", "span.minutes", 0, "0 minutes"},
		{"en", "span.minutes", 1, "1 minute"},
		{"en", "span.minutes", 2, "2 minutes"},
		{"en", "span.hours", 0, "0 hours"},
		{"en", "span.hours", 1, "1 hour"},
		{"en", "span.hours", 2, "2 hours"},
		{"en", "span.days", 0, "0 days"},
		{"en", "span.days", 1, "1 day"},
		{"en", "span.days", 2, "2 days"},
		{"fr", "span.minutes", 0, "0" + nb + "minute"},
		{"fr", "span.minutes", 1, "1" + nb + "minute"},
		{"fr", "span.minutes", 2, "2" + nb + "minutes"},
		{"fr", "span.hours", 0, "0" + nb + "heure"},
		{"fr", "span.hours", 1, "1" + nb + "heure"},
		{"fr", "span.hours", 2, "2" + nb + "heures"},
		{"fr", "span.days", 0, "0" + nb + "jour"},
		{"fr", "span.days", 1, "1" + nb + "jour"},
		{"fr", "span.days", 2, "2" + nb + "jours"},
		{"fr", "span.days", 1_000_000, "1000000" + nb + "jours"},
	} {
		if got := text.In(tt.lang).Say(tt.key, text.Args{"N": tt.n}); got != tt.want {
			t.Errorf("%s: %s of %d is %q, want %q", tt.lang, tt.key, tt.n, got, tt.want)
		}
	}
}

// Slack refuses a form or a card whose title or button is too long, so a text that grows must
// not get as far as Slack.
func TestTextsFit(t *testing.T) {
	for _, lang := range text.Languages {
		for key := range catalog(t, lang) {
			said := text.In(lang).Say(key, text.Args{"Ticket": "#9999999"})
			title, _ := path.Match("form.*.title", key)
			submit := key == "form.send" || key == "form.continue" || key == "form.cancel"
			if (title || submit) && len(said) > 24 {
				t.Errorf("%s: %s has %d bytes, 24 at most: %q", lang, key, len(said), said)
			}
			if n := utf8.RuneCountInString(said); strings.HasPrefix(key, "button.") && n > 75 {
				t.Errorf("%s: %s has %d characters, 75 at most: %q", lang, key, n, said)
			}
		}
	}
}

func TestDate(t *testing.T) {
	paris := time.FixedZone("CET", 3600)
	newYear := time.Date(2026, 12, 31, 23, 5, 0, 0, time.UTC)
	for _, tt := range []struct {
		lang string
		in   *time.Location
		want string
	}{
		{"en", time.UTC, "31 Dec 2026, 23:05"},
		{"en", paris, "1 Jan 2027, 00:05"},
		{"fr", time.UTC, "31/12/2026 23:05"},
		{"fr", paris, "01/01/2027 00:05"},
	} {
		if got := text.In(tt.lang).Date(newYear, tt.in); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.lang, tt.in, got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		d      time.Duration
		en, fr string
	}{
		{-time.Hour, "1 minute", "1\u00a0minute"}, // two clocks need not agree
		{0, "1 minute", "1\u00a0minute"},
		{119 * time.Second, "1 minute", "1\u00a0minute"},
		{time.Millisecond, "1 second", "1\u00a0seconde"},
		{9500 * time.Millisecond, "10 seconds", "10\u00a0secondes"},
		{2 * time.Minute, "2 minutes", "2\u00a0minutes"},
		{2*time.Hour - 1, "119 minutes", "119\u00a0minutes"},
		{2 * time.Hour, "2 hours", "2\u00a0heures"},
		{48*time.Hour - 1, "47 hours", "47\u00a0heures"},
		{48 * time.Hour, "2 days", "2\u00a0jours"},
		{14*24*time.Hour + 23*time.Hour, "14 days", "14\u00a0jours"},
	} {
		if got := text.In("en").Span(tt.d); got != tt.en {
			t.Errorf("en: %s is %q, want %q", tt.d, got, tt.en)
		}
		if got := text.In("fr").Span(tt.d); got != tt.fr {
			t.Errorf("fr: %s is %q, want %q", tt.d, got, tt.fr)
		}
	}
}

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		bytes  int64
		en, fr string
	}{
		{0, "0 bytes", "0\u00a0octet"}, {1, "1 byte", "1\u00a0octet"}, {2, "2 bytes", "2\u00a0octets"}, {999, "999 bytes", "999\u00a0octets"},
		{1_000, "1 kB", "1\u00a0ko"}, {2_140, "2.1 kB", "2,1\u00a0ko"}, {25_000_000, "25 MB", "25\u00a0Mo"}, {2_160_000, "2.2 MB", "2,2\u00a0Mo"},
		{1_234_500_000, "1,234.5 MB", "1\u00a0234,5\u00a0Mo"},
	} {
		if got := text.In("en").Size(tt.bytes); got != tt.en {
			t.Errorf("%d bytes are %q, want %q", tt.bytes, got, tt.en)
		}
		if got := text.In("fr").Size(tt.bytes); got != tt.fr {
			t.Errorf("%d octets font %q, et non %q", tt.bytes, got, tt.fr)
		}
	}
}

func TestUnknownLanguageIsEnglish(t *testing.T) {
	for _, lang := range []string{"", "de", "fr_FR", "../en"} {
		if got, want := text.In(lang).Say("state.new"), text.In("en").Say("state.new"); got != want {
			t.Errorf("%q says %q, want %q", lang, got, want)
		}
	}
}

func TestUnknownKeyIsSaidAsItIs(t *testing.T) {
	for _, lang := range text.Languages {
		if got := text.In(lang).Say("no.such.key"); got != "no.such.key" {
			t.Errorf("%s: %q", lang, got)
		}
	}
}
