package helpdesk

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// What a search takes.
const (
	MaxQuery  = 200 // characters; it goes with a button to the next page
	MaxSought = 10  // words
)

// Query is what somebody looks for.
type Query struct {
	Text    string         // as it was typed, on one line
	Phrases []string       // words of letters and digits; several where they must follow each other
	Ticket  store.TicketID // the ticket that it names, or zero
	Cut     bool           // there was more than a search takes
}

var (
	// chunk is what stands between quotes of any kind, or between spaces.
	chunk = regexp.MustCompile(`["“”„«»]([^"“”„«»]*)["“”„«»]|[^\s"“”„«»]+`)
	// elided are the little words that French ties to the next; who types "l'imprimante" looks for printers.
	elided = regexp.MustCompile(`(?i)^(?:l|d|j|m|t|s|c|n|qu|jusqu|lorsqu|puisqu)['’](.+)$`)
	named  = regexp.MustCompile(`^#?(\d{1,18})$`)
)

// ParseQuery reads what somebody types to search. Every word must be found; words in quotes, and those that only
// punctuation parts ("e-mail"), follow each other. "#1042" names a ticket, and so does a number by itself.
func ParseQuery(typed string) (q Query) {
	q.Text = strings.Join(strings.Fields(strings.ToValidUTF8(typed, " ")), " ")
	if r := []rune(q.Text); len(r) > MaxQuery {
		q.Text, q.Cut = string(r[:MaxQuery]), true
		if space := strings.LastIndexByte(q.Text, ' '); space > 0 { // not within a word, unless it is the only one
			q.Text = q.Text[:space]
		}
	}
	chunks := chunk.FindAllStringSubmatch(q.Text, -1)
	room := MaxSought
	for _, c := range chunks {
		said := c[0]
		if rest := elided.FindStringSubmatch(said); rest != nil {
			said = rest[1]
		}
		words := store.Words(said)
		if len(words) == 0 {
			continue
		}
		if len(words) > room {
			words, q.Cut = words[:room], true
		}
		if room -= len(words); len(words) == 0 {
			break
		}
		q.Phrases = append(q.Phrases, strings.Join(words, " "))
		if n := named.FindStringSubmatch(said); n != nil && q.Ticket == 0 && (said[0] == '#' || len(chunks) == 1) {
			id, _ := strconv.ParseInt(n[1], 10, 64)
			q.Ticket = store.TicketID(id)
		}
	}
	return q
}

// Found is a ticket that a search has found.
type Found struct {
	store.Ticket
	Excerpt string // what was said where the words are, around them; empty: they are in the subject or the tags
}

// Findings are a page of what a search has found.
type Findings struct {
	Query   Query
	Tickets []Found // ListShown at most, newest first; before them the one that the query names
	From    store.TicketID
	Next    store.TicketID // before which the next page begins, zero: there is none
}

// Search returns the tickets that somebody may see, and in which they may read what they look for, before one of them
// (zero: the newest).
func (d *Desk) Search(ctx context.Context, a Actor, q Query, before store.TicketID) (f Findings, err error) {
	f = Findings{Query: q, From: before}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		viewer := who.viewer()
		shown := ListShown
		if q.Ticket != 0 && before == 0 {
			t, err := tx.Ticket(ctx, viewer, q.Ticket)
			if err == nil {
				f.Tickets = append(f.Tickets, Found{Ticket: t})
				shown--
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		hits, err := tx.Search(ctx, viewer, q.Phrases, before, shown+2) // one more than is shown, and the one that is named
		if err != nil {
			return err
		}
		hits = slices.DeleteFunc(hits, func(h store.Hit) bool { return h.Ticket == q.Ticket })
		if len(hits) > shown {
			hits = hits[:shown]
			f.Next = hits[shown-1].Ticket
		}
		found, err := d.found(ctx, tx, viewer, q, hits)
		f.Tickets = append(f.Tickets, found...)
		return err
	})
	return f, err
}

// found reads what was found.
func (d *Desk) found(ctx context.Context, tx *store.Tx, v store.Viewer, q Query, hits []store.Hit) (all []Found, err error) {
	tickets := make([]store.TicketID, len(hits))
	messages := make([]store.MessageID, len(hits))
	for i, h := range hits {
		tickets[i], messages[i] = h.Ticket, h.Message
	}
	ts, err := tx.TicketsAmong(ctx, v, tickets)
	if err != nil {
		return nil, err
	}
	ms, err := tx.MessagesAmong(ctx, messages)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		i := slices.IndexFunc(ts, func(t store.Ticket) bool { return t.ID == h.Ticket })
		if i < 0 {
			continue
		}
		one := Found{Ticket: ts[i]}
		if i := slices.IndexFunc(ms, func(m store.Message) bool { return m.ID == h.Message }); i >= 0 {
			one.Excerpt = excerpt(said(ms[i].Body), q.Phrases)
		}
		all = append(all, one)
	}
	return all, nil
}
