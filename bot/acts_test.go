package bot

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"guichet/bot/card"
)

// buttonAct is a button of licenses or invoices as whoever may press it would.
type buttonAct struct {
	by    string                    // max, unless somebody else may
	value func(c *customers) string // what it is about at Acme's; nil: whatever organization its presser manages
	all   bool                      // anybody may press it
}

func about(value string) func(*customers) string { return func(*customers) string { return value } }

// buttonsOfLicenses are all there are: the test fails for one that is not here.
var buttonsOfLicenses = map[string]buttonAct{
	"licenses": {}, "order": {}, "activate": {}, "licensechange": {}, "terminate": {}, "quote": {}, "giveseat": {}, "seats": {}, "takeback": {},
	"admins": {}, "adminadd": {}, "adminhistory": {}, "invoices": {}, "consumption": {}, "request": {all: true},

	"orderstep":     {value: func(c *customers) string { f := c.opens("max", "order", ""); return f.Hidden.Nonce + " " + f.Step }},
	"terminatestep": {value: func(c *customers) string { f := c.opens("max", "terminate", ""); return f.Hidden.Nonce + " " + f.Step }},
	"admincontinue": {value: func(c *customers) string {
		return c.form("somebody new", c.submit("max", c.opens("max", "adminadd", ""), map[string]string{"who": somebodyNew, "service": "office"})).Hidden.Nonce + " " + stepNobody
	}},
	"orderchange": {value: about("1")}, "ordershow": {value: about("1")}, "orderdrop": {value: about("1")},
	"orderapprove": {by: "boss", value: about("1")}, "orderrefuse": {by: "boss", value: about("1")},
	"requestshow": {value: about("1")}, "requestask": {value: about("1")}, "requestrefuse": {value: about("1")}, "requestapprove": {value: about("1")},
	"requestanswer": {by: "ann", value: about("1")},
	"provisioned":   {by: "nina", value: func(c *customers) string { return c.activation + "/desk" }},
	"notdone":       {by: "nina", value: func(c *customers) string { return c.activation + "/desk" }},
	"offer":         {by: "nina", value: func(c *customers) string { return c.quote + "/desk" }},
	"acceptoffer":   {value: func(c *customers) string { return c.quote }},
	"terminateundo": {value: about("1")}, "remindlater": {value: about("request 1 7")},
	"seat":     {value: func(c *customers) string { return c.assigns("eve") }},
	"attest":   {value: func(c *customers) string { return c.assigns("eve") }},
	"seatfile": {value: func(c *customers) string { return c.nonce }}, "seatlist": {value: func(c *customers) string { return c.nonce }},
	"adminupdate": {value: func(c *customers) string { return c.admin }}, "adminremove": {value: func(c *customers) string { return c.admin }},
	"invoice": {value: about("F-1")}, "invoicecentres": {value: about("F-1")}, "invoicepdf": {value: about("F-1")},
	"invoicecsv": {value: about("F-1")}, "dispute": {value: about("F-1")},
}

// lastly are the buttons after which there is nothing left for others to be pressed upon.
var lastly = []string{"orderdrop", "requestrefuse", "requestapprove", "provisioned", "terminateundo", "adminremove"}

// sending are the buttons that have something sent, as often as they are pressed.
var sending = []string{"invoicepdf", "invoicecsv", "consumption", "seatfile"}

// actsOf are the ids of what can be pressed, or sent, of /license and /invoice.
func actsOf(ids func(*Command) []string) (all []string) {
	for _, cmd := range Commands() {
		if cmd.Name == "license" || cmd.Name == "invoice" {
			all = append(all, ids(cmd)...)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return slices.Index(lastly, a) - slices.Index(lastly, b) })
	return all
}

// No button of licenses or invoices does anything, or shows anything, to an employee, to another organization's manager, or to who was a manager once.
func TestForgedButtonsOfLicenses(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	all := actsOf(func(cmd *Command) []string { return slices.Sorted(maps.Keys(cmd.Buttons)) })
	values := map[string]string{}
	for _, id := range all {
		act, ok := buttonsOfLicenses[id]
		if !ok {
			t.Errorf("nobody tries to forge %q: add it", id)
		}
		if act.value != nil {
			values[id] = act.value(c)
		}
	}
	c.managers("max")
	refusals := map[string]string{}
	for _, id := range all {
		act := buttonsOfLicenses[id]
		for _, who := range []string{"eve", "fay", "gus"} {
			if act.all {
				continue
			}
			theirs := who == "gus" && (act.value == nil || id == "adminremove") // they are shown, or asked, what is theirs
			before := c.holds()
			a := c.press(who, id, values[id])
			c.unchanged(who+" presses "+id, before, theirs)
			shown := shownBy(a)
			switch {
			case theirs && (strings.Contains(shown, "Acme") || strings.Contains(shown, "12 ordered") || strings.Contains(shown, "F-1") || strings.Contains(shown, "Mx ")):
				t.Errorf("%s presses %s, and sees %s", who, id, shown)
			case !theirs && (a.Card == nil || a.Form != nil || a.Direct != nil || len(a.Card.Buttons) > 0):
				t.Errorf("%s presses %s, and is not refused: %s", who, id, shown)
			}
			if who == "eve" {
				refusals[id] = shown
			}
		}
	}
	for _, id := range all { // which are true buttons for those who may press them
		act := buttonsOfLicenses[id]
		act.by = cmp.Or(act.by, "max")
		if a := c.press(act.by, id, values[id]); shownBy(a) == refusals[id] {
			t.Errorf("%s presses %s, and is refused too: %s", act.by, id, shownBy(a))
		}
		if !slices.Contains(sending, id) {
			before := c.holds()
			c.press(act.by, id, values[id])
			c.unchanged("pressed twice, "+id, before, false)
		}
	}
}

// formAct is a step of a form of licenses or invoices, with what it is meant to be filled in with.
type formAct struct {
	form, step string
	by         string                                   // max, unless somebody else may send it
	open       func(c *customers, who string) card.Form // goes to the step
	good       map[string]string
	bad        map[string][]string // besides what every field refuses: nothing, too much, and what it does not offer
	lax        []string            // fields that count as untouched when they are empty, or hold what is not offered
	all        bool                // anybody may send it
}

func pressing(button, value string) func(*customers, string) card.Form {
	return func(c *customers, who string) card.Form { return c.opens(who, button, value) }
}

// after goes on from a step that is sent as it is meant to be.
func after(open func(*customers, string) card.Form, values map[string]string) func(*customers, string) card.Form {
	return func(c *customers, who string) card.Form {
		return c.form(who+" goes on", c.submit(who, open(c, who), values))
	}
}

var (
	noNumbers = []string{"ten", "0", "-1", "1.5", "100001", "9999999999999999999999", "1; DROP"}
	item      = map[string]string{"license": "basic", "quantity": "2"}
	ended     = map[string]string{"license": "device", "quantity": "1", "when": "month"}
	basket    = after(pressing("order", ""), item)
	words     = map[string]string{"words": "Because."}
)

// formsOfLicenses are all there are: the test fails for one that is not here.
var formsOfLicenses = []formAct{
	{form: "license.order", step: stepItem, open: pressing("order", ""), good: item, bad: map[string][]string{"quantity": noNumbers}},
	{form: "license.order", step: stepBasket, open: basket, good: map[string]string{"next": basketGoOn}, lax: []string{"next"}},
	{form: "license.order", step: stepTerms, open: after(basket, nil), good: map[string]string{"general": card.Ticked, "particular": card.Ticked}},
	{form: "license.request", all: true, by: "ann", open: pressing("request", ""), good: map[string]string{"license": "basic", "reason": "To write."}},
	{form: "license.activate", open: pressing("activate", ""), good: map[string]string{"license": "basic", "quantity": "1"},
		bad: map[string][]string{"quantity": append([]string{"3"}, noNumbers...), "administrator": {"999", "-1"}}},
	{form: "license.quote", open: pressing("quote", ""), good: map[string]string{"license": "basic", "quantity": "10"},
		bad: map[string][]string{"quantity": noNumbers}},
	{form: "ticket.offer", by: "nina", open: func(c *customers, who string) card.Form { return c.opens(who, "offer", c.quote+"/desk") },
		good: map[string]string{"quantity": "10", "price": "4.80", "days": "30"},
		bad: map[string][]string{"quantity": noNumbers, "price": {"cheap", "0", "-4.80", "4.805", "4,80,00", "99999999999999999999", "NaN", "1e9"},
			"days": {"soon", "0", "-1", "1.5", "366"}}},
	{form: "license.terminate", step: stepEnd, open: pressing("terminate", ""), good: ended, lax: []string{"when"},
		bad: map[string][]string{"quantity": append([]string{"", "5"}, noNumbers...), "when": {"contract", "2020-01-01"}}},
	{form: "license.terminate", step: stepGate, open: after(pressing("terminate", ""), ended), good: map[string]string{"quantity": "1", "attest": card.Ticked},
		bad: map[string][]string{"quantity": noNumbers}, lax: []string{"quantity"}},
	{form: "license.change", open: pressing("licensechange", ""), good: map[string]string{"pair": "basic>standard", "quantity": "1"},
		bad: map[string][]string{"pair": {"basic>device", "basic>basic", "basic>", ">standard"}, "quantity": append([]string{"12"}, noNumbers...)}},
	{form: "license.assign", open: pressing("giveseat", ""), good: map[string]string{"whom": "eve", "license": "basic"},
		bad: map[string][]string{"whom": {"gus", "nina"}}},
	{form: "license.unassign", open: func(c *customers, who string) card.Form {
		return c.form("unassign", c.does(who, Request{Command: &Typed{Name: "license", Args: "unassign"}}))
	}, good: map[string]string{"whom": "ann", "license": "basic"}, bad: map[string][]string{"whom": {"gus", "nina"}}},
	{form: "license.takeback", open: pressing("takeback", ""), good: map[string]string{"license": "basic", "quantity": "1", "attest": card.Ticked},
		bad: map[string][]string{"quantity": append([]string{"8"}, noNumbers...), "attest": {""}}},
	{form: "license.admin", step: stepWhom, open: pressing("adminadd", ""), good: map[string]string{"picked": "eve", "service": "office"},
		bad: map[string][]string{"picked": {"", "gus", "nina"}, "who": {somebodyNew, "1"}}},
	{form: "license.admin", step: stepNobody, open: after(pressing("adminadd", ""), map[string]string{"who": somebodyNew, "service": "office"}),
		good: map[string]string{"name": "Lou", "mail": "lou@home.example"}, lax: []string{"language"},
		bad: map[string][]string{"mail": {"lou", "lou@", "@home.example", "lou@home.example, max@home.example",
			"Lou <lou@home.example>", "lou@home.example\nBcc: all@acme.example", "desk@acme.example"}, "phone": {"call me"}}},
	{form: "license.adminupdate", open: func(c *customers, who string) card.Form { return c.opens(who, "adminupdate", c.waiting) },
		good: map[string]string{"name": "Erin B."},
		bad:  map[string][]string{"mail": {"erin", "desk@acme.example"}, "phone": {"call me"}}, lax: []string{"language", "services"}},
	{form: "invoice.dispute", open: pressing("dispute", "F-1"), good: map[string]string{"line": "1", "description": "No."},
		bad: map[string][]string{"line": {"0", "2", "-1", "1.5"}}},
	{form: "license.requestanswer", by: "ann", open: pressing("requestanswer", "1"), good: words},
	{form: "license.requestask", open: pressing("requestask", "1"), good: words},
	{form: "license.requestrefuse", open: pressing("requestrefuse", "1"), good: words},
	{form: "license.refuse", by: "boss", open: pressing("orderrefuse", "1"), good: map[string]string{"reason": "No."}},
	{form: "ticket.notdone", by: "nina", open: func(c *customers, who string) card.Form { return c.opens(who, "notdone", c.activation+"/desk") },
		good: map[string]string{"reason": "Down."}},
}

func (f formAct) sender() string { return cmp.Or(f.by, "max") }

// wrongs are what may be typed into a field that it does not take.
func (f formAct) wrongs(i card.Input) []string {
	all := slices.Clone(f.bad[i.ID])
	lax := slices.Contains(f.lax, i.ID)
	if !i.Optional && !lax {
		all = append(all, "", " \t\n")
	}
	if i.Type == card.Text || i.Type == card.Area {
		return append(all, strings.Repeat("é", i.Longest+1))
	}
	if i.Optional && i.Type == card.Box || lax && i.Type == card.Select {
		return all
	}
	return append(all, "forged")
}

// What is wrong in a form is said at its field, and nothing is done; nor is it for who forges it; and whoever it is for does it.
func TestFormsOfLicenses(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	for _, id := range actsOf(func(cmd *Command) []string { return slices.Sorted(maps.Keys(cmd.Forms)) }) {
		if !slices.ContainsFunc(formsOfLicenses, func(f formAct) bool { return f.form == id }) {
			t.Errorf("nobody tries to forge %q: add it", id)
		}
	}
	opened, formers := make([]card.Form, len(formsOfLicenses)), make([]card.Form, len(formsOfLicenses))
	for n, f := range formsOfLicenses {
		if f.by == "" {
			formers[n] = f.open(c, "fay")
		}
		opened[n] = f.open(c, f.sender())
	}
	before := c.holds()
	for n, f := range formsOfLicenses {
		for _, i := range opened[n].Inputs {
			for _, wrong := range f.wrongs(i) {
				values := maps.Clone(f.good)
				values[i.ID] = wrong
				a := c.submit(f.sender(), opened[n], values)
				chosen := i.Type != card.Text && i.Type != card.Area && wrong != "" && a.Problem != "" // no client sends that
				if (a.Errors[i.ID] == "" || len(a.Errors) != 1) && !chosen || a.Form != nil || a.Direct != nil {
					t.Errorf("%s %s: %s %.40q is answered %s", f.form, f.step, i.ID, wrong, shownBy(a))
				}
			}
		}
		c.unchanged("what is wrong in "+f.form+f.step, before, false)
	}

	c.managers("max")
	for n, f := range formsOfLicenses {
		forge := func(who, as string, form card.Form) {
			t.Helper()
			form.Hidden.Person = int64(c.ids[as])
			own := who == "gus" && as == who // of his organization, by a form of his
			if own {
				form.Hidden.Nonce += "-globex"
			}
			was := c.holds()
			a := c.submit(who, form, f.good)
			c.unchanged(who+" sends "+f.form+f.step, was, own)
			if !own && (a.Problem == "" && len(a.Errors) == 0 || a.Form != nil || a.Direct != nil) || strings.Contains(shownBy(a), "Acme") {
				t.Errorf("%s sends %s %s as %s, and is not refused: %s", who, f.form, f.step, as, shownBy(a))
			}
		}
		forge("eve", f.sender(), opened[n])
		forge("gus", f.sender(), opened[n])
		if f.all {
			continue
		}
		forge("eve", "eve", opened[n])
		forge("gus", "gus", opened[n])
		forge("fay", "fay", opened[n])
		if formers[n].ID != "" {
			forge("fay", "fay", formers[n])
		}
	}

	for n, f := range formsOfLicenses {
		if a := c.submit(f.sender(), opened[n], f.good); a.Problem != "" || len(a.Errors) > 0 || a.Card != nil {
			t.Errorf("%s sends %s %s: %s", f.sender(), f.form, f.step, shownBy(a))
		}
		before := c.holds()
		c.submit(f.sender(), opened[n], f.good)
		c.unchanged("sent twice, "+f.form+f.step, before, false)
	}
}
