package helpdesk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// Macro is a canned answer. Its text has placeholders, such as {{requester}}, which are filled in when it is used.
type Macro struct {
	Key    string
	Title  func(language string) string
	Queues []string // in which it is used; empty: in all
	Text   func(language string) string
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
	return strings.NewReplacer("{{requester}}", requester.Name, "{{agent}}", agent.Name, "{{ticket}}", "#"+strconv.FormatInt(int64(t.ID), 10),
		"{{subject}}", t.Subject, "{{service}}", service, "{{queue}}", q.Name(language), "{{organization}}", o.Name).Replace(m.Text(language)), nil
}

// macro sends a canned answer to the requester of a locked ticket, as something that the agent says.
func (d *Desk) macro(ctx context.Context, tx *store.Tx, a Actor, who Standing, t store.Ticket, key string) (out Outcome, found bool, err error) {
	all := d.catalog.MacrosOf(t.Queue)
	i := slices.IndexFunc(all, func(m Macro) bool { return strings.EqualFold(m.Key, key) })
	if i < 0 {
		return out, false, nil
	}
	text, err := d.filled(ctx, tx, all[i], t, who.Person)
	if err != nil {
		return out, true, err
	}
	s, err := d.speak(ctx, tx, a, who, t, store.Message{Body: typed(text), Side: store.DeskSide, Audience: store.Public}, "")
	return s.Outcome, true, err
}
