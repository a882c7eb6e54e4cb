package helpdesk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"guichet/helpdesk/clock"
)

// Route is a rule that decides the queue of a new ticket: one that fits all of its conditions. A condition that is left out fits
// everything.
type Route struct {
	Name          string
	Services      []string // keys
	Kinds         []string
	Organizations []string        // keys
	Words         []string        // any of them, in the subject or the description: whole words, whatever their case and accents
	During        *clock.Calendar // open then
	Queue         string
}

// Arrival is what is known of a new ticket that looks for its queue.
type Arrival struct {
	Service      string // empty: nobody said
	Kind         string
	Organization string
	Text         string // subject and description
	Address      string // key of the queue to whose own mail address it came; empty: to none
	Continues    string // key of the queue of the ticket that it continues; empty: it continues none
	Manager      bool   // whoever asks is one
	At           time.Time
}

// Considered is one rule that was looked at for a new ticket, and what came of it.
type Considered struct {
	Rule   string
	Queue  string // to which it would lead
	Chosen bool
	Why    string // in plain English, for an operator
}

// Route decides which queue works a new ticket, and tells how: all that was looked at, in order, up to what was chosen. These are
// the rules, of which the first that fits counts:
//  1. A ticket that continues another goes where that one was.
//  2. EMM goes to EMM's queue, by whichever door it came.
//  3. The routes of the configuration, in their order.
//  4. The queue to whose address it was mailed.
//  5. The queue of its service.
//  6. The default queue, which serves everyone.
//
// A queue that does not serve the organization, or is not open to whoever asks, is passed over; but a service whose own queue is not
// open to them is not theirs to ask for: they are refused there.
func (c *Catalog) Route(a Arrival) (queue string, how []Considered) {
	consider := func(rule, queue, fits string) bool {
		one := Considered{Rule: rule, Queue: queue, Why: fits}
		q, ok := c.Queue(queue)
		switch {
		case !strings.HasPrefix(fits, yes):
		case !ok:
			one.Why = "there is no such queue"
		case !q.serves(a.Organization):
			one.Why = fmt.Sprintf("the queue does not serve the organization %q", a.Organization)
		case !q.opensTo(a.Manager):
			one.Why = "the queue is open to managers only"
		default:
			one.Chosen, one.Why = true, strings.TrimPrefix(fits, yes)
		}
		how = append(how, one)
		return one.Chosen
	}
	s, known := c.Service(a.Service)
	if a.Continues != "" && consider("continued", a.Continues, yes+"it continues a ticket of that queue") {
		return a.Continues, how
	}
	own, _ := c.Queue(s.Queue)
	if known && own.Key != "" && own.serves(a.Organization) && !own.opensTo(a.Manager) {
		consider("service", s.Queue, yes)
		return s.Queue, how
	}
	if s.Form == EMMForm && consider("EMM", s.Queue, yes+"EMM always goes there") {
		return s.Queue, how
	}
	for _, r := range c.Routes {
		if consider(r.Name, r.Queue, r.fits(a)) {
			return r.Queue, how
		}
	}
	if a.Address != "" && consider("address", a.Address, yes+"it was mailed to that queue") {
		return a.Address, how
	}
	if known && s.Form != EMMForm && consider("service", s.Queue, yes+fmt.Sprintf("the service %q belongs there", s.Key)) {
		return s.Queue, how
	}
	return c.DefaultQueue, append(how, Considered{Rule: "default", Queue: c.DefaultQueue, Chosen: true, Why: "nothing else fits"})
}

// yes begins why a rule fits.
const yes = "+"

// fits says why a route fits, behind a yes, or why it does not.
func (r Route) fits(a Arrival) string {
	var because []string
	for _, c := range []struct {
		what  string
		is    string
		among []string
	}{{"service", a.Service, r.Services}, {"kind", a.Kind, r.Kinds}, {"organization", a.Organization, r.Organizations}} {
		switch {
		case len(c.among) == 0:
		case slices.Contains(c.among, c.is):
			because = append(because, fmt.Sprintf("%s %q", c.what, c.is))
		default:
			return fmt.Sprintf("the %s is %q, and not %s", c.what, c.is, strings.Join(c.among, " or "))
		}
	}
	if len(r.Words) > 0 {
		text := folded(a.Text)
		i := slices.IndexFunc(r.Words, func(w string) bool { return strings.Contains(text, folded(w)) })
		if i < 0 {
			return "none of its words is there"
		}
		because = append(because, fmt.Sprintf("the words %q are there", r.Words[i]))
	}
	if r.During != nil {
		if !r.During.IsOpen(a.At) {
			return "it is not the time: " + a.At.In(r.During.Zone()).Format("Monday 15:04")
		}
		because = append(because, "it is the time: "+a.At.In(r.During.Zone()).Format("Monday 15:04"))
	}
	if len(because) == 0 {
		because = []string{"it fits everything"}
	}
	return yes + strings.Join(because, ", ")
}

// folded is a text as its words alone, between spaces: in small letters, without accents.
func folded(text string) string {
	words := strings.FieldsFunc(bare(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return " " + strings.Join(words, " ") + " "
}

// opensTo says whether somebody may open tickets in a queue.
func (q Queue) opensTo(manager bool) bool { return !q.ManagersOnly || manager }

// restricted says whether there is a queue in which not everybody may open tickets.
func (c *Catalog) restricted() bool {
	return slices.ContainsFunc(c.Queues, func(q Queue) bool { return q.ManagersOnly })
}
