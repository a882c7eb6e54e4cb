package helpdesk_test

import (
	"testing"

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
		if got := c.Route(helpdesk.Arrival{Service: r.service, Organization: r.organization}).Queue; got != r.want {
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
