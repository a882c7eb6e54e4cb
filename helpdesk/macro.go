package helpdesk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/store"
)

// Macro is a canned answer. Its text has placeholders, such as {{requester}}, which are filled in when it is used.
type Macro struct {
	Key    string
	Title  func(language string) string
	Queues []string // in which it is used; empty: in all
	Text   func(language string) string
	Then   Act // done once it is said: Resolve or Wait; empty: nothing
}

// Placeholders are those that a macro's text may have.
var Placeholders = []string{"requester", "agent", "ticket", "subject", "service", "queue", "organization"}

// MacrosOf are the canned answers of a queue.
func (c *Catalog) MacrosOf(queue string) (all []Macro) {
	for _, m := range c.Macros {
		if len(m.Queues) == 0 || slices.Contains(m.Queues, queue) {
			all = append(all, m)
		}
	}
	return all
}

// Macros are the canned answers that somebody may use: those of their queues.
func (d *Desk) Macros(ctx context.Context, a Actor) (all []Macro, err error) {
	who, err := d.Standing(ctx, a)
	for _, m := range d.catalog.Macros {
		if slices.ContainsFunc(who.Queues, func(q string) bool { return len(m.Queues) == 0 || slices.Contains(m.Queues, q) }) {
			all = append(all, m)
		}
	}
	return all, err
}

// filled is a macro's text about a ticket, in the requester's language. What fills it in are plain words, whatever they look
// like.
func (d *Desk) filled(ctx context.Context, tx *store.Tx, m Macro, t store.Ticket, agent store.Person) (string, error) {
	requester, err := tx.Person(ctx, t.Requester)
	if err != nil {
		return "", err
	}
	language := requester.Language
	s, _ := d.catalog.Service(t.Service)
	q, _ := d.catalog.Queue(t.Queue)
	o, _ := d.catalog.Organization(t.Organization)
	service := ""
	if s.Name != nil {
		service = s.Name(language)
	}
	return strings.NewReplacer("{{requester}}", requester.Name, "{{agent}}", agent.Name, "{{ticket}}", d.catalog.NameOf(t),
		"{{subject}}", t.Subject, "{{service}}", service, "{{queue}}", q.Name(language), "{{organization}}", o.Name).Replace(m.Text(language)), nil
}

// macro is a canned answer of a queue, by its key.
func (c *Catalog) macro(queue, key string) (m Macro, ok bool) {
	all := c.MacrosOf(queue)
	i := slices.IndexFunc(all, func(m Macro) bool { return strings.EqualFold(m.Key, key) })
	if i < 0 {
		return m, false
	}
	return all[i], true
}

// answer says a text to the requester of a locked ticket, and does what its macro says should follow, where the ticket's state
// then allows it. What something follows goes out at once: half of it could be taken back, and the requester would be told of the rest.
func (d *Desk) answer(ctx context.Context, tx *store.Tx, a Actor, who Standing, t store.Ticket, m Macro, text string) (Spoken, error) {
	a.AtOnce = m.Then != ""
	s, err := d.speak(ctx, tx, a, who, t, store.Message{Body: typed(text), Side: store.DeskSide, Audience: store.Public}, "")
	if err != nil || m.Then == "" {
		return s, err
	}
	t = s.Ticket
	if _, ok := Next(State(t.State), m.Then, store.DeskSide, t.Assignee != 0); !ok {
		return s, nil
	}
	s.Outcome, err = d.press(ctx, tx, a, t, m.Then, store.DeskSide)
	s.Changed = true // it has been said, whatever else
	return s, err
}

// Filled returns the text of a canned answer about a ticket, for an agent who may send it and change it before.
func (d *Desk) Filled(ctx context.Context, a Actor, id store.TicketID, key string) (t store.Ticket, m Macro, text string, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		var who Standing
		if who, t, err = d.look(ctx, tx, a, Reply, id, store.DeskSide); err != nil {
			return err
		}
		var ok bool
		if m, ok = d.catalog.macro(t.Queue, key); !ok {
			return refuse(NoMacro, t)
		}
		text, err = d.filled(ctx, tx, m, t, who.Person)
		return err
	})
	return t, m, text, err
}

// Answer sends a canned answer as an agent has left it. nonce is the form's.
func (d *Desk) Answer(ctx context.Context, a Actor, id store.TicketID, key, text, nonce string) (s Spoken, err error) {
	if nonce == "" {
		return s, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, Reply, store.DeskSide, id)
		if err != nil {
			return err
		}
		m, ok := d.catalog.macro(t.Queue, key)
		if !ok {
			return refuse(NoMacro, t)
		}
		s, err = d.answer(ctx, tx, a, who, t, m, text)
		return err
	})
	return s, err
}
