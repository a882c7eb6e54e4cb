package helpdesk_test

import (
	"errors"
	"slices"
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
	c.Services = append(c.Services, helpdesk.Service{Key: "lost", Queue: "gone"}, helpdesk.Service{Key: "mobile", Queue: "network", Form: helpdesk.EMMForm},
		helpdesk.Service{Key: "quote", Name: func(string) string { return "Quote" }, Queue: "sales"})
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
		{"a mail about EMM to another queue", helpdesk.Arrival{Address: "network", Text: "Our EMM console"}, "emm", "phones"},
		{"what goes on in a queue for managers", helpdesk.Arrival{Service: "office", Continues: "sales"}, "sales", "continued"},
		{"what goes on for managers, in a queue for all", helpdesk.Arrival{Service: "office", Continues: "support", Text: "offer"}, "support", "continued"},
		{"EMM of whom EMM's queue does not serve", helpdesk.Arrival{Service: "mobile", Organization: "globex"}, "support", "default"},
		{"EMM of whom it does not serve, by a rule", helpdesk.Arrival{Service: "mobile", Organization: "globex", Text: "EMM"}, "emm", "phones"},
		{"a service that is none", helpdesk.Arrival{Service: "gone"}, "support", "default"},
		{"a service without a queue", helpdesk.Arrival{Service: "lost"}, "support", "default"},
		{"a queue for managers of others", helpdesk.Arrival{Service: "quote", Organization: "globex", Manager: true}, "sales", "service"},
		{"a mail by a manager", helpdesk.Arrival{Address: "sales", Manager: true}, "sales", "address"},
		{"what goes on where nobody is", helpdesk.Arrival{Service: "office", Continues: "gone"}, "support", "service"},
	} {
		if c.arrival.Organization == "" {
			c.arrival.Organization = "acme"
		}
		if c.arrival.At.IsZero() {
			c.arrival.At = day
		}
		w := routed().Route(c.arrival)
		got, how := w.Queue, w.How
		last := how[len(how)-1]
		if w.Refused || got != c.want || last.Rule != c.rule || !last.Chosen || last.Queue != got || last.Why == "" {
			t.Errorf("%s: it goes to %s, by %+v; want %s, by %s", c.why, got, how, c.want, c.rule)
		}
		for _, before := range how[:len(how)-1] {
			if before.Chosen || before.Why == "" {
				t.Errorf("%s: %+v was passed over", c.why, before)
			}
		}
	}
}

// Who asks for what only managers may ask for is refused, wherever a rule might lead; and nothing else is refused.
func TestWhoIsRefused(t *testing.T) {
	for _, c := range []struct {
		why     string
		arrival helpdesk.Arrival
		refused bool
		barred  bool
		queue   string
	}{
		{"an employee's quote", helpdesk.Arrival{Service: "quote"}, true, true, "sales"},
		{"with words for a rule", helpdesk.Arrival{Service: "quote", Text: "emm"}, true, true, "sales"},
		{"a manager's", helpdesk.Arrival{Service: "quote", Manager: true}, false, false, "sales"},
		{"a mail to managers' address", helpdesk.Arrival{Address: "sales", Text: "emm"}, true, true, "sales"},
		{"a rule leads there", helpdesk.Arrival{Service: "office", Text: "offer"}, false, true, "support"},
		{"a rule before that one decides", helpdesk.Arrival{Service: "office", Text: "offer, emm"}, false, false, "emm"},
		{"the rest", helpdesk.Arrival{Service: "office"}, false, false, "support"},
		{"what goes on there", helpdesk.Arrival{Service: "quote", Continues: "sales"}, false, false, "sales"},
	} {
		c.arrival.Organization = "acme"
		w := routed().Route(c.arrival)
		last := w.How[len(w.How)-1]
		if w.Refused != c.refused || w.Barred != c.barred || w.Queue != c.queue || last.Chosen == c.refused || last.Why == "" {
			t.Errorf("%s: %+v", c.why, w)
		}
	}
}

func TestWordsAreFoundWhole(t *testing.T) {
	for _, c := range []struct {
		word, text string
		there      bool
	}{
		{"vpn", "VPN", true}, {"vpn", "my-vpn.", true}, {"vpn", "vpns", false}, {"vpn", "", false}, {"vpn", "v p n", false},
		{"mot de passe", "Mon MOT\nde  passe!", true}, {"mot de passe", "mot de passes", false}, {"mot de passe", "mot passe", false},
		{"écran", "L’e\u0301cran est noir", true}, {"ecran", "L'ÉCRAN", true}, {"écran", "ecrans", false},
		{"e-mail", "E-mail", true}, {"e-mail", "e mail", true}, {"e-mail", "email", false},
		{"cœur", "COEUR", true}, {"coeur", "Cœur", true}, {"straße", "STRASSE", true}, {"Ÿ1", "y1", true},
		{"çà et là", "ca et la", true}, {"ﬁle", "file", true}, {"365", "Office 365", true}, {"365", "3650", false},
		{"印刷", "印刷", true},
	} {
		catalog := &helpdesk.Catalog{DefaultQueue: "rest", Queues: []helpdesk.Queue{{Key: "found"}, {Key: "rest"}},
			Routes: []helpdesk.Route{{Name: "r", Words: []string{"zzz", c.word}, Queue: "found"}}}
		if got := catalog.Route(helpdesk.Arrival{Text: c.text}).Queue == "found"; got != c.there {
			t.Errorf("%q in %q: %v", c.word, c.text, got)
		}
	}
}

// By the clock on the wall, also in the nights in which it is put forward and back.
func TestRoutesByNight(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	// "sat 22:00-03:00", as the configuration takes it apart.
	night := clock.NewCalendar(paris, []clock.Hours{{Days: []time.Weekday{time.Saturday}, From: 22 * time.Hour, To: 24 * time.Hour},
		{Days: []time.Weekday{time.Sunday}, To: 3 * time.Hour}}, "")
	c := &helpdesk.Catalog{DefaultQueue: "day", Queues: []helpdesk.Queue{{Key: "night"}, {Key: "day"}},
		Routes: []helpdesk.Route{{Name: "nights", During: night, Queue: "night"}}}
	for at, want := range map[string]string{
		"2026-11-28T20:59:59Z": "day", // 21:59:59 in Paris
		"2026-11-28T21:00:00Z": "night",
		"2026-11-29T01:59:59Z": "night",
		"2026-11-29T02:00:00Z": "day",
		"2026-11-27T23:30:00Z": "day",   // Saturday 0:30, which was Friday's night
		"2026-03-29T00:59:59Z": "night", // 1:59:59, and then 3:00
		"2026-03-29T01:00:00Z": "day",
		"2026-10-25T00:30:00Z": "night", // 2:30, for the first time
		"2026-10-25T01:30:00Z": "night", // and for the second
		"2026-10-25T02:00:00Z": "day",
		"2026-10-24T19:59:59Z": "day", // 21:59:59, in summer
		"2026-10-24T20:00:00Z": "night",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Route(helpdesk.Arrival{At: now}); got.Queue != want {
			t.Errorf("%s: %+v, want %s", at, got, want)
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
			refused(t, name, h.MayOpen(ctx, who, "quote"), helpdesk.NotOpen)
		}
		out, err = h.Open(ctx, h.max, r, "the manager's")
		h.check(err)
		same(t, "the manager's", out.Ticket.Queue, "sales")
		for _, service := range []string{"office", "emm"} {
			h.check(h.MayOpen(ctx, h.ann, service))
		}

		// The refusal names them, by whichever door.
		named := func(what string, err error, names ...string) {
			t.Helper()
			refused(t, what, err, helpdesk.NotOpen)
			var r *helpdesk.Refusal
			if errors.As(err, &r); !slices.Equal(r.Managers, names) {
				t.Errorf("%s: it names %q", what, r.Managers)
			}
		}
		named("acme's", h.MayOpen(ctx, h.ann, "quote"), "MAX")
		h.check(h.SetManagers(ctx, map[string][]store.Account{"acme": {{Workspace: "slack:T1", ID: "nobody-met"}}, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
		named("whose managers nobody has met", h.MayOpen(ctx, h.ann, "quote"))
		named("who is no manager any more", h.MayOpen(ctx, h.max, "quote"))
		_, err = h.Open(ctx, h.max, r, "no more")
		named("by the verb", err)
		h.check(h.MayOpen(ctx, h.gus, "quote"))
		for name, agent := range map[string]helpdesk.Actor{"an agent": h.ada, "an agent of another queue": h.eve} {
			named(name, h.MayOpen(ctx, agent, "quote"))
		}

		// By mail.
		c.Queues[2].Mail, c.Organizations[1].Domains = "sales@acme.example", []string{"globex.example"}
		toSales := func(from, id string, trust helpdesk.Trust) (helpdesk.Spoken, error) {
			return h.Receive(ctx, helpdesk.Letter{External: store.External{Workspace: helpdesk.Mail, Channel: from, ID: id}, Queue: "sales",
				Subject: "Prices", Text: "help", Sender: helpdesk.Sender{Trust: trust}}, 9)
		}
		_, err = toSales("zoe@acme.example", "<2>", helpdesk.Believed)
		named("an employee's mail", err)
		_, err = toSales("fay@acme.example", "<3>", helpdesk.Believed)
		named("a new employee's mail", err)
		h.check(h.db.Write(ctx, func(tx *store.Tx) error {
			return tx.SetAccount(ctx, store.Account{Workspace: helpdesk.Mail, ID: "gus@globex.example"}, h.gus.Person)
		}))
		_, err = toSales("gus@globex.example", "<4>", helpdesk.Disproved)
		named("a mail that says it is a manager's", err, "GUS")
		s, err := toSales("gus@globex.example", "<5>", helpdesk.Believed)
		h.check(err)
		same(t, "a manager's mail", s.Ticket.Queue, "sales")

		// A rule leads nobody there who may not be; whoever is there already goes on there.
		r = whole()
		r.Service, r.Subject = "office", "An offer"
		out, err = h.Open(ctx, h.ann, r, "offer")
		h.check(err)
		same(t, "an employee's offer", out.Ticket.Queue, "support")
		out, err = h.Open(ctx, h.gus, r, "manager's offer")
		h.check(err)
		same(t, "a manager's offer", out.Ticket.Queue, "sales")
	})
}
