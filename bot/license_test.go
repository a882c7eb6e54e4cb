package bot

import (
	"slices"
	"strings"
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

func ids(buttons []card.Button) (all []string) {
	for _, b := range buttons {
		all = append(all, b.ID)
	}
	return all
}

// An order that waits for approval can be changed, but for an upgrade: nothing of that can be left out, and it can be withdrawn.
func TestAnUpgradeIsNotChanged(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	if a := c.press("max", "ordershow", "1"); !slices.Equal(ids(a.Card.Buttons), []string{"orderchange", "orderdrop"}) || a.Card.Context == "" {
		t.Errorf("an order shows as %s", shownBy(a))
	}
	f := c.form("the terms", c.submit("max", c.opens("max", "licensechange", ""), map[string]string{"pair": "basic>standard", "quantity": "2"}))
	if a := c.submit("max", f, map[string]string{"general": card.Ticked, "particular": card.Ticked}); a.Problem != "" || len(a.Errors) > 0 {
		t.Fatal(shownBy(a))
	}
	if a := c.press("max", "ordershow", "2"); !slices.Equal(ids(a.Card.Buttons), []string{"orderdrop"}) || a.Card.Context != "" {
		t.Errorf("an upgrade shows as %s", shownBy(a))
	}
	if a := c.press("max", "orderchange", "2"); a.Form != nil || a.Card == nil { // an earlier card's button
		t.Errorf("an upgrade is changed: %s", shownBy(a))
	}
	c.press("max", "attest", c.assigns("eve"))
	c.press("max", "attest", c.assigns("tom"))
	if a := c.press("boss", "orderapprove", "2"); !strings.Contains(shownBy(a), "can withdraw it") { // of 12 one ends, and 9 are assigned or sought; 2 were to change
		t.Errorf("approved, with nothing left to change: %s", shownBy(a))
	}
}
