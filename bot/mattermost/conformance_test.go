package mattermost_test

import (
	"io"
	"log/slog"
	"testing"

	"guichet/bot/bottest"
	"guichet/bot/mattermost"
	"guichet/internal/fakemattermost"
)

func TestDoorConforms(t *testing.T) {
	bottest.Run(t, func(t *testing.T) bottest.World {
		s := fakemattermost.Start(t)
		alice := s.AddUser(fakemattermost.User{Name: "alice", First: "Alice", Last: "Martin", Locale: "fr"})
		nadia := s.AddUser(fakemattermost.User{Name: "nadia", First: "Nadia", Last: "Benali", Locale: "fr"})
		oliver := s.AddUser(fakemattermost.User{Name: "oliver", First: "Oliver", Locale: "en"})
		private := s.AddChannel("support", "P", s.Bot, nadia, oliver)
		return bottest.World{
			Door: mattermost.New(mattermost.Options{URL: s.URL, Team: s.Team, Token: s.Token, Key: "acme",
				Callback: "http://127.0.0.1:1", Secrets: []string{"a secret of the tests, long enough"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, nil),
			Private: private,
			Public:  s.AddChannel("town", "O", s.Bot, alice, nadia),
			Members: []string{nadia, oliver},
			Person:  alice,
			Name:    "Alice Martin",
			Read: func(channel string) (all []bottest.Posted) {
				for _, p := range s.Posts(channel) {
					all = append(all, bottest.Posted{ID: p.ID, Root: p.RootID, Text: p.Shown()})
				}
				return all
			},
			Delete: func(_, message string) { s.Remove(message) },
		}
	})
}
