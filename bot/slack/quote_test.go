package slack

import (
	"testing"

	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
)

// What a ticket from a message looks like to those whom it concerns.
func TestRenderQuotes(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g := golden{}
		quoted := func(author string) helpdesk.Brief {
			b := incident(language, helpdesk.Open)
			b.First.Author, b.First.Quotes, b.First.Link = 3, author, "https://acme.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1"
			b.People[3] = store.Person{ID: 3, Organization: "acme", Name: "Bruno Petit", Language: language}
			b.Ticket.Service, b.Ticket.Kind = "", helpdesk.Information
			return b
		}
		b := quoted("Alice Martin")
		g.card(t, "desk", compose(t, language, store.DeskSide, helpdesk.TellCard, b))
		g.card(t, "requester", compose(t, language, store.RequesterSide, helpdesk.TellCard, b))
		g.card(t, "desk, of a program", compose(t, language, store.DeskSide, helpdesk.TellCard, quoted(helpdesk.AProgram)))
		follower := func(kind string, b helpdesk.Brief) {
			d := store.Delivery{ID: 7, Ticket: b.Ticket.ID, Kind: kind, Lane: store.Lane(b.Ticket.ID, "3"), Person: 3}
			c, err := bot.New(helpdesk.NewDesk(nil, catalogIn(language)), nil, nil, quiet).Compose(d, b)
			if err != nil {
				t.Fatal(err)
			}
			g.card(t, "follower, "+kind+b.Event.Act, c)
		}
		follower(helpdesk.TellCard, b)
		for _, act := range []helpdesk.Act{helpdesk.Take, helpdesk.Wait, helpdesk.Resolve, helpdesk.Close, helpdesk.Watch} {
			b.Event = store.Event{ID: 1, Ticket: 1042, Actor: 2, Act: string(act), At: store.At(began)}
			follower(helpdesk.TellEvent, b)
		}
		b.Event, b.Left = store.Event{Act: ", who has left"}, true
		follower(helpdesk.TellCard, b)
		b = quoted("Alice Martin")
		b.Message = b.First
		g.card(t, "message, added", compose(t, language, store.DeskSide, helpdesk.TellMessage, b))
		b.Message.Audience = store.Internal
		g.card(t, "message, noted", compose(t, language, store.DeskSide, helpdesk.TellMessage, b))
		g.check(t, "quotes."+language)
	})
}

func TestALinkIsALinkOrPlain(t *testing.T) {
	for url, want := range map[string]string{
		"https://a.slack.com/p1?a=1&b=2": "mrkdwn",
		"javascript:alert(1)":            "plain_text",
		"https://a|<!channel>":           "plain_text",
	} {
		block := linked(card.Link{Text: "Go", URL: url}).(*slack.SectionBlock)
		if got := block.Text.Type; got != want {
			t.Errorf("%s is %s, want %s", url, got, want)
		}
	}
}
