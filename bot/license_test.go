package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
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

// Whoever asks for a license is told whom guichet asks, once more when it is sent twice; /license shows managers what waits, and leads there.
func TestWhatWaitsForWhom(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	f := c.opens("eve", "request", "")
	for range 2 {
		a := c.submit("eve", f, map[string]string{"license": "device", "reason": "To call."})
		if said := shownBy(a); !strings.Contains(said, "EMM, Device: Mx fay, Mx max.") {
			t.Errorf("eve is told %s", said)
		}
	}
	shown := func(who string) card.Card { return *c.does(who, Request{Command: &Typed{Name: "license"}}).Card }
	all := shown("max")
	if got := strings.Join(all.Lines, "\n"); strings.Count(got, "Waits for a decision: ") != 3 || !strings.Contains(got, "Waits for a decision: Mx eve asks for a license of EMM, Device") ||
		!strings.Contains(got, "Waits for a decision: Order 1: waits for approval, €10.20") || strings.Contains(got, "More waits") {
		t.Errorf("/license shows %s", got)
	}
	for _, b := range all.Buttons[len(all.Buttons)-3:] {
		if a := c.press("max", b.ID, b.Value); a.Card == nil || len(a.Card.Buttons) == 0 {
			t.Errorf("%s leads to %s", b.Text, shownBy(a))
		}
	}
	c.submit("tom", c.opens("tom", "request", ""), map[string]string{"license": "device", "reason": "To call."})
	if got := strings.Join(shown("max").Lines, "\n"); strings.Count(got, "Waits for a decision: ") != 3 || !strings.Contains(got, "More waits for a decision") {
		t.Errorf("with another, /license shows %s", got)
	}
	if got := strings.Join(shown("tom").Lines, "\n"); strings.Contains(got, "decision") {
		t.Errorf("an administrator is shown %s", got)
	}
}

// A contract's reminder can be put off as long as it comes again before the contract ends.
func TestAContractsReminderIsNotPutOffBeyondItsEnd(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	for days, want := range map[int]string{3: "", 10: "contract 0 7", 50: "contract 0 28"} {
		clear(c.licenses.Catalog().Contracts)
		for service, later := range map[string]int{"emm": days, "office": 55} {
			c.licenses.Catalog().Contracts[[2]string{"acme", service}] = time.Now().AddDate(0, 0, later)
		}
		all, got := c.notice("contract", "0", "max").Card.Buttons, ""
		if i := slices.IndexFunc(all, func(b card.Button) bool { return b.ID == "remindlater" }); i >= 0 {
			got = all[i].Value
		}
		if got != want {
			t.Errorf("%d days before, it is put off by %q", days, got)
		}
	}
}

// The buttons of a reminder of what nobody uses are filled in: with the license, and with how many.
func TestRemindersAreFilledIn(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	want := map[string]string{"activate": "basic 1", "terminate": "basic 2"} // of 12 one is being activated; of 10 activated 8 are assigned
	for _, b := range c.notice("unused", "0", "max").Card.Buttons {
		value, ok := want[b.ID]
		if !ok || !strings.HasPrefix(b.Value, "basic ") {
			continue
		}
		delete(want, b.ID)
		f := c.opens("max", b.ID, b.Value)
		if got := f.Inputs[0].Initial + " " + f.Inputs[1].Initial; got != value || got != b.Value {
			t.Errorf("%s (%q) is filled in with %q", b.ID, b.Value, got)
		}
	}
	if len(want) > 0 {
		t.Errorf("there is no button for %v", want)
	}
}

// However many licenses there are, a service can be ended as a whole.
func TestAServiceEndsAmongManyLicenses(t *testing.T) {
	t.Parallel()
	c := &Call{bot: newCustomers(t).Bot, Words: text.In("en")}
	basic, _ := c.bot.licenses.Catalog().Of("basic")
	e := license.Estate{Lines: slices.Repeat([]license.Line{{License: basic, Counts: store.Counts{Ordered: 1}}}, 150)}
	if all := c.endable(e); len(all) != mostChoices || all[0].Value != ofService+"office" || all[1].Value != "basic" {
		t.Errorf("%d choices, the first %v", len(all), all[:2])
	}
}
