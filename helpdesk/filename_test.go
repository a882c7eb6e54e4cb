package helpdesk

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSafeName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"bilan.xlsx", "bilan.xlsx"},
		{"Bilan été 2026 🎉.xlsx", "Bilan été 2026 🎉.xlsx"},
		{"👩\u200d💻.png", "👩\u200d💻.png"},
		{"../../etc/passwd", "_.._etc_passwd"},
		{`C:\Windows\a.txt`, "C__Windows_a.txt"},
		{".bashrc", "bashrc"},
		{"...", "file"},
		{"", "file"},
		{" \t\n", "file"},
		{"a\x00b\r\nc.txt", "ab  c.txt"},
		{"photo\u202egnp.exe", "photognp.exe"},
		{"a\u200b.txt", "a.txt"},
		{"setup.exe. .", "setup.exe"},
		{"con", "_con"},
		{"NUL.txt", "_NUL.txt"},
		{"nul .txt", "_nul .txt"},
		{"console.txt", "console.txt"},
		{"bad\xff.txt", "bad_.txt"},
		{strings.Repeat("x", 200) + ".pdf", strings.Repeat("x", 146) + ".pdf"},
		{strings.Repeat("é", 100) + ".pdf", strings.Repeat("é", 73) + ".pdf"},
		{"a." + strings.Repeat("b", 200), "a." + strings.Repeat("b", 148)},
	} {
		if got := SafeName(c.name); got != c.want {
			t.Errorf("SafeName(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"", "a.txt", "../..", "con", ".\u202e.", "con." + strings.Repeat("é", 90), strings.Repeat(" .", 99) + "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := SafeName(s)
		switch {
		case got == "" || len(got) > longestName || !utf8.ValidString(got):
			t.Errorf("%q became %q", s, got)
		case strings.ContainsAny(got, `/\:*?"<>|`) || strings.ContainsFunc(got, unicode.IsControl):
			t.Errorf("%q keeps what it must not in %q", s, got)
		case strings.Trim(got, ". ") != got:
			t.Errorf("%q begins or ends badly in %q", s, got)
		case SafeName(got) != got:
			t.Errorf("%q is made safe twice: %q, %q", s, got, SafeName(got))
		}
	})
}
