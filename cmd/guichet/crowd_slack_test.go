package main_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"guichet/internal/localslack"
)

// slackDoor is how somebody in Slack asks: by a form, and then in the thread of their card.
type slackDoor struct {
	*script
	who  string
	mine localslack.Message // the root of the thread
}

func (d *slackDoor) is() string { return d.who }

// open opens the ticket by its form, as often as it takes, and finds its thread.
func (d *slackDoor) open() error {
	dm, err := d.slack.DM(d.ctx, d.who)
	if err != nil {
		return err
	}
	if err := d.fill(); err != nil {
		return err
	}
	return d.until("the ticket is shown", func() bool {
		found, err := d.roots(dm)
		if err == nil && len(found) > 0 {
			d.mine = found[0]
		}
		return len(found) > 0
	})
}

func (d *slackDoor) write(text string) error {
	_, err := d.slack.PostMessage(d.ctx, d.who, d.mine.Channel, text, d.mine.TS)
	return err
}

func (d *slackDoor) read() ([]string, error) { return d.thread(d.mine) }

func (d *slackDoor) resolved() error { return d.resolvedIn(d.mine.Channel) }

func (d *slackDoor) sees() (seen []string, err error) {
	for _, channel := range []string{d.mine.Channel, localslack.General} {
		all, failed := d.slack.Messages(d.ctx, channel)
		for _, m := range all {
			if m.BotID != "" && (m.EphemeralTo == "" || m.EphemeralTo == d.who) {
				seen = append(seen, m.AllText())
			}
		}
		err = errors.Join(err, failed)
	}
	return seen, err
}

// fill opens the form and sends it. A form that comes back with an error is sent again; one that does
// not open is asked for again.
func (d *slackDoor) fill() error {
	d.form.Lock()
	defer d.form.Unlock()
	p, err := d.slack.OpenPage(d.ctx, d.who)
	if err != nil {
		return err
	}
	defer p.Close()
	deadline := time.Now().Add(crowdPatience)
	for time.Now().Before(deadline) {
		form, opened, err := d.ask(p, "/ticket", "office")
		if err != nil {
			return err
		}
		if !opened {
			continue
		}
		values, err := form.Fill(map[string]string{"kind": "incident", "subject": d.subject, "description": "Does not start.",
			"impact": "one", "urgency": "medium"})
		if err != nil {
			return err
		}
		for time.Now().Before(deadline) {
			_, wrong, err := p.Submit(d.ctx, values)
			if err != nil {
				return err
			}
			if len(wrong) == 0 {
				return nil
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return errors.New("the form can't be sent")
}

// ask types a command in Slack and waits for its form, which does not open if guichet has died meanwhile.
func (c *crowd) ask(p *localslack.Page, command, words string) (form localslack.View, opened bool, err error) {
	failures := func() int {
		n, _ := c.slack.Messages(c.ctx, localslack.General)
		return len(slices.DeleteFunc(n, func(m localslack.Message) bool { return !strings.Contains(m.Text, "failed with the error") }))
	}
	before := failures()
	if err := p.Slash(c.ctx, localslack.General, command, words); err != nil {
		return form, false, err
	}
	look := func(patience time.Duration) bool {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		defer cancel()
		form, err = p.View(ctx)
		return err == nil
	}
	for began := time.Now(); time.Since(began) < formPatience; {
		if look(100*time.Millisecond) || failures() > before && !look(100*time.Millisecond) {
			break
		}
	}
	return form, err == nil, nil
}
