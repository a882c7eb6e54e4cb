package helpdesk_test

import (
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// routed is the catalog with routes, and a queue for managers alone.
func routed() *helpdesk.Catalog {
	c := catalog()
	night := clock.NewCalendar(time.UTC, []clock.Hours{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 18 * time.Hour, To: 24 * time.Hour}}, "")
	bosses := c.Queues[0]
	bosses.Key, bosses.ManagersOnly, bosses.Place.Channel = "sales", true, "C-sales"
	network := c.Queues[0]
	network.Key, network.Organizations, network.Place.Channel = "network", []string{"acme"}, "C-network"
	c.Queues = append(c.Queues, bosses, network)
	c.Services = append(c.Services, helpdesk.Service{Key: "quote", Name: func(string) string { return "Quote" }, Queue: "sales"})
	c.Routes = []helpdesk.Route{
		{Name: "phones", Words: []string{"téléphone mobile", "EMM"}, Queue: "emm"},
		{Name: "vpn", Services: []string{"office"}, Kinds: []string{helpdesk.Incident}, Words: []string{"vpn"}, Queue: "network"},
		{Name: "night", During: night, Services: []string{"office"}, Organizations: []string{"globex"}, Queue: "emm"},
		{Name: "offers", Words: []string{"offer"}, Queue: "sales"},
	}
	return c
}

func TestWhereATicketGoes(t *testing.T) {
	day, night := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why     string
		arrival helpdesk.Arrival
		want    string
		rule    string
	}{
		{"its service", helpdesk.Arrival{Service: "office"}, "support", "service"},
		{"nothing is known of it", helpdesk.Arrival{}, "support", "default"},
		{"EMM, whatever it says", helpdesk.Arrival{Service: "emm", Text: "vpn offer", Address: "network"}, "emm", "EMM"},
		{"EMM by words, by mail", helpdesk.Arrival{Text: "My TELEPHONE  mobile is dead", Address: "support"}, "emm", "phones"},
		{"half a word is none", helpdesk.Arrival{Service: "office", Text: "gemma and femme"}, "support", "service"},
		{"a word between signs", helpdesk.Arrival{Service: "office", Text: "(emm)"}, "emm", "phones"},
		{"all conditions", helpdesk.Arrival{Service: "office", Kind: "incident", Text: "The VPN!"}, "network", "vpn"},
		{"another kind", helpdesk.Arrival{Service: "office", Kind: "information", Text: "The VPN!"}, "support", "service"},
		{"a queue that does not serve them", helpdesk.Arrival{Service: "office", Kind: "incident", Text: "vpn", Organization: "globex"}, "support", "service"},
		{"by night", helpdesk.Arrival{Service: "office", Organization: "globex", At: night}, "emm", "night"},
		{"a minute before", helpdesk.Arrival{Service: "office", Organization: "globex", At: night.Add(-time.Minute)}, "support", "service"},
		{"an employee's offer", helpdesk.Arrival{Service: "office", Text: "an offer"}, "support", "service"},
		{"a manager's offer", helpdesk.Arrival{Service: "office", Text: "an offer", Manager: true}, "sales", "offers"},
		{"the queue it was mailed to", helpdesk.Arrival{Address: "network"}, "network", "address"},
		{"mailed to a queue that does not serve them", helpdesk.Arrival{Address: "network", Organization: "globex"}, "support", "default"},
		{"what goes on stays", helpdesk.Arrival{Service: "office", Continues: "network", Text: "emm"}, "network", "continued"},
		{"what goes on where nobody is", helpdesk.Arrival{Service: "office", Continues: "gone"}, "support", "service"},
	} {
		if c.arrival.Organization == "" {
			c.arrival.Organization = "acme"
		}
		if c.arrival.At.IsZero() {
			c.arrival.At = day
		}
		got, how := routed().Route(c.arrival)
		last := how[len(how)-1]
		if got != c.want || last.Rule != c.rule || !last.Chosen || last.Queue != got || last.Why == "" {
			t.Errorf("%s: it goes to %s, by %+v; want %s, by %s", c.why, got, how, c.want, c.rule)
		}
		for _, before := range how[:len(how)-1] {
			if before.Chosen || before.Why == "" {
				t.Errorf("%s: %+v was passed over", c.why, before)
			}
		}
	}
}

// By the form, by a message, by mail, and when a closed one goes on: one rule.
func TestEveryDoorAsksForTheWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		c := routed()
		c.Mail, c.Queues[0].Mail = "desk@acme.example", "desk@acme.example"
		c.Organizations[0].Domains = []string{"acme.example"}
		h.Desk = helpdesk.NewDesk(h.db, c)
		h.refresh()
		r := whole()
		r.Service, r.Subject, r.Description = "office", "VPN", "It is down."
		out, err := h.Open(ctx, h.ann, r, "form")
		h.check(err)
		same(t, "by the form", out.Ticket.Queue, "network")
		filed, err := h.File(ctx, h.ann, said("1", h.ann), "Help", "My téléphone mobile is lost.")
		h.check(err)
		same(t, "from a message", filed.Ticket.Queue, "emm")
		mailed, err := h.Receive(ctx, helpdesk.Letter{External: store.External{Workspace: helpdesk.Mail, Channel: "zoe@acme.example", ID: "<1>"}, Queue: "support", Subject: "EMM", Text: "help"}, 9)
		h.check(err)
		same(t, "by mail", mailed.Ticket.Queue, "emm")

		// Nobody but a manager opens what is for managers.
		r = whole()
		r.Service, r.Subject, r.Description = "quote", "Licenses", "How much?"
		for name, who := range map[string]helpdesk.Actor{"an employee": h.ann, "a colleague": h.ben} {
			_, err := h.Open(ctx, who, r, name)
			refused(t, name, err, helpdesk.NotOpen)
			if may, err := h.MayOpen(ctx, who, "quote"); may || err != nil {
				t.Errorf("%s may: %v", name, err)
			}
		}
		out, err = h.Open(ctx, h.max, r, "the manager's")
		h.check(err)
		same(t, "the manager's", out.Ticket.Queue, "sales")
		for _, service := range []string{"office", "emm"} {
			if may, err := h.MayOpen(ctx, h.ann, service); !may || err != nil {
				t.Errorf("nobody opens %s: %v", service, err)
			}
		}
	})
}
