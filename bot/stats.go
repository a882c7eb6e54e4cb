package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// stats answers /ticket stats: what was done in the last days, and what there is to do.
func (c *Call) stats(ctx context.Context, words []string) (Answer, error) {
	days := helpdesk.StatsDays[0]
	if len(words) > 0 {
		n, err := strconv.Atoi(words[0])
		if err != nil || len(words) > 1 || !slices.Contains(helpdesk.StatsDays, n) {
			return c.say("stats.unknown"), nil
		}
		days = n
	}
	s, err := c.bot.desk.Stats(ctx, c.Actor, days)
	if err != nil {
		return Answer{}, err
	}
	c.done("stats", 0)
	out := card.Card{Title: c.Words.Say("stats.title", text.Args{"N": days})}
	for _, p := range s.Parts {
		out.Lines = append(out.Lines, c.bot.statsLines(c.Words, p)...)
	}
	if picture, ok := c.pictureButton(days); ok {
		out.Buttons = append(out.Buttons, picture)
	}
	for _, n := range helpdesk.StatsDays {
		if n != days {
			out.Buttons = append(out.Buttons, card.Button{ID: "stats", Value: fmt.Sprint(n), Text: c.Words.Say("button.stats", text.Args{"N": n})})
		}
	}
	return Answer{Card: &out}, nil
}

func (c *Call) pressStats(ctx context.Context) (Answer, error) {
	a, err := c.stats(ctx, strings.Fields(c.Press.Value))
	a.Replaces = true
	return a, err
}

// statsLines say in words what figures there are of a queue or an organization.
func (b *Bot) statsLines(w text.Words, p helpdesk.StatsPart) (lines []string) {
	name := b.organization(p.Organization)
	if p.Queue != "" {
		name = b.queue(w, p.Queue)
		lines = append(lines, w.Say("stats.now", text.Args{"Name": name, "New": count(p.Now[helpdesk.New]), "Open": count(p.Now[helpdesk.Open]), "Waiting": count(p.Now[helpdesk.Waiting])}))
	}
	lines = append(lines, w.Say("stats.of", text.Args{"Name": name})+" "+figures(w, p.Total))
	if len(p.Services) > 1 {
		for _, f := range p.Services {
			lines = append(lines, w.Say("stats.of", text.Args{"Name": b.service(w, f.Service)})+" "+figures(w, f))
		}
	}
	return lines
}

// count is a number of tickets, as far as they were counted.
func count(n int) string {
	if n > 1000 {
		return "1000+"
	}
	return fmt.Sprint(n)
}

// figures are one line of statistics.
func figures(w text.Words, f store.Figures) string {
	parts := []string{w.Say("stats.done", text.Args{"Opened": f.Opened, "Resolved": f.Resolved})}
	if f.Resolved > 0 {
		average := func(sum int64) string { return w.Length(time.Duration(sum/int64(f.Resolved)) * time.Millisecond) }
		parts = append(parts, w.Say("stats.response", text.Args{"Length": average(f.Response)})+kept(w, f.ResponseKept, f.ResponseOf),
			w.Say("stats.resolution", text.Args{"Length": average(f.Resolution)})+kept(w, f.ResolutionKept, f.ResolutionOf))
	}
	if n := f.Kept + f.Missed; n > 0 {
		parts = append(parts, w.Say("stats.later")+kept(w, f.Kept, n))
	}
	if f.Reopened > 0 {
		parts = append(parts, w.Say("stats.reopened", text.Args{"Part": f.Reopened, "Percent": 100 * f.Reopened / max(1, f.Resolved)}))
	}
	if f.Good+f.Fair+f.Bad > 0 {
		parts = append(parts, w.Say("stats.ratings", text.Args{"Good": f.Good, "Fair": f.Fair, "Bad": f.Bad}))
	}
	return strings.Join(parts, w.Say("stats.and")) + "."
}

// kept says which share of so many kept their target; nothing where none had one.
func kept(w text.Words, n, of int) string {
	if of == 0 {
		return ""
	}
	return " " + w.Say("stats.kept", text.Args{"Percent": 100 * n / of, "Part": n, "Of": of})
}

// DigestCard is what a queue is told of itself.
func (b *Bot) DigestCard(g helpdesk.Digest) card.Card {
	w := text.In(g.Queue.Language)
	if g.Sort == helpdesk.Weekly {
		c := card.Card{Title: w.Say("digest.weekly", text.Args{"Queue": g.Queue.Name(w.Language()), "Date": w.Date(g.Stats.From, g.Queue.TimeZone)})}
		for _, p := range g.Stats.Parts {
			c.Lines = append(c.Lines, b.statsLines(w, p)...)
		}
		return c
	}
	c := card.Card{Title: w.Say("digest.daily", text.Args{"Queue": g.Queue.Name(w.Language())}),
		Lines: []string{w.Say("stats.now", text.Args{"Name": g.Queue.Name(w.Language()), "New": count(g.Now[helpdesk.New]), "Open": count(g.Now[helpdesk.Open]), "Waiting": count(g.Now[helpdesk.Waiting])})}}
	add := func(key string, ts []store.Ticket) {
		if len(ts) == 0 {
			return
		}
		lines := []string{w.Say(key)}
		for _, t := range ts {
			lines = append(lines, b.ticketLine(w, t))
			c.Buttons = append(c.Buttons, b.showButton(w, t))
		}
		c.Lines = append(c.Lines, strings.Join(lines, "\n"))
	}
	add("digest.late", g.Late)
	add("digest.new", g.New)
	return c
}
