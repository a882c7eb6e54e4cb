package letter

import (
	"strings"
	"testing"
)

// What programs add below the words, and what people write that looks like it.
func TestSentFrom(t *testing.T) {
	for line, cut := range map[string]bool{
		"Sent from my iPhone":                           true,
		"Sent from my Galaxy S24":                       true,
		"Sent from Outlook for iOS":                     true,
		"Get Outlook for Android":                       true,
		"Get Outlook for iOS<https://aka.ms/o0ukef>":    true,
		"Sent from Mail for Windows":                    true,
		"Sent from Yahoo Mail on Android":               true,
		"Sent with Proton Mail secure email.":           true,
		"Envoyé de mon iPhone":                          true,
		"Envoyé de mon iPad.":                           true,
		"Envoyé depuis mon appareil Galaxy":             true,
		"Envoyé à partir de Outlook pour iOS":           true,
		"Envoyé depuis l'application Mail Orange":       true,
		"Envoyé de mon mobile Orange":                   true,
		"Télécharger Outlook pour Android":              true,
		"Obtenez Outlook pour iOS":                      true,
		"Provenance : Courrier pour Windows":            true,
		"Von meinem iPhone gesendet":                    true,
		"Sent from the warehouse, three boxes":          false,
		"Envoyé de Lyon hier soir":                      false,
		"It was sent from my iPhone, is that a problem": false,
		"Get well soon":                                 false,
	} {
		got := words("Words.\n\n"+line, false) == "Words."
		if got != cut {
			t.Errorf("%q: cut is %v", line, got)
		}
	}
}

// Ways to say who wrote what follows, each above quoted lines; and sentences that are none.
func TestAttributions(t *testing.T) {
	for line, cut := range map[string]bool{
		"On Mon, May 4, 2026 at 9:58 AM Desk <desk@example.org> wrote:":        true,
		"On 04/05/2026 09:58, Desk wrote:":                                     true,
		"On 2026-05-04 09:58, desk@example.org wrote:":                         true,
		"On Mon, 4 May 2026, a very long\nname <desk@example.org>\nwrote:":     true,
		"Le lun. 4 mai 2026 à 09:58, Desk <desk@example.org> a écrit :":        true,
		"Le 04/05/2026 à 09:58, Desk a\nécrit\u00a0:":                          true,
		"Le 4 mai 2026 à 09:58 +0200, Desk <desk@example.org>, a écrit\u202f:": true,
		"Desk <desk@example.org> wrote:":                                       true,
		"Desk <desk@example.org> a écrit :":                                    true,
		"desk@example.org a écrit le 04/05/2026 09:58 :":                       true,
		"2026-05-04 9:58 GMT+02:00 Desk <desk@example.org>:":                   true,
		"Am 04.05.26 um 09:58 schrieb Desk:":                                   true,
		"El lun, 4 may 2026 a las 9:58, Desk (<desk@example.org>) escribió:":   true,
		"Il giorno lun 4 mag 2026 alle ore 09:58 Desk <d@e.org> ha scritto:":   true,
		"Op ma 4 mei 2026 om 09:58 schreef Desk <desk@example.org>:":           true,
		"Em seg., 4 de mai. de 2026 às 09:58, Desk <d@e.org> escreveu:":        true,
		"-----Original Message-----\nFrom: Desk\nSent: Monday\nTo: Ann":        true,
		"The error since 10:30 is:":                                            false,
		"This is what the screen says:":                                        false,
		"My address is ann@example.com and yours:":                             false,
	} {
		text := "Words.\n\n" + line + "\n\n> Quoted.\n> More."
		want := "Words."
		if !cut {
			want += "\n\n" + line
		}
		if got := words(text, false); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func TestMarkerLine(t *testing.T) {
	for _, lang := range []string{"en", "fr", "fr-CA", "de"} {
		for _, back := range []string{"%", "> %", "> > %", "*%*", "  %  "} {
			text := "Words.\n\n" + strings.Replace(back, "%", MarkerLine(lang), 1) + "\n\nHistory."
			if back[0] == '>' {
				text = strings.Replace(text, "History", "> History", 1)
			}
			if got := words(text, false); got != "Words." {
				t.Errorf("%s: %q", text, got)
			}
		}
	}
	// A mail that is passed on with our marker in it still has its words above it.
	if got := words("Words.\n\n"+MarkerLine("fr")+"\nHistory", true); got != "Words.\n\n"+MarkerLine("fr")+"\nHistory" {
		t.Errorf("what was passed on is cut: %q", got)
	}
}

// Exchange Online does not say which server it is.
func TestVerdictWithoutServer(t *testing.T) {
	h := header{
		{"Authentication-Results", "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=example.com; dkim=pass (signature was verified) " +
			"header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100"},
		{"From", "ann@example.com"},
	}
	if v := verdict(h, "ann@example.com", []string{NoID}); v.Outcome != Passed || v.SPF != "pass" || v.DMARC != "pass" {
		t.Errorf("%+v", v)
	}
	if v := verdict(h, "ann@example.com", []string{"mx.desk.example", ""}); v != (Verdict{}) {
		t.Errorf("believed without being told so: %+v", v)
	}
}
