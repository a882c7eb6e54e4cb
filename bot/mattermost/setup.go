package mattermost

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
)

// Registered is a slash command of the team.
type Registered struct {
	Name, Address string
	Token         string // which it comes with
	New           bool
}

// Commands are the team's slash commands as they are to be registered.
func (d *Door) Commands() (cs []model.Command) {
	for _, c := range bot.Commands() {
		for _, name := range c.Names() {
			cs = append(cs, model.Command{TeamId: d.Team, Trigger: name, Method: model.CommandMethodPost, URL: d.CommandAddress(),
				AutoComplete: true, AutoCompleteHint: c.Usage, AutoCompleteDesc: c.About, DisplayName: name, Description: c.About, Username: "guichet"})
		}
	}
	return cs
}

// Register registers the slash commands with an admin's token, which is kept nowhere: those that are there
// get the present address, and keep their tokens.
func (d *Door) Register(ctx context.Context, admin string) (all []Registered, err error) {
	api := model.NewAPIv4Client(d.URL)
	api.SetToken(admin)
	api.HTTPClient = &http.Client{Timeout: callTimeout}
	there, r, err := api.ListCommands(ctx, d.Team, true)
	if err != nil {
		return nil, outcome("commands", r, err)
	}
	for _, c := range d.Commands() {
		one := Registered{Name: c.Trigger, Address: c.URL, New: true}
		for _, old := range there {
			if old.Trigger == c.Trigger && old.TeamId == d.Team {
				one.New, one.Token = false, old.Token
				c.Id, c.Token, c.CreatorId, c.CreateAt = old.Id, old.Token, old.CreatorId, old.CreateAt
			}
		}
		var made *model.Command
		if one.New {
			made, r, err = api.CreateCommand(ctx, &c)
		} else {
			made, r, err = api.UpdateCommand(ctx, &c)
		}
		if err != nil {
			return all, fmt.Errorf("/%s: %w", c.Trigger, outcome("commands", r, err))
		}
		one.Token = cmp.Or(made.Token, one.Token)
		all = append(all, one)
	}
	return all, nil
}
