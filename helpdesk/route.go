package helpdesk

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

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
	Continues    string // key of the queue that it is for in any case: of the ticket that it continues, or of a service request; empty: none
	Manager      bool   // whoever asks is one
	Forged       bool   // whoever asks is not who they say they are
	At           time.Time
}

// Way is where a new ticket goes, and how that was found.
type Way struct {
	Queue   string
	Refused bool         // it asks for what only managers may ask for: nothing is opened, in this queue or another
	Barred  bool         // a queue was not to be had since whoever asks is no manager
	How     []Considered // all that was looked at, in order, up to what decided
}

// Considered is one rule that was looked at for a new ticket, and what came of it.
type Considered struct {
	Rule   string
	Queue  string // to which it would lead
	Chosen bool
	Why    string // in plain English, for an operator
}

// Route decides which queue works a new ticket. These are the rules, of which the first that fits counts:
//  1. A ticket that continues another goes where that one was.
//  2. EMM goes to EMM's queue, by whichever door it came.
//  3. The routes of the configuration, in their order.
//  4. The queue to whose own address it was mailed.
//  5. The queue of its service.
//  6. The default queue, which serves everyone.
//
// A queue that does not serve the organization is passed over, and so is a route to one that is not open to whoever asks. But
// who asks for a service, or writes to an address, whose own queue is not open to them is refused, wherever a route might lead:
// so that they can be told before they have written anything. What continues a ticket is never refused: it was in that queue before.
func (c *Catalog) Route(a Arrival) (w Way) {
	// consider adds a rule that fits, or not, for a reason, and says whether it decides.
	consider := func(rule, queue string, fits bool, why string) bool {
		q, ok := c.Queue(queue)
		switch {
		case !fits:
		case !ok:
			fits, why = false, "there is no such queue"
		case !q.serves(a.Organization):
			fits, why = false, fmt.Sprintf("%s, but the queue does not serve the organization %q", why, a.Organization)
		case !q.opensTo(a.Manager) && a.Continues != q.Key:
			fits, why, w.Barred = false, why+", but the queue is open to managers only", true
		}
		w.How = append(w.How, Considered{Rule: rule, Queue: queue, Chosen: fits, Why: why})
		if fits {
			w.Queue = queue
		}
		return fits
	}
	if a.Continues != "" && consider("continued", a.Continues, true, "it continues a ticket of that queue") {
		return w
	}
	s, known := c.Service(a.Service)
	for _, asked := range []struct{ rule, queue, why string }{
		{"service", s.Queue, fmt.Sprintf("the service %q belongs there", s.Key)},
		{"address", a.Address, "it was mailed to that queue"},
	} {
		q, ok := c.Queue(asked.queue)
		if ok && q.serves(a.Organization) && !q.opensTo(a.Manager) {
			w.Refused = true
			consider(asked.rule, q.Key, true, asked.why)
			w.Queue = q.Key
			return w
		}
	}
	if s.Form == EMMForm && consider("EMM", s.Queue, true, "EMM always goes there") {
		return w
	}
	text := sync.OnceValue(func() string { return folded(a.Text) })
	for _, r := range c.Routes {
		fits, why := r.fits(a, text)
		if consider(r.Name, r.Queue, fits, why) {
			return w
		}
	}
	if a.Address != "" && consider("address", a.Address, true, "it was mailed to that queue") {
		return w
	}
	if known && s.Form != EMMForm && consider("service", s.Queue, true, fmt.Sprintf("the service %q belongs there", s.Key)) {
		return w
	}
	w.Queue = c.DefaultQueue
	w.How = append(w.How, Considered{Rule: "default", Queue: c.DefaultQueue, Chosen: true, Why: "nothing else fits"})
	return w
}

// fits says whether a route fits, and why. text is that of the arrival, folded.
func (r Route) fits(a Arrival, text func() string) (bool, string) {
	var because []string
	for _, c := range []struct {
		what, is string
		among    []string
	}{{"service", a.Service, r.Services}, {"kind", a.Kind, r.Kinds}, {"organization", a.Organization, r.Organizations}} {
		switch {
		case len(c.among) == 0:
		case slices.Contains(c.among, c.is):
			because = append(because, fmt.Sprintf("the %s is %q", c.what, c.is))
		case c.is == "":
			return false, fmt.Sprintf("no %s is stated", c.what)
		default:
			return false, fmt.Sprintf("the %s is %q, and not %s", c.what, c.is, strings.Join(c.among, " or "))
		}
	}
	if len(r.Words) > 0 {
		i := slices.IndexFunc(r.Words, func(w string) bool { return strings.Contains(text(), folded(w)) })
		if i < 0 {
			return false, "none of its words is there"
		}
		because = append(because, fmt.Sprintf("it says %q", r.Words[i]))
	}
	if r.During != nil {
		when := a.At.In(r.During.Zone()).Format("Monday 15:04 MST")
		if !r.During.IsOpen(a.At) {
			return false, "it is not the time: " + when
		}
		because = append(because, "it is the time: "+when)
	}
	if len(because) == 0 {
		because = []string{"it fits everything"}
	}
	return true, strings.Join(because, ", ")
}

// ligatures are letters that people also write as two, and that Unicode does not take apart.
var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae")

// folded is a text as its words alone, between spaces: whatever their case and accents were.
func folded(text string) string {
	text, _, _ = transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC), text)
	words := strings.FieldsFunc(ligatures.Replace(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) })
	return " " + strings.Join(words, " ") + " "
}

// opensTo says whether somebody may open tickets in a queue.
func (q Queue) opensTo(manager bool) bool { return !q.ManagersOnly || manager }
