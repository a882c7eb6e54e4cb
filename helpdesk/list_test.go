package helpdesk_test

import (
	"slices"
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestFiltersAreReadAndWritten(t *testing.T) {
	c := catalog()
	for words, want := range map[string]helpdesk.Filter{
		"":                          {},
		"mine":                      {Mine: true},
		"MINE Open":                 {Mine: true, State: "open"},
		"fermés":                    {State: "closed"},
		"emm ouverts":               {EMM: true, State: "open"},
		"queue support":             {Queue: "support"},
		"file emm service office":   {Queue: "emm", Service: "office"},
		"mine closed queue support": {Mine: true, State: "closed", Queue: "support"},
	} {
		f, wrong := helpdesk.ParseFilter(c, strings.Fields(words))
		if f != want || wrong != "" {
			t.Errorf("%q: %+v, wrong %q", words, f, wrong)
		}
		if again, _ := helpdesk.ParseFilter(c, strings.Fields(f.String())); again != f {
			t.Errorf("%q is written %q", words, f)
		}
	}
	for words, want := range map[string]string{"opne": "opne", "open queue": "queue", "queue moon": "queue moon", "service": "service",
		"mine service nothing": "service nothing", "office": "office", "'; DROP": "';"} {
		if _, wrong := helpdesk.ParseFilter(c, strings.Fields(words)); wrong != want {
			t.Errorf("%q: wrong is %q, want %q", words, wrong, want)
		}
	}
	for _, s := range []string{"", "o", "o-1", "x5", "5", "c-3"} {
		if p := helpdesk.ParsePlace(s); p.After < 0 || p.Closed {
			t.Errorf("%q is the place %+v", s, p)
		}
	}
	for _, p := range []helpdesk.Place{{}, {After: 7}, {Closed: true}, {Closed: true, After: 1001}} {
		if got := helpdesk.ParsePlace(p.String()); got != p {
			t.Errorf("%+v is read as %+v", p, got)
		}
	}
}

// page reads a list to its end, while new tickets come in.
func (h *house) pages(who helpdesk.Actor, f helpdesk.Filter, between func()) (ids []store.TicketID) {
	h.t.Helper()
	from := helpdesk.Place{}
	for {
		p, err := h.Page(h.t.Context(), who, f, from)
		h.check(err)
		if len(p.Tickets) > helpdesk.ListShown || p.More && len(p.Tickets) != helpdesk.ListShown {
			h.t.Errorf("a page of %d, more %v", len(p.Tickets), p.More)
		}
		for _, t := range p.Tickets {
			ids = append(ids, t.ID)
		}
		if !p.More {
			return ids
		}
		from = p.Next
		between()
	}
}

func TestListsByFilterForEveryone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var office, emm, closed, bens, others []store.TicketID
		for i := range 20 {
			office = append(office, h.open(h.ann, "office").ID)
			if i%2 == 0 {
				emm = append(emm, h.open(h.ann, "emm").ID)
			}
			if i%5 == 0 {
				bens = append(bens, h.open(h.ben, "office").ID)
				others = append(others, h.open(h.gus, "office").ID)
				closed = append(closed, h.into(h.open(h.ann, "office"), helpdesk.Closed).ID)
			}
		}
		all := func(lists ...[]store.TicketID) []store.TicketID {
			ids := slices.Concat(lists...)
			slices.Sort(ids)
			slices.Reverse(ids)
			return ids
		}
		none := []store.TicketID(nil)
		tom, tia := h.administrator("tom", "office"), h.administrator("tia", "emm")
		for _, c := range []struct {
			name   string
			who    helpdesk.Actor
			filter helpdesk.Filter
			open   []store.TicketID
			closed []store.TicketID
		}{
			{"requester, all", h.ann, helpdesk.Filter{}, all(office, emm), closed},
			{"requester, open", h.ann, helpdesk.Filter{State: "open"}, all(office, emm), none},
			{"requester, closed", h.ann, helpdesk.Filter{State: "closed"}, none, closed},
			{"requester, emm", h.ann, helpdesk.Filter{EMM: true}, emm, none},
			{"requester, service", h.ann, helpdesk.Filter{Service: "office", State: "open"}, office, none},
			{"requester, mine in a queue", h.ann, helpdesk.Filter{Mine: true, Queue: "emm"}, emm, none},
			{"colleague", h.ben, helpdesk.Filter{}, bens, none},
			{"manager", h.max, helpdesk.Filter{State: "open"}, all(office, emm, bens), none},
			{"manager, service", h.max, helpdesk.Filter{Service: "office"}, all(office, bens), closed},
			{"manager, mine", h.max, helpdesk.Filter{Mine: true}, none, none},
			{"administrator", tom, helpdesk.Filter{}, all(office, bens), closed},
			{"administrator, service", tom, helpdesk.Filter{Service: "office", State: "open"}, all(office, bens), none},
			{"administrator, another service", tom, helpdesk.Filter{Service: "emm"}, none, none},
			{"administrator, emm", tia, helpdesk.Filter{EMM: true}, emm, none},
			{"administrator, mine", tom, helpdesk.Filter{Mine: true}, none, none},
			{"manager elsewhere", h.gus, helpdesk.Filter{}, others, none},
			{"agent", h.ada, helpdesk.Filter{}, all(office, bens, others), closed},
			{"agent, queue", h.ada, helpdesk.Filter{Queue: "support", State: "open"}, all(office, bens, others), none},
			{"agent, emm", h.ada, helpdesk.Filter{EMM: true}, none, none},
			{"agent of emm", h.eve, helpdesk.Filter{Queue: "emm", EMM: true}, emm, none},
			{"contradiction", h.ann, helpdesk.Filter{EMM: true, Service: "office"}, none, none},
		} {
			got := h.pages(c.who, c.filter, func() {})
			same(t, c.name, got, append(all(c.open), all(c.closed)...))
		}
		tim := h.administrator("tim", "emm", "office") // who takes their places
		for _, c := range []struct {
			name string
			who  helpdesk.Actor
			want []store.TicketID
		}{{"administrator of all", tim, append(all(office, emm, bens), all(closed)...)}, {"former administrator", tom, nil}, {"another", tia, nil}} {
			same(t, c.name, h.pages(c.who, helpdesk.Filter{}, func() {}), c.want)
		}
		for name, who := range map[string]helpdesk.Actor{"employee": h.ann, "manager": h.max, "administrator": tom, "agent of another queue": h.eve, "elsewhere": h.gus} {
			_, err := h.Page(t.Context(), who, helpdesk.Filter{Queue: "support"}, helpdesk.Place{})
			refused(t, name, err, helpdesk.NotYourQueue)
		}

		// What comes in while somebody reads makes no gap and no double.
		got := h.pages(h.ada, helpdesk.Filter{Queue: "support"}, func() { h.open(h.ann, "office") })
		same(t, "while new ones come in", got, append(all(office, bens, others), all(closed)...))
		h.age(2 * helpdesk.MembersFresh)
		_, err := h.Page(t.Context(), h.ada, helpdesk.Filter{Queue: "support"}, helpdesk.Place{})
		refused(t, "membership too old", err, helpdesk.Unverified)
	})
}
