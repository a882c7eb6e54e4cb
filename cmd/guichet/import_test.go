package main_test

import (
	"os"
	"strings"
	"testing"
)

func TestImportOfLicenses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", someSlack(t, `{"ok":false}`))
	s.change("- {key: office}", "- {key: office, licenses: [{key: basic}]}")
	file := func(text string) {
		t.Helper()
		if err := os.WriteFile(s.path("estates.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runs := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := s.run(append([]string{"import", "licenses", "estates.csv"}, args...)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("import %v ends with %d: %s%s", args, got, stdout, stderr)
		}
	}
	head := "organization,license,ordered,activated,assigned\n"
	file(head + "acme,basic,12,10,7\n")
	runs(0, "acme          basic    12       10         7\nto be taken in: 1. There already: 0.\n", "--dry-run")
	runs(0, "taken in: 1. There already: 0.\n")
	runs(0, "taken in: 0. There already: 1.\n")
	file(head + "acme,basic,13,10,7\nacme,gold,1,1,1\n")
	runs(1, "nothing was taken in:\nline 3: names the license \"gold\"")
	file(head + "acme,basic,13,10,7\n")
	runs(1, "line 2: acme has 12 ordered", "--dry-run")
	if err := os.Remove(s.path("estates.csv")); err != nil {
		t.Fatal(err)
	}
	runs(2, "estates.csv")
}
