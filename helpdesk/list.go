package helpdesk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"guichet/store"
)

// Filter says which tickets a list shows, of those that somebody may see. The zero Filter is all of them.
type Filter struct {
	Mine    bool   // opened by whoever asks
	State   string // "open", "closed" (as resolved ones are), or empty: both, open ones first
	EMM     bool   // about mobile devices
	Queue   string // of one queue, whose agent they are
	Service string
	Tag     string // in queues whose agent they are
}

// What the words of a filter are, also in French.
var filterWords = map[string]func(*Filter){
	"mine":   func(f *Filter) { f.Mine = true },
	"open":   func(f *Filter) { f.State = "open" },
	"closed": func(f *Filter) { f.State = "closed" },
	"emm":    func(f *Filter) { f.EMM = true },
}

var filterAliases = map[string]string{"mes": "mine", "miens": "mine", "ouvert": "open", "ouverts": "open", "fermé": "closed", "fermés": "closed",
	"ferme": "closed", "fermes": "closed", "clos": "closed", "file": "queue", "étiquette": "tag", "etiquette": "tag"}

// FilterWords are the words that ParseFilter takes, for whoever mistypes one.
var FilterWords = []string{"mine", "open", "closed", "emm", "queue", "service", "tag"}

// ParseFilter reads the words of a filter. wrong is the first that means nothing.
func ParseFilter(c *Catalog, words []string) (f Filter, wrong string) {
	for i := 0; i < len(words); i++ {
		word := strings.ToLower(words[i])
		word = cmp.Or(filterAliases[word], word)
		if set, ok := filterWords[word]; ok {
			set(&f)
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = strings.ToLower(words[i+1])
		}
		switch word {
		case "queue":
			if _, ok := c.Queue(next); !ok {
				return f, strings.TrimSpace(words[i] + " " + next)
			}
			f.Queue = next
		case "service":
			if _, ok := c.Service(next); !ok {
				return f, strings.TrimSpace(words[i] + " " + next)
			}
			f.Service = next
		case "tag":
			tags, bad := ParseTags(next)
			if bad != "" || len(tags) != 1 {
				return f, strings.TrimSpace(words[i] + " " + next)
			}
			f.Tag = tags[0]
		default:
			return f, words[i]
		}
		i++
	}
	if f.Tag != "" && f.Mine { // tags are of the desk's tickets, by queue
		return f, "mine"
	}
	return f, ""
}

// String is the filter in the words of ParseFilter.
func (f Filter) String() string {
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(f.Mine, "mine")
	add(f.State != "", f.State)
	add(f.EMM, "emm")
	add(f.Queue != "", "queue "+f.Queue)
	add(f.Service != "", "service "+f.Service)
	add(f.Tag != "", "tag "+f.Tag)
	return strings.Join(words, " ")
}

// Place is where a page of a list begins: after a ticket, among the open ones or the others. The zero
// Place is the beginning.
type Place struct {
	Closed bool
	After  store.TicketID
}

func (p Place) String() string {
	if p.Closed {
		return fmt.Sprintf("c%d", p.After)
	}
	return fmt.Sprintf("o%d", p.After)
}

// ParsePlace reads what String wrote. Anything else is the beginning.
func ParsePlace(s string) (p Place) {
	var sort rune
	if _, err := fmt.Sscanf(s, "%c%d", &sort, &p.After); err != nil || p.After < 0 || sort != 'o' && sort != 'c' {
		return Place{}
	}
	p.Closed = sort == 'c'
	return p
}

// Page is a piece of a list.
type Page struct {
	Filter  Filter
	Tickets []store.Ticket // ListShown at most: open ones first, newest first
	From    Place
	Next    Place // where the next page begins
	More    bool  // whether there is one
}

// Page returns the tickets that somebody may see and a filter lets through, from a place on.
func (d *Desk) Page(ctx context.Context, a Actor, f Filter, from Place) (p Page, err error) {
	p = Page{Filter: f, From: from}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		slicesOf, err := d.slices(who, f)
		if err != nil {
			return err
		}
		for _, closed := range []bool{false, true} {
			if closed && f.State == "open" || !closed && (f.State == "closed" || from.Closed) {
				continue
			}
			after := from.After
			if closed != from.Closed {
				after = 0
			}
			some, err := merge(ctx, tx, slicesOf, !closed, after, ListShown+1-len(p.Tickets))
			if err != nil {
				return err
			}
			p.Tickets = append(p.Tickets, some...)
			if len(p.Tickets) > ListShown {
				break
			}
		}
		if p.More = len(p.Tickets) > ListShown; p.More {
			p.Tickets = p.Tickets[:ListShown]
			last := p.Tickets[ListShown-1]
			p.Next = Place{Closed: !last.Active, After: last.ID}
		}
		return nil
	})
	return p, err
}

// slices are the slices of all tickets that make up what somebody may see, through a filter.
func (d *Desk) slices(who Standing, f Filter) (all []store.Slice, err error) {
	switch {
	case f.Mine:
		all = []store.Slice{{Requester: who.Person.ID, Queue: f.Queue}}
	case f.Queue != "" && !slices.Contains(who.Queues, f.Queue):
		if slices.Contains(who.Unsure, f.Queue) {
			return nil, &Refusal{Code: Unverified, Queue: f.Queue}
		}
		return nil, &Refusal{Code: NotYourQueue, Queue: f.Queue}
	case f.Queue != "":
		all = []store.Slice{{Queue: f.Queue, Tag: f.Tag}}
	case f.Tag != "":
		for _, q := range who.Queues {
			all = append(all, store.Slice{Queue: q, Tag: f.Tag})
		}
	default:
		all = []store.Slice{{Requester: who.Person.ID}}
		if who.Manager {
			all = append(all, store.Slice{Organization: who.Person.Organization})
		} else {
			for _, s := range who.Services {
				all = append(all, store.Slice{Organization: who.Person.Organization, Service: s})
			}
		}
		for _, q := range who.Queues {
			all = append(all, store.Slice{Queue: q})
		}
	}
	if f.Service == "" && !f.EMM {
		return all, nil
	}
	var narrowed []store.Slice
	for _, s := range d.catalog.Services {
		if f.Service != "" && s.Key != f.Service || f.EMM && s.Form != EMMForm {
			continue
		}
		for _, slice := range all {
			if slice.Service == "" || slice.Service == s.Key {
				slice.Service = s.Key
				narrowed = append(narrowed, slice)
			}
		}
	}
	return narrowed, nil
}

// merge reads slices, which may overlap, as one list.
func merge(ctx context.Context, tx *store.Tx, from []store.Slice, active bool, before store.TicketID, limit int) (all []store.Ticket, err error) {
	for _, s := range from {
		s.Active = active
		some, err := tx.Tickets(ctx, s, before, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b store.Ticket) int { return cmp.Compare(b.ID, a.ID) })
	all = slices.CompactFunc(all, func(a, b store.Ticket) bool { return a.ID == b.ID })
	return all[:min(limit, len(all))], nil
}
