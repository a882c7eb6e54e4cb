package bot

import (
	"slices"
	"testing"

	"guichet/bot/card"
	"guichet/license"
	"guichet/store"
)

// notice is what somebody at Acme's is told.
func (c *customers) notice(what, id, who string) Notice {
	c.t.Helper()
	n, err := c.Notice(c.t.Context(), store.Delivery{Lane: "notice/" + what + "/" + id + "/0/" + who, Workspace: "w", Kind: "license." + what})
	c.check(err)
	return n
}

func urls(links []card.Link) (all []string) {
	for _, l := range links {
		all = append(all, l.URL)
	}
	return all
}

// The help of each service is linked where its licenses are activated and terminated, beside the vendor's portal.
func TestHelpOfServices(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	const office, emm, vendor = "https://help.example/office", "https://help.example/emm", "https://vendor.example"
	ends := c.opens("max", "terminate", "")
	for _, one := range []struct {
		what string
		form card.Form
		want []string
	}{
		{"activate", c.opens("max", "activate", ""), []string{office, emm}},
		{"activate one", c.opens("max", "activate", "basic"), []string{office}},
		{"terminate", ends, []string{office, emm}},
		{"the gate of Office", c.form("the gate", c.submit("max", ends, map[string]string{"license": "basic", "quantity": "1", "when": license.AtEndOfMonth})), []string{vendor, office}},
		{"the gate of EMM", c.form("the gate", c.submit("max", ends, map[string]string{"license": "device", "quantity": "1", "when": license.AtEndOfMonth})), []string{emm}},
	} {
		if got := urls(one.form.Links); !slices.Equal(got, one.want) {
			t.Errorf("%s links %q", one.what, got)
		}
	}
	if l := c.notice("activation", "1", "max").Card.Link; l == nil || l.URL != office {
		t.Errorf("an activation links %v", l)
	}
}
