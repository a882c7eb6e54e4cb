package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// MostLinks is how many others a ticket may have to do with.
const MostLinks = 20

// other locks another ticket that an agent names in an act on one, where they may do the same to it.
func (d *Desk) other(ctx context.Context, tx *store.Tx, agent store.PersonID, act Act, t store.Ticket, name string) (o store.Ticket, err error) {
	no := &Refusal{Code: NoOther, Ticket: t, Other: Shorten(name, 20)}
	id, ok := d.catalog.ParseName(name)
	if !ok {
		return o, no
	}
	if id == t.ID {
		return o, refuse(Itself, t)
	}
	o, err = tx.LockTicket(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return o, no
	}
	if err != nil {
		return o, err
	}
	who, err := d.standing(ctx, tx, agent)
	switch {
	case err != nil:
		return o, err
	case May(who, act, store.DeskSide, o):
		return o, nil
	case slices.Contains(who.Unsure, o.Queue):
		return o, &Refusal{Code: Unverified, Ticket: store.Ticket{ID: t.ID}, Queue: o.Queue}
	}
	return o, no
}

// merged is what Merge makes of a ticket: closed, and going on in another of the same organization, whose people may read each other.
func (d *Desk) merged(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	o, err := d.other(ctx, tx, e.Actor, Merge, *t, c.To)
	switch {
	case err != nil:
		return err
	case o.Organization != t.Organization:
		return &Refusal{Code: Elsewhere, Ticket: *t, Other: d.catalog.NameOf(o)}
	case State(o.State) == Closed:
		return &Refusal{Code: OtherClosed, Ticket: *t, Other: d.catalog.NameOf(o)}
	case t.Affected > 0:
		return refuse(HasParts, *t)
	}
	if err := d.unannounced(ctx, tx, *t); err != nil {
		return err
	}
	t.Merged, t.Parent, t.State = o.ID, 0, string(Closed)
	e.Detail = fmt.Sprint(o.ID)
	return nil
}

// mergedInto brings what a ticket began with into the one in which it goes on, as a note, and has its people read along there.
func (d *Desk) mergedInto(ctx context.Context, tx *store.Tx, old, t store.Ticket, e store.Event, _ Change) (m store.Message, err error) {
	if old.Parent != 0 { // it is one ticket less that is affected
		if err := d.affect(ctx, tx, old.Parent, -1); err != nil {
			return m, err
		}
	}
	o, err := tx.LockTicket(ctx, t.Merged)
	if err != nil {
		return m, err
	}
	if o.Quiet {
		o.Quiet = false
		if err := d.keep(ctx, tx, &o, clocksOf(o)); err != nil {
			return m, err
		}
	}
	fs, err := tx.Followers(ctx, t.ID)
	if err != nil {
		return m, err
	}
	in := store.Event{Ticket: o.ID, Actor: e.Actor, Act: string(MergedIn), Source: e.Source, Detail: store.Inside, Words: d.catalog.NameOf(t) + " " + t.Subject}
	var joined []store.Follower
	for _, f := range append(fs, store.Follower{Person: t.Requester, Workspace: t.Origin}) {
		if f.Person == o.Requester {
			continue
		}
		added, err := tx.AddFollower(ctx, o.ID, f)
		if err != nil {
			return m, err
		}
		if added {
			joined = append(joined, f)
		}
		if f.Person == t.Requester {
			in.Whom = f.Person
		}
	}
	if in, err = tx.AddEvent(ctx, in); err != nil {
		return m, err
	}
	first, err := tx.FirstMessage(ctx, t.ID)
	if err != nil {
		return m, err
	}
	if m, err = tx.Message(ctx, first); err != nil {
		return m, err
	}
	author, err := tx.Person(ctx, m.Author)
	if err != nil {
		return m, err
	}
	if m.Deleted() {
		m = store.Message{} // they have taken it back
	} else if m, _, err = tx.AddMessage(ctx, store.Message{Ticket: o.ID, Author: e.Actor, Body: m.Body, Quotes: author.Name, Side: store.DeskSide, Audience: store.Internal}); err != nil {
		return m, err
	}
	o.Followed = o.Followed || len(joined) > 0
	if err := d.tellFollowers(ctx, tx, joined, o, []Telling{{store.RequesterSide, TellCard}}, store.Message{}, 0, ""); err != nil {
		return m, err
	}
	if m.ID != 0 {
		if err := d.tellWatchers(ctx, tx, o, m); err != nil {
			return m, err
		}
	}
	ts := []Telling{{store.DeskSide, TellCard}, {store.DeskSide, TellEvent}}
	if in.Whom != 0 {
		ts = append(ts, Telling{store.RequesterSide, TellEvent}) // somebody reads along now
	}
	alone := o
	alone.Followed = false // who has come along is told by their card
	if err := d.tell(ctx, tx, alone, ts, store.Message{}, in.ID); err != nil || m.ID == 0 {
		return store.Message{}, err
	}
	return store.Message{}, d.tell(ctx, tx, o, []Telling{{store.DeskSide, TellMessage}}, m, 0)
}

// unannounced refuses what can't be done to an incident that people are told of, or that is a major one.
func (d *Desk) unannounced(ctx context.Context, tx *store.Tx, t store.Ticket) error {
	i, err := tx.Incident(ctx, t.ID)
	if err == nil && (i.Known || i.Runs()) {
		return refuse(Told, t)
	}
	return ignoreNotFound(err)
}

// goesOn locks the ticket in which one goes on that was merged into it. Whoever speaks there is judged there.
func (d *Desk) goesOn(ctx context.Context, tx *store.Tx, who Standing, t store.Ticket, act Act, side string) (Standing, store.Ticket, error) {
	next, err := tx.LockTicket(ctx, t.Merged)
	if err != nil {
		return who, next, err
	}
	if who, err = d.about(ctx, tx, who, next); err != nil {
		return who, next, err
	}
	return who, next, authorize(who, act, side, next)
}

// LinksOf are the others that a ticket has to do with.
func LinksOf(t store.Ticket) (ids []store.TicketID) {
	for n := range strings.FieldsSeq(t.Links) {
		id, _ := strconv.ParseInt(n, 10, 64)
		ids = append(ids, store.TicketID(id))
	}
	return ids
}

// withLinks gives a ticket these links, and its event their names.
func withLinks(t *store.Ticket, e *store.Event, ids []store.TicketID) {
	slices.Sort(ids)
	var links, names []string
	for _, id := range slices.Compact(ids) {
		links, names = append(links, fmt.Sprint(id)), append(names, fmt.Sprintf("#%d", id))
	}
	t.Links, e.Detail, e.Words = strings.Join(links, " "), store.Inside, strings.Join(names, ", ")
}

// ParseNames parts the names of several tickets.
func ParseNames(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\n\u00a0\u202f", r) })
}

// linkedTo is what Link makes of a ticket: its links are those that are named, and no others.
func (d *Desk) linkedTo(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	had := LinksOf(*t)
	var ids []store.TicketID
	for _, name := range ParseNames(c.To) {
		if id, ok := d.catalog.ParseName(name); ok && slices.Contains(had, id) {
			ids = append(ids, id)
			continue
		}
		o, err := d.other(ctx, tx, e.Actor, Link, *t, name)
		if err != nil {
			return err
		}
		if len(LinksOf(o)) >= MostLinks {
			return refuse(ManyLinks, *t)
		}
		ids = append(ids, o.ID)
	}
	if len(ids) > MostLinks {
		return refuse(ManyLinks, *t)
	}
	withLinks(t, e, ids)
	return nil
}

// linkedBack writes a ticket's links, and has the others know of them.
func (d *Desk) linkedBack(ctx context.Context, tx *store.Tx, old, t store.Ticket, e store.Event, _ Change) (m store.Message, err error) {
	if err := tx.SetLinks(ctx, t); err != nil {
		return m, err
	}
	had, has := LinksOf(old), LinksOf(t)
	for _, id := range append(slices.Clone(had), has...) {
		if slices.Contains(had, id) == slices.Contains(has, id) {
			continue
		}
		o, err := tx.LockTicket(ctx, id)
		if err != nil {
			return m, err
		}
		back := store.Event{Ticket: id, Actor: e.Actor, Act: string(Link), Source: e.Source}
		links := slices.DeleteFunc(LinksOf(o), func(other store.TicketID) bool { return other == t.ID })
		if slices.Contains(has, id) {
			links = append(links, t.ID)
		}
		withLinks(&o, &back, links)
		if err := tx.SetLinks(ctx, o); err != nil {
			return m, err
		}
		if back, err = tx.AddEvent(ctx, back); err != nil {
			return m, err
		}
		if err := d.tell(ctx, tx, o, AudienceOfAct(Link, store.DeskSide, State(o.State)), store.Message{}, back.ID); err != nil {
			return m, err
		}
	}
	return m, nil
}

// partOf is what Part makes of a ticket: part of an incident, whose answers go to its requester too, or of none. An incident
// is part of no other.
func (d *Desk) partOf(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	if strings.TrimSpace(c.To) == "" {
		t.Parent = 0
		return nil
	}
	o, err := d.other(ctx, tx, e.Actor, Part, *t, strings.TrimSpace(c.To))
	switch {
	case err != nil:
		return err
	case State(o.State) == Closed:
		return &Refusal{Code: OtherClosed, Ticket: *t, Other: d.catalog.NameOf(o)}
	case t.Affected > 0:
		return refuse(HasParts, *t)
	case o.Parent != 0:
		return &Refusal{Code: IsPart, Ticket: *t, Other: d.catalog.NameOf(o)}
	}
	if err := d.unannounced(ctx, tx, *t); err != nil {
		return err
	}
	t.Parent, e.Detail = o.ID, fmt.Sprint(o.ID)
	return nil
}

// partCounted has incidents know that a ticket has become, or is no more, part of them.
func (d *Desk) partCounted(ctx context.Context, tx *store.Tx, old, t store.Ticket, _ store.Event, _ Change) (m store.Message, err error) {
	if old.Parent != 0 {
		err = d.affect(ctx, tx, old.Parent, -1)
	}
	if err == nil && t.Parent != 0 {
		err = d.affect(ctx, tx, t.Parent, 1)
	}
	return m, err
}

// affect counts that more tickets, or fewer, are part of an incident; its card says how many.
func (d *Desk) affect(ctx context.Context, tx *store.Tx, incident store.TicketID, more int) error {
	t, err := tx.LockTicket(ctx, incident)
	if err != nil {
		return err
	}
	if err := tx.AddAffected(ctx, incident, more); err != nil {
		return err
	}
	return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}}, store.Message{}, 0)
}
