package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// remindAct reminds managers of licenses that nobody has, of contracts that end, and of terms that have changed; and lets people put reminders off.
func remindAct() licenseAct {
	return licenseAct{
		buttons: map[string]func(context.Context, *Call) (Answer, error){"remindlater": putOff},
		notices: map[string]noticing{license.ToldUnused: unusedNotice, license.ToldContract: contractNotice, license.ToldTerms: termsNotice},
	}
}

// For how many days a reminder can be put off: whole weeks, since some are weekly.
const (
	inAWeek     = 7
	inFourWeeks = 28
)

// laterButton puts a reminder off for a number of days.
func laterButton(w text.Words, n license.Notice, days int) card.Button {
	return card.Button{ID: "remindlater", Value: fmt.Sprintf("%s %d %d", n.What, n.ID, days), Text: w.Say("button.later", text.Args{"N": days / 7})}
}

// putOff has whoever presses not be reminded of the same for a while.
func putOff(ctx context.Context, c *Call) (Answer, error) {
	var days int
	n := license.Notice{Account: c.From}
	if _, err := fmt.Sscanf(c.Press.Value, "%s %d %d", &n.What, &n.ID, &days); err != nil {
		return c.say("refused.stale_button"), nil
	}
	until, err := c.bot.licenses.PutOff(ctx, c.Actor, n, days)
	if err != nil {
		return Answer{}, err
	}
	c.done("license remind later", 0, "what", n.What, "record", n.ID, "days", days)
	return c.say("later.done", text.Args{"Date": c.Words.FullDate(until)}), nil
}

// mostUnused is of how many licenses a reminder has buttons: as many as every platform has room for.
const mostUnused = 5

// unusedNotice tells a manager what is ordered and not activated, or activated and assigned to nobody. Its buttons know which license they are about.
func unusedNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (out Notice, err error) {
	e, err := b.licenses.EstateOf(ctx, to.Organization)
	if err != nil {
		return out, err
	}
	c := card.Card{Title: w.Say("unused.title", text.Args{"Organization": b.organization(e.Organization)})}
	unused := slices.DeleteFunc(e.Lines, func(l license.Line) bool { return !l.Unused() })
	for i, l := range unused {
		name := b.licenseName(w, l.License)
		button := func(id, value, key string) {
			one := card.Button{ID: id, Value: value, Text: w.Say(key)}
			if len(unused) > 1 {
				one.Text = helpdesk.Shorten(w.Say("unused.button", text.Args{"Do": one.Text, "License": name}), longestChoice)
			}
			if i < mostUnused {
				c.Buttons = append(c.Buttons, one)
			}
		}
		back := l.Free()
		if n := l.Inactive(); n > 0 {
			c.Lines = append(c.Lines, w.Say("unused.inactive", text.Args{"License": name, "N": int(n), "Count": w.Number(n)}))
			button("activate", fmt.Sprintf("%s %d", l.Key, n), "button.activate")
			if back == 0 {
				back = n
			}
		}
		if n := l.Free(); n > 0 {
			c.Lines = append(c.Lines, w.Say("unused.free", text.Args{"License": name, "N": int(n), "Count": w.Number(n)}))
			button("giveseat", l.Key, "button.assign")
		}
		button("terminate", fmt.Sprintf("%s %d", l.Key, back), "button.give_back")
	}
	c.Buttons = append(c.Buttons, laterButton(w, n, inFourWeeks))
	return Notice{Card: c, Over: len(unused) == 0}, nil
}

// contractNotice tells a manager which contracts end soon.
func contractNotice(_ context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (out Notice, err error) {
	ending, now := b.licenses.Ending(to.Organization)
	c, days := card.Card{Title: w.Say("contract.title")}, inFourWeeks // 0: it would come after the end
	for _, service := range slices.Sorted(maps.Keys(ending)) {
		c.Lines = append(c.Lines, w.Say("contract.line", text.Args{"Service": b.service(w, service), "Date": w.ShortDate(ending[service]), "Year": ending[service].Year()}))
		switch end := ending[service]; {
		case end.Before(now.AddDate(0, 0, inAWeek)):
			days = 0
		case end.Before(now.AddDate(0, 0, inFourWeeks+inAWeek)):
			days = min(days, inAWeek)
		}
	}
	c.Buttons = []card.Button{{ID: "quote", Text: w.Say("button.quote")}, {ID: "terminate", Text: w.Say("button.give_back")}}
	if days > 0 {
		c.Buttons = append(c.Buttons, laterButton(w, n, days))
	}
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
