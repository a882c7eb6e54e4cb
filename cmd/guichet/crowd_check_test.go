package main_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"guichet/internal/localslack"
)

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
		// In the order in which they were taken in. What a requester writes by one door shows at the other, too.
		var fromAgent, fromRequester, toRequester, notes []string
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
				fromAgent, toRequester = append(fromAgent, text), append(toRequester, text)
			default:
				fromRequester = append(fromRequester, text)
				if s.copies != nil && turn.byCopy {
					toRequester = append(toRequester, text)
				}
			}
			if i < last {
				c.t.Errorf("ticket %s: %s of turn %d comes after turn %d", s.subject, text, i, last)
			}
			last = i
		}
		if written := s.written(); s.inOrder && !slices.Equal(fromRequester, written) {
			c.t.Errorf("the desk of %s reads %q, written was %q", s.subject, fromRequester, written)
		}
		c.reads(s, "the requester", s.door.read, toRequester)
		if s.copies != nil {
			c.reads(s, "the requester, by the other door,", s.copies.read, fromAgent)
		}
		c.reads(s, "the desk", func() ([]string, error) { return s.thread(s.card) }, fromRequester)
		if n, want := c.receipts(s.card), len(fromAgent)+len(notes); n != want {
			c.t.Errorf("the agents of %s get %d receipts for %d messages", s.subject, n, want)
		}
		for _, err := range []error{s.resolvedIn(localslack.Support), s.door.resolved()} {
			if err != nil {
				c.t.Errorf("ticket %s: %v", s.subject, err)
			}
		}
		c.keepsToItself(s, notes)
	}
}

// resolvedIn checks that a channel has the ticket's card once, and that it says that the ticket is resolved.
func (s *script) resolvedIn(channel string) error {
	roots, err := s.roots(channel)
	if err == nil && (len(roots) != 1 || !strings.Contains(roots[0].AllText(), "Resolved")) {
		err = fmt.Errorf("%s has %d cards: %v", channel, len(roots), roots)
	}
	return err
}

// keepsToItself checks that nobody else sees anything of a ticket, nor its requester a note.
func (c *crowd) keepsToItself(s *script, notes []string) {
	c.t.Helper()
	for _, other := range c.scripts {
		for _, d := range []door{other.door, other.copies} {
			if d == nil {
				continue
			}
			seen, err := d.sees()
			if err != nil {
				c.t.Fatal(err)
			}
			all := strings.Join(seen, "\n")
			for _, note := range notes {
				if strings.Contains(all, note) {
					c.t.Errorf("%s sees the note %s", d.is(), note)
				}
			}
			own := d.is() == s.door.is() || s.copies != nil && d.is() == s.copies.is()
			if begins := strings.TrimSuffix(s.subject, "]"); !own && (strings.Contains(all, begins+"]") || strings.Contains(all, begins+".")) {
				c.t.Errorf("%s sees something of ticket %s", d.is(), s.subject)
			}
		}
	}
}

// written is what the requester wrote, as they did.
func (s *script) written() (texts []string) {
	for _, turn := range s.turns {
		if !turn.byAgent {
			texts = append(texts, turn.texts...)
		}
	}
	return texts
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

// thread is what guichet has carried into a thread in Slack.
func (c *crowd) thread(root localslack.Message) (got []string, err error) {
	all, err := c.slack.Messages(c.ctx, root.Channel)
	for _, m := range all {
		if m.BotID != "" && m.EphemeralTo == "" && m.ThreadTS == root.TS && strings.Contains(m.AllText(), " wrote") {
			got = append(got, tag.FindString(m.AllText()))
		}
	}
	return got, err
}

// reads checks what one side has got.
func (c *crowd) reads(s *script, side string, read func() ([]string, error), want []string) {
	c.t.Helper()
	got, err := read()
	if err != nil {
		c.t.Errorf("%s of %s: %v", side, s.subject, err)
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("%s of %s reads\n%q, want\n%q", side, s.subject, got, want)
	}
}
