package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/chart"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// Drawn is a picture of statistics as it goes out.
type Drawn struct {
	Name  string // of the file
	Words string // beside it
	Alt   string // all that it shows, for whoever does not see it
	PNG   []byte
}

// maxAlt is how long a description is: Slack takes 1,000 characters.
const maxAlt = 1000

// pictureButton leads to statistics as a picture; there is none where files can't be sent.
func (c *Call) pictureButton(days int) (b card.Button, ok bool) {
	_, ok = c.bot.doors[c.From.Workspace].(Uploader)
	return card.Button{ID: "picture", Value: fmt.Sprint(days), Text: c.Words.Say("button.picture")}, ok && !c.catalog().Files.Off
}

// pressPicture has the picture sent to where its reader is alone with guichet: an answer for them alone can't hold a file.
func (c *Call) pressPicture(ctx context.Context) (Answer, error) {
	days, _ := strconv.Atoi(c.Press.Value)
	if err := c.bot.desk.SendPictures(ctx, c.Actor, days); err != nil {
		return Answer{}, err
	}
	c.done("picture", 0)
	return c.say("picture.comes"), nil
}

// Draw draws a picture, and says what is on it.
func (b *Bot) Draw(p helpdesk.Picture) (Drawn, error) {
	w := text.In(p.Language)
	c := b.chart(w, p)
	d := Drawn{Name: helpdesk.SafeName(fmt.Sprintf("guichet-%s-%s.png", cmp.Or(p.Part.Queue, p.Part.Organization), p.To.In(p.Zone).Format("2006-01-02")))}
	shown := []string{c.Title, c.Note}
	for _, one := range c.Panels {
		shown = append(shown, described(w, one))
	}
	if d.Alt = strings.Join(shown, "\n"); len([]rune(d.Alt)) > maxAlt {
		d.Alt = string([]rune(d.Alt)[:maxAlt-1]) + "…"
	}
	beside := shown[:3]
	if !p.Digest { // which stands above with the same figures
		beside = append(slices.Clone(beside), b.statsLines(w, p.Part)...)
	}
	d.Words = strings.Join(beside, "\n")
	var err error
	d.PNG, err = chart.Draw(c)
	return d, err
}

// shownServices is how many services a picture shows by themselves: those with the most tickets.
const shownServices = 6

// chart is what a picture shows, as bars: when tickets came and went, which targets were kept, and which services they were about.
func (b *Bot) chart(w text.Words, p helpdesk.Picture) chart.Picture {
	name := b.organization(p.Part.Organization)
	if p.Part.Queue != "" {
		name = b.queue(w, p.Part.Queue)
	}
	c := chart.Picture{Title: w.Say("picture.title", text.Args{"Name": name}),
		Note: w.Say("picture.period", text.Args{"From": w.Date(p.From, p.Zone), "To": w.Date(p.To, p.Zone)})}
	flow := chart.Panel{Title: w.Say("picture.days")}
	if p.Weeks {
		flow.Title = w.Say("picture.weeks")
	}
	var flows []store.Flow
	for _, s := range p.Steps {
		label := w.Day(s.Begins)
		if p.Weeks {
			label = w.ShortDate(s.Begins)
		}
		flow.Labels, flows = append(flow.Labels, label), append(flows, s.Flow)
	}
	flow.Sorts = sorts(w, flows)
	c.Panels = []chart.Panel{flow}
	if kept := keptBars(w, p.Part.Total); len(kept.Labels) > 0 {
		c.Panels = append(c.Panels, kept)
	}
	if len(p.Part.Services) > 1 {
		c.Panels = append(c.Panels, b.serviceBars(w, p.Part.Services))
	}
	return c
}

// sorts are the two sorts of bars that there are of tickets.
func sorts(w text.Words, flows []store.Flow) []chart.Sort {
	opened, resolved := chart.Sort{Name: w.Say("picture.opened")}, chart.Sort{Name: w.Say("picture.resolved")}
	for _, f := range flows {
		opened.Values, resolved.Values = append(opened.Values, f.Opened), append(resolved.Values, f.Resolved)
	}
	return []chart.Sort{opened, resolved}
}

// keptBars show which share of tickets kept each target; those that none had are left out.
func keptBars(w text.Words, f store.Figures) chart.Panel {
	p := chart.Panel{Title: w.Say("picture.kept"), Lying: true, Unit: w.Say("picture.percent"), Most: 100, Sorts: make([]chart.Sort, 1)}
	for _, one := range []struct {
		key      string
		kept, of int
	}{{"response", f.ResponseKept, f.ResponseOf}, {"resolution", f.ResolutionKept, f.ResolutionOf}, {"later", f.Kept, f.Kept + f.Missed}} {
		if one.of > 0 {
			p.Labels = append(p.Labels, w.Say("picture."+one.key, text.Args{"Part": one.kept, "Of": one.of}))
			p.Sorts[0].Values = append(p.Sorts[0].Values, 100*one.kept/one.of)
		}
	}
	return p
}

// serviceBars show the services with the most tickets, and all others together.
func (b *Bot) serviceBars(w text.Words, fs []store.Figures) chart.Panel {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b store.Figures) int { return b.Opened + b.Resolved - a.Opened - a.Resolved })
	p := chart.Panel{Title: w.Say("picture.services"), Lying: true}
	var flows []store.Flow
	for i, f := range fs {
		if i >= shownServices && len(fs) > shownServices+1 {
			if i == shownServices {
				p.Labels, flows = append(p.Labels, w.Say("picture.others")), append(flows, store.Flow{})
			}
			flows[shownServices].Opened += f.Opened
			flows[shownServices].Resolved += f.Resolved
			continue
		}
		p.Labels, flows = append(p.Labels, b.service(w, f.Service)), append(flows, store.Flow{Opened: f.Opened, Resolved: f.Resolved})
	}
	p.Sorts = sorts(w, flows)
	return p
}

// described says in a line of words what a panel shows.
func described(w text.Words, p chart.Panel) string {
	var items []string
	for i, label := range p.Labels {
		says := fmt.Sprint(p.Sorts[0].Values[i]) + p.Unit
		if len(p.Sorts) > 1 {
			says = w.Say("stats.done", text.Args{"Opened": p.Sorts[0].Values[i], "Resolved": p.Sorts[1].Values[i]})
		}
		items = append(items, w.Say("picture.item", text.Args{"Label": label, "Says": says}))
	}
	return w.Say("picture.item", text.Args{"Label": p.Title, "Says": strings.Join(items, w.Say("stats.and"))}) + "."
}
