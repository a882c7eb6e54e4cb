package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// script is what is said in one ticket. Its agent is in Slack; its requester comes by some door.
type script struct {
	*crowd
	subject string
	agent   string
	turns   []turn
	door    door
	copies  door         // whatever its requester is told comes here as well, and they may answer here; nil: it does not
	begun   func() error // what is to happen once the ticket is there; may be nil
	inOrder bool         // the door hands over in order what is written without waiting, other than Slack and mail servers

	card localslack.Message // the root of its thread at the desk
}

// door is how the requester of a ticket talks with the desk.
type door interface {
	open() error             // opens the ticket, as often as it takes, and finds its conversation
	write(text string) error // writes into it
	read() ([]string, error) // what others wrote in it, as far as the requester sees that, in order
	resolved() error         // what is wrong with how the requester is told that it is there and resolved
	sees() ([]string, error) // all that the requester sees there, of whatever ticket
	is() (who string)        // whom the requester is known as there
}

// turn is what one side writes before it waits for the other to have it.
type turn struct {
	byAgent bool
	note    bool
	byCopy  bool // the requester answers where the copies come
	texts   []string
}

func newCrowd(t *testing.T, slack *localslack.Server) *crowd {
	return &crowd{t: t, slack: slack, ctx: context.WithoutCancel(t.Context()), said: map[string]bool{}, opened: make(chan bool, 100)}
}

// newCrowdInSlack is one whose requesters all are in Slack.
func newCrowdInSlack(t *testing.T, slack *localslack.Server, random *rand.Rand) *crowd {
	c := newCrowd(t, slack)
	var requesters []string
	for _, u := range slack.Config.Users {
		if u.ID != localslack.Nadia && u.ID != localslack.Oliver {
			requesters = append(requesters, u.ID)
		}
	}
	for i := range ticketsOfACrowd {
		c.asksInSlack(random, requesters[i%len(requesters)])
	}
	return c
}

// asks adds a ticket, whose door is still to be set.
func (c *crowd) asks(random *rand.Rand) *script {
	i := len(c.scripts)
	s := &script{crowd: c, subject: fmt.Sprintf("[t%d]", i), agent: []string{localslack.Nadia, localslack.Oliver}[random.IntN(2)]}
	told := false // something that the requester has got, and can answer
	for n := range turnsOfATicket {
		next := turn{byAgent: n%2 == 0, note: n%2 == 0 && random.IntN(3) == 0, byCopy: told && n%4 == 3}
		told = told || next.byAgent && !next.note
		for m := range 1 + random.IntN(3) {
			next.texts = append(next.texts, fmt.Sprintf("[t%d.%d.%d]", i, n, m))
		}
		s.turns = append(s.turns, next)
	}
	c.scripts = append(c.scripts, s)
	return s
}

func (c *crowd) asksInSlack(random *rand.Rand, who string) *script {
	s := c.asks(random)
	s.door = &slackDoor{script: s, who: who}
	return s
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
	if err := s.door.open(); err != nil {
		return err
	}
	if err := s.findCard(); err != nil {
		return err
	}
	if s.begun != nil {
		if err := s.begun(); err != nil {
			return err
		}
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

// findCard finds the ticket's card at the desk.
func (s *script) findCard() error {
	return s.until("the desk has the ticket", func() bool {
		found, err := s.roots(localslack.Support)
		if err == nil && len(found) > 0 {
			s.card = found[0]
		}
		return len(found) > 0
	})
}

// roots are the cards of the ticket in a channel.
func (s *script) roots(channel string) ([]localslack.Message, error) {
	found, err := s.find(channel, s.subject)
	return slices.DeleteFunc(found, func(m localslack.Message) bool { return m.ThreadTS != "" }), err
}

// take has one side write, and waits until the other has it; a note goes nowhere: nobody waits for it.
func (s *script) take(t turn) error {
	write, reads := s.door.write, []func() ([]string, error){func() ([]string, error) { return s.thread(s.card) }}
	switch {
	case t.byAgent:
		write = func(text string) error {
			_, err := s.slack.PostMessage(s.ctx, s.agent, s.card.Channel, text, s.card.TS)
			return err
		}
		reads[0] = s.door.read
		if s.copies != nil {
			reads = append(reads, s.copies.read)
		}
	case s.copies != nil && t.byCopy:
		write = s.copies.write
	}
	for _, text := range t.texts {
		s.mu.Lock()
		s.said[text] = true
		s.mu.Unlock()
		if t.note {
			text = "note: " + text
		}
		if err := write(text); err != nil {
			return err
		}
	}
	if t.note {
		return nil
	}
	return s.until(fmt.Sprintf("%q is read", t.texts), func() bool {
		for _, read := range reads {
			got, err := read()
			if err != nil || slices.ContainsFunc(t.texts, func(text string) bool { return !slices.Contains(got, text) }) {
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
