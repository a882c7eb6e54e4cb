package helpdesk_test

import (
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

func TestRoute(t *testing.T) {
	c := &helpdesk.Catalog{
		Services: []helpdesk.Service{{Key: "office", Queue: "support"}, {Key: "emm", Queue: "mobile"},
			{Key: "lost", Queue: "nowhere"}, {Key: "plain"}},
		Queues: []helpdesk.Queue{{Key: "support"}, {Key: "mobile", Organizations: []string{"acme", "initech"}},
			{Key: "rest"}},
		DefaultQueue: "rest",
	}
	for _, r := range []struct{ service, organization, want string }{
		{"office", "acme", "support"},
		{"office", "globex", "support"},
		{"emm", "acme", "mobile"},
		{"emm", "initech", "mobile"},
		{"emm", "globex", "rest"},
		{"emm", "", "rest"},
		{"lost", "acme", "rest"},
		{"plain", "acme", "rest"},
		{"unknown", "acme", "rest"},
		{"", "", "rest"},
	} {
		if got := c.Route(r.service, r.organization); got != r.want {
			t.Errorf("%s of %s goes to %s, want %s", r.service, r.organization, got, r.want)
		}
	}
}

func TestCatalogFindsByWholeKeyOnly(t *testing.T) {
	c := catalog()
	for _, key := range []string{"", "SUPPORT", "support ", "sup"} {
		if q, ok := c.Queue(key); ok {
			t.Errorf("%q found the queue %s", key, q.Key)
		}
	}
	if _, ok := c.OrganizationOf(""); ok {
		t.Error("no workspace at all belongs to an organization")
	}
	if _, ok := c.QueueAt(store.Place{Workspace: "slack:T1", Channel: "C-support"}); ok {
		t.Error("a channel of another workspace with the same id is a queue's")
	}
	if q, ok := c.QueueAt(store.Place{Workspace: "slack:T9", Channel: "C-support"}); !ok || q.Key != "support" {
		t.Errorf("the channel of support is that of %q", q.Key)
	}
}

func TestRulesLeaveOutWhatIsTurnedOff(t *testing.T) {
	c := &helpdesk.Catalog{Queues: []helpdesk.Queue{
		{Key: "all", CloseAfter: time.Hour, Unassigned: helpdesk.Reminder{After: 2}, Waiting: helpdesk.Reminder{After: 3}},
		{Key: "none"},
		{Key: "one", Waiting: helpdesk.Reminder{After: 1}},
	}}
	var got []string
	for _, r := range c.Rules() {
		got = append(got, r.Queue.Key+"/"+r.Name+"/"+string(r.State)+"/"+string(r.Act))
	}
	same(t, "rules", got, []string{"all/unassigned/new/remind", "all/waiting/waiting/remind", "all/close/resolved/close",
		"one/waiting/waiting/remind"})
}

func TestARuleIsDueOnceItsTicketHasWaitedLongEnough(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	rule := helpdesk.Rule{Queue: helpdesk.Queue{Key: "support"}, State: helpdesk.Waiting, After: time.Hour}
	ticket := func(change func(*store.Ticket)) store.Ticket {
		t := store.Ticket{Queue: "support", State: "waiting", StateSince: store.At(now.Add(-time.Hour))}
		change(&t)
		return t
	}
	for name, c := range map[string]struct {
		ticket store.Ticket
		due    bool
	}{
		"just long enough":  {ticket(func(*store.Ticket) {}), true},
		"a millisecond shy": {ticket(func(t *store.Ticket) { t.StateSince = store.At(t.StateSince.Add(time.Millisecond)) }), false},
		"in the future":     {ticket(func(t *store.Ticket) { t.StateSince = store.At(now.Add(time.Hour)) }), false},
		"reminded":          {ticket(func(t *store.Ticket) { t.Reminded = true }), false},
		"another state":     {ticket(func(t *store.Ticket) { t.State = "open" }), false},
		"another queue":     {ticket(func(t *store.Ticket) { t.Queue = "emm" }), false},
	} {
		if got := rule.Due(c.ticket, now); got != c.due {
			t.Errorf("%s: due is %v", name, got)
		}
	}
}
