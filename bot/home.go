package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// HomeShower is a Door whose people have a home view.
type HomeShower interface {
	Door
	// ShowHome puts a home view in place of what an account's showed.
	ShowHome(ctx context.Context, account string, h card.Home) error
}

// home shows a person their home view, with the tab at which they left it.
func (c *Call) home(ctx context.Context) (Answer, error) {
	tab, err := c.bot.desk.TabOf(ctx, c.From)
	if err != nil {
		return Answer{}, err
	}
	return c.homeAt(ctx, tab)
}

// pressTab goes to another tab, where the home view is: on a card it is a new answer.
func (c *Call) pressTab(ctx context.Context) (Answer, error) {
	a, err := c.homeAt(ctx, c.Press.Value)
	if err == nil && c.Press.Message != "" {
		content := a.Home.Card()
		a = Answer{Card: &content, Replaces: true}
	}
	return a, err
}

func (c *Call) homeAt(ctx context.Context, tab string) (Answer, error) {
	h, tab, err := c.bot.homeOf(ctx, c.Words, c.Person.ID, tab)
	if err != nil {
		return Answer{}, err
	}
	c.done("home", 0, "tab", tab)
	return Answer{Home: &h}, c.bot.desk.SetHome(ctx, c.From, c.Person.ID, tab, hashOf(h))
}

// homeOf is a tab of somebody's home view, or the first if that is not theirs, and which it is.
func (b *Bot) homeOf(ctx context.Context, w text.Words, person store.PersonID, tab string) (h card.Home, _ string, err error) {
	v, err := b.desk.Home(ctx, person, tab)
	if err != nil {
		return h, tab, err
	}
	h = b.homeCard(w, v)
	if (v.Tab == helpdesk.TabOrganization || v.Tab == helpdesk.TabServices) && len(b.licenses.Catalog().Licenses) > 0 {
		e, err := b.licenses.LooksAfter(ctx, helpdesk.Actor{Person: person})
		if err != nil {
			return h, v.Tab, err
		}
		if e.Manager {
			waiting, err := b.licenses.Waiting(ctx, helpdesk.Actor{Person: person}, helpdesk.HomeShown)
			if err != nil {
				return h, v.Tab, err
			}
			if s := b.waitingSection(w, waiting); len(s.Items) > 0 {
				h.Sections = append([]card.Section{s}, h.Sections...)
			}
		}
		s := b.licenseSection(w, e)
		if len(s.Items) > 0 {
			h.Buttons = append(h.Buttons, card.Button{ID: "seats", Text: w.Say("seats.button")})
		}
		h.Sections = append(h.Sections, s)
	}
	if v.Tab == helpdesk.TabOrganization && b.licenses != nil {
		all, err := b.licenses.Administration(ctx, helpdesk.Actor{Person: person})
		if err != nil {
			return h, v.Tab, err
		}
		h.Sections = append(h.Sections, b.adminSection(w, all))
	}
	if v.Tab == helpdesk.TabOrganization && b.invoices.Has(v.Standing.Person.Organization) {
		p, err := b.invoices.List(ctx, helpdesk.Actor{Person: person}, store.InvoicePlace{}, latestInvoices)
		if err != nil {
			return h, v.Tab, err
		}
		h.Sections = append(h.Sections, invoiceSection(w, p))
	}
	return h, v.Tab, nil
}

// latestInvoices is how many a home view shows.
const latestInvoices = 3

// homeCard is a home view in words. The tab that it shows is named, and has no button.
func (b *Bot) homeCard(w text.Words, v helpdesk.HomeView) card.Home {
	h := card.Home{Title: w.Say("home."+v.Tab, text.Args{"Organization": b.organization(v.Standing.Person.Organization)}),
		Buttons: []card.Button{{ID: "new", Text: w.Say("button.new"), Style: card.Primary}, searchButton(w)}}
	for _, tab := range v.Tabs {
		if tab != v.Tab {
			h.Buttons = append(h.Buttons, card.Button{ID: "tab", Value: tab, Text: w.Say("tab." + tab)})
		}
	}
	h.Buttons = append(h.Buttons, card.Button{ID: "profile", Text: w.Say("button.profile")})
	for _, s := range v.Sections {
		section := card.Section{Title: w.Say("section." + s.Name), Empty: w.Say("section.none")}
		for _, t := range s.Tickets {
			section.Items = append(section.Items, card.Item{Text: b.ticketLine(w, t), Button: b.showButton(w, t)})
		}
		if s.IsMore {
			section.More = &card.Button{ID: "page", Value: helpdesk.Place{}.String() + " " + s.More.String(), Text: w.Say("button.all"),
				Label: w.Say("button.all.label", text.Args{"Section": section.Title})}
		}
		h.Sections = append(h.Sections, section)
	}
	return h
}

// hashOf tells whether a home view would show anything else than before.
func hashOf(h card.Home) string {
	b, _ := json.Marshal(h) // plain strings
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// How home views are kept up to date: far below the 100 a minute that Slack allows (tier 4), of which
// people who open theirs and their forms need most.
const (
	homeLook = 2 * time.Second
	homePace = 1200 * time.Millisecond
)

// KeepHomes brings the home views of a workspace up to date when what they show has changed, until ctx
// ends.
func (b *Bot) KeepHomes(ctx context.Context, d HomeShower) {
	since := helpdesk.Since{At: store.At(time.Now().Add(-time.Minute))}
	for {
		var err error
		wait := homeLook
		if since, err = b.desk.MarkHomes(ctx, d.Workspace(), since); err == nil {
			var updated bool
			if updated, err = b.updateHome(ctx, d); updated {
				wait = homePace
			}
		}
		busy := (*Busy)(nil)
		switch {
		case errors.As(err, &busy):
			wait = busy.For
		case err != nil && ctx.Err() == nil:
			b.log.Warn("home view not brought up to date", "workspace", d.Workspace(), "error", err)
			wait = max(wait, 10*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// updateHome brings one home view up to date, if there is one that is not.
func (b *Bot) updateHome(ctx context.Context, d HomeShower) (updated bool, err error) {
	stale, err := b.desk.TakeStaleHome(ctx, d.Workspace())
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for {
		shown, err := b.showAgain(ctx, d, stale)
		now, noted := b.desk.SetShown(context.WithoutCancel(ctx), stale, shown, err != nil && !errors.Is(err, ErrNobody))
		if err := errors.Join(err, noted); err != nil || now.OpenedAt == stale.OpenedAt {
			return true, err
		}
		stale = now // whoever looks at it went to another tab meanwhile, and may see the one before in its place
		stale.Shown = ""
	}
}

// showAgain publishes a home view if it would show something else than before.
func (b *Bot) showAgain(ctx context.Context, d HomeShower, stale store.Home) (shown string, err error) {
	p, err := b.desk.Known(ctx, stale.Account)
	if err != nil {
		return stale.Shown, err
	}
	h, _, err := b.homeOf(ctx, text.In(p.Language), stale.Person, stale.Tab)
	if err != nil {
		return stale.Shown, err
	}
	if hash := hashOf(h); hash != stale.Shown {
		return hash, d.ShowHome(ctx, stale.Account.ID, h)
	}
	return stale.Shown, nil
}
