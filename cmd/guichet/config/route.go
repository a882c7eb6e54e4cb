package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Route is a rule that decides the queue of a new ticket: the first that fits. What is left out fits everything.
type Route struct {
	// Name is by which guichet route tells of it. Default: its number.
	Name string `yaml:"name" unique:"route"`
	// Service, Kind and Organization are the keys of those that it is for.
	Service      []string `yaml:"service" ref:"service"`
	Kind         []string `yaml:"kind" one:"incident information"`
	Organization []string `yaml:"organization" ref:"organization"`
	// Words are looked for in the subject and the description: one of them is enough.
	Words []string `yaml:"words" is:"word"`
	// During is when it holds.
	During []Times `yaml:"during"`
	// TimeZone is where During is read. Default: that of its queue.
	TimeZone *time.Location `yaml:"time_zone"`
	// Queue is the key of the one that the ticket goes to.
	Queue string `yaml:"queue" need:"write the key of the queue that it leads to" ref:"queue"`
}

// Times are Hours that may go on past midnight: those of "fri 22:00-06:00" end on Saturday.
type Times struct{ Hours }

// UnmarshalText reads the times as the file writes them.
func (t *Times) UnmarshalText(text []byte) error { return t.read(string(text), true) }

// queue is the one with a key, or one without any.
func (c *Config) queue(key string) (q Queue) {
	if i := slices.IndexFunc(c.Queues, func(q Queue) bool { return q.Key == key }); i >= 0 {
		q = c.Queues[i]
	}
	return q
}

// serves says whether a queue serves all of these organizations; of none, whether it serves all there are.
func (q Queue) serves(organizations []string) bool {
	return len(q.Organizations) == 0 || len(organizations) > 0 && within(organizations, q.Organizations)
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}

// routes looks at what the rules say together, and with their queues.
func (w *walker) routes(c *Config) {
	for i, r := range c.Routes {
		at, q := fmt.Sprintf("routes[%d]", i), c.queue(r.Queue)
		if r.everything() && i < len(c.Routes)-1 {
			w.problem(at, "fits every ticket, so that none of the routes below is ever looked at: move it to the end")
		} else if first := slices.IndexFunc(c.Routes[:i], func(before Route) bool { return c.hides(before, r) }); first >= 0 {
			w.problem(at, "is never looked at: routes[%d] fits every ticket that this one does; move this one above it, or remove it", first)
		}
		for j, o := range r.Organization {
			if q.Key != "" && o != "" && !q.serves([]string{o}) {
				w.problem(fmt.Sprintf("%s.organization[%d]", at, j), "is not served by the queue %s: add it to the queue's organizations", r.Queue)
			}
		}
		for j, key := range r.Service {
			k := slices.IndexFunc(c.Services, func(s Service) bool { return s.Key == key })
			if k >= 0 && c.Services[k].Form == "emm" && c.queue(c.Services[k].Queue).serves(r.Organization) {
				w.problem(fmt.Sprintf("%s.service[%d]", at, j), "is EMM, which always goes to its own queue, %s: leave it out", c.Services[k].Queue)
			}
		}
		if r.TimeZone != nil && len(r.During) == 0 {
			w.problem(at+".time_zone", "says nothing without during: set that too, or leave this out")
		}
	}
}

// everything says whether a route fits every ticket.
func (r Route) everything() bool {
	return len(r.Service)+len(r.Kind)+len(r.Organization)+len(r.Words)+len(r.During) == 0
}

// hides says whether a route fits whatever a later one does, and is passed over for nobody.
func (c *Config) hides(first, later Route) bool {
	q := c.queue(first.Queue)
	covers := func(first, later []string) bool {
		return len(first) == 0 || len(later) > 0 && within(later, first)
	}
	times := func(r Route) (all []string) {
		zone := cmp.Or(r.TimeZone, c.queue(r.Queue).TimeZone, time.UTC).String()
		for _, t := range r.During {
			all = append(all, strings.Join(strings.Fields(t.text), " ")+" "+zone)
		}
		return all
	}
	folded := func(words []string) (all []string) {
		for _, word := range words {
			all = append(all, strings.ToLower(strings.Join(strings.Fields(word), " ")))
		}
		return all
	}
	return !first.everything() && q.OpenTo == "everyone" && q.serves(later.Organization) &&
		covers(first.Service, later.Service) && covers(first.Kind, later.Kind) && covers(first.Organization, later.Organization) &&
		covers(folded(first.Words), folded(later.Words)) && covers(times(first), times(later))
}

// numbered are the ends of keys that look like a ticket's number.
var numbered = regexp.MustCompile(`^[0-9]+$`)

// opening looks at who may open tickets in a queue, and by which names these go.
func (w *walker) opening(c *Config) {
	for i, q := range c.Queues {
		at := fmt.Sprintf("queues[%d].", i)
		if q.OpenTo == "managers" && q.Key != "" && q.Key == c.DefaultQueue {
			w.problem(at+"open_to", "must be everyone: this is the default queue, which takes every ticket that no other does; or name another one in default_queue")
		}
		if q.OpenTo == "managers" && q.Strangers != "" {
			w.problem(at+"strangers", "is set, but only managers may open tickets in this queue, and no stranger is one: leave it out")
		}
		if q.Prefix == "" {
			continue
		}
		for j, s := range c.Services {
			if rest, ok := strings.CutPrefix(s.Key, strings.ToLower(q.Prefix)); ok && numbered.MatchString(rest) {
				w.problem(fmt.Sprintf("services[%d].key", j), "reads like the number of a ticket, since the queue %s has the prefix %s: choose another key", q.Key, q.Prefix)
			}
		}
	}
}
