package bot

import (
	"context"
	"maps"
	"slices"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/license"
	"guichet/store"
)

// remindAct reminds managers of licenses that nobody has, of contracts that end, and of terms that have changed.
func remindAct() licenseAct {
	return licenseAct{notices: map[string]noticing{license.ToldUnused: unusedNotice, license.ToldContract: contractNotice, license.ToldTerms: termsNotice}}
}

// unusedNotice tells a manager what is ordered and not activated, or activated and assigned to nobody.
func unusedNotice(ctx context.Context, b *Bot, w text.Words, _ license.Notice, to store.Person) (out Notice, err error) {
	e, err := b.licenses.EstateOf(ctx, to.Organization)
	if err != nil {
		return out, err
	}
	c := card.Card{Title: w.Say("unused.title", text.Args{"Organization": b.organization(e.Organization)})}
	inactive, free := false, false
	for _, l := range e.Lines {
		if n := l.Inactive(); n > 0 {
			inactive = true
			c.Lines = append(c.Lines, w.Say("unused.inactive", text.Args{"License": b.licenseName(w, l.License), "N": int(n), "Count": w.Number(n)}))
		}
		if n := l.Free(); n > 0 {
			free = true
			c.Lines = append(c.Lines, w.Say("unused.free", text.Args{"License": b.licenseName(w, l.License), "N": int(n), "Count": w.Number(n)}))
		}
	}
	if inactive {
		c.Buttons = append(c.Buttons, card.Button{ID: "activate", Text: w.Say("button.activate")})
	}
	if free {
		c.Buttons = append(c.Buttons, card.Button{ID: "giveseat", Text: w.Say("seat.button.assign")})
	}
	if len(c.Lines) == 0 {
		return Notice{Over: true}, nil
	}
	c.Buttons = append(c.Buttons, card.Button{ID: "terminate", Text: w.Say("button.give_back")})
	return Notice{Card: c}, nil
}

// contractNotice tells a manager which contracts end soon.
func contractNotice(_ context.Context, b *Bot, w text.Words, _ license.Notice, to store.Person) (out Notice, err error) {
	ending := b.licenses.Ending(to.Organization, time.Now())
	c := card.Card{Title: w.Say("contract.title")}
	for _, service := range slices.Sorted(maps.Keys(ending)) {
		c.Lines = append(c.Lines, w.Say("contract.line", text.Args{"Service": b.service(w, service), "Date": w.ShortDate(ending[service]), "Year": ending[service].Year()}))
	}
	c.Buttons = []card.Button{{ID: "quote", Text: w.Say("button.quote")}, {ID: "terminate", Text: w.Say("button.give_back")}}
	return Notice{Card: c, Over: len(ending) == 0}, nil
}

// termsNotice tells a manager which terms are in force now, and where to read them.
func termsNotice(ctx context.Context, b *Bot, w text.Words, _ license.Notice, to store.Person) (out Notice, err error) {
	changed, err := b.licenses.Changed(ctx, to.Organization, w.Language())
	if err != nil || len(changed) == 0 {
		return Notice{Over: err == nil}, err
	}
	c := card.Card{Title: w.Say("terms.changed.title"), Context: w.Say("terms.changed.hint")}
	for _, t := range changed {
		c.Lines = append(c.Lines, w.Say("terms.changed.line", text.Args{"Terms": b.termsName(w, t.Kind, t.Service, t.Version), "URL": b.termsURL(t.Hash)}))
	}
	return Notice{Card: c}, nil
}
