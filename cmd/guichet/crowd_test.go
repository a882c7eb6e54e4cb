package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/internal/localslack"
)

const (
	ticketsOfACrowd = 6
	turnsOfATicket  = 6

	// crowdPatience is how long somebody waits for an answer: longer than killing lasts, and the
	// catching up after it, which reads each conversation at Slack's pace.
	crowdPatience = 90 * time.Second
	// formPatience is how long a form takes to open, if it opens: its trigger lives for 3 seconds.
	formPatience = 4 * time.Second
)

// town is a company with more employees than the demo's.
func town() localslack.Config {
	c := localslack.Demo()
	for _, name := range []string{"Bruno", "Chloé", "Denis"} {
		id := "U1" + strings.ToUpper(strings.ReplaceAll(name, "é", "e"))
		c.Users = append(c.Users, localslack.User{ID: id, Name: strings.ToLower(name), RealName: name})
		c.Channels[0].Members = append(c.Channels[0].Members, id)
	}
	return c
}

// crowd are people who talk in several tickets at once. Whoever has written waits until the other side
// has it, as people do; some write several messages at a time. They write and press again what plainly
// failed.
type crowd struct {
	t     *testing.T
	slack *localslack.Server
	ctx   context.Context

	scripts []*script
	opened  chan bool  // gets one for each ticket that was opened
	form    sync.Mutex // local-slack shows one form at a time, to everybody

	mu   sync.Mutex
	said map[string]bool // all that was written
}

// script is what is said in one ticket.
type script struct {
	*crowd
	subject   string
	requester string
	agent     string
	turns     []turn

	card, mine localslack.Message // the roots of its two threads
}

// turn is what one side writes before it waits for the other to have it.
type turn struct {
	byAgent bool
	note    bool
	texts   []string
}

func newCrowd(t *testing.T, slack *localslack.Server, random *rand.Rand) *crowd {
	c := &crowd{t: t, slack: slack, ctx: context.WithoutCancel(t.Context()), said: map[string]bool{}, opened: make(chan bool, ticketsOfACrowd)}
	var requesters []string
	for _, u := range slack.Config.Users {
		if u.ID != localslack.Nadia && u.ID != localslack.Oliver {
			requesters = append(requesters, u.ID)
		}
	}
	for i := range ticketsOfACrowd {
		s := &script{crowd: c, subject: fmt.Sprintf("[t%d]", i), requester: requesters[i%len(requesters)],
			agent: []string{localslack.Nadia, localslack.Oliver}[random.IntN(2)]}
		for n := range turnsOfATicket {
			next := turn{byAgent: n%2 == 0, note: n%2 == 0 && random.IntN(3) == 0}
			for m := range 1 + random.IntN(3) {
				next.texts = append(next.texts, fmt.Sprintf("[t%d.%d.%d]", i, n, m))
			}
			s.turns = append(s.turns, next)
		}
		c.scripts = append(c.scripts, s)
	}
	return c
}

// talk returns once all has been said, and has arrived.
func (c *crowd) talk() error {
	errs := make(chan error)
	for _, s := range c.scripts {
		go func() {
			err := s.play()
			if err != nil {
				err = fmt.Errorf("ticket %s: %w", s.subject, err)
			}
			errs <- err
		}()
	}
	var all error
	for range c.scripts {
		all = errors.Join(all, <-errs)
	}
	return all
}

func (s *script) play() error {
	if err := s.open(); err != nil {
		return err
	}
	s.opened <- true
	if err := s.press("take", "In progress"); err != nil {
		return err
	}
	for _, turn := range s.turns {
		if err := s.take(turn); err != nil {
			return err
		}
	}
	return s.press("resolve", "Resolved")
}

// open opens the ticket by its form, as often as it takes, and finds both its threads.
func (s *script) open() error {
	dm, err := s.slack.DM(s.ctx, s.requester)
	if err != nil {
		return err
	}
	if err := s.fill(); err != nil {
		return err
	}
	for _, side := range []struct {
		root    *localslack.Message
		channel string
	}{{&s.card, localslack.Support}, {&s.mine, dm}} {
		err := s.until("the ticket is shown", func() bool {
			found, err := s.find(side.channel, s.subject)
			if err == nil && len(found) > 0 {
				*side.root = found[0]
			}
			return len(found) > 0
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill opens the form and sends it. A form that comes back with an error is sent again; one that does
// not open is asked for again.
func (s *script) fill() error {
	s.form.Lock()
	defer s.form.Unlock()
	p, err := s.slack.OpenPage(s.ctx, s.requester)
	if err != nil {
		return err
	}
	defer p.Close()
	deadline := time.Now().Add(crowdPatience)
	for time.Now().Before(deadline) {
		form, opened, err := s.ask(p)
		if err != nil {
			return err
		}
		if !opened {
			continue
		}
		values, err := form.Fill(map[string]string{"kind": "incident", "subject": s.subject, "description": "Does not start.",
			"impact": "one", "urgency": "medium"})
		if err != nil {
			return err
		}
		for time.Now().Before(deadline) {
			_, wrong, err := p.Submit(s.ctx, values)
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

// ask types the command and waits for its form, which does not open if guichet has died meanwhile.
func (s *script) ask(p *localslack.Page) (form localslack.View, opened bool, err error) {
	failures := func() int {
		n, _ := s.slack.Messages(s.ctx, localslack.General)
		return len(slices.DeleteFunc(n, func(m localslack.Message) bool { return !strings.Contains(m.Text, "failed with the error") }))
	}
	before := failures()
	if err := p.Slash(s.ctx, localslack.General, "/ticket", "office"); err != nil {
		return form, false, err
	}
	look := func(patience time.Duration) bool {
		ctx, cancel := context.WithTimeout(s.ctx, patience)
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

// press presses a button of the card until that shows what follows.
func (s *script) press(button, shows string) error {
	pressed := time.Time{}
	return s.until("pressing "+button, func() bool {
		cards, err := s.find(localslack.Support, s.subject)
		if err != nil || len(cards) == 0 {
			return false
		}
		if strings.Contains(cards[0].AllText(), shows) {
			return true
		}
		if time.Since(pressed) > 2*time.Second {
			pressed = time.Now()
			for _, b := range cards[0].Buttons() {
				if b.ActionID == button || strings.HasPrefix(b.ActionID, button+".") {
					_ = s.slack.Press(s.ctx, s.agent, localslack.Support, cards[0].TS, b.BlockID, b.ActionID, b.Value)
				}
			}
		}
		return false
	})
}

// take has one side write, and waits until the other has it; for a note, until it is confirmed.
func (s *script) take(t turn) error {
	who, from, to := s.requester, s.mine, s.card
	if t.byAgent {
		who, from, to = s.agent, s.card, s.mine
	}
	for _, text := range t.texts {
		s.mu.Lock()
		s.said[text] = true
		s.mu.Unlock()
		if t.note {
			text = "note: " + text
		}
		if _, err := s.slack.PostMessage(s.ctx, who, from.Channel, text, from.TS); err != nil {
			return err
		}
	}
	if t.note {
		return nil // it goes nowhere: nobody waits for it
	}
	return s.until(fmt.Sprintf("%s reads %q", to.Channel, t.texts), func() bool {
		for _, text := range t.texts {
			if found, err := s.find(to.Channel, text); err != nil || len(found) == 0 {
				return false
			}
		}
		return true
	})
}

// find are the messages of guichet's in a channel that hold a text.
func (c *crowd) find(channel, text string) (found []localslack.Message, err error) {
	all, err := c.slack.Messages(c.ctx, channel)
	for _, m := range all {
		if m.BotID != "" && m.EphemeralTo == "" && strings.Contains(m.AllText(), text) {
			found = append(found, m)
		}
	}
	return found, err
}

func (c *crowd) until(what string, ok func() bool) error {
	deadline := time.Now().Add(crowdPatience)
	for !ok() {
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %v: %s", crowdPatience, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}

var tag = regexp.MustCompile(`\[t\d+(\.\d+\.\d+)?\]`)

// check holds both sides, and the database, against what was said.
func (c *crowd) check(list func(query string) []string) {
	c.t.Helper()
	for _, s := range c.scripts {
		kept := list(`SELECT m.body FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE t.subject = '` + s.subject + `' ORDER BY m.id`)
		if len(kept) == 0 {
			c.t.Errorf("ticket %s is not there", s.subject)
			continue
		}
		kept = kept[1:] // the description
		if n := list(`SELECT COUNT(*) || '' FROM tickets WHERE subject = '` + s.subject + `'`); n[0] != "1" {
			c.t.Errorf("ticket %s is there %s times", s.subject, n[0])
		}
		var fromAgent, fromRequester, notes []string // in the order in which they were taken in
		for _, turn := range s.turns {
			for _, text := range turn.texts {
				if n := slices.Index(kept, text); n < 0 {
					c.t.Errorf("%s is lost", text)
				}
			}
		}
		if len(kept) != s.length() {
			c.t.Errorf("ticket %s has %d messages, want %d: %q", s.subject, len(kept), s.length(), kept)
		}
		last := -1
		for _, text := range kept {
			i := slices.IndexFunc(s.turns, func(t turn) bool { return slices.Contains(t.texts, text) })
			if i < 0 {
				continue // told above
			}
			switch turn := s.turns[i]; {
			case turn.note:
				notes = append(notes, text)
				continue // nobody has waited for it
			case turn.byAgent:
				fromAgent = append(fromAgent, text)
			default:
				fromRequester = append(fromRequester, text)
			}
			if i < last {
				c.t.Errorf("ticket %s: %s of turn %d comes after turn %d", s.subject, text, i, last)
			}
			last = i
		}
		c.shows(s.mine, "the requester", fromAgent)
		c.shows(s.card, "the desk", fromRequester)
		if n, want := c.receipts(s.card), len(fromAgent)+len(notes); n != want {
			c.t.Errorf("the agents of %s get %d receipts for %d messages", s.subject, n, want)
		}
		for _, note := range notes {
			if found, _ := c.find(s.mine.Channel, note); len(found) > 0 {
				c.t.Errorf("the requester reads the note %s", note)
			}
		}
		for _, root := range []localslack.Message{s.card, s.mine} {
			cards, _ := c.find(root.Channel, s.subject)
			roots := slices.DeleteFunc(cards, func(m localslack.Message) bool { return m.ThreadTS != "" })
			if len(roots) != 1 || !strings.Contains(roots[0].AllText(), "Resolved") {
				c.t.Errorf("%s has %d cards of ticket %s: %v", root.Channel, len(roots), s.subject, roots)
			}
		}
	}
}

func (s *script) length() (n int) {
	for _, t := range s.turns {
		n += len(t.texts)
	}
	return n
}

// receipts counts how often guichet says in a thread what has become of what an agent wrote there.
func (c *crowd) receipts(root localslack.Message) (n int) {
	c.t.Helper()
	all, err := c.slack.Messages(c.ctx, root.Channel)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range all {
		if m.ThreadTS == root.TS && (strings.Contains(m.AllText(), "Reply: goes to") || strings.Contains(m.AllText(), "Internal note: it stays here")) {
			n++
		}
	}
	return n
}

// shows checks what guichet has carried into a thread.
func (c *crowd) shows(root localslack.Message, side string, want []string) {
	c.t.Helper()
	all, err := c.slack.Messages(c.ctx, root.Channel)
	if err != nil {
		c.t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		if m.BotID != "" && m.EphemeralTo == "" && m.ThreadTS == root.TS && strings.Contains(m.AllText(), " wrote") {
			got = append(got, tag.FindString(m.AllText()))
		}
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("%s of %s reads\n%q, want\n%q", side, root.AllText(), got, want)
	}
}
