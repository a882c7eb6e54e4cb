package store_test

import (
	"strings"
	"testing"

	"guichet/store"
)

// Whatever its accents, case, formatting or ending, in French or English, a word is the same.
func TestStems(t *testing.T) {
	for _, same := range []string{"licence licences LICENCE", "écran Écrans ECRAN e\u0301cran", "imprimante imprimantes", "printer printers Printer's",
		"crash crashes crashed crashing", "cœur coeur COEURS", "installer installé installation", "un\u2060*b\u2060*roken unbroken", "ordinateur ordinateurs"} {
		words := strings.Fields(same)
		for _, w := range words[1:] {
			if got, want := strings.Fields(store.Stems(w))[0], store.Stems(words[0]); got != want {
				t.Errorf("%q is %q, %q is %q", w, got, words[0], want)
			}
		}
	}
	for _, apart := range []string{"port portail", "note notice", "facture facteur", "server service", "vpn vps"} {
		a, b, _ := strings.Cut(apart, " ")
		if store.Stems(a) == store.Stems(b) {
			t.Errorf("%q and %q are both %q", a, b, store.Stems(a))
		}
	}
	if got := store.Stems("\u2060[https://acme.example\u2060|notre\u2060]\u2060-1\u2060.page (v2) — 😀"); got != "http acm exampl notr 1 pag v2" {
		t.Errorf("a link and a list are %q", got)
	}
	for _, none := range []string{"", " ", "😀 ´ ` \u0301 «» ...", "\xff\xfe"} {
		if got := store.Stems(none); got != "" {
			t.Errorf("%q is %q", none, got)
		}
	}
	if a, b := store.Stems(strings.Repeat("é", 3000)), store.Stems(strings.Repeat("E", 4000)); a != b || len(a) > 100 {
		t.Errorf("long words are %d and %d bytes", len(a), len(b))
	}
	if n := len(store.Stems(strings.Repeat("longueur ", 1_000_000))); n > 200_000 {
		t.Errorf("a huge text has %d bytes of words", n)
	}
}
