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

func TestImportOfInvoices(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", someSlack(t, `{"ok":false}`))
	s.change("{key: acme, managers", "{key: acme, billing_accounts: [A1], managers")
	if err := os.Mkdir(s.path("in"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(s.path("in/"+name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runs := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := s.run(append([]string{"import", "invoices"}, args...)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("import %v ends with %d: %s%s", args, got, stdout, stderr)
		}
	}
	runs(2, "--dir", "--dry-run")
	runs(2, "nowhere", "--dir", "nowhere")
	runs(1, "nothing was taken in:\ninvoices.csv: is not there\nlines.csv: is not there", "--dir", "in")
	file("invoices.csv", "number,account,date,due,currency,net,vat,gross\nF-1,A1,2026-10-31,2026-11-30,EUR,67.20,20:13.44,80.64\n")
	file("lines.csv", "invoice,service,centre,quantity,unit_price,period,vat_rate,net\nF-1,office,CF-1,12,5.60,2026-10,20,67.21\n")
	file("F-1.pdf", "%PDF-1.4 it")
	runs(1, "nothing was taken in:\nlines.csv: line 2: has 67.21 in net: 12 times 5.60 is 67.20", "--dir", "in")
	file("lines.csv", "invoice,service,centre,quantity,unit_price,period,vat_rate,net\nF-1,office,CF-1,12,5.60,2026-10,20,67.20\n")
	runs(0, "F-1      acme          2026-10-31  80.64  EUR\nto be taken in: 1. There already: 0.\n", "--dir", "in", "--dry-run")
	runs(0, "F-1      acme          2026-10-31  80.64  EUR\ntaken in: 1. There already: 0.\n", "--dir", "in")
	runs(0, "taken in: 0. There already: 1.\n", "--dir", "in")
	file("F-1.pdf", "%PDF-1.4 another")
	runs(1, "F-1, with another PDF", "--dir", "in", "--dry-run")
	if err := os.Remove(s.path("in/F-1.pdf")); err != nil {
		t.Fatal(err)
	}
	file("../secret", "%PDF-1.4 secret")
	if err := os.Symlink(s.path("secret"), s.path("in/F-1.pdf")); err != nil {
		t.Fatal(err)
	}
	runs(1, "line 2: has no PDF", "--dir", "in")
	s.change("services:", "files: {off: true}\nservices:")
	runs(1, "the configuration turns files off", "--dir", "in")
}
