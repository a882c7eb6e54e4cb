package slack_test

import (
	"html"
	"testing"

	client "github.com/slack-go/slack"

	"guichet/bot/bottest"
	"guichet/bot/slack"
	"guichet/internal/localslack"
)

func TestDoorConforms(t *testing.T) {
	bottest.Run(t, func(t *testing.T) bottest.World {
		s := localslack.StartTest(t, localslack.Demo())
		app := s.Config.App
		return bottest.World{
			Door: slack.New(slack.Options{Team: s.Config.Workspace.TeamID, BotToken: app.BotToken,
				AppToken: app.AppToken, APIURL: s.APIURL}, nil),
			Private: localslack.Support,
			Public:  localslack.General,
			Members: []string{localslack.Nadia, localslack.Oliver},
			Person:  localslack.Alice,
			Name:    "Alice Martin",
			Read: func(channel string) (all []bottest.Posted) {
				ms, err := s.Messages(t.Context(), channel)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range ms {
					all = append(all, bottest.Posted{ID: m.TS, Root: m.ThreadTS, Text: html.UnescapeString(m.AllText())})
				}
				return all
			},
			Delete: func(channel, message string) {
				api := client.New(app.BotToken, client.OptionAPIURL(s.APIURL))
				if _, _, err := api.DeleteMessageContext(t.Context(), channel, message); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
