package main_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"guichet/internal/fakemattermost"
	"guichet/internal/postoffice"
)

// teamDoor is how somebody in Mattermost asks: by a dialog, and then in the thread of their card.
type teamDoor struct {
	*script
	team *fakemattermost.Server
	who  string
	form *sync.Mutex         // who asks two things at once must know which form is for which
	mine fakemattermost.Post // the root of the thread
}

func (d *teamDoor) is() string { return d.who }

func (d *teamDoor) open() error {
	form, err := d.ask()
	if err != nil {
		return err
	}
	values := map[string]any{"kind": "information", "subject": d.subject, "description": "Does not start."}
	err = d.until("the form is sent", func() bool { // the same again, so that it is one ticket
		wrong, err := d.team.Send(d.who, form, values)
		return err == nil && len(wrong) == 0
	})
	if err != nil {
		return err
	}
	return d.until("the ticket is shown", func() bool {
		found := d.cards()
		if len(found) > 0 {
			d.mine = found[0]
		}
		return len(found) > 0
	})
}

// ask types the command until its form opens, which it does not if guichet has died meanwhile.
func (d *teamDoor) ask() (form fakemattermost.Dialog, err error) {
	d.form.Lock()
	defer d.form.Unlock()
	asked, before := time.Time{}, d.team.Dialogs(d.who)
	return form, d.until("the form opens", func() bool {
		if time.Since(asked) > formPatience {
			asked = time.Now()
			if _, err := d.team.Type(d.who, d.team.Direct(d.who), "/ticket", "office"); err != nil {
				asked = time.Time{}
			}
		}
		form, _ = d.team.Dialog(d.who)
		return d.team.Dialogs(d.who) > before
	})
}

// write takes a moment, in which guichet may die or come back: what it missed must come before what it hears.
func (d *teamDoor) write(text string) error {
	time.Sleep(rand.N(500 * time.Millisecond))
	_, err := d.team.Say(d.who, d.mine.ChannelID, d.mine.ID, text)
	return err
}

// posts are guichet's in the direct channel.
func (d *teamDoor) posts() []fakemattermost.Post {
	return slices.DeleteFunc(d.team.Posts(d.team.Direct(d.who)), func(p fakemattermost.Post) bool { return p.UserID != d.team.Bot })
}

func (d *teamDoor) cards() []fakemattermost.Post {
	return slices.DeleteFunc(d.posts(), func(p fakemattermost.Post) bool { return p.RootID != "" || !strings.Contains(p.Shown(), d.subject) })
}

func (d *teamDoor) read() (got []string, err error) {
	for _, p := range d.posts() {
		if p.RootID == d.mine.ID && strings.Contains(p.Shown(), " wrote") {
			got = append(got, tag.FindString(p.Shown()))
		}
	}
	return got, nil
}

func (d *teamDoor) resolved() error {
	if cards := d.cards(); len(cards) != 1 || !strings.Contains(cards[0].Shown(), "Resolved") {
		return fmt.Errorf("%d cards in Mattermost: %v", len(cards), cards)
	}
	return nil
}

func (d *teamDoor) sees() (seen []string, err error) {
	for _, p := range d.posts() {
		seen = append(seen, p.Shown())
	}
	return seen, nil
}

// mailDoor is how somebody asks by mail: a new one, and then in answer to those that they get.
type mailDoor struct {
	*script
	post *postoffice.Server
	who  mail.Address
}

func (d *mailDoor) is() string { return d.who.Address }

func (d *mailDoor) open() error {
	d.post.Write(d.who, deskAddress, d.subject, "Does not start.")
	return d.until("the mail is confirmed", func() bool { got, _ := d.mails("has reached"); return len(got) > 0 })
}

// write answers the latest mail. Two on their way at once may overtake each other.
func (d *mailDoor) write(text string) error {
	got, err := d.mails("")
	if err != nil {
		return err
	}
	d.post.Reply(d.who, got[len(got)-1], text)
	return nil
}

// mails are those about the ticket that say something new, as mail programs show them: one with the Message-ID of
// another is the same, and must say the same.
func (d *mailDoor) mails(says string) (got []postoffice.Mail, err error) {
	first := map[string]string{}
	for _, m := range d.post.Mails(d.who.Address) {
		if !strings.Contains(m.Subject, d.subject) {
			continue
		}
		was, again := first[m.MessageID]
		if again && was != news(m) {
			err = errors.Join(err, fmt.Errorf("two mails are <%s>:\n%s\n%s", m.MessageID, was, news(m)))
		}
		if !again && strings.Contains(news(m), says) {
			got = append(got, m)
		}
		first[m.MessageID] = news(m)
	}
	for _, m := range got {
		if m.References[0] != got[0].References[0] {
			err = errors.Join(err, fmt.Errorf("mails of ticket %s are of two threads", d.subject))
		}
	}
	return got, err
}

// news is what a mail says, without what was said before.
func news(m postoffice.Mail) string {
	words, _, _ := strings.Cut(m.Whole, "Earlier in this conversation")
	return words
}

func (d *mailDoor) read() (got []string, err error) {
	mails, err := d.mails(" wrote")
	for _, m := range mails {
		got = append(got, tag.FindString(news(m)))
	}
	return got, err
}

func (d *mailDoor) resolved() error {
	for _, says := range []string{"has reached", "has marked the ticket as resolved"} {
		if got, err := d.mails(says); err != nil || len(got) != 1 {
			return fmt.Errorf("%d mails say %q: %w", len(got), says, err)
		}
	}
	return nil
}

func (d *mailDoor) sees() (seen []string, err error) {
	for _, m := range d.post.Mails(d.who.Address) {
		seen = append(seen, m.Subject+m.Whole)
	}
	return seen, nil
}
