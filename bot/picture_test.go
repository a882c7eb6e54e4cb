package bot

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

func aPicture(language string) helpdesk.Picture {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	p := helpdesk.Picture{From: time.Date(2026, 11, 16, 7, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), Zone: paris, Language: language, Digest: true,
		Part: helpdesk.StatsPart{Where: store.Where{Queue: "support"}, Total: store.Figures{Opened: 8, Resolved: 7, ResponseOf: 8, ResponseKept: 7, ResolutionOf: 3, ResolutionKept: 1},
			Services: []store.Figures{{Service: "emm", Opened: 1, Resolved: 2}, {Service: "office", Opened: 7, Resolved: 5}}}}
	for i, f := range []store.Flow{{Opened: 1, Resolved: 2}, {Opened: 3}, {}, {Resolved: 4}, {}, {}, {}, {Opened: 4, Resolved: 1}} {
		p.Steps = append(p.Steps, helpdesk.Step{Begins: time.Date(2026, 11, 16+i, 0, 0, 0, 0, paris), Flow: f})
	}
	return p
}

// What a picture draws are the figures, and its description says all of it, in its reader's language.
func TestAPictureSaysWhatItShows(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	for language, want := range map[string][]string{
		"en": {"support: tickets opened and resolved", "From 16 Nov 2026, 08:00 to 23 Nov 2026, 08:00",
			"By day: Mon 16: 1 opened, 2 resolved; Tue 17: 3 opened, 0 resolved; Wed 18: 0 opened, 0 resolved; Thu 19: 0 opened, 4 resolved; " +
				"Fri 20: 0 opened, 0 resolved; Sat 21: 0 opened, 0 resolved; Sun 22: 0 opened, 0 resolved; Mon 23: 4 opened, 1 resolved.",
			"In time: First reply (7 of 8): 87%; Resolution (1 of 3): 33%.",
			"By service: Office: 7 opened, 5 resolved; EMM: 1 opened, 2 resolved."},
		"fr": {"support : tickets ouverts et résolus", "Du 16/11/2026 08:00 au 23/11/2026 08:00",
			"Par jour : lun. 16 : 1 ouverts, 2 résolus ; mar. 17 : 3 ouverts, 0 résolus ; mer. 18 : 0 ouverts, 0 résolus ; jeu. 19 : 0 ouverts, 4 résolus ; " +
				"ven. 20 : 0 ouverts, 0 résolus ; sam. 21 : 0 ouverts, 0 résolus ; dim. 22 : 0 ouverts, 0 résolus ; lun. 23 : 4 ouverts, 1 résolus.",
			"Dans les délais : 1re réponse (7 sur 8) : 87 % ; Résolution (1 sur 3) : 33 %.",
			"Par service : Office : 7 ouverts, 5 résolus ; EMM : 1 ouverts, 2 résolus."},
	} {
		d, err := b.Draw(aPicture(language))
		if err != nil {
			t.Fatal(err)
		}
		spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		if got := spaces.Replace(d.Alt); got != strings.Join(want, "\n") {
			t.Errorf("%s: %s", language, got)
		}
		if got := spaces.Replace(d.Words); got != strings.Join(want[:3], "\n") || d.Name != "guichet-support-2026-11-23.png" {
			t.Errorf("%s: %s: %s", language, d.Name, got)
		}
		if _, err := png.Decode(bytes.NewReader(d.PNG)); err != nil {
			t.Error(err)
		}
	}
}

// Alone with its reader it has the figures beside it; a longer period goes by weeks.
func TestAPictureForOneReader(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	p := aPicture("en")
	p.Digest, p.Weeks = false, true
	c := b.chart(text.In("en"), p)
	if got := strings.Join(c.Panels[0].Labels[:2], ", "); got != "16 Nov, 17 Nov" || c.Panels[0].Title != "By week, from Monday" {
		t.Errorf("%s: %s", c.Panels[0].Title, got)
	}
	d, err := b.Draw(p)
	if err != nil || !strings.Contains(d.Words, "support: 8 opened, 7 resolved") {
		t.Errorf("%s, %v", d.Words, err)
	}
	// Without a name in the configuration, and with nothing in it.
	p = aPicture("en")
	p.Part = helpdesk.StatsPart{Where: store.Where{Organization: "acme"}}
	if c := b.chart(text.In("en"), p); len(c.Panels) != 1 {
		t.Errorf("%d panels", len(c.Panels))
	}
}

// Services beyond the first few are added up, and none is lost; a description that is too long is cut.
func TestAPictureOfManyServices(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	p := aPicture("en")
	for i := range 20 {
		p.Part.Services = append(p.Part.Services, store.Figures{Service: fmt.Sprintf("service with a rather long name %02d", i), Opened: 2})
	}
	services := b.serviceBars(text.In("en"), p.Part.Services)
	opened, resolved := 0, 0
	for i := range services.Labels {
		opened, resolved = opened+services.Sorts[0].Values[i], resolved+services.Sorts[1].Values[i]
	}
	if n := len(services.Labels); n != 7 || services.Labels[0] != "Office" || services.Labels[6] != "All others" || opened != 48 || resolved != 7 {
		t.Errorf("%d of them, %d opened, %d resolved", n, opened, resolved)
	}
	d, err := b.Draw(p)
	if err != nil || len([]rune(d.Alt)) > 1000 {
		t.Errorf("%d characters, %v", len([]rune(d.Alt)), err)
	}
	if one := b.serviceBars(text.In("en"), p.Part.Services[:7]); len(one.Labels) != 7 || one.Labels[6] == "All others" {
		t.Errorf("a single other has no name: %q", one.Labels)
	}
}
