package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// adminAct looks after technical administrators: by service, with what became of them.
func adminAct() licenseAct {
	return licenseAct{words: []string{"admin", "administrateur"},
		run: func(ctx context.Context, c *Call, _ []string) (Answer, error) { return c.administrators(ctx, "") },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"admins": func(ctx context.Context, c *Call) (Answer, error) {
				return replacing(c.administrators(ctx, c.Press.Value))
			},
			"adminadd":      startDesignation,
			"admincontinue": resumeDesignation,
			"adminupdate":   startAdminUpdate,
			"adminremove":   removeAdministrator,
			"adminhistory":  func(ctx context.Context, c *Call) (Answer, error) { return replacing(c.adminHistory(ctx)) },
		},
		forms: map[string]func(context.Context, *Call, Submission) (Answer, error){
			"license.admin":       submitDesignation,
			"license.adminupdate": submitAdminUpdate,
		},
		notices: map[string]noticing{
			license.TellAdministers:  administersNotice,
			license.TellRelieved:     relievedNotice,
			license.TellAdminIsThere: adminIsThereNotice,
		}}
}

// replacing has an answer stand in place of the one whose button was pressed.
func replacing(a Answer, err error) (Answer, error) {
	a.Replaces = true
	return a, err
}

// adminsShown is how many administrators have their buttons on one card: as many as every platform has room for.
const adminsShown = 8

// administrators answers /license admin: who administers what, with buttons for those after one of them.
func (c *Call) administrators(ctx context.Context, after string) (Answer, error) {
	all, err := c.bot.licenses.Administration(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	c.done("administrators", 0)
	a := c.bot.adminsCard(c.Words, all, idOf(after))
	return Answer{Card: &a}, nil
}

// idOf reads the number that a button carries; what is none is that of nobody.
func idOf(value string) store.AdministratorID {
	n, _ := strconv.ParseInt(value, 10, 64)
	return store.AdministratorID(n)
}

// adminsCard shows who administers what.
func (b *Bot) adminsCard(w text.Words, all license.Administration, after store.AdministratorID) card.Card {
	out := card.Card{Title: w.Say("admin.title", text.Args{"Organization": b.organization(all.Organization)}), Lines: b.adminLines(w, all), Context: w.Say("admin.hint"),
		Buttons: []card.Button{{ID: "adminadd", Text: w.Say("button.adminadd"), Style: card.Primary}}}
	shown := 0
	for _, a := range all.Administrators {
		if a.ID <= after {
			continue
		}
		id := fmt.Sprint(a.ID)
		if shown == adminsShown {
			out.Buttons = append(out.Buttons, card.Button{ID: "admins", Value: fmt.Sprint(a.ID - 1), Text: w.Say("button.admins.more")})
			break
		}
		shown++
		for _, button := range []string{"adminupdate", "adminremove"} {
			out.Buttons = append(out.Buttons, card.Button{ID: button, Value: id, Text: w.Say("button."+button, text.Args{"Name": a.Details.Name})})
		}
	}
	out.Buttons = append(out.Buttons, card.Button{ID: "adminhistory", Text: w.Say("button.adminhistory")})
	return out
}

// adminLines are a line for each service.
func (b *Bot) adminLines(w text.Words, all license.Administration) (lines []string) {
	for _, s := range all.Services {
		var who []string
		if s.Has.ID != 0 {
			who = append(who, w.Say("admin.has", text.Args{"Name": s.Has.Details.Name, "Date": b.date(w, s.HasSince)}))
		}
		if s.Next.ID != 0 {
			who = append(who, w.Say("admin.waits", text.Args{"Name": s.Next.Details.Name, "Address": s.Next.Details.Mail, "Date": b.date(w, s.NextSince)}))
		}
		if len(who) == 0 {
			who = []string{w.Say("admin.nobody")}
		}
		lines = append(lines, w.Say("admin.line", text.Args{"Service": b.service(w, s.Service), "Who": strings.Join(who, w.Say("admin.and"))}))
	}
	return lines
}

// date is an instant of what belongs to no queue, as the default queue's people write it.
func (b *Bot) date(w text.Words, t store.Time) string {
	zone := time.UTC
	if q, ok := b.desk.Catalog().Queue(b.desk.Catalog().DefaultQueue); ok && q.TimeZone != nil {
		zone = q.TimeZone
	}
	return w.Date(t.Time, zone)
}

// services are what several services are called.
func (b *Bot) services(w text.Words, keys []string) string {
	var names []string
	for _, k := range keys {
		names = append(names, b.service(w, k))
	}
	return strings.Join(names, ", ")
}

// adminSection shows the administrators in a manager's home view: those that there are.
func (b *Bot) adminSection(w text.Words, all license.Administration) card.Section {
	s := card.Section{Title: w.Say("section.admins"), Empty: w.Say("admin.none"), More: &card.Button{ID: "admins", Text: w.Say("button.admins"), Label: w.Say("button.admins.label")}}
	some := all
	some.Services = nil
	for _, one := range all.Services {
		if one.Has.ID != 0 || one.Next.ID != 0 {
			some.Services = append(some.Services, one)
		}
	}
	for i, line := range b.adminLines(w, some) {
		if i == helpdesk.HomeShown {
			break
		}
		s.Items = append(s.Items, card.Item{Text: line})
	}
	return s
}

// removeAdministrator removes one, and shows who is left.
func removeAdministrator(ctx context.Context, c *Call) (Answer, error) {
	was, changed, err := c.bot.licenses.RemoveAdministrator(ctx, c.Actor, idOf(c.Press.Value))
	if err != nil {
		return Answer{}, err
	}
	c.done("remove administrator", 0, "administrator", c.Press.Value, "changed", changed)
	a, err := replacing(c.administrators(ctx, ""))
	if err != nil {
		return a, err
	}
	line := c.Words.Say("admin.gone")
	if changed {
		line = c.Words.Say("admin.removed", text.Args{"Name": was.Details.Name, "Services": c.bot.services(c.Words, was.Services)})
	}
	a.Card.Lines = append([]string{line}, a.Card.Lines...)
	return a, nil
}

// adminHistory shows a page of what became of administrators.
func (c *Call) adminHistory(ctx context.Context) (Answer, error) {
	w := c.Words
	before := idOf(c.Press.Value)
	page, next, err := c.bot.licenses.AdminHistory(ctx, c.Actor, int64(before))
	if err != nil {
		return Answer{}, err
	}
	c.done("administrators' history", 0)
	out := card.Card{Title: w.Say("admin.history.title")}
	for _, e := range page {
		args := text.Args{"Date": c.bot.date(w, e.At), "By": e.By, "Whom": e.Whom, "Services": c.bot.services(w, e.Services)}
		if e.Whom == "" {
			args["Whom"] = w.Say("admin.history.blanked")
		}
		if e.By == "" {
			args["By"] = w.Say("admin.history.program")
		}
		act := e.Act
		if e.Replaced {
			act = "replaced"
		}
		out.Lines = append(out.Lines, w.Say("admin.history."+act, args))
	}
	if len(page) == 0 {
		out.Lines = []string{w.Say("admin.history.none")}
	}
	if before != 0 {
		out.Buttons = append(out.Buttons, card.Button{ID: "adminhistory", Text: w.Say("button.first")})
	}
	if next != 0 {
		out.Buttons = append(out.Buttons, card.Button{ID: "adminhistory", Value: fmt.Sprint(next), Text: w.Say("button.older")})
	}
	out.Buttons = append(out.Buttons, card.Button{ID: "admins", Text: w.Say("button.admins.back")})
	return Answer{Card: &out}, nil
}

// administersNotice tells an administrator what they administer, what that lets them do, and where.
func administersNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (Notice, error) {
	now, err := b.licenses.AdministersNow(ctx, store.PersonID(n.ID))
	if err != nil || len(now.Services) == 0 {
		return Notice{Over: true}, ignoreNobody(err)
	}
	args := text.Args{"Services": b.services(w, now.Services), "Organization": b.organization(now.Organization), "Name": now.Person.Name}
	chat := card.Card{Title: w.Say("admin.access.title", args), Lines: []string{w.Say("admin.access.may", args), w.Say("admin.access.chat")}}
	letter := card.Card{Title: chat.Title, Lines: []string{w.Say("admin.access.hello", args), w.Say("admin.access.may", args), w.Say("admin.access.chat.mail")}}
	if mail := b.desk.Catalog().Mail; mail != "" {
		letter.Lines = append(letter.Lines, w.Say("admin.access.mail", text.Args{"Address": mail}))
	}
	for _, key := range now.Services {
		s, ok := b.licenses.Catalog().Services[key]
		if !ok {
			continue
		}
		for _, one := range []struct {
			key     string
			address func(string) string
		}{{"admin.access.vendor", s.Vendor}, {"admin.access.help", s.Help}} {
			if one.address == nil || one.address(w.Language()) == "" {
				continue
			}
			line := w.Say(one.key, text.Args{"Service": b.service(w, key), "Address": one.address(w.Language())})
			chat.Lines, letter.Lines = append(chat.Lines, line), append(letter.Lines, line)
		}
	}
	return Notice{Card: chat, Letter: &Letter{Subject: chat.Title, Card: letter}}, nil
}

// relievedNotice tells somebody that they administer less, or nothing any more.
func relievedNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (Notice, error) {
	now, err := b.licenses.AdministersNow(ctx, store.PersonID(n.ID))
	if err != nil {
		return Notice{Over: true}, ignoreNobody(err)
	}
	args := text.Args{"Services": b.services(w, now.Services), "Organization": b.organization(now.Organization)}
	what := card.Card{Title: w.Say("admin.relieved.title", args), Lines: []string{w.Say("admin.relieved.none", args)}}
	if len(now.Services) > 0 {
		what.Lines = []string{w.Say("admin.relieved.left", args)}
	}
	return Notice{Card: what, Letter: &Letter{Subject: what.Title, Card: what}}, nil
}

// adminIsThereNotice tells a manager that whoever they designated has confirmed their address.
func adminIsThereNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (Notice, error) {
	now, err := b.licenses.AdministersNow(ctx, store.PersonID(n.ID))
	if err != nil || len(now.Services) == 0 {
		return Notice{Over: true}, ignoreNobody(err)
	}
	return Notice{Card: card.Card{Lines: []string{w.Say("admin.there", text.Args{"Name": now.Person.Name, "Services": b.services(w, now.Services)})}}}, nil
}

func ignoreNobody(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
